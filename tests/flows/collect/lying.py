"""A web server on loopback that tells every lie that servers tell, each at a path of its own.

A lie is a function of (the open socket, the request's lines, the server); it writes raw bytes, so that nothing sets it right.
"""

from __future__ import annotations

import gzip
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PDF = b"%PDF-1.7\n" + b"a page\n" * 400 + b"trailer\nstartxref\n9\n%%EOF\n"
HTML = "<!DOCTYPE html><html><head><title>404</title></head><body>您访问的页面不存在</body></html>".encode()
GIB = 1 << 30

Lie = Callable[[socket.socket, str, "Lying"], None]


@dataclass
class Lying:
    """`asked`: the request heads in turn; `answers` by path; `ended` is set when the server goes, so that no lie outlives it."""

    port: int = 0
    answers: dict[str, Lie] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [head.split(" ")[1] for head in self.asked]

    def times(self, path: str) -> int:
        return self.paths().count(path)


def answer(body: bytes, status: str = "200 OK", **headers: str) -> Lie:
    """An honest answer, unless `headers` (content_length='7') make it a lie."""

    def told(connection: socket.socket, head: str, server: Lying) -> None:
        all_ = {"Content-Length": str(len(body))} | {name.replace("_", "-").title(): v for name, v in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in all_.items() if value != "none")
        connection.sendall(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)

    return told


def moved(to: str, status: str = "302 Found") -> Lie:
    return answer(b"", status, location=to)


def in_turn(*lies: Lie) -> Lie:
    """One lie after the other, the last for ever."""
    left = list(lies)

    def told(connection: socket.socket, head: str, server: Lying) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection, head, server)

    return told


def hang(connection: socket.socket, head: str, server: Lying) -> None:
    server.ended.wait()


def reset(connection: socket.socket, head: str, server: Lying) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n%PDF")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(start: bytes, every: float = 0.05) -> Lie:
    """Byte by byte for ever."""

    def told(connection: socket.socket, head: str, server: Lying) -> None:
        connection.sendall(start)
        while not server.ended.wait(every):
            connection.sendall(b"x")

    return told


def sparse(size: int, stated: bool) -> Lie:
    """Zeros without end that nobody keeps; `stated` says whether the size is told beforehand."""

    def told(connection: socket.socket, head: str, server: Lying) -> None:
        length = f"Content-Length: {size}\r\n" if stated else ""
        connection.sendall(f"HTTP/1.1 200 OK\r\n{length}\r\n%PDF-1.7\n".encode())
        block = bytes(1 << 16)
        while server.sent < size and not server.ended.is_set():
            connection.sendall(block)
            server.sent += len(block)

    return told


def chunked(body: bytes, end: bool) -> Lie:
    def told(connection: socket.socket, head: str, server: Lying) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.sendall(f"{len(body):x}\r\n".encode() + body + b"\r\n" + (b"0\r\n\r\n" if end else b""))

    return told


def endless_chunks(connection: socket.socket, head: str, server: Lying) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not server.ended.wait(0.01):
        connection.sendall(b"400\r\n" + b"y" * 1024 + b"\r\n")


def bomb(size: int) -> Lie:
    """`size` zeros, packed into a thousandth."""
    packed = gzip.compress(bytes(size))
    return answer(packed, content_encoding="gzip")


def validated(body: Callable[[], bytes], etag: str) -> Lie:
    """An answer with this ETag, and 304 to whoever names it."""

    def told(connection: socket.socket, head: str, server: Lying) -> None:
        same = re.search(r"(?im)^if-none-match: *(\S+)", head)
        if same and same[1] == etag:
            answer(b"", "304 Not Modified")(connection, head, server)
        else:
            answer(body(), etag=etag)(connection, head, server)

    return told


@contextmanager
def lying_server(host: str = "127.0.0.1") -> Iterator[Lying]:
    """The server, and no thread of it left behind."""
    server = Lying()
    threads: list[threading.Thread] = []
    with socket.create_server((host, 0)) as listening:
        listening.settimeout(0.1)
        server.port = listening.getsockname()[1]

        def one(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.settimeout(10)
                    head = b""
                    while b"\r\n\r\n" not in head and (more := connection.recv(65536)):
                        head += more
                    text = head.decode("latin-1")
                    if not text:
                        return
                    server.asked.append(text)
                    path = text.split(" ")[1]
                    server.answers.get(path, answer(b"", "404 Not Found"))(connection, text, server)
                except OSError:
                    pass  # the other side has had enough

        def serve() -> None:
            while not server.ended.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                threads.append(threading.Thread(target=one, args=(connection,), daemon=True))
                threads[-1].start()

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield server
        finally:
            server.ended.set()
            serving.join(5)
            for thread in threads:
                thread.join(5)


def spent(began: float) -> float:
    return time.monotonic() - began
