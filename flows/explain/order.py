"""Findings in a list, each right after the root from which it follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")


def under_roots(findings: Iterable[T], id: Callable[[T], Hashable], root: Callable[[T], Hashable]) -> list[T]:
    """`findings` in the order given, but each that follows from another right behind it; `root` is "" or None for the others.

    A finding whose root is not among them (the list may be cut, or hold those of one rule) keeps its own place.
    """
    listed = list(findings)
    there = {id(one) for one in listed}
    followers: dict[Hashable, list[T]] = defaultdict(list)
    for one in listed:
        if root(one) in there:
            followers[root(one)].append(one)
    made: list[T] = []
    for one in listed:
        if root(one) not in there:
            made.append(one)
            made.extend(followers.get(id(one), ()))
    return made
