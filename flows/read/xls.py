"""Old workbook (xls) → one page a sheet that is shown, as `workbook` does for xlsx.

What is lost beside xlsx: number formats (a number stands with the decimals that are stored, 12.50 as 12.5, a share as
0.95), hidden rows and columns (they are read as if shown) and formulas without a stored result (read as empty).
"""

from __future__ import annotations

import io

import python_calamine

from flows.read.document import Page
from flows.read.workbook import naming_damage, shown_pages

READER = "xls/1"


def read_xls(data: bytes) -> tuple[Page, ...]:
    """The shown sheets of an xls workbook. Raises `Unreadable`: encrypted, truncated, too_large, empty."""
    with naming_damage():
        return shown_pages(python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)), {})
