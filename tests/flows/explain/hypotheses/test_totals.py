"""Slips in adding up: the line that makes the difference is named, and only a difference that is exactly a line."""

from __future__ import annotations

from decimal import Decimal

from flows.explain.diagnosis import Hypothesis, Printed
from tests.flows.explain.accounts import Identity
from tests.flows.explain.hypotheses.figures import context, en, guessed, judged, kinds, printed, zh

PARTS = (
    printed("T03/20101/合计", "211.37", order=11, label="人大事务"),
    printed("T03/20102/合计", "87.64", order=12, label="政协事务"),
    printed("T03/20103/合计", "418.05", order=13, label="政府办公厅事务"),
    printed("T03/20199/合计", "30.29", order=14, label="其他支出"),
)  # together 747.35
TOTAL_IS_SUM = Identity("roll-up 201", "T03/201/合计", tuple(one.id for one in PARTS))


def _total(
    value: str, *, previous: tuple[Printed, ...] = (), others: tuple[Printed, ...] = ()
) -> tuple[Hypothesis, ...]:
    """What is supposed of the printed total, which should be 747.35."""
    figures = (printed("T03/201/合计", value), *PARTS, *others)
    known = {one.id: one for one in previous}
    around = context(*figures, judged=judged([TOTAL_IS_SUM], figures), previous=known)
    return guessed(figures[0], "747.35", "0.025", around)


def test_a_part_left_out_of_the_total() -> None:
    found = _total("659.71")
    assert kinds(found)[0] == "left_out" and str(found[0].value) == "747.35"
    assert zh(found, "left_out") == "少计一项：659.71 = 747.35 − 87.64（政协事务）"
    assert en(found, "left_out") == "a part left out: 659.71 = 747.35 − 87.64 (政协事务)"


def test_a_part_counted_twice_in_the_total() -> None:
    found = _total("777.64")
    assert kinds(found)[0] == "counted_twice"
    assert zh(found, "counted_twice") == "重复计算一项：777.64 = 747.35 + 30.29（其他支出）"


def test_a_difference_that_is_no_line_beyond_rounding() -> None:
    assert kinds(_total("659.67")) == ["recomputed"]
    assert kinds(_total("777.68")) == ["recomputed"]


def test_of_equal_parts_each_may_be_the_one() -> None:
    """Points of a self-evaluation: 10 of them are missing, and two rows have 10."""
    rows = [
        printed(f"P01/{k}/得分", points, "分", label=f"第{k}行") for k, points in enumerate(("10", "20", "10", "57"))
    ]
    total = printed("P01/总分/得分", "87", "分")
    identity = Identity("score", total.id, tuple(one.id for one in rows))
    found = guessed(total, "97", "0.5", context(total, *rows, judged=judged([identity], [total, *rows])))
    assert kinds(found)[0] == "left_out"
    assert zh(found, "left_out") == "少计一项：87 = 97 − 10（第0行或第2行）"
    assert en(found, "left_out") == "a part left out: 87 = 97 − 10 (第0行 or 第2行)"


def test_a_line_that_was_added_into_another() -> None:
    wrong = printed("T03/20102/合计", "117.93", label="政协事务")
    figures = (printed("T03/201/合计", "747.35"), PARTS[0], wrong, *PARTS[2:])
    found = guessed(wrong, "87.64", "0.025", context(*figures, judged=judged([TOTAL_IS_SUM], figures)))
    assert zh(found, "counted_twice") == "重复计算一项：117.93 = 87.64 + 30.29（其他支出）"


def test_a_subtotal_for_the_total() -> None:
    found = _total("418.05")
    assert kinds(found)[0] == "subtotal_for_total"
    assert zh(found, "subtotal_for_total") == "误以小计为合计：418.05是其中一项（政府办公厅事务）"
    found = _total("299.01")
    assert zh(found, "subtotal_for_total") == "误以小计为合计：299.01是前2项之和（至政协事务）"
    assert "subtotal_for_total" not in kinds(_total("418.06")) + kinds(_total("299.02"))


def test_a_total_with_one_part_as_last_year() -> None:
    before = (printed("T03/20102/合计", "61.18"),)
    found = _total("720.89", previous=before)
    assert kinds(found)[0] == "total_not_updated"
    assert zh(found, "total_not_updated") == "合计未随分项更新：政协事务为上年数61.18而非87.64时，合计为720.89"
    assert "total_not_updated" not in kinds(_total("720.85", previous=before))


