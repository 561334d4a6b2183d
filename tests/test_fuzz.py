"""The fuzz target itself: it reads, it finds what is broken, and it finds nothing for a few seconds."""

import random

from harvester.crawl.parse_worker import Answer
from harvester.model import Draft, Parsed
from tests import fuzz


def test_a_few_seconds_find_nothing(tmp_path):
    tally = fuzz.fuzz(4, 20161201, tmp_path / "findings")
    assert tally.findings == []
    assert tally.bodies > 20
    assert tally.states["read"] > 10


def test_a_seed_makes_the_same_bodies():
    seeds = fuzz.corpus()
    first, again = (fuzz.mutated(random.Random(5), seeds) for _ in range(2))
    assert first == again
    assert first not in seeds


def test_faults_are_told_apart_from_refusals():
    assert fuzz.fault(Answer(state="not_a_feed")) == ""
    assert fuzz.fault(Answer(state="parse_error", detail="IndexError: x")) == "IndexError: x"
    assert fuzz.fault(Answer(state="parse_timeout"))
    assert fuzz.fault(Answer(parsed=Parsed(kind="feed", drafts=(Draft(url="http://[::1"),)))) == ""
