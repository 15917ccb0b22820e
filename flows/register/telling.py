"""How expectations stand, in words and as data: for the terminal, the pages, the workbook and other programs alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.register.kept import Kept
from flows.register.standing import Standing

SCHEMA = Path(__file__).with_name("register.schema.json")
WORDS: dict[str, tuple[str, str]] = {
    "missing": ("逾期未公开", "missing"),
    "late": ("迟公开", "late"),
    "wrong_scope": ("口径不符", "wrong scope"),
    "unexpected": ("未登记", "unexpected"),
    "not_due": ("未到期", "not yet due"),
    "in_time": ("按时公开", "in time"),
    "duplicate": ("重复", "duplicate"),
    "expected": ("应公开", "expected"),
    "published": ("公开日期", "Published"),
    "published_count": ("已公开", "published"),
    "status": ("状态", "Status"),
    "organisation": ("单位", "Organisation"),
    "year": ("年度", "Year"),
    "kind": ("种类", "Kind"),
    "due": ("应公开日期", "Due"),
    "remarks": ("说明", "Remarks"),
    "department": ("部门", "department"),
    "unit": ("单位", "unit"),
    "final_accounts": ("决算", "final accounts"),
    "performance": ("绩效自评", "performance self-evaluation"),
    "budget": ("预算", "budget"),
    "government_accounts": ("政府决算", "government accounts"),
    "unknown": ("单位不明", "organisation unknown"),
    "days_late": ("迟 {n} 天", "{n} days late"),
    "days_overdue": ("逾期 {n} 天", "{n} days overdue"),
    "day_late": ("迟 1 天", "1 day late"),
    "day_overdue": ("逾期 1 天", "1 day overdue"),
    "no_due": ("没有应公开日期", "no due date"),
    "by_seen": ("首次发现日期；未注明公开日期", "first seen; no date of publication is stated"),
    "by_register": ("公开日期据名册", "date of publication as registered"),
    "by_term": ("批复后 {n} 日", "{n} days after approval"),
    "by_alias": ("公开时所用名称：{name}", "published under the name {name}"),
    "other_scope": ("应公开{wanted}口径，公开的是{found}口径", "accounts of the {wanted} are due, those of the {found} are there"),
    "also_at": ("另有：{sources}", "also: {sources}"),
    "near": ("名称相近：{names}", "did you mean: {names}"),
    "not_named": ("文件没有写明单位或年度", "the document does not name its organisation or year"),
}  # fmt: skip
HEADS = ("status", "organisation", "year", "kind", "due", "published", "remarks")


def word(key: str, lang: str, **parts: object) -> str:
    """The words for `key`, with `parts` filled in."""
    text = WORDS[key][0 if lang == "zh" else 1]
    return text.format(**parts) if parts else text


def cells(one: Standing, lang: str) -> tuple[str, ...]:
    """One standing as a row of text, in the order of `HEADS`."""
    due = one.expected.due if one.expected else None
    return (
        word(one.status, lang),
        one.organisation or word("unknown", lang),
        str(year(one) or "—"),
        kind(one, lang),
        due.isoformat() if due else "—" if one.expected else "",
        one.on.isoformat() if one.on else "",
        ("；" if lang == "zh" else "; ").join(remarks(one, lang)),
    )


def year(one: Standing) -> int | None:
    """The fiscal year, None where the document does not name it."""
    return one.expected.fiscal_year if one.expected else one.published.fiscal_year if one.published else None


def kind(one: Standing, lang: str) -> str:
    """部门决算, 绩效自评 …"""
    source = one.expected or one.published
    if source is None:
        return ""
    scope = word(source.scope, lang) if source.scope in ("department", "unit") else ""
    name = word(source.kind, lang)
    if source.kind == "performance" or source.kind == "government_accounts" or not scope:
        return name
    return f"{scope}{name}" if lang == "zh" else f"{name} ({scope})"


def remarks(one: Standing, lang: str) -> list[str]:
    """What else is to be said: how late, by which date that is known, other names, further documents, names that are near."""
    said = []
    if one.days:
        key = "late" if one.published else "overdue"
        said.append(word(f"day_{key}" if one.days == 1 else f"days_{key}", lang, n=one.days))
    if one.expected and one.expected.due is None:
        said.append(word("no_due", lang))
    if one.by in ("seen", "register"):
        said.append(word(f"by_{one.by}", lang))
    if one.status == "wrong_scope" and one.expected and one.published:
        wanted, found = (word(scope, lang) for scope in (one.expected.scope, one.published.scope))
        said.append(word("other_scope", lang, wanted=wanted, found=found))
    if one.matched in ("alias", "own") and one.published:
        said.append(word("by_alias", lang, name=one.published.organisation))
    if one.twice:
        said.append(word("also_at", lang, sources="、".join(source.rsplit("/", 1)[-1] for source in one.twice)))
    if year(one) is None or not one.organisation:
        said.append(word("not_named", lang))
    if one.near:
        said.append(word("near", lang, names="、".join(one.near)))
    return said


def counted(counts: Mapping[str, int], lang: str) -> str:
    """应公开 118，已公开 112，逾期未公开 6 …; what there is none of is left out."""
    order = ("expected", "published", "late", "missing", "not_due", "wrong_scope", "unexpected", "duplicate")
    shown = [name for name in order if counts[name] or name in ("expected", "published", "missing")]
    names = {name: word("published_count" if name == "published" else name, lang) for name in shown}
    if lang == "zh":
        return "，".join(f"{names[name]} {counts[name]:,}" for name in shown)
    return ", ".join(f"{counts[name]:,} {names[name]}" for name in shown)


def as_json(found: Kept) -> dict[str, Any]:
    """Everything, as `register.schema.json` describes it."""
    return {
        "hedui_register": 1,
        "today": found.compared.today.isoformat(),
        "register": found.source,
        "counts": found.compared.counts(),
        "outside": found.compared.outside,
        "problems": [{"row": one.line, "grade": one.grade, "message": {"zh": one.zh, "en": one.en}} for one in found.problems],
        "filings": [_standing(one) for one in found.compared.standings],
    }  # fmt: skip


def _standing(one: Standing) -> dict[str, Any]:
    expected, published = one.expected, one.published
    return {
        "status": one.status,
        "organisation": one.organisation,
        "fiscal_year": year(one),
        "kind": (expected or published).kind if expected or published else "",  # type: ignore[union-attr]
        "scope": (expected or published).scope if expected or published else "",  # type: ignore[union-attr]
        "row": expected.row if expected else None,
        "code": expected.code if expected else "",
        "region": expected.region if expected else "",
        "level": expected.level if expected else "",
        "parent": expected.parent if expected else "",
        "address": expected.address if expected else "",
        "due": expected.due.isoformat() if expected and expected.due else None,
        "due_by": expected.due_by if expected else "",
        "published_on": one.on.isoformat() if one.on else None,
        "known_by": one.by,
        "days": one.days,
        "filing": published.filing if published else None,
        "published_as": published.organisation if published else "",
        "matched_by": one.matched,
        "source": published.source if published else "",
        "duplicates": list(one.twice),
        "candidates": list(one.near),
    }
