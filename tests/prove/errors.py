"""One error of a known type put into a filing, and what became of what was printed.

An error is beyond rounding when the figure then printed lies more than one unit of its last place from the one it replaces;
for a rate, when it lies further from the true rate than rounding of the rate and of the figures behind it can take it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from random import Random

from tests.alike.disclosures import Published
from tests.prove.filings import Generated
from tests.prove.pen import CENT, Mark
from tests.samples.sheets import Cell, Sheet

TYPES = {
    "digits swapped": "相邻数字颠倒",
    "digit dropped": "漏写一位",
    "digit doubled": "多写一位",
    "sign": "正负号",
    "unit, ×10,000": "元与万元混淆",
    "neighbouring cell": "串格",
    "copied prior-year figure": "照抄上年数",
    "wrong base": "基数错误",
    "truncated, not rounded": "截尾未四舍五入",
    "missing row": "漏行",
    "subtotal not updated": "小计未更新",
    "stale year": "年度未更新",
    "direction word": "增减用语相反",
}
WORDS = ("stale year", "direction word")
"""Errors of wording; all others are of arithmetic."""
CODED = ("T02", "T03", "T05", "T08")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Injected:
    """A filing with one error. `place`: form and row/column, or the paragraph; `form` is "" in the narrative."""

    type: str
    form: str
    place: str
    before: str
    after: str
    beyond: bool
    published: Published
    tied: bool = True
    """Whether the document states what the figure repeats or follows from."""

    @property
    def arithmetic(self) -> bool:
        """Whether a number is wrong rather than a word."""
        return self.type not in WORDS


def injected(filings: Sequence[Generated], count: int, seed: int) -> Iterator[tuple[int, Injected]]:
    """`count` errors, all types in turn, each with the position of its filing; the same seed gives the same errors."""
    r = Random(f"{seed}/errors")
    types = list(TYPES)
    made = 0
    while made < count:
        at = r.randrange(len(filings))
        error = inject(filings[at], types[made % len(types)], r)
        if error is not None:
            made += 1
            yield at, error


def inject(filing: Generated, type_: str, r: Random) -> Injected | None:
    """The filing with one error of this type, in a form or in the narrative; None where it has no place for one."""
    makers = [maker for maker in (_in_forms, _in_tables, _in_text) if type_ in _TYPES_OF[maker]]
    weights = {_in_forms: 5, _in_tables: 1 if filing.published.tables else 0, _in_text: 4}
    if not any(weights[maker] for maker in makers):
        return None
    maker = r.choices(makers, [weights[one] for one in makers])[0]
    for _ in range(20):
        error = maker(filing, type_, r)
        if error is not None:
            return error
    return None


# ---- numbers -----------------------------------------------------------------------------------------------------------


def swapped(text: str, r: Random) -> str | None:
    """Two unlike neighbouring digits change places; the number keeps its first digit other than 0."""
    digits = [i for i, (a, b) in enumerate(pairwise(text)) if (a + b).isdigit() and a != b]
    digits = [i for i in digits if not (i == 0 and text[1] == "0")]
    if not digits:
        return None
    i = r.choice(digits)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def dropped(text: str, r: Random) -> str | None:
    """A digit before the point is left out."""
    whole = text.partition(".")[0]
    places = [i for i in range(len(whole)) if whole[i].isdigit()]
    if len(places) < 2:
        return None
    i = r.choice(places)
    made = text[:i] + text[i + 1 :]
    return made if not re.match(r"-?0\d", made) else None


def doubled(text: str, r: Random) -> str | None:
    """A digit before the point is written twice."""
    whole = text.partition(".")[0]
    i = r.choice([i for i in range(len(whole)) if whole[i].isdigit()])
    return text[: i + 1] + text[i:] if text[i] != "0" or len(whole) > 1 else None


_DIGITS: Mapping[str, Callable[[str, Random], str | None]] = {
    "digits swapped": swapped,
    "digit dropped": dropped,
    "digit doubled": doubled,
}


# ---- forms -------------------------------------------------------------------------------------------------------------


def _in_forms(filing: Generated, type_: str, r: Random) -> Injected | None:
    sheets = filing.published.sheets
    filled = [n for n, sheet in enumerate(sheets) if any(_amount(cell) for cell in sheet.cells)]
    position = r.choice(filled)
    sheet = sheets[position]
    if type_ == "missing row":
        return _without_a_row(filing, position, r)
    if type_ == "subtotal not updated":
        return _subtotal_left(filing, position, r)
    at = r.choice([n for n, cell in enumerate(sheet.cells) if _amount(cell)])
    cell = sheet.cells[at]
    after = _wrong_amount(filing, sheet, cell, type_, r)
    if after is None or after == cell.value:
        return None
    spoiled = _with_values(sheet, {at: after})
    beyond = abs(after - _value(cell)) > CENT
    return _error(filing, type_, position, spoiled, cell.key, f"{cell.value:.2f}", f"{after:.2f}", beyond=beyond)


def _amount(cell: Cell) -> bool:
    """Whether the cell prints an amount; one of nothing gives no error that anyone would make."""
    return isinstance(cell.value, Decimal) and bool(cell.value)


def _value(cell: Cell) -> Decimal:
    assert isinstance(cell.value, Decimal)
    return cell.value


def _wrong_amount(filing: Generated, sheet: Sheet, cell: Cell, type_: str, r: Random) -> Decimal | None:
    value = _value(cell)
    if type_ in _DIGITS:
        text = _DIGITS[type_](f"{value:.2f}", r)
        return Decimal(text) if text else None
    if type_ == "sign":
        return -value
    if type_ == "unit, ×10,000":
        return value * 10000
    if type_ == "truncated, not rounded":
        return value - CENT if value > CENT else None
    if type_ == "neighbouring cell":
        near = [
            _value(other)
            for other in sheet.cells
            if _amount(other) and abs(other.row - cell.row) + abs(other.column - cell.column) in (1, 2, 3)
        ]
        return r.choice(near) if near else None
    if filing.prior is None:
        return None
    before = next((one for one in filing.prior.sheets if one.form == sheet.form), None)
    return next((_value(c) for c in before.cells if c.key == cell.key and _amount(c)), None) if before else None


def _with_values(sheet: Sheet, values: Mapping[int, Decimal | None]) -> Sheet:
    return replace(sheet, cells=[replace(c, value=values[n]) if n in values else c for n, c in enumerate(sheet.cells)])


def _error(
    filing: Generated, type_: str, position: int, spoiled: Sheet, key: str, before: str, after: str, *, beyond: bool
) -> Injected:
    sheets = filing.published.sheets
    published = replace(filing.published, sheets=(*sheets[:position], spoiled, *sheets[position + 1 :]))
    return Injected(type_, spoiled.form, key, before, after, beyond, published)


def _item_rows(sheet: Sheet) -> list[int]:
    """The rows of 项 with an amount."""
    rows = {c.row for c in sheet.cells if _amount(c) and len(c.key.partition("/")[0]) == 7}
    return sorted(rows)


def _without_a_row(filing: Generated, position: int, r: Random) -> Injected | None:
    """A row of a form with codes is left out, those below move up."""
    sheet = filing.published.sheets[position]
    rows = _item_rows(sheet) if sheet.form in CODED else []
    if not rows:
        return None
    row = r.choice(rows)
    amounts = [c for c in sheet.cells if c.row == row and _amount(c)]
    kept = [replace(c, row=c.row - 1) if c.row > row else c for c in sheet.cells if c.row != row]
    code = amounts[0].key.partition("/")[0]
    return _error(filing, "missing row", position, replace(sheet, cells=kept), code, code, "", beyond=True)


def _subtotal_left(filing: Generated, position: int, r: Random) -> Injected | None:
    """An item is corrected, across its row, and the totals above it are not."""
    sheet = filing.published.sheets[position]
    step = Decimal(r.randint(2, 5000)) / 100
    if sheet.form == "T06":
        leaves = [n for n, c in enumerate(sheet.cells) if _amount(c) and re.match(r"\d{5}/", c.key)]
        changed = [r.choice(leaves)] if leaves else []
    elif sheet.form in ("T03", "T05"):
        rows = _item_rows(sheet)
        row = r.choice(rows) if rows else -1
        cells = [n for n, c in enumerate(sheet.cells) if c.row == row and _amount(c)]
        parts = cells[1:]
        changed = [cells[0], r.choice(parts)] if parts else []
    else:
        return None
    if not changed:
        return None
    values: dict[int, Decimal | None] = {n: _value(sheet.cells[n]) + step for n in changed}
    first = sheet.cells[changed[-1]]
    before, after = f"{first.value:.2f}", f"{values[changed[-1]]:.2f}"
    spoiled = _with_values(sheet, values)
    return _error(filing, "subtotal not updated", position, spoiled, first.key, before, after, beyond=step > CENT)


# ---- performance tables ------------------------------------------------------------------------------------------------


def _in_tables(filing: Generated, type_: str, r: Random) -> Injected | None:
    """A digit of an amount, a rate or a score of a performance table."""
    tables = filing.published.tables
    position = r.randrange(len(tables))
    sheet = tables[position]
    numbers = [
        n for n, c in enumerate(sheet.cells) if isinstance(c.value, str) and re.fullmatch(r"\d+\.\d\d%?", c.value)
    ]
    at = r.choice(numbers)
    cell = sheet.cells[at]
    text = str(cell.value).rstrip("%")
    after = _DIGITS[type_](text, r)
    if after is None or after == text:
        return None
    cells = [replace(c, value=str(c.value).replace(text, after)) if n == at else c for n, c in enumerate(sheet.cells)]
    published = replace(
        filing.published, tables=(*tables[:position], replace(sheet, cells=cells), *tables[position + 1 :])
    )
    beyond = abs(Decimal(after) - Decimal(text)) > CENT
    return Injected(type_, sheet.form, f"row {cell.row + 1}, column {cell.column + 1}", text, after, beyond, published)


# ---- narrative ---------------------------------------------------------------------------------------------------------


def _in_text(filing: Generated, type_: str, r: Random) -> Injected | None:
    marks = [mark for mark in filing.marks if mark.kind in _KINDS[type_]]
    if type_ in _ALTERNATIVES:
        marks = [mark for mark in marks if _ALTERNATIVES[type_] in mark.others]
    if type_ in _DIGITS:
        marks = [mark for mark in marks if mark.tied or mark.kind != "count"]
    if not marks:
        return None
    mark = r.choice(marks)
    after = _wrong_words(filing, mark, type_, r)
    if after is None or after == mark.text:
        return None
    paragraphs = list(filing.published.paragraphs)
    text = paragraphs[mark.paragraph]
    paragraphs[mark.paragraph] = text[: mark.start] + after + text[mark.end :]
    published = replace(filing.published, paragraphs=tuple(paragraphs))
    place = f"paragraph {mark.paragraph + 1}, character {mark.start + 1}"
    return Injected(type_, "", place, mark.text, after, _beyond(mark, after), published, mark.tied)


def _wrong_words(filing: Generated, mark: Mark, type_: str, r: Random) -> str | None:
    found = NUMBER.match(mark.text)
    if type_ in _ALTERNATIVES:
        return mark.others[_ALTERNATIVES[type_]]
    if found is None:
        return None
    number, unit = found.group(), mark.text[found.end() :]
    if type_ in _DIGITS:
        after = _DIGITS[type_](number, r)
        return after + unit if after else None
    if not Decimal(number):
        return None
    if type_ == "unit, ×10,000":
        return r.choice((f"{number}元", f"{Decimal(number) * 10000:.2f}万元"))
    if type_ == "truncated, not rounded":
        return f"{mark.true.quantize(CENT, ROUND_DOWN)}{unit}"
    near = [
        m.text for m in filing.marks if m.kind == "amount" and m.paragraph == mark.paragraph and m.text != mark.text
    ]
    return r.choice(near) if near else None


def _beyond(mark: Mark, after: str) -> bool:
    found = NUMBER.match(after)
    if found is None or mark.kind in ("direction", "year"):
        return True
    printed = Decimal(found.group())
    if mark.kind == "amount" and not after.endswith("万元"):
        printed /= 10000
    if mark.kind == "rate":
        return abs(printed - mark.true) > mark.slack
    return abs(printed - Decimal(NUMBER.match(mark.text).group())) > (CENT if mark.kind == "amount" else 0)  # type: ignore[union-attr]


_ALTERNATIVES = {
    "copied prior-year figure": "prior",
    "wrong base": "base",
    "stale year": "stale",
    "direction word": "opposite",
}
_KINDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_DIGITS, ("amount", "rate", "count")),
    "unit, ×10,000": ("amount",),
    "neighbouring cell": ("amount",),
    "copied prior-year figure": ("amount",),
    "wrong base": ("rate",),
    "truncated, not rounded": ("amount", "rate"),
    "stale year": ("year",),
    "direction word": ("direction",),
}
_TYPES_OF: Mapping[Callable[[Generated, str, Random], Injected | None], frozenset[str]] = {
    _in_forms: frozenset(TYPES) - {"wrong base", *WORDS},
    _in_tables: frozenset(_DIGITS),
    _in_text: frozenset(_KINDS),
}
