"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `status` is ok, warn (the night runs, something is missing or near its end) or fail (it will not run).

    `zh` and `en` say what was found; `mend_zh` and `mend_en` what to do, "" where nothing is to be done.
    """

    check: str
    status: str
    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""
