"""Rules proved by their own examples, each a tiny filing."""
