"""The bench keeps working, measures the same disclosure in every format, and fails when a budget is missed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.read import read_bytes
from flows.recognise import recognise
from tests.bench import __main__ as bench
from tests.bench.documents import other_samples, scan_sample
from tests.bench.measures import Measure, ocr
from tests.flows.read import paper

Write = Callable[[str, str | bytes], Path]


def little_pdf() -> bytes:
    return paper.pdf(lambda canvas: paper.text(canvas, 80, 80, "本年支出合计80.25万元。"))


def test_one_round_over_small_files_measures_everything(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    files = [write("小.pdf", little_pdf()), write("小.txt", "本年支出合计80.25万元。")]
    status = bench.main(["--json", "--rounds", "1", *map(str, files)])
    told = json.loads(capsys.readouterr().out)
    measured = {one["name"].strip(): one for one in told["measures"]}
    assert {
        "reading 小.pdf",
        "reading txt",
        "all PDF: computing time against pdfium's text",
        "all PDF: pdfplumber's tables against ours",
        "recognising 小.pdf",
        "memory for 小.pdf",
        "memory for txt",
        "hedui check 小.pdf",
    } <= set(measured)
    assert all(one["median"] > 0 or one["note"] for one in told["measures"])
    assert 10 < measured["memory for 小.pdf"]["median"] < 300
    assert (status == 0) == told["met"] == all(one["met"] is not False for one in told["measures"])


def test_every_format_holds_the_same_figures() -> None:
    found = {
        sample.format: {(figure.form, figure.row_key, figure.column, figure.value) for figure in recognised.figures}
        for sample in other_samples()
        for recognised in [recognise(read_bytes(sample.data, sample.name))]
    }
    assert set(found) == {"xlsx", "xls", "ods", "docx", "html", "txt", "csv"}
    assert len(found["xlsx"]) > 200 and all(figures == found["xlsx"] for figures in found.values())


def test_a_scan_is_measured_or_says_why_not() -> None:
    measure = ocr(scan_sample(), rounds=1)
    assert measure.value or measure.note.startswith("not measured: ")


@pytest.mark.parametrize(
    ("measure", "met"),
    [
        (Measure("a", "×", (1.0, 2.9, 9.0), 3), True),
        (Measure("a", "×", (1.0, 3.1, 9.0), 3), False),
        (Measure("a", "×", (9.0, 10.0, 99.0), 10, at_most=False), True),
        (Measure("a", "×", (9.0, 9.9, 99.0), 10, at_most=False), False),
        (Measure("a", "×", (1.0,)), None),
        (Measure("a", "×", (), 3, note="not measured: why"), None),
    ],
)
def test_the_median_decides_and_a_missed_budget_is_exit_1(
    measure: Measure,
    met: bool | None,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bench, "all_measures", lambda samples, rounds: [measure])
    assert measure.met is met
    assert bench.main([str(write("小.txt", "甲"))]) == (1 if met is False else 0)
    printed = capsys.readouterr().out
    assert ("MISSED" in printed) == (met is False) and ("not measured: why" in printed) == (not measure.values)


@pytest.mark.parametrize(
    ("arguments", "judged", "published", "nightly"),
    [([], 2000, 60, []), (["--at-scale"], 100_000, 10_000, [10_000]), (["--filings", "70"], 70, 60, [])],
)
def test_at_scale_everything_is_of_as_many_as_the_budgets_are_for(
    arguments: list[str], judged: int, published: int, nightly: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, list[int]] = {"judging": [], "publishing": [], "night": []}

    def measured(name: str) -> Callable[..., list[Measure]]:
        return lambda filings, *_: asked[name].append(filings) or [Measure(name, "s", (1.0,))]  # type: ignore[func-returns-value]

    for name in asked:
        monkeypatch.setattr(bench, name, measured(name))
    monkeypatch.setattr(bench, "all_measures", lambda *_: [])
    monkeypatch.setattr(bench, "ocr", lambda *_: Measure("scan", "s", (1.0,)))
    for name in ("pdf_samples", "other_samples", "scan_sample"):
        monkeypatch.setattr(bench, name, list)
    assert bench.main(arguments) == 0
    assert asked == {"judging": [judged], "publishing": [published], "night": nightly}
