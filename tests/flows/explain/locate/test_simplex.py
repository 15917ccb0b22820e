"""What the simplex decides is right: a point satisfies every limit, a clash adds up to a contradiction, ends are ends."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.explain.locate.simplex import Limit, Simplex

NAMES = ("a", "b", "c")
small = st.integers(-4, 4)


@st.composite
def limits(draw: st.DrawFn) -> list[Limit]:
    made = []
    for _ in range(draw(st.integers(1, 6))):
        factors = {name: draw(small) for name in NAMES}
        low, high = draw(st.none() | small), draw(st.none() | small)
        if low is not None and high is not None:
            low, high = min(low, high), max(low, high)
        made.append(Limit(factors, low, high))
    return made


def meets(one: Limit, point: dict[str, int | Fraction]) -> bool:
    value = sum(by * point[name] for name, by in one.factors.items())
    return (one.low is None or one.low <= value) and (one.high is None or value <= one.high)


@settings(max_examples=200, deadline=None)
@given(limits())
def test_a_point_meets_every_limit_or_multiples_of_limits_contradict_each_other(some: list[Limit]) -> None:
    simplex = Simplex(NAMES, some)
    clash = simplex.clash()
    if clash is None:
        assert all(meets(one, simplex.point) for one in some)
        return
    total = {name: sum(times * some[k].factors[name] for k, times in clash.items()) for name in NAMES}
    assert not any(total.values())
    least = sum(by * end for by, end in _ends(clash, some, up=False)) if _limited(clash, some, up=False) else None
    most = sum(by * end for by, end in _ends(clash, some, up=True)) if _limited(clash, some, up=True) else None
    assert (least is not None and least > 0) or (most is not None and most < 0)


def _ends(clash: dict, some: list[Limit], up: bool) -> list[tuple]:  # type: ignore[type-arg]
    return [(by, some[k].high if (by > 0) == up else some[k].low) for k, by in clash.items() if by]


def _limited(clash: dict, some: list[Limit], up: bool) -> bool:  # type: ignore[type-arg]
    return all(end is not None for _, end in _ends(clash, some, up))


@settings(max_examples=200, deadline=None)
@given(limits(), st.sampled_from(NAMES), st.booleans())
def test_an_end_can_be_reached_and_nothing_beyond_it(some: list[Limit], name: str, up: bool) -> None:
    simplex = Simplex(NAMES, some)
    if simplex.clash() is not None:
        return
    end = simplex.end(name, up)
    fixed = [*some, Limit({name: 1}, end, end)] if end is not None else some
    assert Simplex(NAMES, fixed).clash() is None
    beyond = (end if end is not None else 10**6 * (1 if up else -1)) + (Fraction(1, 1000) if up else Fraction(-1, 1000))
    further = Limit({name: 1}, beyond, None) if up else Limit({name: 1}, None, beyond)
    assert (Simplex(NAMES, [*some, further]).clash() is None) == (end is None)


def test_limits_of_thirds_are_met_without_rounding() -> None:
    simplex = Simplex(("a",), [Limit({"a": 3}, 1, 1)])
    assert simplex.clash() is None and simplex.point == {"a": Fraction(1, 3)}
