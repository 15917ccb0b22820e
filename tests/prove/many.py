"""Many filings in one warehouse: some read one by one, any number of copies of them made set-wise.

`fill` is for whoever needs thousands of filings in minutes; a copy has an organisation of its own and the same amounts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from expectations import vocabulary
from expectations.vocabulary import JUDGED, MONEY, Table, Vocabulary, row_table, wide_column
from flows import schema, warehouse
from flows.form_tables import derived_rows
from flows.read_rows import read_rows
from flows.recognise.disclosure import Disclosure
from flows.sql import insert, literal
from flows.warehouse import Connection, Origin
from tests.prove.direct import disclosed
from tests.prove.filings import generated

BATCH = 50
READER = "prove"
NEEDED = (schema.FORM_READING, schema.SENTENCE, schema.FIGURE, schema.CLAIM)
"""Tables of what was read on which rules run as well."""
_BESIDE = tuple(table for table in schema.READ_TABLES if table not in NEEDED)
FIGURE_ID = re.compile(r"([A-Z]\d+)(?:\((.*)\))?/(.+)/([^/]+)")


@dataclass(frozen=True)
class Copy:
    """A filing to be made of another: `source` and `filing` are keys of the warehouse.

    `figure`: the id of a figure that is printed `step` higher in the copy, in the unit in which the tables hold it.
    """

    source: str
    filing: str
    organisation: str
    figure: str = ""
    step: Decimal = Decimal(0)


def fill(
    connection: Connection,
    count: int,
    seed: int = 1,
    distinct: int = 500,
    *,
    read: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """`connection` holds `count` current filings: `distinct` of them different, the rest copies under other names.

    Without `read` the copies have rows in the tables that rules run on and in `filing`, not in the others of what was read.
    """
    keys = []
    for filing in generated(min(count, distinct), seed):
        found = disclosed(filing.published, filing.name)
        keys.append((found.filing.organisation, found))
        if len(keys) % 100 == 0:
            progress(f"{len(keys)} filings generated")
    made = load(connection, [found for _, found in keys])
    progress(f"{len(made)} filings loaded")
    wanted = []
    for number in range(len(made), count):
        again, at = divmod(number, len(made))
        organisation = f"{keys[at][0]}第{again}分局"
        wanted.append(Copy(made[at], f"{number:012x}-1", organisation))
    copy(connection, wanted, read=read)
    progress(f"{count} filings in the warehouse")


def load(connection: Connection, found: Iterable[Disclosure]) -> list[str]:
    """Loads the disclosures and returns their keys, in order."""
    keys: list[str] = []
    batch: list[tuple[Disclosure, Origin]] = []
    for disclosure in found:
        batch.append((disclosure, Origin(disclosure.source, disclosure.sha256, 1, READER)))
        if len(batch) == BATCH:
            keys += warehouse.load(connection, batch)
            batch = []
    return keys + warehouse.load(connection, batch)


def load_judged(connection: Connection, found: Iterable[Disclosure], *, read: bool = False) -> list[str]:
    """Loads what rules run on, and no more, of filings that are new and current; returns their keys, in order.

    Half the time of `load`, which also records versions, rows and relations as they were read: the last two also with `read`.
    """
    words, now = vocabulary.load(), datetime(2000, 1, 1)
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    keys = []
    for disclosure in found:
        key = f"{disclosure.sha256[:12]}-1"
        keys.append(key)
        said, reading = disclosure.filing, disclosure.reading
        rows["filing"].append(
            _row(
                schema.FILING,
                filing=key,
                identity=warehouse.identity(said, disclosure.sha256),
                version=1,
                document=disclosure.sha256,
                current=True,
                loaded=now,
                pages=reading.pages,
                numbers_seen=reading.numbers_seen,
                numbers_placed=reading.numbers_placed,
                **asdict(said),
            )
        )
        rows["document"].append(
            _row(schema.DOCUMENT, sha256=disclosure.sha256, source=disclosure.source, status="read")
        )
        for table, things in _read(disclosure):
            rows[table.name].extend(_row_of(table, key, thing) for thing in things)
        if read:
            whole = read_rows(key, disclosure)
            for table in _BESIDE:
                rows[table.name].extend(whole[table.name])
        for name, derived in derived_rows(key, disclosure, words).items():
            rows[name].extend(derived)
    for table in (schema.FILING, schema.DOCUMENT, *NEEDED, *_BESIDE, *words.tables):
        insert(connection, table, rows[table.name])
    return keys


def _read(disclosure: Disclosure) -> tuple[tuple[Table, Sequence[Any]], ...]:
    """What fills the tables of `NEEDED`."""
    things = (disclosure.reading.forms, disclosure.sentences, disclosure.figures, disclosure.claims)
    return tuple(zip(NEEDED, things, strict=True))


def _row(table: Table, **values: Any) -> tuple[Any, ...]:
    """A row of `table`: the values by column; NULL where there is none."""
    return tuple(values.get(column.name) for column in table.columns)


def _row_of(table: Table, filing: str, thing: Any) -> tuple[Any, ...]:
    """A row of `table` with what `thing` says, column by column."""
    return tuple(filing if c.name == "filing" else getattr(thing, c.name, None) for c in table.columns)


def renamed(disclosure: Disclosure, organisation: str) -> Disclosure:
    """The same disclosure as if another organisation had published it."""
    return replace(disclosure, filing=replace(disclosure.filing, organisation=organisation))


def copy(connection: Connection, wanted: Sequence[Copy], *, read: bool = False) -> None:
    """The warehouse also holds the copies, each with a document and an organisation of its own."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE copying (source VARCHAR, filing VARCHAR, organisation VARCHAR, figure VARCHAR, "
        f"form VARCHAR, part VARCHAR, row_key VARCHAR, col VARCHAR, step {MONEY})"
    )
    for start in range(0, len(wanted), 1000):
        rows = ", ".join(_copying(one) for one in wanted[start : start + 1000])
        connection.execute(f"INSERT INTO copying VALUES {rows}")
    own = {"filing": "c.filing", "organisation": "c.organisation", "document": "c.filing"}
    identity = {"identity": "concat_ws('/', c.organisation, t.fiscal_year, t.kind, t.scope)"}
    _copy_table(connection, schema.FILING, own | identity)
    document = ", ".join(
        "c.filing" if column.name == "sha256" else f't."{column.name}"' for column in schema.DOCUMENT.columns
    )
    connection.execute(
        f"INSERT INTO document SELECT {document} FROM copying c JOIN filing f ON f.filing = c.source "
        "JOIN document t ON t.sha256 = f.document"
    )
    words = vocabulary.load()
    stepped = _stepped(words) if any(one.figure for one in wanted) else {}
    for table in (*words.tables, *(schema.READ_TABLES if read else NEEDED)):
        values = own if table.name == JUDGED else {"filing": "c.filing"}
        _copy_table(connection, table, values | stepped.get(table.name, {}))
    warehouse.link(connection)


