"""Side by side with what users would pick instead: what `make bench-peers` runs.

`python -m tests.peers`. Every peer has an environment of its own (`environments`, from `requirements/`) and a script in `runners/`
that runs the same checks (`checks`) on the same generated filings, in a fresh process a round, all of them in turns (`rounds`).
The limit is SQL written by hand. `page` writes what was measured to docs/peers.md, `chart` its curves.
"""
