"""Many filings in one warehouse: some read one by one, any number of copies of them made set-wise.

`fill` is for whoever needs thousands of filings in minutes; a copy has an organisation of its own and the same amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from expectations import vocabulary
from expectations.vocabulary import JUDGED, Table
from flows import schema, warehouse
from flows.recognise.disclosure import Disclosure
from flows.warehouse import Connection, Origin
from tests.prove.direct import disclosed
from tests.prove.filings import generated

BATCH = 50
READER = "prove"


@dataclass(frozen=True)
class Copy:
    """A filing to be made of another: `source` and `filing` are keys of the warehouse."""

    source: str
    filing: str
    organisation: str


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

    Without `read` the copies have rows in the tables that rules run on and in `filing`, not in those of what was read.
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


def renamed(disclosure: Disclosure, organisation: str) -> Disclosure:
    """The same disclosure as if another organisation had published it."""
    return replace(disclosure, filing=replace(disclosure.filing, organisation=organisation))


def copy(connection: Connection, wanted: Sequence[Copy], *, read: bool = False) -> None:
    """The warehouse also holds the copies, each with a document and an organisation of its own."""
    connection.execute("CREATE OR REPLACE TEMP TABLE copying (source VARCHAR, filing VARCHAR, organisation VARCHAR)")
    for start in range(0, len(wanted), 1000):
        rows = ", ".join(f"('{c.source}', '{c.filing}', '{c.organisation}')" for c in wanted[start : start + 1000])
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
    for table in (*vocabulary.load().tables, *(schema.READ_TABLES if read else ())):
        _copy_table(connection, table, own if table.name == JUDGED else {"filing": "c.filing"})


def _copy_table(connection: Connection, table: Table, own: dict[str, str]) -> None:
    values = ", ".join(own.get(column.name, f't."{column.name}"') for column in table.columns)
    connection.execute(
        f'INSERT INTO "{table.name}" SELECT {values} FROM copying c JOIN "{table.name}" t ON t.filing = c.source'
    )