def test_a_total_with_one_part_as_in_another_form_or_with_its_digits_swapped() -> None:
    other = printed("T05/20102/合计", "79.46")
    assert zh(_total("739.17", others=(other,)), "total_not_updated") == (
        "合计未随分项更新：政协事务为另一表所列79.46而非87.64时，合计为739.17"
    )
    assert zh(_total("738.35"), "total_not_updated") == "合计按颠倒的数字计算：政协事务为78.64而非87.64时，合计为738.35"


def test_a_row_that_other_forms_have_and_this_one_lacks() -> None:
    figures = (printed("T03/201/合计", "747.35"), *PARTS[:3], printed("T05/20199/合计", "30.29", label="其他支出"))
    identity = Identity("roll-up 201", "T03/201/合计", tuple(one.id for one in PARTS[:3]))
    around = context(*figures, judged=judged([identity], figures))
    found = guessed(PARTS[1], "117.93", "0.02", around)
    assert zh(found, "left_out") == "漏列一行：差额30.29等于其他支出，本表没有这一行"
    assert en(found, "left_out") == "a row left out: the difference 30.29 is 其他支出, a row that this form lacks"
    assert zh(guessed(figures[0], "717.06", "0.02", around), "left_out") == zh(found, "left_out")
    assert "left_out" not in kinds(guessed(PARTS[1], "117.97", "0.02", around))


def test_a_row_was_changed_and_the_totals_above_it_were_not() -> None:
    """Its cells add up with one another as printed, so both were changed; the total of their column has the former amount."""
    basic, project = printed("T03/20102/基本支出", "50.00"), printed("T03/20102/项目支出", "43.03")
    item = printed("T03/20102/合计", "93.03", label="政协事务")
    total = printed("T03/201/合计", "747.35", label="一般公共服务支出")
    row = Identity("row", item.id, (basic.id, project.id))
    figures = (total, PARTS[0], item, *PARTS[2:], basic, project)
    found = guessed(item, "87.64", "0.025", context(*figures, judged=judged([TOTAL_IS_SUM, row], figures)))
    assert kinds(found)[0] == "total_not_updated"
    assert zh(found, "total_not_updated") == (
        "分项已改而上级合计未更新：本行按93.03相加相符，一般公共服务支出按87.64相加相符"
    )
    figures = (total, PARTS[0], item, *PARTS[2:])
    found = guessed(item, "87.64", "0.025", context(*figures, judged=judged([TOTAL_IS_SUM], figures)))
    assert kinds(found) == ["total_not_updated", "recomputed"] and "可能未更新" in zh(found, "total_not_updated")


def test_a_slip_that_has_a_name_comes_before_a_change_of_which_nothing_is_known() -> None:
    wrong = printed("T03/20102/合计", "78.64")
    figures = (printed("T03/201/合计", "747.35"), PARTS[0], wrong, *PARTS[2:])
    found = guessed(wrong, "87.64", "0.025", context(*figures, judged=judged([TOTAL_IS_SUM], figures)))
    assert kinds(found)[:2] == ["digits_swapped", "total_not_updated"]


def test_a_part_of_a_rate_is_no_part_of_a_sum() -> None:
    figures = (printed("N/0001", "33.30", "%"), printed("N/0002", "100.40"), printed("N/0003", "300.00"))
    share = Identity("share", "N/0001", ("N/0002",), base="N/0003")
    found = guessed(figures[1], "99.90", "0.02", context(*figures, judged=judged([share], figures)))
    assert not {"left_out", "counted_twice", "total_not_updated"} & set(kinds(found))
    assert found[-1].value == Decimal("99.90")


def test_a_part_to_be_subtracted_that_was_left_out_made_the_total_greater() -> None:
    total, first, second = (
        printed("T01/a/决算数", "211.37"),
        printed("T01/b/决算数", "211.37"),
        printed("T01/c/决算数", "30.29"),
    )
    figures = (total, first, second)
    identity = Identity("net", total.id, (first.id,), (second.id,))
    found = guessed(total, "181.08", "0.015", context(*figures, judged=judged([identity], figures)))
    assert zh(found, "left_out") == "少计一项：211.37 = 181.08 + 30.29（T01/c/决算数）"
