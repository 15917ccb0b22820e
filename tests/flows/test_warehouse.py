"""The warehouse: what is loaded once, what becomes a version, and what the derived tables hold."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from expectations import classification, vocabulary
from flows import form_tables, schema, warehouse
from flows.read.document import Place
from flows.recall import stored
from flows.recognise.disclosure import Disclosure, Filing, Relation, Sentence
from tests.flows.small import claim, disclosure, figure, row


def origin(d: Disclosure, source: str = "inbox/园林局.pdf", reader: str = "r1") -> warehouse.Origin:
    return warehouse.Origin(source, d.sha256, 1234, reader)


@pytest.fixture
def store() -> warehouse.Connection:
    return warehouse.connect()


def load(store: warehouse.Connection, d: Disclosure, source: str = "inbox/园林局.pdf", reader: str = "r1") -> list[str]:
    return warehouse.load(store, [(d, origin(d, source, reader))])


def query(store: warehouse.Connection, sql: str) -> list[tuple[Any, ...]]:
    return store.execute(sql).fetchall()


# ---- once, and versions


def test_the_same_bytes_are_recorded_once_with_every_source(store: warehouse.Connection) -> None:
    d = disclosure()
    (key,) = load(store, d)
    assert load(store, d, "inbox/副本.pdf") == []
    assert load(store, d) == []
    assert query(store, "SELECT count(*) FROM document") == [(1,)]
    assert query(store, "SELECT source FROM document_source ORDER BY 1") == [("inbox/副本.pdf",), ("inbox/园林局.pdf",)]
    assert query(store, "SELECT filing, version, current FROM filing") == [(key, 1, True)]
    assert query(store, "SELECT count(*) FROM figure") == [(4,)]
    assert query(store, "SELECT count(*) FROM expenditure") == [(3,)]


def test_sources_of_what_is_seen_again_are_added_all_at_once_and_each_once(store: warehouse.Connection) -> None:
    d = disclosure()
    load(store, d)
    (first,) = query(store, "SELECT first_seen FROM document_source")
    more = [origin(d), origin(d, "inbox/又 '一份'.pdf"), origin(d, "inbox/又 '一份'.pdf"), origin(d, "inbox/3.pdf")]
    for _ in range(2):
        warehouse.add_sources(store, more)
    assert query(store, "SELECT source FROM document_source ORDER BY 1") == [
        ("inbox/3.pdf",),
        ("inbox/又 '一份'.pdf",),
        ("inbox/园林局.pdf",),
    ]
    assert query(store, "SELECT min(first_seen) FROM document_source WHERE source = 'inbox/园林局.pdf'") == [first]
    assert query(store, "SELECT count(*) FROM document_source WHERE first_seen IS NULL") == [(0,)]


def test_a_changed_document_supersedes_and_keeps_the_figures_of_the_former(store: warehouse.Connection) -> None:
    (first,) = load(store, disclosure())
    changed = disclosure("b" * 64, figures=(figure("T03", "合计", "本年支出合计", "99.00"),))
    (second,) = load(store, changed)
    assert query(store, "SELECT filing, version, supersedes, current FROM filing ORDER BY version") == [
        (first, 1, None, False),
        (second, 2, first, True),
    ]
    assert query(store, f"SELECT count(*) FROM figure WHERE filing = '{first}'") == [(4,)]
    assert query(store, "SELECT DISTINCT filing FROM expenditure") == [(second,)]
    assert query(store, "SELECT filing FROM narrative") == [(second,)]


def test_two_versions_in_one_load_leave_only_the_later_in_the_form_tables(store: warehouse.Connection) -> None:
    d, e = disclosure(), disclosure("b" * 64)
    keys = warehouse.load(store, [(d, origin(d)), (e, origin(e))])
    assert query(store, "SELECT DISTINCT filing FROM expenditure") == [(keys[1],)]


def test_a_newer_reader_replaces_what_was_read_and_keeps_the_version(store: warehouse.Connection) -> None:
    (first,) = load(store, disclosure())
    load(store, disclosure("b" * 64))
    better = disclosure(figures=(figure("T03", "合计", "本年支出合计", "100.49"),))
    assert load(store, better, reader="r2") == [first]
    assert query(store, f"SELECT value, count(*) OVER () FROM figure WHERE filing = '{first}'") == [(Decimal("100.49"), 1)]  # fmt: skip
    assert query(store, "SELECT version, current FROM filing ORDER BY 1") == [(1, False), (2, True)]
    assert query(store, f"SELECT count(*) FROM expenditure WHERE filing = '{first}'") == [(0,)]


def test_a_newer_reader_that_finds_another_organisation_gives_the_former_version_back(store: warehouse.Connection) -> None:  # fmt: skip
    (first,) = load(store, disclosure())
    load(store, disclosure("b" * 64))
    moved = disclosure("b" * 64, filing=Filing("某市林业局", 2024, unit="万元"))
    (other,) = load(store, moved, reader="r2")
    assert query(store, "SELECT filing, version, current FROM filing ORDER BY loaded") == [(first, 1, True), (other, 1, True)]  # fmt: skip
    assert query(store, "SELECT filing, count(*) FROM expenditure GROUP BY 1 ORDER BY 1") == sorted([(first, 3), (other, 3)])  # fmt: skip


def test_documents_that_do_not_say_whose_they_are_never_become_versions_of_each_other(store: warehouse.Connection) -> None:  # fmt: skip
    load(store, disclosure(filing=Filing("", 2024)))
    load(store, disclosure("b" * 64, filing=Filing("", 2024)))
    assert query(store, "SELECT version, current FROM filing") == [(1, True), (1, True)]


def test_a_load_that_fails_keeps_nothing_of_itself_and_everything_before(store: warehouse.Connection) -> None:
    (first,) = load(store, disclosure())
    huge = disclosure("c" * 64, claims=(claim(1, "1" + "0" * 40),), relations=())
    with pytest.raises(ValueError, match="claim"):
        load(store, huge)
    assert query(store, "SELECT filing, current FROM filing") == [(first, True)]
    assert query(store, "SELECT count(*) FROM document") == [(1,)]


def test_an_unreadable_document_is_recorded_with_its_reason(store: warehouse.Connection) -> None:
    refusal = warehouse.Refusal("empty", {"zh": "文件为空", "en": "the file is empty"})
    warehouse.record_unreadable(store, warehouse.Origin("inbox/空.pdf", "e" * 64, 0, "r1"), refusal)
    assert query(store, "SELECT source, status, reason, message_zh FROM document") == [
        ("inbox/空.pdf", "unreadable", "empty", "文件为空")
    ]
    assert warehouse.known(store) == {"e" * 64: "r1"}


def test_a_reader_that_fails_later_does_not_lose_what_an_earlier_one_read(store: warehouse.Connection) -> None:
    d = disclosure()
    load(store, d)
    warehouse.record_unreadable(
        store, origin(d, reader="r2"), warehouse.Refusal("truncated", {"zh": "截断", "en": "cut"})
    )
    assert query(store, "SELECT status FROM document") == [("read",)]
    assert query(store, "SELECT count(*) FROM figure") == [(4,)]


# ---- derived tables


def test_amounts_become_wan_exactly_whatever_their_unit(store: warehouse.Connection) -> None:
    figures = (
        figure("T03", "合计", "本年支出合计", "1005000.01", "元"),
        figure("T03", "合计", "基本支出", "0.02", "亿元"),
    )
    load(store, disclosure(figures=figures, relations=()))
    found = query(store, "SELECT total, basic, project, ulp FROM expenditure WHERE row_key = '合计'")
    assert found == [(Decimal("100.500001"), Decimal("200"), None, Decimal("100"))]
    assert query(store, "SELECT value, unit, raw FROM figure ORDER BY rowid LIMIT 1") == [
        (Decimal("1005000.01"), "元", "1005000.01")
    ]


def test_a_blank_cell_stays_null_and_its_row_has_the_forms_precision(store: warehouse.Connection) -> None:
    load(store, disclosure())
    assert query(store, "SELECT row_key, total, basic, ulp FROM expenditure ORDER BY position") == [
        ("合计", Decimal("100.5"), Decimal("60.5"), Decimal("0.01")),
        ("212", Decimal("100.5"), None, Decimal("0.01")),
        ("2120501", None, None, Decimal("0.01")),
    ]


def test_forms_of_fixed_lines_have_one_row_a_filing_even_when_missing(store: warehouse.Connection) -> None:
    lines = (row("T01", "本年收入合计", 0), row("T01", "收入总计", 1))
    figures = (figure("T01", "本年收入合计", "决算数", "12.30"), figure("T01", "收入总计", "决算数", "12.3"))
    (key,) = load(store, disclosure(rows=lines, figures=figures, relations=()))
    assert query(store, "SELECT filing, income_total, income_grand_total, income_other FROM income_expenditure_summary") == [
        (key, Decimal("12.3"), Decimal("12.3"), None)
    ]  # fmt: skip
    assert query(store, "SELECT filing, total_budget FROM three_public_expenses") == [(key, None)]
    assert query(store, "SELECT row_key FROM income_expenditure_summary_line ORDER BY position") == [
        ("本年收入合计",), ("收入总计",)
    ]  # fmt: skip


def test_performance_tables_keep_scores_rates_and_measures_with_their_own_precision(store: warehouse.Connection) -> None:  # fmt: skip
    part = "绿化/养护"
    figures = (
        figure("P02", "年度资金总额", "全年预算数", "90.0", part=part),
        figure("P02", "年度资金总额", "执行率", "95.5", "%", part=part),
        figure("P02", "年度资金总额", "年度指标值", "10", "次", part=part),
    )
    load(store, disclosure(rows=(row("P02", "年度资金总额", 0, part=part),), figures=figures, relations=()))
    columns = "part, full_year_budget, ulp, execution_rate, execution_rate_ulp, target, target_unit, points_ulp"
    assert query(store, f"SELECT {columns} FROM project_performance") == [
        (part, Decimal(90), Decimal("0.1"), Decimal("95.5"), Decimal("0.1"), Decimal(10), "次", None)
    ]


def test_a_decrease_is_negative_in_signed_roles_and_the_rate_keeps_its_percent(store: warehouse.Connection) -> None:
    load(store, disclosure())
    columns = "rate, rate_ulp, rate_id, change, current, prior, direction"
    assert query(store, f"SELECT {columns} FROM narrative_change_pct") == [
        (Decimal("-3.5"), Decimal("0.1"), "N/0002", Decimal("-3.65"), Decimal("100.5"), None, "down")
    ]


def test_members_of_a_sum_may_be_figures_of_a_form(store: warehouse.Connection) -> None:
    load(store, disclosure())
    assert query(store, "SELECT parts, parts_id FROM narrative_sum_member ORDER BY position") == [
        (Decimal("60.5"), "T03/合计/基本支出"),
        (Decimal("40"), "T03/合计/项目支出"),
    ]


@pytest.mark.parametrize(
    ("cell", "printed"),
    [
        ("T03/合计/本年支出合计", Decimal("100.5")),
        ("T03/合计/经营支出", Decimal(0)),  # the row is there, the cell blank
        ("T03/299/本年支出合计", None),  # no such row
        ("T08/合计/本年支出", Decimal(0)),  # the form says that it is empty
        ("T09/合计/本年支出", None),  # the form is missing
    ],
)
def test_a_citation_finds_its_cell_or_says_why_not(
    store: warehouse.Connection, cell: str, printed: Decimal | None
) -> None:
    cited = Relation("R/9", "citation", {"stated": "N/0001", "printed": cell}, 0)
    load(store, disclosure(relations=(cited,)))
    assert query(store, "SELECT stated, printed, printed_id FROM narrative_citation") == [(Decimal("100.5"), printed, cell)]  # fmt: skip


def test_a_number_too_large_to_be_money_makes_its_form_unreadable(store: warehouse.Connection) -> None:
    load(store, disclosure(figures=(figure("T03", "合计", "本年支出合计", "1234567890123456"),), relations=()))
    status, reason = query(store, "SELECT status, reason_zh FROM form_reading WHERE form = 'T03'")[0]
    assert status == "unreadable" and "1234567890123456" in reason
    assert query(store, "SELECT count(*) FROM expenditure") == [(0,)]


# ---- schema


def test_every_table_and_column_of_a_warehouse_file_has_a_chinese_comment(tmp_path: Path) -> None:
    store = warehouse.connect(tmp_path / "w.duckdb")
    without = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = ''"
    assert query(store, without) == []
    assert query(store, "SELECT table_name FROM duckdb_tables() WHERE coalesce(comment, '') = ''") == []


def test_what_is_recalled_is_what_was_loaded(store: warehouse.Connection) -> None:
    d = disclosure()
    (key,) = load(store, d)
    again = stored(store, key)
    assert replace(again, relations=()) == replace(d, source="inbox/园林局.pdf", relations=())
    assert [(r.id, r.roles, r.parts, r.text or {}) for r in again.relations] == [
        (r.id, r.roles, r.parts, r.text or {}) for r in d.relations
    ]


def test_a_warehouse_of_an_older_vocabulary_gets_its_form_tables_anew(tmp_path: Path) -> None:
    store = warehouse.connect(tmp_path / "w.duckdb")
    load(store, disclosure())
    before = query(store, "SELECT * FROM expenditure ORDER BY position")
    store.execute("ALTER TABLE expenditure DROP COLUMN project")
    store.execute("DROP TABLE narrative_sum")
    store.execute("ALTER TABLE classification DROP COLUMN position")
    store.execute("ALTER TABLE document DROP COLUMN reason")
    store.close()
    store = warehouse.connect(tmp_path / "w.duckdb")
    assert query(store, "SELECT * FROM expenditure ORDER BY position") == before
    assert query(store, "SELECT whole FROM narrative_sum") == [(Decimal("100.5"),)]
    assert query(store, "SELECT reason FROM document") == [(None,)]
    assert query(store, "SELECT count(*) FROM income_expenditure_summary") == [(1,)]
    assert query(store, "SELECT max(position) FROM classification") == [(len(classification.rows()) - 1,)]


def test_verdicts_of_an_older_warehouse_stay_each_with_its_run(tmp_path: Path) -> None:
    store = warehouse.connect(tmp_path / "w.duckdb")
    store.execute("DROP VIEW verdict")
    store.execute("DROP TABLE kept_verdict")
    older = [f'"{column.name}" {column.sql}' for column in schema.VERDICT.columns if column.name != "root"]
    store.execute(f"CREATE TABLE verdict ({', '.join(older)})")
    store.execute("INSERT INTO verdict (run, rule) VALUES ('r', 'T03.row'), ('s', 'T03.row')")
    store.execute("DROP TABLE rule_count")
    store.close()
    for _ in range(2):
        store = warehouse.connect(tmp_path / "w.duckdb")
        assert query(store, "SELECT run, rule, root FROM verdict ORDER BY run") == [
            ("r", "T03.row", None),
            ("s", "T03.row", None),
        ]
        assert query(store, "SELECT run, verdicts FROM rule_count ORDER BY run") == [("r", 1), ("s", 1)]
        assert [name for name, *_ in query(store, "DESCRIBE verdict")] == [one.name for one in schema.VERDICT.columns]
        store.close()


def test_a_verdict_stands_in_every_run_that_rests_on_it(store: warehouse.Connection) -> None:
    store.execute("INSERT INTO kept_verdict (run, rule, bundle) VALUES ('r', 'T03.row', 1), ('s', 'T03.rollup', 2)")
    store.execute("INSERT INTO standing VALUES ('r', 1), ('s', 1), ('s', 2)")
    rows = [("r", "T03.row"), ("s", "T03.rollup"), ("s", "T03.row")]
    assert query(store, "SELECT run, rule FROM verdict ORDER BY ALL") == rows


def test_derived_rows_fit_the_tables_of_the_vocabulary() -> None:
    words = vocabulary.load()
    widths = {table.name: len(table.columns) for table in words.tables}
    for name, rows in form_tables.derived_rows("f", disclosure(), words).items():
        assert {len(one) for one in rows} <= {widths[name]}, name


def test_a_filing_of_usual_size_loads_quickly(store: warehouse.Connection) -> None:
    rows = tuple(row("T03", str(2010100 + n), n) for n in range(200))
    figures = tuple(
        figure("T03", str(2010100 + n), c, "12.34") for n in range(200) for c in ("本年支出合计", "基本支出")
    )
    claims = tuple(claim(n, "12.34") for n in range(1, 100))
    sentences = tuple(Sentence(n, "一/二", "本年支出12.34万元。" * 5, Place(page=7)) for n in range(300))
    usual = disclosure(rows=rows, figures=figures, claims=claims, sentences=sentences)
    load(store, disclosure("d" * 64, filing=Filing("某市水务局", 2024)))  # warm
    start = time.process_time()
    load(store, usual)
    elapsed = time.process_time() - start
    print(f"loading one filing: {elapsed * 1000:.0f} ms")
    assert elapsed < 1  # 0.1 s of a quiet processor
