"""Old workbook (xls) → one page a sheet that is shown, as `workbook` does for xlsx.

What is lost beside xlsx: number formats (a number stands with the decimals that are stored, 12.50 as 12.5, a share as
0.95), hidden rows and columns (they are read as if shown) and formulas without a stored result (read as empty).

A damaged xls can make the library ask for any amount of memory and end its process, so it is read in a process of its own.
"""

from __future__ import annotations

import io
import pickle
import resource
import subprocess
import sys

import python_calamine

from flows.read.document import Page, Unreadable
from flows.read.workbook.reading import damaged, naming_damage, shown_pages

READER = "xls/2"
MEMORY = 2 * 1024**3
SECONDS = 120


def read_xls(data: bytes) -> tuple[Page, ...]:
    """The shown sheets of an xls workbook. Raises `Unreadable`: encrypted, truncated, too_large, empty."""
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "flows.read.xls"], input=data, capture_output=True, timeout=SECONDS, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise damaged(error) from error
    answer = pickle.loads(ran.stdout)
    if isinstance(answer, tuple) and answer and isinstance(answer[0], str):
        raise Unreadable(*answer)
    pages: tuple[Page, ...] = answer
    return pages


def _answer(data: bytes) -> tuple[Page, ...] | tuple[str, dict[str, str]]:
    """What the process of its own tells: the pages, or why there are none."""
    try:
        with naming_damage():
            return shown_pages(python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)), {})
    except Unreadable as error:
        return error.reason, error.message


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.buffer.write(pickle.dumps(_answer(sys.stdin.buffer.read())))
