"""One morning: a letter to every receiver for whom there is news, and a record of how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from expectations import vocabulary
from expectations.messages import LANGUAGES, pick
from expectations.rules import RuleBook
from flows.night.plan import Summary
from flows.notify.letter import Letter, letter
from flows.notify.news import FAILED, NOTHING, SENT, News, news, owners, remember
from flows.notify.post import post
from flows.notify.receivers import NoAddress, Receiver, addresses
from flows.publish.content import queries
from flows.publish.content.reckoned import Reckoned
from flows.publish.press import Press, set_up

Block = Callable[[str], str]
Further = Sequence[Mapping[str, str]]
"""Lines about the night as a whole, each in both languages."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it went with one receiver: sent, nothing (to tell) or failed, and then why, in each language."""

    receiver: str
    outcome: str
    cause: Mapping[str, str]

    def text(self, lang: str) -> str:
        """One line for the log and the summary."""
        if self.outcome == FAILED:
            zh, en = (
                f"没有通知到 {self.receiver}：{self.cause['zh']}",
                f"{self.receiver} was not told: {self.cause['en']}",
            )
        elif self.outcome == SENT:
            zh, en = f"已通知 {self.receiver}", f"{self.receiver} was told"
        else:
            zh, en = f"{self.receiver} 没有新情况，未通知", f"nothing new for {self.receiver}"
        return pick((zh, en), lang)


def drafts(
    db: duckdb.DuckDBPyConnection,
    book: RuleBook,
    receivers: Sequence[Receiver],
    further: Further = (),
) -> Iterator[tuple[Receiver, News, Callable[[int | None], Letter]]]:
    """For each receiver what is new, and how its letter reads within so many bytes. Raises LookupError when no run has completed.

    `further` is what is told of the night as a whole, to those whom all accounts concern.
    """
    press = set_up(queries.night(Reckoned(db)), book, vocabulary.load())
    owner = owners(db)
    for one in receivers:
        told = news(db, press, one, owner)
        yield one, told, _writer(press, one, told, further)


def _writer(press: Press, receiver: Receiver, told: News, further: Further) -> Callable[[int | None], Letter]:
    lines = [line[receiver.lang] for line in further] if receiver.everything else []
    return lambda most: letter(press, receiver, told, lines, most)


def deliver(
    db: duckdb.DuckDBPyConnection,
    book: RuleBook,
    receivers: Sequence[Receiver],
    block: Block,
    further: Further = (),
) -> tuple[Delivery, ...]:
    """Every receiver with news has been sent its letter once for the newest run, or it is recorded why not.

    A receiver who has had this run's letter already gets no second one. `block` gives what a Prefect block holds.
    """
    made = []
    for receiver, told, write in drafts(db, book, receivers, further):
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


def told_of(summary: Summary, deliveries: Sequence[Delivery]) -> Summary:
    """`summary` with who was told in the morning, and a note for each who could not be."""
    failed = [{lang: one.text(lang) for lang in LANGUAGES} for one in deliveries if one.outcome == FAILED]
    told = tuple(one.receiver for one in deliveries if one.outcome == SENT)
    return replace(summary, notes=(*summary.notes, *failed), told=told)
