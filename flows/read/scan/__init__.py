"""Scans: pictures of pages, in a PDF or as files, become text lines and cell grids; what is not certain says so."""
