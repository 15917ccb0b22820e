"""What the pages are made from: plain rows of the warehouse as frozen records.

`queries` fills these, `layout`, `narrative` and `evidence` arrange them, the templates print them. Amounts of a verdict are
in 万元 as the warehouse keeps them; figures and claims keep their printed unit. Of what a page holds by thousands the records are named tuples: a frozen dataclass takes four times as
long to make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from flows.explain.diagnosis import Suspect
from flows.read.document import has_pages

AGREES = ("holds", "rounding")
"""Statuses that are no finding."""


class Term(NamedTuple):
    """One term of a rule's arithmetic. `side`: stated or computed; the true value lies in value ± radius."""

    side: str
    sign: str
    id: str | None
    label: str
    value: Decimal | None
    radius: Decimal | None


class About(NamedTuple):
    """What a verdict is about, as printed: a cell of a form, a claim with its subject, or a sentence; all "" for anything else.

    `sentence` is the position of the sentence that is judged as a whole.
    """

    form: str = ""
    part: str = ""
    label: str = ""
    column: str = ""
    subject: str = ""
    quote: str = ""
    sentence: int | None = None


class Verdict(NamedTuple):
    """What one rule said of one instance in one filing. `measure`: amount (in 万元), percent, score, count or text."""

    rule: str
    filing: str
    instance: str
    status: str
    stated: Decimal | None
    computed: Decimal | None
    difference: Decimal | None
    bound: Decimal | None
    unexplained: Decimal | None
    measure: str
    reason: str
    page: int | None
    terms: tuple[Term, ...]
    fingerprint: str
    about: About = About()
    root: str = ""
    """The fingerprint of the finding that this one follows from; "" for a root, and for one that nothing ties to another."""

    @property
    def finding(self) -> bool:
        """Whether this verdict is a finding: anything that neither holds nor holds within rounding."""
        return self.status not in AGREES


class Spot(NamedTuple):
    """Where something is printed; see `flows.read.document.Place`."""

    page: int | None = None
    x0: float | None = None
    y0: float | None = None
    sheet: str | None = None
    cell: str | None = None
    line: int | None = None
    x1: float | None = None
    y1: float | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One file that was collected. `status` is read or unreadable, with the one-line reason in both languages."""

    sha256: str
    source: str
    media_type: str
    status: str
    reason_zh: str = ""
    reason_en: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """One version of one organisation's accounts, and the document it was read from."""

    key: str
    identity: str
    organisation: str
    fiscal_year: int | None
    kind: str
    scope: str
    unit: str
    version: int
    published_on: date | None
    pages: int | None
    numbers_seen: int | None
    numbers_placed: int | None
    document: Document

    @property
    def textual(self) -> bool:
        """Whether places are line numbers because the source has no pages."""
        return not has_pages(self.document.media_type)


@dataclass(frozen=True, slots=True)
class FormReading:
    """How one form was found; `pages` are line numbers where the source is text."""

    form: str
    title: str
    pages: tuple[int, ...]
    status: str
    unit: str
    statement: str
    reason_zh: str
    reason_en: str


class FormRow(NamedTuple):
    """One printed row of a form."""

    form: str
    part: str
    row_key: str
    code: str
    label: str
    level: int
    position: int
    block: str
    side: str
    spot: Spot


class Figure(NamedTuple):
    """One printed number of a form, in its printed unit."""

    id: str
    form: str
    part: str
    row_key: str
    column: str
    value: Decimal
    unit: str
    ulp: Decimal | None
    raw: str
    relation: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the narrative."""

    position: int
    section: str
    text: str
    spot: Spot


class Claim(NamedTuple):
    """One quantitative statement: the characters `start` to `end` of its sentence."""

    id: str
    kind: str
    subject: str
    value: Decimal
    unit: str
    ulp: Decimal | None
    quote: str
    sentence: int
    start: int
    end: int
    spot: Spot


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The terms of which something is computed, and those that are stated: of each its position, sign and label."""

    computed: tuple[tuple[int, str, str], ...]
    stated: tuple[tuple[int, str, str], ...]


class Agreement(NamedTuple):
    """A verdict that agrees and names a figure: as text what only the panel needs, for a filing has a thousand of them.

    `ids` and `values` are those of its terms, at the positions that `shape` tells: a value is "value radius", in
    万元 where it is money, either part "" for none; `result` is "stated computed bound", likewise.
    """

    rule: str
    status: str
    measure: str
    shape: Shape
    ids: Sequence[str | None]
    values: Sequence[str]
    result: str


class Passed(NamedTuple):
    """How many verdicts of one rule agree and name no figure; `form` is the form that they judge as a whole, or ""."""

    rule: str
    status: str
    form: str
    number: int


@dataclass(frozen=True, slots=True)
class Case:
    """Findings that one supposition clears, that of fingerprint `root` and those that follow from it; `outcome` as in `Diagnosis`."""

    root: str
    outcome: str
    suspects: tuple[Suspect, ...] = ()

    @property
    def sets(self) -> tuple[tuple[Suspect, ...], ...]:
        """The figures that are wrong together, if that is how it was; the likeliest first."""
        return tuple(tuple(some) for _, some in groupby(self.suspects, key=lambda one: one.set))


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that one filing's page shows. `verdicts` are its findings; what agrees stands in `agreements` and `passed`."""

    filing: Filing
    readings: tuple[FormReading, ...]
    rows: tuple[FormRow, ...]
    figures: tuple[Figure, ...]
    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...]
    verdicts: tuple[Verdict, ...]
    doubts: Mapping[str, dict[str, str]] = field(default_factory=dict)
    """What was read without certainty: id → why, by language."""
    agreements: tuple[Agreement, ...] = ()
    passed: tuple[Passed, ...] = ()
    cases: tuple[Case, ...] = ()
    """What is supposed of the findings."""


@dataclass(frozen=True, slots=True)
class Run:
    """One completed run over the warehouse."""

    id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one rule came to one status on current filings in the newest run: some thousand of these, whatever is judged."""

    rule: str
    status: str
    count: int
    following: int = 0
    """Of these, how many follow from another finding."""


@dataclass(frozen=True, slots=True)
class Night:
    """What the overview and the lists show; `counts` by table (documents, filings, figures, claims)."""

    runs: tuple[Run, ...]
    counts: dict[str, int]
    filings: tuple[Filing, ...]
    unreadable: tuple[Document, ...]
    missing: dict[str, tuple[str, ...]]
    tallies: tuple[Tally, ...]
    followers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many findings follow from a root, by filing and its fingerprint."""
    history: tuple[tuple[Run, dict[tuple[str, str], int]], ...] = field(default=())
    """For each run, oldest first, how many verdicts by rule and status."""
    postponed: tuple[str, ...] = ()
    """Sources of the documents that the night had no time for."""
