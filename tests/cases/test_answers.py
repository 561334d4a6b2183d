"""N5 to N8: hosts nobody vouches for, answers that say nothing new, and answers that only look like one."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from harvester.crawl.canary import times_empty
from tests.cases.common import HEALTHY
from tests.certificates import Authority, by_name
from tests.evil import article, feed
from tests.patches import names, patched
from tests.servers import Answer, as_json, html, serving

# N5: a certificate that does not hold is a decision


@pytest.fixture
def secure(tmp_path):
    """A server with hosts of all sorts of certificates; the environment in which a crawl trusts its authority."""
    authority = Authority(tmp_path)
    contexts = {
        "good.example": authority.context("good.example"),
        "self.example": authority.context("self.example", self_signed=True),
        "expired.example": authority.context("expired.example", days=-1),
        "wrong.example": authority.context("other.example"),
    }
    routes = {(host, "/story"): article(f"A story of {host}") for host in contexts}
    with serving(routes, by_name(contexts)) as server:
        server.urls = {host.partition(".")[0]: f"https://{host}:{server.port}/story" for host in contexts}
        yield server, names(tmp_path) | {"SSL_CERT_FILE": str(authority.file)}


@pytest.mark.case("N5")
def test_n5_only_a_certificate_that_holds_is_read_unless_the_source_says_otherwise(site, secure):
    server, environment = secure
    made = site({}, modules=("tests.reader_source",))
    made.address, made.environment = "", environment
    made.event(pages=list(server.urls.values()))
    done = made.crawl()
    assert done.code == 1, done
    expected = dict.fromkeys(server.urls, "tls_error") | {"good": "ok"}
    assert made.reasons() == {url: expected[name] for name, url in server.urls.items()}
    assert [seen.host for seen in server.hits("/story")] == ["good.example"]
    assert made.rows("SELECT title, flags FROM posts") == [("A story of good.example", "[]")]
    told = dict(made.rows("SELECT host, detail FROM frontier"))
    assert told["wrong.example"] == "the certificate is for another host"
    assert told["self.example"] == told["expired.example"] == "certificate verify failed"
    made.event(pages=list(server.urls.values()), **{"source.reader": {"verify_tls": False}})
    done = made.crawl()
    assert done.code == 0, done
    assert dict(made.rows("SELECT host, flags FROM posts")) == dict.fromkeys(told, '["tls_unverified"]')
    made.server.forget()
    made.event(pages=list(server.urls.values()))
    assert made.crawl().code == 1
    flags = dict(made.rows("SELECT host, flags FROM posts"))
    assert flags == dict.fromkeys(told, '["tls_unverified"]') | {"good.example": "[]"}


@pytest.mark.case("N5")
def test_n5_a_source_with_a_key_always_verifies(site):
    made = site({}, modules=("spiders",), **{"source.x": {"verify_tls": False}, "source.qiita": {"verify_tls": False}})
    done = made.crawl()
    assert done.code == 2, done
    for name in ("x", "qiita"):
        assert f"[source.{name}.verify_tls]: false is only for sources without a key" in done.err
    assert not made.server.connections


# N6: asking "has it changed?" is safe, whenever the crawl that asked before ended

FEED = "https://feed.example/feed"
CONTENT = ("posts", "event_posts", "links", "authors", "reactions", "rejected", "checkpoints", "quarantine")
# Where a crawl that has the body can die: before its copy is kept, or with the copy kept and nothing stored.
DEATHS = {
    "before-the-copy": ("harvester.crawl.session", "Session.ending", "before"),
    "after-the-copy": ("harvester.crawl.archive", "Storage.keep", "after"),
}
DIE = """
import os, signal
import {module} as module

owner, name = module.{place}.__qualname__.split(".")
real = getattr(getattr(module, owner), name)

