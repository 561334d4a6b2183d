"""A small HTTP/1.1 server on 127.0.0.1 for crawl tests: every byte it sends is chosen by the test.

One listening port answers for every host name, so `seen` records the Host header of each request. A route is
looked up by `(host, path)`, `"host/path"`, path or `"*"`, the most exact first; it is an `Answer`, a list of
answers given one after the other (the last repeats), or a function `(Seen) -> Answer`. An `Answer` with `raw`
is written to the socket as it is, for broken and hostile servers.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived at `at` (Unix time): header names lower-case, `target` path and query as sent."""

    method: str
    target: str
    host: str
    headers: dict[str, str]
    body: bytes = b""
    at: float = field(default_factory=time.time)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back.

    delay   seconds before the first byte
    drip    (bytes, seconds): the body goes out in such pieces, one per pause
    length  the Content-Length to claim: None = the true one, -1 = none at all (the close ends the body)
    raw     the whole answer, head and all, when the head itself must be wrong; it drips too
    hang    never answer, keep the socket open
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: tuple[int, float] = (0, 0.0)
    length: int | None = None
    raw: bytes | None = None
    hang: bool = False


Route = Answer | list[Answer] | Callable[[Seen], Answer]


def html(text: str, status: int = 200, **headers: str) -> Answer:
    """A UTF-8 page; `Set_Cookie="a=1"` becomes a `Set-Cookie` header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(text.encode(), status, {"Content-Type": "text/html; charset=utf-8", **named})


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(json.dumps(value).encode(), status, {"Content-Type": "application/json", **named})


def redirect(location: str, status: int = 302) -> Answer:
    return Answer(b"", status, {"Location": location})


NOT_FOUND = html("<title>404</title>", 404)


class Server:
    """Runs in a thread of its own between `start` and `stop`; `routes` may be changed while it runs.

    With `tls` it speaks https only.
    """

    def __init__(self, routes: dict[Any, Route] | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[Any, Route] = dict(routes or {})
        self.seen: list[Seen] = []
        self.connections = 0
        self.active: dict[str, int] = {}
        self.most_at_once: dict[str, int] = {}
        self.most_together = 0  # requests to all hosts under way at one time
        self.port = 0
        self._tls = tls
        self._turns: dict[int, int] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="test-server", daemon=True)

    @property
    def address(self) -> str:
        """`127.0.0.1:PORT`, as `--connect-to` wants it."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> Server:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the test server did not start")
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def hits(self, path: str = "", host: str = "") -> list[Seen]:
        """The requests seen for a path and/or host (robots.txt included only when asked for by path)."""
        return [
            seen
            for seen in self.seen
            if (not host or seen.host == host) and (seen.path == path or (not path and seen.path != "/robots.txt"))
        ]

    def forget(self) -> None:
        """Empty `seen` between two runs of one test."""
        self.seen.clear()
        self.connections = 0

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=1 << 20, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (seen := await self._read(reader)) is not None:
                self.seen.append(seen)
                answer = self._answer(seen)
                self.active[seen.host] = self.active.get(seen.host, 0) + 1
                self.most_at_once[seen.host] = max(self.most_at_once.get(seen.host, 0), self.active[seen.host])
                self.most_together = max(self.most_together, sum(self.active.values()))
                try:
                    await self._write(writer, answer, seen)
                finally:
                    self.active[seen.host] -= 1
                if answer.raw is not None or answer.length is not None:
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the crawler hung up, or the test is over
        finally:
            writer.close()

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> Seen | None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Seen(method, target, headers.get("host", "").partition(":")[0], headers, body)

    def _answer(self, seen: Seen) -> Answer:
        host_path = f"{seen.host}{seen.path}"
        for key in ((seen.host, seen.path), host_path, seen.target, seen.path, (seen.host, "*"), "*"):
            if key in self.routes:
                return self._choose(self.routes[key], seen)
        return NOT_FOUND

    def _choose(self, route: Route, seen: Seen) -> Answer:
        if isinstance(route, Answer):
            return route
        if isinstance(route, list):
            turn = self._turns.get(id(route), 0)
            self._turns[id(route)] = turn + 1
            return route[min(turn, len(route) - 1)]
        return route(seen)

    async def _write(self, writer: asyncio.StreamWriter, answer: Answer, seen: Seen) -> None:
        await asyncio.sleep(answer.delay)
        if answer.hang:
            await asyncio.sleep(3600)
        if answer.raw is not None:
            await self._write_body(writer, answer.raw, answer.drip)
            return
        headers = dict(answer.headers)
        if answer.length != -1:
            headers["Content-Length"] = str(len(answer.body) if answer.length is None else answer.length)
        if answer.length is not None:
            headers["Connection"] = "close"
        lines = [
            f"HTTP/1.1 {answer.status} {_phrase(answer.status)}",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        await self._write_body(writer, b"" if seen.method == "HEAD" else answer.body, answer.drip)

    @staticmethod
    async def _write_body(writer: asyncio.StreamWriter, body: bytes, drip: tuple[int, float]) -> None:
        size, pause = drip
        for start in range(0, len(body), size or max(1, len(body))):
            writer.write(body[start : start + (size or len(body))])
            await writer.drain()
            await asyncio.sleep(pause)
        await writer.drain()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@contextmanager
def serving(routes: dict[Any, Route] | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A running server for the length of a `with` block."""
    server = Server(routes, tls).start()
    try:
        yield server
    finally:
        server.stop()
