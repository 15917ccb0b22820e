"""Web page (HTML) → one page of lines and grids, as a browser shows it.

What scripts, style, `hidden` and inline styles hide is left out; styles of classes are not worked out. No entity beyond
HTML's own is resolved and nothing is fetched. Places are lines of the source (the parser counts to 65535).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lxml import etree

from flows.read.document import PICTURE, Grid, Line, Page, Place, Unreadable
from flows.read.flowing import Box, laid_out, raised, settled
from flows.read.formats import too_large

READER = "html/2"
MOST_BOXES = 1_000_000
MOST_COLUMNS = 1000
LEAST_PICTURE = 150
"""Pixels of a picture's shorter side that may show a table."""
MOST_PLACES = 2_000_000
"""Places of a table's grid, covered ones included."""
DEEPEST = 250
"""Elements within elements; the parser gives up a little later, and what follows would be lost unsaid."""

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_CHINESE = {"gb2312", "gbk", "x-gbk", "gb_2312-80", "hz-gb-2312", "cp936", "gb18030"}
_UNSEEN = frozenset(
    [
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "audio",
        "video",
        "canvas",
        "select",
        "datalist",
        "textarea",
        "button",
        "input",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all)", re.I)
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_NEVER = re.compile(r"[\u200b\u200c\u200d\u2060\ufeff\xad]")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def read_html(data: bytes) -> tuple[Page, ...]:
    """The one page of a web page's source. Raises `Unreadable`: empty, truncated, too_large, unknown_format."""
    text, doubts = _decoded(data)
    root = _parsed(text)
    if sum(1 for _ in root.iter("td", "th")) > MOST_BOXES:
        raise too_large(MOST_BOXES, "个单元格", "cells")
    items = tuple(_flow(root))
    if not items:
        raise Unreadable(
            "empty",
            {
                "zh": "网页里没有文字（内容可能由脚本生成）；请在浏览器中打开后另存，或提供原始文件。",
                "en": "The web page holds no text (scripts may put it there); save it from a browser, or supply the file.",
            },
        )
    return (Page(1, items, doubts),)


def _parsed(text: str) -> etree._Element:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, default_doctype=False
    )
    source = _XML_DECLARATION.sub(lambda found: "\n" * found[0].count("\n"), text).replace("\x00", "")
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise _damaged() from error
    if root is None:
        raise _damaged()
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            raise _damaged()
    return root


def _damaged() -> Unreadable:
    return Unreadable(
        "truncated",
        {
            "zh": "网页源代码已损坏；请在浏览器中打开后重新保存，或提供原始文件。",
            "en": "The web page's source is damaged; save it anew from a browser, or supply the file itself.",
        },
    )


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The source and doubts about it: by its mark, as UTF-8 when it is that throughout, as declared, as GB18030."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _replacing(data, encoding)
    # Pages saved anew are often UTF-8 under an old declaration; Chinese in GB18030 is hardly ever valid UTF-8.
    declared = _declared(data)
    for encoding in ("utf-8", declared, "gb18030"):
        try:
            return data.decode(encoding), ()
        except UnicodeDecodeError:
            continue
    return _replacing(data, declared)


