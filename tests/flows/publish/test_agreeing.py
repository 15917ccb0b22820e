"""What agrees is packed a quick way where a figure is used as it is printed: that must say what the way of findings says."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from flows.publish.content.views import Figure, Spot, Term
from flows.publish.pages.agreeing import Agreeing
from flows.publish.pages.evidence import scale_of, scaled, term_step
from flows.publish.pages.packing import Tables, separated
from flows.recognise.disclosure import RATIO

UNITS = ("万元", "元", "千元", "亿元", "%", "辆", "", RATIO, "2级", ",格")
NOWHERE = Spot()


def tables(figure: Figure) -> Tables:
    made = Tables()
    made.names[figure.id] = (1, "合计", figure.column, separated(figure.raw))
    return made


@example(Decimal("-0.0001"), 0, "half", "万元", "amount", "万元", True)
@given(
    st.decimals(-(10**9), 10**9, places=4),
    st.integers(0, 4),
    st.sampled_from(("half", "other", "none", "")),
    st.sampled_from(UNITS),
    st.sampled_from(("amount", "percent", "count")),
    st.sampled_from(("万元", "元", "")),
    st.booleans(),
)
def test_the_quick_way_says_of_a_figure_what_the_other_says(
    value: Decimal, decimals: int, known: str, unit: str, measure: str, own: str, as_printed: bool
) -> None:
    shown = value.quantize(Decimal(1).scaleb(-decimals)) if as_printed else value
    ulp = Decimal(1).scaleb(-decimals)
    radius = {"half": ulp / 2, "other": ulp * 3, "none": Decimal(0), "": None}[known]
    figure = Figure("T03/合计/支出", "T03", "", "合计", "支出", shown, unit, ulp, f"{shown:f}", "", NOWHERE)
    factor, said = scaled(measure, own)
    there = Decimal(1) / scale_of(unit)
    amount = f"{shown * there:f}"
    told = f"{amount} {radius * there:f}" if radius is not None else f"{amount} "
    quick = Agreeing(tables(figure), {figure.id: figure}, own)._plain(figure.id, told, said)
    term = Term("", "", figure.id, "", shown * there, None if radius is None else radius * there)
    other = tables(figure).known(term_step("term", term, factor, said, {figure.id: figure}))
    assert quick is None or quick == other
    plain = known == "half" and as_printed and unit not in ("2级", ",格")
    assert (quick is not None) == plain or (quick is not None and shown == value.quantize(ulp) and known == "half")