def die(*given, **named):
    if {when!r} == "after":
        real(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(getattr(module, owner), name, die)
"""


def conditional(seen):
    """A feed that knows its readers."""
    if seen.headers.get("if-none-match") == '"1"':
        return Answer(b"", 304, {"ETag": '"1"'})
    whole = feed(("The meetup, first part", "https://feed.example/1"), ("The meetup, second", "https://feed.example/2"))
    return Answer(whole.body, 200, whole.headers | {"ETag": '"1"'})


@pytest.mark.case("N6")
def test_n6_an_answer_of_304_changes_nothing_but_the_books(site):
    made = site({("feed.example", "/feed"): conditional}, feeds=[FEED], pages=[HEALTHY])
    assert made.crawl().code == 0
    before = {table: made.rows(f"SELECT * FROM {table}") for table in CONTENT}
    assert len(before["posts"]) == 3
    assert made.crawl().code == 0
    assert [seen.headers.get("if-none-match") for seen in made.server.hits("/feed")] == [None, '"1"']
    assert {table: made.rows(f"SELECT * FROM {table}") for table in CONTENT} == before
    assert made.states()[FEED] == ("done", "not_modified")
    assert made.sources()["feeds"] == ("ok", "")


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.case("N6")
def test_n6_killed_between_body_and_commit_the_next_run_stores_what_was_sent(site, tmp_path, death):
    made = site({("feed.example", "/feed"): conditional}, feeds=[FEED], pages=[HEALTHY])
    module, place, when = DEATHS[death]
    made.environment = patched(tmp_path, DIE.format(module=module, place=place, when=when))
    done = made.crawl("--source", "feeds")
    assert done.code == 69, done
    assert made.sources()["feeds"] == ("failed", "killed by SIGKILL")
    assert made.titles() == set()
    made.environment = {}
    done = made.crawl()
    assert done.code == 0, done
    assert made.titles() == {"The meetup, first part", "The meetup, second", "Page healthy"}
    sent = [seen.headers.get("if-none-match") for seen in made.server.hits("/feed")]
    assert sent == [None, None if when == "before" else '"1"']


# N7: a limit neither makes us hammer nor hang

SENT_AWAY = {
    "reset-to-come": (429, lambda now: {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(now + 900)}, 901),
    "reset-past": (429, lambda now: {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(now - 900)}, 60),
    "no-header": (429, lambda _: {}, 60),
    "503": (503, lambda _: {}, 60),
}


@pytest.mark.parametrize("situation", SENT_AWAY)
@pytest.mark.case("N7")
def test_n7_one_request_is_enough_to_be_told_to_wait(site, situation):
    status, headers, seconds = SENT_AWAY[situation]
    began = int(time.time())
    limit = as_json({"title": "Too Many Requests", "status": status}, status)
    made = x_site(site, {"*": Answer(limit.body, status, limit.headers | headers(began))})
    done = made.crawl(*X_AND_HEALTHY)
    assert done.code == 1, done
    assert len(made.server.hits(host="api.x.com")) == 1
    assert made.titles() == {"Page healthy"}
    sources = made.sources()
    assert sources["graph"] == ("ok", "")
    status, reason = sources["x"]
    assert status == "failed"
    ((until,),) = made.rows("SELECT not_before FROM hosts WHERE host = 'api.x.com'")
    assert "1 request put off by busy hosts (rate_limited)" in reason
    assert f"2 pages wait until {until[:10]} {until[11:16]} UTC" in reason
    assert abs(datetime.fromisoformat(until).timestamp() - began - seconds) < 40
    made.server.forget()
    again = made.crawl(*X_AND_HEALTHY)
    assert again.code == 0, again
    assert not made.server.hits(host="api.x.com")
    assert made.sources()["x"] == ("skipped", f"2 pages wait until {until[:10]} {until[11:16]} UTC")


# N8: an error in a 200 and sudden emptiness are not "no data"

X_AND_HEALTHY = ("--source", "x", "--source", "graph")
QUESTIONS = ("#meetup", "meetup")


def x_site(site, answers, days=2):
    """A site whose X source has two questions about an event that began some days ago."""
    made = site({("api.x.com", path): answer for path, answer in answers.items()},
                modules=("tests.graph_source", "spiders.x"))  # fmt: skip
    made.environment = {"X_BEARER_TOKEN": "of-the-test"}
    made.event(pages=[HEALTHY], **{"source.x": {"queries": list(QUESTIONS)}})
    file, starts = made.folder / "meetup.toml", datetime.now(UTC) - timedelta(days=days)
    text = file.read_text().replace("2016-12-01", f"{starts:%Y-%m-%d}")
    file.write_text(text.replace("2016-12-03", f"{starts:%Y-%m-%d}"))
    return made


class XThatChanges:
    """Each question has posts at first; later they are answered as `later` says."""

    def __init__(self, later):
        self.later, self.changed = later, False
        self.newest = str((int(time.time() * 1000) - 3_600_000 - 1288834974657) << 22)

    def __call__(self, seen):
        if "/counts/" in seen.path:
            return as_json({"data": [], "meta": {"total_tweet_count": 1}})
        if self.changed:
            return self.later[seen.query["query"]]
        posts = [
            {"id": str(int(self.newest) - n), "text": "the meetup", "created_at": "2016-12-02T00:00:00.000Z"}
            for n in range(6)
        ]
        return as_json({"data": posts, "meta": {"result_count": 6, "newest_id": self.newest}})


@pytest.mark.case("N8")
def test_n8_an_error_in_a_200_is_one_and_only_an_explicit_zero_moves_the_mark(site):
    later = {
        "#errors": as_json({"errors": [{"title": "Service Unavailable", "detail": "Try again", "status": 503}]}),
        "#zero": as_json({"data": [], "meta": {"result_count": 0}}),
        "#page": html("<html><body><h1>Log in to X</h1></body></html>"),
    }
    x = XThatChanges(later)
    made = x_site(site, {"*": x})
    text = (made.folder / "meetup.toml").read_text()
    (made.folder / "meetup.toml").write_text(text.replace(str(list(QUESTIONS)).replace("'", '"'), str(list(later))))
    assert made.crawl(*X_AND_HEALTHY).code == 0
    first, x.changed = marks(made), True
    assert {mark["since"] for mark in first.values()} == {x.newest}
    made.wait_until(lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}" > max(mark["until"] for mark in first.values()))
    done = made.crawl(*X_AND_HEALTHY)
    assert done.code == 1, done
    assert made.sources()["graph"] == ("ok", "")
    status, reason = made.sources()["x"]
    assert status == "partial"
    assert "1 page answered with an error (http_error)" in reason
    assert "1 answer that could not be read (bad_json)" in reason
    assert "Try again" in made.rows("SELECT detail FROM frontier WHERE reason = 'http_error'")[0][0]
    second = marks(made)
    assert {query: (mark["since"], mark["until"] > first[query]["until"]) for query, mark in second.items()} == {
        "#errors": (x.newest, False), "#zero": (x.newest, True), "#page": (x.newest, False),
    }  # fmt: skip
    assert made.rows("SELECT query, returned FROM run_sources WHERE run_id = 2 AND query = '#zero'") == [("#zero", 0)]


def marks(made):
    """Question to its cursor."""
    rows = made.rows("SELECT query, cursor FROM checkpoints WHERE query <> 'spending of this run'")
    return {query: json.loads(cursor) for query, cursor in rows}


def feed_of(count):
    return feed(*((f"The meetup, part {n}", f"https://talk.example/{n}") for n in range(count)))


@pytest.mark.case("N8")
def test_n8_a_feed_that_is_suddenly_empty_is_a_warning_and_twice_a_failure(site):
    routes = {("feed.example", "/feed"): feed_of(6), ("small.example", "/feed"): feed_of(4)}
    routes[("quiet.example", "/feed")] = conditional
    made = site(routes, modules=("tests.graph_source", "spiders.feeds"))
    made.event(pages=[HEALTHY], feeds=[f"https://{name}.example/feed" for name in ("feed", "small", "quiet")])
    chosen = ("--source", "feeds", "--source", "graph")
    assert made.crawl(*chosen).code == 0
    empty = feed_of(0)
    made.server.routes |= {("feed.example", "/feed"): empty, ("small.example", "/feed"): empty}
    expected = [
        (0, "ok", "suddenly empty: https://feed.example/feed (up to 6 before)"),
        (1, "partial", "suddenly empty: https://feed.example/feed (2 runs in a row, up to 6 before)"),
    ]
    for code, status, reason in expected:
        done = made.crawl(*chosen)
        assert done.code == code, done
        assert made.sources() == {"feeds": (status, reason), "graph": ("ok", "")}
        assert reason in " ".join(done.out.split())
    assert made.crawl("--offline", *chosen).code == 0
    assert made.sources()["feeds"] == ("ok", "")
    made.server.routes[("feed.example", "/feed")] = feed_of(6)
    assert made.crawl(*chosen).code == 0
    assert made.sources()["feeds"] == ("ok", "")
    assert {f"The meetup, part {n}" for n in range(6)} <= made.titles()
    assert [seen.headers.get("if-none-match") for seen in made.server.hits(host="quiet.example")] == [
        None, '"1"', '"1"', '"1"',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("earlier", "times"),
    [
        ([], 0), ([4, 4, 4, 4, 4], 0), ([5], 1), ([0, 5], 2), ([4, 9], 1), ([0, 0, 0, 0, 5], 5),
        ([0, 0, 0, 0, 0, 5], 0),
    ],
)  # fmt: skip
@pytest.mark.case("N8")
def test_n8_how_often_a_question_was_empty_that_had_been_full(earlier, times):
    assert times_empty(earlier) == times


@pytest.mark.case("N8")
def test_n8_a_question_for_what_is_new_may_bring_nothing_for_ever(site):
    x = XThatChanges(dict.fromkeys(QUESTIONS, as_json({"meta": {"result_count": 0}})))
    made = x_site(site, {"*": x})
    assert made.crawl(*X_AND_HEALTHY).code == 0
    assert made.rows("SELECT returned FROM run_sources WHERE source = 'x' AND query <> ''") == [(6,), (6,)]
    x.changed = True
    for _ in range(2):
        assert made.crawl(*X_AND_HEALTHY).code == 0
        assert made.sources()["x"] == ("ok", "")
