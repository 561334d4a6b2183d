"""The contract of a source: one file in `spiders/` with one subclass of `Source` (docs/adding-a-source.md).

A source says what to ask for in `start` and what it found in its callbacks; it parses no date, cleans no URL,
opens no connection and stores nothing. What one callback yields is stored in one transaction.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NoReturn

import scrapy

from harvester.contract import Contract
from harvester.errors import ConfigError, ParseFailed
from harvester.found import Cursor, Drift, Note, Refreshed, Reset, Spend, Standing
from harvester.known import NOTHING, Known
from harvester.model import Attendance, Draft, Edge, Link, Parsed, Reaction
from harvester.options import COMMON, Option
from harvester.text import fold, hashtags, safe_json_value, tag_key

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.http import Response

    from harvester.event import Event

__all__ = [
    "SECRET_HEADERS", "Callback", "Contract", "Cursor", "Drift", "Found", "Note", "Option", "Refreshed", "Reset",
    "Source", "Spend", "Standing",
]  # fmt: skip
_NAMED_NEWS: Final = 10  # new fields that are told by name
NO_ADDRESS: Final = "about:invalid"  # of a request whose meta `bad_link` holds what was found
SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "x-goog-api-key"})
VIEWS: Final[Mapping[str, Literal["entry", "page", "record"]]] = {"api": "record", "feed": "entry", "page": "page"}
Found = (
    Draft | Link | Reaction | Edge | Attendance
    | Cursor | Reset | Note | Spend | Drift | Refreshed | Standing | scrapy.Request
)  # fmt: skip
Callback = Callable[..., Iterable[Found] | AsyncIterator[Found] | None]


class Source(scrapy.Spider):
    """Base of every source. `parse` is the callback of addresses that other sources found for this one.

    label, contributes   one line each for `harvest sources`: what it is, what it adds to a report
    needs                environment variables without which it cannot run (it is skipped, with a reason)
    optional_keys        environment variables that give it more
    key_from             where somebody gets these keys, for `harvest sources`
    origins              `https://host[:port]` of its API, the only places `authorize` is asked for
    policy               `api`, `feed` or `page`: how robots.txt applies
    view                 `entry` of a feed, `page` or the platform's own `record`: of two views of a post the richer
                         one wins; by default what the policy suggests
    monthly              most requests in a calendar month; `max_requests_month` of the event file goes before
    pause                seconds between two requests to a host, where the service asks for more than the default
    keep_free            requests of the service's window that are left to others behind our address
    late                 1: asks about what others found, starts after them and reads `self.known`; 2: after those too
    fed_by               what it is given to read (accounts, sites, feeds, others' finds): it is no list of its own
                         for the estimate of missed posts. Without it, `follows` and `late`, its links are (`roams`)
    follows              goes with what others found (`blog`, `homes`): `[crawl] max_pages` limits its requests
    lenient              asks hosts that nobody chose: that some of them fail is no failure of a crawl
    document             its answers are pages or feeds, read in the parsing process
    contract             what it reads from the records of its interface (`records`)
    option_specs         what may stand in its table of the event file; anything else there ends the crawl at once
    nothing              why it is skipped when `start` yields nothing; begins with "nothing to"
    """

    name: str
    label: ClassVar[str] = ""
    contributes: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()
    optional_keys: ClassVar[tuple[str, ...]] = ()
    key_from: ClassVar[str] = ""
    origins: ClassVar[tuple[str, ...]] = ()
    opt_in: ClassVar[bool] = False
    policy: ClassVar[Literal["api", "feed", "page"]] = "page"
    follows: ClassVar[bool] = False
    lenient: ClassVar[bool] = False
    late: ClassVar[int] = 0
    monthly: ClassVar[int | None] = None
    pause: ClassVar[float] = 0.0
    keep_free: ClassVar[int] = 0
    platforms: ClassVar[tuple[str, ...]] = ()
    fed_by: ClassVar[str] = ""
    horizon_days: ClassVar[int | None] = None
    view: ClassVar[Literal["entry", "page", "record"]] = "page"
    document: ClassVar[bool] = True
    contract: ClassVar[Contract] = Contract(required=())
    option_specs: ClassVar[Mapping[str, Option]] = {}
    nothing: ClassVar[str] = "nothing to ask for"

    event: Event
    now: datetime
    known: Known = NOTHING

    def __init_subclass__(cls, **arguments: Any) -> None:
        """A source that says nothing of its view has that of its policy."""
        super().__init_subclass__(**arguments)
        if "view" not in vars(cls) and "policy" in vars(cls):
            cls.view = VIEWS[cls.policy]

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
        self._news: set[str] = set()

    def prepare(self, event: Event, now: datetime, cursor_of: Callable[[str], str], used: dict[str, float]) -> None:
        """Called once before `start`: the event, the time of this run, stored cursors, and this month's `used`."""
        self.event, self.now, self._cursor_of, self.used = event, now, cursor_of, used

    @property
    def options(self) -> dict[str, Any]:
        """The table `[source.<name>]` of the event file."""
        return dict(self.event.sources.get(self.name, {}))

    @classmethod
    def forgives(cls) -> bool:
        """Whether errors beside successes are ordinary: the hosts come from others' links or lists."""
        return cls.follows or cls.lenient

    @classmethod
    def roams(cls) -> bool:
        """Whether it asks for the event on sites that nobody chose, so that what it names is a look of its own."""
        return not (cls.fed_by or cls.follows or cls.late)

    @classmethod
    def keyed(cls) -> bool:
        """Whether it asks an interface, with a key or in a way that one could be needed."""
        return cls.policy == "api" or bool(cls.needs or cls.optional_keys or cls.origins)

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

    def most_usd(self) -> float:
        """Dollars that this run may cost at most; 0 for what is free."""
        return 0.0

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
        An address that nobody can ask for is remembered as the broken link it is, and costs nothing else.
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
        told: dict[str, Any] = {"method": method, "body": body, "headers": dict(headers or {}), "priority": priority}
        try:
            return scrapy.Request(url, callback or self.parse, meta=meta, **told)
        except ValueError:
            return scrapy.Request(NO_ADDRESS, callback or self.parse, meta=meta | {"bad_link": url}, **told)

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
        """The JSON value of an answer, odd ones as `safe_json_value` has them. Raises ParseFailed("bad_json")."""
        try:
            return safe_json_value(json.loads(response.body))
        except (ValueError, RecursionError) as error:
            raise ParseFailed("bad_json", f"{type(error).__name__}: {error}"[:200]) from error

    def records(self, response: Response, values: Iterable[Any]) -> tuple[list[dict[str, Any]], list[Drift]]:
        """The whole records in a list of an answer, and what is to be yielded with them, as `contract` has it.

        New fields are told in the log, once. Raises ParseFailed("bad_json") when there are values and no record.
        """
        read = self.contract.read(values)
        if read.lacking:
            self.refused(response, read.lacking, "bad_json")
        news = [name for name in read.news if name not in self._news]
        self._news.update(news)
        if news:
            more = f" and {len(news) - _NAMED_NEWS} more" if len(news) > _NAMED_NEWS else ""
            self.logger.info("fields that nobody here reads yet: %s%s", str(news[:_NAMED_NEWS])[1:-1], more)
        return read.whole, [Drift(*entry) for entry in sorted(read.told.items())]

    def refused(self, response: Response, why: str, state: str = "parse_error") -> NoReturn:
        """End this page with a named state: nothing it yielded is stored. Raises ParseFailed."""
        raise ParseFailed(state, f"{why} ({response.url})")  # what is long and known elsewhere last: it may be cut


def _glued(tag: str, key: str) -> bool:
    """Whether Japanese words follow a Latin tag without a space, as in #FooConfに参加."""
    return key.isascii() and bool(key) and tag.startswith(key) and tag != key and not tag[len(key)].isascii()
