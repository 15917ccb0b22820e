"""Word document (docx; doc through LibreOffice) → one page of lines and grids in the document's order.

A page is a matter of layout, which the file does not hold: a place's `line` counts the paragraphs and table rows of the
body, from 1. Headers, footers, footnotes, comments, tracked deletions and hidden text are left out; hiding by a style is
not worked out. A large picture or an embedded workbook is a line that says so.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from flows.read.document import EMBEDDED, NOT_READ, PICTURE, Grid, Line, Page, Place, Unreadable
from flows.read.flowing import Box, laid_out, raised, settled
from flows.read.formats import too_large
from flows.read.numbering import Numbering, numbering_of
from flows.read.office import as_docx
from flows.read.parts import UNSOUND, main_part, xml_part

READER = "word/2"
MOST_COLUMNS = 1000
LEAST_PICTURE = 1_080_000
"""Shorter side of a picture that may show a table, 3 cm in the units of the format."""
_OFF = frozenset({"0", "false", "off", "none"})
_DROPPED = frozenset({"del", "moveFrom", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sdtPr", "instrText", "delText"})


@dataclass
class _Position:
    """Paragraphs and table rows met so far, and the lists that number them; a cell's paragraphs stand at their row."""

    line: int = 0
    inside: int = 0
    numbering: Numbering = field(default_factory=Numbering)

    def step(self) -> None:
        self.line += not self.inside

    @property
    def place(self) -> Place:
        return Place(line=self.line)


def read_docx(data: bytes) -> tuple[Page, ...]:
    """The one page of a Word document. Raises `Unreadable`: truncated, too_large, empty."""
    root, numbering = _opened(data)
    body = next((child for child in root if _kind(child) == "body"), None)
    items = tuple(_blocks(body, _Position(numbering=numbering))) if body is not None else ()
    if all(isinstance(item, Line) and item.text in NOT_READ for item in items):
        raise Unreadable(
            "empty",
            {
                "zh": "文档里没有文字（可能只有图片）；请提供带文字的版本。",
                "en": "The document holds no text (pictures only, perhaps); supply one with text.",
            },
        )
    return (Page(1, items),)


def read_doc(data: bytes) -> tuple[Page, ...]:
    """As `read_docx`, of an old Word document, which LibreOffice converts first.

    Raises `Unreadable` also as unknown_format (no LibreOffice here) and truncated (LibreOffice cannot open it).
    """
    return read_docx(as_docx(data))


def _opened(data: bytes) -> tuple[etree._Element, Numbering]:
    """The document's root and its lists."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            lists, styles = (
                xml_part(archive, name) if name in archive.NameToInfo else None
                for name in ("word/numbering.xml", "word/styles.xml")
            )
            return xml_part(archive, main_part(archive, "word/document.xml")), numbering_of(lists, styles)
    except UNSOUND as error:
        raise Unreadable(
            "truncated",
            {
                "zh": "Word 文档不完整或已损坏；请重新获取，或打开后另存。",
                "en": "The Word document is incomplete or damaged; fetch it again, or open it and save it anew.",
            },
        ) from error


def _blocks(parent: etree._Element, at: _Position) -> Iterator[Line | Grid]:
    """Paragraphs and tables within an element, in order, whatever wraps them (content controls, insertions)."""
    for child in _shown(parent):
        kind = _kind(child)
        if kind == "p":
            at.step()
            yield from _paragraph(child, at)
        elif kind == "tbl":
            yield from _table(child, at)
        elif kind not in ("sectPr", "tblGrid"):
            yield from _blocks(child, at)


def _paragraph(paragraph: etree._Element, at: _Position) -> Iterator[Line | Grid]:
    """A paragraph's lines, then what stands in text boxes anchored to it."""
    boxes: list[etree._Element] = []
    shown = settled("".join(_runs(paragraph, boxes)))
    number = at.numbering.number(_property(paragraph, "pPr"))
    if number and (shown.strip() or at.inside):
        shown = f"{number} {shown.lstrip()}" if number[-1].isascii() else number + shown.lstrip()
    if not (shown.strip() or boxes):
        shown = _unread(paragraph)
    for text in shown.split("\n"):
        if text.strip():
            yield Line(text.strip(), at.place)
    for box in boxes:
        at.inside += 1
        yield from list(_blocks(box, at))
        at.inside -= 1


