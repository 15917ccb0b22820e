"""The cells of a form as HTML: a filing prints hundreds, so they are joined here and not by the templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from markupsafe import Markup

from flows.publish.pages.evidence import anchor
from flows.publish.pages.forms import Cell, Mark


def look(mark: Mark) -> str:
    """The classes that colour a figure: a finding colours what it states, and only the edge of what it is reckoned from."""
    if mark.role == "stated" or mark.standing not in ("bad", "explain"):
        return mark.standing
    return "inv" if mark.standing == "bad" else "explain light"


def rows_html(rows: Iterable[Iterable[Cell]], say: Callable[[str], str]) -> Markup:
    """The body of a form's table; everything that a document says is escaped."""
    return Markup("".join(f"<tr>{''.join(_cell(cell, say) for cell in row)}</tr>\n" for row in rows))


def _cell(cell: Cell, say: Callable[[str], str]) -> str:
    kind = {"code": "code", "label": f"l{min(cell.level, 4)}"}.get(cell.kind, "v")
    classes = [kind, *(name for name in ("begins", "strong", "total") if getattr(cell, name))]
    if cell.kind == "code":
        return f'<td class="{" ".join(classes)}">{escape(cell.text)}</td>'
    if cell.kind == "label":
        return f'<th scope="row" class="{" ".join(classes)}" lang="zh-Hans">{escape(cell.text)}</th>'
    if cell.mark is None:
        return f'<td class="{" ".join(classes)}"></td>'
    return f'<td class="{" ".join(classes)} {look(cell.mark)}">{_figure(cell.mark, say)}</td>'


def _figure(mark: Mark, say: Callable[[str], str]) -> str:
    href = f' href="{escape(mark.href)}"' if mark.href else ""
    title = f' title="{escape(mark.title)}"' if mark.title else ""
    notes = f'<span class="foot"> [{", ".join(map(str, mark.notes))}]</span>' if mark.notes else ""
    return (
        f'<a class="fig" id="{anchor(mark.id)}"{href}{title}><span>{escape(mark.text)}</span>'
        f'<span class="vh"> {escape(say(mark.standing))}</span>{notes}</a>'
    )
