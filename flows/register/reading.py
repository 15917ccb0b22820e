"""A register of expected filings as its keeper wrote it: CSV or a workbook, columns in any order, mistakes told row by row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from expectations.formula import nearest
from expectations.rulefile.problems import RuleProblem
from flows.register.columns import COLUMNS, KINDS, LEVELS, SCOPES
from flows.register.names import normal
from flows.register.terms import Term, due_by

HEADINGS_WITHIN = 20
"""Rows among which the headings are looked for: titles and notes may stand above."""
WORKBOOKS = (".xlsx", ".xls", ".ods", ".xlsm", ".xlsb")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_LEVEL = {word: level for level, words in LEVELS.items() for word in (level, *words)}


@dataclass(frozen=True, slots=True)
class Expected:
    """One filing that must be published. `scope` "" for either; `due` None where no date is known; `due_by` says where it comes
    from: "stated", or the term (`terms`). `published_on` as the register's keeper found it; `row` is its row in the file."""

    row: int
    organisation: str
    fiscal_year: int
    kind: str = "final_accounts"
    scope: str = ""
    code: str = ""
    alias: str = ""
    region: str = ""
    level: str = ""
    parent: str = ""
    approved: date | None = None
    due: date | None = None
    due_by: str = ""
    published_on: date | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """A register as read: its good rows, the mistakes of the others, and the headings that are none of a register."""

    path: Path
    rows: tuple[Expected, ...]
    problems: tuple[RuleProblem, ...] = ()
    strange: tuple[str, ...] = ()


class Unusable(Exception):
    """There is no register in the file; `message` says why and what to do, in each language."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = {"zh": zh, "en": en}


def read(path: Path, terms: Sequence[Term] = ()) -> Register:
    """The register at `path`: every good row is used, every other is a problem that names it. Raises `Unusable`."""
    table = _table(path)
    top, columns, strange = _headings(path, table)
    rows: list[Expected] = []
    problems: list[RuleProblem] = []
    seen: dict[tuple[str, int, str, str], int] = {}
    for number, line in enumerate(table[top + 1 :], top + 2):
        cells = {name: line[at] if at < len(line) else "" for name, at in columns.items()}
        if not any(_text(cell) for cell in cells.values()):
            continue
        try:
            row = _row(number, cells, terms)
            key = (normal(row.code or row.organisation), row.fiscal_year, row.kind, row.scope)
            if key in seen:
                raise _Bad(f"与第 {seen[key]} 行重复", f"it repeats row {seen[key]}")
        except _Bad as bad:
            problems.append(RuleProblem(str(path), number, bad.zh, bad.en, bad.near))
            continue
        seen[key] = number
        rows.append(row)
    return Register(path, tuple(rows), tuple(problems), strange)


class _Bad(Exception):
    def __init__(self, zh: str, en: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(en)
        self.zh, self.en, self.near = zh, en, near


# ---- the file ------------------------------------------------------------------------------------------------------------


def _table(path: Path) -> list[list[Any]]:
    try:
        data = path.read_bytes()
        if path.suffix.lower() in WORKBOOKS:
            return (
                CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
            )
        return _separated(data)
    except FileNotFoundError as error:
        raise Unusable(
            f"找不到应公开名册 {path}；请检查路径，或用 hedui register new 新建一个",
            f"there is no register at {path}; check the path, or begin one with hedui register new",
        ) from error
    except (CalamineError, OSError, ValueError, csv.Error) as error:
        cause = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise Unusable(
            f"应公开名册 {path} 读不出（{cause}）；请另存为 xlsx 或 UTF-8 的 CSV",
            f"the register {path} cannot be read ({cause}); save it as xlsx, or as CSV in UTF-8",
        ) from error


def _separated(data: bytes) -> list[list[Any]]:
    """Rows of separated text, in UTF-8 or, as Excel saves it in Chinese, GB 18030. Raises ValueError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    if "\0" in text:
        raise ValueError("it is no text")
    first = text.split("\n", 1)[0]
    return [list(row) for row in csv.reader(io.StringIO(text), delimiter=max(",\t;", key=first.count))]


