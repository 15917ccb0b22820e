"""The published site and ledger, made from the warehouse alone."""

from flows.publish.site import publish

__all__ = ["publish"]
