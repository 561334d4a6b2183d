"""The registry of outlets: sound as it is shipped, refused when it is not; whose outlets an event has."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from harvester import event as events
from harvester import outlets
from harvester.event.data import Outlet as OwnOutlet
from harvester.source import Note
from spiders.media import Media

EVENT = events.load((Path(__file__).parent / "fixtures" / "event.toml").read_text("utf-8"), "event.toml")
ROW = """[[outlet]]
name = "A"
hosts = ["a.example"]
feed = "https://a.example/feed"
language = "ja"
confidence = "checked"
provenance = "invented"
"""


def test_the_registry_is_sound_and_has_both_languages():
    shipped = outlets.registry()
    assert {"ja", "en"} <= {outlet.language for outlet in shipped}
    assert {outlet.kind for outlet in shipped} <= set(outlets.KINDS)
    with_feed = [outlet for outlet in shipped if outlet.feed]
    assert sum(outlet.trusted for outlet in with_feed) > len(with_feed) / 2
    assert all(outlet.confidence != "known" for outlet in with_feed)
    assert [outlet.name for outlet in shipped if outlet.trusted and not outlet.feed] == []


@pytest.mark.parametrize(
    ("host", "path", "found"),
    [
        ("cloud.watch.impress.co.jp", "/docs/news/1.html", "cloud.watch.impress.co.jp"),
        ("bb.watch.impress.co.jp", "/", "watch.impress.co.jp"),
        ("gizmodo.jp", "/", "www.gizmodo.jp"),
        ("www.nytimes.com", "/2016/", "nytimes.com"),
        ("blogs.itmedia.co.jp", "/aoi/1", ""),
        ("www.forbes.com", "/sites/aoi/2016/12/05/x", ""),
        ("www.forbes.com", "/2016/x", "forbes.com"),
        ("prtimes.jp", "/main/1", ""),
        ("aoi.example", "/", ""),
    ],
)
def test_the_longest_host_decides_and_guests_are_nobodys(host, path, found):
    assert outlets.shipped().outlet(host, path) == found


def test_wires_and_aggregators_are_no_outlets():
    shipped = outlets.shipped()
    assert (shipped.wire("www.prtimes.jp"), shipped.wire("gihyo.jp")) == ("prtimes.jp", "")
    assert shipped.aggregator("togetter.com") == "togetter.com"
    assert shipped.aggregator("togetter.com", ("copies",)) == ""
    assert shipped.aggregator("prtimes.jp") == shipped.aggregator("gihyo.jp") == ""
    roofs = [(guest.place.partition("/")[0], guest) for guest in shipped.guests]
    assert all(guest.reason for _, guest in roofs)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('"https://a.example/feed"', '"http://a.example/feed"', "does not begin with https://"),
        ('["a.example"]', '["A.example/x"]', "A.example/x is no host"),
        ('["a.example"]', '"a.example"', "hosts is a list"),
        ('"ja"', '"japanese"', "language japanese is no two letters"),
        ('"checked"', '"sure"', "confidence is one of checked, listed, known, doubtful"),
        ('provenance = "invented"', "", "no provenance"),
        ('"invented"', '"invented"\nsearch = "https://a.example/tag/"', "search has no {tag}"),
        ('"invented"', '"invented"\nkind = "paper"', "kind is one of it, business, general, trade"),
        ('"invented"', '"invented"\ncolour = "red"', "nobody reads colour"),
    ],
)
def test_a_row_that_is_wrong_is_named(was, becomes, told):
    assert outlets.read(ROW)[0].hosts == ("a.example",)
    with pytest.raises(ValueError, match=r"^A: ") as refused:
        outlets.read(ROW.replace(was, becomes))
    assert told in str(refused.value)


def test_no_name_host_or_feed_stands_twice():
    with pytest.raises(
        ValueError, match=r"^a stands twice; a.example stands twice; https://a.example/feed stands twice$"
    ):
        outlets.read(ROW + ROW)
    with pytest.raises(ValueError, match="no outlets"):
        outlets.read("")


def asked(event, **options):
    """Query to address of what the source asks for."""
    spider = Media(replace(event, sources={"media": options}))
    spider.prepare(spider.event, event.ends, lambda _: "", {})
    wanted = [outlet for outlet in outlets.registry() if spider.wanted(outlet)]
    return {name: outlet.feed for outlet in wanted if (name := spider.name_of(outlet))}


def test_the_languages_follow_the_reports_and_doubtful_feeds_must_be_named():
    japanese = asked(EVENT)
    assert {"Publickey", "TechCrunch"} <= set(japanese)
    assert "CNET Japan" not in japanese
    assert asked(EVENT, outlets=["cnet japan"]) == {"CNET Japan": "https://japan.cnet.com/rss/index.rdf"}
    abroad = asked(replace(EVENT, report_timezone="Europe/Berlin"))
    assert "TechCrunch" in abroad
    assert "Publickey" not in abroad
    assert set(asked(EVENT, languages=["ja"])) == set(japanese) - set(abroad)


def test_an_outlet_of_the_event_file_goes_before_the_registry():
    own = OwnOutlet(name="Our Publickey", hosts=("publickey1.jp", "www.publickey1.jp"), feed="https://x.example/rss")
    with_feed = replace(EVENT, media_outlets=(own,))
    assert "https://www.publickey1.jp/atom.xml" not in asked(with_feed).values()
    without = replace(EVENT, media_outlets=(replace(own, feed=""),))
    assert asked(without)["Our Publickey"] == "https://www.publickey1.jp/atom.xml"
    listed = replace(EVENT, feeds=("https://www.publickey1.jp/atom.xml",))
    assert "Publickey" not in asked(listed)


def notes(**options):
    spider = Media(replace(EVENT, sources={"media": options}))
    spider.prepare(spider.event, EVENT.ends, lambda _: "", {})

    async def all_of():
        return [found async for found in spider.start()]

    return [found.reason for found in asyncio.run(all_of()) if isinstance(found, Note)]


def test_an_outlet_without_a_known_feed_is_told_apart_from_one_nobody_knows():
    assert notes(outlets=["朝日新聞", "No Such Paper"]) == [
        "no feed of 朝日新聞 is known; give one in a [[media]] block",
        "no outlet No Such Paper in the registry",
    ]
