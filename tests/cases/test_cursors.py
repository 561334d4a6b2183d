"""C7: marks of what was read survive lag, crashes and a service that has forgotten them."""

from __future__ import annotations

import os
import re
import signal
import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers import Answer, as_json

# C7: cursors survive lag, crashes and death

FIRST_ID = 1288834974657  # milliseconds of the Unix time at which ids of X begin to count


def post_id(at):
    return (int(at.timestamp() * 1000) - FIRST_ID) << 22


class FakeX:
    """X's recent search over posts that a test adds: two a page, and marks that it may refuse to take."""

    def __init__(self):
        self.posts, self.refuses, self.searches = {}, lambda given: False, []
        self.routes = {("api.x.com", "*"): self.answer}

    def write(self, text, at):
        self.posts[post_id(at)] = {"id": str(post_id(at)), "text": f"#meetup {text}", "author_id": "5",
                                   "created_at": f"{at:%Y-%m-%dT%H:%M:%S.000Z}"}  # fmt: skip

    def answer(self, seen):
        given = seen.query
        if not seen.path.startswith("/2/tweets/"):
            return Answer(b"", 404)
        if self.refuses(given):
            return as_json(
                {"title": "Invalid Request", "errors": [{"message": "'since_id' is too old; ask anew"}]}, 400
            )
        start = datetime.fromisoformat(given.get("start_time", "2006-01-01T00:00:00Z"))
        since = max(post_id(start), int(given.get("since_id", 0)))
        found = [self.posts[number] for number in sorted(self.posts, reverse=True) if number > since]
        if "/counts/" in seen.path:
            return as_json({"data": [], "meta": {"total_tweet_count": len(found)}})
        self.searches.append(given)
        first = int(given.get("next_token", 0))
        meta = {"result_count": len(found[first : first + 2])}
        if found[first : first + 2]:
            meta |= {"newest_id": found[first]["id"]}
        if first + 2 < len(found):
            meta |= {"next_token": str(first + 2)}
        users = [{"id": "5", "username": "aoi", "name": "Aoi"}]
        return as_json({"data": found[first : first + 2], "includes": {"users": users}, "meta": meta})


@pytest.fixture
def x(site):
    """A site whose event is under way, with the real source of X and an X of its own."""
    faked = FakeX()
    made = site(faked.routes, modules=("spiders.x",))
    made.environment = {"X_BEARER_TOKEN": "token-of-a-test"}
    today = datetime.now(UTC)
    keys = (
        f"name = 'The Meetup'\nslug = 'meetup'\nhashtags = ['meetup']\nstarts = {today - timedelta(days=20):%Y-%m-%d}\n"
        f"ends = {today + timedelta(days=20):%Y-%m-%d}\ntimezone = 'Asia/Tokyo'\n"
    )
    (made.folder / "meetup.toml").write_text(keys, encoding="utf-8")
    made.x = faked
    return made


def crawl_x(made, *options):
    return made.crawl("--source", "x", *options)


def posts_of(made):
    return {text.removeprefix("#meetup ") for (text,) in made.rows("SELECT text FROM posts WHERE platform = 'x'")}


@pytest.mark.case("C7")
def test_c7_a_walk_that_died_goes_on_where_it_was_and_late_posts_are_found(x):
    now = datetime.now(UTC)
    for number in range(10):
        x.x.write(f"n{number}", now - timedelta(hours=number + 1))
    died = threading.Event()
    whole = x.x.answer

    def third_page_hangs(seen):
        if seen.query.get("next_token") == "4" and not died.is_set():
            return Answer(hang=True)
        return whole(seen)

    x.server.routes[("api.x.com", "*")] = third_page_hangs
    process = x.start("--source", "x")
    x.wait_until(lambda: [seen for seen in x.server.hits() if seen.query.get("next_token") == "4"], 60)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert len(posts_of(x)) == 4
    died.set()
    x.x.searches.clear()
    done = crawl_x(x)
    assert done.code == 0, done
    assert [given.get("next_token") for given in x.x.searches] == ["4", "6", "8"]
    assert posts_of(x) == {f"n{number}" for number in range(10)}
    # A post that is older than the mark and was not findable when that was set.
    x.x.write("late", now - timedelta(hours=1, minutes=8))
    x.x.write("new", now - timedelta(minutes=5))
    x.x.searches.clear()
    assert crawl_x(x).code == 0
    assert {"late", "new"} <= posts_of(x)
    assert len(x.x.searches) == 2  # two to a page: what is new, the overlap
    assert {int(given["since_id"]) for given in x.x.searches} == {post_id(now - timedelta(hours=1, minutes=10))}


