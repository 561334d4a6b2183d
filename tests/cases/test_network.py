"""N: slow, cut, throttled, refused and empty answers."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.cases.common import HEALTHY, page
from tests.servers import Answer, html, redirect

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


@pytest.mark.case("N4")
def test_n4_robots(site):
    deny = b"User-agent: *\nDisallow: /\n"
    cases = {
        "rules": (Answer(b"User-agent: *\nDisallow: /private\n"), "ok"),
        "missing": (Answer(deny, 404), "ok"),
        "forbidden": (Answer(deny, 403), "ok"),
        "html": (html("<p>Disallow nothing</p>"), "ok"),
        "bom": (Answer(b"\xef\xbb\xbf" + deny), "robots"),
        "moved": (redirect("https://bom.example/robots.txt"), "robots"),
        "broken": (Answer(deny, 500), "robots"),
        "away": (Answer(b"", 503), "robots"),
        "busy": (Answer(b"", 429), "robots"),
        "hang": (Answer(hang=True), "robots"),
        "loop": (redirect("/robots.txt"), "robots"),
        "huge": (Answer(b"#" * (30 << 20)), "robots"),
        "slow": (Answer(b"User-agent: *\nCrawl-delay: 300\n"), "robots"),
    }
    routes = {(f"{name}.example", "/robots.txt"): answer for name, (answer, _) in cases.items()}
    routes |= {(f"{name}.example", "/1"): page(name) for name in cases}
    made = site(routes, pages=[*(f"https://{name}.example/1" for name in cases), HEALTHY])
    done = made.crawl(timeout=60)
    assert done.seconds < 30
    reasons = made.reasons()
    assert {name: reasons[f"https://{name}.example/1"] for name in cases} == {n: r for n, (_, r) in cases.items()}
    allowed = {name for name, (_, reason) in cases.items() if reason == "ok"}
    assert made.titles() == {"Page healthy", *(f"Page {name}" for name in allowed)}
    assert not made.server.hits("/1", "broken.example")
    assert "Crawl-delay" not in done.out
    (why,) = made.rows("SELECT detail FROM frontier WHERE host = 'slow.example'")[0]
    assert why == "robots.txt asks for 300 s between requests, we wait 60 s at most"
    fine = Answer(b"", 404)
    made.server.routes |= {("broken.example", "/robots.txt"): fine, ("hang.example", "/robots.txt"): fine}
    made.server.forget()
    made.crawl(timeout=60)
    assert made.server.hits("/robots.txt", "loop.example")
    assert {"Page broken", "Page hang"} <= made.titles()
