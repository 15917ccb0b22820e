"""Rules come back from a workbook: every row is accepted, unchanged, changed or refused, and each says why.

Rows of a team's own rules change their files; of rules that are not its own only what an amendment can say is taken.
Nothing is written before what would be written has passed lint and the examples.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from expectations import rules
from expectations.authoring import lint
from expectations.authoring.drafting import file_name
from expectations.authoring.workbook import Heading, Row, cell, headings, meant, rows, values
from expectations.authoring.workbook_sheet import Sheet, Unusable, read
from expectations.formula import Mistake, nearest
from expectations.proving.examples import test_examples
from expectations.rulefile import editing, entries, example_lines, schema
from expectations.rulefile.keys import KINDS, OFF
from expectations.rules import RuleBook
from expectations.sql.verdicts import compile_rule
from expectations.vocabulary import Vocabulary

__all__ = ["Outcome", "Unusable", "imported"]

AMENDMENTS = "amendments.yaml"
"""The file of a team's folder that takes what a workbook amends."""
_CELL = {"title": "title_zh", "note": "note_zh", "examples": "holds"}
"""The column in which the value of a key begins, where it has another name."""
_FREE = ("severity", "status", "reason")
"""What may be changed of a rule that is not one's own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: accepted, unchanged, changed or refused; `column` is the letter of the cell that is at fault."""

    row: int
    id: str
    kind: str
    zh: str = ""
    en: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class _Edit:
    """A change of one file: a rule added, values of a rule, or an amendment (None takes it away)."""

    path: Path
    kind: str
    id: str
    what: Any