def _unread(paragraph: etree._Element) -> str:
    """What a paragraph without text shows: "" unless it is a picture or workbook large enough for a table."""
    for element in paragraph.iter():
        kind = _kind(element)
        if kind == "OLEObject":
            return EMBEDDED
        if kind == "imagedata":
            return PICTURE
        if kind == "extent":
            sizes = [value for name in ("cx", "cy") if (value := str(element.get(name, ""))).isdecimal()]
            if len(sizes) == 2 and min(map(int, sizes)) >= LEAST_PICTURE:
                return PICTURE
    return ""


def _runs(parent: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
    """The text of a paragraph's runs; text boxes met on the way are put into `boxes`."""
    for child in _shown(parent):
        kind = _kind(child)
        if kind == "t":
            yield (child.text or "").replace("\n", " ").replace("\xa0", " ")
        elif kind == "tab":
            yield "\t"
        elif kind in ("br", "cr"):
            yield "\n"
        elif kind == "noBreakHyphen":
            yield "-"
        elif kind == "txbxContent":
            boxes.append(child)
        elif kind == "r" and _is_raised(child):
            yield raised("".join(_runs(child, boxes)))
        elif not (kind == "r" and _hidden_run(child)):
            yield from _runs(child, boxes)


def _shown(parent: etree._Element) -> Iterator[etree._Element]:
    """The children that count: no deletions, no properties, and of alternatives for old and new programs the first."""
    for child in parent:
        kind = _kind(child)
        if kind == "AlternateContent":
            yield from (choice for choice in list(child)[:1] if isinstance(choice.tag, str))
        elif kind and kind not in _DROPPED:
            yield child


def _is_raised(run: etree._Element) -> bool:
    level = _property(_property(run, "rPr"), "vertAlign")
    return level is not None and _value(level) == "superscript" and not _hidden_run(run)


def _hidden_run(run: etree._Element) -> bool:
    return _switched(_property(run, "rPr"), "vanish")


def _table(table: etree._Element, at: _Position) -> Iterator[Line | Grid]:
    """A table as it is laid out; its place is that of its first row."""
    boxes: list[Box] = []
    open_above: dict[int, int] = {}  # first column of a cell that may go on below → its index in `boxes`
    first: Place | None = None
    for row, element in enumerate(_rows(table)):
        at.step()
        first = first or at.place
        at.inside += 1
        for column, across, goes_on, cell in _cells(element):
            above = open_above.get(column)
            if goes_on == "continue" and above is not None:
                boxes[above] = replace(boxes[above], row_span=row + 1 - boxes[above].row)
                continue
            boxes.append(Box(row, column, 1, across, at.place, tuple(_blocks(cell, at))))
            open_above.pop(column, None)
            if goes_on:
                open_above[column] = len(boxes) - 1
        at.inside -= 1
    if boxes and first:
        yield from laid_out(boxes, first)


def _rows(parent: etree._Element) -> Iterator[etree._Element]:
    for child in _shown(parent):
        if _kind(child) == "tr":
            properties = _property(child, "trPr")
            if _property(properties, "del") is None and not _switched(properties, "hidden"):
                yield child
        elif _kind(child) != "tbl":
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[tuple[int, int, str, etree._Element]]:
    """Each cell's first column, columns across, whether it is merged downwards ("restart", "continue", "") and itself."""
    column = min(_number(_property(_property(row, "trPr"), "gridBefore"), 0), MOST_COLUMNS)
    for cell in _descend(row, "tc"):
        properties = _property(cell, "tcPr")
        across = min(max(1, _number(_property(properties, "gridSpan"), 1)), MOST_COLUMNS)
        merge = _property(properties, "vMerge")
        if column >= MOST_COLUMNS:
            raise too_large(MOST_COLUMNS, "列", "columns")
        yield column, across, "" if merge is None else _value(merge) or "continue", cell
        column += across


def _descend(parent: etree._Element, sought: str) -> Iterator[etree._Element]:
    for child in _shown(parent):
        if _kind(child) == sought:
            yield child
        elif _kind(child) not in ("tbl", "p"):
            yield from _descend(child, sought)


def _kind(element: etree._Element) -> str:
    """The tag without its namespace; "" of comments and unresolved entities."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _property(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else next((child for child in element if _kind(child) == name), None)


def _value(element: etree._Element) -> str:
    return next((value for key, value in element.attrib.items() if str(key).endswith("}val")), "")


def _switched(properties: etree._Element | None, name: str) -> bool:
    found = _property(properties, name)
    return found is not None and _value(found).lower() not in _OFF


def _number(element: etree._Element | None, otherwise: int) -> int:
    text = "" if element is None else _value(element)
    return int(text) if text.isdecimal() and len(text) < 7 else otherwise
