"""The little warehouse of the pages, for letters about it."""

from tests.flows.publish.conftest import book, filled  # noqa: F401
