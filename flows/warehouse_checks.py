"""Whether a warehouse is consistent: nothing without what it belongs to, nothing twice, every count what its tables say.

Keys and codes of the tables that rules run on are checked each night by the suites of the kind "structure"; here are the tables
of what was collected, read and judged, and what holds between tables. All is asked of the database, set-wise; nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.vocabulary import JUDGED, Form, load, row_table
from flows import schema
from flows.form_tables import JUDGED_KINDS
from flows.recognise.disclosure import SET_ASIDE
from flows.sql import literal
from flows.warehouse import Connection


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """`count` rows of `table` are not as they must be; `example` names one; `zh` and `en` say what is wrong with them.

    `kind` is orphan, duplicate or count.
    """

    kind: str
    table: str
    count: int
    example: str
    zh: str
    en: str

    def text(self, lang: str = "zh") -> str:
        """One line."""
        if lang == "zh":
            return f"{self.table}：{self.count} 行{self.zh}（如 {self.example}）"
        return f"{self.table}: {self.count} rows {self.en} (such as {self.example})"


@dataclass(frozen=True, slots=True)
class _Check:
    """`sql` yields one text for each row that is not as it must be."""

    kind: str
    table: str
    sql: str
    zh: str
    en: str


KEYS = {
    schema.DOCUMENT.name: ("sha256",),
    schema.DOCUMENT_SOURCE.name: ("sha256", "source"),
    schema.FILING.name: ("filing",),
    schema.FORM_READING.name: ("filing", "form"),
    schema.FORM_ROW.name: ("filing", "form", "part", "row_key"),
    schema.FIGURE.name: ("filing", "id"),
    schema.SENTENCE.name: ("filing", "position"),
    schema.CLAIM.name: ("filing", "id"),
    schema.RUN.name: ("run",),
    schema.VERDICT.name: ("run", "rule", "filing", "instance"),
    schema.DIAGNOSED.name: ("filing", "root"),
    schema.SUSPECT.name: ("filing", "root", "set", "figure"),
    schema.HYPOTHESIS.name: ("filing", "root", "set", "figure", "position"),
}
"""What tells one row of a table from every other."""


def inconsistencies(connection: Connection) -> list[Inconsistency]:
    """All that is inconsistent in the warehouse; [] when nothing is. Between two nights only: one that runs changes it in steps."""
    found = []
    for check in _checks():
        count, example = connection.execute(f"SELECT count(*), min(what) FROM ({check.sql}) t(what)").fetchone() or (
            0,
            "",
        )
        if count:
            found.append(Inconsistency(check.kind, check.table, count, str(example), check.zh, check.en))
    return found


def _checks() -> Iterator[_Check]:
    yield from _orphans()
    for table, key in KEYS.items():
        yield _twice(table, key)
    yield from _versions()
    yield from _counts()
    yield from _derived()
    yield from _diagnoses()


# ---- orphans ------------------------------------------------------------------------------------------------------------


def _orphans() -> Iterator[_Check]:
    document, filing, run = schema.DOCUMENT.name, schema.FILING.name, schema.RUN.name
    yield _without(schema.DOCUMENT_SOURCE.name, "sha256", document, "sha256", "文档", "document")
    yield _without(document, "sha256", schema.DOCUMENT_SOURCE.name, "sha256", "来源", "source")
    yield _without(filing, "document", document, "sha256", "文档", "document")
    for table in (*schema.READ_TABLES, schema.VERDICT):
        yield _without(table.name, "filing", filing, "filing", "决算", "filing")
    for derived in load().tables:
        if any(column.name == "filing" for column in derived.columns):
            yield _without(
                derived.name,
                "filing",
                f"(SELECT filing FROM {filing} WHERE current)",
                "filing",
                "现行决算",
                "current filing",
            )
    judged = f"(SELECT run FROM {run} WHERE status = 'completed' OR judged IS NOT NULL)"
    yield _without(schema.VERDICT.name, "run", judged, "run", "核对完毕的运行", "run that had judged all")
    supersedes = f"(SELECT supersedes AS filing FROM {filing} WHERE supersedes IS NOT NULL)"
    yield _without(supersedes, "filing", filing, "filing", "被取代的决算", "filing that was superseded", filing)


def _without(table: str, column: str, other: str, key: str, zh: str, en: str, named: str = "") -> _Check:
    source = table if table.startswith("(") else f'"{table}"'
    target = other if other.startswith("(") else f'"{other}"'
    sql = f'SELECT t."{column}" FROM {source} t ANTI JOIN {target} o ON o."{key}" = t."{column}"'
    return _Check("orphan", named or table, sql, f"没有对应的{zh}", f"have no {en}")


# ---- duplicates ---------------------------------------------------------------------------------------------------------


def _twice(table: str, key: tuple[str, ...]) -> _Check:
    columns = ", ".join(f'"{name}"' for name in key)
    sql = f"SELECT concat_ws('/', {columns}) FROM \"{table}\" GROUP BY {columns} HAVING count(*) > 1"
    return _Check(
        "duplicate", table, sql, f"重复（{'、'.join(key)}）", f"stand there more than once ({', '.join(key)})"
    )


def _versions() -> Iterator[_Check]:
    """One document, one filing; of each filing's versions exactly one is current, the last one, and they follow each other."""
    filing = schema.FILING.name
    one = f"SELECT document FROM {filing} GROUP BY document HAVING count(*) > 1"
    yield _Check("duplicate", filing, one, "出自同一文档", "are of one document")
    current = f"SELECT identity FROM {filing} GROUP BY identity HAVING count(*) FILTER (current) <> 1"
    yield _Check("count", filing, current, "不是恰有一个现行版本", "have not exactly one current version")
    last = f"SELECT identity FROM {filing} GROUP BY identity HAVING arg_max(current, version) IS NOT true"
    yield _Check("count", filing, last, "的现行版本不是最新版本", "have a current version that is not the last")
    twice = f"SELECT identity FROM {filing} GROUP BY identity, version HAVING count(*) > 1"
    yield _Check("duplicate", filing, twice, "版本号重复", "have one version's number twice")


