"""Every source against recorded answers: `tests/fixtures/<source>/<case>/` holds what came and what is found in it.

case.json      what the callback is given; see `Case`
body.*         the answer's bytes (none: an empty body)
expected.json  what the callback yields, by kind; values that are a model's default are left out

`python -m tests.test_sources SOURCE/CASE` prints what a callback yields now: check every value against the bytes
by eye before it becomes the expectation.
"""

import asyncio
import importlib
import json
import re
import sys
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.responsetypes import responsetypes

from harvester import event as events
from harvester.crawl.backoff import limited
from harvester.crawl.catalogue import load
from harvester.errors import ParseFailed
from harvester.known import Known, KnownPost
from harvester.model import IDLE, Attendance, Draft, Edge, Link, Reaction
from harvester.options import COMMON
from harvester.source import Cursor, Drift, Note, Refreshed, Reset, Source, Spend, Standing

FIXTURES = Path(__file__).parent / "fixtures"
PAGE = Path(__file__).parent.parent / "docs" / "sources.md"
SOURCES = load(["spiders"]).sources
CASES = sorted(str(path.parent.relative_to(FIXTURES)) for path in FIXTURES.glob("*/*/case.json"))
NAMES = {Draft: "drafts", Link: "links", Edge: "edges", Request: "requests", Cursor: "cursors", Note: "notes",
         Spend: "spends", Drift: "drifts", Reset: "resets",
         Reaction: "reactions", Attendance: "attendance", Refreshed: "refreshed", Standing: "standings"}  # fmt: skip


class Stored(Known):
    """What a case says that the database holds."""

    def __init__(self, told):
        self.told = told

    def due(self, *, platforms=(), limit=1000):
        posts = [KnownPost(**post) for post in self.told.get("due", [])]
        return [post for post in posts if not platforms or post.platform in platforms][:limit]

    def homes(self, *, limit=1000):
        return self.told.get("homes", [])[:limit]

    def handles(self, platform, *, limit=1000):
        return self.told.get("handles", {}).get(platform, [])[:limit]

    def lost(self, *, limit=1000):
        return self.told.get("lost", [])[:limit]

    def pointed(self, host, *, limit=1000):
        return self.told.get("pointed", {}).get(host, [])[:limit]


class Case:
    """One recorded answer.

    url, status, headers, meta  of the answer (200, none, {}); `callback` is the method that reads it ("parse");
                                the callback "start" is given nothing
    now                         the moment of the crawl
    event                       keys of the event file that differ from tests/fixtures/event.toml
    options, cursors, used      of the source: its table of the event file, stored cursors, this month's spending
    known                       what the database holds: {"due": [{"key": …, "url": …}], "homes": [], "lost": [],
                                "handles": {"platform": []}, "pointed": {"host": []}}
    keys                        environment variables that are set
    """

    def __init__(self, folder, kind):
        told = json.loads((folder / "case.json").read_text("utf-8"))
        self.told, self.expected = told, folder / "expected.json"
        body = next(folder.glob("body.*"), None)
        self.body = body.read_bytes() if body else b""
        event = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")
        event = replace(event, sources={kind.name: told.get("options", {})})
        event = replace(event, **{key: tuple(value) for key, value in told.get("event", {}).items()})
        self.spider = kind(event.slug)
        self.spider.known = Stored(told.get("known", {}))
        cursors = told.get("cursors", {})
        now = datetime.fromisoformat(told.get("now", "2026-05-10T03:00:00Z"))
        self.spider.prepare(event, now, lambda query: cursors.get(query, ""), told.get("used", {}))
        if "keys" in told:
            self.spider.secret = lambda name: told["keys"].get(name, "")

    def response(self):
        told = self.told
        meta = {"query": "", "state": None} | told.get("meta", {})
        headers = {name: value.encode("latin-1") for name, value in told.get("headers", {}).items()}
        request = Request(told["url"], meta=meta)
        kind = responsetypes.from_args(headers=headers, url=told["url"], body=self.body)
        return kind(told["url"], status=told.get("status", 200), headers=headers, body=self.body, request=request)

    def found(self):
        """All that is yielded, or the error; the crawl hands over no answer that says "not now" or "not there"."""
        callback = getattr(self.spider, self.told.get("callback", "parse"))
        if callback.__name__ == "start":
            return {"found": asyncio.run(_gathered(callback()))}
        response = self.response()
        lower = {name.decode().lower(): values[0].decode("latin-1") for name, values in response.headers.items()}
        if limited(response.status, lower):
            return {"error": "rate_limited"}
        if response.status >= 300 and response.status not in response.meta.get("handle_httpstatus_list", ()):
            return {"error": f"http_error: {response.status}"}
        try:
            return {"found": list(callback(response))}
        except ParseFailed as failed:
            return {"error": f"{failed.state}: {failed.detail}"}


