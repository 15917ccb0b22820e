"""Which verdicts still stand: a filing is judged again only when something that its verdicts depend on is no longer as it was.

Of every judged filing and part of the rules (`PARTS`) a digest is taken of all that those rules can see: the contents of its
tables, not the versions of the programs that filled them; of the year before; what is worked out from other filings; and the rules
themselves as SQL. Where it is the digest of the last run whose verdicts are complete, that run's verdicts stand in this one too: they
are a bundle, and a run rests on bundles (tables `bundle`, `standing`). So nothing has to tell what it has changed, and a warehouse
that was written to by hand is judged by what it holds.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import flows
from expectations import classification, vocabulary
from expectations.sql.verdicts import PARTS, Compiled, fingerprint_sql
from expectations.vocabulary import JUDGED
from flows import schema
from flows.sql import literal, transaction
from flows.warehouse import Connection

_OF_QUERIES = (schema.FIGURE, schema.CLAIM)
"""What beside the others only a rule that is a query may read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filings of one part that a run has to judge: a SELECT of their keys, and how many they are. `all`: whether these are
    all there are, so that nothing need be picked."""

    part: str
    filings: str
    number: int
    all: bool


def foresee(connection: Connection, compiled: Sequence[Compiled], run: str) -> int:
    """The run rests on every bundle that still stands, and has a new one, without verdicts yet, for all that is to be judged;
    returns how many these are. An earlier try of the run, and what unfinished runs left, is gone."""
    with transaction(connection):
        _forget_unfinished(connection, run)
        _take_digests(connection, compiled)
        connection.execute(
            "INSERT INTO standing SELECT ?, b.bundle FROM standing s JOIN bundle b ON b.bundle = s.bundle "
            "JOIN foreseen f ON f.filing = b.filing AND f.part = b.part AND f.digest = b.digest WHERE s.run = ?",
            [run, basis(connection, run)],
        )
        connection.execute(
            "INSERT INTO bundle (run, bundle, filing, part, digest) SELECT ?, (SELECT coalesce(max(bundle), 0) FROM bundle) + row_number() OVER (ORDER BY f.filing, f.part), "
            "f.filing, f.part, f.digest FROM foreseen f ANTI JOIN "
            "(SELECT b.filing, b.part FROM standing s JOIN bundle b ON b.bundle = s.bundle WHERE s.run = ?) h "
            "ON h.filing = f.filing AND h.part = f.part",
            [run, run],
        )
        connection.execute("INSERT INTO standing SELECT run, bundle FROM bundle WHERE run = ?", [run])
        connection.execute("DROP TABLE foreseen")
    return _one(connection, "SELECT count(*) FROM bundle WHERE run = ?", run)


def wanted(connection: Connection, compiled: Iterable[Compiled], run: str) -> dict[str, Wanted]:
    """By part what the run has to judge, as foreseen; parts of which nothing is to be judged, or that have no rules, are left out."""
    held = _one(connection, f"SELECT count(*) FROM {JUDGED}")
    found = dict(connection.execute("SELECT part, count(*) FROM bundle WHERE run = ? GROUP BY part", [run]).fetchall())
    some = "SELECT filing FROM bundle WHERE run = {} AND part = {}"
    return {
        part: Wanted(part, some.format(literal(run), literal(part)), found[part], found[part] == held)
        for part in PARTS
        if part in found and any(one.part == part for one in compiled)
    }


def settle(connection: Connection, run: str) -> int:
    """The verdicts of the run are complete: later runs may rest on them. Returns of how many filings it judged anything."""
    judged = _one(connection, "SELECT count(DISTINCT filing) FROM bundle WHERE run = ?", run)
    _count(connection, run)
    connection.execute("UPDATE run SET judged = ? WHERE run = ?", [judged, run])
    return judged


def carry_over(connection: Connection, run: str) -> None:
    """Where a bundle of an earlier run holds a finding whose root is no longer what the table `tied` says, of a filing of which
    something was judged in `run`, a copy of its own stands in this run in its place, its roots still to be set. Within the
    caller's transaction."""
    moved = connection.execute(
        "SELECT DISTINCT v.bundle FROM kept_verdict v JOIN standing s ON s.bundle = v.bundle AND s.run = $run "
        "LEFT JOIN tied t ON t.filing = v.filing AND t.fingerprint = v.fingerprint "
        "WHERE v.run <> $run AND v.filing IN (SELECT filing FROM bundle WHERE run = $run) AND v.status = 'broken' "
        "AND v.root IS DISTINCT FROM t.root ORDER BY 1",
        {"run": run},
    ).fetchall()
    if not moved:
        return
    given = {"run": run, "old": [bundle for (bundle,) in moved]}
    names = [column.name for column in schema.KEPT_VERDICT.columns if column.name not in ("run", "root", "bundle")]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE carried AS SELECT o.old, (SELECT max(bundle) FROM bundle) + row_number() OVER () AS new "
        "FROM (SELECT unnest($old) AS old) o",
        {"old": given["old"]},
    )
    connection.execute(
        "INSERT INTO bundle (run, bundle, filing, part, digest) SELECT $run, c.new, b.filing, b.part, b.digest FROM carried c JOIN bundle b ON b.bundle = c.old",
        {"run": run},
    )
    connection.execute(
        f"INSERT INTO kept_verdict (run, {', '.join(names)}, bundle) SELECT $run, {', '.join(f'v.{name}' for name in names)}, c.new "
        "FROM kept_verdict v JOIN carried c ON c.old = v.bundle",
        {"run": run},
    )
    connection.execute("DELETE FROM standing WHERE run = $run AND bundle IN (SELECT old FROM carried)", {"run": run})
    connection.execute("INSERT INTO standing SELECT $run, new FROM carried", {"run": run})
    connection.execute("DROP TABLE carried")


