"""Which figures may be wrong, case by case: what the identities of a small filing allow one to suppose, in memory and in the warehouse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

import pytest

from flows import warehouse
from flows.check import SCHEMA
from flows.explain import ties
from flows.explain.diagnose import Explained, explained
from flows.explain.diagnosis import KINDS, Diagnosis, Printed
from flows.explain.paper import Paper
from tests.flows.explain.accounts import AMOUNTS, Identity, filing, identities, rules_of

CENT = Decimal("0.01")


def paper(printed: Mapping[str, Decimal], unit: str = "万元") -> Paper:
    """All that is printed, each figure under its id; rates of the narrative are those named in `accounts`."""
    made = {}
    for order, (id, value) in enumerate(printed.items()):
        form, _, rest = id.partition("/")
        row, _, column = rest.partition("/") if form != "N" else ("", "", "")
        shown = "%" if id in ("N/0004", "N/0005") else unit
        made[id] = Printed(id, form, "", row, column, {"zh": id, "en": id}, value, shown, CENT, f"{value}", order)
    return Paper(made)


def look(printed: Mapping[str, Decimal], known: list[Identity] | None = None) -> Explained:
    listed = known or identities()
    return explained([one.verdict(printed) for one in listed], rules_of(listed), paper(printed))


def only(told: Explained) -> Diagnosis:
    (one,) = told.diagnoses
    return one


def test_nothing_is_supposed_of_a_consistent_filing() -> None:
    assert look(filing(AMOUNTS)) == Explained({}, (), {})


def test_swapped_digits_are_found_with_what_the_figure_should_read_and_all_findings_that_this_clears() -> None:
    printed = filing(AMOUNTS) | {"T03/2010102/基本": Decimal("90.37")}  # ← 93.07
    told = only(look(printed))
    assert told.outcome == "one" and len(told.findings) == 3
    (suspect,) = told.suspects
    assert (suspect.figure, suspect.printed, suspect.repair) == ("T03/2010102/基本", Decimal("90.37"), Decimal("93.07"))
    assert suspect.least is not None and suspect.most is not None and suspect.least <= Decimal("93.07") <= suspect.most
    assert not suspect.follows and suspect.hypotheses[0].kind in KINDS


def test_where_identities_cannot_tell_every_figure_that_may_be_wrong_is_named() -> None:
    known = [Identity("sum", "T03/合计/合计", ("T03/a/合计", "T03/b/合计"))]
    printed = {"T03/合计/合计": Decimal("100.00"), "T03/a/合计": Decimal("63.21"), "T03/b/合计": Decimal("39.46")}
    told = only(look(printed, known))
    assert told.outcome == "several" and {one.figure for one in told.suspects} == set(printed)
    assert {one.figure: one.repair for one in told.suspects}["T03/合计/合计"] == Decimal("102.67")
    assert sorted(one.set for one in told.suspects) == [1, 2, 3]


def test_a_figure_in_another_unit_is_mended_in_its_own() -> None:
    """Verdicts know amounts in 万元; the form prints them in 元."""
    known = [Identity("agree", "T03/a/合计", ("T05/a/合计",)), Identity("third", "T01/a/合计", ("T05/a/合计",))]
    known.append(Identity("other", "T01/a/合计", ("T03/a/合计",)))
    judged = dict.fromkeys(("T01/a/合计", "T05/a/合计"), Decimal("12.34")) | {"T03/a/合计": Decimal("12.43")}
    sheet = paper({id: value * 10000 for id, value in judged.items()}, "元")
    told = only(explained([one.verdict(judged) for one in known], rules_of(known), sheet))
    suspect = next(one for one in told.suspects if one.figure == "T03/a/合计")
    assert (suspect.printed, suspect.repair, suspect.unit) == (Decimal(124300), Decimal(123400), "元")


def test_a_limit_of_the_rule_s_own_that_only_asks_for_an_explanation_suspects_no_figure() -> None:
    known = [Identity("limit", "T03/a/合计", op="<=", severity="warning", limit=Decimal(50))]
    assert look({"T03/a/合计": Decimal(60)}, known).diagnoses == ()


def test_each_finding_says_what_its_stated_figure_would_have_to_read() -> None:
    printed = filing(AMOUNTS) | {"N/0004": Decimal("12.00")}
    told = look(printed)
    (repair,) = told.repairs["id of share basic"]
    right = filing(AMOUNTS)["N/0004"]
    assert repair.figure == "N/0004" and abs(repair.value - right) <= CENT and repair.unit == "%"


def test_the_schema_knows_every_kind_of_hypothesis() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert schema["$defs"]["hypothesis"]["properties"]["kind"]["enum"] == list(KINDS)


@pytest.mark.parametrize("again", [False, True])
def test_the_night_keeps_what_is_supposed_now_of_filings_judged_in_it(again: bool) -> None:
    known, printed = identities(), filing(AMOUNTS) | {"T03/2010102/基本": Decimal("90.37")}
    columns = [column.name for column in warehouse.schema.KEPT_VERDICT.columns]
    with warehouse.connect() as store:
        for key in ("judged", "earlier"):
            for one in known:
                row = {"run": "now" if key == "judged" else "before", "filing": key, **one.verdict(printed)}
                marks = ", ".join("?" if name in row else "NULL" for name in columns)
                store.execute(
                    f"INSERT INTO kept_verdict VALUES ({marks})", [row[name] for name in columns if name in row]
                )
        store.execute(
            "INSERT INTO diagnosed VALUES ('before', 'earlier', 'x', 'none', 1), ('before', 'judged', 'y', 'none', 1)"
        )
        for _ in range(1 + again):
            ties.tie(store, "now", rules_of(known))
        found = store.execute("SELECT run, filing, root, outcome, findings FROM diagnosed ORDER BY filing").fetchall()
        roots = {
            root
            for (root,) in store.execute("SELECT root FROM verdict WHERE root IS NOT NULL AND run = 'now'").fetchall()
        }
        assert found == [("before", "earlier", "x", "none", 1), ("now", "judged", *roots, "one", 3)]
        suspects = store.execute('SELECT filing, "set", position, figure, printed, repair FROM suspect').fetchall()
        assert suspects == [("judged", 1, 1, "T03/2010102/基本", Decimal("90.37"), Decimal("93.07"))]


def test_findings_that_one_figure_clears_are_one_case_even_where_one_of_them_leaves_it_open_by_how_much() -> None:
    """By itself a limit is no evidence; but the figure that mends the sum keeps within it too."""
    known = [
        Identity("sum", "T03/合计/合计", ("T03/a/合计", "T03/b/合计")),
        Identity("again", "T01/x/合计", ("T03/合计/合计",)),
    ]
    known += [Identity("limit", "T03/a/合计", ("T05/c/合计",), op="<="), Identity("b", "T05/b/合计", ("T03/b/合计",))]
    printed = {"T03/a/合计": Decimal("93.07"), "T03/b/合计": Decimal("40.00"), "T05/b/合计": Decimal("40.00")}
    printed |= dict.fromkeys(("T03/合计/合计", "T01/x/合计"), Decimal("79.03")) | {"T05/c/合计": Decimal("50.00")}
    told = only(look(printed, known))
    assert len(told.findings) == 2 and told.outcome == "one"
    assert [(one.figure, one.repair) for one in told.suspects] == [("T03/a/合计", Decimal("39.03"))]


def test_a_limit_that_a_suspect_sets_limits_nothing() -> None:
    """Both totals leave ten points out; the points given may not exceed those to be had, which are too few themselves."""
    known = [Identity("points", "P02/total/points", ("P02/a/points", "P02/b/points"))]
    known += [Identity("scores", "P02/total/score", ("P02/a/score", "P02/b/score"))]
    known += [Identity("bound", "P02/total/score", ("P02/total/points",), op="<=")]
    printed = {"P02/a/points": Decimal(10), "P02/b/points": Decimal(90), "P02/total/points": Decimal(90)}
    printed |= {"P02/a/score": Decimal(10), "P02/b/score": Decimal(88), "P02/total/score": Decimal(88)}
    told = {one.findings: {each.figure: each.repair for each in one.suspects} for one in look(printed, known).diagnoses}
    assert told[("id of points",)]["P02/total/points"] == 100 and told[("id of scores",)]["P02/total/score"] == 98


def test_of_the_values_that_rounding_leaves_the_one_with_a_reason_is_what_the_figure_should_read() -> None:
    """6321.23 would let the sum hold to the letter; 6321.24, its digits swapped, lets it hold within rounding."""
    total, a, b = "T03/合计/合计", "T03/a/合计", "T03/b/合计"
    known = [Identity("sum", total, (a, b)), Identity("same", total, ("T01/合计/合计",))]
    known.append(Identity("alike", b, ("T01/b/合计",)))
    printed = {total: Decimal("10267.41"), a: Decimal("6231.24"), b: Decimal("3946.18")}
    told = only(look(printed | {"T01/合计/合计": printed[total], "T01/b/合计": printed[b]}, known))
    (suspect,) = told.suspects
    assert (suspect.figure, suspect.repair, suspect.hypotheses[0].kind) == (a, Decimal("6321.24"), "digits_swapped")
