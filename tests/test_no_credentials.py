"""A new user without any key: every keyless source runs, one table tells who did not and why, and it ends well."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from harvester.cli import _listed
from harvester.crawl import catalogue
from harvester.demo import event_file
from harvester.demo.build import build
from harvester.demo.server import Server
from harvester.demo.world import Numbers
from harvester.text import shown

TINY = Numbers(
    participants=6, media=2, independents=1, unknowns=0, vendor=1, sponsors=1, organiser=1, releases=1, crossposts=0,
    syndicated=0, scraped=0, other_years=1, locals=1, offtopic=1, tweets=4, misses=0,
)  # fmt: skip
MEETUP = """
name = "Kumo Meetup vol.2"
slug = "kumo-2"
hashtags = ["KumoMeetup"]
starts = 2016-12-21T19:00:00
timezone = "Asia/Tokyo"
"""
KEY = re.compile(r"_(TOKEN|KEY|SECRET|PASSWORD|IDENTIFIER|ID)$|^HARVEST_")
ENDS = "ok|partial|failed|skipped|needs key|nothing to do|opt-in|off"
ROW = re.compile(rf"([a-z_]+) +({ENDS})(?: +(\d+) +(\d+) +(\d+))?(.*)")
SOURCES = catalogue.load(("spiders",)).sources
OPT_IN = {name for name, kind in SOURCES.items() if kind.opt_in}


def harvest(folder, *arguments):
    """The command as a newcomer has it."""
    bare = {name: value for name, value in os.environ.items() if not KEY.search(name)}
    command = [sys.executable, "-m", "harvester.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=bare, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    """One real crawl of a small world, of which the event file names no opt-in source."""
    folder, world = tmp_path_factory.mktemp("newcomer"), build(7, TINY)
    text = re.sub(rf"(?ms)^\[source\.({'|'.join(OPT_IN)})\]$.*?(?=^\[|\Z)", "", event_file.render(world))
    (folder / "event.toml").write_text(text, encoding="utf-8")
    with Server(world) as server:
        done = harvest(folder, "crawl", "event.toml", "--connect-to", server.address)
    found = [row for line in done.stdout.splitlines() if (row := ROW.fullmatch(line))]
    return SimpleNamespace(done=done, rows={row[1]: row for row in found})


def test_it_ends_well_and_names_every_source_once(crawl):
    assert crawl.done.returncode == 0, crawl.done.stdout + crawl.done.stderr
    assert sorted(crawl.rows) == sorted(SOURCES)


def test_who_did_not_run_is_told_with_the_reason(crawl):
    told = {name: (row[2], row[6].strip()) for name, row in crawl.rows.items() if row[3] is None}
    needing = {name: kind.needs for name, kind in SOURCES.items() if kind.needs}
    assert {name for name, (word, _) in told.items() if word == "needs key"} == set(needing)
    assert all(told[name][1] == f"set {' and '.join(keys)}" for name, keys in needing.items())
    assert {name for name, (word, _) in told.items() if word == "opt-in"} == OPT_IN
    assert all(told[name][1] == f"add [source.{name}]" for name in OPT_IN)
    assert all(why for _, why in told.values())
    assert {word for word, _ in told.values()} <= {"needs key", "opt-in", "nothing to do"}


def test_every_keyless_source_ran_and_some_found_posts(crawl):
    keyless = {name for name, kind in SOURCES.items() if not kind.needs and not kind.opt_in}
    asked = {name for name, row in crawl.rows.items() if row[3] is not None}
    idle = {name for name, row in crawl.rows.items() if row[2] == "nothing to do"}
    assert asked | idle == keyless
    assert len(asked) >= 20, idle
    assert {"feeds", "qiita", "mastodon"} <= {name for name in asked if int(crawl.rows[name][3])}


def test_it_fits_a_terminal_and_says_what_comes_next(crawl):
    assert [line for line in crawl.done.stdout.splitlines() if len(line) > 100] == []
    assert "see `harvest report demo-reinvent-2016`" in crawl.done.stdout.splitlines()[-1]
    assert shown(crawl.done.stdout.replace("\n", " ")) == crawl.done.stdout.replace("\n", " ")


def test_outlets_that_do_not_answer_are_no_failure_and_nothing_found_is_told(tmp_path):
    (tmp_path / "kumo.toml").write_text(MEETUP, encoding="utf-8")
    with Server(build(7, TINY)) as server:  # it hangs up for the outlets that it does not know
        only = ("--source", "media", "--source", "github")
        done = harvest(tmp_path, "crawl", "kumo.toml", "--db", "k.db", "--connect-to", server.address, *only)
    assert done.returncode == 0, done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("media"))
    assert "partial" in row
    assert "without a connection" in done.stdout
    assert "see `harvest report kumo-2 --db k.db`" in done.stdout
    assert "Nobody wrote about it, or not where these looked." in done.stdout


def test_every_key_says_where_it_comes_from():
    assert [name for name, users, where in _listed.keys_of(SOURCES.values()) if not (users and where)] == []
