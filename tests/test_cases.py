"""The named cases of what a crawl must survive: each a whole `harvest crawl` against a server of ours.

S storage, C scheduling, H hostile input, N network, P secrets. Wherever a case is hostile there is a healthy
page in the same run that must be stored, and the run must end by itself.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from harvester.crawl.lock import hold
from harvester.errors import StorageBusy
from harvester.store.open import open_db, write_tx
from tests.crawling import Site
from tests.evil import article, attribute_bomb, attribute_feed, comment_feed, evil, feed, many_paragraphs
from tests.servers import Answer, Server, as_json, html, redirect, serving

HEALTHY = "https://healthy.example/1"


def page(number, *links, mentions=()):
    return as_json({"id": number, "links": list(links), "mentions": list(mentions)})


def chain(length, host="a.example", delay=0.0):
    """Pages that each lead to the next one."""
    routes = {}
    for number in range(length):
        links = [f"https://{host}/{number + 1}"] if number + 1 < length else []
        answer = page(number, *links)
        routes[(host, f"/{number}")] = Answer(answer.body, 200, answer.headers, delay=delay)
    return routes


@pytest.fixture
def site(tmp_path):
    """Makes a site for routes; the healthy page is always there."""
    servers = []

    def make(routes, modules=("tests.graph_source",), **keys):
        server = Server(routes | {("healthy.example", "/1"): page("healthy")}).start()
        servers.append(server)
        made = Site(tmp_path, server.address, modules)
        made.server = server
        made.event(**keys)
        return made

    yield make
    for server in servers:
        server.stop()


def descendants(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""


# S5: a second writer waits; no surprise BUSY


def holding(site, seconds):
    """A route that takes the database's write lock when asked, and keeps it for so long."""
    answer = page(2)

    def take(seen):
        conn = open_db(site["site"].db)
        conn.execute("BEGIN IMMEDIATE")

        def give_back():
            conn.execute("ROLLBACK")
            conn.close()

        asyncio.get_running_loop().call_later(seconds, give_back)
        return answer

    return take


def test_s5_a_writer_that_waits_long_enough_loses_nothing(site):
    holder = {}
    made = site(
        {("a.example", "/1"): page(1, "https://b.example/2"), ("b.example", "/2"): holding(holder, 3)},
        pages=["https://a.example/1", HEALTHY],
    )
    holder["site"] = made
    done = made.crawl()
    assert done.code == 0, done
    assert done.seconds > 3
    assert made.titles() == {"Page 1", "Page 2", "Page healthy"}


def test_s5_a_lock_that_stays_ends_the_crawl_with_75_and_the_next_run_loses_nothing(site, tmp_path):
    patch = tmp_path / "patch"
    patch.mkdir()
    (patch / "sitecustomize.py").write_text(
        "from harvester.store import open as o\no.open_db.__kwdefaults__['busy_timeout_ms'] = 500\n"
    )
    holder = {}
    made = site(
        {("a.example", "/1"): page(1, "https://b.example/2"), ("b.example", "/2"): holding(holder, 8)},
        pages=["https://a.example/1", HEALTHY],
    )
    holder["site"] = made
    made.environment = {"PYTHONPATH": str(patch)}
    done = made.crawl()
    assert done.code == 75, done
    assert "Traceback" not in done.err
    made.environment = {}
    made.server.routes[("b.example", "/2")] = page(2)
    again = made.crawl()
    assert again.code == 0, again
    assert made.titles() == {"Page 1", "Page 2", "Page healthy"}


def test_s5_reading_before_writing_never_meets_a_stale_snapshot(tmp_path):
    first, second = open_db(tmp_path / "a.db", "create"), open_db(tmp_path / "a.db")
    insert = "INSERT INTO quarantine (source, reason, at) VALUES ('s', 'r', '2016-12-01T00:00:00Z')"
    assert first.execute("SELECT count(*) FROM quarantine").fetchone()[0] == 0
    with write_tx(second):
        second.execute(insert)
    with write_tx(first):
        first.execute(insert)
    assert second.execute("SELECT count(*) FROM quarantine").fetchone()[0] == 2
    first.close()
    second.close()


