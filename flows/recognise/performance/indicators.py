"""What the rows of performance tables tie together: target, achievement and score of an indicator; tables of one project.

The relations are those of expectations/vocabulary/performance.yaml; their roles are figures of the tables, their words what
the cells say that are no figures. None stands in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from flows.recognise.disclosure import Figure, FormRow, Relation
from flows.recognise.performance.cells import shape, wordless
from flows.recognise.performance.columns import Laid
from flows.recognise.performance.part import Part, safe

NOWHERE = -1
"""The sentence of a relation that stands in a table."""
FUNDS = "年度资金总额"
_ROLES = (("target", "年度指标值"), ("achieved", "实际完成值"), ("points", "分值"), ("score", "得分"))
_EACH_YEAR = re.compile(r"[/／每]?(?:年度?|全年)$")
_EXECUTION = re.compile(
    r"(?P<of>基本支出|项目支出)?(?:部门|单位|年度|整体|财政|项目)?(?:资金|支出)?(?:预算)?(?:支出)?(?:执行|支出)(?:进度|完成)?率"
)
_NUMBERED = re.compile(r"^(?:指标)?\d{1,2}[:：.、]|^指标[一二三四五六七八九十]+[:：.、]")
_SAME_PROJECT = 0.7
"""How alike two names must be (1: the same) to be those of one project."""

Tied = tuple[str, dict[str, str], dict[str, str]]
"""Kind, roles and words of a relation."""


def relations(parts: Sequence[Part]) -> tuple[Relation, ...]:
    """Every relation of the tables `parts`."""
    tied = [
        *(one for part in parts for one in _indicators(part)),
        *_names(parts),
        *_copies(parts),
    ]
    return tuple(
        Relation(f"RP/{number:04d}", kind, roles, NOWHERE, (), words)
        for number, (kind, roles, words) in enumerate(tied, 1)
    )


def bare(label: str) -> str:
    """An indicator's name without the number in front of it."""
    return _NUMBERED.sub("", wordless(label))


# ------------------------------------------------------------------------------------------------------- indicators


def _indicators(part: Part) -> Iterator[Tied]:
    """One relation for each indicator, and one for each that gives the rate of execution that the funds print too."""
    figures = {(figure.row_key, figure.column): figure for figure in part.figures}
    remarks = _remarks(part)
    for row, laid in part.indicators:
        found = {role: figures[row.row_key, column] for role, column in _ROLES if (row.row_key, column) in figures}
        name = bare(row.label)
        words = {"name": name, **_words(laid, found)}
        if remarks is not None:
            words["reason"] = remarks.get(row.row_key, "")
        yield "indicator", {role: figure.id for role, figure in found.items()}, words
        executed = _EXECUTION.fullmatch(name)
        of = (
            executed["of"] or ("项目支出" if part.form.id == "P01" and name.startswith("项目") else FUNDS)
            if executed
            else ""
        )
        rate = figures.get((of, "执行率"))
        achieved = found.get("achieved")
        if rate and achieved and achieved.unit == "%":
            roles = {"stated": achieved.id, "printed": rate.id}
            yield "quoted_rate", roles, {"what": "execution", "bound": achieved.relation}


def _words(laid: Laid, found: dict[str, Figure]) -> dict[str, str]:
    """Units and bounds of target and achievement, and what is said in words where no number is given."""
    made: dict[str, str] = {}
    for role, column in _ROLES[:2]:
        figure = found.get(role)
        if figure:
            made[f"{role}_unit"] = _EACH_YEAR.sub("", figure.unit) or figure.unit
            made[f"{role}_bound"] = figure.relation
            continue
        cell = next((cell for cell, heading in laid.pairs if heading.column == column), None)
        if cell and shape(cell.text) == "text":
            made[f"{role}_words"] = wordless(cell.text)
    return made


def _remarks(part: Part) -> dict[str, str] | None:
    """Why rows deviate, by row; None for a table without a column for it, or with one reason given for many of its rows.

    One reason may be printed in a cell merged over rows, or as its lines beside one row after the other.
    """
    column = False
    made: dict[str, str] = {}
    written: list[int] = []
    for number, (row, laid) in enumerate(part.indicators):
        column |= any(heading.kind == "remark" for heading in laid.empty)
        for cell, heading in laid.pairs:
            if heading.kind == "remark":
                column = True
                made[row.row_key] = wordless(cell.text)
                written += [number] if shape(cell.text) != "dash" else []
                if cell.row_span > 1:
                    return None
    one_piece = bool(written) and written[-1] - written[0] == len(written) - 1
    return made if column and not one_piece else None


# --------------------------------------------------------------------------------------------- tables of one project


def _names(parts: Sequence[Part]) -> Iterator[Tied]:
    """The name of a project in the summary beside its name in its own table, where one is surely meant by the other."""
    own = {safe(part.part): part for part in parts if part.form.id == "P02" and part.part and "#" not in part.part}
    summary = [(part, row) for part in parts if part.form.id == "P03" for row in part.rows if row.level]
    listed = {row.row_key for _, row in summary}
    left = [part for name, part in own.items() if name not in listed]
    for part, row in summary:
        if row.row_key in own:
            same = own[row.row_key]
        else:
            alike = [one for one in left if _alike(one, part, row)]
            if len(alike) != 1 or sum(_alike(alike[0], other, each) for other, each in summary) != 1:
                continue
            (same,) = alike
        figure = next(iter(same.figures), None)
        roles = {"place": figure.id} if figure else {}
        yield "project_name", roles, {"summary_name": row.row_key, "own_name": safe(same.part), "subject": row.label}


def _alike(own: Part, summary: Part, row: FormRow) -> bool:
    """Whether a table and a row of the summary are of one project: alike in name, with one budget or outturn."""
    if SequenceMatcher(None, safe(own.part), row.row_key).ratio() < _SAME_PROJECT:
        return False
    theirs = {f.value for f in summary.figures if f.row_key == row.row_key and f.column in ("全年预算数", "全年执行数")}
    mine = {f.value for f in own.figures if f.column in ("年初预算数", "全年预算数", "全年执行数") and f.value}
    return bool(mine & theirs)


def _copies(parts: Sequence[Part]) -> Iterator[Tied]:
    """Each value of a table that is printed a second time beside its first print."""
    first = {(part.form.id, part.part): part for part in parts}
    for part in parts:
        name, again, _ = part.part.partition("#")
        before = first.get((part.form.id, name))
        if not again or before is None or not _is_copy(part, before):
            continue
        known = {(figure.row_key, figure.column): figure for figure in before.figures}
        for figure in part.figures:
            other = known.get((figure.row_key, figure.column))
            if other and other.unit == figure.unit:
                yield "copy", {"again": figure.id, "first": other.id}, {"subject": figure.row_key}


def _is_copy(again: Part, first: Part) -> bool:
    """Whether a second table under one name is the first one printed again rather than that of another unit.

    Its rows are the same and more than half of its amounts are.
    """
    if [row.row_key for row in again.rows] != [row.row_key for row in first.rows]:
        return False
    amounts = {(f.row_key, f.column): f.value for f in first.figures if f.column.endswith("数")}
    same = [amounts.get((f.row_key, f.column)) == f.value for f in again.figures if f.column.endswith("数")]
    return again.table.implementer == first.table.implementer and 2 * sum(same) > len(same)
