"""PDF: characters and drawn lines become text lines and cell grids, told twice by two libraries."""
