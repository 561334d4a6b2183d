"""C: signals, overlapping runs, sources that fail in their own way, exit codes."""

import resource
import signal
import time
from datetime import UTC, datetime

import pytest

from harvester.crawl.lock import hold
from harvester.store.open import open_db
from tests.cases.common import chain, command_of, descendants, page
from tests.evil import article, attribute_bomb
from tests.servers import Answer, html

# C1: TERM and INT finish the unit; a second signal is safe


@pytest.mark.parametrize(
    ("signals", "code"),
    [([signal.SIGTERM], 143), ([signal.SIGTERM, signal.SIGTERM], 143), ([signal.SIGINT], 130)],
    ids=["TERM", "TERM-twice", "INT"],
)
@pytest.mark.case("C1")
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


@pytest.mark.case("C2")
def test_c2_a_second_crawl_is_refused_at_once_and_names_the_first(site):
    made = site(chain(60, delay=0.1), pages=["https://a.example/0"])
    first = made.start()
    made.wait_until(lambda: made.server.hits(host="a.example"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    second = made.crawl()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert second.code == 75, second
    assert f"(pid {first.pid} since 20" in second.err
    assert second.out == ""
    # At once: it waits for nothing, and computes for less than a second however busy the machine is.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1
    assert second.seconds < 5
    quiet = made.crawl("--quiet-lock")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=30)


@pytest.mark.case("C2")
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


@pytest.mark.case("C3")
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


@pytest.mark.case("C3")
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
@pytest.mark.case("C4")
def test_c4_exit_codes(site, situation):
    code, run = SITUATIONS[situation]
    made = site({"/": html("hello"), ("keyed.example", "/"): Answer(b"{}", 401)}, modules=("tests.broken_sources",))
    made.environment = {"HARVEST_TEST_KEY": "any-key-at-all"}
    done = run(made)
    assert done.code == code, done
    assert "Traceback" not in done.err, done
