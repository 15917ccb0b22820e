"""How much the rules find, and how silent they are: consistent filings, errors put into copies of them, and what is caught.

`python -m tests.prove` (or `make prove`) writes docs/proof.md. A filing begins as accounts in 元 (`invent`), which are laid out
and worded as a department publishes them (`filings`); the writers of tests/alike print that in every format, `direct` hands
it to recognition without a file between, and `many` holds many at once. `errors` spoils one thing in a copy, `pairs` two;
`altered` says which figures read otherwise then, and `accused` which are suspected.
"""