def test_s5_a_lock_that_stays_is_our_error(tmp_path):
    first, second = open_db(tmp_path / "a.db", "create"), open_db(tmp_path / "a.db", busy_timeout_ms=100)
    with write_tx(first), pytest.raises(StorageBusy) as caught, write_tx(second):
        raise AssertionError("two writers")
    assert caught.value.exit_code == 75
    first.close()
    second.close()


# S6: a failing write fails the page, not silently the item


def test_s6_a_page_that_cannot_be_stored_stays_to_do(site):
    made = site({("a.example", "/2"): page(2)}, pages=[HEALTHY, "https://a.example/2"])
    with open_db(made.db, "create") as conn:
        conn.execute(
            """CREATE TRIGGER no_second_page BEFORE INSERT ON posts WHEN new.title = 'Page 2'
               BEGIN SELECT abs(-9223372036854775807 - 1); END"""
        )
        conn.commit()
    conn.close()
    done = made.crawl()
    assert done.code == 1, done
    assert made.titles() == {"Page healthy"}
    assert made.states()["https://a.example/2"][0] == "todo"
    assert made.sources()["graph"][0] == "partial"
    conn = open_db(made.db)
    conn.execute("DROP TRIGGER no_second_page")
    conn.close()
    again = made.crawl()
    assert again.code == 0, again
    assert made.titles() == {"Page healthy", "Page 2"}


# C1: TERM and INT finish the unit; a second signal is safe


@pytest.mark.parametrize(
    ("signals", "code"),
    [([signal.SIGTERM], 143), ([signal.SIGTERM, signal.SIGTERM], 143), ([signal.SIGINT], 130)],
    ids=["TERM", "TERM-twice", "INT"],
)
def test_c1_a_signal_ends_the_crawl_in_order(site, signals, code):
    made = site(chain(20, delay=0.1), pages=["https://a.example/0"])
    process = made.start()
    made.wait_until(lambda: made.db.exists() and len(made.server.hits(host="a.example")) > 5)
    began = time.monotonic()
    for number in signals:
        process.send_signal(number)
        time.sleep(0.03)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert time.monotonic() - began <= 10
    assert "Traceback" not in err
    assert made.rows("SELECT status, exit_code FROM runs") == [("interrupted", code)]
    assert 5 <= len(made.titles()) < 20
    again = made.crawl()
    assert again.code == 0, again
    assert made.titles() == {f"Page {number}" for number in range(20)}


# C2: two crawls never overlap


def test_c2_a_second_crawl_is_refused_at_once_and_names_the_first(site):
    made = site(chain(60, delay=0.1), pages=["https://a.example/0"])
    first = made.start()
    made.wait_until(lambda: made.server.hits(host="a.example"))
    seconds = []
    for _ in range(3):
        second = made.crawl()
        assert second.code == 75, second
        assert f"(pid {first.pid} since 20" in second.err
        assert second.out == ""
        seconds.append(second.seconds)
    assert min(seconds) < 1
    quiet = made.crawl("--quiet-lock")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=30)


def test_c2_a_killed_crawl_gives_its_lock_back_though_its_parser_lives(site):
    bomb = html(attribute_bomb().decode())
    made = site(
        {("a.example", "/1"): page(1, mentions=["https://bomb.example/b"]), ("bomb.example", "/b"): bomb},
        pages=["https://a.example/1"],
    )
    first = made.start()
    made.wait_until(lambda: made.server.hits("/b"))
    made.wait_until(lambda: [p for p in descendants(first.pid) if "parse_worker" in command_of(p)])
    time.sleep(0.5)
    parsers = [pid for pid in descendants(first.pid) if "parse_worker" in command_of(pid)]
    first.kill()
    first.communicate(timeout=10)
    with hold(made.db, now=datetime.now(UTC)):
        assert any("parse_worker" in command_of(pid) for pid in parsers)
    made.server.routes[("bomb.example", "/b")] = article("Harmless now")
    third = made.crawl()
    assert third.code == 0, third
    assert "Harmless now" in made.titles()
    made.wait_until(lambda: not any("parse_worker" in command_of(pid) for pid in parsers))


