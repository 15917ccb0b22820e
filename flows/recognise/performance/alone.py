"""Documents that hold tables of the performance self-evaluation and nothing else of the accounts: attachments to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from flows.read.document import Line
from flows.recognise.disclosure import SET_ASIDE, Filing, FormReading
from flows.recognise.performance.kinds import named_in_title, year_said
from flows.recognise.performance.reading import PerformanceReading

_AMOUNT = re.compile(r"\d\s*[千万亿]?\s*元")
_EVALUATED = ("全年执行数", "执行率", "实际完成值", "得分")
"""Columns that only an evaluation fills in; a table of targets, which belongs to a budget, leaves them out."""
_LONGEST_HEADING = 40
_NARRATIVE = 3
"""Amounts from which on a text that speaks of final accounts is their narrative."""


def stands_alone(
    filing: Filing, lines: Sequence[Line], forms: Sequence[FormReading], performance: PerformanceReading
) -> bool:
    """True when the tables in `performance` are all that the document holds: neither an official form nor a narrative.

    `lines` is the text outside all tables. The forms that such a document does not hold are published in another one.
    """
    official = any(form.form.startswith("T") and (form.title or form.status in ("read", "blank")) for form in forms)
    evaluated = any(figure.column in _EVALUATED for figure in performance.figures)
    if official or not evaluated or filing.kind in SET_ASIDE:
        return False
    headed = any("决算" in line.text and len(line.text) <= _LONGEST_HEADING for line in lines)
    amounts = sum(len(_AMOUNT.findall(line.text)) for line in lines)
    return not (headed and amounts >= _NARRATIVE)


def of_tables_alone(filing: Filing, name: str, performance: PerformanceReading) -> Filing:
    """`filing` as the tables tell of it where the rest of the document is silent; the file's `name` is a hint for the rest."""
    return replace(
        filing,
        kind="performance",
        organisation=filing.organisation or performance.organisation or named_in_title(name),
        fiscal_year=filing.fiscal_year or performance.year or year_said(name.rsplit(".", 1)[0] + "表"),
    )
