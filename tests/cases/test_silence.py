"""C5: a crawl that does not run, or runs in vain, is noticed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harvester.crawl import ping
from tests.cases.common import write
from tests.crawling import ROOT
from tests.servers import Answer, html, redirect, serving

# C5: silence is an alarm


def status(made, *options):
    """`harvest status` on a site's database: exit code, stdout, stderr."""
    command = [sys.executable, "-m", "harvester.cli", "status", *options, "--db", str(made.db)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def age(made, source, hours):
    """Let what a source did so far have happened so many hours ago."""
    shifted = f"strftime('%Y-%m-%dT%H:%M:%SZ', ended_at, '-{hours} hours')"
    assert write(made, f"UPDATE run_sources SET ended_at = {shifted} WHERE source = ?", source)


@pytest.mark.case("C5")
def test_c5_a_success_27_hours_ago_is_named_and_one_an_hour_ago_is_not(site):
    made = site({"/": html("hello")}, modules=("tests.broken_sources",))
    assert made.crawl("--source", "fine", "--source", "locked").code == 0
    assert status(made, "meetup", "--max-age", "26h") == (
        0, "all that is crawled succeeded in the last 26 hours: fine\n", "",
    )  # fmt: skip
    age(made, "fine", 27)
    code, out, err = status(made, "meetup", "--max-age", "26h")
    assert (code, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("meetup fine: last success 20")
    assert line.endswith(", 27 hours ago; last it was ok")
    assert (
        status(made, "--max-age", "28h")[0] == status(made, str(made.folder / "meetup.toml"), "--max-age", "2d")[0] == 0
    )
    assert status(made, "--max-age", "1600m")[0] == 1
    code, out, err = status(made, "--max-age", "26h", "--json")
    told = json.loads(out)
    assert (code, err, told["sources"], [late["source"] for late in told["overdue"]]) == (1, "", 1, ["fine"])
    made.event(**{"source.fine": {"enabled": False}})
    assert made.crawl("--source", "raises").code == 69
    code, _, err = status(made, "meetup", "--max-age", "26h")
    assert code == 1
    assert err.startswith("meetup raises: never succeeded; last it was failed")
    assert "fine" not in err


@pytest.mark.case("C5")
def test_c5_what_is_a_success_and_what_is_not(site):
    routes = {
        "/": html("hello"),
        ("keyed.example", "/a"): Answer(b"{}", 200),
        ("keyed.example", "/b"): Answer(b"{}", 500),
    }
    made = site(routes, modules=("tests.broken_sources",))
    made.environment = {"HARVEST_TEST_KEY": "any-key-at-all"}
    made.event(**{"source.keyed": {"paths": ["/a"]}})
    assert made.crawl("--source", "keyed", "--source", "fine").code == 0
    age(made, "keyed", 30)
    age(made, "fine", 30)
    names = ("--source", "keyed", "--source", "fine", "--source", "raises")
    # A key that is gone, one page of two that failed, a source that never worked, and a run that asked nobody.
    made.environment = {"HARVEST_TEST_KEY": ""}
    assert made.crawl(*names).code == 1
    made.environment = {"HARVEST_TEST_KEY": "any-key-at-all"}
    made.event(**{"source.keyed": {"paths": ["/a", "/b"]}})
    assert made.crawl("--source", "keyed").code == 1
    made.event(**{"source.keyed": {"paths": ["/a"]}})
    assert made.crawl("--source", "keyed", "--offline").code == 0
    code, out, err = status(made, "--max-age", "26h")
    assert (code, out) == (1, "")
    late = dict(line.split(": ", 1) for line in err.splitlines())
    assert set(late) == {"meetup keyed", "meetup raises"}  # fine was well again today
    assert late["meetup keyed"].startswith("last success 20")
    assert ", 30 hours ago; last it was partial: " in late["meetup keyed"]
    assert late["meetup raises"].startswith("never succeeded; last it was failed: 1 page that met a fault")


@pytest.mark.case("C5")
def test_c5_nothing_recorded_is_an_alarm_and_a_strange_age_a_mistake(site):
    made = site({"/": html("hello")}, modules=("tests.broken_sources",))
    assert made.crawl("--source", "locked").code == 0
    assert status(made, "meetup", "--max-age", "26h") == (1, "", "no crawl of meetup has been recorded\n")
    for wrong in ("26", "0h", "1w", "-3h", "h", "999999999d"):
        code, _, err = status(made, f"--max-age={wrong}")
        assert code == 2
        assert "write it as 90m, 26h or 2d" in err


PING = "/ping/0d1c2b3a"


@pytest.mark.case("C5")
def test_c5_the_heartbeat_is_sent_after_a_success_and_only_then(site):
    made = site({"/": html("hello"), PING: html("ok"), "/moved": redirect(PING)}, modules=("tests.broken_sources",))
    url = f"http://{made.address}{PING}?secret=never-shown"
    beats = lambda: [seen.target for seen in made.server.hits(PING)]  # noqa: E731
    failing = made.crawl("--source", "fine", "--source", "raises", "--ping-url", url)
    assert failing.code == 1, failing
    skipped = made.crawl("--source", "locked", "--ping-url", url)
    assert skipped.code == 0, skipped
    offline = made.crawl("--source", "fine", "--offline", "--ping-url", url)
    assert offline.code == 0, offline
    assert beats() == []
    good = made.crawl("--source", "fine", "--cron", "--ping-url", url)
    assert (good.code, good.out, good.err) == (0, "", ""), good
    assert beats() == [f"{PING}?secret=never-shown"]
    secrets = made.folder.parent / f"{made.folder.name}-keys"
    secrets.write_text(f"HARVEST_PING_URL=http://{made.address}/moved\n")
    secrets.chmod(0o600)
    made.environment = {"HARVEST_CREDENTIALS": str(secrets)}
    assert made.crawl("--source", "fine").code == 0
    assert len(beats()) == 2
    files = [path for path in made.folder.rglob("*") if path.is_file()]
    assert len(files) > 2
    assert not [path for path in files if b"never-shown" in path.read_bytes()]


@pytest.mark.parametrize(("path", "why"), [("", "connection_error"), ("/broken", "HTTP 500"), ("/away", "HTTP 302")])
@pytest.mark.case("C5")
def test_c5_a_monitor_that_is_down_costs_a_warning(site, path, why):
    away = redirect("file:///etc/passwd")
    made = site({"/": html("hello"), "/broken": html("no", 500), "/away": away}, modules=("tests.broken_sources",))
    address = made.address if path else "127.0.0.1:1"
    done = made.crawl("--source", "fine", "--cron", "--ping-url", f"http://{address}{path}?secret=never-shown")
    assert (done.code, done.out) == (0, ""), done
    assert done.err == f"Warning: the heartbeat to 127.0.0.1 did not arrive: {why}\n"


@pytest.mark.case("C5")
def test_c5_a_monitor_that_hangs_is_not_waited_for(monkeypatch):
    routes = {"/hang": Answer(hang=True), "/drip": Answer(b"ok" * 100, drip=(1, 1.0))}
    with serving(routes) as server:
        monkeypatch.setattr(ping, "TIMEOUT", 1.0)
        assert ping.send(f"http://{server.address}/hang") == "timeout"
        assert ping.send(f"http://{server.address}/drip") == "timeout"
        assert len(server.seen) == 2
        monkeypatch.setattr(ping, "TIMEOUT", 0.01)  # its process has no time even to start
        monkeypatch.setattr(ping, "_START", 0.0)
        assert ping.send(f"http://{server.address}/hang") == "timeout"


@pytest.mark.parametrize("wrong", ["monitor.example/x", "file:///etc/passwd", "https://[::1", "ftp://a.example/"])
@pytest.mark.case("C5")
def test_c5_an_address_that_is_none_is_refused_and_not_repeated(site, wrong):
    made = site({"/": html("hello")}, modules=("tests.broken_sources",))
    done = made.crawl("--source", "fine", "--ping-url", f"{wrong}?secret=never-shown")
    assert done.code == 2, done
    assert "no address that begins with http:// or https://" in done.err
    assert "never-shown" not in done.err
    assert made.server.connections == 0
