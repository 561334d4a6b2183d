"""The guards of a request: addresses, sizes, encodings, robots.txt, pauses and the lock, each by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.task import Clock

from harvester.crawl.backoff import limited, pause, used_up
from harvester.crawl.compression import TooLarge, Truncated, decode
from harvester.crawl.lock import hold, lock_path
from harvester.crawl.refused import Refused
from harvester.crawl.resolver import GuardResolver, is_private_host, is_public, literal
from harvester.crawl.robots import read
from harvester.errors import Locked, StorageError
from tests.evil import LIMIT, Endless, bomb, encoded, evil, packed
from tests.probe import fetch
from tests.servers import Answer, Server, html, redirect

NOW = datetime(2016, 12, 10, 12, 0, 0, tzinfo=UTC)
CODINGS = ("gzip", "deflate", "br", "zstd")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.100.100.200", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("not an address", False),
    ],
)
def test_only_global_addresses_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127。0。0。1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("①②⑦.⓪.⓪.①", "127.0.0.1"),
        ("[::1]", "::1"),
        ("::ffff:127.0.0.1", "::ffff:7f00:1"),
        ("example.org", ""),
        ("127.example.org", ""),
        ("日本語.example", ""),
        ("", ""),
    ],
)
def test_every_spelling_of_an_address_is_read(host, address):
    assert literal(host) == address
    assert is_private_host(host) is bool(address)


def test_localhost_is_private_and_a_public_literal_is_not():
    assert is_private_host("localhost")
    assert is_private_host("www.LocalHost.")
    assert not is_private_host("93.184.216.34")
    assert not is_private_host("localhost.example")


class Reactor(Clock):
    """A clock with a resolver that gives the answers it is told, one list after the other."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)
        self.nameResolver = self
        self.asked = []

    def resolveHostName(self, receiver, host, port=0, *rest):  # noqa: N802
        self.asked.append(host)
        answer = self.answers.pop(0)
        receiver.resolutionBegan(None)
        if answer is None:
            return
        for address in answer:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()


class Receiver:
    def __init__(self):
        self.began, self.found, self.done = 0, [], 0

    def resolutionBegan(self, resolution):  # noqa: N802
        self.began += 1

    def addressResolved(self, address):  # noqa: N802
        self.found.append((address.host, address.port))

    def resolutionComplete(self):  # noqa: N802
        self.done += 1


def resolve(guard, host):
    receiver = Receiver()
    guard.resolveHostName(receiver, host, 80)
    assert receiver.began == 1
    return receiver


def test_the_resolver_passes_only_global_addresses_each_time_it_is_asked():
    guard = GuardResolver(Reactor(["93.184.216.34"], ["127.0.0.1"], ["10.0.0.1", "2606:4700::1111"]))
    assert resolve(guard, "rebind.example").found == [("93.184.216.34", 80)]
    assert guard.blocked == {}
    second = resolve(guard, "Rebind.example")
    assert (second.found, second.done) == ([], 1)
    assert guard.blocked == {"rebind.example": "Rebind.example is 127.0.0.1, not a global address"}
    assert resolve(guard, "mixed.example").found == [("2606:4700::1111", 80)]


@pytest.mark.case("N1")
def test_a_name_that_is_not_resolved_in_time_has_no_addresses():
    reactor = Reactor(None)
    guard = GuardResolver(reactor, timeout=10)
    receiver = resolve(guard, "slow.example")
    reactor.advance(9.9)
    assert receiver.done == 0
    reactor.advance(0.2)
    assert (receiver.found, receiver.done) == ([], 1)


def test_with_a_replica_only_its_host_is_resolved():
    guard = GuardResolver(Reactor(["127.0.0.1"]), allowed="127.0.0.1")
    assert resolve(guard, "127.0.0.1").found == [("127.0.0.1", 80)]
    assert resolve(guard, "real.example").found == []
    assert guard.reactor.asked == ["127.0.0.1"]
    assert "real.example" in guard.blocked


def test_the_resolver_forgets_the_oldest_of_many_blocked_hosts():
    guard = GuardResolver(Reactor())
    for number in range(1500):
        guard.remember(f"h{number}", "x")
    assert len(guard.blocked) == 1000
    assert "h1499" in guard.blocked


