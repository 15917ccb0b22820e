"""The words of the field as data: forms, their columns and lines, relations of the narrative, and the tables made of them.

Every name used in rules, SQL, pages and results comes from `expectations/vocabulary/*.yaml`; `load` reads them once.
`Vocabulary.tables` says which tables the warehouse holds for them: rules are compiled against exactly these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).with_name("vocabulary")

_NOISE = re.compile(r"[\s\u3000“”\"'‘’「」]")
_BRACKETS = str.maketrans("()", "（）")


def plain(name: str) -> str:
    """`name` as names are compared: without white space and quotes, brackets full-width."""
    return _NOISE.sub("", name).translate(_BRACKETS)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form or a role of a relation. `type`: amount, percent, score, count, measure or text.

    `since` is the fiscal year in which forms first have it, None where that is before any that are judged; so for lines and forms.
    """

    zh: str
    en: str
    also: tuple[str, ...] = ()
    type: str = "amount"
    side: str = ""
    signed: bool = False
    since: int | None = None


@dataclass(frozen=True, slots=True)
class FormLine:
    """A line of a form whose lines are fixed; `part_of` is the line of which it is a part, `after` the line it must follow."""

    zh: str
    en: str
    also: tuple[str, ...] = ()
    side: str = ""
    part_of: str = ""
    code: str = ""
    block: str = ""
    after: str = ""
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One official form. `shape`: coded, lines or performance; `codes`: functional, economic or ""."""

    id: str
    zh: str
    en: str
    also: tuple[str, ...]
    shape: str
    columns: tuple[Column, ...]
    lines: tuple[FormLine, ...] = ()
    totals: tuple[FormLine, ...] = ()
    codes: str = ""
    parts: str = ""
    since: int | None = None


CURRENT = "current"
"""The role of this year's figure in a statement of change."""


@dataclass(frozen=True, slots=True)
class RelationKind:
    """A kind of statement of the narrative; `members` is the column of its members, if it has many."""

    id: str
    zh: str
    roles: tuple[Column, ...]
    members: Column | None = None

    @property
    def table(self) -> str:
        return f"narrative_{self.id}"

    @property
    def between_years(self) -> bool:
        """Whether it sets this year's figure against last year's, so that last year's filing can be asked for the same."""
        return any(role.en == CURRENT for role in self.roles)


@dataclass(frozen=True, slots=True)
class Concept:
    """A quantity as the narrative states it; `figure` is the form's figure that it quotes, "" when only the narrative names it."""

    zh: str
    en: str
    type: str = "amount"
    also: tuple[str, ...] = ()
    section: str = ""
    figure: str = ""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a warehouse table: English name, SQL type, Chinese comment."""

    name: str
    sql: str
    comment: str


@dataclass(frozen=True, slots=True)
class Table:
    """A warehouse table derived from figures or claims. `columns` begin with its key."""

    name: str
    comment: str
    columns: tuple[TableColumn, ...]


@dataclass(frozen=True)
class Vocabulary:
    """All words; `forms` by id, `relations` by id, `classes` by kind ("functional", "economic") then code."""

    forms: dict[str, Form]
    relations: dict[str, RelationKind]
    concepts: tuple[Concept, ...]
    classes: dict[str, dict[str, FormLine]]
    narrative: dict[str, Any]

    def form_named(self, name: str) -> Form | None:
        """The form with this id, Chinese or English name, or other title; None when there is none."""
        return self._names.get(plain(name))

    @cached_property
    def _names(self) -> dict[str, Form]:
        named: dict[str, Form] = {}
        for form in self.forms.values():
            for one in (form.id, form.zh, form.en, *form.also):
                named.setdefault(plain(one), form)
        return named

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every derived table: `judged_filing`, one or two a form, `narrative`, one or two a relation."""
        made: list[Table] = [_judged_table(self.forms.values())]
        for form in self.forms.values():
            made.extend(_form_tables(form))
        made.append(_narrative_table(self.concepts))
        made.append(HEADING)
        for kind in self.relations.values():
            made.extend(_relation_tables(kind))
        return tuple(made)


MONEY = "DECIMAL(18,7)"
"""Amounts in 万元 to seven decimals: half a cent (0.005 元) is exact. Eighteen digits are what a machine word holds: one more,
and every rule takes three times as long."""

FACTOR = "DECIMAL(19,7)"
"""An amount about to be multiplied: DuckDB squeezes the product of two `MONEY` into eighteen digits, that of these has 38."""

WAN = {
    "元": Decimal("0.0001"),
    "百元": Decimal("0.01"),
    "千元": Decimal("0.1"),
    "万元": Decimal(1),
    "百万元": Decimal(100),
    "千万元": Decimal(1000),
    "亿元": Decimal(10000),
}
"""One of each unit of money, in 万元."""

JUDGED = "judged_filing"
WITH_PREVIOUS = "final_accounts"
"""The kind of filing of which an organisation has one a year, so that the year before can be told."""

