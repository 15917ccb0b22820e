"""The register of expected filings: who must publish what by when, against what was found.

`reading` takes the register from a file, `names` says when two names are one organisation, `standing` compares, `kept` is its
place in the warehouse.
"""