def basis(connection: Connection, run: str) -> str:
    """The last run before this one whose verdicts are complete; "" when there is none."""
    found = connection.execute(
        "SELECT run FROM run WHERE judged IS NOT NULL AND run <> ? ORDER BY started DESC, run DESC LIMIT 1", [run]
    ).fetchone()
    return str(found[0]) if found else ""


def _count(connection: Connection, run: str) -> None:
    """How every rule came out is counted, for ever: what passed is not kept that long. Of a rule that has changed since the run
    before, also how many verdicts on filings of both runs are others than they were."""
    before = basis(connection, run)
    connection.execute("DELETE FROM rule_count WHERE run = ?", [run])
    connection.execute(
        "INSERT INTO rule_count SELECT run, rule, any_value(rule_fingerprint), status, count(*), NULL FROM verdict "
        "WHERE run = ? GROUP BY run, rule, status",
        [run],
    )
    changed = connection.execute(
        "SELECT DISTINCT n.rule FROM rule_count n JOIN rule_count b ON b.run = ? AND b.rule = n.rule "
        "WHERE n.run = ? AND n.rule_fingerprint IS DISTINCT FROM b.rule_fingerprint ORDER BY 1",
        [before, run],
    ).fetchall()
    for (rule,) in changed:
        one = "SELECT filing, instance, status FROM verdict WHERE rule = {rule} AND run = {run}"
        now, then = (one.format(rule=literal(rule), run=literal(each)) for each in (run, before))
        moved = _one(
            connection,
            f"SELECT count(*) FROM ({now}) n FULL JOIN ({then}) t ON n.filing = t.filing AND n.instance = t.instance "
            "WHERE n.status IS DISTINCT FROM t.status",
        )
        connection.execute("UPDATE rule_count SET moved = ? WHERE run = ? AND rule = ?", [moved, run, rule])


def _one(connection: Connection, sql: str, *parameters: object) -> int:
    found = connection.execute(sql, list(parameters)).fetchone()
    return int(found[0]) if found else 0


def _forget_unfinished(connection: Connection, run: str) -> None:
    lost = f"(SELECT run FROM run WHERE judged IS NULL AND status <> 'completed' UNION SELECT {literal(run)})"
    for table in (schema.KEPT_VERDICT, schema.STANDING, schema.BUNDLE):
        connection.execute(f"DELETE FROM {table.name} WHERE run IN {lost}")


# ---- what verdicts depend on ---------------------------------------------------------------------------------------------


def _take_digests(connection: Connection, compiled: Sequence[Compiled]) -> None:
    """The table `foreseen` holds filing, part and digest of every judged filing and every part that has rules."""
    grouped: dict[str, list[Compiled]] = defaultdict(list)
    for one in compiled:
        grouped[one.part].append(one)
    _take_contents(connection, compiled)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE seen AS SELECT j.filing, j.fiscal_year, j.peers, c.digest AS own, "
        f"concat_ws('|', c.digest, j.previous, p.digest) AS previous FROM {JUDGED} j "
        "JOIN content c ON c.filing = j.filing LEFT JOIN content p ON p.filing = j.previous"
    )
    told = []
    for part, rules in grouped.items():
        looked_at = _among(connection, part, rules)
        told.append(
            f"SELECT s.filing, {literal(part)} AS part, md5(concat_ws('|', {literal(_rules_digest(connection, rules))}, {looked_at})) "
            "AS digest FROM seen s"
        )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE foreseen AS {' UNION ALL '.join(told or [_NOTHING])}")
    connection.execute("DROP TABLE content; DROP TABLE seen")


