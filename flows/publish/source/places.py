"""Where the figures, claims and sentences of findings stand in the source, and what stands around them.

A page of a PDF or picture is shown as a picture with boxes. Workbooks show the cells around, text, web pages and Word documents the
lines around, as the warehouse holds them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from flows.publish.content.views import Claim, Contents, Figure, Filing, FormRow, Sentence, Spot
from flows.publish.pages.evidence import Evidence, Marks, anchor, sentence_id
from flows.publish.pages.forms import Mark
from flows.publish.pages.narrative import Run, runs_of
from flows.publish.source.album import FOLDER, Album, page_name
from flows.publish.source.rendering import Number, numbers_in, plain_number
from flows.publish.wording.numbers import printed

AROUND = 2
"""Rows of a form, sentences of the narrative, shown before and after what a finding is about."""
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Placed:
    """One figure, claim or sentence of a finding and its place. `name` says what it is, as printed."""

    id: str
    name: str
    spot: Spot
    mark: Mark


def placed(contents: Contents, touched: Marks) -> tuple[Placed, ...]:
    """Everything of which a finding says something, in printed order: forms, then narrative."""
    labels = {(row.form, row.part, row.row_key): row.label for row in contents.rows}
    made: list[Placed] = []

    def add(id: str, name: str, spot: Spot) -> None:
        if (mark := touched.of(id, name)).notes:
            made.append(Placed(id, name, spot, mark))

    for figure in contents.figures:
        if figure.id in touched.touching:
            label = labels.get((figure.form, figure.part, figure.row_key)) or figure.row_key
            add(figure.id, f"{label} · {figure.column}  {_raw(figure)}", figure.spot)
    for claim in contents.claims:
        if claim.id in touched.touching:
            add(claim.id, claim.quote, claim.spot)
    for sentence in contents.sentences:
        id = sentence_id(sentence.position)
        if id in touched.touching:
            add(id, sentence.text, _spot_of(sentence, contents.claims))
    return tuple(made)


def _spot_of(sentence: Sentence, claims: Iterable[Claim]) -> Spot:
    """Where a sentence stands: the box of its claims on its page, where it has any; of itself only the page is known."""
    spots = [one.spot for one in claims if one.sentence == sentence.position and one.spot.page == sentence.spot.page]
    boxes = [found for spot in spots if (found := box(spot))]
    if not boxes:
        return sentence.spot
    left, top, right, bottom = zip(*boxes, strict=True)
    return sentence.spot._replace(x0=min(left), y0=min(top), x1=max(right), y1=max(bottom))


def place_of(item: Evidence, everything: Mapping[str, Placed], spoken: Iterable[str]) -> Placed | None:
    """The place to which a finding leads: the figure it judges, else the first that it uses, else its sentence."""
    verdict = item.verdict
    ids = [term.id for side in ("stated", "computed") for term in verdict.terms if term.side == side and term.id]
    if verdict.about.sentence is not None and verdict.rule in spoken:
        ids.append(sentence_id(verdict.about.sentence))
    return next((everything[id] for id in ids if id in everything), None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A place on the picture of its page: the picture's address from the site's root, the page's size and the box, in points."""

    file: str
    width: float
    height: float
    box: tuple[float, float, float, float]


def shown(album: Album, filing: Filing, spot: Spot) -> Shown | None:
    """Where the place of a figure or claim can be seen, for whoever prints it; None where there is no picture or no box."""
    picture, edges = album.of(filing.document.sha256).pages.get(spot.page or 0), box(spot)
    return Shown(picture.file, picture.width, picture.height, edges) if picture and edges else None


def sharpened(contents: Contents, album: Album) -> Contents:
    """The filing with the box of each claim on its number, where a picture tells where that stands; else on its line, as read."""
    pages = album.of(contents.filing.document.sha256).pages
    if not pages:
        return contents
    said = {sentence.position: sentence.text for sentence in contents.sentences}
    same: dict[tuple[int, tuple[float, float, float, float], str], list[Claim]] = defaultdict(list)
    for claim in sorted(contents.claims, key=lambda one: (one.sentence, one.start)):
        edges, page = box(claim.spot), claim.spot.page
        if edges and page is not None and page in pages:
            text = plain_number(said.get(claim.sentence, "")[claim.start : claim.end])
            same[page, edges, text].append(claim)
    numbers = {page: numbers_in((album.folder / pages[page].file).read_bytes()) for page in {key[0] for key in same}}
    spots: dict[str, Spot] = {}
    for (page, edges, text), claims in same.items():
        standing = [one for one in numbers[page] if one.text == text and _within(one, edges)]
        # One number twice in a line, as in "0.00, before 0.00", is told apart by order, if every one is a claim.
        if len(standing) == len(claims):
            for claim, one in zip(claims, standing, strict=True):
                spots[claim.id] = claim.spot._replace(x0=one.x0, y0=one.y0, x1=one.x1, y1=one.y1)
    return replace(contents, claims=tuple(c._replace(spot=spots.get(c.id, c.spot)) for c in contents.claims))


