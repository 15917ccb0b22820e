"""What is taken along: the ledger, findings and verdicts as files."""
