"""Children forked by the nursery are watched like processes of one's own."""

import os
import signal
import subprocess
import sys
import time

import pytest

from harvester.crawl.nursery import Nursery


class Watched(Nursery):
    """Closes the pipes of its children too, as the supervisor does."""

    def __init__(self):
        super().__init__()
        self.born = []

    def bear(self, arguments):
        self.born.append(super().bear(arguments))
        return self.born[-1]


@pytest.fixture
def home():
    made = Watched()
    yield made
    made.close()
    for child in made.born:
        child.stdin.close()
        child.stderr.close()


def waiting(folder):
    """The command line of a child that waits: opening its database blocks, as nobody writes into the pipe."""
    os.mkfifo(folder / "no.db")
    return ["--db", str(folder / "no.db"), "--event", "e", "--source", "s", "--run-id", "1"]


def ended(child, seconds=20):
    until = time.monotonic() + seconds
    while child.poll() is None:
        assert time.monotonic() < until, "it does not end"
        time.sleep(0.01)
    return child.returncode


def test_each_child_has_its_own_end_and_its_own_words(home):
    children = [home.bear(["--no-such-option"]) for _ in range(5)]
    assert [ended(child) for child in children] == [2] * 5
    assert all(b"arguments are required" in child.stderr.read() for child in children)
    assert len({child.pid for child in children}) == 5


def test_a_long_command_line_arrives_whole(home):
    child = home.bear(["--no-such-option", "x" * 150_000])
    assert ended(child) == 2


def test_a_killed_child_is_told_by_its_signal(home, tmp_path):
    child = home.bear(waiting(tmp_path))
    child.kill()
    assert ended(child) == -signal.SIGKILL
    child.terminate()  # of one that has gone already: nothing happens


def test_a_lost_nursery_is_replaced_and_its_children_are_ended(home, tmp_path):
    first = home.bear(["--no-such-option"])
    assert ended(first) == 2
    lost = home.bear(waiting(tmp_path))
    os.kill(home._process.pid, signal.SIGKILL)
    home._process.wait()
    assert ended(lost) == -signal.SIGKILL
    again = home.bear(["--no-such-option"])
    assert ended(again) == 2


def test_it_ends_with_the_one_who_started_it(home):
    home.bear(["--no-such-option"])
    process = home._process
    home.close()
    assert process.returncode == 0


def test_nothing_that_it_loads_starts_a_reactor():
    code = (
        "import importlib, sys; from harvester.crawl import nursery\n"
        "for name in nursery._LOADED: importlib.import_module(name)\n"
        "import threading\n"
        "print('twisted.internet.reactor' in sys.modules, threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1"]