def _within(one: Number, edges: tuple[float, float, float, float]) -> bool:
    across, down = (one.x0 + one.x1) / 2, (one.y0 + one.y1) / 2
    return edges[0] <= across <= edges[2] and edges[1] <= down <= edges[3]


def document_href(filing: Filing, home: str, at: str = "") -> str:
    """The address of the page about the filing's document; `at` names a place on it by the id of what stands there."""
    return f"{home}{FOLDER}/{page_name(filing.document.sha256)}.html{_at(at)}"


def place_href(filing: Filing, spot: Spot, home: str, at: str = "") -> str:
    """The address at which a place in the source is shown: its page's, or the document's where it has no pages to show."""
    if drawable(filing) and spot.page:
        return f"{home}{FOLDER}/{page_name(filing.document.sha256, spot.page)}.html{_at(at)}"
    return document_href(filing, home, at)


def drawable(filing: Filing) -> bool:
    """Whether the document has pages that are shown one by one."""
    media = filing.document.media_type
    return media.startswith("image/") or media == "application/pdf"


def source_anchor(id: str) -> str:
    """The anchor of a figure, claim or sentence on the pages of the source."""
    return "at-" + anchor(id)


def _at(id: str) -> str:
    return f"#{quote(source_anchor(id))}" if id else ""


def box(spot: Spot) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom in points from the page's top left corner; None where no box is known."""
    if spot.x0 is None or spot.y0 is None or spot.x1 is None or spot.y1 is None:
        return None
    return spot.x0, spot.y0, spot.x1, spot.y1


def without_place(
    contents: Contents, made: Sequence[Evidence], found: Mapping[str, Placed], spoken: Iterable[str]
) -> list[Evidence]:
    """Findings about what does not stand in the document."""
    return [e for e in made if e.standing in ("bad", "explain") and place_of(e, found, spoken) is None]


# ---- around a place: lines ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of a text as the warehouse holds it. `gap`: something is left out before it."""

    number: int | None
    runs: tuple[Run, ...]
    gap: bool = False


def lines_around(contents: Contents, found: Iterable[Placed]) -> list[SourceLine]:
    """The rows of forms and the sentences in which the places stand, and those next to them, by line."""
    by_id = {one.id: one for one in found}
    chosen = [*_rows_around(contents, by_id), *_sentences_around(contents, by_id)]
    chosen.sort(key=lambda one: (one[0] is None, one[0] or 0, one[1]))
    made: list[SourceLine] = []
    before: tuple[str, int] | None = None
    for number, order, kind, runs in chosen:
        made.append(SourceLine(number, runs, before is not None and before != (kind, order - 1)))
        before = kind, order
    return made


_Line = tuple[int | None, int, str, tuple[Run, ...]]


def _rows_around(contents: Contents, found: Mapping[str, Placed]) -> Iterator[_Line]:
    figures: dict[tuple[str, str, str], list[Figure]] = defaultdict(list)
    for figure in contents.figures:
        figures[figure.form, figure.part, figure.row_key].append(figure)
    tables: dict[tuple[str, str], list[FormRow]] = defaultdict(list)
    for row in contents.rows:
        tables[row.form, row.part].append(row)
    for (form, part), rows in tables.items():
        told = [any(f.id in found for f in figures[form, part, row.row_key]) for row in rows]
        for at in _near(told):
            row = rows[at]
            inside = figures[form, part, row.row_key]
            line = next((f.spot.line for f in inside if f.spot.line), row.spot.line)
            runs = [Run(f"{row.code} {row.label}".strip())]
            for figure in inside:
                one = found.get(figure.id)
                runs += [Run("  "), Run(_raw(figure), one.mark if one else None, one is not None)]
            yield line, at, f"{form}({part})", tuple(runs)


