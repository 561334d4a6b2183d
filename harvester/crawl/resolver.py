"""No connection to an address that is not global: not by name, by literal, by redirect or by a changing DNS answer.

The guard sits where Twisted turns a host into addresses, and Twisted connects to exactly the address that
passed, so there is no gap between check and use.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from typing import TYPE_CHECKING, Any, TypeAlias

from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Zope: TypeAlias = Any  # Twisted's interfaces are zope objects, which a type checker cannot read
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})  # IDNA reads all of them as the dot
_REMEMBERED = 1000


def is_public(address: str) -> bool:
    """Whether `address` (IPv4 or IPv6 text) is global, as is every IPv4 address that it wraps."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(ip.is_global and not ip.is_multicast for ip in _unwrapped(found))


def _unwrapped(ip: Address) -> Iterator[Address]:
    if isinstance(ip, ipaddress.IPv4Address):
        yield ip
    elif ip.ipv4_mapped:
        yield ip.ipv4_mapped
    else:
        yield ip
        if ip.sixtofour:
            yield ip.sixtofour
        if ip.teredo:
            yield from ip.teredo
        if ip in _NAT64:
            yield ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)


def literal(host: str) -> str:
    """The address that a URL's host spells out (`127.1`, `0x7f000001`, `①②⑦.⓪.⓪.①`, `[::1]` …), "" for a name."""
    text = unicodedata.normalize("NFKC", host.translate(_DOTS)).strip("[]").rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(text)) if text and " " not in text else ""
    except (OSError, UnicodeError):
        return ""


def is_private_host(host: str) -> bool:
    """Whether a URL's host names an address that is not global without asking DNS."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = literal(host)
    return bool(address) and not is_public(address)


@implementer(IHostnameResolver)
class GuardResolver:
    """Twisted's resolver with answers filtered to global addresses; to be set as TWISTED_DNS_RESOLVER.

    A refused host ends as a name without addresses; `blocked` remembers why, so that the download handler
    can call it `blocked_address`. With CONNECT_TO (`host:port`) that host alone may be resolved, to anything.
    Names that take longer than DNS_TIMEOUT seconds have no addresses either.
    """

    def __init__(self, reactor: Zope, *, allowed: str = "", timeout: float = 10.0) -> None:
        self.reactor = reactor
        self.inner: Zope = reactor.nameResolver
        self.allowed = allowed.lower()
        self.timeout = timeout
        self.blocked: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Zope) -> GuardResolver:
        """Built by Scrapy with the crawler process: only its `settings` exist yet."""
        host = str(crawler.settings.get("CONNECT_TO") or "").rpartition(":")[0]
        return cls(reactor, allowed=host.strip("[]"), timeout=crawler.settings.getfloat("DNS_TIMEOUT"))

    def install_on_reactor(self) -> None:
        """Take the place of the reactor's own resolver."""
        self.reactor.installNameResolver(self)

    def remember(self, host: str, why: str) -> None:
        """Keep the reason for the handler; bounded, because hosts come from strangers."""
        if len(self.blocked) >= _REMEMBERED:
            self.blocked.pop(next(iter(self.blocked)))
        self.blocked[host.lower()] = why

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: Zope,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[Any]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Zope:
        """IHostnameResolver: resolve `hostName`, telling the receiver only of permitted addresses."""
        watch = _Watch(self, resolutionReceiver, hostName)
        if self.allowed and hostName.lower() != self.allowed:
            self.remember(hostName, f"{hostName} is not the replica {self.allowed}")
            resolutionReceiver.resolutionBegan(watch)
            resolutionReceiver.resolutionComplete()
            return watch
        watch.start(self.timeout)
        self.inner.resolveHostName(watch, hostName, portNumber, addressTypes, transportSemantics)
        return watch


@implementer(IResolutionReceiver, IHostResolution)
class _Watch:
    """Stands between the real resolver and Twisted for one name: filters addresses and ends the wait."""

    def __init__(self, guard: GuardResolver, receiver: Zope, host: str) -> None:
        self.name = host
        self._guard = guard
        self._receiver = receiver
        self._timer: Any = None
        self._done = False

    def start(self, timeout: float) -> None:
        self._receiver.resolutionBegan(self)
        self._timer = self._guard.reactor.callLater(timeout, self._finish)

    def cancel(self) -> None:
        self._finish()

    def resolutionBegan(self, resolution: Zope) -> None:  # noqa: N802
        """The receiver was told by `start`, with this object as the thing to cancel."""

    def addressResolved(self, address: Zope) -> None:  # noqa: N802
        if self._done:
            return
        found = str(getattr(address, "host", ""))
        if self._guard.allowed or is_public(found):
            self._receiver.addressResolved(address)
        else:
            self._guard.remember(self.name, f"{self.name} is {found}, not a global address")

    def resolutionComplete(self) -> None:  # noqa: N802
        self._finish()

    def _finish(self) -> None:
        if self._done:
            return
        self._done = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._receiver.resolutionComplete()