PEER_GROUP = ("region", "level", "fiscal_year", "scope")
"""What the filings have in common that are compared with each other."""
PEERS = 5
"""How many others it takes at least to say what is usual among them."""

_ROW_KEY = (
    TableColumn("filing", "VARCHAR", "决算编号"),
    TableColumn("part", "VARCHAR", "项目"),
    TableColumn("row_key", "VARCHAR", "行"),
    TableColumn("code", "VARCHAR", "科目编码"),
    TableColumn("label", "VARCHAR", "科目名称"),
    TableColumn("level", "INTEGER", "级次"),
    TableColumn("parent_key", "VARCHAR", "上级行"),
    TableColumn("position", "INTEGER", "行序"),
    TableColumn("block", "VARCHAR", "区块"),
    TableColumn("side", "VARCHAR", "收支"),
    TableColumn("page", "INTEGER", "页"),
    TableColumn("ulp", MONEY, "末位单位（万元）"),
)


HEADING = Table(
    "heading",
    "标题",
    (
        TableColumn("filing", "VARCHAR", "决算编号"),
        TableColumn("position", "INTEGER", "其下第一句"),
        TableColumn("text", "VARCHAR", "标题"),
        TableColumn("chapter", "VARCHAR", "上级标题"),
        TableColumn("level", "INTEGER", "层次：1 第一部分、2 一、3 （一）、4 1.、5 （1）"),
        TableColumn("number", "INTEGER", "序号"),
        TableColumn("number_before", "INTEGER", "同级上一标题的序号"),
        TableColumn("year", "INTEGER", "标题所写的年度（只写了一个年度的）"),
        TableColumn("page", "INTEGER", "页"),
    ),
)
"""The headings of the narrative under which something is said, in order."""


def row_table(form: Form) -> str:
    """The table that holds one row for each printed row of `form`."""
    return f"{form.en}_line" if form.shape == "lines" else form.en


def wide_column(line: FormLine, column: Column, form: Form) -> str:
    """The column of a one-row-per-filing table for `line` × `column`."""
    return line.en if len(form.columns) == 1 else f"{line.en}_{column.en}"


def value_columns(column: Column) -> tuple[TableColumn, ...]:
    """The table columns that hold one value: amounts share their row's precision, anything else brings its own."""
    if column.type == "text":
        return (TableColumn(column.en, "VARCHAR", column.zh),)
    value = TableColumn(column.en, MONEY, column.zh)
    if column.type == "amount":
        return (value,)
    own = (value, TableColumn(f"{column.en}_ulp", MONEY, f"{column.zh}末位单位"))
    if column.type == "measure":
        return (*own, TableColumn(f"{column.en}_unit", "VARCHAR", f"{column.zh}单位"))
    return own


def _form_tables(form: Form) -> list[Table]:
    values = tuple(made for column in form.columns for made in value_columns(column))
    tables = [Table(row_table(form), form.zh, _ROW_KEY + values)]
    if form.shape == "lines":
        wide = [TableColumn("filing", "VARCHAR", "决算编号"), TableColumn("ulp", MONEY, "末位单位（万元）")]
        for line in form.lines:
            for column in form.columns:
                if column.side in ("", line.side):
                    name = line.zh if len(form.columns) == 1 else f"{line.zh}·{column.zh}"
                    wide.append(TableColumn(wide_column(line, column, form), MONEY, name))
        tables.append(Table(form.en, form.zh, tuple(wide)))
    return tables


def status_column(form: str) -> str:
    """The column of `judged_filing` that holds the reading status of the form with this id."""
    return f"{form.lower()}_status"


def _judged_table(forms: Iterable[Form]) -> Table:
    """The filings that rules judge, final accounts in their current version, each with what was read without certainty and the
    status of every form. `previous` is the filing of the same organisation, kind and scope of the year before; `level` is central,
    province, city, county, township or "" where the organisation's name does not tell. `peers` is how many others there are of one
    region, level, fiscal year and scope, NULL where the region is not known; `replaced` is what the night found, see `flows.night.replaced`."""
    filing = (
        TableColumn("filing", "VARCHAR", "决算编号"),
        TableColumn("organisation", "VARCHAR", "机构"),
        TableColumn("fiscal_year", "INTEGER", "财政年度"),
        TableColumn("scope", "VARCHAR", "单位口径"),
        TableColumn("kind", "VARCHAR", "种类"),
        TableColumn("region", "VARCHAR", "行政区域"),
        TableColumn("level", "VARCHAR", "层级"),
        TableColumn("published_on", "DATE", "公开日期"),
        TableColumn("previous", "VARCHAR", "上年决算编号"),
        TableColumn("peers", "INTEGER", "同类决算个数"),
        TableColumn(
            "replaced", "INTEGER", "原址改动数：文件在原址被换成另一份后，与原来不同的数字和陈述的个数；未被换过为空"
        ),
        TableColumn("doubted", "VARCHAR[]", "识读存疑的数字、陈述、语句和报表"),
    )
    statuses = tuple(TableColumn(status_column(form.id), "VARCHAR", f"{form.zh}识读状态") for form in forms)
    return Table(JUDGED, "受核对的决算", filing + statuses)


