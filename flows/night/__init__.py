"""What a night is made of, as plain functions; `flows.nightly` runs them through Prefect.

These modules stay light, so that a mistake in a path or a rule is told at once: neither Prefect nor Great Expectations is imported.
"""
