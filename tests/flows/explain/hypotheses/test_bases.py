"""Rates of another base than the one they name: the base is found and named, the nearest kin first, and no base fits by accident."""

from __future__ import annotations

from decimal import Decimal

from flows.explain.diagnosis import Hypothesis
from flows.explain.hypotheses import Said, Tie, hypotheses
from tests.flows.explain.accounts import Identity
from tests.flows.explain.hypotheses.figures import context, en, judged, kinds, printed, zh

PART = printed("N/0012", "412.36", label="基本支出")
WHOLE = printed("N/0011", "698.54", label="本年支出合计")
INCOME = printed("T02/合计/本年收入合计", "701.20", label="本年收入合计")
SHARE = Identity("share basic", "N/0013", ("N/0012",), base="N/0011")


def _share(rate: str, *others: object, **more: object) -> tuple[Hypothesis, ...]:
    """What is supposed of the printed share of 412.36 in 698.54, which is 59.03 %."""
    figures = [PART, WHOLE, printed("N/0013", rate, "%"), *others]
    around = context(*figures, judged=judged([SHARE], figures), **more)  # type: ignore[arg-type]
    right = Decimal("412.36") * 100 / Decimal("698.54")
    slack = Decimal("0.006")
    return hypotheses(figures[2], right - slack, right + slack, Decimal("59.03"), around)  # type: ignore[arg-type]


def test_the_base_that_was_taken_is_named_with_the_one_that_was_meant() -> None:
    found = _share("58.81", INCOME)
    assert kinds(found)[0] == "wrong_base" and str(found[0].value) == "59.03"
    assert zh(found, "wrong_base") == "58.81% = 412.36 ÷ 701.20（本年收入合计），并非 ÷ 698.54（本年支出合计）"
    assert en(found, "wrong_base") == "58.81% = 412.36 ÷ 701.20 (本年收入合计), not ÷ 698.54 (本年支出合计)"


def test_a_rate_that_no_amount_gives_within_its_rounding_has_no_other_base() -> None:
    assert "wrong_base" not in kinds(_share("58.79", INCOME))
    assert "wrong_base" not in kinds(_share("58.83", INCOME))
    assert "wrong_base" not in kinds(_share("58.81", printed("T02/合计/本年收入合计", "701.50")))


def test_the_nearest_kin_is_named() -> None:
    far = printed("T06/30101/决算数", "701.23", label="基本工资")
    found = _share("58.81", far, INCOME)
    assert "本年收入合计" in zh(found, "wrong_base") and "基本工资" not in zh(found, "wrong_base")


def test_another_amount_above_the_line() -> None:
    beside = printed("N/0014", "187.05", label="项目支出")
    said = {
        "N/0012": Said("amount", sentence=4),
        "N/0013": Said("share", sentence=4),
        "N/0014": Said("amount", sentence=4),
    }
    found = _share("26.78", beside, said=said)
    assert zh(found, "wrong_base") == "26.78% = 187.05（项目支出）÷ 698.54，并非412.36（基本支出） ÷ 698.54"


def test_a_rate_of_one_digit_fits_too_many_bases_to_prove_one() -> None:
    many = [printed(f"T06/{k}/决算数", f"{k}.37") for k in range(600, 1000, 7)]
    assert "wrong_base" not in kinds(_share("50", *many))
    assert "wrong_base" not in kinds(_share("60", *many))


def test_a_completion_of_a_budget_that_is_nought_names_the_other_budget() -> None:
    """Of nothing there is no rate: the statement is known only as it ties the claims together."""
    rate, outturn = printed("N/0003", "90.44", "%"), printed("N/0002", "211.40", label="支出决算")
    initial, full = printed("N/0001", "0.00", label="年初预算"), printed("N/0004", "233.75", label="全年预算")
    roles = {"rate": "N/0003", "outturn": "N/0002", "budget": "N/0001", "full_year_budget": "N/0004"}
    around = context(rate, outturn, initial, full, ties=(Tie("completion", roles),))
    found = hypotheses(rate, None, None, rate.value, around)
    assert zh(found, "wrong_base") == "90.44% = 211.40 ÷ 233.75（全年预算），并非 ÷ 0.00（年初预算）"


def test_a_change_of_this_year_instead_of_the_last() -> None:
    rate, change = printed("N/0003", "5.63", "%"), printed("N/0002", "80.43")
    current, prior = printed("N/0001", "1428.18", label="本年"), printed("N/0004", "1347.75", label="上年")
    roles = {"rate": "N/0003", "change": "N/0002", "current": "N/0001", "prior": "N/0004"}
    around = context(rate, change, current, prior, ties=(Tie("change_pct", roles),))
    found = hypotheses(rate, Decimal("5.96"), Decimal("5.98"), Decimal("5.97"), around)
    assert zh(found, "wrong_base") == "5.63% = 80.43 ÷ 1,428.18（本年），并非 ÷ 1,347.75（上年）"


def test_a_rate_that_its_own_base_gives_is_no_other_ones() -> None:
    assert "wrong_base" not in kinds(_share("59.03", printed("T02/合计/本年收入合计", "698.52")))


def test_a_difference_to_another_amount() -> None:
    change = printed("N/0003", "84.70")
    now, plan = printed("N/0001", "701.20", label="全年收入"), printed("N/0002", "698.54", label="预算")
    first = printed("N/0004", "616.50", label="年初预算")
    figures = [change, now, plan, first]
    identity = Identity("difference", "N/0003", ("N/0001",), ("N/0002",))
    around = context(*figures, judged=judged([identity], figures))
    found = hypotheses(change, Decimal("2.645"), Decimal("2.675"), Decimal("2.66"), around)
    assert zh(found, "wrong_base") == ("84.70是701.20与616.50（年初预算）之差，并非与698.54（预算）之差")
    away = [change, now, plan, printed("N/0004", "616.53")]
    around = context(*away, judged=judged([identity], away))
    found = hypotheses(change, Decimal("2.645"), Decimal("2.675"), Decimal("2.66"), around)
    assert "wrong_base" not in kinds(found)
