"""The invented web on 127.0.0.1: one HTTP/1.1 port that answers for every host by the Host header.

`python -m harvester.demo.server --seed N --port 0` prints its address and serves until it is stopped;
`Server` does the same in a thread of the calling process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from harvester.demo.build import build
from harvester.demo.exchange import Asked, Reply
from harvester.demo.web import Web
from harvester.demo.world import DEFAULT_SEED, World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

_IDLE = 60.0  # seconds a silent connection is kept
_WORTH_PACKING = 1400  # bytes; smaller bodies fit in a packet
_LOGGED = ("if-none-match", "if-modified-since", "user-agent", "accept-encoding", "referer", "accept")


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as it arrived. `headers` leaves out everything that may hold a secret."""

    at: float
    host: str
    method: str
    target: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """Serves a world from a thread; a context manager.

    address       HOST:PORT            log    every request so far
    pause         seconds that every answer takes, as on a real web, where requests to one host could meet
    most_at_once  host to the most requests of it that were under way at one time
    """

    def __init__(self, world: World, port: int = 0, *, pause: float = 0.0) -> None:
        self._web, self._port, self._pause = Web(world), port, pause
        self.log: list[Logged] = []
        self.most_at_once: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self.address = ""
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="synthetic web", daemon=True)
        self._stop: asyncio.Event | None = None
        self._failed: OSError | None = None

    def start(self) -> Server:
        """Listen; returns when `address` is known. Raises OSError for a port that is taken."""
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            raise self._failed
        return self

    def stop(self) -> None:
        """End every connection and the thread."""
        if self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except OSError as error:
            self._failed = error
            self._ready.set()
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        connections: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            try:
                await self._converse(reader, writer)
            finally:
                connections.discard(task)

        server = await asyncio.start_server(connected, "127.0.0.1", self._port)
        host, port = server.sockets[0].getsockname()[:2]
        self.address = f"{host}:{port}"
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection, until it ends, is silent too long or must be hung up."""
        try:
            while (asked := await asyncio.wait_for(_read(reader), _IDLE)) is not None:
                reply = await self._answered(asked)
                if reply.hang_up:
                    break
                writer.write(render(asked, reply))
                await writer.drain()
                if asked.headers.get("connection", "").lower() == "close":
                    break
        except (TimeoutError, ConnectionError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the other side went away or does not speak HTTP: nothing to answer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answered(self, asked: Asked) -> Reply:
        host = asked.host
        self._under_way[host] += 1
        self.most_at_once[host] = max(self.most_at_once[host], self._under_way[host])
        try:
            if self._pause:
                await asyncio.sleep(self._pause)
            reply = conditional(asked, self._web.answer(asked))
        finally:
            self._under_way[host] -= 1
        self._note(asked, reply)
        return reply

    def _note(self, asked: Asked, reply: Reply) -> None:
        headers = {name: asked.headers[name] for name in _LOGGED if name in asked.headers}
        status = 0 if reply.hang_up else reply.status
        self.log.append(Logged(time.time(), asked.host, asked.method, asked.target, status, headers))


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    """The next request, None at the end of the connection. ValueError for what is no HTTP."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    body = await reader.readexactly(length) if length else b""
    return Asked(method, headers.get("host", "").rsplit(":", 1)[0].lower(), target, headers, body)


def conditional(asked: Asked, reply: Reply) -> Reply:
    """304 for a client that holds this very version (RFC 9110: the ETag decides when both are sent)."""
    tag, stamp = reply.header("ETag"), reply.header("Last-Modified")
    if reply.status != HTTPStatus.OK or not tag:
        return reply
    held, since = asked.headers.get("if-none-match", ""), asked.headers.get("if-modified-since", "")
    fresh = tag in [part.strip().removeprefix("W/") for part in held.split(",")]
    if not held and since:
        with contextlib.suppress(ValueError, TypeError):
            fresh = parsedate_to_datetime(stamp) <= parsedate_to_datetime(since)
    return Reply(304, b"", (("ETag", tag), ("Last-Modified", stamp))) if fresh else reply


def render(asked: Asked, reply: Reply) -> bytes:
    """Status line, headers and body, packed when the client can unpack."""
    body, headers = reply.body, [*reply.headers, ("X-Synthetic", "harvester demo")]
    if len(body) > _WORTH_PACKING and "gzip" in asked.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5, mtime=0)
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    if reply.status != HTTPStatus.NOT_MODIFIED:
        headers.append(("Content-Length", str(len(body))))
    lines = [
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head if asked.method == "HEAD" or reply.status == HTTPStatus.NOT_MODIFIED else head + body


def main(argv: Sequence[str] | None = None) -> int:
    """Serve a seed's world until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the demo's synthetic web on 127.0.0.1.")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args(argv)
    with Server(build(given.seed), given.port) as server:
        sys.stdout.write(f"{server.address}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
