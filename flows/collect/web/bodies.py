"""Bodies of answers: unpacked without ever holding much, and looked at for what was not announced."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import httpcore

from flows.collect.faults import Fault

_PIECE = 1 << 20
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 47}
_GRACE = 0.2
"""Seconds in which bytes beyond the announced length show themselves."""


def unpacked(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The bytes of a body, at most a MiB at a time however much is packed into few. Raises `Fault`."""
    name = coding.strip().lower()
    if name in ("", "identity"):
        yield from chunks
        return
    if name not in _WINDOWS:
        raise Fault(
            "encoding",
            f"内容用“{coding[:40]}”压缩，没有要求这样",
            f"it comes packed as “{coding[:40]}”, which was not asked for",
        )
    packed = zlib.decompressobj(_WINDOWS[name])
    try:
        for chunk in chunks:
            left = chunk
            while left and not packed.eof:
                yield packed.decompress(left, _PIECE)
                left = packed.unconsumed_tail
    except zlib.error as error:
        raise Fault(
            "encoding", "声称压缩的内容无法解开", "what is said to be packed cannot be unpacked", True
        ) from error
    if not packed.eof:
        raise Fault("truncated", "压缩的内容没有传完", "the packed content ends too early", True)


def framed_alike(stream: httpcore.NetworkStream, received: bytes, taken: bytes) -> None:
    """Raises `Fault` when more came than Content-Length said: what was taken is then a part only.

    `received` are the last bytes that came over the connection, `taken` the last of the body.
    """
    more = not received.endswith(taken)
    if not more:
        try:
            more = bool(stream.read(1, timeout=_GRACE))
        except (httpcore.TimeoutException, httpcore.NetworkError):
            more = False
    if more:
        zh, en = (
            "来的比 Content-Length 所说的多：取到的只是一部分",
            "more came than Content-Length says: what was taken is a part",
        )
        raise Fault("truncated", zh, en, True)
