"""The proof in small: errors are what they are said to be, and the measures fall when rules are missing or wrong."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from expectations import rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from flows import warehouse
from flows.explain.diagnose import explained
from flows.explain.paper import paper_of
from flows.judge import judge
from flows.read import read_bytes
from flows.recognise import recognise
from tests.alike.compared import judged
from tests.alike.flowing import as_text
from tests.prove.__main__ import main, prove
from tests.prove.direct import disclosed
from tests.prove.errors import TYPES, doubled, dropped, inject, injected, swapped
from tests.prove.filings import generated
from tests.prove.guarding import guarding
from tests.prove.judging import judge_all
from tests.prove.many import load_judged
from tests.prove.report import Proof, page

SEED = 11


def some(*names: str) -> tuple[Compiled, ...]:
    """The rules with these ids, compiled."""
    return verdicts.compile_all(only(*names), vocabulary.load())


_LOAD = rules.load


def only(*names: str) -> RuleBook:
    """The book with no other rules than these."""
    book = _LOAD()
    return replace(book, rules=tuple(rule for rule in book.rules if rule.id in names))


def quiet(_: str) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def everything() -> tuple[Compiled, ...]:
    return verdicts.compile_all(rules.load(), vocabulary.load())


@pytest.fixture(scope="module")
def small(everything: tuple[Compiled, ...]) -> Proof:
    return prove(10, 26, 1, 22, 11, SEED, everything, quiet)


def test_clean_filings_raise_no_alarm_and_errors_are_caught(small: Proof) -> None:
    assert small.outcome.alarms == {}
    assert small.recall >= 0.85
    assert small.guarded >= 0.95


def test_the_page_tells_every_type_and_every_rule(small: Proof) -> None:
    text = page(small)
    assert all(f"| {type_} |" in text for type_ in TYPES)
    assert all(f"`{rule.id}`" in text for rule in small.outcome.book)
    assert Counter(error.type for error in small.outcome.errors) == dict.fromkeys(TYPES, 2)


def test_the_altered_figure_is_suspected_before_others_and_its_error_named(small: Proof) -> None:
    """What is measured is far more than these; below them something is broken."""
    which = small.suspicion
    assert len(which.seen) >= 14 and len(which.both) >= 8
    found, first, named, both, median, largest = (measured for _, measured, _, _ in which.measures())
    assert found >= 0.98 and first >= 0.9 and named >= 0.75 and both >= 0.85
    assert median < 0.2 and largest < 4
    assert {one.previous for one in which.accused} == {True, False}
    text = page(small)
    assert "## Which figure is wrong" in text and "### Two errors in one filing (11)" in text


def test_of_the_parts_of_a_sum_the_one_whose_slip_has_a_name_is_suspected_first(
    everything: tuple[Compiled, ...],
) -> None:
    """The identities allow of any of them: only how it came about tells the altered one from the others."""
    for filing in generated(6, SEED):
        errors = (inject(filing, "unit, ×10,000", Random(f"{filing.name}/{n}")) for n in range(200))
        error = next((one for one in errors if one and one.form == "T06" and re.match(r"\d{5}/", one.place)), None)
        if error is None:
            continue
        found = disclosed(error.published, "spoiled")
        connection = warehouse.connect()
        load_judged(connection, [found])
        warehouse.link(connection)
        told = explained(judge(connection, everything), [one.rule for one in everything], paper_of(found)).diagnoses
        (sets,) = ([suspect.set for suspect in one.suspects] for one in told)
        if max(sets) > 3:
            first = [suspect for one in told for suspect in one.suspects if suspect.set == 1]
            assert [suspect.figure for suspect in first] == [f"T06/{error.place}"]
            assert first[0].hypotheses[0].kind == "unit"
            return
    pytest.fail("no such filing among the generated ones")


def test_without_the_rules_of_a_form_its_figures_are_unguarded() -> None:
    filing = list(generated(1, SEED))
    (figures,) = [guarding(filing, some("T05.row"), quiet)]
    assert all(figure.guarded for figure in figures if (figure.form, figure.column) == ("T05", "合计"))
    assert not any(figure.guarded for figure in figures if figure.form != "T05")


def test_an_inequality_guards_one_side_only() -> None:
    figures = guarding(list(generated(1, SEED)), some("X.T03-T05.total"), quiet)
    shown = {(figure.above, figure.below) for figure in figures if figure.form in ("T03", "T05")}
    assert (True, True) not in shown and (True, False) in shown and (False, True) in shown


def test_a_wrong_rule_is_a_false_alarm_and_fails_the_run() -> None:
    (right,) = some("T05.row")
    wrong = verdicts.compile_rule(replace(right.rule, check="合计 = 项目支出"), vocabulary.load())
    outcome = judge_all(4, 0, SEED, [wrong], quiet)
    proof = Proof(outcome, [], SEED)
    assert proof.alarms > 4
    assert any("false alarm" in line for line in proof.missed())
    assert any("recall" in line for line in proof.missed())


def test_an_error_changes_one_thing_and_says_what() -> None:
    clean = list(generated(8, SEED))
    for at, error in injected(clean, 78, SEED):
        before, after = clean[at].published, error.published
        assert before != after and replace(after, sheets=(), paragraphs=(), tables=()) == replace(
            before, sheets=(), paragraphs=(), tables=()
        )
        changed = [one for one, other in zip(before.paragraphs, after.paragraphs, strict=True) if one != other]
        changed += [s.title for s, t in zip(before.sheets, after.sheets, strict=True) if s != t]
        changed += [s.title for s, t in zip(before.tables, after.tables, strict=True) if s != t]
        assert len(changed) == 1 and error.before != error.after
        if error.type == "truncated, not rounded" and error.form:
            assert not error.beyond and Decimal(error.before) - Decimal(error.after) == Decimal("0.01")


def test_digits_go_wrong_as_named() -> None:
    r = Random(1)
    for _ in range(50):
        assert sorted(swapped("1204.56", r) or "") == sorted("1204.56")
        assert len(dropped("1204.56", r) or "123456") == 6
        assert len(doubled("1204.56", r) or "") == 8
    assert swapped("11.11", r) is None and dropped("5.12", r) is None


def test_an_error_is_judged_alike_in_a_document_and_directly() -> None:
    errors = [error for _, error in injected(list(generated(6, SEED)), 13, SEED + 1)]
    read = {}
    for error in errors:
        read[f"{error.type}, directly"] = disclosed(error.published, "directly")
        read[f"{error.type}, text"] = recognise(read_bytes(as_text(error.published), "a.txt"))
    found = judged(read)
    for error in errors:
        directly, text = found[f"{error.type}, directly"], found[f"{error.type}, text"]
        assert sorted(map(repr, directly)) == sorted(map(repr, text)), error.type


def test_the_command_writes_the_page_and_fails_where_a_budget_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "load", lambda: only("T05.row"))
    target = tmp_path / "proof.md"
    few = ["--filings", "2", "--errors", "13", "--figures", "1", "--pairs", "2", "--page", str(target)]
    assert main(few) == 1
    assert "missed: recall" in capsys.readouterr().out
    assert target.read_text("utf-8").startswith("# 验证")