# C3: one source cannot sink another


def test_c3_five_sources_four_of_which_fail_in_their_own_way(site):
    names = ("fine", "raises", "hangs", "greedy", "segfault")
    made = site({"/": html("hello")}, modules=("tests.broken_sources",))
    options = [word for name in names for word in ("--source", name)]
    done = made.crawl(*options, "--deadline", "25")
    assert done.code == 1, done
    assert done.seconds <= 25 + 10
    assert made.titles() == {"Fine"}
    told = made.sources()
    assert told["fine"] == ("ok", "")
    assert told["raises"] == ("failed", "1 page that met a fault in the source (callback_error)")
    assert told["hangs"] == ("failed", "deadline")
    assert told["greedy"][0] == "failed"
    assert told["segfault"] == ("failed", "killed by SIGSEGV")
    (memory,) = made.rows("SELECT detail FROM frontier WHERE source = 'greedy'")[0]
    assert "MemoryError" in memory
    for name in names[1:]:
        assert f"{name}" in done.out
    assert len(made.rows("SELECT 1 FROM run_sources WHERE status = 'failed' AND ended_at IS NOT NULL")) == 4


def test_c3_a_child_killed_from_outside_is_accounted_for(site):
    made = site({"/": html("hello")}, modules=("tests.broken_sources",))
    done = made.crawl("--source", "killed", "--source", "fine")
    assert done.code == 1, done
    assert made.sources() == {"fine": ("ok", ""), "killed": ("failed", "killed by SIGKILL")}


# C4: the exit code means something (130 and 143 are in C1)


def _corrupt(made):
    made.crawl("--source", "fine")
    size = made.db.stat().st_size
    with made.db.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    return made.crawl("--source", "fine")


def _foreign(made):
    made.db.write_bytes(b"not a database at all" * 100)
    return made.crawl()


def _locked(made):
    open_db(made.db, "create").close()
    with hold(made.db, now=datetime.now(UTC)):
        return made.crawl("--source", "fine")


def _bad_event(made):
    (made.folder / "meetup.toml").write_text('name = "x"\nsurprise = 1\n')
    return made.crawl()


