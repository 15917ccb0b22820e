"""The place in the source: pictures of the pages on which findings stand, and where on them each figure is."""
