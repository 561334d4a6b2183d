"""The process that reads fetched bytes: `python -m harvester.crawl.parse_worker`, one per pool slot.

It imports the parsers once and forks; the fork parses, page after page, and may be killed at any moment without
the imports being paid again. C code that never returns (a tag with 100,000 attributes) meets its own
SIGALRM, so no page outlives its deadline even when everybody else is dead.

Frames on the two pipes are a 4-byte big-endian length and a msgpack body. In: `Job`. Out: `Answer`, first an
empty one that says "ready". The parent of the fork answers for a page that killed it.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import struct
import sys
from datetime import UTC, datetime

import msgspec

from harvester.errors import ParseFailed
from harvester.model import Parsed  # noqa: TC001 - msgspec reads the annotation

MEMORY_LIMIT = 1 << 30
PAGES_PER_FORK = 500  # the extractors keep caches; a fresh fork costs 10 ms
_HEAD = struct.Struct(">I")
_FRESH = 3  # exit code of a fork that has read enough pages
_TOO_MUCH_MEMORY = 12  # ENOMEM, as the exit code of a fork that ran out of its limit


class Job(msgspec.Struct):
    """One body to read. `now` and `zone` belong to the crawl; `deadline` is in seconds of wall clock."""

    url: str
    body: bytes
    headers: dict[str, str]
    expect: str
    now: datetime
    deadline: float


class Answer(msgspec.Struct):
    """What became of a job: `parsed`, or the `state` (model.FETCH_STATES) and `detail` of its failure."""

    parsed: Parsed | None = None
    state: str = ""
    detail: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode_job = msgspec.msgpack.Decoder(Job).decode


def frame(message: object) -> bytes:
    """A message as it goes over the pipe."""
    body = _encode(message)
    return _HEAD.pack(len(body)) + body


def run(job: Job) -> Answer:
    """Parse one body, in this process and without a limit; every failure is an answer."""
    from harvester.parse import parse

    try:
        return Answer(parse(job.body, job.headers, job.url, expect=job.expect, now=job.now))
    except ParseFailed as failed:
        return Answer(state=failed.state, detail=failed.detail)
    except RecursionError:
        return Answer(state="parse_error", detail="nested too deeply")
    except MemoryError:
        os._exit(_TOO_MUCH_MEMORY)  # whatever was being built is in an unknown state
    except Exception as error:  # noqa: BLE001 - a bug in a parser costs one page, named
        return Answer(state="parse_error", detail=f"{type(error).__name__}: {error}"[:300])


def main() -> int:
    """Fork parsers for ever; ends when the pool closes our standard input."""
    source, sink = _private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole terminal; the pool ends us
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _warm_up()
    os.write(sink, frame(Answer(state="ready")))
    gc.collect()
    gc.freeze()  # pages shared with the forks stay shared
    while True:
        child = os.fork()
        if child == 0:
            os._exit(_serve(source, sink))
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            return 0
        if code != _FRESH:
            os.write(sink, frame(_obituary(code)))


def _obituary(code: int) -> Answer:
    if code == -signal.SIGALRM:
        return Answer(state="parse_timeout", detail="not read before its deadline")
    if code == _TOO_MUCH_MEMORY:
        return Answer(state="parse_error", detail=f"needed more than {MEMORY_LIMIT >> 20} MiB")
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return Answer(state="parse_error", detail=f"the parser was killed by {how}")


def _serve(source: int, sink: int) -> int:
    """In the fork: answer jobs until the pipe closes (0) or it is time for a fresh fork."""
    for _ in range(PAGES_PER_FORK):
        head = _read(source, _HEAD.size)
        if not head:
            return 0
        job = _decode_job(_read(source, _HEAD.unpack(head)[0]))
        signal.setitimer(signal.ITIMER_REAL, job.deadline)  # default action: the kernel ends us, C code or not
        answer = run(job)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            data = frame(answer)
        except (TypeError, ValueError) as error:  # a lone surrogate that a parser let through
            data = frame(Answer(state="parse_error", detail=f"unstorable text ({error})"[:300]))
        _write(sink, data)
    return _FRESH


def _read(fd: int, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = os.read(fd, min(size - len(parts), 1 << 20))
        if not part:
            return b""
        parts += part
    return bytes(parts)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _private_pipes() -> tuple[int, int]:
    """The frames get descriptors of their own, so that a library that prints cannot break into them."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return source, sink


def _warm_up() -> None:
    """Parse a page and a feed, so that every lazy import and table is paid for before the first fork."""
    now = datetime(2020, 1, 1, tzinfo=UTC)
    for body, kind in ((_PAGE, "text/html"), (_FEED, "application/rss+xml")):
        run(Job("https://example.org/", body, {"content-type": kind}, "", now, 0.0))


_PAGE = (
    b"<html lang=ja><head><title>t</title></head><body><article><h1>t</h1>"
    + b"<p>A paragraph long enough to be taken for the text of an article, published in 2016.</p>" * 8
    + b"<p>2 Dec 2016</p></article></body></html>"
)
_FEED = b"<rss version='2.0'><channel><title>t</title><item><title>t</title><link>https://example.org/1</link></item></channel></rss>"

if __name__ == "__main__":
    sys.exit(main())