@pytest.mark.parametrize("coding", [*CODINGS, "raw-deflate"])
@pytest.mark.parametrize("size", [1, 70_000, LIMIT])
@pytest.mark.case("H1")
def test_bodies_up_to_the_limit_are_decoded(coding, size):
    body = (os.urandom(997) * (size // 997 + 1))[:size]
    name = "deflate" if coding == "raw-deflate" else coding
    assert decode(encoded(body, coding), [name], LIMIT) == body


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.case("H1")
def test_one_byte_over_the_limit_is_too_large(coding):
    with pytest.raises(TooLarge):
        decode(encoded(bytes(LIMIT + 1), coding), [coding], LIMIT)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.case("N2")
def test_a_stream_cut_anywhere_is_truncated(coding):
    whole = encoded(b"<p>hello world</p>" * 500, coding)
    for cut in range(1, len(whole)):
        with pytest.raises(Truncated):
            decode(whole[:cut], [coding], LIMIT)


def test_chained_members_and_codings():
    assert decode(encoded(b"x", "gzip,br"), ["gzip", "br"], LIMIT) == b"x"
    assert decode(encoded(b"a", "gzip") + encoded(b"b", "gzip") + b"\0\0", ["x-gzip"], LIMIT) == b"ab"
    assert decode(b"", ["gzip"], LIMIT) == b""
    assert decode(b"plain", ["identity"], LIMIT) == b"plain"
    for body, codings in ((b"plain", ["gzip"]), (b"plain", ["compress"]), (b"", ["gzip"] * 4)):
        with pytest.raises(Truncated):
            decode(body, codings, LIMIT)


ROBOTS = "User-agent: *\nDisallow: /private\n"


@pytest.mark.parametrize(
    ("status", "body", "public", "private"),
    [
        (200, ROBOTS.encode(), "ok", "robots"),
        (200, b"\xef\xbb\xbf" + ROBOTS.encode(), "ok", "robots"),
        (200, ROBOTS.encode("cp932") + "# 日本語".encode("cp932"), "ok", "robots"),
        (200, b"<html><body>Not here</body></html>", "ok", "ok"),
        (200, b"", "ok", "ok"),
        (200, b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /\n", "ok", "ok"),
        (200, ROBOTS.encode() + b"#" * 600_000, "ok", "robots"),
        (404, ROBOTS.encode(), "ok", "ok"),
        (403, b"", "ok", "ok"),
        (401, b"", "ok", "ok"),
        (429, b"", "robots", "robots"),
        (500, b"", "robots", "robots"),
        (503, b"", "robots", "robots"),
        (200, b"User-agent: *\nCrawl-delay: 61\n", "robots", "robots"),
        (200, b"User-agent: *\nCrawl-delay: 60\n", "ok", "ok"),
        (200, b"User-agent: harvester\nDisallow: /\n\nUser-agent: *\nAllow: /\n", "robots", "robots"),
        (200, b"User-agent: *\nDisallow: /\n\nUser-agent: Harvester\nAllow: /\n", "ok", "ok"),
    ],
)
@pytest.mark.case("N4")
def test_robots_answers(status, body, public, private):
    rules = read(status, body, "harvester")
    for path, expected in (("/public", public), ("/private/x", private)):
        if expected == "ok":
            rules.check(f"https://site.example{path}", "harvester")
            continue
        with pytest.raises(Refused) as caught:
            rules.check(f"https://site.example{path}", "harvester")
        # What could not be read is asked for again in the next run; what was read is not.
        assert (caught.value.state, caught.value.again) == (expected, status == 429 or status >= 500)


def test_crawl_delay_is_kept_and_a_long_one_is_named():
    assert read(200, b"User-agent: *\nCrawl-delay: 2.5\n", "harvester").delay == 2.5
    refusal = read(200, b"User-agent: *\nCrawl-delay: 120\n", "harvester").refusal
    assert refusal.detail == "robots.txt asks for 120 s between requests, we wait 60 s at most"


@pytest.mark.parametrize(
    ("headers", "strikes", "seconds"),
    [
        ({"retry-after": "5"}, 0, 60),
        ({"retry-after": "300"}, 3, 300),
        ({"retry-after": "99999999"}, 0, 86400),
        ({"retry-after": "-1"}, 0, 60),
        ({"retry-after": "-1"}, 2, 240),
        ({"retry-after": "soon"}, 1, 120),
        ({}, 0, 60),
        ({}, 4, 960),
        ({}, 40, 86400),
        ({"retry-after": "Sat, 10 Dec 2016 14:00:00 GMT"}, 0, 7200),
        ({"retry-after": "Sat, 10 Dec 2016 14:00:00 GMT", "date": "Sat, 10 Dec 2016 13:00:00 GMT"}, 0, 3600),
        ({"retry-after": "Sat, 10 Dec 2016 11:00:00 GMT"}, 0, 60),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 900)}, 0, 901),
        ({"rate-reset": str(int(NOW.timestamp()) + 900), "retry-after": "100"}, 0, 100),
        ({"rate-reset": str(int(NOW.timestamp()) - 900)}, 0, 60),
        ({"x-ratelimit-reset": f"{NOW + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}.000Z"}, 0, 301),
        ({"x-ratelimit-reset": "0001-01-01"}, 0, 60),
        ({"ratelimit-reset": "120"}, 0, 121),
        ({"retry-after": "٣٠٠"}, 0, 60),
        ({"x-ratelimit": '{"limit": 300, "remaining": 0, "until": "2016-12-10T12:04:00Z"}'}, 0, 241),
        ({"x-ratelimit": '{"limit": 300, "remaining": 0, "until": "2016-12-10T11:00:00Z"}'}, 1, 120),
        ({"x-ratelimit": '{"limit": 300, "until": "9999-12-31T23:59:59Z"}'}, 0, 86400),
        ({"x-ratelimit": '{"until": 5}'}, 0, 60),
        ({"x-ratelimit": "300"}, 0, 60),
        ({"x-ratelimit": '["until"]', "retry-after": "90"}, 0, 90),
    ],
)
@pytest.mark.case("N3")
def test_how_long_a_host_is_left_alone(headers, strikes, seconds):
    assert pause(headers, strikes, NOW) == timedelta(seconds=seconds)


