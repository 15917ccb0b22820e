"""The night's work, in the order in which it happens: collect → read → recognise → load → validate → publish."""

__version__ = "0.1.0"
