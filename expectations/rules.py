"""The rules in force: those that ship and those of teams, each with what a team has amended, proved by their own examples.

A file in `expectations/rules`, or in a team's own folder, holds one topic; every key is known or an error; every rule carries at
least one example that holds and one that breaks. Errors name the file, the line, the cause and the nearest known names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from expectations.formula import nearest
from expectations.rulefile import entries
from expectations.rulefile.entries import Entry, RuleFile, Spot, day, said
from expectations.rulefile.keys import CATEGORIES, FAMILIES, FAMILY_OF, OFF, SEVERITIES, STATUSES
from expectations.rulefile.problems import RuleErrors, RuleProblem

__all__ = [
    "CATEGORIES", "FAMILIES", "FOLDER", "SEVERITIES", "STATUSES", "Amendment", "Rule", "RuleBook", "RuleErrors", "RuleProblem",
    "Topic", "day", "in_force", "load", "read", "team_folders",
]  # fmt: skip

FOLDER = Path(__file__).with_name("rules")
VARIABLE = "HEDUI_RULES"
"""The environment's variable that names teams' folders, several joined as in PATH."""
_TAKEN = ("canary", "structure")
"""Topics that Great Expectations' record keeps for itself."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A team's decision about a rule that is not its own: it is off, or of another severity (`was` before). `until` inclusive."""

    id: str
    status: str
    severity: str
    reason: dict[str, str]
    owner: str
    until: date | None
    file: str
    line: int
    was: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `title` and `note` in zh and en; `check` and `when` are formulas; `since`/`until` fiscal years, inclusive.
    Where `query`, a SELECT, says what must hold, both are "".

    `examples` maps "holds" and "broken" to lists of {name: value}; `line` is where the entry begins in `file`. `severity` is how
    a broken verdict counts: a preview counts as information only, an amended rule as its team has graded it; `declared` is what
    the entry says. `team` is the folder that it comes from, "" for a rule that ships; `entry` the id as written, without column.
    """

    id: str
    title: dict[str, str]
    topic: str
    family: str
    for_each: str
    form: str
    check: str
    when: str
    category: str
    severity: str
    basis: str
    since: int | None
    until: int | None
    note: dict[str, str]
    status: str
    examples: dict[str, list[dict[str, Any]]]
    file: str
    line: int
    declared: str = ""
    owner: str = ""
    introduced: str = ""
    team: str = ""
    entry: str = ""
    amended: Amendment | None = None
    spots: dict[str, Spot] = field(default_factory=dict, repr=False)
    query: str = ""

    @property
    def formula(self) -> str:
        """What must hold, as its author wrote it: the formula, or the query."""
        return self.check or self.query

    @property
    def fingerprint(self) -> str:
        """Changes when the rule judges differently."""
        said = "|".join(
            (self.for_each, self.form, self.formula, self.when, self.severity, str(self.since), str(self.until))
        )
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @property
    def judges(self) -> bool:
        """Neither retired nor switched off."""
        return self.status != "retired" and not (self.amended and self.amended.status == OFF)

    @property
    def lifecycle(self) -> str:
        """preview, stable, retired, or off where a team has switched it off."""
        return OFF if self.amended and self.amended.status == OFF else self.status


