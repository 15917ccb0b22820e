"""What a template leaves behind, a column moved against its labels, and the arithmetic where no slip has a name."""

from __future__ import annotations

from decimal import Decimal

from flows.explain.causes import Judged
from flows.explain.hypotheses import hypotheses
from flows.explain.relation import relation
from tests.flows.explain.accounts import Identity
from tests.flows.explain.hypotheses.figures import context, en, guessed, judged, kinds, printed, zh

SPENT, PLANNED = printed("P02/资金总额/全年执行数", "17.42"), printed("P02/资金总额/全年预算数", "23.90")


def _execution(shown: str) -> tuple[list[str], str, str]:
    rate = printed("P02/资金总额/执行率", shown, "%")
    figures = (rate, SPENT, PLANNED)
    identity = Identity("rate", rate.id, (SPENT.id,), base=PLANNED.id)
    around = context(*figures, judged=judged([identity], figures))
    right = Decimal("17.42") * 100 / Decimal("23.90")
    half = rate.ulp / 2 + Decimal("0.04")
    found = hypotheses(rate, right - half, right + half, right.quantize(rate.ulp), around)
    return kinds(found), zh(found, kinds(found)[0]), en(found, kinds(found)[0])


def test_a_hundred_percent_where_it_computes_to_another() -> None:
    found, chinese, english = _execution("100")
    assert found == ["template_residue", "recomputed"]
    assert chinese == "疑为填表时保留的100%：17.42 ÷ 23.90 = 72.89%"
    assert english == "100% may have been left as the form had it: 17.42 ÷ 23.90 = 72.89%"


def test_any_other_rate_is_no_residue_but_computed_with_its_arithmetic() -> None:
    found, chinese, english = _execution("6.1")
    assert found == ["recomputed"]
    assert chinese == "17.42 ÷ 23.90 = 72.89%，印作6.1%"
    assert english == "17.42 ÷ 23.90 = 72.89%, printed 6.1%"


def test_a_sum_is_written_out() -> None:
    figures = (printed("T03/合计/合计", "319.06"), printed("T03/201/合计", "211.37"), printed("T03/208/合计", "87.64"))
    identity = Identity("sum", figures[0].id, (figures[1].id, figures[2].id))
    found = guessed(figures[0], "299.01", "0.015", context(*figures, judged=judged([identity], figures)))
    assert zh(found, "recomputed") == "211.37 + 87.64 = 299.01，印作319.06"


def test_a_number_like_those_of_a_template() -> None:
    assert "template_residue" in kinds(guessed(printed("N/0004", "111.11"), "346.82"))
    assert "template_residue" in kinds(guessed(printed("N/0004", "123.45"), "687.02"))
    assert "template_residue" not in kinds(guessed(printed("N/0004", "112.11"), "346.82"))


def test_a_number_repeated_all_over_the_narrative() -> None:
    same = [printed(f"N/{k:04}", "41.70") for k in range(1, 6)]
    found = guessed(same[0], "386.92", around=same[1:])
    assert zh(found, "template_residue") == "疑为套用的文字：41.70在说明中出现5次，推算应为386.92"
    assert "template_residue" not in kinds(guessed(same[0], "386.92", around=same[1:3]))


ROWS = ("20101", "20102", "20103", "20104", "20105")
TRUE = ("211.37", "87.64", "418.05", "30.29", "154.88")


def _column(*amounts: str) -> list[str]:
    here = [
        printed(f"T03/{row}/合计", amount, order=k, label=row)
        for k, (row, amount) in enumerate(zip(ROWS, amounts, strict=True))
    ]
    there = [
        printed(f"T05/{row}/合计", amount, order=k) for k, (row, amount) in enumerate(zip(ROWS, TRUE, strict=True))
    ]
    found = guessed(here[1], "87.64", around=[*here, *there])
    return [kinds(found)[0], zh(found, "shifted_row")]


def test_a_column_moved_up_by_a_row() -> None:
    first, sentence = _column("87.64", "418.05", "30.29", "154.88", "211.37")
    assert first == "shifted_row"
    assert sentence == "金额与项目错开1行：418.05是20103的数，本栏有4处同样错开，本行应为87.64"