_NOTHING = "SELECT '' AS filing, '' AS part, '' AS digest WHERE false"


def _take_contents(connection: Connection, compiled: Sequence[Compiled]) -> None:
    """The table `content` holds each judged filing and a digest of all rows that these rules may see of it, in whatever order they stand.

    Table by table: summed up in one query, all of them would be in memory at once.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE content_part (filing VARCHAR, part VARCHAR, n BIGINT, h HUGEINT)")
    for part in _contents(compiled):
        connection.execute(f"INSERT INTO content_part {part}")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE content AS SELECT filing, concat_ws(' ', count(*), sum(hash(part, n, h)::HUGEINT)) AS digest "
        "FROM content_part GROUP BY filing"
    )
    connection.execute("DROP TABLE content_part")


def _contents(compiled: Sequence[Compiled]) -> list[str]:
    """SELECTs of judged filings, parts of their contents, and how many rows each part has and what they come to."""
    own = f"filing IN (SELECT filing FROM {JUDGED})"
    tables = dict.fromkeys(table.name for table in (*vocabulary.load().tables, schema.FORM_READING, schema.SENTENCE))
    read = set().union(*(one.reads(tables) for one in compiled)) - {JUDGED}
    parts = [_summed(table, own) for table in tables if table in read]
    parts.append(
        f"SELECT filing, '{JUDGED}' AS part, 1 AS n, hash(t) AS h FROM (SELECT * EXCLUDE (previous, peers) FROM {JUDGED}) t"
    )
    parts.append(
        "SELECT filing, 'filing' AS part, 1 AS n, hash(identity, organisation, fiscal_year, kind, scope, unit, region, published_on) AS h "
        f"FROM filing WHERE {own}"
    )
    return parts


def _summed(table: str, which: str = "true") -> str:
    return f"SELECT filing, '{table}' AS part, count(*) AS n, sum(hash(t)::HUGEINT) AS h FROM {table} t WHERE {which} GROUP BY filing"


def _among(connection: Connection, part: str, rules: Sequence[Compiled]) -> str:
    """The SQL, over `seen` s, of what rules of this part see of a filing and beside it."""
    if part == "own":
        return "s.own"
    if part == "all":
        return literal(_everything(connection))
    looked_at = ["s.previous", "s.peers"][: 1 if part == "previous" else 2]
    queries = dict.fromkeys(found for one in rules for found in one.among)
    for number, (key, query) in enumerate(queries):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE among_{part}_{number} AS "
            f"SELECT {key} AS key, count(*) || ' ' || sum(hash(q)::HUGEINT) AS told FROM ({query}) q GROUP BY 1"
        )
        looked_at.append(f"(SELECT told FROM among_{part}_{number} a WHERE a.key = s.{key})")
    return ", ".join(f"coalesce(CAST({one} AS VARCHAR), '-')" for one in looked_at)


def _everything(connection: Connection) -> str:
    """A digest of all that any rule may read."""
    tables = [
        table.name
        for table in (*vocabulary.load().tables, schema.FORM_READING, schema.SENTENCE, schema.FILING, *_OF_QUERIES)
    ]
    sums = " UNION ALL ".join(
        f"SELECT '{table}' AS part, count(*) AS n, sum(hash(t)::HUGEINT) AS h FROM {table} t" for table in tables
    )
    found = connection.execute(
        f"SELECT string_agg(concat_ws(' ', part, n, h), '|' ORDER BY part) FROM ({sums})"
    ).fetchone()
    return str(found[0]) if found else ""


def _rules_digest(connection: Connection, rules: Sequence[Compiled]) -> str:
    """One word for what these rules are: as SQL, and as whatever else decides what is kept of their verdicts."""
    told = hashlib.sha256("|".join((flows.__version__, fingerprint_sql("i", "r"))).encode())
    for one in sorted(rules, key=lambda each: each.rule.id):
        told.update("\0".join((one.rule.id, one.rule.fingerprint, one.base, one.template)).encode())
    codes = connection.execute(f"SELECT count(*), sum(hash(t)::HUGEINT) FROM {classification.TABLE.name} t").fetchone()
    told.update(str(codes).encode())
    return told.hexdigest()