def case_of(name):
    """The recorded case SOURCE/CASE."""
    return Case(FIXTURES / name, SOURCES[name.partition("/")[0]])


async def _gathered(items):
    return [item async for item in items]


def told_of(found):
    """What was found as plain JSON, by kind."""
    if "error" in found:
        return found
    told = {}
    for item in found["found"]:
        value = request_of(item) if isinstance(item, Request) else without_defaults(item)
        told.setdefault(NAMES[type(item) if not isinstance(item, Request) else Request], []).append(value)
    return json.loads(json.dumps(told))


def request_of(request):
    meta = {key: value for key, value in request.meta.items() if value not in (None, "", [])}
    told = {"url": request.url, "callback": request.callback.__name__} | meta
    posted = {"method": request.method, "body": request.body.decode()} if request.method != "GET" else {}
    return told | posted | ({"headers": dict(request.headers.to_unicode_dict())} if request.headers else {})


def without_defaults(value):
    if isinstance(value, tuple):
        return [without_defaults(item) for item in value]
    if not is_dataclass(value):
        return value
    default = {f.name: f.default_factory() if f.default is MISSING and f.default_factory is not MISSING else f.default
               for f in fields(value)}  # fmt: skip
    kept = {name: getattr(value, name) for name, empty in default.items() if getattr(value, name) != empty}
    return {name: without_defaults(item) for name, item in kept.items()}


@pytest.mark.parametrize("name", CASES)
def test_a_source_finds_what_is_in_an_answer(name):
    case = case_of(name)
    assert told_of(case.found()) == json.loads(case.expected.read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_source_has_a_normal_an_empty_a_broken_and_a_throttled_case(name):
    assert {"normal", "empty", "broken", "throttled"} <= {path.name for path in (FIXTURES / name).glob("*")}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_source_is_a_leaf_that_tells_what_it_is(name):
    kind = SOURCES[name]
    assert kind.label
    assert kind.contributes
    assert all(spec.doc for spec in kind.option_specs.values())
    assert issubclass(kind, Source)
    module = importlib.import_module(kind.__module__)
    assert module.__name__ == f"spiders.{name}"
    assert not {"feedparser", "lxml", "requests"} & set(vars(module))


def documented_options():
    """Heading to the rows of its table of options in docs/sources.md."""
    parts = re.split(r"^## Options of (.*)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        name: [line for line in text.splitlines() if line.startswith("| `")]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_every_option_of_the_sources_in_the_documents_is_described_and_no_other():
    documented = documented_options()
    told = {"every source": COMMON} | {
        name: SOURCES[name].option_specs for name in documented if name != "every source"
    }
    assert documented == {
        name: [f"| `{key}` | {spec.kind} | {spec.shown_default()} | {spec.doc} |" for key, spec in specs.items()]
        for name, specs in told.items()
    }


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_source_declares_the_options_it_reads(name):
    kind = SOURCES[name]
    own = kind.__mro__[: kind.__mro__.index(Source)]  # with what it has in common with others of its sort
    texts = [Path(sys.modules[each.__module__].__file__).read_text("utf-8") for each in own]
    read = {name for text in texts for name in re.findall(r"""\.option\(["'](\w+)["']\)""", text)}
    assert read == set(kind.option_specs)
    assert not set(kind.option_specs) & set(COMMON)
    assert kind.nothing.startswith(IDLE)
    assert all(spec.default in (None, ()) or not spec.problem(spec.default) for spec in kind.option_specs.values())


def test_qiita_searches_more_tags():
    event = events.load((FIXTURES / "event.toml").read_text("utf-8"), "event.toml")

    def asked(**options):
        spider = SOURCES["qiita"](replace(event, sources={"qiita": options}))
        return list(spider.queries())

    plain = asked()
    assert asked(tags=["#More", "ＭＯＲＥ", event.hashtags[0].upper()]) == [*plain, "tag:More"]
    assert asked(queries=["org:a"], tags=["more"]) == ["org:a", "tag:more"]


if __name__ == "__main__":
    print(json.dumps(told_of(case_of(sys.argv[1]).found()), ensure_ascii=False, indent=1))