def test_one_cell_like_the_next_is_no_column_moved() -> None:
    assert _column("211.37", "418.05", "418.05", "30.29", "154.88") == ["neighbouring_cell", ""]


def test_a_figure_that_would_have_to_turn_negative_is_the_least_likely_to_be_wrong() -> None:
    """Of the parts of a sum that computes to too much, any may be wrong; one that is nought, or less than the difference, is not."""
    odds = [
        guessed(printed(f"T06/{row}/决算数", amount), right)[-1].rank
        for row, amount, right in (
            ("30201", "52.53", "16.81"),
            ("30202", "3.69", "-32.03"),
            ("30203", "0.00", "-35.72"),
        )
    ]
    assert odds[0] < odds[1] == odds[2]


def test_a_nought_is_no_likelier_to_be_wrong_than_another_number() -> None:
    odds = [
        guessed(printed("T06/30201/决算数", one), right)[-1].rank
        for one, right in (("0.00", "35.72"), ("52.53", "88.25"))
    ]
    assert odds[0] == odds[1]


def test_a_figure_that_should_repeat_another_names_it() -> None:
    claim, total = printed("N/0011", "319.06"), printed("T03/合计/本年支出合计", "299.01", label="本年支出合计")
    identity = Identity("text", claim.id, (total.id,))
    found = guessed(claim, "299.01", around=context(claim, total, judged=judged([identity], [claim, total])))
    assert zh(found, "recomputed") == "本年支出合计为299.01，此处印作319.06"


def test_a_decrease_is_written_without_its_minus() -> None:
    rate, now, before = printed("N/0003", "7.8", "%"), printed("N/0001", "21.40"), printed("N/0002", "26.00")
    signed = {rate.id: Decimal("-7.8"), now.id: now.value, before.id: before.value}
    identity = Identity("change", rate.id, (now.id,), (before.id,), base=before.id)
    verdict = identity.verdict(signed)
    one = Judged("f", "rule", "1", 0, True, relation(verdict, "=", {}))
    around = context(rate, now, before, judged=(one,))
    found = hypotheses(rate, Decimal("17.6"), Decimal("17.8"), Decimal("17.7"), around)
    assert zh(found, "recomputed") == "(26.00 − 21.40) ÷ 26.00 = 17.69%，印作7.8%"


def test_amounts_in_yuan_are_written_out_in_yuan() -> None:
    figures = (printed("N/0001", "0.03", "元"), printed("N/0002", "94.00"), printed("N/0003", "93.97"))
    in_wan = {figures[0].id: Decimal("0.000003"), figures[1].id: Decimal(94), figures[2].id: Decimal("93.97")}
    verdict = Identity("balance", figures[0].id, (figures[1].id,), (figures[2].id,)).verdict(in_wan)
    around = context(*figures, judged=(Judged("f", "rule", "1", 0, True, relation(verdict, "=", {})),))
    found = hypotheses(figures[0], Decimal(200), Decimal(400), Decimal(300), around)
    assert kinds(found) == ["unit", "recomputed"]
    assert zh(found, "unit") == "数字相符而单位有误：应为0.03万元，印作0.03元"
    assert zh(found, "recomputed") == "940,000.00 − 939,700.00 = 300.00，印作0.03"


def test_what_is_said_to_be_computed_is_what_the_terms_give() -> None:
    """The likeliest value may lie a last place off, so that other sums hold too; noughts among the terms are left out."""
    figures = (
        printed("T03/a/合计", "30.96"),
        printed("T03/b/合计", "1.25"),
        printed("T03/c/合计", "1.14"),
        printed("T03/d/合计", "0.00"),
    )
    identity = Identity("sum", figures[0].id, tuple(one.id for one in figures[1:]))
    found = guessed(figures[0], "2.38", "0.02", context(*figures, judged=judged([identity], figures)))
    assert zh(found, "recomputed") == "1.25 + 1.14 = 2.39，印作30.96" and str(found[-1].value) == "2.38"
