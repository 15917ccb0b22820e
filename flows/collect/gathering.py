"""All sources of a night gathered: what each gave, what of it is new, what failed and why. No source holds up or hides another.

What is fetched lies in the downloads afterwards, so that reading needs no network.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flows.collect import downloads
from flows.collect.declared import DeclaredSource
from flows.collect.faults import Fault, Secret, no_block
from flows.collect.genuine import check_for, kind
from flows.collect.places import Source, fingerprint
from flows.collect.store import listed as listed_in_store
from flows.collect.store import taken as taken_from_store
from flows.collect.web.connection import Home
from flows.collect.web.fetching import MIB, Answer, Bounds, Visitor
from flows.collect.web.index import Link, file_name
from flows.collect.web.index import listed as listed_on_pages
from flows.collect.web.manners import Manners

_AT_ONCE = 8
"""Sources that are gathered side by side."""
_GRACE = 60.0
"""Seconds beyond its minutes after which a source that does not end by itself is left behind."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is remembered of an address: the bytes last found there, and by what its server marks them.

    `fetched` is when they last came whole; `trusted`: whether the marks have never been caught lying.
    """

    address: str
    source: str
    name: str
    sha256: str
    size: int
    kind: str = ""
    etag: str = ""
    modified: str = ""
    fetched: datetime | None = None
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Got:
    """A document that a source gave: `document` where it can be read, `fault` why it was not taken, `held` what to remember.

    `state`: new, unchanged or failed.
    """

    document: Source
    sha256: str
    size: int
    state: str
    fault: Fault | None = None
    held: Held | None = None


@dataclass(slots=True)
class Gathered:
    """What one source gave. `problem` is why it gave less than it has: it could not be listed, or its time was over."""

    source: DeclaredSource
    got: list[Got] = field(default_factory=list)
    problem: Fault | None = None
    seconds: float = 0.0

    def count(self, state: str) -> int:
        return sum(one.state == state for one in self.got)


@dataclass(frozen=True, slots=True)
class Ground:
    """What gathering stands on: where downloads lie, what is remembered by address, the present time (UTC), and who is asked how."""

    folder: Path
    held: Mapping[str, Held]
    now: datetime
    manners: Manners
    block: Secret = no_block
    bounds: Bounds = field(default_factory=Bounds)


def gather(
    sources: Sequence[DeclaredSource], ground: Ground, told: Callable[[Gathered], None] | None = None
) -> list[Gathered]:
    """What every source gave, in order; `told` is called as each ends. Raises OSError when downloads cannot be written."""
    downloads.clear_incoming(ground.folder)
    waiting = list(enumerate(sources))
    done: dict[int, Gathered] = {}
    broken: list[BaseException] = []
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not waiting or broken:
                    return
                number, source = waiting.pop(0)
            try:
                one = _alone(source, ground)
            except BaseException as error:
                broken.append(error)
                return
            with lock:
                done[number] = one
                if told:
                    told(one)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(_AT_ONCE, len(sources)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return [done[number] for number in range(len(sources))]


def foresee(source: DeclaredSource, ground: Ground) -> Gathered:
    """What a source lists tonight, none of it fetched: of an address that is known the bytes last found there stand for it."""
    made = Gathered(source)
    try:
        if source.kind == "folder":
            made.got.extend(_of_folders(source, ground))
            return made
        for link in _outside(source, ground)[0]:
            held, document = ground.held.get(link.address), Source(link.address, link.name)
            nothing = fingerprint(link.address.encode())
            made.got.append(
                Got(document, held.sha256, held.size, "known") if held else Got(document, nothing, 0, "new")
            )
    except Fault as fault:
        made.problem = fault
    return made


def _alone(source: DeclaredSource, ground: Ground) -> Gathered:
    """One source, in a thread that is left behind when something in it hangs beyond all limits."""
    made, since = Gathered(source), time.monotonic()
    end = since + source.minutes * 60
    broken: list[BaseException] = []

    def work() -> None:
        try:
            for one in _documents(source, ground, end):
                made.got.append(one)
        except Fault as fault:
            made.problem = fault
        except OSError as error:  # this machine's disk, not a source
            broken.append(error)
        except Exception as error:
            made.problem = _ours(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(source.minutes * 60 + _GRACE)
    if broken:
        raise broken[0]
    if thread.is_alive():
        made = Gathered(source, list(made.got), _no_time(source))
    made.seconds = time.monotonic() - since
    return made


def _documents(source: DeclaredSource, ground: Ground, end: float) -> Iterator[Got]:
    if source.kind == "folder":
        yield from _of_folders(source, ground)
        return
    listing, take = _outside(source, ground)
    problem: Fault | None = None
    with ThreadPoolExecutor(source.at_once) as pool:
        taking: deque[Future[Got]] = deque()
        try:
            for link in listing:
                if time.monotonic() >= end:
                    problem = _no_time(source)
                    break
                taking.append(pool.submit(take, link))
                if len(taking) >= source.at_once:
                    yield taking.popleft().result()
        except Fault as fault:  # what was listed before is taken all the same
            problem = fault
        while taking:
            yield taking.popleft().result()
    if problem:
        raise problem


def _no_time(source: DeclaredSource) -> Fault:
    zh = f"{source.minutes} 分钟已到，其余留待下次"
    return Fault("no_time", zh, f"its {source.minutes} minutes are over; the rest is for the next night")


def _ours(error: Exception) -> Fault:
    logging.getLogger("hedui").debug("collecting failed", exc_info=error)
    cause = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    zh = f"收集程序出错（{cause}）；请把这一行发给维护者"
    return Fault("failed", zh, f"collecting failed ({cause}); send this line to the maintainers")


# ---- folders -----------------------------------------------------------------------------------------------------------


def _of_folders(source: DeclaredSource, ground: Ground) -> Iterator[Got]:
    from flows.collect.places import Missing, find

    try:
        found = find(source.at)
    except Missing as error:
        raise Fault("gone", error.message["zh"], error.message["en"]) from error
    for document in found:
        if source.takes(document.name):
            yield look_at(document, ground.held, source.name)


def look_at(document: Source, held: Mapping[str, Held], source: str = "") -> Got:
    """A document of this machine, by its bytes; one that cannot be opened is found all the same, and says why."""
    try:
        data = document.data()
    except OSError as error:
        cause = error.strerror or str(error)
        return failed(document, Fault("not_opened", f"无法打开：{cause}", f"it cannot be opened: {cause}"))
    sha256, before = fingerprint(data), held.get(document.address)
    state = "unchanged" if before and before.sha256 == sha256 else "new"
    return Got(
        document, sha256, len(data), state, held=Held(document.address, source, document.name, sha256, len(data))
    )


def failed(document: Source, fault: Fault) -> Got:
    """A document that was not taken; what stands for its bytes is its address."""
    return Got(document, fingerprint(document.address.encode()), 0, "failed", fault)


# ---- elsewhere -----------------------------------------------------------------------------------------------------------


def _outside(source: DeclaredSource, ground: Ground) -> tuple[Iterable[Link], Callable[[Link], Got]]:
    """What the source lists, and how one of it is taken. Raises `Fault` when its credentials are not to be had."""
    secrets = source.secrets(ground.block)
    if source.kind == "store":
        files, listing = listed_in_store(source, secrets)
        return listing, lambda link: _taken(
            source, link, ground, lambda held: taken_from_store(files, link, held, source, ground.folder)
        )
    one = visitor(source, ground, secrets)
    if source.kind == "documents":
        listing = [
            Link(address, file_name(address))
            for address in dict.fromkeys(source.at)
            if source.takes(file_name(address))
        ]
    else:
        listing = listed_on_pages(source, one)
    return listing, lambda link: _taken(source, link, ground, lambda held: _fetched(one, link, held, source, ground))


def visitor(source: DeclaredSource, ground: Ground, secrets: Mapping[str, str]) -> Visitor:
    """Who fetches for a source of the web."""
    places = set()
    for address in source.at:
        parts = urlsplit(address)
        places.add((parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)))
    bounds = replace(ground.bounds, size=source.size * MIB)
    return Visitor(Home(frozenset(places)), ground.manners, bounds, source.delay, _headers(secrets))


def _headers(secrets: Mapping[str, str]) -> dict[str, str]:
    import base64

    if "token" in secrets:
        return {"Authorization": f"Bearer {secrets['token']}"}
    if "password" in secrets:
        pair = f"{secrets.get('username', '')}:{secrets['password']}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _taken(source: DeclaredSource, link: Link, ground: Ground, take: Callable[[Held | None], Held]) -> Got:
    """The document at a link: new, or unchanged since it was last found there, or failed."""
    before = ground.held.get(link.address)
    if before and not downloads.held(ground.folder, before.sha256, before.size):
        before = replace(before, etag="", modified="", fetched=None)
    document = Source(link.address, link.name)
    due = before is None or before.fetched is None or before.fetched <= ground.now - timedelta(days=source.recheck)
    try:
        held = take(None if due or not before or not before.trusted else before)
    except Fault as fault:
        return failed(document, fault)
    except OSError:  # this machine's disk
        raise
    except Exception as error:  # no document, however odd, costs the others their night
        return failed(document, _ours(error))
    if before and held.sha256 != before.sha256:
        lied = bool(held.etag and held.etag == before.etag) or bool(
            not held.etag and held.modified and held.modified == before.modified
        )
        held = replace(held, trusted=before.trusted and not lied)
    elif before:
        held = replace(held, trusted=before.trusted)
    held = replace(held, source=source.name, name=link.name, fetched=held.fetched or ground.now)
    document = replace(document, kept=downloads.place(ground.folder, held.sha256))
    state = "unchanged" if before and before.sha256 == held.sha256 else "new"
    return Got(document, held.sha256, held.size, state, held=held)


def _fetched(one: Visitor, link: Link, before: Held | None, source: DeclaredSource, ground: Ground) -> Held:
    """What is at the link; `before` is asked for conditionally, and is returned as it was when it is still what stands there."""
    conditions = {"If-None-Match": before.etag, "If-Modified-Since": before.modified} if before else {}
    conditions = {name: value for name, value in conditions.items() if value}
    earlier = ground.held.get(link.address)
    with downloads.incoming(ground.folder) as file:
        check = check_for(file_name(link.address), earlier.kind if earlier else "")
        answer: Answer = one.fetch(link.address, file, conditions, check)
        if answer.status == 304 and before:
            return before
        file.seek(0)
        what = kind(file.read(4096))
        downloads.keep(ground.folder, file, answer.sha256)
    marks = (_mark(answer.headers.get("etag", "")), _mark(answer.headers.get("last-modified", "")))
    return Held(link.address, source.name, link.name, answer.sha256, answer.size, what, *marks)


def _mark(text: str) -> str:
    """A validator that may be sent back as it came; "" for one that no header could carry."""
    return text if len(text) <= 500 and text.isascii() and text.isprintable() else ""