@pytest.mark.case("N3")
def test_a_good_answer_that_is_the_last_one_of_its_window_rests_the_host():
    reset = str(int(NOW.timestamp()) + 900)
    last = {"rate-remaining": "0", "rate-reset": reset}
    assert used_up(last, NOW) == timedelta(seconds=901)
    assert used_up({**last, "rate-remaining": "1"}, NOW) is None
    assert used_up({**last, "rate-remaining": "5"}, NOW, 5) == timedelta(seconds=901)
    assert used_up({"rate-remaining": "0"}, NOW) is None
    assert used_up({**last, "rate-reset": str(int(NOW.timestamp()) - 9)}, NOW) is None


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {}, True),
        (503, {}, True),
        (403, {"rate-remaining": "0"}, True),
        (403, {"rate-remaining": "7"}, False),
        (403, {"x-ratelimit-remaining": "7", "retry-after": "60"}, True),  # GitHub's secondary limit
        (403, {}, False),
        (200, {"rate-remaining": "0"}, False),
        (500, {}, False),
    ],
)
@pytest.mark.case("N3")
def test_which_answers_mean_slow_down(status, headers, expected):
    assert limited(status, headers) is expected


def test_the_lock_is_held_by_one_and_names_its_holder(tmp_path):
    db = tmp_path / "a.db"
    with hold(db, now=NOW):
        with pytest.raises(Locked, match=rf"pid {os.getpid()} since 2016-12-10T12:00:00Z"), hold(db, now=NOW):
            raise AssertionError("held twice")
        (tmp_path / "b.db").symlink_to(db)
        with pytest.raises(Locked), hold(tmp_path / "b.db", now=NOW):
            raise AssertionError("held twice under another name")
    with hold(db, now=NOW):
        assert lock_path(db).stat().st_mode & 0o777 == 0o600


def test_the_lock_is_not_inherited(tmp_path):
    db = tmp_path / "a.db"
    with hold(db, now=NOW):
        command = [sys.executable, "-c", "print('here', flush=True); input()"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False)
        child.stdout.readline()  # the kernel closes descriptors late in exec: it must be over
    try:
        with hold(db, now=NOW):
            assert child.poll() is None
    finally:
        child.communicate(b"\n")


def test_a_folder_without_permission_is_named(tmp_path):
    gone = hold(tmp_path / "gone" / "a.db", now=NOW)
    with pytest.raises(StorageError, match=r"gone/a\.db\.lock: cannot be created"), gone:
        raise AssertionError("no lock, yet held")


@pytest.mark.case("H1")
def test_bombs_and_cut_bodies_in_a_crawl():
    codings = {f"/{n}": c for n, c in enumerate((*CODINGS, "gzip, gzip"))}
    big = {"/8388608": html("x" * LIMIT), "/8388609": html("x" * (LIMIT + 1)), "/endless": Endless()}
    packs = {
        "/packed8388608": packed(encoded(b"x" * LIMIT, "br"), "br"),
        "/cut": packed(encoded(b"hello" * 999, "gzip")[:40], "gzip"),
        "/short": Answer(b"x" * 19, length=1024),
        "/good": packed(encoded(b"<title>good</title>", "zstd"), "zstd"),
    }
    routes = {path: packed(bomb(coding), coding) for path, coding in codings.items()} | big | packs
    with evil(routes) as server:
        urls = [f"https://evil.example{path}" for path in routes]
        told = fetch(urls, build={"connect_to": server.address})
    states = {url.removeprefix("https://evil.example"): line["state"] for url, line in told.items()}
    assert states == dict.fromkeys((*codings, "/8388609", "/endless"), "too_large") | {
        "/8388608": "ok",
        "/packed8388608": "ok",
        "/good": "ok",
        "/cut": "truncated",
        "/short": "ResponseDataLossError",
    }
    assert told["https://evil.example/8388608"]["size"] == LIMIT
    assert all(line["seconds"] < 20 for line in told.values())