class _Refused(Exception):
    def __init__(self, key: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.key, self.zh, self.en = key, zh, en


def imported(
    path: Path, teams: Sequence[Path], into: Path | None, vocabulary: Vocabulary, lang: str, dry_run: bool = False
) -> tuple[list[Outcome], list[tuple[str, str]], int]:
    """What became of every row, headings that are none of a rule (letter, text), and how many entries the sheet does not list.

    `teams` are the folders in force, `into` the one that takes new rules and amendments. Files are written unless `dry_run`.
    Raises `Unusable`, and `rules.RuleErrors` when the rules in force have mistakes themselves.
    """
    sheet = read(path)
    book = rules.in_force(teams)
    known = {str(row.entry.data["id"]): row for row in rows(book)}
    outcomes: dict[int, Outcome] = {}
    edits: dict[int, list[_Edit]] = {}
    seen: dict[str, int] = {}
    for number, cells in sheet.rows.items():
        id_ = cells.get("id", "")
        try:
            if not id_:
                raise _Refused("id", "没有编号", "it has no id")
            if id_ in seen:
                raise _Refused("id", f"编号与第 {seen[id_]} 行相同", f"its id is that of row {seen[id_]}")
            seen[id_] = number
            outcomes[number], edits[number] = _row(number, cells, known.get(id_), book, into, vocabulary, lang)
        except _Refused as refusal:
            outcomes[number] = Outcome(
                number, id_, "refused", refusal.zh, refusal.en, sheet.letters.get(refusal.key, "")
            )
    texts = _settled(edits, outcomes, sheet, teams, vocabulary)
    if not dry_run:
        for target, text in texts.items():
            editing.save(target, text)
    absent = len([id_ for id_ in known if id_ not in seen])
    return [outcomes[number] for number in sorted(outcomes)], sheet.strange, absent


# ---- a row ---------------------------------------------------------------------------------------------------------------


def _row(
    number: int,
    cells: Mapping[str, str],
    row: Row | None,
    book: RuleBook,
    into: Path | None,
    vocabulary: Vocabulary,
    lang: str,
) -> tuple[Outcome, list[_Edit]]:
    by_key = {one.key: one for one in headings()}
    old = values(row) if row else {}
    new = {key: _value(by_key[key], text) for key, text in cells.items() if key != "source"}
    if row is None:
        entry = _entry(new)
        if into is None:
            raise _Refused(
                "id",
                "不知道写到哪里：用 --into 指明本单位的文件夹",
                "where to write it is not said: name your team's folder with --into",
            )
        target = into / file_name(str(entry.get("for_each", "")), str(entry.get("form", "")), vocabulary)
        return Outcome(number, cells["id"], "accepted", f"新规则，写入 {target}", f"a new rule, into {target}"), [
            _Edit(target, "add", cells["id"], entry)
        ]
    changed = [key for key, value in new.items() if key in old and not _same(value, old[key])]
    if not changed:
        return Outcome(number, cells["id"], "unchanged"), []
    told = "；".join(
        f"{by_key[key].name(lang)}：{cell(by_key[key], old[key], lang) or '（空）'} → {cells[key] or '（空）'}"
        for key in changed
    )
    if row.file.team:
        edits = [_own(row, changed, new)]
    else:
        edits = [_amended(row, changed, new, by_key, into)]
        told += f"（写入 {edits[0].path.name}）" if lang == "zh" else f" (into {edits[0].path.name})"
    return Outcome(number, cells["id"], "changed", told, told), edits


def _value(heading: Heading, text: str) -> Any:
    """The value that a cell means."""
    try:
        if heading.key in KINDS:
            return example_lines.examples(text)
        if heading.key == "columns":
            return example_lines.example(text) if text else None
    except Mistake as mistake:
        raise _Refused(heading.key, mistake.zh, mistake.en) from mistake
    if text and heading.words:
        code = meant(heading, text)
        if code is None:
            near = nearest(text, [name for code, both in heading.words.items() for name in (*both, code)])
            choices = "、".join(near or [both[0] for both in heading.words.values()])
            raise _Refused(
                heading.key, f"不能是“{text}”；可以是：{choices}", f"it cannot be “{text}”; it can be: {choices}"
            )
        return code
    return text or None


def _same(one: Any, other: Any) -> bool:
    return _plain(one) == _plain(other)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return "" if value is None else str(value).strip()


def _entry(new: Mapping[str, Any]) -> dict[str, Any]:
    """A row as an entry of a rule file."""
    entry = {
        key: value
        for key, value in new.items()
        if key not in KINDS and key != "reason" and not key.endswith(("_zh", "_en"))
    }
    for key in ("title", "note"):
        zh, en = new.get(f"{key}_zh"), new.get(f"{key}_en")
        if zh or en:
            entry[key] = {"zh": zh or en, "en": en or zh}
    entry["examples"] = {kind: new[kind] for kind in KINDS if new.get(kind)}
    return entry | {"status": None if entry.get("status") == "stable" else entry.get("status")}


def _own(row: Row, changed: Sequence[str], new: Mapping[str, Any]) -> _Edit:
    """What changes in the file of a team's own rule."""
    if "reason" in changed:
        raise _Refused(
            "reason",
            "自己的规则直接修改，不用写调整原因",
            "your own rule is simply changed: it needs no reason of amendment",
        )
    if new.get("status") == OFF:
        raise _Refused(
            "status", "自己的规则不再用时，状态写“已停用”", "a rule of your own that is no longer wanted is “retired”"
        )
    held = values(row)
    entry = _entry({**held, **new})
    keys = {
        "title"
        if key.startswith("title_")
        else "note"
        if key.startswith("note_")
        else "examples"
        if key in KINDS
        else key
        for key in changed
    }
    return _Edit(row.file.path, "values", str(row.entry.data["id"]), {key: entry.get(key) for key in keys})


def _amended(
    row: Row, changed: Sequence[str], new: Mapping[str, Any], by_key: Mapping[str, Heading], into: Path | None
) -> _Edit:
    """What an amendment says of a rule that is not one's own."""
    fixed = next((key for key in changed if key not in _FREE), None)
    if fixed:
        name = by_key[fixed]
        raise _Refused(
            fixed,
            f"随软件的规则不能改“{name.zh}”；请换一个编号另写一条，再把这一条的状态改为“本单位不用”",
            f"“{name.en}” of a shipped rule cannot be changed: write a rule under another id and switch this one off",
        )
    data, amended = row.entry.data, row.amended
    wanted = {key: new.get(key, values(row)[key]) for key in _FREE}
    if wanted["status"] not in (OFF, data.get("status") or "stable"):
        raise _Refused(
            "status",
            "随软件的规则只能改为“本单位不用”",
            "of a shipped rule the status can only become “switched off here”",
        )
    if amended is None and any(rule.amended for rule in row.rules):
        raise _Refused(
            "status",
            "其中一部分已分别调整，请在规则文件里修改",
            "parts of it are amended one by one: edit the rule file",
        )
    path = Path(amended.file) if amended else into / AMENDMENTS if into else None
    if path is None:
        raise _Refused(
            "status",
            "不知道写到哪里：用 --into 指明本单位的文件夹",
            "where to write it is not said: name your team's folder with --into",
        )
    id_ = amended.id if amended and len(row.rules) == 1 else str(data["id"])
    off, graded = wanted["status"] == OFF, wanted["severity"] != data["severity"]
    if not off and not graded:
        return _Edit(path, "amend", id_, None)
    if not wanted["reason"]:
        raise _Refused("reason", "写明调整原因", "say why it is amended")
    kept = {"owner": amended.owner, "until": amended.until} if amended else {}
    reason = amended.reason if amended and amended.reason["zh"] == wanted["reason"] else wanted["reason"]
    made = {
        "id": id_,
        "status": OFF if off else "",
        "severity": wanted["severity"] if graded and not off else "",
        "reason": reason,
        **kept,
    }
    return _Edit(path, "amend", id_, {key: value for key, value in made.items() if value})


# ---- all together --------------------------------------------------------------------------------------------------------


def _settled(
    edits: dict[int, list[_Edit]],
    outcomes: dict[int, Outcome],
    sheet: Sheet,
    teams: Sequence[Path],
    vocabulary: Vocabulary,
) -> dict[Path, str]:
    """The files' texts with every edit that lint and the examples accept; a row whose edit they do not is refused."""
    while True:
        texts = _applied([one for some in edits.values() for one in some])
        refused = dict(_objections(texts, edits, teams, vocabulary))
        if not refused:
            return texts
        for number, (key, zh, en) in refused.items():
            del edits[number]
            outcomes[number] = replace(
                outcomes[number], kind="refused", zh=zh, en=en, column=sheet.letters.get(key, "")
            )


def _applied(edits: Sequence[_Edit]) -> dict[Path, str]:
    texts: dict[Path, str] = {}
    for one in edits:
        text = texts.get(one.path) or (one.path.read_text("utf-8") if one.path.exists() else "")
        if one.kind == "add":
            texts[one.path] = editing.with_rule(
                text or editing.begun({"zh": "本单位规则", "en": "Rules of our own"}), one.what
            )
        elif one.kind == "values":
            texts[one.path] = editing.with_values(text, one.id, one.what)
        else:
            texts[one.path] = editing.with_amendment(text or f"{schema.MODELINE}{schema.FILE.name}\n", one.what, one.id)
    return texts


def _objections(
    texts: Mapping[Path, str], edits: Mapping[int, Sequence[_Edit]], teams: Sequence[Path], vocabulary: Vocabulary
) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """For each row that must be refused: the column at fault and why."""
    if not texts:
        return
    row_of = {(one.path, one.id): number for number, some in edits.items() for one in some}
    with tempfile.TemporaryDirectory() as aside:
        copies = {}
        for k, (path, text) in enumerate(texts.items()):
            copy = Path(aside) / f"{k}" / path.name
            copy.parent.mkdir()
            copy.write_text(text, "utf-8")
            copies[str(copy)] = path
        folders = [(rules.FOLDER, ""), *((folder, folder.name) for folder in teams)]
        book, problems = lint.lint(folders, vocabulary, [Path(copy) for copy in copies], without=list(texts))
    found: dict[int, tuple[str, str, str]] = {}
    for one in problems:
        if one.grade == "error" and one.file in copies:
            path = copies[one.file]
            id_, written = entries.at_line(texts[path], one.line)
            number = row_of.get((path, id_), next(iter(row_of.values())))
            found.setdefault(number, (_CELL.get(written, written), one.zh, one.en))
    judged = {(copies.get(rule.file), rule.entry) for rule in book.rules}
    for (path, id_), number in row_of.items():
        if number not in found and (path, id_) in judged:
            mine = [rule for rule in book.rules if copies.get(rule.file) == path and rule.entry == id_]
            for objection in _unproved(mine, vocabulary):
                found[number] = objection
    yield from found.items()


def _unproved(mine: Sequence[rules.Rule], vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    results = test_examples([compile_rule(rule, vocabulary) for rule in mine], vocabulary)
    for one in results:
        if not one.passed:
            got = one.problem or "、".join(one.got) or "-"
            yield (
                one.expected,
                f"第 {one.number + 1} 个例子的结果是 {got}",
                f"its example {one.number + 1} came out as {got}",
            )
            return
