"""Charts as numbers for plain SVG: positions in percent of the width, so that lettering keeps its size on a phone.

Colour only means status; where a chart shows amounts, shades of the ink tell its parts apart, and words name them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from expectations.vocabulary import Form
from flows.publish.content.morning import Guarded
from flows.publish.content.views import Contents, Figure, Night, Run
from flows.publish.pages.evidence import Marks, anchor
from flows.publish.wording.numbers import BLANK, printed, share
from flows.publish.wording.standing import standing
from flows.recognise.disclosure import SET_ASIDE

HEIGHT = 120
"""Of the trend's bars, in CSS pixels."""

SHADES = 8
SUMMARY = "T01"
_COLUMN = "决算数"
_TOTALS = (("income", "本年收入合计"), ("expenditure", "本年支出合计"))


@dataclass(frozen=True, slots=True)
class Point:
    """One run: findings to be corrected and to be explained, verdicts that hold, verdicts that were reached."""

    run: Run
    bad: int
    explain: int
    agree: int
    reached: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One run: left edge and width in percent; the heights and tops of what must be corrected and explained in pixels."""

    x: str
    width: str
    middle: str
    bad_top: str
    bad_height: str
    explain_top: str
    explain_height: str
    at: str
    day: str
    bad: int
    explain: int
    agree: str
    labelled: bool
    right: str
    side: str
    """Which way the label is set: "first" and "last" keep within the drawing, "" stands in the middle of its bar."""


@dataclass(frozen=True, slots=True)
class Trend:
    """`top` is what the full height stands for."""

    bars: tuple[Bar, ...]
    top: int
    height: int = HEIGHT


def points(night: Night, severities: Mapping[str, str]) -> tuple[Point, ...]:
    """Every run that is shown, oldest first, graded as the rules are today."""
    made = []
    for run, counted in night.history:
        strip: Counter[str] = Counter()
        for (rule, status), number in counted.items():
            strip[standing(status, severities.get(rule, "critical"))] += number
        agree = strip["ok"] + strip["near"]
        made.append(Point(run, strip["bad"], strip["explain"], agree, strip.total() - strip["none"]))
    return tuple(made)


FEWEST_BARS = 12
"""Room for so many bars, however few runs there are: two must not fill the page with red."""


def trend(points: Sequence[Point]) -> Trend:
    """A bar for each run, oldest first, stacked: what must be corrected at the bottom. The first, the last and the highest carry their number."""
    top = max((point.bad + point.explain for point in points), default=0)
    step = Decimal(100) / max(FEWEST_BARS, len(points))
    highest = max(range(len(points)), key=lambda i: points[i].bad + points[i].explain, default=0)
    few = len(points) <= 8
    bars = []
    for i, point in enumerate(points):
        bad, explain = (Decimal(n) * HEIGHT / (top or 1) for n in (point.bad, point.explain))
        at = f"{point.run.at:%Y-%m-%d %H:%M}" if point.run.at else point.run.id
        bars.append(
            Bar(
                x=_short(i * step + step / 10),
                width=_short(step * 8 / 10),
                middle=_short(i * step + step / 2),
                bad_top=_short(HEIGHT - bad),
                bad_height=_short(bad),
                explain_top=_short(HEIGHT - bad - explain),
                explain_height=_short(explain),
                at=at,
                day=at[5:10],
                bad=point.bad,
                explain=point.explain,
                agree=share(point.agree, point.reached),
                labelled=few or i in (0, highest, len(points) - 1),
                right=_short(i * step + step * 9 / 10),
                side="first" if i == 0 else "last" if i == len(points) - 1 else "",
            )
        )
    return Trend(tuple(bars), top)


def _short(value: Decimal) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole: its label and amount as printed, its share in percent as words, left edge and width in percent."""

    label: str
    amount: str
    share: str
    x: str
    width: str
    shade: int


@dataclass(frozen=True, slots=True)
class Structure:
    """Income or expenditure by its parts, the largest first; `why` says why there is nothing to draw, "" where there is."""

    side: str
    total: str = ""
    unit: str = ""
    parts: tuple[Part, ...] = ()
    why: str = ""


def structure(contents: Contents, form: Form) -> tuple[Structure, ...]:
    """Income by source and expenditure by class as the summary prints them.

    Nothing is drawn from a form that is missing, blank or doubtful, without a total, or whose parts do not make up their total
    within the rounding of what is printed.
    """
    reading = next((one for one in contents.readings if one.form == form.id), None)
    figures = {
        figure.row_key: figure
        for figure in contents.figures
        if figure.form == form.id and figure.column == _COLUMN and not figure.part
    }
    made = []
    for side, total in _TOTALS:
        keys = [line.zh for line in form.lines if line.side == side and line.part_of == total]
        parts = [figures[key] for key in keys if key in figures and figures[key].value]
        concerned = [*parts, *(figures[key] for key in (total,) if key in figures)]
        why = _unread(contents, form.id, reading.status if reading else "missing", concerned)
        labels = {row.row_key: row.label for row in contents.rows if row.form == form.id}
        made.append(Structure(side, why=why) if why else _drawn(side, figures.get(total), parts, labels))
    return tuple(made)


