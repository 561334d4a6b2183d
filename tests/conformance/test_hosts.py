"""Who owns a host, by the form of its address alone: media against blogs, on lists of others. Figures are printed.

Each host is judged as any post is (`role.judge`), at an event whose file declares nobody, without text, title or name;
the registry is shipped without the hosts that were drawn. The vocabulary was looked at on half A only (by hash of the
host); half B was kept for the figure.
"""

import hashlib
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harvester import outlets, urls
from harvester.classify import role
from harvester.event import Event
from harvester.model import Author, Post
from tests.conformance import data

SEED, SAMPLE = 20161221, 500
NOWHERE = Event(
    slug="none", name="No Such Event", starts=datetime(2016, 1, 1, tzinfo=UTC), ends=datetime(2016, 1, 2, tzinfo=UTC),
    timezone="UTC", report_timezone="UTC",
)  # fmt: skip
OWNER = {"media": "media", "company_blog": "community", "personal_blog": "community"}


def hosts_of(side):
    """Host to address of those on one side; not what two lists give to different owners, nor what is no host."""
    found = {}
    for row in data.jsonl("domains.jsonl"):
        if outlets.is_host(row["host"]):
            found.setdefault(row["host"], []).append((OWNER.get(row["label"]), row["url"] or row["host"]))
    wanted = {host: rows[0][1] for host, rows in found.items() if {owner for owner, _ in rows} == {side}}
    return {host: url if "://" in url else f"https://{url}/" for host, url in sorted(wanted.items())}


def half(host):
    return "AB"[int(hashlib.sha256(host.encode()).hexdigest(), 16) % 2]


def without(drawn, monkeypatch):
    """The shipped registry without outlets whose hosts, or those above or below them, were drawn."""
    shipped = outlets.shipped()

    def meets(row):
        bare = [host.removeprefix("www.") for host in row.hosts]
        return any(
            host == own or host.endswith("." + own) or own.endswith("." + host) for own in bare for host in drawn
        )

    left = replace(shipped, outlets=tuple(row for row in shipped.outlets if not meets(row)))
    monkeypatch.setattr(outlets, "shipped", lambda: left)
    return left


def side_of(address):
    """The side that a post at the address is decided for, as `classify` would."""
    url, found = urls.canonical(address), urls.identify(address)
    host = urls.host_of(url)
    author = Author(platform=found.platform, handle=found.handle or host)
    kind = found.kind or "article"
    post = Post(key=urls.key_for(url), url=url, kind=kind, platform=found.platform, host=host, author=author)
    return role.judge(role.AuthorView(author=author), [post], NOWHERE).side


def tally(sides):
    """Counts by true side and outcome, and the shares of all: decided right, wrong, unknown."""
    said = Counter()
    for side, found in sides.items():
        for url in found.values():
            answer = side_of(url)
            said[side, "unknown" if answer == "unknown" else "right" if answer == side else "wrong"] += 1
    total = sum(said.values()) or 1
    return said, {
        outcome: sum(said[side, outcome] for side in sides) / total for outcome in ("right", "wrong", "unknown")
    }


def printed(capsys, title, sides, said, shares):
    with capsys.disabled():
        print(f"\n{title}: " + ", ".join(f"{outcome} {share:.1%}" for outcome, share in shares.items()))
        for side, found in sides.items():
            counts = ", ".join(f"{outcome} {said[side, outcome]}" for outcome in ("right", "wrong", "unknown"))
            print(f"  {side:<10} {len(found)} hosts: {counts}")


def test_hosts_drawn_at_random_are_decided_from_structure_or_left_open(capsys, monkeypatch):
    rng = random.Random(SEED)
    sides = {}
    for side in ("media", "community"):
        everything = hosts_of(side)
        drawn = rng.sample(list(everything), min(SAMPLE, len(everything)))
        sides[side] = {host: everything[host] for host in drawn}
    left = without([host for found in sides.values() for host in found], monkeypatch)
    said, shares = tally(sides)
    printed(capsys, f"hosts, seed {SEED}, {len(left.outlets)} outlets left", sides, said, shares)
    assert {host for found in sides.values() for host in found if left.outlet(host)} == set()
    assert shares["wrong"] <= 0.02
    assert said["media", "right"] >= 0.45 * len(sides["media"])
    assert said["community", "right"] >= 0.50 * len(sides["community"])


@pytest.mark.parametrize("which", ["A", "B"])
def test_the_half_that_was_looked_at_and_the_one_that_was_not(which, capsys, monkeypatch):
    sides = {
        side: {host: url for host, url in hosts_of(side).items() if half(host) == which}
        for side in ("media", "community")
    }
    nobody = replace(outlets.shipped(), outlets=())
    monkeypatch.setattr(outlets, "shipped", lambda: nobody)
    said, shares = tally(sides)
    printed(capsys, f"hosts, half {which}, no outlet known", sides, said, shares)
    for side, found in sides.items():
        assert said[side, "wrong"] <= 0.03 * len(found), side
        assert said[side, "right"] >= 0.45 * len(found), side
