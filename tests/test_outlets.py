"""The registry of outlets: sound as it is shipped, refused when it is not; whose outlets an event has."""

from dataclasses import replace
from pathlib import Path

import pytest

from harvester import event as events
from harvester import outlets
from harvester.event.data import Outlet as OwnOutlet
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
    assert {outlet.language for outlet in shipped} == {"ja", "en"}
    assert sum(outlet.trusted for outlet in shipped) > len(shipped) / 2
    hosts = [host for outlet in shipped for host in outlet.hosts]
    nested = [(one, other) for one in hosts for other in hosts if one.endswith("." + other)]
    assert nested == []  # which of two outlets a host belongs to would depend on the order


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('"https://a.example/feed"', '"http://a.example/feed"', "does not begin with https://"),
        ('["a.example"]', '["A.example/x"]', "A.example/x is no host"),
        ('["a.example"]', '"a.example"', "hosts is a list"),
        ('"ja"', '"japanese"', "language japanese is no two letters"),
        ('"checked"', '"sure"', "confidence is one of checked, listed, doubtful"),
        ('provenance = "invented"', "", "no provenance"),
        ('"invented"', '"invented"\nsearch = "https://a.example/tag/"', "search has no {tag}"),
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
