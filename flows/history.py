"""What the warehouse remembers, run by run: how a rule came out, and which findings of a filing appeared, changed and went.

Nothing here writes to the warehouse. Only completed runs count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from expectations import messages
from expectations.formula import nearest
from expectations.rules import Rule

STATUSES = ("holds", "rounding", "broken", "not_verifiable")
SHOWN = 20
"""Findings of one kind that a text names; JSON has them all."""


@dataclass(frozen=True, slots=True)
class Night:
    """A rule in one completed run. `moved`: how many verdicts on the same filings are others than in the run before, None where
    the rule was the same then."""

    run: str
    started: datetime | None
    counts: Mapping[str, int]
    fingerprint: str
    moved: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken verdict: `stated`, `computed` and `unexplained` as text, "" where there is no number."""

    id: str
    rule: str
    instance: str
    stated: str
    computed: str
    unexplained: str


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a filing's findings from one run to the next. `version` is that of the filing in this run.

    `changed`: the same rule at the same place is still broken, with other figures.
    """

    run: str
    started: datetime | None
    version: int | None
    new: tuple[Finding, ...]
    changed: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    still: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a filing, and where it came from."""

    version: int
    filing: str
    loaded: datetime | None
    current: bool
    source: str


@dataclass(frozen=True, slots=True)
class Past:
    """The versions of one filing, and in order of time the runs in which its findings changed."""

    identity: str
    organisation: str
    fiscal_year: int | None
    versions: tuple[Version, ...]
    steps: tuple[Step, ...]


class Unknown(LookupError):
    """The warehouse knows no filing or rule of this name; `message` names the nearest that it knows."""

    def __init__(self, name: str, near: Sequence[str]) -> None:
        zh, en = f"仓库里没有“{name}”", f"the warehouse knows nothing of “{name}”"
        if near:
            zh, en = f"{zh}；相近的有：{'、'.join(near)}", f"{en}; the nearest are {', '.join(near)}"
        self.message = {"zh": zh, "en": en}
        super().__init__(en)


