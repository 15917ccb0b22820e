"""What a worker runs in tests: the document's name says how its reading goes wrong, or that it goes well."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from flows.read.document import Unreadable
from flows.recognise.disclosure import Disclosure
from tests.flows.small import disclosure

if TYPE_CHECKING:
    from flows.publish.source.rendering import Picture

KEPT: list[bytearray] = []


def understand(data: bytes, name: str) -> Disclosure:
    """A small disclosure whose sha256 is `data`, unless `name` begins with something else."""
    what = name.partition(".")[0]
    if what == "refused":
        raise Unreadable("encrypted", {"zh": "有密码", "en": "it has a password"})
    if what == "sleeps":
        Path(data.decode()).write_text(str(os.getpid()))
        time.sleep(600)
    if what == "clings":  # to the interpreter: no other thread of the process gets to run
        Path(data.decode()).write_text(str(os.getpid()))
        re.match("(a+)+$", "a" * 60 + "b")
    if what == "grows":
        while True:
            KEPT.append(bytearray(os.urandom(1 << 20)) * 16)
    if what == "leaps":
        KEPT.append(bytearray(1 << 40))
    if what == "leaves":  # 180 MiB behind
        KEPT.append(bytearray(os.urandom(1 << 20)) * 180)
        time.sleep(0.3)  # long enough to be looked at
    if what == "crashes":
        ctypes.string_at(0)
    if what == "exits":
        os._exit(3)
    if what == "aborts":
        os.write(2, b"memory allocation of 99999999999 bytes failed\n")
        os.abort()
    if what == "starts":  # another program, in a session of its own as LibreOffice is, and waits for it
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        Path(data.decode()).write_text(f"{child.pid}")
        try:
            child.wait()
        finally:
            child.kill()
    if what == "prints":
        print("noise on standard output")
        os.write(1, b"\x00" * 10_000)
    if what == "panics":
        raise type("PanicException", (BaseException,), {})("a library gave up")
    if what == "swells":
        return disclosure(sha256="a" * (101 * 2**20))
    return disclosure(sha256=f"{data.decode(errors='replace')} {os.getpid()}")


def draw_all_but_one(data: bytes, wanted: str) -> tuple[Picture, ...]:
    """The pages wanted; page 13 ends the process, page 14 never comes to an end."""
    _, *pages = wanted.split()
    if "13" in pages:
        ctypes.string_at(0)
    if "14" in pages:
        time.sleep(600)
    from flows.publish.source.rendering import draw  # here: what a process holds from its beginning is measured

    return draw(data, wanted)


def nothing_at_all(data: bytes, wanted: str) -> tuple[Picture, ...]:
    """Nobody may ask for a picture."""
    raise AssertionError(wanted)
