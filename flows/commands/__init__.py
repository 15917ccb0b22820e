"""The commands of `hedui` that are more than a few lines: rules shown, tried, written, moved."""
