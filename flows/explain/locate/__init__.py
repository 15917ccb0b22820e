"""Which figures, if they were different, would let every identity of a filing hold: all minimal sets, exactly, none at random.

`network` is the identities and the figures that they share; `single` finds the one figure that clears all, which needs no search.
"""

from flows.explain.locate.locating import located

__all__ = ["located"]
