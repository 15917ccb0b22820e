"""Where connections may go and how long they may take.

Names are resolved here and the address that was looked at is the one that is connected to: a name that answers otherwise the
second time leads nowhere. Every read ends with the request's deadline, so that not even headers sent byte by byte hold up a night.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore

from flows.collect.faults import Fault

_USUAL_PORTS = (80, 443)
_TAIL = 32


@dataclass(slots=True)
class Clock:
    """When the present request must have ended, and the last bytes that came."""

    deadline: float = 0.0
    tail: bytes = b""


@dataclass(frozen=True, slots=True)
class Home:
    """The hosts that a source names itself: only they may be private addresses, on the ports it names or the usual ones."""

    places: frozenset[tuple[str, int]] = field(default_factory=frozenset)

    def holds(self, host: str, port: int) -> bool:
        return any(host == name and port in (own, *_USUAL_PORTS) for name, own in self.places)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet: neither loopback, private, link-local nor reserved."""
    ip = ipaddress.ip_address(address.split("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (inner is None or is_public(str(inner)))


def resolved(host: str, port: int, home: Home) -> list[str]:
    """The addresses of `host` that may be connected to. Raises `Fault`."""
    try:
        told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise Fault(
            "no_answer", f"找不到主机 {host}（{cause}）", f"the host {host} is not found ({cause})", True
        ) from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in told))
    if home.holds(host, port):
        return addresses
    public = [one for one in addresses if is_public(one)]
    if len(public) < len(addresses) or not public:
        raise Fault(
            "private_address",
            f"{host} 指向内部地址，而来源本身不在那里：不连接",
            f"{host} leads to a private address, where the source itself is not: not followed",
        )
    return public


class Guarded(httpcore.NetworkBackend):
    """Connections to addresses that may be connected to, every step of which ends with the clock's deadline."""

    def __init__(self, home: Home, clock: Clock, proxied: bool = False) -> None:
        self._home, self._clock, self._proxied = home, clock, proxied
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = [host] if self._proxied else resolved(host, port, self._home)
        for last, address in enumerate(addresses, 1):
            try:
                left = _left(self._clock, timeout, httpcore.ConnectTimeout)
                stream = self._inner.connect_tcp(address, port, left, local_address, socket_options or ())
                return _Timed(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last == len(addresses):
                    raise
        raise httpcore.ConnectError(host)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _Timed(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, _left(self._clock, timeout, httpcore.ReadTimeout))
        self._clock.tail = (self._clock.tail + data[-_TAIL:])[-_TAIL:]
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._clock, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._clock, timeout, httpcore.ConnectTimeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(clock: Clock, timeout: float | None, late: type[Exception]) -> float:
    left = clock.deadline - time.monotonic()
    if left <= 0:
        raise late("the time for this request is over")
    return left if timeout is None else min(timeout, left)


def pool(scheme: str, host: str, home: Home, clock: Clock) -> httpcore.ConnectionPool:
    """A pool for one request; through the proxy that the environment names for this scheme, unless the host is exempt."""
    trusted = _trusted()
    proxy = getproxies().get(scheme)
    if proxy and not proxy_bypass(host):
        _literal(host, home)
        return httpcore.HTTPProxy(proxy, ssl_context=trusted, network_backend=Guarded(home, clock, proxied=True))
    return httpcore.ConnectionPool(ssl_context=trusted, network_backend=Guarded(home, clock))


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """The certificates that this machine trusts, an authority of the house included; SSL_CERT_FILE names further ones."""
    trusted = ssl.create_default_context()
    if bundle := os.environ.get("SSL_CERT_FILE"):
        trusted.load_verify_locations(bundle)
    return trusted


def _literal(host: str, home: Home) -> None:
    """Behind a proxy, which resolves names itself, what is refused is what says of itself that it is not of the internet."""
    try:
        private = not is_public(host.strip("[]"))
    except ValueError:
        private = host == "localhost" or host.endswith(".localhost")
    if private and not any(name == host for name, _ in home.places):
        raise Fault(
            "private_address",
            f"{host} 是内部地址，而来源本身不在那里：不连接",
            f"{host} is a private address, where the source itself is not: not followed",
        )
