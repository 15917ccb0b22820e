"""A server that lies can neither stall nor poison: every case ends within its time, takes nothing false and says why."""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from flows.collect.faults import Fault
from flows.collect.web.connection import Home
from flows.collect.web.fetching import MIB, Answer, Bounds, Visitor
from flows.collect.web.manners import Manners
from tests.flows.collect.lying import (
    GIB,
    PDF,
    Lying,
    answer,
    bomb,
    chunked,
    drip,
    endless_chunks,
    hang,
    in_turn,
    lying_server,
    moved,
    reset,
    sparse,
    spent,
)

SHORT = Bounds(size=MIB, seconds=1.5, answer=0.6, idle=0.4, slowest=4096, window=0.3, tries=3, pause=0.01, patience=0.2)
LONGEST = 4.0
"""Seconds within which every lie must have been seen through: three tries of the limits above."""


@pytest.fixture
def server() -> Iterator[Lying]:
    with lying_server() as made:
        yield made


def visitor(server: Lying, bounds: Bounds = SHORT) -> Visitor:
    return Visitor(Home(frozenset({("127.0.0.1", server.port)})), Manners("hedui-test"), bounds, 0.0)


def fetch(server: Lying, path: str, **how: object) -> tuple[Answer, bytes]:
    body = io.BytesIO()
    return visitor(server).fetch(server.root + path, body, **how), body.getvalue()  # type: ignore[arg-type]


def refused(server: Lying, path: str = "/a.pdf") -> str:
    """The reason for which it was not taken, within the time that is allowed."""
    began = time.monotonic()
    with pytest.raises(Fault) as caught:
        fetch(server, path)
    assert spent(began) < LONGEST
    assert caught.value.message["zh"] and caught.value.message["en"]
    return caught.value.reason


def test_an_honest_answer_is_taken(server: Lying) -> None:
    server.answers["/a.pdf"] = answer(PDF, etag='"1"')
    told, body = fetch(server, "/a.pdf")
    assert (told.status, told.size, body, told.headers["etag"], told.framed) == (200, len(PDF), PDF, '"1"', True)
    assert "User-Agent: hedui-test" in server.asked[-1]


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_packed_answer_that_nobody_asked_for_is_unpacked(server: Lying, coding: str) -> None:
    import gzip
    import zlib

    packed = gzip.compress(PDF) if coding == "gzip" else zlib.compress(PDF)
    server.answers["/a.pdf"] = answer(packed, content_encoding=coding)
    assert fetch(server, "/a.pdf")[1] == PDF
    server.answers["/b.pdf"] = answer(packed[:-20], content_encoding=coding)
    assert refused(server, "/b.pdf") == "truncated"


