"""Numbers as they are set on the pages: a form's own decimals, thousands separators, amounts in the filing's own unit."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from expectations.vocabulary import WAN

BLANK = "—"


@lru_cache(maxsize=1000)
def places(ulp: Decimal | None) -> int | None:
    """How many decimals a unit of the last place stands for; None when it is not known."""
    if ulp is None or ulp <= 0:
        return None
    exponent = ulp.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else None


@lru_cache(maxsize=20_000)
def printed(value: Decimal | None, ulp: Decimal | None = None) -> str:
    """`value` with thousands separators and the decimals of `ulp`; without `ulp` with the decimals that it needs."""
    if value is None:
        return BLANK
    wanted = places(ulp)
    shortest = value.normalize()
    needed = shortest.as_tuple().exponent
    least = max(0, -needed) if isinstance(needed, int) else 0
    if wanted is None or wanted < least:
        wanted = least
    text = f"{value:,.{wanted}f}"
    return text.removeprefix("-") if not value else text


def scale(unit: str) -> Decimal:
    """The factor from 万元 to `unit`; 1 for anything that is no unit of money."""
    return 1 / WAN[unit] if unit in WAN else Decimal(1)


def is_money(unit: str) -> bool:
    """Whether `unit` is a unit of money."""
    return unit in WAN


def share(part: int, whole: int) -> str:
    """`part` of `whole` in percent to one decimal, never rounded up to 100.0 nor down to 0.0 when it is neither."""
    if not whole:
        return BLANK
    rate = Decimal(part) * 100 / whole
    text = f"{rate:.1f}"
    if part < whole and text == "100.0":
        return "99.9"
    return "0.1" if part and text == "0.0" else text
