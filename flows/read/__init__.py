"""One module a file format: bytes → pages of text lines and cell grids, with positions."""
