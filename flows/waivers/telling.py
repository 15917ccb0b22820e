"""How waivers stand, in words and as data: for the terminal, the morning, the pages and other programs alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flows.waivers.reading import Waiver
from flows.waivers.standing import LAPSED, Standing

WORDS: dict[str, tuple[str, str]] = {
    "in_force": ("有效", "in force"),
    "not_yet": ("未生效", "not yet in force"),
    "unknown": ("编号不明", "finding unknown"),
    "expired": ("已过期", "expired"),
    "figure_changed": ("数字已变", "figure changed"),
    "rule_changed": ("规则已变", "rule changed"),
    "rule_retired": ("规则停用", "rule retired"),
    "settled": ("已相符", "agrees now"),
    "gone": ("问题已不在", "finding gone"),
}
_WHY: dict[str, tuple[str, str]] = {
    "in_force": ("有效期至 {until}", "in force until {until}"),
    "not_yet": ("{granted} 起有效", "in force from {granted}"),
    "unknown": (
        "从未有过编号为 {finding} 的问题；请从页面或台账复制编号",
        "no finding {finding} was ever seen; copy the id from a page or the ledger",
    ),
    "expired": (
        "有效期止于 {until}；仍需说明的，请重新核实并改期",
        "it ended on {until}; if it still applies, look into it again and set a new date",
    ),
    "figure_changed": (
        "数字已变，原说明失效；现为问题 {replaced_by}，请重新核实",
        "a figure changed, so it applies no more; finding {replaced_by} stands there now: look into it again",
    ),
    "rule_changed": (
        "规则 {rule} 已修改，原说明失效；{now}",
        "rule {rule} was changed, so it applies no more; {now}",
    ),
    "rule_retired": ("规则 {rule} 已停用，可以删去这条说明", "rule {rule} judges no more: the entry can go"),
    "settled": ("该处现已相符，可以删去这条说明", "what it explained agrees now: the entry can go"),
    "gone": ("该处或该份决算已不在，可以删去这条说明", "the filing, or the place in it, is there no more: the entry can go"),
}  # fmt: skip
_NOW = {
    True: ("现为问题 {replaced_by}，请重新核实", "finding {replaced_by} stands there now: look into it again"),
    False: ("现在没有问题，可以删去", "there is no finding now: the entry can go"),
}


def word(status: str, lang: str) -> str:
    """A status in a word or two."""
    return WORDS[status][0 if lang == "zh" else 1]


def why(one: Standing, lang: str) -> str:
    """How a waiver stands, and what to do about one that is not in force."""
    at = 0 if lang == "zh" else 1
    waiver = one.waiver
    given = {
        "finding": waiver.finding,
        "until": waiver.until,
        "granted": waiver.granted,
        "replaced_by": one.replaced_by,
        "rule": one.bound.rule if one.bound else "",
    }
    now = _NOW[bool(one.replaced_by)][at].format(**given)
    return _WHY[one.status][at].format(now=now, **given)


def said(one: Standing, lang: str) -> str:
    """One waiver that is not in force, in one line."""
    about = one.waiver.about or one.waiver.finding[:8]
    return f"核实说明（{about}）：{why(one, lang)}" if lang == "zh" else f"waiver ({about}): {why(one, lang)}"


def public(waiver: Waiver | None) -> dict[str, Any] | None:
    """What is shown of a waiver beside its finding, for programs."""
    if waiver is None:
        return None
    return {
        "reason": waiver.reason,
        "who": waiver.who,
        "evidence": waiver.evidence,
        "granted": waiver.granted.isoformat(),
        "until": waiver.until.isoformat(),
    }


def as_json(standings: Iterable[Standing]) -> list[dict[str, Any]]:
    """Every waiver with how it stands."""
    return [
        {
            "finding": one.waiver.finding,
            "about": one.waiver.about,
            **(public(one.waiver) or {}),
            "status": one.status,
            "why": {lang: why(one, lang) for lang in ("zh", "en")},
            "replaced_by": one.replaced_by or None,
            "rule": one.bound.rule if one.bound else None,
            "source": one.waiver.source,
            "line": one.waiver.line,
        }
        for one in standings
    ]


def counted(standings: Iterable[Standing]) -> dict[str, int]:
    """How many are in force, and how many lapsed."""
    made = {"in_force": 0, "lapsed": 0}
    for one in standings:
        made["in_force"] += one.status == "in_force"
        made["lapsed"] += one.status in LAPSED
    return made