def _unread(contents: Contents, form: str, status: str, concerned: Sequence[Figure]) -> str:
    if status != "read":
        return {"blank": "why_blank", "missing": "why_missing"}.get(status, "why_doubt")
    doubted = form in contents.doubts or any(id.startswith(f"{form}/") for id in contents.doubts)
    return "why_doubt" if doubted or len({figure.unit for figure in concerned}) > 1 else ""


def _drawn(side: str, total: Figure | None, parts: Sequence[Figure], labels: Mapping[str, str]) -> Structure:
    if total is None or total.value <= 0 or not parts:
        return Structure(side, why="why_total")
    if any(part.value < 0 for part in parts):
        return Structure(side, why="why_negative")
    slack = sum(((figure.ulp or Decimal(0)) / 2 for figure in (total, *parts)), Decimal(0))
    whole = sum((part.value for part in parts), Decimal(0))
    if abs(whole - total.value) > slack:
        return Structure(side, why="why_sum")
    made, at = [], Decimal(0)
    ordered = sorted(parts, key=lambda part: (-part.value, part.row_key))
    for shade, part in enumerate(ordered):
        wide = part.value * 100 / whole
        label = (labels.get(part.row_key) or part.row_key).split("、", 1)[-1]
        amount = printed(part.value, part.ulp)
        made.append(Part(label, amount, _percent(wide), _short(at), _short(wide), min(shade, SHADES - 1)))
        at += wide
    return Structure(side, printed(total.value, total.ulp), total.unit, tuple(made))


def _percent(value: Decimal) -> str:
    """To one decimal; never 0.0 for something, never 100.0 for less than everything."""
    text = f"{value:.1f}"
    if value < 100 and text == "100.0":
        return "99.9"
    return "<0.1" if value and text == "0.0" else text


@dataclass(frozen=True, slots=True)
class GuardedBar:
    """How many of a form's figures are judged; widths in percent of the whole bar. `share` is text in percent."""

    id: str
    name: str
    figures: int
    judged: int
    named: int
    bare: int
    share: str
    judged_width: str
    named_width: str
    rules: int = 0


def guarded_bars(
    counted: Sequence[Guarded], names: Mapping[str, str], rules: Mapping[str, int] | None = None
) -> tuple[GuardedBar, ...]:
    """A bar for each form with figures; `rules` says by how many rules its figures are judged."""
    return tuple(
        GuardedBar(
            id=one.form,
            name=names.get(one.form, one.form),
            figures=one.figures,
            judged=one.judged,
            named=one.named - one.judged,
            bare=one.figures - one.named,
            share=share(one.judged, one.figures),
            judged_width=_short(Decimal(one.judged) * 100 / one.figures),
            named_width=_short(Decimal(one.named - one.judged) * 100 / one.figures),
            rules=(rules or {}).get(one.form, 0),
        )
        for one in counted
        if one.figures
    )


BARE = 60
"""Figures guarded by no rule that are named."""


@dataclass(frozen=True, slots=True)
class FilingCharts:
    """What a filing's page draws. `bare`: label and address of figures that no verdict judges, of `bare_count`."""

    structure: tuple[Structure, ...]
    bars: tuple[GuardedBar, ...]
    judged: int
    figures: int
    share: str
    bare: tuple[tuple[str, str], ...]
    bare_count: int


def filing_charts(contents: Contents, touched: Marks, forms: Mapping[str, Form]) -> FilingCharts:
    """The structure of income and expenditure, and how many of each form's figures the filing's verdicts judge."""
    counted: dict[str, list[int]] = {}
    rules: dict[str, set[str]] = {}
    bare: list[Figure] = []
    for figure in contents.figures:
        verdicts = [touched.evidence[i].verdict for i in touched.touching.get(figure.id, ())]
        judging = {verdict.rule for verdict in verdicts if verdict.status != "not_verifiable"}
        agrees = figure.id in touched.agreed
        number = counted.setdefault(figure.form, [0, 0, 0])
        for i, counts in enumerate((True, judging or agrees, verdicts or agrees)):
            number[i] += bool(counts)
        rules.setdefault(figure.form, set()).update(judging)
        bare += [] if judging or agrees else [figure]
    for form, agreed in touched.forms.items():
        rules.setdefault(form, set()).update(agreed.rules)
    ordered = [form for form in forms if form in counted] + [form for form in counted if form not in forms]
    guards = [Guarded(form, *counted[form]) for form in ordered]
    names = {form.id: form.zh for form in forms.values()}
    labels = {(row.form, row.part, row.row_key): row.label for row in contents.rows}
    return FilingCharts(
        structure(contents, forms[SUMMARY]) if contents.filing.kind not in SET_ASIDE else (),
        guarded_bars(guards, names, {form: len(found) for form, found in rules.items()}),
        *total_share(guards),
        tuple((_named(figure, labels), f"#{anchor(figure.id)}") for figure in bare[:BARE]),
        len(bare),
    )


def _named(figure: Figure, labels: Mapping[tuple[str, str, str], str]) -> str:
    label = labels.get((figure.form, figure.part, figure.row_key)) or figure.row_key
    return " · ".join(part for part in (figure.form, figure.part, label, figure.column) if part)


def total_share(counted: Sequence[Guarded]) -> tuple[int, int, str]:
    """Figures judged, figures, and the share in percent as text."""
    judged, figures = sum(one.judged for one in counted), sum(one.figures for one in counted)
    return judged, figures, share(judged, figures) if figures else BLANK
