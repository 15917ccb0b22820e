"""The published site over HTTP, for reading alone: its files and nothing else, to whom the address lets in.

Starlette looks up the files and never leaves their folder; what stands here is what a page of ours needs said with it. The site is
looked up anew at every request, so that the night may put another in its place meanwhile.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",  # kept, but asked after each time: tomorrow's page has the same address
}
"""Said with every answer; the policy is that of the pages, which cannot say `frame-ancestors` themselves."""

_AT_ONCE = 100
_SECONDS_IDLE = 5


def application(site: Path, host: str = "127.0.0.1") -> Starlette:
    """An ASGI application that answers GET and HEAD with the files of `site`, 404 for anything else.

    Bound to loopback it answers only to loopback's names: a web page elsewhere cannot reach it by a name of its own.
    """
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    names = ["localhost", "127.0.0.1", "[::1]", host] if loopback(host) else ["*"]
    return Starlette(
        routes=[Mount("/", StaticFiles(directory=site, html=True, check_dir=False))],
        middleware=[
            Middleware(_Headed),
            Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False),
        ],
    )


class _Headed:
    """Every answer carries `HEADERS`, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), value.encode()) for name, value in HEADERS.items()),
                ]
            await send(message)

        await self._app(scope, receive, headed)


def loopback(host: str) -> bool:
    """Whether only this machine can reach what is bound to `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def serve(site: Path, host: str, port: int) -> bool:
    """The site is served until the process is told to end. Returns False when the address cannot be had."""
    import uvicorn

    config = uvicorn.Config(
        application(site, host),
        host=host,
        port=port,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_AT_ONCE,
        timeout_keep_alive=_SECONDS_IDLE,
        timeout_graceful_shutdown=_SECONDS_IDLE,
        ws="none",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit:  # uvicorn's way to say that it could not bind
        return False
    return server.started
