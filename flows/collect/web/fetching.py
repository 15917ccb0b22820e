"""One document fetched: within limits of size, time and pace, over few redirects, tried again where that may help.

What a server says of its answer is checked against what arrives. httpcore carries the requests: the client under httpx, whose
connections can be guarded (`connection.py`); redirects are followed here, for each must be looked at.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO

import httpcore
import httpx

from flows.collect.faults import Fault
from flows.collect.web.bodies import framed_alike, unpacked
from flows.collect.web.connection import Clock, Home, pool
from flows.collect.web.manners import ROBOTS_SIZE, Manners

MIB = 1024 * 1024
_LATER = frozenset({408, 425, 429, *range(500, 600)})
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What fetching one document may take: bytes, seconds in all (`seconds`), until the answer begins (`answer`) and without a byte
    (`idle`), and the least pace, bytes a second over any `window` seconds. Between tries `pause` seconds, then four times as many."""

    size: int = 200 * MIB
    seconds: float = 600.0
    answer: float = 60.0
    idle: float = 30.0
    slowest: int = 1024
    window: float = 30.0
    redirects: int = 5
    tries: int = 3
    pause: float = 2.0
    patience: float = 120.0
    """The longest that a server may ask to be left alone before another try; beyond that tomorrow is soon enough."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: the status (200, or 304 for what is held already), from where in the end, and of the bytes size and sha256.

    `framed`: whether the server said how long the body is; otherwise its end may be a cut.
    """

    status: int
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    size: int = 0
    sha256: str = ""
    framed: bool = True


Check = Callable[[Answer, BinaryIO], None]
"""Raises `Fault` for an answer that is not what was asked for."""


