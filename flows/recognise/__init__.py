"""Grids → figures of the official forms; sentences → claims."""
