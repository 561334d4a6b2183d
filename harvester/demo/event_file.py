"""The event file of an invented world: what its organisers would know and write down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harvester.demo import services
from harvester.demo.web import TAG_PAGE
from harvester.demo.world import HASHTAGS, NAME, OFFICIAL_HOST, SLUG, VENDOR_HOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.demo.people import Person
    from harvester.demo.world import World

_HEAD = """# {name}, as the demo of harvester invents it (seed {seed}). Nobody and nothing in it is real.
name = {quoted}
slug = "{slug}"
names = ["re:Invent 2016", "re:Invent2016", "reinvent 2016"]
hashtags = {hashtags}
negative = ["re:Invent 2015", "re:Invent 2017", "re:Port", "AWS Summit"]
series = "reinvent"
edition = "2016"
city = "Las Vegas"

starts = 2016-11-28T08:00:00-08:00
ends = 2016-12-02T13:00:00-08:00
timezone = "America/Los_Angeles"
report_timezone = "Asia/Tokyo"

official_hosts = {official}
official_handles = {handles}
vendor_names = ["Amazon Web Services", "AWS"]
sponsor_hosts = {sponsors}
aggregator_hosts = {aggregators}
wire_hosts = {wires}

event_urls = ["https://{official_host}/"]
feeds = {feeds}
pages = {pages}
"""


def render(world: World) -> str:
    """The TOML text."""
    people = world.people
    head = _HEAD.format(
        name=NAME, seed=world.seed, quoted=_value(NAME), slug=SLUG, hashtags=_value(HASHTAGS),
        official_host=OFFICIAL_HOST, official=_value([OFFICIAL_HOST, VENDOR_HOST]),
        handles=_value([f"x:@{p.x_handle}" for p in people if p.kind == "vendor" and not p.subkind]),
        sponsors=_value(world.sponsor_hosts), aggregators=_value(world.aggregator_hosts),
        wires=_value(world.wire_hosts),
        feeds=_value([s.feed_url for s in world.sites if s.listed and s.feed and s.look != "outlet"]),
        pages=_value(_pages(world)),
    )  # fmt: skip
    listed = [p for p in people if p.listed] + world.registered
    tables = [
        _people("organisers", [p for p in people if p.kind == "organiser"] + world.staff),
        _people("speakers", [p for p in people if p.speaker]),
        _people("attendees", sorted(listed, key=lambda p: p.handle)),
        _people("press", world.press),
        *(_outlet(world, index) for index in range(len(world.outlets))),
        "\n[crawl]\nmax_depth = 2\ndeadline_minutes = 15\n",
        services.event(world),
    ]
    return head + "".join(tables)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _pages(world: World) -> list[str]:
    lists = [doc.url for doc in world.docs if doc.optional]
    return lists + [f"https://{site.host}{TAG_PAGE}" for site in world.sites if site.look == "corporate"]


def _people(key: str, people: Sequence[Person]) -> str:
    blocks = []
    for person in people:
        handles = [*person.homes, f"x:@{person.x_handle}"]
        organisation = f"organisation = {_value(person.organisation)}\n" if person.organisation else ""
        blocks.append(f"\n[[{key}]]\nname = {_value(person.name)}\nhandles = {_value(handles)}\n{organisation}")
    return "".join(blocks)


def _outlet(world: World, index: int) -> str:
    site = world.outlets[index]
    feed = f"feed = {_value(site.feed_url)}\n" if site.listed else ""
    return (
        f"\n[[media]]\nname = {_value(site.title)}\nhosts = {_value([site.host, 'sp.' + site.host])}\n{feed}"
        f"language = {_value(site.language)}\n"
    )
