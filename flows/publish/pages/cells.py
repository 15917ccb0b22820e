"""Forms and narrative as HTML: a filing prints a thousand figures, so they are joined here and not by the templates, once for both
languages and without a letter that a browser does not need (ends of cells, quotes around simple values).

What differs between languages stands among the text as a pair (zh, en); `spoken` chooses. Everything that a document says is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from markupsafe import Markup

from flows.publish.pages.evidence import anchor
from flows.publish.pages.forms import Cell, Mark
from flows.publish.pages.narrative import Block, Run
from flows.publish.wording.words import LANGUAGES, say

Pieces = tuple["str | tuple[str, ...]", ...]
_CHINESE = ("", " lang=zh-Hans")
"""Said of Chinese words where the page is not Chinese itself."""


def spoken(pieces: Pieces, lang: str) -> Markup:
    """The HTML in one language."""
    at = LANGUAGES.index(lang)
    return Markup("".join([piece if isinstance(piece, str) else piece[at] for piece in pieces]))


def look(mark: Mark) -> str:
    """The classes that colour a figure: the ground of one that may be wrong, only the edge of others in a finding; where none is
    suspected the ground of what the finding states."""
    if mark.role == "suspect":
        return f"{mark.standing} sus"
    if mark.role == "stated" or mark.standing not in ("bad", "explain"):
        return mark.standing
    return "inv" if mark.standing == "bad" else "explain light"


def rows_pieces(rows: Iterable[Iterable[Cell]]) -> Pieces:
    """The body of a form's table."""
    made: list[str | tuple[str, ...]] = []
    for row in rows:
        made.append("<tr>")
        for cell in row:
            _cell(cell, made)
        made.append("\n")
    return tuple(made)


def _cell(cell: Cell, made: list[str | tuple[str, ...]]) -> None:
    flags = cell.begins, cell.strong, cell.total
    if cell.kind == "label":
        level = f"l{min(cell.level, 4)}" if cell.level > 1 else ""
        made += (f"<th scope=row{_classes(level, flags)}", _CHINESE, f">{escape(cell.text, quote=False)}")
    elif cell.mark is not None:
        begun = f"<td{_classes('', flags, look(cell.mark))}><a id={anchor(cell.mark.id)}"
        _figure(cell.mark, begun, _standing(_word(cell.mark), " {}"), made)
    elif cell.kind == "code":
        made.append(f"<td{_classes('code', flags)}>{escape(cell.text, quote=False)}")
    else:
        made.append(f"<td{_classes('', flags)}>")


@lru_cache(maxsize=1000)
def _classes(first: str, flags: tuple[bool, bool, bool] = (False, False, False), last: str = "") -> str:
    """The classes of a cell, `flags` those that begins, strong and total name; "" for none."""
    named = (name for name, said in zip(("begins", "strong", "total"), flags, strict=True) if said)
    names = " ".join(name for name in (first, *named, last) if name)
    return "" if not names else f' class="{names}"' if " " in names else f" class={names}"


def _figure(mark: Mark, begun: str, word: tuple[str, ...], made: list[str | tuple[str, ...]]) -> None:
    """A figure of a form, a claim or a sentence with a word for how it stands; the start of its link is `begun`."""
    if mark.href:
        begun += f" href={mark.href}"
    if mark.title:
        made += (f'{begun} title="', tuple(map(escape, mark.title)))
        begun = '"'
    made += (f"{begun}>{escape(mark.text, quote=False)}<i>", word)
    notes = f"<sup> [{', '.join(map(str, mark.notes))}]</sup>" if mark.notes else ""
    made.append(f"</i>{notes}</a>")


def _word(mark: Mark) -> str:
    """The key of the word for how a figure stands."""
    return "suspected" if mark.role == "suspect" else mark.standing


@lru_cache(maxsize=20)
def _standing(name: str, form: str) -> tuple[str, ...]:
    return tuple(form.format(say(name, lang)) for lang in LANGUAGES)


def blocks_pieces(blocks: Iterable[Block]) -> Pieces:
    """The headings and paragraphs of a chapter."""
    made: list[str | tuple[str, ...]] = []
    for block in blocks:
        name = f"h{min(block.level + 1, 6)}" if block.level else "p"
        made.append(f"<{name}>")
        made += runs_pieces(block.runs)
        made.append(f"</{name}>\n" if block.level else "\n")
    return tuple(made)


def runs_pieces(runs: Iterable[Run]) -> Pieces:
    """Stretches of a sentence, each with the claim that covers it."""
    made: list[str | tuple[str, ...]] = []
    for run in runs:
        if run.mark is None:
            made.append(escape(run.text, quote=False))
        else:
            by = "id" if run.first else "data-figure"
            begun = f"<mark{_classes(look(run.mark))}><a {by}={anchor(run.mark.id)}"
            _figure(run.mark._replace(text=run.text), begun, _standing(_word(run.mark), " ({})"), made)
            made.append("</mark>")
    return tuple(made)
