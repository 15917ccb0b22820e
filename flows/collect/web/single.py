"""One document fetched for whoever waits for it: a check at once, without a warehouse to remember anything."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

from flows.collect.declared import agent
from flows.collect.faults import Fault
from flows.collect.genuine import check_for
from flows.collect.web.connection import Home
from flows.collect.web.fetching import Bounds, Visitor
from flows.collect.web.index import file_name
from flows.collect.web.manners import Manners


def fetched(address: str) -> bytes:
    """The document's bytes. Raises OSError, with one line, when it cannot be had."""
    parts, body = urlsplit(address), io.BytesIO()
    home = Home(frozenset({(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))}))
    try:
        Visitor(home, Manners(agent()), Bounds(tries=2), 0.0).fetch(address, body, check=check_for(file_name(address)))
    except Fault as fault:
        raise OSError(fault.message["en"]) from fault
    return body.getvalue()