SITUATIONS = {
    "ok": (0, lambda made: made.crawl("--source", "fine")),
    "nothing due": (0, lambda made: [made.crawl("--source", "fine"), made.crawl("--source", "fine")][1]),
    "no credentials": (0, lambda made: made.crawl("--source", "locked")),
    "some failed": (1, lambda made: made.crawl("--source", "fine", "--source", "raises")),
    "all failed": (69, lambda made: made.crawl("--source", "raises")),
    "bad event file": (2, _bad_event),
    "unknown source": (2, lambda made: made.crawl("--source", "nobody")),
    "foreign database": (2, _foreign),
    "damaged database": (70, _corrupt),
    "disk full": (74, lambda made: made.crawl("--min-free", "99999999")),
    "locked": (75, _locked),
    "key refused": (77, lambda made: made.crawl("--source", "keyed")),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_c4_exit_codes(site, situation):
    code, run = SITUATIONS[situation]
    made = site({"/": html("hello"), ("keyed.example", "/"): Answer(b"{}", 401)}, modules=("tests.broken_sources",))
    made.environment = {"HARVEST_TEST_KEY": "any-key-at-all"}
    done = run(made)
    assert done.code == code, done
    assert "Traceback" not in done.err, done


# H2: one page or feed cannot stall the run


def test_h2_bombs_time_out_and_the_rest_is_stored(site):
    rss = {"Content-Type": "application/rss+xml"}
    made = site(
        {
            ("bomb.example", "/b"): html(attribute_bomb().decode()),
            ("big.example", "/p"): html(many_paragraphs().decode()),
            ("blog.example", "/post"): article("A post on the meetup"),
            ("feed.example", "/bad"): Answer(attribute_feed(), 200, rss),
            ("feed.example", "/comments"): Answer(comment_feed(), 200, rss),
            ("good.example", "/feed"): feed(("The meetup in a feed", "https://good.example/1")),
            ("a.example", "/1"): page(
                1,
                mentions=["https://bomb.example/b", "https://big.example/p", "https://blog.example/post"],
            ),
        },
        pages=["https://a.example/1", HEALTHY],
        feeds=["https://feed.example/bad", "https://feed.example/comments", "https://good.example/feed"],
    )
    done = made.crawl()
    assert done.code == 1, done
    assert done.seconds < 40
    reasons = made.reasons()
    assert reasons["https://bomb.example/b"] == reasons["https://feed.example/bad"] == "parse_timeout"
    assert reasons["https://feed.example/comments"] in ("ok", "parse_timeout")
    assert reasons["https://big.example/p"] == "ok"
    assert "extract_fallback" in made.rows("SELECT detail FROM frontier WHERE host = 'big.example'")[0][0]
    assert {"A post on the meetup", "The meetup in a feed", "Page healthy"} <= made.titles()


# H8: the crawler cannot read local files

LOCAL = ("file:///etc/passwd", "ftp://127.0.0.1/etc/passwd", "data:text/plain,root:", "s3://bucket/key")


def test_h8_links_and_redirects_to_local_files_go_nowhere(site, tmp_path):
    items = [(f"item {number}", url) for number, url in enumerate(LOCAL)]
    links = "".join(f'<p><a href="{url}">x</a></p>' for url in LOCAL)
    made = site(
        {
            ("a.example", "/moved"): redirect("file:///etc/passwd"),
            ("a.example", "/1"): page(1, *LOCAL, mentions=[*LOCAL, "https://blog.example/post"]),
            ("blog.example", "/post"): html(
                '<html><head><meta http-equiv="refresh" content="0;url=file:///etc/passwd">'
                "<title>A post on the meetup</title></head>"
                f"<body><article><p>the meetup</p>{links}</article></body></html>"
            ),
            ("feed.example", "/feed"): feed(*items, ("The meetup, fine", "https://feed.example/1")),
        },
        pages=["https://a.example/moved", "https://a.example/1", HEALTHY],
        feeds=["https://feed.example/feed"],
    )
    done = made.crawl("-v", timeout=60)
    assert {"Page healthy", "Page 1", "The meetup, fine"} <= made.titles(), done
    states = made.states()
    assert not any(state in ("done", "todo", "leased") for url, (state, _) in states.items() if url.startswith(LOCAL))
    assert states["file:///etc/passwd"] == ("refused", "bad_link")
    everything = (
        done.out
        + done.err
        + "".join(path.read_bytes().decode("latin-1") for path in tmp_path.iterdir() if path.is_file())
    )
    assert "root:x:" not in everything
    assert "root:*:" not in everything


@pytest.mark.parametrize("url", LOCAL)
def test_h8_a_local_address_in_the_event_file_is_refused_with_its_line(site, url):
    made = site({}, pages=[HEALTHY, url])
    done = made.crawl()
    assert done.code == 2, done
    assert "meetup.toml: line 8: [pages]" in done.err
    assert not made.server.connections


# H9: it cannot be turned on the inner network


def test_h9_no_spelling_redirect_or_link_reaches_the_inner_network(site):
    hosts = (
        "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]",
        "①②⑦.⓪.⓪.①", "100.100.100.200", "169.254.169.254",
    )  # fmt: skip
    with serving({"*": html("secret")}) as inner:
        links = [f"http://{host}:{inner.port}/" for host in hosts]
        made = site(
            {
                ("a.example", "/1"): page(1, *links, mentions=links),
                ("a.example", "/moved"): redirect(f"http://127.0.0.1:{inner.port}/"),
                ("a.example", "/twice"): redirect("https://b.example/moved"),
                ("b.example", "/moved"): redirect(f"http://[::1]:{inner.port}/", 301),
            },
            pages=["https://a.example/1", "https://a.example/moved", "https://a.example/twice", HEALTHY],
        )
        done = made.crawl()
        assert inner.connections == 0
    assert done.code == 0, done
    assert made.titles() == {"Page 1", "Page healthy"}
    refused = [reason for _, reason in made.states().values() if reason != "ok"]
    assert len(refused) >= 6
    assert set(refused) == {"blocked_address"}


# N3: what a host wishes with its Retry-After is done

WISHES = {
    "seconds": ("5", 60), "negative": ("-1", 60), "for-ever": ("99999999", 86400), "absent": ("", 60),
    "date": ("in two hours", 7200),
}  # fmt: skip


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


# P1: no secret in any output

KEYED = {
    "/ok": Answer(b"fine"), "/401": Answer(b"no", 401), "/500": Answer(b"oops", 500),
    "/cut": Answer(b"x" * 19, length=1024), "/traceback": Answer(b"trace"),
    "/redirect": redirect("https://other.example/?from=keyed"), "/loop": redirect("/loop"),
    "/429": Answer(b"later", 429),
}  # fmt: skip


@pytest.mark.parametrize("verbosity", [[], ["-v"], ["-vv"]], ids=["normal", "v", "vv"])
def test_p1_the_token_is_written_nowhere(site, tmp_path, verbosity):
    token = f"{secrets.token_hex(8)}/+{secrets.token_hex(8)}"
    routes = {("keyed.example", path): answer for path, answer in KEYED.items()}
    routes |= {("other.example", "/"): html("other"), ("fine.example", "/"): html("fine")}
    made = site(routes, modules=("tests.broken_sources",), **{"source.keyed": {"paths": list(KEYED)}})
    made.environment = {"HARVEST_TEST_KEY": token}
    done = made.crawl("--source", "keyed", "--source", "fine", *verbosity)
    assert {"Fine", "Keyed"} <= made.titles(), done
    for path in KEYED:
        assert made.server.hits(path, "keyed.example")[0].headers["authorization"] == f"Bearer {token}", path
    (other,) = made.server.hits(host="other.example")
    assert not {"authorization", "x-api-key", "referer"} & set(other.headers)
    written = done.out.encode() + done.err.encode()
    written += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    raw = base64.b64encode(token.encode()).rstrip(b"=")
    for spelling in (token.encode(), quote(token, safe="").encode(), raw, json.dumps(token).encode()[1:-1]):
        assert spelling not in written


# P4: no listening sockets, nothing left behind


def test_p4_a_crawl_listens_nowhere(site, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    made = site(chain(20, delay=0.2), pages=["https://a.example/0"])
    made.environment = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    process = made.start()
    made.wait_until(lambda: len(made.server.hits(host="a.example")) > 2)
    pids = [process.pid, *descendants(process.pid)]
    assert len(pids) >= 2
    assert not listening(pids)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert list(home.rglob("*")) == []
    assert {path.name for path in tmp_path.iterdir()} <= {
        "home", "meetup.toml", "test.db", "test.db-shm", "test.db-wal", "test.db.lock", "test.db.archive",
        "test.db.archive-shm", "test.db.archive-wal",
    }  # fmt: skip


def listening(pids):
    """Addresses that processes listen on, from /proc as `ss -ltnp` reads it."""
    sockets = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                sockets[f"socket:[{fields[9]}]"] = fields[1]
    held = [name for pid in pids for name in _open_files(pid)]
    return [sockets[name] for name in held if name in sockets]


def _open_files(pid):
    try:
        return [_target(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    except (FileNotFoundError, ProcessLookupError):  # the process ended since it was listed
        return []


def _target(fd):
    try:
        return str(fd.readlink())
    except FileNotFoundError:  # closed since it was listed
        return ""


def test_p4_the_look_for_listening_sockets_would_find_one():
    with evil({}) as server:
        assert threading.active_count() > 1
        assert any(address.endswith(f":{server.port:04X}") for address in listening([os.getpid()]))
