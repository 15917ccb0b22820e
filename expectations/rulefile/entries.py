"""One rule file as it is written: its entries with the place of every value, keys and values checked strictly.

What an entry means as a rule, and how files of several folders go together, is in `rules.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from expectations.formula import nearest
from expectations.rulefile.keys import AMEND_KEYS, EITHER, RULE_KEYS, TOPIC_KEYS, Key, names
from expectations.rulefile.problems import RuleProblem

Spot = tuple[int, int]
"""Line and character where a value begins, from 1; character 0 where a value is spread over lines."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule or amendment as written: numbers are text, so that 2.50 keeps its decimals. `line` is where it begins."""

    data: dict[str, Any]
    line: int
    spots: dict[str, Spot] = field(default_factory=dict, repr=False)

    def spot(self, key: str) -> Spot:
        """Where the value of `key` begins, else where the entry does."""
        return self.spots.get(key, (self.line, 0))


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file: `shown` is its name in messages, `team` the folder's name, "" for the rules that ship; `head` the keys above the lists."""

    path: Path
    shown: str
    team: str
    head: dict[str, Any]
    rules: tuple[Entry, ...]
    amend: tuple[Entry, ...]


def read(path: Path, shown: str, team: str, problems: list[RuleProblem]) -> RuleFile | None:
    """The file's entries, each mistake added to `problems`; None when the file as a whole is unusable.

    Entries with a mistake are left out, so that what is returned can be used, or examined further.
    """
    try:
        node = YAML(typ="safe", pure=False).compose(path.read_text("utf-8-sig"))
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        problems.append(unreadable(error, shown))
        return None
    if node is None:  # nothing but comments
        return RuleFile(path, shown, team, {}, (), ())
    if not isinstance(node, MappingNode):
        problems.append(RuleProblem(shown, 1, "文件应以 title: 和 rules: 开头", "the file must hold title: and rules:"))
        return None
    nodes = _known(node, TOPIC_KEYS, shown, problems)
    head = {key: plain(value) for key, value in nodes.items() if key not in ("rules", "amend")}
    for key in TOPIC_KEYS:
        for zh, en, near in _wrong(key, head[key.name]) if head.get(key.name) is not None else ():
            line, character = _spot(nodes[key.name])
            problems.append(RuleProblem(shown, line, zh, en, near, character))
    if ("rules" not in nodes and "amend" not in nodes) or ("rules" in nodes and not said(head.get("title"))):
        problems.append(RuleProblem(shown, 1, "缺少 title（zh、en）或 rules", "title (zh, en) or rules is missing"))
        return None
    found = {}
    for name, keys in (("rules", RULE_KEYS), ("amend", AMEND_KEYS)):
        found[name] = tuple(_entries(nodes.get(name), name, keys, head, shown, problems))
    return RuleFile(path, shown, team, head, found["rules"], found["amend"])


def at_line(text: str, line: int) -> tuple[str, str]:
    """The id of the entry that stands at `line` of a rule file, and the key whose value does; of examples the kind."""
    id_, found = "", "id"
    node = YAML(typ="safe", pure=False).compose(text)
    lists = [value for key, value in node.value if key.value in ("rules", "amend") and isinstance(value, SequenceNode)]
    entries = [item for one in lists for item in one.value if isinstance(item, MappingNode)]
    for item in entries:
        if item.start_mark.line + 1 > line:
            break
        id_ = next((str(value.value) for key, value in item.value if key.value == "id"), "")
        found = "id"
        for key, value in item.value:
            kinds = value.value if key.value == "examples" and isinstance(value, MappingNode) else []
            for one in (key, *(kind for kind, _ in kinds)):
                if item.start_mark.line + 1 < one.start_mark.line + 1 <= line:
                    found = str(one.value)
    return id_, found


