"""A large night made by the database itself, and what a site's search index hands over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from expectations import vocabulary
from expectations.rules import RuleBook
from flows.publish.content import queries
from flows.publish.content.reckoned import Reckoned
from flows.publish.press import Press, set_up
from tests.flows.publish import little

MANY = """
INSERT INTO document (sha256, source, media_type, status) VALUES ('s', 'accounts.pdf', 'application/pdf', 'read');
INSERT INTO filing (filing, identity, organisation, fiscal_year, kind, scope, unit, region, version, document, current)
    SELECT 'f' || i, 'f' || i, CASE WHEN i = 7 THEN $hostile ELSE '示例省第' || (i % 97) || '市第' || (i // 20) || '区'
        || ['教育', '水务', '档案', '民政', '财政', '卫生健康', '交通运输', '文化和旅游'][1 + i % 8] || '局' END,
        2020 + i % 5, 'final_accounts', 'department', '万元', '示例省第' || (i % 97) || '市第' || (i // 20) || '区', 1, 's', true
    FROM range($filings) t(i);
INSERT INTO judged_filing (filing, organisation, fiscal_year, region, level)
    SELECT filing, organisation, fiscal_year, region, 'county' FROM filing;
INSERT INTO form_row (filing, form, part, row_key, label)
    SELECT f.filing, 'T03', '', 'k' || j, CASE WHEN f.filing = 'f7' THEN $hostile ELSE '第' || j || '项支出' END
    FROM filing f, range(10) t(j);
INSERT INTO figure (filing, id, form, part, row_key, "column", value, page)
    SELECT filing, 'T03/' || row_key, 'T03', '', row_key, '本年支出合计', 1, 8 FROM form_row;
INSERT INTO run (run, started, status) VALUES ('night', TIMESTAMP '2025-09-01 02:00:00', 'completed');
INSERT INTO kept_verdict (run, rule, filing, instance, status, stated, computed, difference, bound, unexplained, measure, terms, fingerprint, root)
    SELECT 'night', ['S.row', 'S.rollup', 'S.share', 'S.state', 'S.row'][1 + j % 5], filing, 'k' || j, 'broken', 100 + j, 90 + j, size, 0.01, size - 0.01,
        'amount', [{side: 'stated', sign: '+', id: 'T03/k' || j, label: '', value: 100 + j, radius: 0.005}], md5(filing || j),
        CASE WHEN j % 5 = 4 THEN md5(filing || (j - 1)) END
    FROM (SELECT filing, j, (hash(filing || j) % 1000000 / 100)::DECIMAL(18, 2) AS size FROM filing, range(10) t(j));
INSERT INTO kept_verdict (run, rule, filing, instance, status, measure, reason, fingerprint)
    SELECT 'night', 'S.state', filing, 'u' || j, 'not_verifiable', 'amount', ['no_previous', 'form_missing:T02'][1 + j], md5('u' || filing || j)
    FROM filing, range(2) t(j);
"""


def crowd(db: duckdb.DuckDBPyConnection, filings: int) -> None:
    """A night of so many filings is in the warehouse, one of them hostile."""
    given = {"filings": filings, "hostile": little.HOSTILE + "\u2028"}
    for statement in MANY.split(";\n")[:-1]:
        db.execute(statement, {name: value for name, value in given.items() if f"${name}" in statement})


def part(path: Path) -> dict[str, Any]:
    """What a part of the index hands over."""
    name, number, columns = json.loads("[" + path.read_text("utf-8").removeprefix("hedui(").removesuffix(");\n") + "]")
    assert path.name in (f"{name}-{number}.js", f"{name}.js")
    return columns


def parts(site: Path, name: str) -> list[dict[str, Any]]:
    found = sorted((site / "search").glob(f"{name}-*.js"), key=lambda path: int(path.stem.rpartition("-")[2]))
    return [part(path) for path in found]


def pressed(db: duckdb.DuckDBPyConnection, book: RuleBook) -> Press:
    return set_up(queries.night(Reckoned(db)), book, vocabulary.load())
