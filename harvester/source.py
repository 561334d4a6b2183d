"""The contract of a source: one file in `spiders/` with one subclass of `Source` (docs/adding-a-source.md).

A source says what to ask for in `start` and what it found in its callbacks; it parses no date, cleans no URL,
opens no connection and stores nothing. What one callback yields is stored in one transaction.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NoReturn

import scrapy

from harvester.errors import ConfigError, ParseFailed
from harvester.model import Attendance, Draft, Edge, Link, Parsed, Reaction
from harvester.options import COMMON, Option
from harvester.text import fold, hashtags, tag_key

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.http import Response

    from harvester.event import Event

__all__ = ["SECRET_HEADERS", "Callback", "Cursor", "Found", "Note", "Option", "Source", "Spend"]
SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a query has been read, stored with the page that yields it and given back by `checkpoint`."""

    query: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a query's answer said about itself, for the ledger of gaps. None and "" change nothing.

    returned        items in the answers so far          reported_total  items the service says there are
    truncated       it stops before the end              window_*        the time it covers (stored text)
    """

    query: str = ""
    returned: int | None = None
    reported_total: int | None = None
    truncated: bool | None = None
    window_start: str = ""
    window_end: str = ""
    cost_usd: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Spend:
    """Something used up of a monthly budget (usd, posts, requests); a negative amount gives back."""

    name: str
    amount: float


Found = Draft | Link | Reaction | Edge | Attendance | Cursor | Note | Spend | scrapy.Request
Callback = Callable[..., Iterable[Found] | AsyncIterator[Found] | None]


class Source(scrapy.Spider):
    """Base of every source. `parse` is the callback of addresses that other sources found for this one.

    label, contributes   one line each for `harvest sources`: what it is, what it adds to a report
    needs                environment variables without which it cannot run (it is skipped, with a reason)
    optional_keys        environment variables that give it more
    origins              `https://host[:port]` of its API, the only places `authorize` is asked for
    policy               `api`, `feed` or `page`: how robots.txt applies
    follows              has no addresses of its own, only what others found (`blog`)
    document             its answers are pages or feeds, read in the parsing process
    option_specs         what may stand in its table of the event file; anything else there ends the crawl at once
    nothing              why it is skipped when `start` yields nothing; begins with "nothing to"
    """

    name: str
    label: ClassVar[str] = ""
    contributes: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()
    optional_keys: ClassVar[tuple[str, ...]] = ()
    origins: ClassVar[tuple[str, ...]] = ()
    opt_in: ClassVar[bool] = False
    policy: ClassVar[Literal["api", "feed", "page"]] = "page"
    follows: ClassVar[bool] = False
    platforms: ClassVar[tuple[str, ...]] = ()
    fed_by: ClassVar[str] = ""
    horizon_days: ClassVar[int | None] = None
    budget: ClassVar[Mapping[str, Any]] = {}
    document: ClassVar[bool] = True
    option_specs: ClassVar[Mapping[str, Option]] = {}
    nothing: ClassVar[str] = "nothing to ask for"

    event: Event
    now: datetime

    def __init__(self, event: Event | str = "", *, now: datetime | None = None, **arguments: Any) -> None:
        """`event` is a slug when Scrapy starts the source; the scheduler then calls `prepare`."""
        super().__init__(**arguments)
        self.event_slug = event if isinstance(event, str) else event.slug
        if not isinstance(event, str):
            self.event = event
        if now is not None:
            self.now = now
        self._cursor_of: Callable[[str], str] = lambda _: ""
        self.used: dict[str, float] = {}

    def prepare(self, event: Event, now: datetime, cursor_of: Callable[[str], str], used: dict[str, float]) -> None:
        """Called once before `start`: the event, the time of this run, stored cursors, and this month's `used`."""
        self.event, self.now, self._cursor_of, self.used = event, now, cursor_of, used

    @property
    def options(self) -> dict[str, Any]:
        """The table `[source.<name>]` of the event file."""
        return dict(self.event.sources.get(self.name, {}))

    @classmethod
    def all_options(cls) -> dict[str, Option]:
        """Its own options and those that every source has."""
        return {**COMMON, **cls.option_specs}

    def option(self, name: str) -> Any:
        """The value of a declared option, else its default. Raises ConfigError for a value that it cannot have."""
        spec = self.all_options()[name]
        if name not in self.options:
            return spec.default
        value = self.options[name]
        if problem := spec.problem(value):
            raise ConfigError(f"[source.{self.name}] {name}: {problem}")
        return value

    def about(self, text: str, tags: Iterable[str] = ()) -> bool:
        """Whether a text has a name of the event, spaces aside, or a hashtag of it, as one of `tags` has."""
        said = "".join(fold(text).split())
        names = ("".join(fold(name).split()) for name in (self.event.name, *self.event.names))
        if any(name in said for name in names if name):
            return True
        own = {tag_key(tag) for tag in self.event.hashtags}
        found = {tag_key(tag) for tag in (*tags, *hashtags(text))}
        return bool(own & found) or any(_glued(tag, key) for key in own for tag in found)

    def checkpoint(self, query: str = "") -> str:
        """The last stored `Cursor` of a query, "" at first."""
        return self._cursor_of(query)

    def secret(self, name: str) -> str:
        """A credential from the environment, "" when it is not set."""
        return os.environ.get(name, "").strip()

    def authorize(self, request: scrapy.Request) -> scrapy.Request:
        """Attach credentials to a request to one of `origins`, just before it is made; never stored."""
        return request

    def get(
        self, url: str, callback: Callback | None = None, *, query: str = "", each_run: bool = True,
        priority: int = 0, headers: Mapping[str, str] | None = None, method: str = "GET", body: str = "",
        document: bool | None = None, state: Any = None, **meta: Any,
    ) -> scrapy.Request:  # fmt: skip
        """A request to remember and make.

        callback  a method of this source, `parse` by default
        query     which question of this source it belongs to, for cursors, sightings and the ledger
        each_run  asked again in every run (searches, feeds); otherwise once for ever
        state     JSON-able value for the callback, back as `response.meta["state"]`, as is every `meta`
        Raises ValueError for headers that hold secrets (use `authorize`) or meta that is no JSON.
        """
        secret = SECRET_HEADERS.intersection(name.lower() for name in headers or ())
        if secret:
            raise ValueError(f"{self.name}: {sorted(secret)} belong in authorize(), a request is stored")
        meta |= {"query": query, "each_run": each_run, "state": state}
        meta["document"] = self.document if document is None else document
        try:
            json.dumps(meta)
        except TypeError as error:
            raise ValueError(f"{self.name}: the meta of {url} cannot be stored ({error})") from error
        return scrapy.Request(
            url, callback or self.parse, method=method, body=body, headers=dict(headers or {}), meta=meta,
            priority=priority,
        )  # fmt: skip

    def parsed(self, response: Response) -> Parsed:
        """What a page or feed turned out to be. Raises ParseFailed."""
        found = (response.request.meta if response.request else {}).get("parsed")
        if isinstance(found, Parsed):
            return found
        from harvester.parse import parse  # only without the parsing process, as in tests

        headers = {
            key.decode("latin-1").lower(): values[-1].decode("latin-1") for key, values in response.headers.items()
        }
        try:
            return parse(response.body, headers, response.url, now=self.now)
        except ParseFailed as failed:
            raise ParseFailed(self.named(failed.state), failed.detail) from failed

    @classmethod
    def named(cls, state: str) -> str:
        """How a state is called here: what is no page where a feed was asked for is no feed, and an error."""
        return "not_a_feed" if cls.policy == "feed" and state == "not_html" else state

    def json(self, response: Response) -> Any:
        """The JSON value of an answer; NaN and numbers without end become None. Raises ParseFailed("bad_json")."""
        try:
            return json.loads(response.body, parse_float=_finite, parse_constant=lambda _: None)
        except (ValueError, RecursionError) as error:
            raise ParseFailed("bad_json", f"{type(error).__name__}: {error}"[:200]) from error

    def refused(self, response: Response, why: str, state: str = "parse_error") -> NoReturn:
        """End this page with a named state: nothing it yielded is stored. Raises ParseFailed."""
        raise ParseFailed(state, f"{response.url}: {why}")


def _glued(tag: str, key: str) -> bool:
    """Whether Japanese words follow a Latin tag without a space, as in #FooConfに参加."""
    return key.isascii() and bool(key) and tag.startswith(key) and tag != key and not tag[len(key)].isascii()


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None