def accept(answer: Answer, body: BinaryIO) -> None:
    """Anything will do."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who fetches for one source: its own hosts, manners, credentials (sent to those hosts alone) and limits."""

    home: Home
    manners: Manners
    bounds: Bounds = Bounds()
    delay: float = 1.0
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    def fetch(
        self, address: str, body: BinaryIO, conditions: Mapping[str, str] | None = None, check: Check = accept
    ) -> Answer:
        """The answer, its bytes in `body` (a seekable file, emptied before each try). Raises `Fault`."""
        pause = self.bounds.pause
        for turn in range(1, self.bounds.tries + 1):
            try:
                body.seek(0)
                body.truncate()
                answer = self._once(address, body, conditions or {})
                if answer.status == 200:
                    check(answer, body)
                return answer
            except Fault as fault:
                if not fault.again or turn == self.bounds.tries:
                    raise
                asked = fault.after or 0.0
                if asked > self.bounds.patience:
                    raise _asked_too_long(fault, asked) from fault
                time.sleep(max(asked, pause))
                pause *= 4
        raise AssertionError("no try at all")

    def _once(self, address: str, body: BinaryIO, conditions: Mapping[str, str]) -> Answer:
        url, clock = _url(address), Clock(time.monotonic() + self.bounds.seconds)
        for _ in range(self.bounds.redirects + 1):
            delay = self._admitted(url)
            self.manners.wait(url.host, delay)
            answer = self._ask(url, body, conditions, clock)
            if answer.status not in _MOVED:
                return answer
            url = _moved(url, answer.headers.get("location", ""))
        zh, en = f"转向超过 {self.bounds.redirects} 次", f"more than {self.bounds.redirects} redirects"
        raise Fault("redirects", f"{zh}（最后到 {url}）", f"{en} (the last to {url})")

    def _admitted(self, url: httpx.URL) -> float:
        """The pause that robots.txt leaves between requests. Raises `Fault` where it admits nobody to `url`."""
        origin = f"{url.scheme}://{url.netloc.decode()}"
        rules = self.manners.rules(origin, url.host, self._robots)
        if rules is None:
            zh, en = (
                f"读不到 {origin}/robots.txt，按规矩今夜不取",
                f"{origin}/robots.txt cannot be read: nothing is taken",
            )
            raise Fault("robots", zh, f"{en} there tonight")
        if not rules.can_fetch(str(url), self.manners.agent):
            raise Fault(
                "robots", f"{origin}/robots.txt 不允许访问 {url.path}", f"{origin}/robots.txt forbids {url.path}"
            )
        return self.manners.pause(rules, self.delay)

    def _robots(self, address: str) -> str | None:
        """The text of robots.txt, "" where there is none; None when the server fails, which RFC 9309 takes for a no."""
        short = replace(self.bounds, size=ROBOTS_SIZE, seconds=min(30.0, self.bounds.seconds), tries=1)
        url, clock, body = _url(address), Clock(time.monotonic() + short.seconds), io.BytesIO()
        try:
            for _ in range(short.redirects + 1):
                self.manners.wait(url.host, 0.0)
                answer = replace(self, bounds=short)._ask(url, body, {}, clock)
                if answer.status not in _MOVED:
                    return body.getvalue().decode("utf-8", "replace")
                url = _moved(url, answer.headers.get("location", ""))
        except Fault as fault:
            if fault.reason == "too_large" and body.getvalue():
                return body.getvalue().decode("utf-8", "replace")
            if fault.reason in ("gone", "refused", "redirects", "scheme"):
                return ""
            if fault.reason not in ("server", "too_large", "truncated", "encoding"):
                raise
            return None
        return ""

    def _ask(self, url: httpx.URL, body: BinaryIO, conditions: Mapping[str, str], clock: Clock) -> Answer:
        """One request and its answer; the body of a 200 is in `body`. Raises `Fault`."""
        begun, clock.tail = time.monotonic(), b""
        clock.deadline, whole = min(clock.deadline, begun + self.bounds.answer), clock.deadline
        try:
            with (
                pool(url.scheme, url.host, self.home, clock) as connections,
                connections.stream(
                    "GET", _wire(url), headers=self._headers(url, conditions), extensions=self._timeouts()
                ) as told,
            ):
                clock.deadline = whole
                self.manners.answered(url.host, True)
                headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in told.headers}
                answer = Answer(told.status, str(url), headers)
                if told.status in _MOVED:
                    return answer
                _refuse(told.status, headers, bool(conditions))
                return self._taken(answer, told, body, clock) if told.status == 200 else answer
        except httpcore.TimeoutException as error:
            if time.monotonic() >= whole:
                zh, en = (
                    f"超过 {self.bounds.seconds:g} 秒仍未取完",
                    f"it was not there after {self.bounds.seconds:g} seconds",
                )
                raise Fault("too_long", zh, en) from error
            self.manners.answered(url.host, False)
            raise Fault("no_answer", f"{url.host} 没有应答", f"{url.host} does not answer", True) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
            raise self._broken(url, error) from error
        finally:
            clock.deadline = whole

    def _taken(self, answer: Answer, told: httpcore.Response, body: BinaryIO, clock: Clock) -> Answer:
        stated = answer.headers.get("content-length", "")
        if stated.isdigit() and int(stated) > self.bounds.size:
            raise _too_large(self.bounds.size)
        digest, size, last = hashlib.sha256(), 0, b""
        coding = answer.headers.get("content-encoding", "")
        for piece in unpacked(self._paced(told), coding):
            size += len(piece)
            if size > self.bounds.size:
                raise _too_large(self.bounds.size)
            digest.update(piece)
            body.write(piece)
            last = (last + piece)[-32:]
        if stated and not coding:
            framed_alike(told.extensions["network_stream"], clock.tail, last)
        framed = bool(stated) or "transfer-encoding" in answer.headers
        return replace(answer, size=size, sha256=digest.hexdigest(), framed=framed)

    def _paced(self, told: httpcore.Response) -> Iterator[bytes]:
        """The body as it comes. Raises `Fault` when it comes too slowly for too long."""
        since, came = time.monotonic(), 0
        for chunk in told.iter_stream():
            yield chunk
            came += len(chunk)
            spent = time.monotonic() - since
            if spent >= self.bounds.window:
                if came < self.bounds.slowest * spent:
                    pace = f"{came / spent:.0f}"
                    raise Fault(
                        "too_slow", f"每秒只来 {pace} 字节，已中止", f"it came at {pace} bytes a second: cut off"
                    )
                since, came = time.monotonic(), 0

    def _headers(self, url: httpx.URL, conditions: Mapping[str, str]) -> list[tuple[bytes | str, bytes | str]]:
        own = self.credentials if self.home.holds(url.host, _port(url)) else {}
        all_ = {
            "Host": url.netloc.decode(),
            "User-Agent": self.manners.agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity",  # what is packed cannot be checked against its length, and may be a bomb
            "Connection": "close",
            **conditions,
            **own,
        }
        return list(all_.items())

    def _timeouts(self) -> dict[str, dict[str, float]]:
        idle = self.bounds.idle
        return {"timeout": {"connect": idle, "read": idle, "write": idle, "pool": idle}}

    def _broken(self, url: httpx.URL, error: Exception) -> Fault:
        if isinstance(error, httpcore.RemoteProtocolError) and "complete message body" in str(error):
            return Fault("truncated", "内容没有传完就断了", "the connection ended before all of it had come", True)
        if isinstance(error, httpcore.ConnectError):
            self.manners.answered(url.host, False)
        cause = str(error) or type(error).__name__
        return Fault(
            "broken_off", f"与 {url.host} 的连接出错（{cause}）", f"the connection to {url.host} failed ({cause})", True
        )


