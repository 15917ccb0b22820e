"""Rule files as people write them: what they may hold, read, described to editors, changed."""
