"""What must be true: the vocabulary of the official forms, the rules, and how rules become checks."""