# ---- counts -------------------------------------------------------------------------------------------------------------


def _counts() -> Iterator[_Check]:
    document, filing, unplaced = schema.DOCUMENT.name, schema.FILING.name, schema.UNPLACED.name
    read = f"SELECT d.sha256 FROM {document} d ANTI JOIN {filing} f ON f.document = d.sha256 WHERE d.status = 'read'"
    yield _Check("count", document, read, "已读取却没有决算", "were read and have no filing")
    left = (
        f"SELECT f.filing FROM {filing} f LEFT JOIN (SELECT filing, count(*) AS n FROM {unplaced} GROUP BY 1) u USING (filing) "
        "WHERE f.numbers_seen - f.numbers_placed <> coalesce(u.n, 0)"
    )
    yield _Check(
        "count", filing, left, "已读未归位的数字与记录不符", "have other unplaced numbers than seen less placed"
    )
    verdicts = (
        f"SELECT r.run FROM {schema.RUN.name} r ANTI JOIN {schema.VERDICT.name} v ON v.run = r.run "
        "WHERE r.status = 'completed' AND r.filings > 0 AND r.rules > 0 AND r.started = (SELECT max(started) FROM run WHERE status = 'completed')"
    )
    yield _Check("count", schema.RUN.name, verdicts, "已完成却没有判定", "were completed and have no verdicts")
    running = f"SELECT run FROM {schema.RUN.name} WHERE status NOT IN ('completed', 'failed')"
    yield _Check(
        "count",
        schema.RUN.name,
        running,
        "没有结束（被中断，下次运行会清理）",
        "have not ended (cut off; the next run mends that)",
    )


def _derived() -> Iterator[_Check]:
    """The tables that rules run on hold every current filing that is judged, and its rows and figures as they were read."""
    aside = f"NOT list_contains({literal(list(SET_ASIDE))}, f.kind)"
    for table, kinds in ((JUDGED, f"list_contains({literal(list(JUDGED_KINDS))}, f.kind)"), ("narrative", aside)):
        absent = f"SELECT f.filing FROM {schema.FILING.name} f ANTI JOIN {table} j ON j.filing = f.filing WHERE f.current AND {kinds}"
        yield _Check(
            "count", table, absent, "缺：现行决算未列入核对", "are missing: current filings that are not judged"
        )
    for form in load().forms.values():
        yield _as_read(form, aside)


