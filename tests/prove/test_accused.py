"""Which figure an error altered is read off the filings, not taken from how it was made; and two errors stand apart."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from flows import warehouse
from flows.explain.diagnosis import Diagnosis, Hypothesis, Suspect
from tests.prove.accused import Accused
from tests.prove.altered import altered, by_error
from tests.prove.direct import disclosed
from tests.prove.errors import injected
from tests.prove.filings import generated
from tests.prove.many import load_judged, renamed
from tests.prove.pairs import ALTERING, paired, spoiled
from tests.prove.suspicion import Suspicion, part

SEED = 12


def test_an_error_alters_the_figure_that_it_names_and_no_other() -> None:
    clean = list(generated(4, SEED))
    errors = [(at, error) for at, error in injected(clean, 26, SEED) if error.arithmetic]
    connection = warehouse.connect()
    keys = load_judged(connection, (disclosed(one.published, one.name) for one in clean))
    found = (renamed(disclosed(error.published, f"{n}"), f"某局第{n}处") for n, (_, error) in enumerate(errors))
    spoiled_keys = load_judged(connection, found)
    read = altered(connection, [(keys[at], key) for (at, _), key in zip(errors, spoiled_keys, strict=True)])
    for (_, error), one in zip(errors, read, strict=True):
        (ids,) = by_error((error,), one)
        if error.type == "missing row":
            assert not ids and one.gone and all(f"/{error.place}/" in id for id in one.gone)
            continue
        assert len(ids) in ((1, 2) if error.type == "subtotal not updated" else (1,)), error
        assert not one.gone
        assert {id[:1] for id in ids} == ({"N"} if not error.form else {error.form[:1]})
        shown = [value for value, _ in one.other.values()]
        number = Decimal(error.after.rstrip("%万元"))
        assert any(abs(value) == abs(number) for value in shown), (error, shown)


def test_two_errors_are_in_different_places_and_the_second_is_put_into_what_the_first_left() -> None:
    clean = list(generated(6, SEED))
    for at, (first, second) in paired(clean, 3 * len(ALTERING), SEED):
        assert (first.form, first.place) != (second.form, second.place)
        left = spoiled(clean[at], first)
        assert left.published == first.published
        for mark in left.marks:
            assert left.published.paragraphs[mark.paragraph][mark.start : mark.end] == mark.text
        before, after = left.published, second.published
        changed = [one for one, other in zip(before.paragraphs, after.paragraphs, strict=True) if one != other]
        changed += [s.title for s, t in zip(before.sheets, after.sheets, strict=True) if s != t]
        changed += [s.title for s, t in zip(before.tables, after.tables, strict=True) if s != t]
        assert len(changed) == 1


def test_two_errors_are_told_apart_by_where_they_stand() -> None:
    clean = list(generated(4, SEED))
    pairs = list(paired(clean, 12, SEED))
    connection = warehouse.connect()
    keys = load_judged(connection, (disclosed(one.published, one.name) for one in clean))
    found = (renamed(disclosed(both[1].published, f"{n}"), f"某局第{n}处") for n, (_, both) in enumerate(pairs))
    spoiled_keys = load_judged(connection, found)
    read = altered(connection, [(keys[at], key) for (at, _), key in zip(pairs, spoiled_keys, strict=True)])
    for (_, both), one in zip(pairs, read, strict=True):
        first, second = by_error(both, one)
        assert first and second and not first & second and first | second == set(one.other)


def _suspect(number: int, figure: str, *kinds: str) -> Suspect:
    said = {"zh": "", "en": ""}
    guesses = tuple(Hypothesis(kind, figure, Decimal(1), "万元", said, rank) for rank, kind in enumerate(kinds))
    return Suspect(number, figure, said, Decimal(2), Decimal(1), None, None, "万元", hypotheses=guesses)


def _accused(altered_ids: set[str], *cases: tuple[Suspect, ...], type_: str = "digits swapped") -> Accused:
    error = replace(next(e for _, e in injected(list(generated(1, SEED)), 13, SEED) if e.type == type_))
    diagnoses = tuple(Diagnosis(("a",), "several", case) for case in cases)
    return Accused((error,), (frozenset(altered_ids),), {}, (frozenset({"A", "B"}),), diagnoses, 0.01, True)


def test_a_figure_is_found_where_one_set_holds_all_that_was_altered() -> None:
    assert _accused({"A"}, (_suspect(1, "B"), _suspect(2, "A"))).found()
    assert not _accused({"A", "B"}, (_suspect(1, "B"), _suspect(2, "A"))).found()
    assert _accused({"A", "B"}, (_suspect(1, "B"), _suspect(1, "A"))).found()
    assert not _accused({"A"}, ()).found() and not _accused(set(), (_suspect(1, "B"),)).found()


def test_it_is_first_where_no_case_accuses_another_before_it() -> None:
    assert _accused({"A"}, (_suspect(1, "A"), _suspect(2, "B"))).first()
    assert not _accused({"A"}, (_suspect(1, "B"), _suspect(2, "A"))).first()
    assert not _accused({"A"}, (_suspect(1, "A"),), (_suspect(1, "B"),)).first()
    both = _accused({"A"}, (_suspect(1, "A"), _suspect(1, "B")))
    assert both.first() and not both.exact()


def test_only_the_first_hypothesis_names_the_error() -> None:
    assert _accused({"A"}, (_suspect(1, "A", "digits_swapped", "unit"),)).names()
    assert not _accused({"A"}, (_suspect(1, "A", "unit", "digits_swapped"),)).names()
    assert not _accused({"A"}, (_suspect(1, "B", "digits_swapped"),)).names()
    assert not _accused({"A"}, (_suspect(1, "A"),)).names()


def test_a_budget_that_is_missed_is_told() -> None:
    right, wrong = _accused({"A"}, (_suspect(1, "A", "digits_swapped"),)), _accused({"A"}, (_suspect(1, "B"),))
    two = replace(right, errors=right.errors * 2, altered=(frozenset({"A"}), frozenset({"B"})), diagnoses=(
        Diagnosis(("a",), "one", (_suspect(1, "A"),)), Diagnosis(("b",), "one", (_suspect(1, "B"),))))  # fmt: skip
    assert Suspicion([right, two]).missed() == []
    assert len(Suspicion([right, wrong, two]).missed()) == 3
    assert len(Suspicion([right, two, replace(two, diagnoses=two.diagnoses[:1])]).missed()) == 1
    slow = replace(right, seconds=3.0)
    assert len(Suspicion([slow, right, two]).missed()) == 1
    assert len(Suspicion([slow, slow, two]).missed()) == 2


def test_where_the_year_before_is_not_published_the_page_says_so() -> None:
    wrong = _accused({"A"}, (_suspect(1, "A", "recomputed"),), type_="copied prior-year figure")
    told = "\n".join(part(Suspicion([wrong, replace(wrong, previous=False)])))
    assert "Of the 2 figures of the year before that were not named, 1 are in filings" in told
