"""A night killed at any moment: the next one completes, and the warehouse and the site are those of an undisturbed run."""
