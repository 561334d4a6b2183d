"""`harvest crawl --dry-run`: what a crawl would ask for, and that telling it asks and writes nothing."""

import json
import re
from collections import Counter
from contextlib import closing

import pytest
from click.testing import CliRunner

from harvester.cli.crawl import command
from harvester.crawl.plan import seconds
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.crawling import Site
from tests.servers import as_json, serving

MODULES = ("--spiders", "tests.graph_source", "--spiders", "tests.late_source", "--spiders", "tests.engine_spiders")


@pytest.fixture
def site(tmp_path):
    page = as_json({"id": 1, "links": [], "mentions": ["https://blog.example/post"]})
    with serving({("a.example", "/1"): page}) as server:
        site = Site(tmp_path, server.address, ("tests.graph_source",))
        site.server = server
        site.event(pages=["https://a.example/1", "https://a.example/2", "https://b.example/1"])
        yield site


def told(site, *options, env=None, code=0):
    arguments = [str(site.folder / "meetup.toml"), "--db", str(site.db), "--dry-run", *MODULES, *options]
    done = CliRunner().invoke(command, arguments, env=env, standalone_mode=False)
    assert done.exception is None, done
    assert done.return_value == code
    return done.output


def plans(site, *options, env=None):
    return {plan["source"]: plan for plan in json.loads(told(site, "--json", *options, env=env))}


def test_before_the_first_crawl_it_needs_and_makes_no_database(site):
    found = plans(site)
    assert found["graph"] == {
        "source": "graph", "status": "runs", "reason": "", "first": 3, "last": None, "most": 5000, "usd": 0.0,
        "seconds": 2.0,
    }  # fmt: skip
    assert (found["signed"]["status"], found["signed"]["reason"]) == ("skipped", "no credentials: set SIGNED_TOKEN")
    assert found["pages"]["reason"].startswith("it cannot begin: KeyError")
    assert (found["feeds"]["status"], found["feeds"]["first"]) == ("skipped", 0)
    assert found["counts"]["reason"] == "asks about what the others find"
    assert [path.name for path in site.folder.iterdir()] == ["meetup.toml"]
    assert site.server.seen == []


def test_after_a_crawl_it_tells_what_waits_and_what_the_last_one_took(site):
    site.crawl()
    asked = len(site.server.seen)
    with closing(open_db(site.db)) as conn, write_tx(conn):
        conn.execute("INSERT INTO spending VALUES ('graph', strftime('%Y-%m', 'now'), 'requests', 0)"
                     " ON CONFLICT DO UPDATE SET amount = 40")  # fmt: skip
    before = site.db.read_bytes()
    (site.folder / "meetup.toml").write_text(
        (site.folder / "meetup.toml").read_text("utf-8") + "[source.graph]\nmax_requests_month = 42\n", "utf-8"
    )
    found = plans(site, "--source", "graph", "--source", "counts")
    assert set(found) == {"graph", "counts"}
    numbers = [found["graph"][name] for name in ("first", "last", "most")]
    assert numbers == [2, 5, 2]  # the last crawl asked for two robots.txt too
    assert found["counts"]["first"] == len(site.titles()) == 1
    assert site.db.read_bytes() == before
    assert len(site.server.seen) == asked


def test_the_table_sums_up(site):
    table = told(site)
    assert re.search(r"^signed +needs key +set SIGNED_TOKEN$", table, re.MULTILINE)
    assert re.search(r"^counts +later ", table, re.MULTILINE)
    assert [line for line in table.splitlines() if len(line) > 100] == []
    assert "3 requests to begin with, no money, about 2 s" in table
    assert "nothing was asked" in table


def test_an_event_that_nobody_knows_is_told(tmp_path):
    done = CliRunner().invoke(command, ["nobody", "--db", str(tmp_path / "no.db"), "--dry-run"])
    assert "no such event file, and no database" in str(done.exception)


@pytest.mark.parametrize(
    ("hosts", "requests", "pause", "least"),
    [({"a": 10}, 10, 1.0, 10.0), ({"a": 10}, 20, 6.0, 120.0), ({"a": 1, "b": 1}, 100, 1.0, 50.0),
     ({str(n): 1 for n in range(100)}, 100, 1.0, 12.5), ({}, 0, 1.0, 0.0)],
)  # fmt: skip
def test_the_least_time_is_that_of_the_busiest_host(hosts, requests, pause, least):
    assert seconds(Counter(hosts), requests, pause) == least
