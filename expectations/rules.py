"""The rule files: read with line numbers, checked strictly, and proved by their own examples.

A file in `expectations/rules` holds one topic; every key is known or an error; every rule carries at least one example that
holds and one that breaks. Errors name the file, the line, the cause and the nearest known names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from expectations.formula import nearest

FOLDER = Path(__file__).with_name("rules")
SEVERITIES = ("critical", "warning", "info")
STATUSES = ("preview", "stable", "retired")
CATEGORIES = (
    "sum", "rollup", "cross_form", "text_vs_form", "share", "change", "completion", "direction", "year", "placeholder", "missing_form",
    "missing_figure", "unit", "wrong_base", "stale_text", "label", "score_sum", "budget_execution", "reasonableness", "other",
)  # fmt: skip
FAMILIES = (
    "reading",
    "within_form",
    "between_forms",
    "text_vs_form",
    "rates",
    "wording",
    "three_public",
    "performance",
    "completeness",
    "reasonableness",
)
_TOPIC_KEYS = ("topic", "title", "family", "form", "rules")
_RULE_KEYS = (
    "id", "title", "for_each", "form", "check", "when", "category", "severity", "basis", "since", "until", "note", "status", "family", "columns",
    "examples",
)  # fmt: skip
_NEEDED = ("id", "title", "for_each", "check", "category", "severity", "examples")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `title` and `note` in zh and en; `check` and `when` are formulas; `since`/`until` fiscal years, inclusive.

    `examples` maps "holds" and "broken" to lists of {name: value}; `line` is where the entry begins in `file`.
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

    @property
    def fingerprint(self) -> str:
        """Changes when the rule judges differently."""
        said = "|".join(
            (self.for_each, self.form, self.check, self.when, self.severity, str(self.since), str(self.until))
        )
        return hashlib.sha256(said.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Topic:
    """One rule file: its id (the file's name), title and family."""

    id: str
    title: dict[str, str]
    family: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule of the folders read, in order of file and entry."""

    topics: tuple[Topic, ...]
    rules: tuple[Rule, ...]

    def rule(self, id_: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == id_), None)

    @property
    def active(self) -> tuple[Rule, ...]:
        """The rules that judge: those not retired."""
        return tuple(rule for rule in self.rules if rule.status != "retired")


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One mistake in a rule file, for its author."""

    file: str
    line: int
    zh: str
    en: str
    nearest: tuple[str, ...] = ()

    def text(self, lang: str = "zh") -> str:
        """One line: file, line, cause, nearest known names."""
        cause = self.zh if lang == "zh" else self.en
        hint = ""
        if self.nearest:
            hint = ("；相近的名称：" if lang == "zh" else "; nearest names: ") + "、".join(self.nearest)
        return f"{self.file}:{self.line}: {cause}{hint}"


class RuleErrors(Exception):
    """The rule files cannot be used; `problems` lists why."""

    def __init__(self, problems: list[RuleProblem]):
        super().__init__("\n".join(problem.text("en") for problem in problems))
        self.problems = problems


def load(*folders: Path) -> RuleBook:
    """The rules of all YAML files in `folders` (default: the shipped ones), syntax and keys checked, names not yet resolved.

    Raises `RuleErrors` with every problem found.
    """
    problems: list[RuleProblem] = []
    topics: list[Topic] = []
    rules: list[Rule] = []
    for path in [path for folder in folders or (FOLDER,) for path in sorted(folder.glob("*.yaml"))]:
        topic, found = _read_file(path, problems)
        if topic:
            topics.append(topic)
            rules.extend(found)
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            first = seen[rule.id]
            where = f"{first.file}:{first.line}"
            problems.append(
                RuleProblem(
                    rule.file, rule.line, f"编号 {rule.id} 已用于 {where}", f"the id {rule.id} is taken by {where}"
                )
            )
        seen[rule.id] = rule
    if problems:
        raise RuleErrors(problems)
    return RuleBook(tuple(topics), tuple(rules))


def _read_file(path: Path, problems: list[RuleProblem]) -> tuple[Topic | None, list[Rule]]:
    try:
        node = YAML(typ="safe", pure=False).compose(path.read_text("utf-8"))
    except (MarkedYAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        cause = getattr(error, "problem", None) or str(error)
        problems.append(
            RuleProblem(
                path.name, (mark.line + 1) if mark else 1, f"YAML 写法有误：{cause}", f"not valid YAML: {cause}"
            )
        )
        return None, []
    if not isinstance(node, MappingNode):
        problems.append(
            RuleProblem(path.name, 1, "文件应以 title: 和 rules: 开头", "the file must hold title: and rules:")
        )
        return None, []
    entries = _known(node, _TOPIC_KEYS, path.name, problems)
    title = _plain(entries["title"]) if "title" in entries else None
    if not isinstance(title, dict) or "rules" not in entries:
        problems.append(RuleProblem(path.name, 1, "缺少 title（zh、en）或 rules", "title (zh, en) or rules is missing"))
        return None, []
    family = str(_plain(entries["family"])) if "family" in entries else ""
    topic = Topic(path.stem, title, family)
    form = str(_plain(entries["form"])) if "form" in entries else ""
    listed = entries["rules"].value if isinstance(entries["rules"], SequenceNode) else []
    return topic, [rule for item in listed for rule in _entry(item, topic, form, path.name, problems)]


def _known(node: MappingNode, allowed: tuple[str, ...], file: str, problems: list[RuleProblem]) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value not in allowed:
            near = nearest(key.value, allowed)
            problems.append(RuleProblem(file, line, f"不认识的项“{key.value}”", f"unknown key “{key.value}”", near))
        elif key.value in entries:
            problems.append(RuleProblem(file, line, f"“{key.value}”写了两次", f"“{key.value}” stands twice"))
        entries[key.value] = value
    return entries


def _entry(node: Node, topic: Topic, form: str, file: str, problems: list[RuleProblem]) -> list[Rule]:
    """The rules of one entry: one, or one for each of its `columns` ({列} standing for the column)."""
    if not isinstance(node, MappingNode):
        problems.append(
            RuleProblem(file, node.start_mark.line + 1, "每条规则应为一组“项: 值”", "each rule must be a mapping")
        )
        return []
    nodes = _known(node, _RULE_KEYS, file, problems)
    entry = {key: _plain(value) for key, value in nodes.items()}
    columns = entry.pop("columns", None)
    if columns is None:
        found = [_rule(entry, node, nodes, topic, form, file, problems)]
    elif isinstance(columns, dict):
        each = [_for_column(entry, en, str(zh)) for en, zh in columns.items()]
        found = [_rule(one, node, nodes, topic, form, file, problems) for one in each]
    else:
        where = nodes["columns"].start_mark.line + 1
        problems.append(
            RuleProblem(file, where, "columns 应写成“英文名: 中文列名”", "columns must map English to Chinese names")
        )
        found = []
    return [rule for rule in found if rule]


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


def _rule(
    entry: dict[str, Any],
    node: Node,
    nodes: dict[str, Node],
    topic: Topic,
    form: str,
    file: str,
    problems: list[RuleProblem],
) -> Rule | None:
    line = node.start_mark.line + 1
    name = entry.get("id", "?")
    missing = [key for key in _NEEDED if not entry.get(key)]
    if missing:
        problems.append(
            RuleProblem(file, line, f"规则 {name} 缺少 {'、'.join(missing)}", f"rule {name} lacks {', '.join(missing)}")
        )
        return None
    for problem in _wrong_values(entry, topic):
        at = nodes[problem[0]].start_mark.line + 1 if problem[0] in nodes else line
        problems.append(RuleProblem(file, at, f"规则 {name}：{problem[1]}", f"rule {name}: {problem[2]}", problem[3]))
    examples = entry["examples"] if isinstance(entry["examples"], dict) else {}
    return Rule(
        id=str(name),
        title=entry["title"],
        topic=topic.id,
        family=str(entry.get("family", topic.family)),
        for_each=str(entry["for_each"]),
        form=str(entry.get("form", form)),
        check=str(entry["check"]),
        when=str(entry.get("when", "")),
        category=str(entry["category"]),
        severity=str(entry["severity"]),
        basis=str(entry.get("basis", "")),
        since=entry.get("since"),
        until=entry.get("until"),
        note=entry.get("note", {}),
        status=str(entry.get("status", "stable")),
        examples={kind: list(found) for kind, found in examples.items()},
        file=file,
        line=line,
    )


def _wrong_values(entry: dict[str, Any], topic: Topic) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    choices = {"severity": SEVERITIES, "category": CATEGORIES, "status": STATUSES}
    for key, allowed in choices.items():
        value = str(entry.get(key, allowed[0]))
        if value not in allowed:
            yield key, f"{key} 不能是“{value}”", f"{key} cannot be “{value}”", nearest(value, allowed) or allowed
    family = str(entry.get("family", topic.family))
    if family not in FAMILIES:
        yield (
            "family",
            f"family 不能是“{family}”",
            f"family cannot be “{family}”",
            nearest(family, FAMILIES) or FAMILIES,
        )
    title = entry["title"]
    if not isinstance(title, dict) or not {"zh", "en"} <= set(title):
        yield "title", "title 要有 zh 和 en", "title needs zh and en", ()
    examples = entry["examples"]
    for kind in ("holds", "broken"):
        if not isinstance(examples, dict) or not examples.get(kind):
            need = {"holds": "相符", "broken": "不符"}[kind]
            yield "examples", f"缺少{need}的例子（examples: {kind}）", f"an example that is {kind} is missing", ()
    for year in ("since", "until"):
        if entry.get(year) is not None and not isinstance(entry[year], int):
            yield year, f"{year} 应为年度", f"{year} must be a year", ()


def _plain(node: Node) -> Any:
    """The node as plain Python; numbers of examples stay text so that 2.50 keeps its decimals."""
    if isinstance(node, MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.value]
    if isinstance(node, ScalarNode):
        if str(node.tag).endswith(":int") and len(node.value) == 4 and node.value.isdigit():
            return int(node.value)
        if str(node.tag).endswith(":null"):
            return None
        return str(node.value)
    return None