def _sentences_around(contents: Contents, found: Mapping[str, Placed]) -> Iterator[_Line]:
    claims: dict[int, list[Claim]] = defaultdict(list)
    for claim in contents.claims:
        if claim.id in found:
            claims[claim.sentence].append(claim)
    sentences = sorted(contents.sentences, key=lambda one: one.position)
    told = [bool(claims[one.position]) or sentence_id(one.position) in found for one in sentences]
    for at in _near(told):
        yield sentences[at].spot.line, at, "", tuple(_runs(sentences[at], claims[sentences[at].position], found))


def _runs(sentence: Sentence, claims: list[Claim], found: Mapping[str, Placed]) -> list[Run]:
    whole = found.get(sentence_id(sentence.position))
    return runs_of(sentence, claims, lambda claim: found[claim.id].mark, whole.mark if whole else None)


def _near(told: Sequence[bool]) -> list[int]:
    """The positions of what is true and of its neighbours."""
    return [at for at in range(len(told)) if any(told[max(0, at - AROUND) : at + AROUND + 1])]


def _raw(figure: Figure) -> str:
    return figure.raw or printed(figure.value, figure.ulp)


# ---- around a place: cells ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One cell; `runs` is () where nothing of it is known."""

    runs: tuple[Run, ...] = ()
    number: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Rows of one sheet around the places on it: the letters of its columns, then each row's number and cells."""

    sheet: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[SheetCell, ...]], ...]


def sheets_around(contents: Contents, found: Iterable[Placed]) -> list[Excerpt]:
    """The cells of a workbook in which the places stand, and those of the rows next to them, sheet by sheet."""
    by_id = {one.id: one for one in found}
    known: dict[str, dict[tuple[int, str], SheetCell]] = defaultdict(dict)
    told: dict[str, set[int]] = defaultdict(set)
    order: dict[str, int] = {}

    def put(spot: Spot, cell: SheetCell, chosen: bool) -> None:
        where = _CELL.fullmatch(spot.cell or "")
        if where and spot.sheet is not None:
            key = int(where[2]), where[1]
            order.setdefault(spot.sheet, spot.page or 0)
            before = known[spot.sheet].get(key, SheetCell())
            known[spot.sheet][key] = replace(cell, runs=before.runs + cell.runs)
            if chosen:
                told[spot.sheet].add(key[0])

    for row in contents.rows:
        put(row.spot, SheetCell((Run(row.label),)), False)
    for figure in contents.figures:
        one = by_id.get(figure.id)
        put(
            figure.spot,
            SheetCell((Run(_raw(figure), one.mark if one else None, one is not None),), True),
            one is not None,
        )
    _put_sentences(contents, by_id, put)
    return [_excerpt(sheet, known[sheet], told[sheet]) for sheet in sorted(told, key=lambda name: (order[name], name))]


def _put_sentences(
    contents: Contents, found: Mapping[str, Placed], put: Callable[[Spot, SheetCell, bool], None]
) -> None:
    """Sentences go where their claims stand: of a sentence itself only the sheet is known."""
    claims: dict[int, list[Claim]] = defaultdict(list)
    for claim in contents.claims:
        claims[claim.sentence].append(claim)
    for sentence in contents.sentences:
        inside = claims[sentence.position]
        if inside:
            chosen = [claim for claim in inside if claim.id in found]
            put(inside[0].spot, SheetCell(tuple(_runs(sentence, chosen, found))), bool(chosen))


def _excerpt(sheet: str, cells: Mapping[tuple[int, str], SheetCell], told: set[int]) -> Excerpt:
    rows = sorted({row for row, _ in cells})
    near = [rows[at] for at in _near([row in told for row in rows])]
    columns = sorted({column for row, column in cells if row in near}, key=lambda name: (len(name), name))
    blank = SheetCell()
    return Excerpt(
        sheet,
        tuple(columns),
        tuple((row, tuple(cells.get((row, column), blank) for column in columns)) for row in near),
    )


def pages_of(found: Iterable[Placed]) -> dict[int, list[Placed]]:
    """The places by page, from the first page on."""
    made: dict[int, list[Placed]] = defaultdict(list)
    for one in found:
        if one.spot.page:
            made[one.spot.page].append(one)
    return dict(sorted(made.items()))
