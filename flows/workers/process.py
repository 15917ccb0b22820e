"""What runs in a process of `flows.workers.pool`: documents come in on standard input, what was understood of each goes out.

A message is its length in eight bytes and a pickle: (bytes, name) in; (reason, message, disclosure) out. The process ends
when its input does, whatever it is doing then.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import IO, Any, NoReturn

READY = b"ready"
_LENGTH = 8
_MOST_ANSWER = 100 * 2**20
"""Bytes of a disclosure, pickled; ordinary ones take a fifth of a million. What asked for it has to hold it too."""
_SPARE = 1024
"""MiB of address space above the limit of memory: room that is asked for but never used."""
_MOST_WRITTEN = 2**30
"""Bytes of any file that the process writes: only LibreOffice does, in a folder that is removed."""
_GRACE = 2.0


def send(stream: IO[bytes] | None, message: bytes) -> None:
    """The message is on its way. Raises OSError when nobody listens any more."""
    assert stream is not None
    stream.write(len(message).to_bytes(_LENGTH, "big"))
    stream.write(message)
    stream.flush()


def receive(stream: IO[bytes] | None) -> bytes | None:
    """The next message, None when the other side has ended before one was whole."""
    assert stream is not None
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    length = int.from_bytes(head, "big")
    message = stream.read(length)
    return message if len(message) == length else None


def main() -> None:
    """Answers document after document until standard input ends. Arguments: module:function, seconds, MiB."""
    seconds, memory = int(sys.argv[2]), int(sys.argv[3])
    answers = _own_output()
    _bound(memory)
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    understand = _prepared(sys.argv[1], seconds)
    documents: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(documents,), daemon=True).start()
    send(answers, READY)
    while True:
        message = documents.get()
        # Even where a library never returns and nobody is left to end this process, it ends: this timer needs no Python.
        faulthandler.dump_traceback_later(seconds + 3 * _GRACE, exit=True)
        answer = _answer(understand, *pickle.loads(message))
        faulthandler.cancel_dump_traceback_later()
        send(answers, pickle.dumps(answer, 5))


def _prepared(name: str, seconds: int) -> Callable[[bytes, str], Any]:
    """The function that is run on documents, with what every document needs imported and read before the first one comes."""
    from expectations import vocabulary
    from flows import recognise  # noqa: F401
    from flows.read import office

    vocabulary.load()
    # A conversion has to fail with its own line before the document's time is over.
    office.SECONDS = max(1, seconds * 3 // 4)
    module, _, function = name.partition(":")
    understand: Callable[[bytes, str], Any] = getattr(import_module(module), function)
    return understand


def _answer(
    understand: Callable[[bytes, str], Any], data: bytes, name: str
) -> tuple[str, dict[str, str] | None, bytes | None]:
    """Reason and message of a document that cannot be read, or "", None and the disclosure, pickled.

    "too_much_memory" and "crashed" come without a message: the process is not to be used again.
    """
    from flows.read.document import Unreadable
    from flows.read.formats import too_large

    try:
        disclosure = pickle.dumps(understand(data, name), 5)
    except Unreadable as error:
        return error.reason, error.message, None
    except MemoryError:
        return "too_much_memory", None, None
    except SystemExit:
        raise
    except BaseException:  # a Rust library's panic is no Exception
        sys.excepthook(*sys.exc_info())
        return "crashed", None, None
    if len(disclosure) > _MOST_ANSWER:
        refused = too_large(_MOST_ANSWER // 2**20, "MB 识读结果", "MB of what is read from it")
        return refused.reason, refused.message, None
    return "", None, disclosure


def _own_output() -> IO[bytes]:
    """Standard output for answers alone: what libraries print goes to the error stream."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _bound(memory: int) -> None:
    """The system itself refuses memory well beyond the limit (MiB), files without end, and pictures of the process."""
    try:
        import resource
    except ImportError:  # Windows: the limit of time is all there is
        return
    # Not the whole address space: libraries map far more of it than they use.
    for kind, most in (
        (resource.RLIMIT_DATA, (memory + _SPARE) * 2**20),
        (resource.RLIMIT_FSIZE, _MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _listen(documents: queue.SimpleQueue[bytes]) -> None:
    """Documents are put into the queue as they come; when no more can come, the process ends."""
    while (message := receive(sys.stdin.buffer)) is not None:
        documents.put(message)
    os.kill(os.getpid(), signal.SIGTERM)  # so that what is going on ends what it has started
    time.sleep(_GRACE)
    os._exit(1)


def _leave(*_: object) -> NoReturn:
    raise SystemExit(1)


if __name__ == "__main__":
    try:
        main()
    except (SystemExit, BrokenPipeError):
        os._exit(1)
