"""What a crawl would do, told before anything is asked: requests, money and time, source by source. Writes nothing."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from scrapy import Request

from harvester.crawl import catalogue
from harvester.crawl.session import REQUESTS, page_limit
from harvester.errors import HarvestError
from harvester.known import NOTHING
from harvester.settings import CONCURRENT_REQUESTS, DOWNLOAD_DELAY, HARVEST_PAGES
from harvester.store import frontier, runs
from harvester.store.known import Stored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from harvester.event import Event
    from harvester.source import Source
    from harvester.store.connection import Connection

_LOOK: Final = 5000  # first requests that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One source of a coming crawl.

    status   `runs`, `skipped` or `failed`, for the `reason`
    first    requests it begins with; answers lead to more       last     requests it made in its last crawl, if any
    most     requests that it may make at most                   usd      dollars that it may cost at most
    seconds  how long it takes at least, at its pace: for as many requests as last time, or the first ones
    """

    source: str
    status: str
    reason: str = ""
    first: int = 0
    last: int | None = None
    most: int = 0
    usd: float = 0.0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def plans(
    conn: Connection | None, event: Event, named: tuple[str, ...], modules: tuple[str, ...], now: datetime
) -> list[Plan]:
    """What every source that a crawl of `event` would run has to ask for; `conn` None before the first crawl.

    Raises ConfigError as a crawl would, for a source or an option that does not exist.
    """
    known = catalogue.load(modules)
    catalogue.check(known, event, os.environ)
    found = []
    for name in catalogue.selected(known, event, named):
        if name in known.broken:
            found.append(Plan(source=name, status="skipped", reason=known.broken[name][:200]))
            continue
        try:
            found.append(_plan(conn, event, known.sources[name], now))
        except HarvestError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a source's file does wrong, the others are told of
            why = f"it cannot begin: {type(error).__name__}: {error}"
            found.append(Plan(source=name, status="failed", reason=why[:200]))
    return found


def _plan(conn: Connection | None, event: Event, kind: type[Source], now: datetime) -> Plan:
    if why := catalogue.lacking(kind, os.environ):
        return Plan(source=kind.name, status="skipped", reason=why)
    source, used = kind(event.slug), runs.spent(conn, kind.name, f"{now:%Y-%m}") if conn else {}
    source.known = Stored(conn, event, kind.name, now) if conn else NOTHING
    source.prepare(event, now, lambda query: runs.get_cursor(conn, kind.name, event.slug, query) if conn else "", used)
    hosts = _hosts(conn, event, source)
    first, last = hosts.total(), runs.last_requests(conn, event.slug, kind.name) if conn else None
    most = _most(event, source, used)
    if not first and not (kind.follows or kind.late):
        return Plan(source=kind.name, status="skipped", reason=kind.nothing, last=last, most=most)
    return Plan(
        source=kind.name, status="runs", first=min(first, most), last=last, most=most, usd=source.most_usd(),
        seconds=seconds(hosts, min(most, max(first, last or 0)), max(kind.pause, DOWNLOAD_DELAY)),
        reason=_waits(kind) if not first else "",
    )  # fmt: skip


def _most(event: Event, source: Source, used: Mapping[str, float]) -> int:
    """How many requests the crawl, the source's own limit and the month leave it."""
    limits = [page_limit(event, type(source), HARVEST_PAGES)]
    if month := source.option("max_requests_month") or source.monthly:
        limits.append(month - int(used.get(REQUESTS, 0)))
    return max(0, min(limits))


def _waits(kind: type[Source]) -> str:
    return "asks about what the others find" if kind.late else "follows what the others find"


def _hosts(conn: Connection | None, event: Event, source: Source) -> Counter[str]:
    """Host to number of requests that are waiting or that the source begins with, each address once."""
    urls = dict(frontier.waiting(conn, event.slug, source.name)) if conn else {}
    urls |= {request.url: urlsplit(request.url).netloc for request in asyncio.run(_first(source))}
    return Counter(urls.values())


async def _first(source: Source) -> list[Request]:
    requests: list[Request] = []
    async for item in source.start():
        if isinstance(item, Request):
            requests.append(item)
        if len(requests) >= _LOOK:
            break
    return requests


def seconds(hosts: Mapping[str, int], requests: int, pause: float) -> float:
    """The least time for so many requests, spread over hosts as the first ones are: one at a time of each host."""
    if not requests:
        return 0.0
    busiest = max(hosts.values(), default=1) / max(1, sum(hosts.values()))
    return round(requests * max(busiest, 1 / CONCURRENT_REQUESTS) * pause, 1)
