"""Workbooks: cells as they are displayed, with their number formats and merged cells."""
