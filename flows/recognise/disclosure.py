"""What recognition returns: one filing with its figures, sentences and claims, each still knowing its place.

The warehouse, `hedui check` and the pages are all made from a `Disclosure`; nothing downstream looks at
a document again.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flows.read.document import Place

RATIO = "比率"
"""The unit of a rate that is printed as a ratio: 0.95 of it are 95 %."""


@dataclass(frozen=True, slots=True)
class Filing:
    """One organisation's accounts for one fiscal year, as far as the document itself tells.

    `kind`: final_accounts (部门决算), performance (tables of the self-evaluation published by themselves), budget (预算),
    government_accounts (政府决算, those of a government as a whole), template (an empty form set) or unknown; only the first two
    are judged. `scope`: department (部门) or unit (单位).
    `unit`: the amounts' unit stated on most forms (元, 千元, 万元, 亿元), "" when none is stated.
    `region`: the administrative region that the organisation's name begins with (某省某市某县), "" when it does not tell.
    """

    organisation: str
    fiscal_year: int | None
    kind: str = "final_accounts"
    scope: str = "department"
    unit: str = ""
    region: str = ""


SET_ASIDE = ("budget", "government_accounts")
"""Kinds that are recognised and recorded, but not judged: the forms and rules of final accounts are not theirs."""


@dataclass(frozen=True, slots=True)
class FormReading:
    """How one official form was found.

    `status`: read, blank (present without any figure), missing, unreadable. `title` as printed.
    `pages`: page numbers (for text: line numbers) where it stands. `statement`: the sentence that says there is no data.
    `reason`: why it is unreadable, {"zh": …, "en": …}; None otherwise.
    """

    form: str
    title: str
    pages: tuple[int, ...]
    status: str
    unit: str = ""
    statement: str = ""
    reason: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FormRow:
    """One printed row of a form, whether or not it carries figures, so that the form can be laid out again.

    `part`: which of several tables of this form ("" or, for P02, the project's name). `row_key`: unique within form and part:
    the code where there is one, otherwise the line's name in the vocabulary, otherwise the bare label; a repeat gets "#2".
    `code`: classification code or "". `label`: as printed, line breaks removed. `level`: 0 total, 1 类, 2 款, 3 项, or indent.
    `parent_key`: the row of which this one is a part ("" for none). `block`: for performance tables funds, indicator or
    total; "" elsewhere. `position` counts from 0 in printed order. `side`: income, expenditure or "".
    """

    form: str
    part: str
    row_key: str
    code: str
    label: str
    level: int
    parent_key: str
    position: int
    place: Place
    block: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number of a form.

    `id` is "FORM/ROW_KEY/COLUMN", with part "FORM(PART)/ROW_KEY/COLUMN". `column` is the column's Chinese name in the
    vocabulary. `value` in `unit`; `ulp` is the unit of the last place in the same unit (two decimals: 0.01), shared by all
    amounts of one form. `raw` as printed. `relation` is "≥", "≤", … where a performance target is a bound, otherwise "".
    """

    id: str
    form: str
    part: str
    row_key: str
    column: str
    value: Decimal
    unit: str
    ulp: Decimal
    raw: str
    place: Place
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the narrative, white space removed, full-width digits made plain.

    `section` is the chain of headings above it joined by "/"; `position` counts from 0; `place` is where it begins.
    """

    position: int
    section: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Claim:
    """One quantitative statement of the narrative.

    `id` is "N/" and a running number in four digits. `kind`: amount, share, change_amount, change_pct, completion_pct, count, score.
    `subject` and `base` as resolved text; `concept` is the figure id that the subject names ("T03/合计/基本支出") or the name of a
    narrative concept of the vocabulary ("政府采购支出总额"), "" when unresolved. `direction`: up, down, flat or none.
    `sentence` is the position of its `Sentence`; `start` and `end` its characters there. `year` the fiscal year it speaks of.
    """

    id: str
    kind: str
    subject: str
    base: str
    concept: str
    value: Decimal
    unit: str
    ulp: Decimal
    direction: str
    quote: str
    place: Place
    sentence: int
    start: int
    end: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """Claims that one statement ties together, by role: what the rules of the narrative run on.

    `kind` and its roles are those of expectations/vocabulary/narrative.yaml ("share": rate, part, whole). `roles` maps a role to
    the id of a claim or figure; `parts` lists the ids of a relation with many members (sum, share_list).
    `text` holds the roles that are words (direction, base named). `sentence` is where the statement stands.
    """

    id: str
    kind: str
    roles: dict[str, str]
    sentence: int
    parts: tuple[str, ...] = ()
    text: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something whose reading is not certain: no rule that needs it can hold or break.

    `id` is that of a figure (or of the cell that would be one), of a claim, "S/" and the position of a sentence, or a form.
    `reason` is the reader's own, {"zh": …, "en": …}. Several may share a place: a cell that could not be read
    also leaves the totals open that it is part of.
    """

    id: str
    reason: dict[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class Reading:
    """What was seen: pages, and whether every printed number of the forms found its place.

    `unplaced` lists (text, place) of numbers on a form that are neither figure, code, year, page nor row number; `doubts`
    what was read, or is known to be there, without certainty.
    """

    pages: int
    numbers_seen: int
    numbers_placed: int
    unplaced: tuple[tuple[str, Place], ...]
    forms: tuple[FormReading, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One document, recognised."""

    source: str
    sha256: str
    media_type: str
    filing: Filing
    reading: Reading
    rows: tuple[FormRow, ...]
    figures: tuple[Figure, ...]
    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...]
    relations: tuple[Relation, ...]
