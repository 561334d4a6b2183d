"""What is asked for, in which order, how often and by whom: the frontier and the hosts in a real database."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from harvester.crawl.session import alive
from harvester.store import frontier, hosts, runs
from harvester.store.connection import write_tx
from harvester.store.frontier import Wanted
from harvester.store.open import open_db

if TYPE_CHECKING:
    from pathlib import Path

NOW, SOON, LATER = "2026-10-05T00:00:00Z", "2026-10-05T00:02:00Z", "2026-10-06T00:00:00Z"


@pytest.fixture
def conn(tmp_path: Path):
    with closing(open_db(tmp_path / "t.db", "create")) as made:
        with write_tx(made):
            for _ in range(9):
                runs.start_run(made, "crawl", "ev", now=NOW)
        yield made


def wanted(path: str, **fields) -> Wanted:
    host, _, rest = path.partition("/")
    return Wanted(**{"source": "s", "fingerprint": path, "url": f"http://{host}/{rest}", "host": host, **fields})


def add(conn, *rows: Wanted, run_id: int = 1) -> int:
    with write_tx(conn):
        return frontier.add(conn, "ev", rows, run_id=run_id, now=NOW)


def lease(conn, *, run_id: int = 1, now: str = NOW, holder: str = "me", **fields) -> list[str]:
    return [row.url.removeprefix("http://") for row in leased(conn, run_id=run_id, now=now, holder=holder, **fields)]


def leased(conn, *, run_id: int = 1, now: str = NOW, holder: str = "me", **fields) -> list[frontier.Leased]:
    with write_tx(conn):
        return frontier.lease(conn, "ev", "s", run_id=run_id, holder=holder, now=now, until=SOON, **fields)


def finish(conn, row_id: int, state: str = "done", reason: str = "ok") -> None:
    with write_tx(conn):
        frontier.finish(conn, row_id, state, reason=reason, now=NOW)


def begin(conn, run_id: int, **fields) -> None:
    with write_tx(conn):
        frontier.begin(conn, "ev", "s", run_id=run_id, **fields)
        hosts.drop_dead_holders(conn, alive=lambda _: False)


def states(conn) -> dict[str, tuple[str, int]]:
    rows = conn.execute("SELECT fingerprint, state, tries FROM frontier")
    return {row["fingerprint"]: (row["state"], row["tries"]) for row in rows}


def test_the_same_request_is_one_row(conn):
    assert add(conn, wanted("a/1"), wanted("a/2"), wanted("a/1")) == 2
    assert add(conn, wanted("a/1", priority=9, found_on="elsewhere")) == 0
    assert conn.execute("SELECT count(*), max(priority) FROM frontier").fetchone()[:] == (2, 0)


def test_leases_go_by_priority_then_age_and_one_to_a_host(conn):
    add(conn, wanted("a/1"), wanted("a/2", priority=5), wanted("b/1"), wanted("c/1", priority=-1))
    assert lease(conn, limit=8) == ["a/2", "b/1", "c/1"]
    assert lease(conn, limit=8, busy={"a"}) == []
    assert lease(conn, limit=8) == ["a/1"]
    assert states(conn)["a/1"] == ("leased", 1)


def test_available_is_what_lease_would_find(conn):
    where = {"run_id": 1, "holder": "me", "now": NOW}
    assert not frontier.available(conn, "ev", "s", **where)
    add(conn, wanted("a/1"))
    assert frontier.available(conn, "ev", "s", **where)
    assert not frontier.available(conn, "ev", "s", **where, busy=["a"])
    assert not frontier.available(conn, "ev", "other", **where)


def test_a_row_is_leased_once_in_a_run(conn):
    add(conn, wanted("a/1"))
    (row,) = leased(conn)
    with write_tx(conn):
        frontier.postpone(conn, row.id, reason="rate_limited", detail="until tomorrow")
    assert states(conn) == {"a/1": ("todo", 0)}
    assert lease(conn) == []
    assert not frontier.ready(conn, "ev", "s", run_id=1, now=NOW)
    assert lease(conn, run_id=2) == ["a/1"]


def test_what_was_never_used_is_as_if_it_had_not_been_leased(conn):
    add(conn, wanted("a/1"))
    (row,) = leased(conn)
    with write_tx(conn):
        frontier.put_back(conn, [row.id])
    assert states(conn) == {"a/1": ("todo", 0)}
    assert lease(conn) == ["a/1"]


def test_each_run_asks_again_and_only_once(conn):
    search, page = wanted("a/search", each_run=True), wanted("a/page")
    add(conn, search, page)
    for row in [*leased(conn), *leased(conn)]:
        finish(conn, row.id)
    assert add(conn, search, page) == 0
    assert add(conn, search, page, run_id=2) == 1
    assert states(conn) == {"a/search": ("todo", 0), "a/page": ("done", 1)}
    assert lease(conn, run_id=2) == ["a/search"]


def test_a_shorter_way_to_a_page_makes_it_new(conn):
    add(conn, wanted("a/1", depth=2))
    (row,) = leased(conn)
    finish(conn, row.id)
    assert add(conn, wanted("a/1", depth=3)) == 0
    assert add(conn, wanted("a/1", depth=1)) == 1
    (again,) = leased(conn)
    assert again.depth == 1


def test_failures_are_asked_again_in_the_next_run_and_die_at_the_fifth(conn):
    add(conn, wanted("a/1"))
    for run_id in range(1, 6):
        begin(conn, run_id)
        (row,) = leased(conn, run_id=run_id)
        finish(conn, row.id, "failed", "timeout")
        assert lease(conn, run_id=run_id) == []
    assert states(conn) == {"a/1": ("dead", 5)}
    begin(conn, 6)
    assert lease(conn, run_id=6) == []


def test_refused_rows_are_not_asked_again(conn):
    add(conn, wanted("a/1", state="refused", reason="bad_link"), wanted("a/2"))
    (row,) = leased(conn)
    finish(conn, row.id, "refused", "robots")
    begin(conn, 2)
    assert lease(conn, run_id=2) == []


def test_when_everything_was_killed_no_request_is_to_blame(conn):
    add(conn, wanted("a/1"))
    for run_id in range(1, 9):
        begin(conn, run_id)
        assert lease(conn, run_id=run_id) == ["a/1"]
    begin(conn, 9)
    assert states(conn) == {"a/1": ("todo", 0)}


def test_a_request_under_way_when_its_child_died_is_tried_five_times_and_last(conn):
    add(conn, wanted("a/killer"), wanted("a/2"), wanted("a/3"))
    order = []
    for run_id in range(1, 8):
        begin(conn, run_id)
        order += lease(conn, run_id=run_id)
        with write_tx(conn):
            runs.save_source(conn, run_id, "s", status="failed", reason="killed by SIGSEGV")
        if order[-1] != "a/killer":
            (row,) = conn.execute("SELECT id FROM frontier WHERE state = 'leased'").fetchall()
            finish(conn, row["id"])
    assert order == ["a/killer", "a/killer", "a/2", "a/3", "a/killer", "a/killer", "a/killer"]
    begin(conn, 8)
    assert states(conn)["a/killer"] == ("dead", 5)


def test_offline_everything_answered_is_to_do_and_without_a_copy_as_before(conn):
    add(conn, wanted("a/1"), wanted("b/1"), wanted("c/1"))
    for row in leased(conn, limit=2):
        finish(conn, row.id)
    begin(conn, 2, offline=True)
    rows = leased(conn, run_id=2, limit=8)
    assert len(rows) == 3
    with write_tx(conn):
        for row in rows:
            frontier.unarchived(conn, row.id)
    assert {name: state for name, (state, _) in states(conn).items()} == {"a/1": "done", "b/1": "done", "c/1": "todo"}


def test_a_resting_host_is_not_asked_and_not_waited_for(conn):
    add(conn, wanted("a/1"), wanted("b/1"), wanted("a/2"))
    with write_tx(conn):
        hosts.rest(conn, "a", not_before=LATER, reason="HTTP 429")
        hosts.rest(conn, "a", not_before=SOON, reason="HTTP 429")
    assert hosts.resting_until(conn, "a", now=NOW) == LATER
    assert hosts.strikes(conn, "a") == 2
    assert lease(conn, limit=8) == ["b/1"]
    assert not frontier.ready(conn, "ev", "s", run_id=1, now=NOW)
    assert frontier.resting(conn, "ev", "s", now=NOW) == (2, LATER)
    assert lease(conn, now=LATER) == ["a/1"]
    with write_tx(conn):
        hosts.answered(conn, "a")
    assert hosts.strikes(conn, "a") == 0
    assert frontier.resting(conn, "ev", "s", now=LATER) == (0, "")


def test_a_host_is_held_by_one_until_it_is_given_back_or_time_is_up(conn):
    add(conn, wanted("a/1"), wanted("a/2"), wanted("a/3"))
    assert lease(conn, holder="one") == ["a/1"]
    holders = conn.execute("SELECT holder FROM hosts WHERE host = 'a' AND held_until > ?", (NOW,))
    assert [tuple(row) for row in holders] == [("one",)]
    assert lease(conn, holder="two") == []
    assert frontier.ready(conn, "ev", "s", run_id=1, now=NOW)
    with write_tx(conn):
        hosts.let_go(conn, "one", "a", until=SOON)
    assert lease(conn, holder="two") == []
    with write_tx(conn):
        hosts.let_go(conn, "one", "a")
    assert lease(conn, holder="two") == ["a/2"]
    assert lease(conn, holder="one", now=LATER) == ["a/3"]


def test_who_died_holds_nothing(conn):
    add(conn, wanted("a/1"))
    with write_tx(conn):
        hosts.hold(conn, "a", f"{os.getpid()}.1.s", LATER)
        hosts.hold(conn, "b", "not a process", LATER)
        hosts.drop_dead_holders(conn, alive)
    assert lease(conn) == []
    with write_tx(conn):
        hosts.drop_dead_holders(conn, lambda holder: not holder.startswith(str(os.getpid())))
    assert lease(conn) == ["a/1"]


def test_a_feed_that_others_found_is_asked_again_in_every_run(conn):
    add(conn, wanted("a/feed", each_run=True), wanted("b/page"), wanted("c/api", each_run=True, request='{"x": 1}'))
    for row in leased(conn, limit=8):
        finish(conn, row.id)
    begin(conn, 1)
    assert lease(conn, limit=8) == []
    begin(conn, 2)
    assert lease(conn, run_id=2, limit=8) == ["a/feed"]


def test_counts_and_known_addresses(conn):
    add(conn, wanted("a/1"), wanted("a/2", source="blog"), wanted("b/1", source="blog"))
    lease(conn)
    assert frontier.counts(conn, "ev") == {"s": {"leased": 1}, "blog": {"todo": 2}}
    assert sorted(frontier.known(conn, "ev")) == [
        ("blog", "a/2", "http://a/2"), ("blog", "b/1", "http://b/1"), ("s", "a/1", "http://a/1"),
    ]  # fmt: skip


@pytest.mark.case("N4")
def test_what_robots_forbade_is_asked_for_again_after_a_day_and_costs_no_page(conn):
    add(conn, wanted("a/1"), wanted("b/2"))
    first, second = leased(conn, limit=2)
    finish(conn, first.id, "refused", "robots")
    finish(conn, second.id, "refused", "not_html")
    assert frontier.made(conn, "ev", "s", run_id=1) == 1
    begin(conn, 2, robots_before=NOW)
    assert lease(conn, run_id=2) == []
    begin(conn, 3, robots_before=SOON)
    assert states(conn) == {"a/1": ("todo", 0), "b/2": ("refused", 1)}
    assert lease(conn, run_id=3) == ["a/1"]
