"""Where disclosures come from, and what is read of each.

`find` lists documents in a stable order; `understand` turns one into a disclosure or says in one line why it cannot.
"""

from flows.collect.places import Missing, Source, find, fingerprint
from flows.collect.understanding import reader_version, reading_files, understand

__all__ = ["Missing", "Source", "find", "fingerprint", "reader_version", "reading_files", "understand"]
