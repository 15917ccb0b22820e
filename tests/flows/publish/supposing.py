"""Suppositions put into the little warehouse by hand: 档案馆 prints 515.83 where 551.83 was meant."""

from __future__ import annotations

from decimal import Decimal

import duckdb

TOTAL, PART = "T03/2012604/本年支出合计", "T03/2012604/项目支出"
SHARE = "N/0003"
INTO = {
    "diagnosed": "run, filing, root, outcome, findings",
    "suspect": 'run, filing, root, "set", position, figure, label_zh, label_en, printed, repair, least, most, unit, follows',
    "hypothesis": 'run, filing, root, "set", figure, position, kind, value, unit, zh, en',
}


def put(db: duckdb.DuckDBPyConnection, outcome: str = "one", label: str = "") -> tuple[str, str]:
    """What is supposed of the archive bureau's findings is in the warehouse; returns its key and the root's fingerprint.

    `outcome`: "one" total that is wrong; "several": the total or its part; "none", "unfinished" with no figures. `label` is what
    the figure is called.
    """
    found = db.execute(
        "SELECT filing, fingerprint FROM verdict JOIN filing f USING (filing) JOIN (SELECT max(run) AS run FROM run) USING (run) "
        "WHERE f.current AND f.organisation = '示例市档案局' AND rule = 'S.row' AND verdict.status = 'broken'"
    ).fetchone()
    assert found
    filing, root = found
    for table in INTO:
        db.execute(f"DELETE FROM {table}")
    (findings,) = db.execute(
        "SELECT count(*) FROM verdict WHERE run = (SELECT max(run) FROM run) AND filing = ? AND ? IN (fingerprint, root)",
        found,
    ).fetchone() or (0,)
    _insert(db, "diagnosed", "n", filing, root, outcome, findings)
    names = label or "支出决算表“档案馆”本年支出合计", label or "total of 档案馆 in 支出决算表"
    if outcome in ("one", "several"):
        money = [Decimal("515.83"), Decimal("551.83"), Decimal("551.82"), Decimal("551.84"), "万元", False]
        _insert(db, "suspect", "n", filing, root, 1, 1, TOTAL, *names, *money)
        said = "相邻两位数字颠倒：515.83 ↔ 551.83", "two neighbouring digits swapped: 515.83 for 551.83"
        _insert(db, "hypothesis", "n", filing, root, 1, TOTAL, 1, "digits_swapped", Decimal("551.83"), "万元", *said)
        said = "与相邻一格相同", "the same as a cell beside it"
        _insert(db, "hypothesis", "n", filing, root, 1, TOTAL, 2, "neighbouring_cell", Decimal("551.83"), "万元", *said)
    if outcome == "several":
        money = [Decimal("551.83"), Decimal("515.83"), Decimal("500"), None, "万元", False]
        _insert(
            db, "suspect", "n", filing, root, 2, 1, PART, "支出决算表“档案馆”项目支出", "projects of 档案馆", *money
        )
        _insert(db, "suspect", "n", filing, root, 2, 2, SHARE, "占比", "share", *_SHARE)
    return filing, root


_SHARE = (Decimal("86.62"), Decimal("86.26"), Decimal("86.255"), Decimal("86.265"), "%", True)


def _insert(db: duckdb.DuckDBPyConnection, table: str, *row: object) -> None:
    db.execute(f"INSERT INTO {table} ({INTO[table]}) VALUES ({', '.join('?' * len(row))})", list(row))
