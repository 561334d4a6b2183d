"""The contract of a source: the requests it makes, what it is told, and the way of a request through the frontier."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest
from scrapy.core.downloader import Slot
from scrapy.http import Request, TextResponse

from harvester.crawl import admission, catalogue, redact, signing, words
from harvester.crawl.catalogue import Catalogue
from harvester.crawl.outcome import Outcome, ledger_line, of_failure
from harvester.crawl.refused import Refused
from harvester.errors import ConfigError, ParseFailed
from harvester.event import load
from harvester.model import FETCH_STATES, Parsed
from harvester.settings import build, is_loopback
from harvester.source import Option, Source
from harvester.store.frontier import Leased

NOW = datetime(2026, 10, 5, tzinfo=UTC)
EVENT = load(
    'slug = "ev"\nname = "MyConf"\nstarts = 2026-10-01\ntimezone = "Asia/Tokyo"\n[source.probe]\nsize = 3\n', "ev.toml"
)


class Probe(Source):
    name = "probe"
    origins = ("https://api.example",)
    policy = "api"
    document = False
    option_specs = {  # noqa: RUF012
        "size": Option(kind="whole number", default=10, doc="How many."),
        "words": Option(kind="texts", default=("a",), minimum=1, doc="Which."),
        "usd": Option(kind="amount", default=5.0, doc="How much."),
        "all": Option(kind="yes/no", default=False, doc="Whether."),
        "shape": Option(kind="text", default="round", choices=("round", "square"), doc="What."),
    }

    def items(self, response):
        yield from ()

    def authorize(self, request):
        request.headers["X-Key"] = "k"
        return request


@pytest.fixture
def probe() -> Probe:
    return Probe(EVENT, now=NOW)


def test_no_host_is_asked_sooner_than_its_source_says():
    slot = Slot(1, 6.0, build().getfloat("DOWNLOAD_DELAY_JITTER"))
    assert [slot.download_delay() for _ in range(20)] == [6.0] * 20


def answered(body: bytes, **meta) -> TextResponse:
    return TextResponse("https://api.example/x", body=body, request=Request("https://api.example/x", meta=meta))


def back(request: Request, probe: Probe) -> Request:
    """A request as it comes out of the frontier."""
    row = admission.from_request(request, probe, depth=1, found_on="http://seen.example/")
    lease = Leased(
        id=7, url=row.url, host=row.host, request=row.request, priority=row.priority, depth=row.depth, tries=1,
        found_on=row.found_on,
    )  # fmt: skip
    return admission.to_request(lease, probe, errback=print)


def test_it_knows_its_event_options_and_marks(probe: Probe):
    assert probe.event.slug == probe.event_slug == "ev"
    assert probe.options == {"size": 3}
    assert probe.option("size") == 3
    assert probe.option("words") == ("a",)
    assert probe.option("max_pages") is None
    assert probe.checkpoint("q") == ""
    probe.prepare(EVENT, NOW, {"q": "mark"}.__getitem__, {"usd": 1.5})
    assert probe.checkpoint("q") == "mark"
    assert probe.used == {"usd": 1.5}
    assert Probe("slug").event_slug == "slug"


def with_line(line: str):
    return load(EVENT.text.replace("size = 3", line), "ev.toml")


@pytest.mark.parametrize(
    ("line", "value"),
    [("usd = 2", 2), ("usd = 0.01", 0.01), ("usd = 0", 0), ("size = 0", 0), ("words = ['b', 'c']", ["b", "c"]),
     ("all = true", True), ("shape = 'square'", "square"), ("enabled = false", False), ("max_pages = 3", 3)],
)  # fmt: skip
def test_an_option_is_read_as_it_stands(line: str, value: object):
    event = with_line(line)
    catalogue.check(Catalogue({"probe": Probe}), event, {})
    assert Probe(event).option(line.partition(" ")[0]) == value


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('usd = "0.01"', 'usd: "0.01" is no amount; write a number without quotes, as in 2.5'),
        ("usd = true", "usd: true is no amount; write a number without quotes, as in 2.5"),
        ("usd = nan", "usd: nan is no amount; write a number without quotes, as in 2.5"),
        ("usd = inf", "usd: inf is no amount; write a number without quotes, as in 2.5"),
        ("usd = -0.5", "usd: -0.5 is less than 0"),
        ("size = -1", "size: -1 is less than 0"),
        ('size = "3"', 'size: "3" is no whole number; write digits without quotes, as in 100'),
        ("size = 3.0", "size: 3.0 is no whole number; write digits without quotes, as in 100"),
        ("size = true", "size: true is no whole number; write digits without quotes, as in 100"),
        ("words = 'a'", 'words: "a" is no list of texts; write it as ["this", "that"]'),
        ("words = [1]", 'words: [1] is no list of texts; write it as ["this", "that"]'),
        ("words = ['']", 'words: [""] is no list of texts; write it as ["this", "that"]'),
        ("words = []", "words: an empty list; name something or leave the line out"),
        ('all = "yes"', 'all: "yes" is neither true nor false'),
        ("enabled = 0", "enabled: 0 is neither true nor false"),
        ("shape = 'oval'", 'shape: "oval" is none of "round", "square"'),
        ("shape = ' '", 'shape: " " is no text; write it in quotes, as in "this"'),
        ("shape = 2016-12-01", 'shape: "2016-12-01" is no text; write it in quotes, as in "this"'),
    ],
)
def test_an_option_that_cannot_be_is_named(line: str, problem: str):
    event = with_line(line)
    with pytest.raises(ConfigError) as failed:
        catalogue.check(Catalogue({"probe": Probe}), event, {})
    key, _, what = problem.partition(": ")
    assert failed.value.problems == (f"ev.toml: [source.probe.{key}]: {what}",)
    with pytest.raises(ConfigError, match=r"^\[source.probe\] "):
        Probe(event).option(line.partition(" ")[0])


def test_all_misspelled_names_are_told_at_once():
    event = with_line("usds = 1\nzzz = 1\n[source.prove]\nsize = 1\n[source.broken]\nany = 1")
    with pytest.raises(ConfigError) as failed:
        catalogue.check(Catalogue({"probe": Probe}, {"broken": "broken: SyntaxError"}), event, {})
    assert failed.value.problems == (
        "ev.toml: [source.probe.usds]: no such option; did you mean usd?",
        (
            "ev.toml: [source.probe.zzz]: no such option; "
            "there are all, enabled, max_pages, max_requests_month, shape, size, usd, verify_tls, words"
        ),
        "ev.toml: [source.prove]: no such source; did you mean probe?",
    )


@pytest.mark.parametrize(
    ("text", "tags", "about"),
    [
        ("I was at My Conf today", (), True),
        ("Ｍｙ　ＣＯＮＦ に参加", (), True),
        ("it was great #mc", (), True),
        ("楽しかった #MCに参加した", (), True),
        ("it was great ＃ＭＣ", (), True),
        ("it was great", ("MC",), True),
        ("it was great #mc2016", (), False),
        ("the mc was great", ("other",), False),
        ("", (), False),
    ],
)
def test_a_text_is_about_the_event_by_name_or_hashtag(text: str, tags: tuple[str, ...], about: bool):
    event = load('slug = "ev"\nname = "MyConf"\nhashtags = ["#mc"]\nstarts = 2026-10-01\ntimezone = "Asia/Tokyo"', "e")
    assert Probe(event).about(text, tags) is about


def test_a_request_says_what_it_is_for(probe: Probe):
    request = probe.get("https://api.example/s?q=1", probe.items, query="q", priority=2, state=[1], policy="feed")
    assert request.meta == {"query": "q", "each_run": True, "state": [1], "document": False, "policy": "feed"}
    assert request.callback == probe.items
    assert request.priority == 2
    assert probe.get("https://api.example/", document=True).meta["document"]
    assert probe.get("https://api.example/").callback == probe.parse


def test_a_request_that_cannot_be_remembered_is_an_error(probe: Probe):
    with pytest.raises(ValueError, match=r"\['authorization'\] belong in authorize"):
        probe.get("https://api.example/", headers={"Authorization": "Bearer x"})
    with pytest.raises(ValueError, match="cannot be stored"):
        probe.get("https://api.example/", state={1, 2})
    with pytest.raises(ValueError, match="no method of probe"):
        admission.from_request(probe.get("https://api.example/", lambda _: None), probe)


def test_a_request_comes_back_from_the_frontier_as_it_was(probe: Probe):
    sent = probe.get(
        "https://api.example/s?b=2&a=1", probe.items, query="q", state={"page": 2}, priority=3, method="POST",
        body='{"名": 1}', headers={"Accept": "application/json"}, each_run=False,
    )  # fmt: skip
    got = back(sent, probe)
    assert (got.url, got.method, got.body, got.callback, got.priority) == (
        sent.url, "POST", sent.body, probe.items, 3,
    )  # fmt: skip
    assert got.headers["Accept"] == b"application/json"
    assert got.meta == sent.meta | {"frontier_id": 7, "depth": 1, "found_on": "http://seen.example/"}
    assert got.errback is print


def test_nothing_secret_or_passing_is_remembered(probe: Probe):
    request = Request(
        "https://api.example/", probe.items, headers={"Authorization": "Bearer x", "Cookie": "a=b", "X-Api-Key": "k"},
        meta={"parsed": Parsed(kind="page"), "redirect_urls": ["http://x"], "download_latency": 1.0},
    )  # fmt: skip
    assert json.loads(admission.from_request(request, probe).request) == {"callback": "items"}


def test_a_callback_that_is_gone_is_named(probe: Probe):
    row = Leased(
        id=1, url="http://a/", host="a", request='{"callback": "old"}', priority=0, depth=0, tries=1, found_on=""
    )
    with pytest.raises(ValueError, match="source probe has no callback old"):
        admission.to_request(row, probe, errback=print)


def test_links_of_others_go_to_parse(probe: Probe):
    row = admission.from_link("http://a.example/x?utm_source=feed#top", "probe", depth=2, found_on="http://b.example/")
    assert (row.url, row.priority, row.depth) == ("http://a.example/x?utm_source=feed", -2, 2)
    assert row.fingerprint == admission.from_link("https://a.example/x/", "probe", depth=1).fingerprint
    lease = Leased(id=1, url=row.url, host=row.host, request=row.request, priority=0, depth=2, tries=1, found_on="")
    request = admission.to_request(lease, probe, errback=print)
    assert request.callback == probe.parse
    assert request.meta["document"] is False


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.example/", ""), ("//a.example/x", ""), ("/x", ""), ("javascript:alert(1)", "bad_link"),
        ("file:///etc/passwd", "bad_link"), ("data:text/html,x", "bad_link"), ("ftp://a.example/", "bad_link"),
        ("http://u:p@a.example/", "bad_link"), ("http://[::1", "bad_link"), ("http://a.example:99999/", "bad_link"),
        ("http://a.example/" + "x" * 2048, "bad_link"), ("http://\ud83d/", "bad_link"), ("", "bad_link"),
        ("http://127.0.0.1/", "blocked_address"), ("http://2130706433/", "blocked_address"),
        ("http://0x7f000001/", "blocked_address"), ("http://127.1/", "blocked_address"),
        ("http://0.0.0.0/", "blocked_address"), ("http://[::ffff:127.0.0.1]/", "blocked_address"),
        ("http://①②⑦.⓪.⓪.①/", "blocked_address"), ("http://169.254.169.254/", "blocked_address"),
        ("http://localhost/", "blocked_address"),
    ],
)  # fmt: skip
@pytest.mark.case("H8")
@pytest.mark.case("H10")
def test_addresses_are_judged_before_they_are_remembered(url: str, reason: str):
    row = admission.from_link(url, "blog", depth=1, base="http://b.example/")
    assert row.reason == reason
    assert row.state == ("refused" if reason else "todo")
    assert len(row.url) <= 2048
    row.url.encode()


@pytest.mark.case("H16")
def test_traps_end_and_what_is_known_stays_known():
    known = [("blog", f"mark{n}", f"http://cal.example/{n}") for n in range(199)]
    traps = admission.Traps(known)
    new = [admission.from_link(f"http://cal.example/{n}", "blog", depth=1) for n in (500, 501)]
    assert [traps.admits(row) for row in (*new, new[0])] == [True, False, True]
    assert traps.admits(admission.from_link("http://cal.example/501", "feeds", depth=1))
    assert not traps.admits(admission.from_link("http://a.example/b/b/b", "blog", depth=1))
    assert traps.admits(admission.from_link("http://a.example/b/b", "blog", depth=1))
    eight = "&".join(f"k{n}=1" for n in range(8))
    assert traps.admits(admission.from_link(f"http://a.example/?{eight}", "blog", depth=1))
    assert not traps.admits(admission.from_link(f"http://a.example/?{eight}&k=1", "blog", depth=1))


def test_credentials_go_to_their_origin_only(probe: Probe):
    assert signing.signed(Request("https://api.example/a"), probe).headers["X-Key"] == b"k"
    for url in ("http://api.example/", "https://api.example:8443/", "https://api.example.evil.example/"):
        assert "X-Key" not in signing.signed(Request(url), probe).headers
    signed = signing.signed(Request("https://api.example/a"), probe)
    assert "X-Key" not in signing.renewed(signed.replace(url="https://evil.example/"), probe).headers
    assert signing.renewed(signed.replace(url="https://api.example/b"), probe).headers["X-Key"] == b"k"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, "x"]}', {"a": [1, "x"]}),
        (b"\xef\xbb\xbf[1]", [1]),
        (b'[NaN, Infinity, 1e999, 1.5, 9223372036854775808, "\\ud83d"]', [None, None, None, 1.5, str(2**63), ""]),
    ],
)
@pytest.mark.case("H13")
def test_json_is_read_with_its_oddities(probe: Probe, body: bytes, value: object):
    assert probe.json(answered(body)) == value


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b"1" * 5000, b"\xff\xfe\x00"])
@pytest.mark.case("H13")
def test_what_is_no_json_is_named(probe: Probe, body: bytes):
    with pytest.raises(ParseFailed) as failure:
        probe.json(answered(body))
    assert failure.value.state == "bad_json"


def test_parsed_comes_from_the_child_or_is_made_here(probe: Probe):
    made = Parsed(kind="page", title="from the child")
    assert probe.parsed(answered(b"", parsed=made)) is made
    page = TextResponse(
        "https://a.example/", headers={"Content-Type": "text/html; charset=utf-8"},
        body="<html><head><title>発表</title></head><body><p>本文です。</p></body></html>".encode(),
    )  # fmt: skip
    assert "発表" in probe.parsed(page).title


def test_a_page_can_be_refused_by_name(probe: Probe):
    with pytest.raises(ParseFailed, match="errors only") as failure:
        probe.refused(answered(b""), "errors only", "bad_json")
    assert of_failure(failure.value).reason == "bad_json"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refused("robots", "robots.txt forbids it"), ("refused", "robots", False)),
        (Refused("robots", "answered 500", again=True), ("failed", "robots", True)),
        (Refused("too_large"), ("refused", "too_large", True)),
        (Refused("rate_limited", again=True), ("todo", "rate_limited", True)),
        (Refused("unarchived"), ("unarchived", "unarchived", False)),
        (ParseFailed("not_a_feed"), ("failed", "not_a_feed", True)),
        (TimeoutError("late"), ("failed", "connection_error", True)),
        (RuntimeError("?"), ("failed", "connection_error", True)),
    ],
)
def test_failures_have_names(error: Exception, expected: tuple[str, str, bool]):
    outcome = of_failure(error)
    assert (outcome.state, outcome.reason, outcome.error) == expected


@pytest.mark.parametrize(
    ("counts", "finish", "status", "reason"),
    [
        ({"done": 3, "state/ok": 3}, "finished", "ok", ""),
        ({}, "finished", "ok", ""),
        (
            {"done": 3, "errors": 2, "state/timeout": 2},
            "finished",
            "partial",
            "2 pages without an answer in time (timeout)",
        ),
        (
            {"errors": 2, "state/timeout": 1, "state/dns_error": 1},
            "finished",
            "failed",
            "1 page of unknown hosts (dns_error); 1 page without an answer in time (timeout)",
        ),
        ({"state/robots": 4}, "finished", "skipped", "4 pages closed to crawlers (robots.txt)"),
        ({"done": 1, "state/gone": 1}, "finished", "ok", "1 page no longer there (gone)"),
        ({"done": 1, "budget": 1}, "finished", "partial", "page budget used up"),
        ({"done": 1}, "closespider_timeout", "partial", "deadline"),
        ({"done": 1}, "shutdown", "partial", "interrupted"),
        ({"done": 1, "fatal": "disk full"}, "storage", "failed", "disk full; storage"),
        ({}, "start_error", "failed", "start_error"),
    ],
)
def test_a_source_ends_with_a_status_and_the_reasons(counts: dict[str, object], finish: str, status: str, reason: str):
    line = ledger_line(counts, finish)
    assert (line["status"], line["reason"]) == (status, reason)


def test_every_state_that_ends_a_source_badly_has_words():
    shown = {state: words.counted(2, state) for state in FETCH_STATES}
    untold = {state for state, text in shown.items() if text == f"2 {state}"}
    assert untold == {"ok", "not_modified", "charset_doubtful", "depth"}
    assert shown["robots"] == "2 pages closed to crawlers (robots.txt)"
    assert words.waiting(1, "2026-11-22T19:42:00Z") == "1 page waits until 2026-11-22 19:42 UTC"


def test_a_source_that_was_cut_short_is_partial_with_the_reasons():
    cut = ("budget used up", "budget used up", "50 requests made")
    line = ledger_line({"done": 2}, "finished", cut=cut)
    assert line == {"status": "partial", "reason": "budget used up; 50 requests made", "truncated": 1}
    assert ledger_line({}, "finished", cut=cut)["status"] == "partial"
    assert ledger_line({"errors": 1}, "finished", cut=cut)["status"] == "failed"


def test_a_source_with_nothing_to_ask_for_is_skipped():
    assert ledger_line({}, "finished", nothing="nothing to read") == {
        "status": "skipped", "reason": "nothing to read", "truncated": 0,
    }  # fmt: skip
    waits = ledger_line({}, "finished", nothing="nothing to read", waiting=1, until="2026-10-06T00:00:00Z")
    assert waits["reason"].startswith("1 page waits")
    assert ledger_line({}, "start_error", nothing="nothing to read")["status"] == "failed"


def test_where_a_feed_was_asked_for_no_page_is_no_feed():
    outcome = of_failure(Refused("not_html", "empty"), "feed")
    assert (outcome.state, outcome.reason, outcome.error) == ("refused", "not_a_feed", True)
    assert not of_failure(Refused("not_html", "empty"), "page").error


def test_a_source_whose_hosts_rest_is_skipped():
    line = ledger_line({}, "finished", waiting=2, until="2026-10-06T00:00:00Z")
    assert line == {"status": "skipped", "reason": "2 pages wait until 2026-10-06 00:00 UTC", "truncated": 1}
    assert Outcome(state="done", reason="ok").error


@pytest.mark.case("H21")
def test_logs_hide_credentials_and_stay_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(redact, "_known", [])
    redact.know(["hunter2+/hunter2", "short"])
    formatter = redact.RedactingFormatter(logging.Formatter("%(message)s"))
    try:
        raise ValueError("hunter2+/hunter2")
    except ValueError as error:
        record = logging.LogRecord("x", 40, "f", 1, "a\nERROR fake \x1b]0;pwn\x07 %s", ("hunter2%2B%2Fhunter2",), None)
        record.exc_info = (type(error), error, None)
    text = formatter.format(record)
    assert text.splitlines()[0] == "a\\nERROR fake \\x1b]0;pwn\\x07 [hidden]"
    assert "hunter2" not in text
    for line in (
        "Authorization: Bearer abcdefgh123", "{'Authorization': [b'Bearer abcdefgh123']}", "?api_key=abcdefgh123&x=1",
        "dTpodW50ZXIyKy9odW50ZXIy", "aHVudGVyMisvaHVudGVyMg",
    ):  # fmt: skip
        assert "[hidden]" in redact.redact(line)
        assert "abcdefgh123" not in redact.redact(line)
    assert redact.redact("the authors of basic tokens, a short talk") == "the authors of basic tokens, a short talk"


def test_settings_are_polite_but_to_ourselves():
    away, here, offline = build(), build(connect_to="127.0.0.1:8080"), build(offline=True)
    assert away.getfloat("DOWNLOAD_DELAY") == 1.0
    assert away.getbool("AUTOTHROTTLE_ENABLED")
    assert here.getfloat("DOWNLOAD_DELAY") == 0
    assert not here.getbool("AUTOTHROTTLE_ENABLED")
    assert build(connect_to="203.0.113.9:80").getfloat("DOWNLOAD_DELAY") == 1.0
    assert build(delay=0.2, connect_to="127.0.0.1:1").getfloat("DOWNLOAD_DELAY") == 0.2
    assert not offline.getbool("ROBOTSTXT_OBEY")
    assert {settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") for settings in (away, here, offline)} == {1}
    assert "mailto:me@example.com" in build(contact="mailto:me@example.com")["USER_AGENT"]
    assert build(extra={"HARVEST_PAGES": 3}).getint("HARVEST_PAGES") == 3
    assert [is_loopback(name) for name in ("localhost:1", "[::1]:80", "127.9.9.9:1", "", "example.com:80")] == [
        True, True, True, False, False,
    ]  # fmt: skip
