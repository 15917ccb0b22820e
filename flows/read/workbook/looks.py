"""How a workbook's sheets look: number format of every cell, hidden rows and columns, formulas without a result.

Read from the xlsx parts directly: the value readers do not tell it, and a full load of the workbook costs ten times
as much.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

from lxml import etree

from flows.read.formats import too_large
from flows.read.parts import xml_part
from flows.read.workbook.numberformat import BUILT_IN

MOST_SHEETS = 1000
_ANNOUNCED = re.compile(rb"uniqueCount\s*=\s*[\"'](\d+)")

_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class Looks:
    """One sheet's looks; rows and columns count from 0.

    `formats` maps (row, column) to the number format where it is not General.
    """

    formats: dict[tuple[int, int], str]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    unsolved: tuple[str, ...]
    """Cells whose formula has no stored result: displayed on opening, but not there to be read."""
    area: int = 0
    """Cells of the rectangle around all that are stored: what a reader that unrolls the sheet will need."""


NO_LOOKS = Looks({}, frozenset(), frozenset(), ())


def sheet_looks(archive: zipfile.ZipFile) -> dict[str, Looks]:
    """The looks of each sheet by its name.

    Raises KeyError, ParseError or BadZipFile on a broken workbook and `Unreadable` (too_large).
    """
    try:
        return _sheet_looks(archive)
    except etree.LxmlError as error:
        raise ElementTree.ParseError(str(error)) from error


def _sheet_looks(archive: zipfile.ZipFile) -> dict[str, Looks]:
    _expect_true_count(archive)
    formats = _formats(archive)
    targets = {
        relation.get("Id"): relation.get("Target", "") for relation in xml_part(archive, "xl/_rels/workbook.xml.rels")
    }
    looks: dict[str, Looks] = {}
    sheets = list(xml_part(archive, "xl/workbook.xml").iter("{*}sheet"))
    if len(sheets) > MOST_SHEETS:
        raise too_large(MOST_SHEETS, "张工作表", "sheets")
    for sheet in sheets:
        relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if part in archive.NameToInfo:
            looks[sheet.get("name", "")] = _looks(archive, part, formats)
    return looks


def _expect_true_count(archive: zipfile.ZipFile) -> None:
    """Raises ParseError where more shared texts are announced than the part can hold: room for as many would be made."""
    for part in archive.infolist():
        if part.filename.lower().endswith("sharedstrings.xml"):
            with archive.open(part) as stream:
                announced = _ANNOUNCED.search(stream.read(4096))
            if announced and int(announced[1]) > part.file_size:
                raise ElementTree.ParseError("more shared texts are announced than there are bytes")


def cell_name(row: int, column: int) -> str:
    """The sheet's name of a cell: (6, 2) → "C7"."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def _formats(archive: zipfile.ZipFile) -> list[str]:
    """The number format of each cell style, "" for General."""
    if "xl/styles.xml" not in archive.NameToInfo:
        return []
    root = xml_part(archive, "xl/styles.xml")
    named = dict(BUILT_IN)
    styles: list[str] = []
    for element in root:
        kind = element.tag.rpartition("}")[2]
        if kind == "numFmts":
            named |= {int(item.get("numFmtId", 0)): item.get("formatCode", "") for item in element}
        elif kind == "cellXfs":
            styles = [named.get(int(item.get("numFmtId", 0)), "") for item in element]
    return styles


def _looks(archive: zipfile.ZipFile, part: str, styles: list[str]) -> Looks:
    formats: dict[tuple[int, int], str] = {}
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    unsolved: list[str] = []
    rows: set[int] = set()
    columns: set[int] = set()
    row = column = -1
    with archive.open(part) as stream:
        # A token of more than 10 MB is refused here, where the standard library would look at it again with every block.
        for event, element in etree.iterparse(
            stream, ("start", "end"), resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
        ):
            kind = element.tag.rpartition("}")[2]
            if event == "start":
                if kind == "row":
                    row, column = int(element.get("r", row + 2)) - 1, -1
                    if element.get("hidden") in ("1", "true"):
                        hidden_rows.add(row)
                elif kind == "col" and element.get("hidden") in ("1", "true"):
                    hidden_columns.update(range(int(element.get("min", 1)) - 1, min(int(element.get("max", 1)), 16384)))
                continue
            if kind == "c":
                column = _column(element.get("r"), column + 1)
                style = int(element.get("s", 0))
                if style < len(styles) and styles[style]:
                    formats[row, column] = styles[style]
                if len(element):
                    rows.add(_row(element.get("r"), row))
                    columns.add(column)
                children = {child.tag.rpartition("}")[2]: child.text for child in element}
                if "f" in children and not children.get("v") and element.get("t") != "str":
                    unsolved.append(cell_name(row, column))
            if kind == "row":
                element.clear()
    return Looks(
        formats, frozenset(hidden_rows), frozenset(hidden_columns), tuple(unsolved), _span(rows) * _span(columns)
    )


def _span(positions: set[int]) -> int:
    return max(positions) - min(positions) + 1 if positions else 0


def _row(reference: str | None, current: int) -> int:
    """The row of a cell reference, which a damaged sheet may put elsewhere than into its row."""
    match = _REFERENCE.match(reference or "")
    return current if match is None else int(match[2]) - 1


def _column(reference: str | None, following: int) -> int:
    """The column of a cell reference; cells without one follow each other."""
    match = _REFERENCE.match(reference or "")
    if match is None:
        return following
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
