"""Telling people in the morning: who is told (`receivers`), what is new to them (`news`), in which words (`letter`), by which way (`post`)."""