def _replacing(data: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    text = data.decode(encoding, errors="replace")
    if "\ufffd" in text:
        return text, ("有无法解码的字符 / some characters could not be decoded",)
    return text, ()


def _declared(data: bytes) -> str:
    found = _CHARSET.search(data[:4096])
    name = found[1].decode("ascii", "replace").lower() if found else "utf-8"
    if name in _CHINESE:
        return "gb18030"
    try:
        # Codecs that are no character sets (rot13, zlib) have names too.
        return codecs.lookup(name).name if b"a".decode(name) == "a" else "utf-8"
    except (LookupError, ValueError, TypeError):
        return "utf-8"


def _flow(element: etree._Element) -> tuple[Line | Grid, ...]:
    """What is shown within an element, in order: lines of text and, between them, its tables."""
    items: list[Line | Grid] = []
    pending: list[str] = []
    start = 0

    def end_line() -> None:
        if text := _SPACES.sub(" ", settled("".join(pending))).strip():
            items.append(Line(text, Place(line=start)))
        pending.clear()

    for piece, line in _pieces(element):
        if isinstance(piece, str):
            if pending or piece.strip():
                start = start if pending else line
                pending.append(piece)
            continue
        end_line()
        if piece is not None:
            items += _table(piece)
    end_line()
    return tuple(items)


def _pieces(element: etree._Element) -> Iterator[tuple[str | etree._Element | None, int]]:
    """Pieces of text, None where a line ends, and tables whole, each with its line in the source."""
    line = element.sourceline or 0
    kept = element.tag == "pre"
    yield from _text(element.text, line, kept)
    for child in element:
        if isinstance(child.tag, str) and not _hidden(child):
            at = child.sourceline or line
            if child.tag == "table":
                yield child, at
            elif child.tag == "sup":
                yield raised("".join(child.itertext())), at
            elif child.tag == "img":
                yield (PICTURE if _is_large(child) else ""), at
            elif child.tag in ("br", "wbr"):
                yield ("", at) if child.tag == "wbr" else (None, at)
            else:
                block = child.tag in _BLOCKS
                if block:
                    yield None, at
                yield from _pieces(child)
                if block:
                    yield None, at
        yield from _text(child.tail, child.sourceline or line, kept)


def _text(text: str | None, line: int, kept: bool) -> Iterator[tuple[str | None, int]]:
    """A stretch of text; in preformatted text line feeds end lines."""
    if not text:
        return
    shown = _NEVER.sub("", text)
    if not kept:
        yield shown, line
        return
    for index, part in enumerate(shown.split("\n")):
        if index:
            yield None, line + index
        yield part, line + index


def _hidden(element: etree._Element) -> bool:
    if element.tag in _UNSEEN or element.get("hidden") is not None:
        return True
    style = element.get("style")
    return bool(style and _HIDING.search(style))


def _is_large(image: etree._Element) -> bool:
    """Whether a picture may show a table: its source gives it room for one. Icons and buttons do not count."""
    style = image.get("style") or ""
    sizes = [
        int(found[1])
        for name in ("width", "height")
        for said in (image.get(name) or "", *re.findall(rf"(?:^|;)\s*{name}\s*:\s*(\d+)px", style, re.I))
        if (found := re.match(r"\s*(\d{1,5})(?:px)?\s*$", said))
    ]
    return len(sizes) >= 2 and min(sizes) >= LEAST_PICTURE


def _table(table: etree._Element) -> Iterator[Line | Grid]:
    """A table's caption, then the table itself."""
    place = Place(line=table.sourceline or 0)
    for caption in table.iterchildren("caption"):
        if not _hidden(caption):
            yield from _flow(caption)
    yield from laid_out(list(_boxes(table)), place)


def _boxes(table: etree._Element) -> Iterator[Box]:
    """The cells of a table at the places that HTML's rules of spanning give them."""
    taken: dict[int, int] = {}  # column → first row free again
    passed = 0
    for row, (element, following) in enumerate(_rows(table)):
        column = 0
        for cell in _within(element, ("td", "th"), ("table",)):
            while taken.get(column, 0) > row:
                column += 1
                passed += 1
            if passed > MOST_PLACES:
                raise too_large(MOST_PLACES, "个表格位置", "places of a table")
            across = max(1, min(_number(cell.get("colspan")), MOST_COLUMNS - column))
            down = min(_number(cell.get("rowspan")) or following, following)
            if column >= MOST_COLUMNS:
                raise too_large(MOST_COLUMNS, "列", "columns")
            place = Place(line=cell.sourceline or element.sourceline or 0)
            yield Box(row, column, down, across, place, _flow(cell))
            for at in range(column, column + across):
                taken[at] = row + down
            column += across


def _rows(table: etree._Element) -> Iterator[tuple[etree._Element, int]]:
    """The shown rows in printed order, each with how many of its group are left, itself counted."""
    groups: list[list[etree._Element]] = [[]]
    feet: list[list[etree._Element]] = []
    for child in _within(table, ("tr", "thead", "tbody", "tfoot"), ("table", "caption", "td", "th")):
        if child.tag == "tr":
            groups[-1].append(child)
            continue
        rows = list(_within(child, ("tr",), ("table", "td", "th")))
        (feet if child.tag == "tfoot" else groups).append(rows)
        groups.append([])
    for rows in [*groups, *feet]:
        for index, row in enumerate(rows):
            yield row, len(rows) - index


def _within(element: etree._Element, sought: tuple[str, ...], barred: tuple[str, ...]) -> Iterator[etree._Element]:
    """The nearest shown descendants of these tags, whatever stands between (a form, say), but not through `barred`."""
    for child in element:
        if not isinstance(child.tag, str) or _hidden(child):
            continue
        if child.tag in sought:
            yield child
        elif child.tag not in barred:
            yield from _within(child, sought, barred)


def _number(text: str | None) -> int:
    """A span as HTML reads it: leading digits, 1 when there are none."""
    found = re.match(r"\s*(\d{1,6})", text or "")
    return int(found[1]) if found else 1