def _headings(path: Path, table: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int], tuple[str, ...]]:
    """The row of headings, where each column is, and the headings that no column has."""
    known = {normal(word): one.name for one in COLUMNS for word in (*one.zh, *one.en)}
    for top, line in enumerate(table[:HEADINGS_WITHIN]):
        found: dict[str, int] = {}
        strange = []
        for at, cell in enumerate(line):
            name = known.get(normal(_text(cell)))
            if name and name not in found:
                found[name] = at
            elif _text(cell):
                strange.append(_text(cell))
        if "organisation" in found and len(found) > 1:
            lacking = [one for one in COLUMNS if one.needed and one.name not in found]
            if lacking:
                raise Unusable(
                    f"应公开名册 {path} 第 {top + 1} 行是标题，缺少“{lacking[0].zh[0]}”一栏；请补上",
                    f"the register {path} has its headings in row {top + 1}, and no column “{lacking[0].en[0]}”; add it",
                )
            return top, found, tuple(strange)
    raise Unusable(
        f"应公开名册 {path} 的前 {HEADINGS_WITHIN} 行里没有标题行：至少要有“单位名称”和“年度”两栏",
        f"the register {path} has no headings in its first {HEADINGS_WITHIN} rows: it needs the columns organisation and year at least",
    )


# ---- a row ---------------------------------------------------------------------------------------------------------------


def _row(number: int, cells: Mapping[str, Any], terms: Sequence[Term]) -> Expected:
    """Raises `_Bad`."""
    said = {name: _text(cell) for name, cell in cells.items()}
    if not said["organisation"]:
        raise _Bad("没有单位名称", "it names no organisation")
    kind, named = _one_of("种类", "kind", said.get("kind", ""), KINDS)
    scope = _one_of("口径", "scope", said.get("scope", ""), SCOPES)
    if named and scope and named != scope:
        raise _Bad(f"种类“{said['kind']}”与口径“{said['scope']}”不一致", f"the kind “{said['kind']}” is not of scope “{said['scope']}”")  # fmt: skip
    year = _year(said["fiscal_year"])
    days = {name: _day(name, cells.get(name)) for name in ("approved", "due", "published_on")}
    due, by = (days["due"], "stated") if days["due"] else due_by(terms, year, kind, days["approved"])
    plain = {name: said.get(name, "") for name in ("organisation", "code", "alias", "region", "parent", "address")}
    level = said.get("level", "")
    return Expected(
        row=number,
        fiscal_year=year,
        kind=kind,
        scope=named or scope,
        level=_LEVEL.get(normal(level), level),
        approved=days["approved"],
        due=due,
        due_by=by,
        published_on=days["published_on"],
        **plain,
    )


def _one_of(zh: str, en: str, text: str, words: Mapping[str, Any]) -> Any:
    found = {normal(word): value for word, value in words.items()}.get(normal(text))
    if found is None:
        near = nearest(text, [word for word in words if word]) or tuple(word for word in words if word)
        raise _Bad(f"{zh}不能是“{text}”", f"the {en} cannot be “{text}”", near)
    return found


def _year(text: str) -> int:
    found = re.fullmatch(r"((?:19|20)\d{2})(?:\.0+)?年?度?", normal(text))
    if not found:
        raise _Bad(
            f"年度“{text}”不是年份；应为 2024 这样的四位数" if text else "没有年度；应为 2024 这样的四位数",
            f"the year “{text}” is none; write four digits, such as 2024" if text else "it has no year; write four digits, such as 2024",
        )  # fmt: skip
    return int(found[1])


def _day(name: str, cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = normal(_text(cell)) if cell else ""
    if not text:
        return None
    found = _DATE.fullmatch(text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    try:
        return date(*map(int, found.groups())) if found else _not_a_day(name, text)
    except ValueError:
        return _not_a_day(name, text)


def _not_a_day(name: str, text: str) -> date | None:
    column = next(one for one in COLUMNS if one.name == name)
    raise _Bad(
        f"{column.zh[0]}“{text}”不是日期；应为 2025-08-31 这样的写法",
        f"{column.en[0]}: “{text}” is no date; write it like 2025-08-31",
    )


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).strip()


def told(register: Register) -> Iterator[RuleProblem]:
    """Every problem, and as warnings the columns that are none of a register and rows by which nothing can be late."""
    yield from register.problems
    if register.strange:
        names = "、".join(register.strange)
        zh, en = f"这些栏目不认识，没有使用：{names}", f"these columns are not known and not used: {names}"
        yield RuleProblem(str(register.path), 0, zh, en, grade="warning")
    open_ = [one.row for one in register.rows if one.due is None]
    if open_:
        zh = f"{len(open_)} 行没有应公开日期，也推算不出（如第 {open_[0]} 行），因此不会算作逾期"
        en = f"{len(open_)} rows have no due date, and none follows from a term (row {open_[0]} first): they are never late"
        yield RuleProblem(str(register.path), 0, zh, en, grade="warning")