def unreadable(error: Exception, shown: str) -> RuleProblem:
    """What keeps the YAML file `shown` from being read at all: an OSError, a wrong encoding, a mistake in its writing."""
    if isinstance(error, OSError):
        cause = error.strerror or str(error)
        return RuleProblem(shown, 0, f"打不开：{cause}", f"cannot be opened: {cause}")
    if isinstance(error, UnicodeDecodeError):
        return RuleProblem(shown, 0, "不是 UTF-8 编码；请另存为 UTF-8", "it is not UTF-8; save it as UTF-8")
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    cause = (error.problem if isinstance(error, MarkedYAMLError) else None) or str(error)
    line, character = (mark.line + 1, mark.column + 1) if mark else (1, 0)
    return RuleProblem(shown, line, f"YAML 写法有误：{cause}", f"not valid YAML: {cause}", character=character)


def _known(node: MappingNode, keys: tuple[Key, ...], shown: str, problems: list[RuleProblem]) -> dict[str, Node]:
    """The values by key; an unknown key, and one that stands twice, is a mistake."""
    entries: dict[str, Node] = {}
    allowed = names(keys)
    for key, value in node.value:
        line, character = key.start_mark.line + 1, key.start_mark.column + 1
        if key.value not in allowed:
            near, zh, en = nearest(str(key.value), allowed), f"不认识的项“{key.value}”", f"unknown key “{key.value}”"
            problems.append(RuleProblem(shown, line, zh, en, near, character))
        elif key.value in entries:
            zh, en = f"“{key.value}”写了两次", f"“{key.value}” stands twice"
            problems.append(RuleProblem(shown, line, zh, en, character=character))
        entries[str(key.value)] = value
    return entries


def _entries(
    node: Node | None, name: str, keys: tuple[Key, ...], head: dict[str, Any], shown: str, problems: list[RuleProblem]
) -> Iterator[Entry]:
    if node is None or (isinstance(node, ScalarNode) and plain(node) in (None, "")):
        return
    if not isinstance(node, SequenceNode):
        where = node.start_mark.line + 1
        problems.append(
            RuleProblem(shown, where, f"{name} 应为一列“- 项: 值”", f"{name} must be a list of “- key: value”")
        )
        return
    for item in node.value:
        if not isinstance(item, MappingNode):
            where, what = item.start_mark.line + 1, "规则" if name == "rules" else "调整"
            problems.append(
                RuleProblem(shown, where, f"每条{what}应为一组“项: 值”", "each entry must hold “key: value”")
            )
            continue
        before = len(problems)
        nodes = _known(item, keys, shown, problems)
        spots = {key: _spot(value) for key, value in nodes.items()}
        entry = Entry({key: plain(value) for key, value in nodes.items()}, item.start_mark.line + 1, spots)
        problems.extend(_faults(entry, keys, head, shown))
        if len(problems) == before:
            yield entry


def _spot(node: Node) -> Spot:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if isinstance(node, ScalarNode):
        one_line = node.start_mark.line == node.end_mark.line
        return line, (column + (1 if node.style in ("'", '"') else 0)) if one_line else 0
    return line, column


# ---- values --------------------------------------------------------------------------------------------------------------


def _faults(entry: Entry, keys: tuple[Key, ...], head: dict[str, Any], shown: str) -> Iterator[RuleProblem]:
    data = entry.data
    missing = [key.name for key in keys if key.needed and not data.get(key.name)]
    what = ("规则", "rule") if keys is RULE_KEYS else ("对规则的调整", "amendment of rule")
    name = data.get("id") or "?"
    both = [key for key in EITHER if data.get(key)]
    if keys is RULE_KEYS and not both:
        missing.append(" / ".join(EITHER))
    if missing:
        zh, en = f"{what[0]} {name} 缺少 {'、'.join(missing)}", f"{what[1]} {name} lacks {', '.join(missing)}"
        yield RuleProblem(shown, entry.line, zh, en)
        return
    for key in keys:
        if key.name not in data or data[key.name] is None:
            continue
        for zh, en, near in _wrong(key, data[key.name]):
            line, character = entry.spot(key.name)
            said_zh, said_en = f"{what[0]} {name}：{zh}", f"{what[1]} {name}: {en}"
            yield RuleProblem(shown, line, said_zh, said_en, near, character)
    if keys is RULE_KEYS and len(both) > 1:
        line, character = entry.spot(EITHER[1])
        zh = f"{what[0]} {name}：check 和 query 只能写一个"
        yield RuleProblem(shown, line, zh, f"{what[1]} {name}: write either check or query, not both", (), character)
    if keys is AMEND_KEYS and not (data.get("status") or data.get("severity")):
        zh = f"{what[0]} {name} 没有说调整什么：写 status: off 或 severity:"
        yield RuleProblem(shown, entry.line, zh, f"{what[1]} {name} amends nothing: write status: off or a severity")


