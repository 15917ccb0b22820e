"""How fast and how large: the bench that `make bench` runs, against the yardsticks of the field."""