LIES = {
    "cut short": (answer(PDF, content_length="9000"), "truncated"),
    "longer than said": (answer(PDF, content_length="700"), "truncated"),
    "two lengths": (answer(PDF, content_length="700\r\nContent-Length: 701"), "broken_off"),
    "chunked without end": (chunked(PDF, end=False), "truncated"),
    "chunks for ever": (endless_chunks, "too_long"),
    "hangs": (hang, "no_answer"),
    "hangs after the head": (drip(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", every=60), "no_answer"),
    "drips": (drip(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"), "too_slow"),
    "drips its head": (drip(b"HTTP/1.1 200 OK\r\nX-Long: "), "no_answer"),
    "reset": (reset, "broken_off"),
    "no HTTP": (answer(b"", "garbage"), "broken_off"),
    "two gigabytes, said": (sparse(2 * GIB, stated=True), "too_large"),
    "two gigabytes, unsaid": (sparse(2 * GIB, stated=False), "too_large"),
    "bomb": (bomb(64 * MIB), "too_large"),
    "not packed as said": (answer(PDF, content_encoding="gzip"), "encoding"),
    "packed in an unknown way": (answer(PDF, content_encoding="br"), "encoding"),
    "500 for ever": (answer(b"", "500 Internal Server Error"), "server"),
    "429 until tomorrow": (answer(b"", "429 Too Many Requests", retry_after="86400"), "server"),
    "429 until a day that is none": (answer(b"", "429 Too Many Requests", retry_after="sometime"), "server"),
    "304 to nobody": (answer(b"", "304 Not Modified"), "untrue"),
    "404": (answer(b"", "404 Not Found"), "gone"),
    "403": (answer(b"", "403 Forbidden"), "refused"),
    "loop": (moved("/a.pdf"), "redirects"),
    "to nowhere": (answer(b"", "302 Found"), "redirects"),
    "to a file": (moved("file:///etc/passwd"), "scheme"),
    "to another scheme": (moved("ftp://127.0.0.1/a.pdf"), "scheme"),
    "to a password": (moved("http://user:word@127.0.0.1/a.pdf"), "credentials"),
    "to this machine by another name": (moved("http://localhost:9/a.pdf"), "private_address"),
    "to a private address": (moved("http://10.0.0.1/a.pdf"), "private_address"),
    "to a private address in other digits": (moved("http://2130706433/a.pdf"), "private_address"),
    "to a mapped address": (moved("http://[::ffff:127.0.0.1]/a.pdf"), "private_address"),
    "to the cloud's metadata": (moved("http://169.254.169.254/latest/"), "private_address"),
    "to another port here": (moved("http://127.0.0.1:9/a.pdf"), "private_address"),
    "to no address": (moved("http://127.0.0.1:port/a.pdf"), "address"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_seen_through_in_time(server: Lying, name: str) -> None:
    lie, reason = LIES[name]
    server.answers["/a.pdf"] = lie
    assert refused(server) == reason
    assert server.sent < 200 * MIB


@pytest.mark.parametrize("name", ["two gigabytes, unsaid", "bomb"])
def test_what_is_too_large_is_cut_off_without_memory(server: Lying, name: str) -> None:
    server.answers["/a.pdf"] = LIES[name][0]
    bounds = replace(SHORT, size=8 * MIB, seconds=20)
    tracemalloc.start()
    try:
        with open("/dev/null", "wb") as nowhere, pytest.raises(Fault, match="larger"):
            visitor(server, bounds).fetch(server.root + "/a.pdf", _Unkept(nowhere))
        assert tracemalloc.get_traced_memory()[1] < 6 * MIB
    finally:
        tracemalloc.stop()


class _Unkept(io.RawIOBase):
    def __init__(self, file: object) -> None:
        self.size = 0

    def write(self, data: object) -> int:
        self.size += len(data)  # type: ignore[arg-type]
        return len(data)  # type: ignore[arg-type]

    def seek(self, *_: int) -> int:
        return 0

    def truncate(self, *_: int) -> int:  # type: ignore[override]
        return 0


# ---- trying again ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        answer(b"", "503 Service Unavailable", retry_after="0"),
        answer(PDF, content_length="9000"),
        answer(PDF, content_length="700"),
        reset,
        hang,
    ],
    ids=["busy", "cut", "longer", "reset", "hung"],
)
def test_what_fails_once_is_tried_again(server: Lying, first: object) -> None:
    server.answers["/a.pdf"] = in_turn(first, answer(PDF))  # type: ignore[arg-type]
    assert fetch(server, "/a.pdf")[1] == PDF
    assert server.times("/a.pdf") == 2


def test_a_server_that_asks_for_time_is_given_it(server: Lying) -> None:
    server.answers["/a.pdf"] = in_turn(answer(b"", "429 Too Many Requests", retry_after="1"), answer(PDF))
    began = time.monotonic()
    body = io.BytesIO()
    visitor(server, replace(SHORT, patience=5)).fetch(server.root + "/a.pdf", body)
    assert body.getvalue() == PDF and spent(began) >= 1


def test_what_is_not_there_is_asked_for_once(server: Lying) -> None:
    assert refused(server) == "gone"
    assert server.times("/a.pdf") == 1


# ---- manners -----------------------------------------------------------------------------------------------------------


def test_robots_are_asked_once_and_obeyed(server: Lying) -> None:
    server.answers["/robots.txt"] = answer(b"User-agent: *\nDisallow: /*/draft/\nAllow: /\n")
    server.answers["/a.pdf"] = server.answers["/x/draft/b.pdf"] = answer(PDF)
    one = visitor(server)
    one.fetch(server.root + "/a.pdf", io.BytesIO())
    with pytest.raises(Fault) as caught:
        one.fetch(server.root + "/x/draft/b.pdf", io.BytesIO())
    assert caught.value.reason == "robots"
    assert server.paths() == ["/robots.txt", "/a.pdf"]


def test_robots_that_cannot_be_read_forbid(server: Lying) -> None:
    server.answers["/robots.txt"] = answer(b"", "500 Internal Server Error")
    server.answers["/a.pdf"] = answer(PDF)
    assert refused(server) == "robots"
    assert server.times("/a.pdf") == 0


@pytest.mark.parametrize(
    "robots", [sparse(2 * GIB, stated=False), moved("/robots.txt"), drip(b"HTTP/1.1 200 OK\r\n\r\n"), hang]
)
def test_robots_that_lie_do_not_stall(server: Lying, robots: object) -> None:
    server.answers["/robots.txt"] = robots  # type: ignore[assignment]
    server.answers["/a.pdf"] = answer(PDF)
    began = time.monotonic()
    try:
        fetch(server, "/a.pdf")
    except Fault as fault:
        assert fault.message["en"]
    assert spent(began) < LONGEST and server.sent < 64 * MIB


def test_a_redirect_to_what_robots_forbid_is_not_followed(server: Lying) -> None:
    server.answers["/robots.txt"] = answer(b"User-agent: *\nDisallow: /b.pdf\n")
    server.answers["/a.pdf"] = moved("/b.pdf")
    server.answers["/b.pdf"] = answer(PDF)
    assert refused(server) == "robots"


def test_a_host_is_left_in_peace_between_requests(server: Lying) -> None:
    server.answers["/a.pdf"] = answer(PDF)
    server.answers["/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: 1\n")
    slow = replace(visitor(server), delay=0.4)
    slow.fetch(server.root + "/a.pdf", io.BytesIO())
    began = time.monotonic()
    slow.fetch(server.root + "/a.pdf", io.BytesIO())
    assert 0.9 < spent(began) < 1.5  # robots.txt asks for more than the source gives


def test_a_host_that_never_answers_is_given_up(server: Lying) -> None:
    server.answers["/a.pdf"] = hang
    one = visitor(server)
    reasons = []
    for _ in range(4):
        with pytest.raises(Fault) as caught:
            one.fetch(server.root + "/a.pdf", io.BytesIO())
        reasons.append(caught.value.reason)
    assert reasons[-1] == "given_up" and server.times("/a.pdf") == 5


def test_credentials_go_to_the_sources_own_host_alone(server: Lying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.collect.web.connection.is_public", lambda address: True)
    with lying_server() as other:
        server.answers["/a.pdf"] = moved(f"{other.root}/b.pdf")
        other.answers["/b.pdf"] = answer(PDF)
        one = replace(visitor(server), credentials={"Authorization": "Bearer word"})
        one.fetch(server.root + "/a.pdf", io.BytesIO())
        assert "Bearer word" in server.asked[-1] and other.times("/b.pdf") == 1
        assert "Bearer" not in "".join(other.asked)