def _named_values(columns: tuple[Column, ...]) -> list[TableColumn]:
    made: list[TableColumn] = []
    for column in columns:
        if column.type == "text":
            made.append(TableColumn(column.en, "VARCHAR", column.zh))
            continue
        made.append(TableColumn(column.en, MONEY, column.zh))
        made.append(TableColumn(f"{column.en}_ulp", MONEY, f"{column.zh}末位单位"))
        made.append(TableColumn(f"{column.en}_id", "VARCHAR", f"{column.zh}出处"))
    return made


def _narrative_table(concepts: tuple[Concept, ...]) -> Table:
    columns = tuple(Column(c.zh, c.en, type=c.type) for c in concepts)
    return Table("narrative", "情况说明", (TableColumn("filing", "VARCHAR", "决算编号"), *_named_values(columns)))


def _relation_tables(kind: RelationKind) -> list[Table]:
    key = [
        TableColumn("filing", "VARCHAR", "决算编号"),
        TableColumn("id", "VARCHAR", "编号"),
        TableColumn("sentence", "INTEGER", "语句"),
        TableColumn("page", "INTEGER", "页"),
        TableColumn("subject", "VARCHAR", "事项"),
    ]
    if kind.between_years:
        key.append(TableColumn("concept", "VARCHAR", "与上年相比的数"))
    tables = [Table(kind.table, kind.zh, (*key, *_named_values(kind.roles)))]
    if kind.members:
        member = [
            TableColumn("filing", "VARCHAR", "决算编号"),
            TableColumn("id", "VARCHAR", "编号"),
            TableColumn("position", "INTEGER", "序"),
            TableColumn("subject", "VARCHAR", "事项"),
        ]
        tables.append(Table(f"{kind.table}_member", kind.zh + "·明细", (*member, *_named_values((kind.members,)))))
    return tables


@lru_cache(maxsize=1)
def load() -> Vocabulary:
    """The vocabulary in `expectations/vocabulary`; read once a process."""
    yaml = YAML(typ="safe")
    forms, classes, narrative, performance = (
        yaml.load((FOLDER / name).read_text("utf-8"))
        for name in ("forms.yaml", "classification.yaml", "narrative.yaml", "performance.yaml")
    )
    by_kind = {
        kind: {str(c["code"]): _line(c | {"en": c["en"]}) for c in classes[f"{kind}_class"]}
        for kind in ("functional", "economic")
    }
    return Vocabulary(
        forms={entry["id"]: _form(entry, by_kind) for entry in forms["forms"]},
        relations={entry["id"]: _relation(entry) for entry in (*narrative["relations"], *performance["relations"])},
        concepts=tuple(_concept(entry) for entry in narrative["concepts"]),
        classes=by_kind,
        narrative=narrative,
    )


def _column(entry: dict[str, Any]) -> Column:
    return Column(
        entry["zh"],
        entry["en"],
        tuple(entry.get("also", ())),
        entry.get("type", "amount"),
        entry.get("side", ""),
        entry.get("signed", False),
        entry.get("since"),
    )


def _line(entry: dict[str, Any]) -> FormLine:
    wanted = {key: entry.get(key, "") for key in ("side", "part_of", "code", "block", "after")}
    return FormLine(
        entry["zh"],
        entry["en"],
        tuple(entry.get("also", ())),
        **{k: str(v) for k, v in wanted.items()},
        since=entry.get("since"),
    )


def _lines(entries: list[dict[str, Any]], classes: dict[str, dict[str, FormLine]]) -> tuple[FormLine, ...]:
    made: list[FormLine] = []
    for entry in entries:
        if "each" not in entry:
            made.append(_line(entry))
            continue
        kind = entry["each"].removesuffix("_class")
        for known in classes[kind].values():
            made.append(
                FormLine(
                    known.zh, entry["en_prefix"] + known.en, known.also, entry["side"], entry["part_of"], known.code
                )
            )
    return tuple(made)


def _form(entry: dict[str, Any], classes: dict[str, dict[str, FormLine]]) -> Form:
    return Form(
        id=entry["id"],
        zh=entry["zh"],
        en=entry["en"],
        also=tuple(entry.get("also", ())),
        shape=entry["shape"],
        columns=tuple(_column(column) for column in entry["columns"]),
        lines=_lines(entry.get("lines", []), classes),
        totals=tuple(_line(line) for line in entry.get("totals", ())),
        codes=entry.get("codes", ""),
        parts=entry.get("parts", ""),
        since=entry.get("since"),
    )


def _relation(entry: dict[str, Any]) -> RelationKind:
    members = entry.get("members")
    return RelationKind(
        entry["id"], entry["zh"], tuple(_column(role) for role in entry["roles"]), _column(members) if members else None
    )


def _concept(entry: dict[str, Any]) -> Concept:
    words = {key: entry.get(key, "") for key in ("section", "figure")}
    return Concept(entry["zh"], entry["en"], entry.get("type", "amount"), tuple(entry.get("also", ())), **words)
