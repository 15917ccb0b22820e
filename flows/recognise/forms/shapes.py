"""What the cells of a table say of the form it is part of, for tables without a title and for continuations."""

from __future__ import annotations

from expectations.vocabulary import Form, Vocabulary
from flows.recognise.forms.coded import total_names
from flows.recognise.forms.columns import coded_layout, column_names, heading, sided_layout
from flows.recognise.forms.sided import line_names
from flows.recognise.forms.table import Table, code_and_name, code_of, read_header
from flows.recognise.forms.three_public import item_names, item_of
from flows.recognise.forms.titles import bare

_FIRST_DIGIT = {"functional": "2", "economic": "3"}
_TELLING = {
    "T02": {"上级补助收入", "事业收入", "经营收入", "附属单位上缴收入"},
    "T03": {"上缴上级支出", "经营支出", "对附属单位补助支出"},
}
"""Columns that only one form with functional codes has; T05, T08 and T09 share theirs and need a title."""


def belongs_to(table: Table, form: Form) -> bool:
    """True when `table` holds rows of `form`: codes of its classification or lines of its list."""
    texts = [cell.text for cell in table.cells]
    if form.id == "T07":
        items = item_names(form)
        return any(item_of(text, items) for text in texts)
    if form.shape == "lines":
        lines = line_names(form)
        return sum(bare(text) in lines for text in texts) >= max(1, len(table.rows) // 3)
    totals = total_names(form)
    codes = [code for text in texts if (code := code_of(text) or code_and_name(text)[0])]
    fitting = [code for code in codes if code.startswith(_FIRST_DIGIT.get(form.codes, ""))]
    return bool(fitting) if codes else any(bare(text) in totals for text in texts)


def could_be(table: Table, form: Form) -> bool:
    """True when something of `table` bears out the title of `form`: its rows, or a column of its header."""
    return belongs_to(table, form) or bool(known_columns(table, form))


def known_columns(table: Table, form: Form) -> set[str]:
    """The columns of the vocabulary that the header of `table` names."""
    names = column_names(form.columns)
    labels = line_names(form) if form.shape == "lines" else total_names(form)
    header = read_header(table, labels, lambda text: heading(text, names) is not None)
    layout = sided_layout(header.paths, form) if form.shape == "lines" else coded_layout(header.paths, form)
    return {role.column for role in layout.values() if role.kind == "amount"} & {column.zh for column in form.columns}


def is_refuted(table: Table, form: Form) -> bool:
    """True when the header of `table` is that of a government's accounts, whose forms bear similar titles: budget and
    outturn for each code instead of the kinds of income or expenditure.
    """
    if form.codes != "functional":
        return False
    names = column_names(form.columns)
    header = read_header(table, total_names(form), lambda text: heading(text, names) is not None)
    columns = {role.column for role in coded_layout(header.paths, form).values() if role.kind == "amount"}
    known = {column.zh for column in form.columns}
    return bool(columns - known) and len(columns & known) < 2


def form_by_shape(table: Table, vocabulary: Vocabulary) -> str | None:
    """The one form whose columns and lines `table` can have, told without a title; None when there is no such form."""
    for name in ("T04", "T01"):
        if _is_sided(table, vocabulary.forms[name]):
            return name
    for name in ("T02", "T03"):
        form = vocabulary.forms[name]
        names = column_names(form.columns)
        header = read_header(table, total_names(form), lambda text, names=names: heading(text, names) is not None)  # type: ignore[misc]
        columns = {role.column for role in coded_layout(header.paths, form).values() if role.kind == "amount"}
        if len(columns & _TELLING[name]) >= 2 and belongs_to(table, form):
            return name
    economic = vocabulary.forms["T06"]
    codes = [code for cell in table.cells if (code := code_of(cell.text))]
    staff = [code for code in codes if code.startswith("301")]
    if len(staff) >= 3 and any(code.startswith("302") for code in codes) and belongs_to(table, economic):
        return "T06"
    items = item_names(vocabulary.forms["T07"])
    named = {line.zh for cell in table.cells if (line := item_of(cell.text, items))}
    wanted = {"因公出国（境）费", "公务用车购置及运行维护费", "公务接待费"}
    return "T07" if wanted <= named and len(codes) == 0 else None


def _is_sided(table: Table, form: Form) -> bool:
    lines = line_names(form)
    names = column_names(form.columns)
    header = read_header(table, lines, lambda text: heading(text, names) is not None)
    layout = sided_layout(header.paths, form)
    sides = {role.side for role in layout.values() if role.kind == "amount"}
    columns = {role.column for role in layout.values() if role.kind == "amount"}
    known = {line.zh for cell in table.cells for line in lines.get(bare(cell.text), ())}
    enough = len(known) >= len(form.lines) // 3
    return enough and len(sides) == 2 and len(columns) == len(form.columns)
