"""Walks through days: whatever a service shows of a question, everything is met once it can be, and gaps are told."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester import event as events
from harvester.walks import windows

EVENT = events.load((Path(__file__).parent / "fixtures" / "event.toml").read_text("utf-8"), "event.toml")
NOW = datetime(2026, 5, 10, 3, tzinfo=UTC)
SIZE, PAGES = 2, 3


def walked(held, *, stop_after=None):
    """Walk over `held` (day → records there) against a service that shows PAGES of SIZE; (met, the walk's end)."""
    cursor, met, asked = "", set(), 0
    walk = windows.begin(EVENT, NOW, cursor)
    while walk["windows"]:
        first, end = walk["windows"][-1]
        there = sorted(
            (f"{day}#{n}" for day, many in held.items() if first <= day < end for n in range(many)), reverse=True
        )
        page = walk["page"]
        came = there[(page - 1) * SIZE : page * SIZE]
        met |= set(came)
        more = page * SIZE < len(there)
        walk = windows.turn(walk, came=len(came), left=0, total=len(there), more=more, size=SIZE, pages=PAGES)
        asked += 1
        if stop_after and asked % stop_after == 0:  # the crawl ends here, and the next one goes on
            cursor = windows.cut(cursor, json.loads(json.dumps(walk)))
            assert windows.is_cut(cursor)
            walk = windows.begin(EVENT, NOW + timedelta(days=asked), cursor)
    return met, walk


DAYS = [(date(2026, 5, 2) + timedelta(days=n)).isoformat() for n in range(32)]


@given(st.dictionaries(st.sampled_from(DAYS), st.integers(0, 9), max_size=32), st.integers(0, 3))
def test_everything_that_can_be_shown_is_met_and_counted_once(held, stop_after):
    met, walk = walked(held, stop_after=stop_after)
    shown = {f"{day}#{n}" for day, many in held.items() for n in range(many)}
    hidden = {day for day, many in held.items() if many > SIZE * PAGES}
    assert {entry.partition("#")[0] for entry in shown - met} <= hidden
    assert walk["capped"] is bool(hidden)
    assert walk["total"] == len(shown)
    if not hidden:
        assert walk["seen"] == len(shown)


@pytest.mark.parametrize(
    ("now", "cursor", "expected"),
    [
        ("2026-04-30", "", None),
        ("2026-05-01", "", None),
        ("2026-05-02", "", ("2026-05-02", "2026-06-03")),
        ("2026-05-20", "2026-05-19", ("2026-05-02", "2026-06-03")),
        ("2026-06-10", "2026-06-09", ("2026-05-11", "2026-06-03")),
        ("2026-06-10", "2026-05-05", ("2026-05-05", "2026-06-03")),
        ("2027-01-15", "2027-01-01", None),
        ("2027-02-15", "2027-01-01", ("2026-05-02", "2026-06-03")),
    ],
)
def test_which_days_a_crawl_asks_for(now, cursor, expected):
    walk = windows.begin(EVENT, datetime.fromisoformat(f"{now}T03:00:00+00:00"), cursor)
    assert (tuple(walk["windows"][0]) if walk else None) == expected
    assert walk is None or (walk["since"], len(walk["windows"])) == (expected[0], 1)


def test_a_walk_that_was_cut_short_goes_on_whatever_day_it_is():
    walk = windows.over("2026-05-02", "2026-05-18", NOW) | {"page": 7, "seen": 300}
    cursor = windows.cut("2026-05-01", walk)
    assert windows.begin(EVENT, NOW + timedelta(days=400), cursor) == walk
    assert (windows.mark_of(cursor), windows.mark_of("2026-05-01"), windows.mark_of("")) == (
        "2026-05-01",
        "2026-05-01",
        "",
    )
