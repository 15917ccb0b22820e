"""Which figures, if they were different, would let every identity of a filing hold: all minimal sets, exactly, none at random.

`network` is the identities and the figures that they share; `single` finds the one figure that clears all, which needs no search.
Else `search` looks for the cheapest sets: `master` (HiGHS) proposes the cheapest that hits every conflict known, `repair` decides
exactly whether it lets all hold, by `limits` (identities as linear limits) and `simplex`. `locating` puts cases together and apart.
"""

from flows.explain.locate.locating import located
from flows.explain.locate.search import Limits

__all__ = ["Limits", "located"]