def _url(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise Fault("address", f"地址有误：{address}", f"not an address: {address}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Fault("scheme", f"只取 http 和 https，不取 {address}", f"only http and https are followed, not {address}")
    if url.userinfo:
        raise Fault("credentials", "地址里写有密码，不取", "the address carries a password: not followed")
    return url.copy_with(fragment=None)


def _moved(url: httpx.URL, location: str) -> httpx.URL:
    if not location:
        raise Fault("redirects", "转向没有说明去处", "a redirect that leads nowhere")
    try:
        # What a header holds beyond ASCII was UTF-8 on the wire.
        return _url(str(url.join(location.encode("latin-1").decode("utf-8", "replace"))))
    except httpx.InvalidURL as error:
        raise Fault(
            "address", f"转向的地址有误：{location}", f"a redirect to what is no address: {location}"
        ) from error


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _wire(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _refuse(status: int, headers: Mapping[str, str], asked: bool) -> None:
    """Raises `Fault` for an answer that brings no document."""
    if status == 200 or (status == 304 and asked):
        return
    if status == 304:
        raise Fault("untrue", "没有问是否改动，却答“未改动”", "“not modified” is no answer to what was asked", True)
    if status in _LATER:
        raise Fault("server", f"服务器出错（{status}）", f"the server fails ({status})", True, _after(headers))
    if status in (404, 410):
        raise Fault("gone", f"那里没有文件（{status}）", f"there is nothing ({status})")
    raise Fault("refused", f"服务器拒绝（{status}）", f"the server refuses ({status})")


def _after(headers: Mapping[str, str]) -> float | None:
    """The seconds of Retry-After, given as such or as a date; None when it says neither."""
    told = headers.get("retry-after", "").strip()
    if told.isdigit():
        return float(told[:9])
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(
        0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()
    )


def _asked_too_long(fault: Fault, asked: float) -> Fault:
    zh, en = (
        f"{fault.message['zh']}，要求 {asked:.0f} 秒后再来",
        f"{fault.message['en']} and asks to come back in {asked:.0f} s",
    )
    return Fault(fault.reason, zh, en)


def _too_large(size: int) -> Fault:
    limit = f"{size / MIB:g} MiB"
    return Fault("too_large", f"超过 {limit}，已中止", f"it is larger than {limit}: cut off")
