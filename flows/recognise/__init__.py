"""Grids become figures of the official forms, sentences become claims: a `Document` is recognised as a `Disclosure`."""

from __future__ import annotations

from dataclasses import replace

from expectations.vocabulary import load
from flows.read.document import Document, Grid
from flows.recognise.disclosure import Disclosure, Reading
from flows.recognise.doubts import uncertain_figures, uncertain_statements, uncertain_tables
from flows.recognise.forms.reading import FormsReading, recognise_forms
from flows.recognise.forms.titles import title_names
from flows.recognise.identity import identify
from flows.recognise.narrative.reading import recognise_narrative
from flows.recognise.performance.alone import of_tables_alone, stands_alone
from flows.recognise.performance.reading import PerformanceReading, recognise_performance
from flows.recognise.prose import contents_lines, running_lines, text_lines

__all__ = ["is_account", "is_template", "recognise"]


def recognise(document: Document) -> Disclosure:
    """What `document` discloses: its forms and performance tables with every figure, and its narrative with every claim.

    A document without any form is a disclosure whose forms are all missing; `is_account` says whether it is one at all.
    """
    vocabulary = load()
    contents = contents_lines(document)
    running = running_lines(document, title_names(vocabulary))
    forms = recognise_forms(document, vocabulary, contents | running)
    performance = recognise_performance(_without(document, forms.grids), vocabulary)
    lines = text_lines(document, contents | running | forms.lines)
    lines = [line for line in lines if id(line.place) not in performance.titles]
    rows = forms.rows + performance.rows
    figures = forms.figures + performance.figures
    reading = _reading(document, forms, performance)
    filing = identify(document, lines, forms.above, reading.forms)
    if stands_alone(filing, lines, reading.forms, performance):
        filing = of_tables_alone(filing, document.name, performance)
        reading = replace(reading, forms=performance.found, unplaced=performance.unplaced, doubts=performance.uncertain)
    doubtful = {form.form for form in reading.forms if form.status == "unreadable"}
    sure_figures = [figure for figure in figures if figure.form not in doubtful]
    sure_rows = [row for row in rows if row.form not in doubtful]
    sentences, claims, relations = recognise_narrative(
        lines, sure_figures, sure_rows, filing, vocabulary, performance.text_cells, performance.told
    )
    doubts = (
        *reading.doubts,
        *uncertain_figures(document, figures),
        *uncertain_tables(document, performance.grids, performance.figures),
        *uncertain_statements(document, [*lines, *performance.text_cells], sentences, claims),
    )
    disclosure = Disclosure(
        document.name,
        document.sha256,
        document.media_type,
        filing,
        replace(reading, doubts=tuple({doubt.id: doubt for doubt in doubts}.values())),
        rows,
        figures,
        sentences,
        claims,
        relations + performance.relations,
    )
    return replace(disclosure, filing=replace(filing, kind="template")) if is_template(disclosure) else disclosure


def is_account(disclosure: Disclosure) -> bool:
    """True when the document is a final account: it has an official form, or a narrative of final accounts with amounts.

    So are tables of the performance self-evaluation that are published by themselves. A budget is none, nor is a document
    that merely quotes amounts.
    """
    if disclosure.filing.kind == "performance":
        return True
    if any(form.form.startswith("T") and form.status in ("read", "blank") for form in disclosure.reading.forms):
        return True
    amounts = sum(claim.kind == "amount" for claim in disclosure.claims)
    return disclosure.filing.kind == "final_accounts" and amounts >= 3


def is_template(disclosure: Disclosure) -> bool:
    """True for an official form set that nobody has filled in: forms are there, but neither a figure nor a claim."""
    there = any(form.status == "blank" for form in disclosure.reading.forms)
    return there and not disclosure.figures and not disclosure.claims


def _without(document: Document, grids: frozenset[int]) -> Document:
    """`document` without the tables that the official forms took."""
    pages = tuple(
        replace(page, items=tuple(item for item in page.items if not (isinstance(item, Grid) and id(item) in grids)))
        for page in document.pages
    )
    return replace(document, pages=pages)


def _reading(document: Document, forms: FormsReading, performance: PerformanceReading) -> Reading:
    placed = len(performance.figures)
    unplaced = performance.unplaced
    return Reading(
        pages=len(document.pages),
        numbers_seen=forms.numbers_seen + placed + len(unplaced),
        numbers_placed=forms.numbers_placed + placed,
        unplaced=forms.unplaced + unplaced,
        forms=forms.forms + performance.found,
        doubts=(*forms.doubts, *performance.uncertain),
    )
