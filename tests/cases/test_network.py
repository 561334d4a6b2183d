"""N1 to N4: answers that are slow, cut off, put off or forbidden. What the answers say is in test_answers.py."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from harvester import settings
from tests.cases.common import HEALTHY, command_of, descendants, page
from tests.evil import article, encoded
from tests.patches import names
from tests.servers import Answer, html, redirect

# N1: slow servers, hung DNS and slow interfaces cost a bounded time

NAMES = 12  # that hang: more than Scrapy's default of threads for looking them up


def drip(text):
    """One byte a second."""
    return Answer(raw=text.encode(), drip=(1, 1.0))


@pytest.mark.case("N1")
def test_n1_slow_servers_and_hung_names_end_in_time_and_hold_up_nobody(site, tmp_path):
    page_of_many = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    slow = {
        "body": Answer(b"x" * 500, drip=(1, 1.0)), "header": drip(page_of_many), "silence": Answer(hang=True),
    }  # fmt: skip
    made = site({(f"{name}.example", "/1"): answer for name, answer in slow.items()})
    made.address, port = "", made.server.port
    hung = [f"http://hung{number}.example:{port}/1" for number in range(NAMES)]
    urls = {name: f"http://{name}.example:{port}/1" for name in (*slow, "healthy")}
    made.event(pages=[*hung, *urls.values()])
    made.environment = names(tmp_path, hang=9.0, DOWNLOAD_TIMEOUT=3, DNS_TIMEOUT=2)
    done = made.crawl(timeout=60)
    assert done.code == 1, done
    expected = dict.fromkeys(urls.values(), "timeout") | dict.fromkeys(hung, "dns_error") | {urls["healthy"]: "ok"}
    assert made.reasons() == expected
    assert {name: len(made.server.hits("/1", f"{name}.example")) for name in slow} == dict.fromkeys(slow, 2)
    ended = {url: datetime.fromisoformat(at).timestamp() for url, at in made.rows("SELECT url, done_at FROM frontier")}
    (healthy,) = made.server.hits("/1", "healthy.example")
    assert ended[urls["healthy"]] - healthy.at < 3
    for name in slow:
        assert ended[urls[name]] - made.server.hits("/1", f"{name}.example")[0].at < 3 * 2 + 4


@pytest.mark.case("N1")
def test_n1_a_paid_interface_that_drips_is_ended_at_its_deadline(site):
    posts = Answer(b'{"data": [' + b" " * 500, drip=(1, 1.0), headers={"Content-Type": "application/json"})
    made = site(
        {("api.x.com", "*"): posts}, modules=("tests.graph_source", "spiders.x"), pages=[HEALTHY],
    )  # fmt: skip
    made.environment = {"X_BEARER_TOKEN": "of-the-test"}
    done = made.crawl("--source", "x", "--source", "graph", "--deadline", "8")
    assert done.code == 1, done
    assert done.seconds < 8 + 10
    assert made.sources() == {"graph": ("ok", ""), "x": ("failed", "deadline")}
    assert made.titles() == {"Page healthy"}
    assert len(made.server.hits(host="api.x.com")) == 1


@pytest.mark.case("N1")
def test_n1_what_one_address_may_cost_with_the_settings_we_ship():
    assert (settings.RETRY_TIMES + 1) * settings.DOWNLOAD_TIMEOUT + settings.DNS_TIMEOUT <= 70
    assert (settings.DNS_TIMEOUT, settings.CONCURRENT_REQUESTS_PER_DOMAIN) == (10, 1)
    # A look-up that is given up goes on in its thread, at worst until the system's own limit.
    assert settings.REACTOR_THREADPOOL_MAXSIZE >= 4 * settings.CONCURRENT_REQUESTS


# N2: what was cut off on the way is told, and replaces nothing that is whole

STORY = article("What we saw", "We went there and wrote down what we heard, hall by hall and day by day. " * 40).body
PAGE = {"Content-Type": "text/html; charset=utf-8"}


def cut_answers(body):
    """The same page cut off in each way that there is, and closed by its connection but whole."""
    half = body[: len(body) // 2]
    chunk = b"%x\r\n%b\r\n" % (len(half), half)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    answers = {"length": Answer(half[:19], 200, PAGE, length=1024), "chunked": Answer(raw=head + chunk)}
    for coding in ("gzip", "br", "zstd", "deflate"):
        whole = encoded(body, coding)
        answers[coding] = Answer(whole[: len(whole) // 2], 200, PAGE | {"Content-Encoding": coding})
    return answers | {"closed": Answer(half, 200, PAGE, length=-1), "whole": Answer(body, 200, PAGE, length=-1)}


@pytest.mark.case("N2")
def test_n2_half_a_page_replaces_no_whole_one(site):
    cut = cut_answers(STORY)
    routes = {(f"{name}.example", "/1"): Answer(STORY, 200, PAGE | {"ETag": '"1"'}) for name in cut}
    made = site(routes, modules=("tests.reader_source",))
    known = [f"https://{name}.example/1" for name in cut]
    made.event(pages=known)
    assert made.crawl().code == 0
    columns = "SELECT url, title, text, flags, revision, content_sha256 FROM posts WHERE url LIKE '%/1'"
    before = made.rows(columns)
    assert len(before) == len(cut)
    made.server.routes = {(f"{name}.example", path): answer for name, answer in cut.items() for path in ("/1", "/new")}
    made.server.routes[("healthy.example", "/story")] = article("A healthy story of the meetup")
    made.event(pages=[*known, *(f"https://{name}.example/new" for name in cut), "https://healthy.example/story"])
    made.server.forget()
    done = made.crawl()
    assert done.code == 1, done
    assert set(made.rows(columns)) >= set(before)
    assert "A healthy story of the meetup" in made.titles()
    states = {url: rest for url, *rest in made.rows("SELECT url, state, reason, detail FROM frontier")}
    truncated = set(cut) - {"closed", "whole"}
    for path in ("1", "new"):
        for name in truncated:
            assert states[f"https://{name}.example/{path}"][:2] == ["failed", "truncated"]
        assert states[f"https://closed.example/{path}"] == ["done", "ok", "partial"]
        assert states[f"https://whole.example/{path}"] == ["done", "ok", None]
    assert {len(made.server.hits("/new", f"{name}.example")) for name in ("length", "chunked")} == {2}  # tried again
    stored = dict(made.rows("SELECT host, flags FROM posts WHERE url LIKE '%/new'"))
    assert stored == {"closed.example": '["partial"]', "whole.example": "[]"}


@pytest.mark.case("N2")
def test_n2_the_rest_is_asked_for_and_takes_the_mark_away(site):
    cut = Answer(STORY[: len(STORY) // 2], 200, PAGE | {"ETag": '"1"'}, length=-1)
    made = site({("a.example", "/1"): [cut, Answer(STORY, 200, PAGE)]}, modules=("tests.reader_source",))
    made.event(pages=["https://a.example/1"])
    lengths = []
    for flags in ('["partial"]', "[]"):
        assert made.crawl().code == 0
        ((found, length),) = made.rows("SELECT flags, length(text) FROM posts")
        assert found == flags
        lengths.append(length)
    assert lengths[0] < lengths[1]
    assert [seen.headers.get("if-none-match") for seen in made.server.hits("/1")] == [None, None]


@pytest.mark.case("N2")
def test_n2_the_last_entry_of_half_a_feed_replaces_no_whole_one(site):
    text = "What was said in the hall, word by word. " * 9
    items = "".join(
        f"<item><title>Talk {n}</title><link>https://f.example/{n}</link><description>{text}</description></item>"
        for n in (1, 2)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()
    rss = {"Content-Type": "application/rss+xml"}
    made = site(
        {("f.example", "/feed"): [Answer(body, 200, rss), Answer(body[:-200], 200, rss)]},
        modules=("tests.reader_source",), pages=["https://f.example/feed"],
    )  # fmt: skip
    columns = "SELECT url, title, text, flags, revision FROM posts ORDER BY url"
    assert made.crawl().code == 0
    before = made.rows(columns)
    assert [(len(text), flags) for _, _, text, flags, _ in before] == [(len(text.strip()), "[]")] * 2
    assert made.crawl().code == 0
    assert made.rows("SELECT detail FROM frontier") == [("partial",)]
    assert made.rows(columns) == before


# N3: what a host wishes with its Retry-After is done

WISHES = {
    "seconds": ("5", 60), "negative": ("-1", 60), "for-ever": ("99999999", 86400), "absent": ("", 60),
    "date": ("in two hours", 7200),
}  # fmt: skip


@pytest.mark.case("N3")
def test_n3_a_host_is_left_alone_as_long_as_it_asks(site):
    began = datetime.now(UTC)
    date = format_datetime(began + timedelta(hours=2), usegmt=True)
    routes, expected = {}, {}
    for status in (429, 503):
        for name, (wish, seconds) in WISHES.items():
            host = f"{name}-{status}.example"
            headers = {"Retry-After": date if "hours" in wish else wish} if wish else {}
            routes |= {(host, "*"): Answer(b"", status, headers), (host, "/robots.txt"): Answer(b"", 404)}
            expected[host] = seconds
    pages = [f"https://{host}/{number}" for host in expected for number in (1, 2)]
    made = site(routes, pages=[*pages, HEALTHY])
    done = made.crawl()
    assert done.code == 1, done
    assert {host: len(made.server.hits(host=host)) for host in expected} == dict.fromkeys(expected, 1)
    assert made.titles() == {"Page healthy"}
    assert "10 requests put off by busy hosts (rate_limited)" in made.sources()["graph"][1]
    rests = dict(made.rows("SELECT host, not_before FROM hosts WHERE not_before IS NOT NULL"))
    waits = {host: (datetime.fromisoformat(until) - began).total_seconds() for host, until in rests.items()}
    assert {host: abs(waits[host] - seconds) < 40 for host, seconds in expected.items()} == dict.fromkeys(
        expected, True
    )
    made.server.forget()
    made.event(pages=pages)
    again = made.crawl("--source", "graph")
    assert again.code == 0, again
    assert not made.server.seen
    assert made.sources()["graph"][0] == "skipped"
    assert "20 pages wait until 20" in made.sources()["graph"][1]


# N4: robots.txt that cannot be read means stop

DENY = b"User-agent: *\nDisallow: /\n"
MIB = 1 << 20


def robots_matrix(port):
    """Host to what it answers for robots.txt, and what becomes of a page there."""
    return {
        "rules": (Answer(b"User-agent: *\nDisallow: /private\n"), "ok"),
        "missing": (Answer(DENY, 404), "ok"),
        "forbidden": (Answer(DENY, 403), "ok"),
        "html": (html("<p>Disallow nothing</p>"), "ok"),
        "bom": (Answer(b"\xef\xbb\xbf" + DENY), "robots"),
        "moved": (redirect(f"http://bom.example:{port}/robots.txt"), "robots"),
        "broken": (Answer(DENY, 500), "robots"),
        "away": (Answer(b"", 503), "robots"),
        "busy": (Answer(b"", 429), "robots"),
        "hang": (Answer(hang=True), "robots"),
        "loop": (redirect("/robots.txt"), "robots"),
        "huge": (Answer(b"#" * (30 * MIB)), "robots"),
        "endless": (Answer(b"#" * (30 * MIB), length=-1), "robots"),
        "slow": (Answer(b"User-agent: *\nCrawl-delay: 300\n"), "robots"),
    }


def held(made, source):
    """The most resident memory that the process of a source has had so far, 0 when there is none."""
    for pid in descendants(os.getpid()):
        if f"--db {made.db} " in (command := command_of(pid)) and f"--source {source} " in command:
            with suppress(FileNotFoundError, ProcessLookupError):
                status = Path(f"/proc/{pid}/status").read_text()
                return next((int(row.split()[1]) << 10 for row in status.splitlines() if "VmHWM" in row), 0)
    return 0


def weighed_crawl(made, source):
    """A crawl of one source, and the most memory that its process had."""
    peak = 0
    with ThreadPoolExecutor(1) as pool:
        crawling = pool.submit(made.crawl, "--source", source)
        while not crawling.done():
            with suppress(FileNotFoundError, ProcessLookupError):  # one ended while we looked
                peak = max(peak, held(made, source))
            time.sleep(0.05)
    return crawling.result(), peak


@pytest.mark.case("N4")
def test_n4_robots_txt_that_cannot_be_read_forbids_until_it_can(site, tmp_path):
    made = site({})
    made.address, port, before = "", made.server.port, []
    cases = robots_matrix(port)
    made.server.routes |= {(f"{name}.example", "/robots.txt"): answer for name, (answer, _) in cases.items()}
    made.server.routes |= {(f"{name}.example", "/1"): page(name) for name in cases}

    def huge(_):
        before.append(held(made, "graph"))
        return cases["huge"][0]

    made.server.routes[("huge.example", "/robots.txt")] = huge
    urls = {name: f"http://{name}.example:{port}/1" for name in (*cases, "healthy")}
    urls["refused"] = f"http://refused.example:{closed_port()}/1"
    made.event(pages=list(urls.values()))
    made.environment = names(tmp_path)
    done, peak = weighed_crawl(made, "graph")
    assert done.code == 1, done
    expected = {name: reason for name, (_, reason) in cases.items()} | {"healthy": "ok", "refused": "connection_error"}
    reasons = made.reasons()
    assert {name: reasons[url] for name, url in urls.items()} == expected
    allowed = {name for name, reason in expected.items() if reason == "ok"}
    assert made.titles() == {f"Page {name}" for name in allowed}
    assert {seen.host.removesuffix(".example") for seen in made.server.hits("/1")} == allowed
    assert 0 < before[0] < peak < before[0] + 64 * MIB
    ended = dict(made.rows("SELECT host, done_at FROM frontier"))
    for name in cases:
        asked = made.server.hits("/robots.txt", f"{name}.example")[0].at
        assert datetime.fromisoformat(ended[f"{name}.example"]).timestamp() - asked <= 10, name
    assert dict(made.rows("SELECT host, detail FROM frontier"))["slow.example"] == (
        "robots.txt asks for 300 s between requests, we wait 60 s at most"
    )
    again = {"broken", "hang", "loop", "huge", "endless"}  # those with 429 and 503 rest for a minute first
    made.server.routes |= {(f"{name}.example", "/robots.txt"): Answer(b"", 404) for name in again}
    made.server.forget()
    made.crawl("--source", "graph")
    assert {f"Page {name}" for name in again} <= made.titles()
    assert not made.server.hits(host="slow.example") + made.server.hits(host="bom.example")


def closed_port():
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
