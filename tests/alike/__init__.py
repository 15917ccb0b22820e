"""Five whole disclosures, each written in every format from one set of figures, and read back identically.

`disclosures` makes them, `tables` draws performance tables, `paper`, `books` and `flowing` write the formats.
"""
