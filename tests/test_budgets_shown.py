"""`harvest sources`: what each source may use, and what it has used."""

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from harvester import event as events
from harvester.cli import _budgets
from harvester.cli.sources import command
from harvester.errors import HarvestError
from harvester.source import Source
from harvester.store import runs
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.open import open_db
from tests.crawling import EVENT

NOW = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
MONTH = NOW[:7]


@pytest.fixture
def db(tmp_path):
    """A database in which source x spent money in two runs, and qiita made requests."""
    path = tmp_path / "h.db"
    with closing(open_db(path, "create")) as conn, write_tx(conn):
        save_event(conn, events.load(EVENT + "[source.x]\nmax_usd_month = 7.5\n", "meetup.toml"))
        for usd in (0.5, 0.25):
            run = runs.start_run(conn, "crawl", "meetup", now=NOW)
            runs.save_source(conn, run, "x", "", event="meetup", status="ok", requests=3)
            for query in ("one", "two"):
                runs.save_source(conn, run, "x", query, event="meetup", status="ok", cost_usd=usd)
        for source, name, amount in (("x", "usd", 1.5), ("x", "posts", 1200), ("qiita", "requests", 9)):
            runs.spend(conn, source, MONTH, name, amount)
        runs.spend(conn, "x", "2016-12", "usd", 99.0)
        runs.save_source(conn, run, "qiita", "", event="meetup", status="ok", requests=4)
    return path


def listed(*arguments):
    done = CliRunner().invoke(command, [*map(str, arguments)], standalone_mode=False)
    assert done.exception is None, done
    return done


def budgets(*arguments):
    return {row["name"]: row["budget"] for row in json.loads(listed(*arguments, "--json").output)}


def test_what_was_spent_stands_beside_the_limits(db):
    found = budgets("--db", db)
    assert found["x"] == {
        "of": MONTH, "usd": {"max_crawl": 5.0, "max_month": 20.0, "month": 1.5, "crawl": 0.5},
        "posts": {"max_crawl": 1000, "max_month": None, "month": 1200, "crawl": None},
    }  # fmt: skip
    assert found["qiita"]["requests"] == {"max_crawl": 50, "max_month": None, "month": 9, "crawl": 4}
    assert budgets("meetup", "--db", db)["x"]["usd"]["max_month"] == 7.5
    told = (
        f"budget: 1.50 USD of 7.50 USD used in {MONTH}, 0.50 USD in the last crawl, at most 5.00 USD a crawl; "
        f"1,200 posts used in {MONTH}, at most 1,000 posts a crawl"
    )
    for asked in (["--long"], ["x"]):
        assert told in " ".join(listed("meetup", *asked, "--db", db).output.split())
    assert any("$5, $1.50 of $7.50 used" in line for line in listed("meetup", "--db", db).output.splitlines())


def test_without_a_database_the_limits_are_shown(tmp_path):
    assert budgets("--db", tmp_path / "none.db")["x"]["usd"] == {
        "max_crawl": 5.0, "max_month": 20.0, "month": None, "crawl": None,
    }  # fmt: skip
    file = tmp_path / "meetup.toml"
    file.write_text(EVENT + "[source.x]\nmax_usd = 1.25\n", "utf-8")
    found = " ".join(listed(file, "x", "--db", tmp_path / "none.db").output.split())
    assert "budget: 20.00 USD a month, at most 1.25 USD a crawl; at most 1,000 posts a crawl" in found
    assert not (tmp_path / "none.db").exists()


def test_a_database_that_cannot_be_read_costs_a_warning(tmp_path):
    (tmp_path / "h.db").write_bytes(b"no database" * 99)
    done = listed("--db", tmp_path / "h.db")
    assert "Warning: what was used is not shown" in done.stderr
    assert "$5, $20 a month" in done.output


def test_an_event_that_nobody_knows_is_an_error(db, tmp_path):
    for path, why in ((db, "nobody"), (tmp_path / "none.db", "no such database")):
        done = CliRunner().invoke(command, ["nobody", "--db", str(path)], standalone_mode=False)
        assert isinstance(done.exception, HarvestError)
        assert why in str(done.exception)


def test_a_source_without_limits_and_without_use_says_nothing():
    class Plain(Source):
        name = "plain"

    class Monthly(Plain):
        monthly = 300

    assert _budgets.line(_budgets.budget(Plain, {}, None)) == ""
    assert _budgets.short(_budgets.budget(Plain, {}, None)) == ""
    assert _budgets.short(_budgets.budget(Monthly, {}, None)) == "300 requests a month"
    assert _budgets.line(_budgets.budget(Monthly, {}, None)) == "300 requests a month"
    told = _budgets.budget(Monthly, {"max_requests_month": 40}, _budgets.Used(month="2026-11", spent={"requests": 12}))
    assert _budgets.line(told) == "12 requests of 40 requests used in 2026-11"


def test_the_state_of_a_source_follows_its_keys_and_the_event_file(tmp_path, monkeypatch):
    file = tmp_path / "meetup.toml"
    file.write_text(EVENT + "[source.qiita]\nenabled = false\n[source.techplay]\n", "utf-8")

    def states(*arguments):
        rows = json.loads(listed(*arguments, "--db", tmp_path / "none.db", "--json").output)
        return [{row["name"]: row["state"] for row in rows}[name] for name in ("qiita", "techplay", "x", "zenn")]

    for key in ("QIITA_TOKEN", "X_BEARER_TOKEN"):
        monkeypatch.delenv(key, raising=False)
    assert states() == ["on +key", "opt-in", "needs key", "on"]
    assert states(file) == ["off", "on", "needs key", "on"]
    monkeypatch.setenv("QIITA_TOKEN", "t")
    monkeypatch.setenv("X_BEARER_TOKEN", "t")
    assert states() == ["on", "opt-in", "on", "on"]
    text = listed("--db", tmp_path / "none.db").output
    assert "QIITA_TOKEN           set" in text
    assert "CONNPASS_API_KEY      not set  connpass          help.connpass.com" in text


def test_two_words_that_are_no_source_are_refused():
    done = CliRunner().invoke(command, ["one", "two"], standalone_mode=False)
    assert "no sources, and not all of them an event: one, two" in str(done.exception)