def _as_read(form: Form, judged: str) -> _Check:
    """The form's table has as many rows and values as were read of it, in each current filing where it was read."""
    values = " + ".join(f'count("{column.en}")' for column in form.columns)
    columns = literal([column.zh for column in form.columns])
    name, id_ = row_table(form), literal(form.id)
    sql = (
        f"WITH f AS (SELECT f.filing FROM {schema.FILING.name} f ANTI JOIN {schema.FORM_READING.name} u "
        f"ON u.filing = f.filing AND u.form = {id_} AND u.status = 'unreadable' WHERE f.current AND {judged}), "
        f'held AS (SELECT filing, count(*) AS rows, {values} AS figures FROM "{name}" GROUP BY filing), '
        f"read AS (SELECT filing, count(*) AS rows FROM {schema.FORM_ROW.name} WHERE form = {id_} GROUP BY filing), "
        f'printed AS (SELECT filing, count(DISTINCT (part, row_key, "column")) AS figures FROM {schema.FIGURE.name} '
        f"SEMI JOIN {schema.FORM_ROW.name} r USING (filing, form, part, row_key) "
        f'WHERE form = {id_} AND list_contains({columns}, "column") GROUP BY filing) '
        "SELECT f.filing FROM f LEFT JOIN held USING (filing) LEFT JOIN read USING (filing) LEFT JOIN printed USING (filing) "
        "WHERE coalesce(held.rows, 0) <> coalesce(read.rows, 0) OR coalesce(held.figures, 0) <> coalesce(printed.figures, 0)"
    )
    return _Check(
        "count",
        name,
        sql,
        "：这些决算的行数或数字个数与读取的不同",
        ": filings with other rows or figures than were read",
    )


def _diagnoses() -> Iterator[_Check]:
    """What is supposed is about findings that stand now, each the root of as many as are said to hang together."""
    diagnosed, suspect, hypothesis = (table.name for table in schema.DIAGNOSES)
    last = (
        "(SELECT run FROM run WHERE judged IS NOT NULL OR status = 'completed' ORDER BY started DESC, run DESC LIMIT 1)"
    )
    stands = (
        f"SELECT filing, coalesce(root, fingerprint) AS root, count(*) AS n, bool_or(root IS NULL) AS here FROM {schema.VERDICT.name} "
        f"WHERE run = {last} AND status = 'broken' GROUP BY ALL"
    )
    lost = f"SELECT d.root FROM {diagnosed} d LEFT JOIN ({stands}) s USING (filing, root) WHERE s.here IS NOT true"
    yield _Check("orphan", diagnosed, lost, "没有对应的问题", "have no finding")
    other = f"SELECT d.root FROM {diagnosed} d JOIN ({stands}) s USING (filing, root) WHERE d.findings <> s.n"
    yield _Check("count", diagnosed, other, "的问题数与判定不符", "have other numbers of findings than the verdicts")
    for table, of, key in ((suspect, diagnosed, "filing, root"), (hypothesis, suspect, 'filing, root, "set", figure')):
        alone = f"SELECT root FROM {table} ANTI JOIN {of} USING ({key})"
        yield _Check("orphan", table, alone, f"没有对应的 {of}", f"have no row in {of}")
    empty = (
        f'SELECT d.root FROM {diagnosed} d LEFT JOIN (SELECT filing, root, max("set") AS sets FROM {suspect} GROUP BY ALL) s '
        "USING (filing, root) WHERE CASE outcome WHEN 'one' THEN sets IS DISTINCT FROM 1 WHEN 'several' THEN coalesce(sets, 0) < 2 "
        "WHEN 'none' THEN sets IS NOT NULL ELSE outcome <> 'unfinished' END"
    )
    yield _Check("count", diagnosed, empty, "的结果与疑误数字不符", "have other suspects than their outcome says")