@pytest.mark.case("C7")
def test_c7_a_mark_that_is_refused_costs_one_backfill_and_a_warning_and_twice_an_error(x):
    now = datetime.now(UTC)
    x.x.write("old", now - timedelta(days=9))
    x.x.write("before", now - timedelta(hours=2))
    assert crawl_x(x).code == 0
    x.x.refuses = lambda given: "since_id" in given
    x.x.write("late", now - timedelta(days=6))  # in the week before the mark
    x.x.write("after", now - timedelta(hours=1))
    x.x.searches.clear()
    first = crawl_x(x, "--cron")
    assert (first.code, first.out) == (0, ""), first
    assert re.fullmatch(
        r"Warning: x: mark refused, what is up to a week older was read again: .+ \(.+too old.+\)\n", first.err
    )
    assert posts_of(x) == {"before", "late", "after"} | ({"old"} & posts_of(x))
    (start,) = {given["start_time"] for given in x.x.searches}
    back = now - timedelta(hours=2) - datetime.fromisoformat(start)
    assert timedelta(days=6) < back <= timedelta(days=7, seconds=1)
    assert x.sources()["x"][0] == "ok"
    assert x.rows("SELECT resets FROM checkpoints") == [(1,)]
    x.x.write("again", now - timedelta(minutes=30))
    second = crawl_x(x)
    assert second.code == 1, second
    assert "mark refused, 2 times in a row" in second.out
    assert "again" in posts_of(x)  # nothing is lost while somebody has to look
    x.x.refuses = lambda given: False
    third = crawl_x(x)
    assert third.code == 0, third
    assert "mark refused" not in third.out
    assert x.rows("SELECT resets FROM checkpoints") == [(0,)]  # the next refusal is a first one


@pytest.mark.case("C7")
def test_c7_a_backfill_that_is_refused_too_is_an_error_at_once(x):
    x.x.write("before", datetime.now(UTC) - timedelta(hours=2))
    assert crawl_x(x).code == 0
    marks = x.rows("SELECT query, json_extract(cursor, '$.since') FROM checkpoints")
    x.x.refuses = lambda given: True
    x.x.searches.clear()
    done = crawl_x(x)
    assert done.code == 1, done
    assert x.sources()["x"][0] == "partial"
    assert len(x.server.hits(host="api.x.com")) < 8
    assert x.rows("SELECT query, json_extract(cursor, '$.since') FROM checkpoints") == marks


@pytest.mark.case("C7")
def test_c7_pages_by_number_are_read_to_the_end_after_a_crash_and_late_articles_found(site):
    now = datetime.now(UTC)
    articles = {f"a{number:02}": now - timedelta(hours=number + 1) for number in range(10)}
    hangs = threading.Event()

    def answer(seen):
        if seen.path != "/api/v2/items":
            return Answer(b"", 404)
        number, size = int(seen.query["page"]), int(seen.query["per_page"])
        if number == 3 and not hangs.is_set():
            return Answer(hang=True)
        newest_first = sorted(articles, key=articles.get, reverse=True)[(number - 1) * 2 :][:2]
        found = [
            {"id": name, "url": f"https://qiita.com/aoi/items/{name}", "title": f"The Meetup {name}", "body": "読んだ",
             "created_at": articles[name].isoformat(), "user": {"id": "aoi"}}
            for name in newest_first
        ]  # fmt: skip
        total = size * 4 + 1 if len(articles) == 10 else size * 5  # five pages
        return as_json(found, Total_Count=str(total))

    made = site({("qiita.com", "*"): answer}, modules=("spiders.qiita",))
    starts = f"starts = {now - timedelta(days=1):%Y-%m-%d}\nends = {now:%Y-%m-%d}"
    text = f"name = 'The Meetup'\nslug = 'meetup'\n{starts}\ntimezone = 'Asia/Tokyo'\n"
    (made.folder / "meetup.toml").write_text(text, encoding="utf-8")
    process = made.start()
    made.wait_until(lambda: [seen for seen in made.server.hits("/api/v2/items") if seen.query["page"] == "3"], 60)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert len(made.titles()) == 4
    assert made.rows("SELECT cursor FROM checkpoints") == []  # it moves with the last page only
    hangs.set()
    made.server.forget()
    done = made.crawl()
    assert done.code == 0, done
    assert {"3", "4", "5"} <= {seen.query["page"] for seen in made.server.hits("/api/v2/items")}
    assert made.titles() == {f"The Meetup {name}" for name in articles}
    assert len(made.rows("SELECT cursor FROM checkpoints WHERE query NOT LIKE 'user:%'")) == 1
    articles["late"] = now - timedelta(hours=3, minutes=30)
    assert made.crawl().code == 0
    assert "The Meetup late" in made.titles()
