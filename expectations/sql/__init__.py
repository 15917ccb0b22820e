"""A rule becomes one SELECT that judges every filing at once."""
