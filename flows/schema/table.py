"""How a table is said, and the types of what the warehouse counts in."""

from __future__ import annotations

from expectations.vocabulary import MONEY, Table, TableColumn

NUMBER = "DECIMAL(38,10)"
"""A printed number in its own unit: wide enough for any amount in 元 and for any rate."""

TERMS = f"STRUCT(side VARCHAR, sign VARCHAR, id VARCHAR, label VARCHAR, value {MONEY}, radius {MONEY})[]"
"""The terms of a verdict's arithmetic; least = value − radius, most = value + radius."""


def table(name: str, comment: str, *columns: str) -> Table:
    """Each of `columns` is "name TYPE comment"; the type is one word."""
    return Table(name, comment, tuple(TableColumn(*column.split(" ", 2)) for column in columns))
