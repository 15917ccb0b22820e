"""One morning: a letter to every receiver for whom there is news, and a record of how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from expectations import vocabulary
from expectations.rules import RuleBook
from flows.notify.letter import Letter, letter
from flows.notify.news import FAILED, NOTHING, SENT, News, news, remember
from flows.notify.post import post
from flows.notify.receivers import NoAddress, Receiver, addresses
from flows.publish.content import queries
from flows.publish.content.reckoned import Reckoned
from flows.publish.press import Press, set_up

Block = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it went with one receiver: sent, nothing (to tell) or failed, and then why, in each language."""

    receiver: str
    outcome: str
    cause: Mapping[str, str]

    def text(self, lang: str) -> str:
        """One line for the summary."""
        if self.outcome == FAILED:
            return (
                f"没有通知到 {self.receiver}：{self.cause['zh']}"
                if lang == "zh"
                else f"{self.receiver} was not told: {self.cause['en']}"
            )
        words = {SENT: ("已通知", "told"), NOTHING: ("没有新情况，未通知", "nothing new, not told")}[self.outcome]
        return f"{self.receiver}：{words[0]}" if lang == "zh" else f"{self.receiver}: {words[1]}"


def drafts(
    db: duckdb.DuckDBPyConnection, book: RuleBook, receivers: Sequence[Receiver], owners: Mapping[str, str]
) -> Iterator[tuple[Receiver, News, Callable[[int | None], Letter]]]:
    """For each receiver what is new, and how its letter reads within so many bytes. Raises LookupError when no run has completed."""
    press = set_up(queries.night(Reckoned(db)), book, vocabulary.load())
    for one in receivers:
        told = news(db, press, one, owners)
        yield one, told, _writer(press, one, told)


def _writer(press: Press, receiver: Receiver, told: News) -> Callable[[int | None], Letter]:
    return lambda most: letter(press, receiver, told, most_bytes=most)


def deliver(
    db: duckdb.DuckDBPyConnection,
    book: RuleBook,
    receivers: Sequence[Receiver],
    owners: Mapping[str, str],
    block: Block,
) -> tuple[Delivery, ...]:
    """Every receiver with news has been sent its letter once for the newest run, or it is recorded why not.

    A receiver who has had this run's letter already gets no second one. `block` gives what a Prefect block holds.
    """
    made = []
    for receiver, told, write in drafts(db, book, receivers, owners):
        done = db.execute(
            "SELECT outcome FROM telling WHERE run = ? AND receiver = ? AND outcome <> ?",
            [told.run, receiver.name, FAILED],
        ).fetchone()
        if done:
            continue
        if not told.any and receiver.when == "changes":
            outcome, cause = NOTHING, {"zh": "", "en": ""}
        else:
            cause = sent(receiver, write, block)
            outcome = FAILED if cause["en"] else SENT
        remember(db, told, receiver.name, outcome, cause["en"])
        made.append(Delivery(receiver.name, outcome, cause))
    return tuple(made)


def sent(receiver: Receiver, write: Callable[[int | None], Letter], block: Block) -> dict[str, str]:
    """The letter has gone to every address of `receiver`; returns why not in each language, "" when it has."""
    try:
        causes = [cause for address in addresses(receiver, block) if (cause := post(address, write))]
    except NoAddress as error:
        return error.message
    return {"zh": "；".join(causes), "en": "; ".join(causes)}
