"""For those who write rules: drafting, examining, reading aloud, and the workbook."""