def test_the_replica_sees_real_hosts_and_no_private_one_is_reached():
    inner = Server().start()
    port = inner.port
    private = [
        f"http://{host}:{port}/"
        for host in (
            "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]",
            "①②⑦.⓪.⓪.①", "100.100.100.200", "169.254.169.254", "localhost",
        )
    ]  # fmt: skip
    routes = {
        ("a.example", "/"): html("a"),
        ("b.example", "/"): html("b"),
        ("a.example", "/in"): redirect(f"http://127.0.0.1:{port}/"),
        ("a.example", "/meta"): html(f'<meta http-equiv="refresh" content="0;url=http://127.0.0.1:{port}/">'),
        ("a.example", "/file"): redirect("file:///etc/passwd"),
    }
    try:
        with evil(routes) as server:
            urls = ["http://a.example/", "https://b.example:8443/?q=1;2#x", *private]
            urls += ["http://a.example/in", "http://a.example/meta", "http://a.example/file", "file:///etc/passwd"]
            told = fetch(urls, build={"connect_to": server.address})
            hosts = {(seen.headers["host"], seen.headers["x-forwarded-proto"]) for seen in server.seen}
            targets = {seen.target for seen in server.seen}
        assert inner.connections == 0
    finally:
        inner.stop()
    assert told["http://a.example/"]["state"] == "ok"
    assert told["https://b.example:8443/?q=1;2#x"]["final"] == "https://b.example:8443/?q=1;2#x"
    assert hosts == {("a.example", "http"), ("b.example:8443", "https")}
    assert "/?q=1;2" in targets
    assert {told[url]["state"] for url in [*private, "http://a.example/in"]} == {"blocked_address"}
    assert told["http://a.example/meta"]["state"] == "ok"
    assert told["http://a.example/file"]["status"] == 302
    assert told["file:///etc/passwd"]["state"] == "bad_link"


def test_without_a_replica_loopback_is_never_reached():
    with evil({"*": html("secret")}) as server:
        urls = [f"http://{host}:{server.port}/" for host in ("127.0.0.1", "127.1", "localhost", "[::ffff:127.0.0.1]")]
        told = fetch(urls)
        assert {line["state"] for line in told.values()} == {"blocked_address"}
        assert server.connections == 0


@pytest.mark.case("N4")
def test_robots_in_a_crawl():
    rules = b"User-agent: *\nDisallow: /\n"
    cases = {
        "rules.example": Answer(b"User-agent: *\nDisallow: /no\n"),
        "deny.example": Answer(rules),
        "bom.example": Answer(b"\xef\xbb\xbf" + rules),
        "moved.example": redirect("https://deny.example/robots.txt"),
        "missing.example": Answer(rules, 404),
        "forbidden.example": Answer(rules, 403),
        "html.example": html("<p>Welcome</p>"),
        "broken.example": Answer(b"", 500),
        "busy.example": Answer(b"", 429),
        "away.example": Answer(b"", 503),
        "hang.example": Answer(hang=True),
        "loop.example": redirect("/robots.txt"),
        "huge.example": Answer(rules + b"#" * (30 << 20)),
    }
    routes = {(host, "/robots.txt"): answer for host, answer in cases.items()} | {"/": html("page")}
    with evil(routes) as server:
        urls = [f"https://{host}/" for host in cases]
        exempt = [("https://deny.example/feed", {"policy": "feed"}), ("https://deny.example/api", {"policy": "api"})]
        told = fetch([*urls, "https://rules.example/no", *exempt], build={"connect_to": server.address})
        assert len(server.hits("/robots.txt", "rules.example")) == 1
    states = {url.removeprefix("https://").removesuffix("/"): line["state"] for url, line in told.items()}
    allowed = {"rules.example", "missing.example", "forbidden.example", "html.example"}
    assert {host for host in cases if states[host] == "ok"} == allowed
    assert {states[host] for host in set(cases) - allowed} == {"robots"}
    assert (states["rules.example/no"], states["deny.example/feed"], states["deny.example/api"]) == (
        "robots", "ok", "ok",
    )  # fmt: skip
    assert all(line["seconds"] < 12 for line in told.values())


@pytest.mark.case("N4")
def test_crawl_delay_spaces_requests():
    routes = {("calm.example", "/robots.txt"): Answer(b"User-agent: *\nCrawl-delay: 0.7\n")}
    with evil(routes) as server:
        told = fetch([f"http://calm.example/{n}" for n in range(3)], build={"connect_to": server.address})
    waited = sorted(line["seconds"] for line in told.values())
    assert waited[2] - waited[0] >= 1.3