def _wrong(key: Key, value: Any) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What is wrong with the value of one key: in Chinese, in English, what may have been meant."""
    if key.kind == "examples":
        yield from _wrong_examples(value)
    elif key.kind == "columns":
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            yield "columns 应写成“英文名: 中文列名”", "columns must map English to Chinese names", ()
    elif key.kind == "said":
        if not said(value):
            zh, en = f"{key.name} 要有 zh 和 en（或只写一段文字）", f"{key.name} needs zh and en, or plain text"
            more = [one for one in value if one not in ("zh", "en")] if isinstance(value, dict) else []
            if more:
                zh += f"；多出“{more[0]}”：文字里有逗号时要加引号"
                en += f"; “{more[0]}” is too much: quote a text that holds a comma"
            yield zh, en, ()
    elif isinstance(value, dict | list):
        yield f"{key.name} 应为一段文字", f"{key.name} must be plain text", ()
    elif key.kind == "choice" and str(value) not in key.choices:
        near = nearest(str(value), key.choices) or key.choices
        yield f"{key.name} 不能是“{value}”", f"{key.name} cannot be “{value}”", near
    elif key.kind == "year" and not re.fullmatch(r"(19|20)\d\d", str(value)):
        yield f"{key.name} 应为年度，如 2024", f"{key.name} must be a year, such as 2024", ()
    elif key.kind == "date" and day(value) is None:
        yield f"{key.name} 应为日期，如 2026-12-31", f"{key.name} must be a date, such as 2026-12-31", ()


def _wrong_examples(value: Any) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    kinds = ("holds", "rounding", "broken", "not_verifiable")
    for kind in value if isinstance(value, dict) else ():
        if kind not in kinds:
            yield f"不认识的例子“{kind}”", f"unknown kind of example “{kind}”", nearest(str(kind), kinds) or kinds
    for kind in ("holds", "broken"):
        if not isinstance(value, dict) or not value.get(kind):
            need = {"holds": "相符", "broken": "不符"}[kind]
            yield f"缺少{need}的例子（examples: {kind}）", f"an example that is {kind} is missing", ()
        elif not isinstance(value[kind], list) or not all(isinstance(one, dict) and one for one in value[kind]):
            zh, en = f"examples 的 {kind} 应写成 [{{名称: 数}}]", f"examples: {kind} must be written [{{name: value}}]"
            yield zh, en, ()


def said(value: Any) -> dict[str, str]:
    """A text in zh and en: as written in both, or one text for both; {} when it is neither."""
    if isinstance(value, dict):
        both = {"zh", "en"} == set(value) and all(isinstance(one, str) and one for one in value.values())
        return {"zh": value["zh"], "en": value["en"]} if both else {}
    return {"zh": str(value), "en": str(value)} if value and not isinstance(value, list) else {}


def day(value: Any) -> date | None:
    """The day that `value` writes as 2026-12-31; None when it does not."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def plain(node: Node) -> Any:
    """The node as plain Python; numbers stay text so that 2.50 keeps its decimals, but years are whole numbers."""
    if isinstance(node, MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.value]
    if isinstance(node, ScalarNode):
        if str(node.tag).endswith(":int") and len(node.value) == 4 and node.value.isdigit():
            return int(node.value)
        if str(node.tag).endswith(":null"):
            return None
        return str(node.value)
    return None
