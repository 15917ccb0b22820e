"""A generated filing says the same handed over directly and in every format; years tie; the seed decides everything."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from expectations import rules, vocabulary
from expectations.sql import verdicts
from flows import warehouse
from flows.read import read_bytes
from flows.recognise import recognise
from tests.alike.compared import WRITERS, differing, judged, told
from tests.prove.direct import disclosed
from tests.prove.filings import Generated, generated
from tests.prove.invent import department
from tests.prove.judging import run_rules
from tests.prove.many import fill, load, load_judged
from tests.samples.accounts import published

SEED = 5


@pytest.fixture(scope="module")
def few() -> list[Generated]:
    return list(generated(10, SEED))


@pytest.mark.parametrize("number", [1, 9])
def test_every_format_gives_what_is_handed_over_directly(few: list[Generated], number: int, tmp_path: Path) -> None:
    filing = few[number]
    read = {"directly": disclosed(filing.published, "directly")}
    for file, write in WRITERS.items():
        read[file] = recognise(read_bytes(write(filing.published, tmp_path), file.replace(" ", "-")))
    verdicts = judged(read)
    model = told(read["directly"])
    for file, found in read.items():
        for what, one, other in zip(model, model.values(), told(found).values(), strict=True):
            assert not differing(one, other), f"{what} of {file}"
        assert not differing(verdicts["directly"], verdicts[file]), f"verdicts on {file}"


def test_every_printed_amount_of_the_forms_is_a_figure(few: list[Generated]) -> None:
    for filing in few:
        found = disclosed(filing.published, filing.name)
        for sheet in filing.published.sheets:
            put = sorted(cell.value for cell in sheet.cells if isinstance(cell.value, Decimal))
            assert put == sorted(figure.value for figure in found.figures if figure.form == sheet.form), sheet.title
        assert found.reading.unplaced == () and found.reading.doubts == ()


def test_every_mark_is_where_it_says(few: list[Generated]) -> None:
    for filing in few:
        assert len(filing.marks) > 60
        for mark in filing.marks:
            assert filing.published.paragraphs[mark.paragraph][mark.start : mark.end] == mark.text


def test_what_is_left_of_a_year_is_what_the_next_begins_with() -> None:
    for number in range(30):
        first, second, third = department(SEED, number).years
        assert (second.opening, third.opening) == (first.closing, second.closing)
        for year in (second, third):
            assert year.grand_total == year.expenditure() + year.distribution + year.closing
            assert year.general("basic") == year.basic_by_kind()


def test_no_vehicle_costs_more_than_needs_no_explanation() -> None:
    years = [year for number in range(60) for year in department(77, number).years if year.outturn.purchase]
    assert max(year.outturn.purchase for year in years) > 800000
    assert all(year.outturn.purchase <= 300000 * year.holdings.vehicles_bought for year in years)


def test_the_text_compares_with_the_year_before(few: list[Generated]) -> None:
    for before, after in zip(few[::2], few[1::2], strict=True):
        assert before.published.year + 1 == after.published.year
        assert after.prior == before.published
    year = department(SEED, 0).years[2]
    prior = department(SEED, 0).years[1]
    assert f"{published(abs(year.grand_total - prior.grand_total))}万元" in "".join(few[1].published.paragraphs)


def test_the_same_seed_gives_the_same_filings(few: list[Generated]) -> None:
    assert list(generated(10, SEED)) == few
    assert next(generated(1, SEED + 1)) != few[0]
    assert len({filing.name for filing in generated(300, SEED)}) == 300


def test_copies_are_filings_of_their_own_with_the_same_rows() -> None:
    connection = warehouse.connect()
    fill(connection, 9, SEED, distinct=2)
    counts = connection.execute(
        "SELECT count(*), count(DISTINCT identity), count(DISTINCT organisation) FROM filing WHERE current"
    ).fetchone()
    assert counts == (9, 9, 5)
    per_filing = connection.execute(
        "SELECT j.fiscal_year, count(*), sum(e.total) FROM judged_filing j JOIN expenditure e USING (filing) GROUP BY j.filing, 1"
    ).fetchall()
    assert len(per_filing) == 9 and len(set(per_filing)) == 2


def test_filings_loaded_for_judging_alone_are_judged_as_any_other(few: list[Generated]) -> None:
    found = [disclosed(filing.published, filing.name) for filing in few[:2]]
    compiled = verdicts.compile_all(rules.load(), vocabulary.load())
    counts = []
    for way in (load, load_judged):
        connection = warehouse.connect()
        counts.append(run_rules(connection, compiled, way(connection, found), lambda line: None)[0])
    assert counts[0] == counts[1] and sum(counts[0].values()) > 1500
