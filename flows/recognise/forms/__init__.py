"""The nine official forms: titles, headings and rows of grids become rows and figures."""
