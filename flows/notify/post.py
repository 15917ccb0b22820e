"""Sending: by whatever apprise knows (mail, webhooks, the robots of WeCom, DingTalk and Feishu), and never a secret in a message."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flows.notify.letter import Letter

MOST_BYTES = {"wecombot": 2048, "dingtalk": 20_000, "feishu": 20_000, "lark": 20_000}
"""UTF-8 bytes that a service takes in one message, where apprise does not know it: of 企业微信 2,048 by its manual of group robots."""

RETRIES, SECONDS_BETWEEN = 2, 5.0
"""Where an address does not say otherwise (?retry=…&wait=…)."""


def post(address: str, write: Callable[[int | None], Letter]) -> str:
    """What `write` makes of the most bytes that the service takes (None: any) is sent to `address`; returns why not, "" when it was.

    Mail gets HTML, everything else text. Nothing is raised, whatever the network does; what is returned holds no secret.
    """
    import apprise

    server = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if server is None:
        scheme = address.partition("://")[0] if "://" in address else "?"
        return f"{scheme}://…: not an address that can be sent to"
    if "retry=" not in address:
        server.retry, server.wait = RETRIES, SECONDS_BETWEEN
    box = apprise.Apprise()
    box.add(server)
    one = write(MOST_BYTES.get(address.partition("://")[0].lower()))
    html = server.notify_format == apprise.NotifyFormat.HTML
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:
        try:
            sent = bool(
                box.notify(
                    title=one.title,
                    body=one.html if html else one.text,
                    body_format=apprise.NotifyFormat.HTML if html else apprise.NotifyFormat.TEXT,
                )
            )
        except Exception as error:  # a plugin's own mistake must not cost the night
            return f"{server.url(privacy=True).partition('?')[0]}: {type(error).__name__}"
        lines = said.getvalue().strip().splitlines()
    if sent:
        return ""
    return f"{server.url(privacy=True).partition('?')[0]}: {_without(address, lines[0]) if lines else 'not sent'}"


def _without(address: str, line: str) -> str:
    """`line` without whatever of the address it may repeat."""
    for part in sorted(
        filter(None, address.replace("://", "/").replace("@", "/").replace(":", "/").split("/")), key=len, reverse=True
    ):
        if len(part) > 5:
            line = line.replace(part, "…")
    return line