def filings(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[str, ...]:
    """The identities that `name` stands for: an organisation, organisation/year, an identity, or a filing's key; () for none."""
    rows = connection.execute(
        "SELECT DISTINCT identity FROM filing WHERE list_contains([identity, organisation, filing, split_part(filing, '-', 1), "
        "organisation || '/' || fiscal_year], ?) ORDER BY identity",
        [name],
    ).fetchall()
    return tuple(identity for (identity,) in rows)


def judged_rules(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Every rule that any run has judged by."""
    return tuple(rule for (rule,) in connection.execute("SELECT DISTINCT rule FROM rule_count ORDER BY 1").fetchall())


def unknown(connection: duckdb.DuckDBPyConnection, name: str, rules: Iterable[str]) -> Unknown:
    """What to say of a name that stands for nothing; `rules` are known beside those of earlier runs."""
    named = connection.execute("SELECT DISTINCT organisation FROM filing WHERE organisation <> ''").fetchall()
    return Unknown(name, nearest(name, [*(one for (one,) in named), *judged_rules(connection), *rules]))


def of_rule(
    connection: duckdb.DuckDBPyConnection, rule: str, most: int | None = 10, since: date | None = None
) -> tuple[Night, ...]:
    """The rule in the last `most` completed runs that judged it (None: all), since a day if one is given, newest first."""
    rows = connection.execute(
        "SELECT r.run, r.started, c.status, c.verdicts, c.rule_fingerprint, c.moved FROM rule_count c JOIN run r ON r.run = c.run "
        "WHERE c.rule = ? AND r.status = 'completed' AND (?::DATE IS NULL OR r.started >= ?) ORDER BY r.started DESC, r.run DESC",
        [rule, since, since],
    ).fetchall()
    found: dict[str, Night] = {}
    for run, started, status, count, fingerprint, moved in rows:
        one = found.setdefault(run, Night(run, started, dict.fromkeys(STATUSES, 0), fingerprint or "", moved))
        found[run] = Night(run, started, {**one.counts, status: count}, one.fingerprint, one.moved)
    return tuple(found.values())[:most]


def of_filing(connection: duckdb.DuckDBPyConnection, identity: str, since: date | None = None) -> Past:
    """The versions of a filing, and what became of its findings from run to run; from the last run before `since` on."""
    versions = connection.execute(
        "SELECT f.version, f.filing, f.loaded, f.current, coalesce(d.source, ''), f.organisation, f.fiscal_year FROM filing f "
        "LEFT JOIN document d ON d.sha256 = f.document WHERE f.identity = ? ORDER BY f.version",
        [identity],
    ).fetchall()
    numbers = {filing: version for version, filing, *_ in versions}
    found: dict[str, dict[tuple[str, str], Finding]] = {}
    in_run: dict[str, int] = {}
    for run, filing, *told in connection.execute(
        "SELECT v.run, v.filing, v.fingerprint, v.rule, v.instance, v.stated, v.computed, v.unexplained FROM verdict v "
        "WHERE v.filing IN (SELECT unnest(?)) AND v.status = 'broken' ORDER BY v.rule, v.instance",
        [list(numbers)],
    ).fetchall():
        one = Finding(*told[:3], *(messages.number(value, "count") if value is not None else "" for value in told[3:]))
        found.setdefault(run, {})[one.rule, one.instance] = one
        in_run[run] = max(numbers[filing], in_run.get(run, 0))
    steps: list[Step] = []
    before: dict[tuple[str, str], Finding] = {}
    for run, started in connection.execute(
        "SELECT run, started FROM run WHERE status = 'completed' ORDER BY started, run"
    ).fetchall():
        now = found.get(run, {})
        step = _step(run, started, in_run.get(run), before, now)
        before = now
        if (step.new or step.changed or step.gone) and (since is None or started.date() >= since):
            steps.append(step)
    organisation, year = versions[-1][5:7]
    made = tuple(Version(*row[:5]) for row in versions)
    return Past(identity, organisation or "", year, made, tuple(steps))


def _step(
    run: str,
    started: datetime | None,
    version: int | None,
    before: Mapping[tuple[str, str], Finding],
    now: Mapping[tuple[str, str], Finding],
) -> Step:
    return Step(
        run,
        started,
        version,
        new=tuple(one for place, one in now.items() if place not in before),
        changed=tuple(one for place, one in now.items() if place in before and before[place].id != one.id),
        gone=tuple(one for place, one in before.items() if place not in now),
        still=sum(1 for place, one in now.items() if place in before and before[place].id == one.id),
    )


# ---- in words ------------------------------------------------------------------------------------------------------------


def rule_lines(nights: Sequence[Night], rule: Rule | None, say: str) -> list[str]:
    """How the rule came out, run by run, and where results moved because the rule itself had changed."""
    zh = say == "zh"
    if not nights:
        return ["  还没有运行结果" if zh else "  no run has judged it yet"]
    lines = ["  历次结果：" if zh else "  runs:"]
    if rule and rule.judges and nights[0].fingerprint != rule.fingerprint:
        lines.append("    上次运行之后规则已改动" if zh else "    the rule has changed since the last run")
    for night in nights:
        reached = sum(night.counts[one] for one in ("holds", "rounding", "broken"))
        rate = f"{100 * (reached - night.counts['broken']) / reached:.1f}%" if reached else "-"
        counts = " · ".join(f"{messages.status_name(one, say)} {night.counts[one]:,}" for one in STATUSES)
        line = f"    {night.run}  {counts} · {'通过率' if zh else 'pass rate'} {rate}"
        if night.moved is not None:
            line += (
                f"（规则在此前改动，{night.moved:,} 项结果随之不同）"
                if zh
                else f" (the rule had changed: {night.moved:,} results moved)"
            )
        lines.append(line)
    return lines


def filing_lines(past: Past, titles: Mapping[str, str], say: str) -> list[str]:
    """A filing's versions and what became of its findings, for people; `titles` are those of the rules."""
    zh = say == "zh"
    lines = [" ".join(filter(None, (past.organisation or past.identity, str(past.fiscal_year or ""))))]
    for one in past.versions:
        loaded = f"{one.loaded:%Y-%m-%d %H:%M}" if one.loaded else "-"
        now = ("（现行）" if zh else " (current)") if one.current else ""
        lines.append(
            f"  第 {one.version} 版{now}  {loaded}  {one.source}"
            if zh
            else f"  version {one.version}{now}  {loaded}  {one.source}"
        )
    if not past.steps:
        lines.append("  没有变化" if zh else "  nothing has changed")
    for step in past.steps:
        counted = (len(step.new), len(step.changed), len(step.gone), step.still)
        told = "新增 {} · 数字已变 {} · 消失 {} · 仍在 {}" if zh else "{} new · {} changed · {} gone · {} still there"
        lines.append(f"  {step.run}  {told.format(*counted)}")
        for sign, some in (("+", step.new), ("~", step.changed), ("-", step.gone)):
            lines += [f"    {sign} {_told(one, titles, say)}" for one in some[:SHOWN]]
            if len(some) > SHOWN:
                lines.append(
                    f"    {sign} 另有 {len(some) - SHOWN} 处" if zh else f"    {sign} and {len(some) - SHOWN} more"
                )
    return lines


def _told(one: Finding, titles: Mapping[str, str], say: str) -> str:
    about = f"“{one.instance}”" if one.instance else ""
    if one.computed:
        numbers = (one.stated, one.computed, one.unexplained)
        told = "公布 {}，计算得 {}，无法解释 {}" if say == "zh" else "printed {}, computed {}, unexplained {}"
        about = f"{about} {told.format(*numbers)}".strip()
    return " ".join(filter(None, (one.rule, titles.get(one.rule, ""), about)))


def plain(past: Past | Night) -> dict[str, Any]:
    """As JSON holds it: times as text."""
    return {name: _plain(value) for name, value in asdict(past).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value
