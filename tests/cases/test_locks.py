"""S5, S6: a second writer, and a page that cannot be stored."""

import ast
import asyncio

import pytest

from harvester.errors import StorageBusy
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.cases.common import HEALTHY, page
from tests.test_boundaries import MODULES, dotted

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


@pytest.mark.case("S5")
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


@pytest.mark.case("S5")
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


@pytest.mark.case("S5")
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


@pytest.mark.case("S5")
def test_s5_a_lock_that_stays_is_our_error(tmp_path):
    first, second = open_db(tmp_path / "a.db", "create"), open_db(tmp_path / "a.db", busy_timeout_ms=100)
    with write_tx(first), pytest.raises(StorageBusy) as caught, write_tx(second):
        raise AssertionError("two writers")
    assert caught.value.exit_code == 75
    first.close()
    second.close()


@pytest.mark.case("S5")
def test_s5_who_writes_takes_the_lock_first():
    """A transaction that begins as a reader's cannot wait when it comes to write: SQLite fails it at once."""
    for path in MODULES:
        name = dotted(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("BEGIN"):
                allowed = "BEGIN" if name.startswith("harvester.cli.") else "BEGIN IMMEDIATE"  # commands read so
                assert node.value == allowed, f"{name}:{node.lineno}: use write_tx"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in ("commit", "executescript"), f"{name}:{node.lineno}: use write_tx"


# S6: a failing write fails the page, not silently the item


@pytest.mark.case("S6")
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
