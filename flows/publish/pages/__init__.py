"""Each page, printed from records and words."""
