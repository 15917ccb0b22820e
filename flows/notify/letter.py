"""The morning summary in words: as text for chats and terminals, as HTML for mail; short enough for the way it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

from flows.notify.news import News
from flows.notify.receivers import Receiver
from flows.publish.press import Press
from flows.publish.wording.sayings import Entry, entry

FOLDER = Path(__file__).parent / "templates"
UNREAD_NAMED = 10
"""Documents that a message names; the others are counted."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to be sent."""

    title: str
    text: str
    html: str


def letter(
    press: Press, receiver: Receiver, told: News, extra: Sequence[str] = (), most_bytes: int | None = None
) -> Letter:
    """What `receiver` is told. `extra` are further lines of the morning (what is missing, what has lapsed).

    As many findings are named as the receiver wants, fewer where title and text would take more than `most_bytes` of UTF-8; how many
    are not named is always said.
    """
    lang = receiver.lang
    entries = [
        entry(press, one, press.filings.get(one.filing), lang, _home(receiver)) for one in told.named[: receiver.most]
    ]
    for named in range(len(entries), -1, -1):
        made = _printed(press, receiver, told, entries[:named], extra)
        if most_bytes is None or len(f"{made.title}\n{made.text}".encode()) <= most_bytes:
            break
    return made


def trial(receiver: Receiver, most_bytes: int | None = None) -> Letter:
    """A letter that says only that it arrived."""
    title = "核对：通知测试" if receiver.lang == "zh" else "Hedui: a test"
    text = (
        f"{receiver.name}：这条消息送到了。" if receiver.lang == "zh" else f"{receiver.name}: this message has arrived."
    )
    return Letter(title, text + "\n", f"<p>{escape(text)}</p>")


def _printed(press: Press, receiver: Receiver, told: News, entries: Sequence[Entry], extra: Sequence[str]) -> Letter:
    title = _title(press, told, receiver.lang)
    given = {
        "title": title,
        "receiver": receiver,
        "told": told,
        "entries": entries,
        "more": told.new + told.changed - len(entries),
        "unread": [(source, zh if receiver.lang == "zh" else en) for source, zh, en in told.unread[:UNREAD_NAMED]],
        "more_unread": max(0, len(told.unread) - UNREAD_NAMED),
        "extra": extra,
        "home": _home(receiver),
    }
    text, html = (_templates().get_template(f"{receiver.lang}.{kind}").render(given) for kind in ("txt", "html"))
    return Letter(title, text.strip() + "\n", html)


def _title(press: Press, told: News, lang: str) -> str:
    day = press.checked_at.partition(" ")[0]
    if lang == "zh":
        return f"决算核对 {day}：新增 {told.new}，变化 {told.changed}，消失 {told.gone}"
    return f"Final accounts checked {day}: {told.new} new, {told.changed} changed, {told.gone} gone"


def _home(receiver: Receiver) -> str:
    return receiver.site + ("" if receiver.lang == "zh" else "en/") if receiver.site else ""


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