@dataclass(frozen=True, slots=True)
class Topic:
    """One rule file: its id (the file's name), title and family."""

    id: str
    title: dict[str, str]
    family: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule of the folders read, in order of file and entry; `amendments` those that stand; `files` as they are written."""

    topics: tuple[Topic, ...]
    rules: tuple[Rule, ...]
    amendments: tuple[Amendment, ...] = ()
    files: tuple[RuleFile, ...] = field(default=(), repr=False)

    def rule(self, id_: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == id_), None)

    @property
    def active(self) -> tuple[Rule, ...]:
        """The rules that judge: those neither retired nor switched off."""
        return tuple(rule for rule in self.rules if rule.judges)


# ---- loading -------------------------------------------------------------------------------------------------------------


def load(*folders: Path) -> RuleBook:
    """The rules of all YAML files in exactly these `folders` (default: the shipped ones), syntax and keys checked, names not yet
    resolved.

    Raises `RuleErrors` with every problem found.
    """
    return _sound(*read([(folder, "") for folder in folders or (FOLDER,)]))


def in_force(teams: Sequence[Path] | None = None) -> RuleBook:
    """The shipped rules and those of the teams' folders, amended as these say: what judges.

    `teams`: the folders; None for those that the environment names in HEDUI_RULES. Raises `RuleErrors`.
    """
    folders = team_folders(teams)
    return _sound(*read([(FOLDER, ""), *((folder, folder.name) for folder in folders)]))


def team_folders(given: Sequence[Path] | None = None) -> tuple[Path, ...]:
    """The folders of teams, each once: `given`, else those of HEDUI_RULES; the shipped one is left out.

    Raises `RuleErrors` for one that is not there.
    """
    named = given or [Path(one).expanduser() for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one.strip()]
    found: dict[Path, Path] = {}
    missing = [folder for folder in named if not folder.is_dir()]
    if missing:
        told = f"（{VARIABLE}）" if not given else ""
        raise RuleErrors(
            [
                RuleProblem(str(one), 0, f"没有这个规则文件夹{told}", f"there is no such folder of rules{told}")
                for one in missing
            ]
        )
    for folder in named:
        if folder.resolve() != FOLDER.resolve():
            found.setdefault(folder.resolve(), folder)
    return tuple(found.values())


def read(
    folders: Iterable[tuple[Path, str]],
    more: Sequence[Path] = (),
    today: date | None = None,
    without: Sequence[Path] = (),
) -> tuple[RuleBook, list[RuleProblem]]:
    """The rules of `folders` (each with its team's name, "" for shipped ones) and of the single files `more`, and every problem.

    What has a problem is left out of the book, as are files of the folders that are among `more` or `without`. `today` decides
    which amendments stand.
    """
    left_out = {path.resolve() for path in (*more, *without)}
    problems: list[RuleProblem] = []
    files: list[RuleFile] = []
    for folder, team in folders:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".yaml", ".yml"))
        for path in paths:
            if path.resolve() in left_out:
                continue
            one = entries.read(path, str(folder / path.name) if team else path.name, team, problems)
            files += [one] if one else []
    for path in more:
        one = entries.read(path, str(path), path.stem, problems)
        files += [one] if one else []
    return _book(files, problems, today or date.today()), problems


def _sound(book: RuleBook, problems: list[RuleProblem]) -> RuleBook:
    if problems:
        raise RuleErrors(problems)
    return book


def _book(files: Sequence[RuleFile], problems: list[RuleProblem], today: date) -> RuleBook:
    topics: dict[str, Topic] = {}
    rules: dict[str, Rule] = {}
    for one in files:
        if not one.rules:
            continue
        topic = _topic(one, topics)
        topics[topic.id] = topic
        for rule in (rule for entry in one.rules for rule in _rules(entry, one, topic)):
            if rule.id not in rules:
                rules[rule.id] = rule
                continue
            where = f"{rules[rule.id].file}:{rules[rule.id].line}"
            zh, en = f"编号 {rule.id} 已用于 {where}", f"the id {rule.id} is taken by {where}"
            problems.append(RuleProblem(rule.file, rule.line, zh, en))
    amendments = _amend(files, rules, problems, today)
    return RuleBook(tuple(topics.values()), tuple(rules.values()), amendments, tuple(files))


def _topic(one: RuleFile, known: dict[str, Topic]) -> Topic:
    """The file's topic, under its own name as long as no other file, nor the record, has it."""
    name = one.path.stem.replace(".", "-")
    names = (name, f"{one.team}-{name}".replace(".", "-"), *(f"{name}-{number}" for number in range(2, len(known) + 3)))
    id_ = next(each for each in names if each not in known and each not in _TAKEN)
    return Topic(id_, said(one.head["title"]), str(one.head.get("family", "")))


# ---- rules ---------------------------------------------------------------------------------------------------------------


def _rules(entry: Entry, one: RuleFile, topic: Topic) -> list[Rule]:
    """The rules of one entry: one, or one for each of its `columns` ({列} standing for the column)."""
    columns = entry.data.get("columns")
    if columns is None:
        return [_rule(entry.data, entry, one, topic)]
    plain = {key: value for key, value in entry.data.items() if key != "columns"}
    return [_rule(_for_column(plain, en, str(zh)), entry, one, topic) for en, zh in columns.items()]


def _for_column(entry: dict[str, Any], en: str, zh: str) -> dict[str, Any]:
    """`entry` with {列} and {column} filled in, everywhere, and the id made the column's own."""

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {fill(key): fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [fill(inner) for inner in value]
        return value.replace("{列}", zh).replace("{column}", en) if isinstance(value, str) else value

    filled: dict[str, Any] = fill(entry)
    return filled | {"id": f"{entry.get('id', '?')}.{en}"}


def _rule(data: dict[str, Any], entry: Entry, one: RuleFile, topic: Topic) -> Rule:
    def text(key: str, default: str = "") -> str:
        value = data.get(key)
        return default if value is None else str(value)

    def year(key: str) -> int | None:
        return int(data[key]) if data.get(key) is not None else None

    status, declared = text("status", "stable"), text("severity")
    as_written = {key for key in ("check", "when", "query") if data.get(key) == entry.data.get(key)}
    return Rule(
        id=text("id"),
        title=said(data["title"]),
        topic=topic.id,
        family=text("family", topic.family) or FAMILY_OF[text("category")],
        for_each=text("for_each"),
        form=text("form", str(one.head.get("form", ""))),
        check=text("check"),
        when=text("when"),
        category=text("category"),
        severity="info" if status == "preview" else declared,
        basis=text("basis"),
        since=year("since"),
        until=year("until"),
        note=said(data.get("note")),
        status=status,
        examples={kind: list(found or ()) for kind, found in data["examples"].items()},
        file=one.shown,
        line=entry.line,
        declared=declared,
        owner=text("owner", str(one.head.get("owner", ""))),
        introduced=text("introduced"),
        team=one.team,
        entry=str(entry.data["id"]),
        query=text("query").strip(),
        spots={key: (line, at if key in as_written else 0) for key, (line, at) in entry.spots.items()},
    )


# ---- amendments ----------------------------------------------------------------------------------------------------------


def _amend(
    files: Sequence[RuleFile], rules: dict[str, Rule], problems: list[RuleProblem], today: date
) -> tuple[Amendment, ...]:
    """Every amendment that stands is applied in `rules`; returns them, one a rule."""
    made: dict[str, Amendment] = {}
    for one in files:
        for entry in one.amend:
            amendment = _amendment(entry, one.shown)
            if amendment.until and amendment.until < today:
                continue
            problem = _refused(amendment, one, rules, made)
            if problem:
                problems.append(problem)
                continue
            for rule in [rule for rule in rules.values() if amendment.id in (rule.id, rule.entry)]:
                made[rule.id] = replace(amendment, id=rule.id, was=rule.severity)
                graded = amendment.severity if amendment.severity and rule.status != "preview" else rule.severity
                rules[rule.id] = replace(rule, severity=graded, amended=made[rule.id])
    return tuple(made.values())


def _amendment(entry: Entry, shown: str) -> Amendment:
    data = entry.data
    return Amendment(
        id=str(data["id"]),
        status=str(data.get("status") or ""),
        severity=str(data.get("severity") or ""),
        reason=said(data["reason"]),
        owner=str(data.get("owner") or ""),
        until=day(data["until"]) if data.get("until") else None,
        file=shown,
        line=entry.line,
    )


def _refused(
    amendment: Amendment, one: RuleFile, rules: dict[str, Rule], made: dict[str, Amendment]
) -> RuleProblem | None:
    """Why the amendment cannot be applied."""
    meant = [rule for rule in rules.values() if amendment.id in (rule.id, rule.entry)]
    file, line = amendment.file, amendment.line
    if not meant:
        near = nearest(amendment.id, [*rules, *{rule.entry for rule in rules.values()}])
        zh, en = f"没有编号为 {amendment.id} 的规则可调整", f"there is no rule {amendment.id} to amend"
        return RuleProblem(file, line, zh, en, tuple(dict.fromkeys(near)))
    if (meant[0].team, Path(meant[0].file).parent) == (one.team, Path(one.shown).parent):
        where = f"{meant[0].file}:{meant[0].line}"
        zh = f"规则 {amendment.id} 是自己的规则，请直接修改 {where}"
        return RuleProblem(file, line, zh, f"rule {amendment.id} is your own: edit it at {where}")
    twice = next((made[rule.id] for rule in meant if rule.id in made), None)
    if twice:
        where = f"{twice.file}:{twice.line}"
        zh, en = f"规则 {amendment.id} 已由 {where} 调整", f"rule {amendment.id} is already amended by {where}"
        return RuleProblem(file, line, zh, en)
    return None
