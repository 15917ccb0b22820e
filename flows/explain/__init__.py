"""Which figure is wrong, and how it came about: findings of one filing seen together.

`relation` makes each verdict an exact relation between figures, `causes` lists what single cause could repair several findings,
`cases` chooses among them and names each case's root, `ties` brings verdicts in and roots out. All of it is pure: verdicts as
data in, the same cases out, whatever order they come in.
"""
