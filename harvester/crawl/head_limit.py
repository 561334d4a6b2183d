"""An answer whose headers never end: Twisted collects 100 MB of them, and no size limit of Scrapy's looks there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress

MAX_HEAD = 256 << 10  # browsers give up there too; a head is a few kilobytes


class HeadTooLarge(ValueError):
    """More than MAX_HEAD bytes of status lines and headers in one answer."""

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_HEAD} bytes of headers")


def limited(factory: Any) -> Any:
    """A connection pool's protocol factory (a class) whose connections end with HeadTooLarge."""

    class Limited(factory):  # type: ignore[misc]
        def buildProtocol(self, address: IAddress | None) -> Any:  # noqa: N802 - Twisted's name
            protocol = super().buildProtocol(address)
            protocol.dataReceived = _Count(protocol)
            return protocol

    return Limited


class _Count:
    """Stands before `dataReceived` of one connection; each answer has a parser, and a count, of its own."""

    def __init__(self, protocol: Any) -> None:
        self._protocol, self._pass_on = protocol, protocol.dataReceived
        self._parser: Any = None
        self._size = 0

    def __call__(self, data: bytes) -> None:
        parser = self._protocol._parser
        if parser is not self._parser:
            self._parser, self._size = parser, 0
        if parser is not None and parser.state in (STATUS, HEADER):
            self._size += len(data)
            if self._size > MAX_HEAD:
                self._parser = None
                self._protocol._giveUp(Failure(HeadTooLarge()))  # type: ignore[no-untyped-call]
                return
        self._pass_on(data)