def _copying(one: Copy) -> str:
    """The copy as a row of the table `copying`."""
    place = FIGURE_ID.fullmatch(one.figure)
    form, part, row, column = (place[1], place[2] or "", place[3], place[4]) if place else ("", "", "", "")
    texts = (one.source, one.filing, one.organisation, one.figure, form, part, row, column)
    return f"({', '.join(map(literal, texts))}, {one.step})"


def _copy_table(connection: Connection, table: Table, own: dict[str, str]) -> None:
    values = ", ".join(own.get(column.name, f't."{column.name}"') for column in table.columns)
    connection.execute(
        f'INSERT INTO "{table.name}" SELECT {values} FROM copying c JOIN "{table.name}" t ON t.filing = c.source'
    )


def _stepped(words: Vocabulary) -> dict[str, dict[str, str]]:
    """Table → column → its value in a copy, for every column that may hold the figure that is printed higher."""

    def higher(column: str, condition: str) -> str:
        return f't."{column}" + CASE WHEN {condition} THEN c.step ELSE 0 END'

    made: dict[str, dict[str, str]] = {}
    for form in words.forms.values():
        here = f"c.form = {literal(form.id)} AND c.part = t.part AND c.row_key = t.row_key AND c.col = "
        columns = [column for column in form.columns if column.type != "text"]
        made[row_table(form)] = {c.en: higher(c.en, here + literal(c.zh)) for c in columns}
        if form.shape == "lines":
            made[form.en] = {
                name: higher(
                    name, f"c.form = {literal(form.id)} AND c.row_key = {literal(line.zh)} AND c.col = {literal(c.zh)}"
                )
                for line in form.lines
                for c in columns
                if c.side in ("", line.side)
                for name in [wide_column(line, c, form)]
            }
    for kind in words.relations.values():
        made[kind.table] = {
            role.en: higher(role.en, f't."{role.en}_id" = c.figure') for role in kind.roles if role.type != "text"
        }
        if kind.members:
            en = kind.members.en
            made[f"{kind.table}_member"] = {en: higher(en, f't."{en}_id" = c.figure')}
    return made
