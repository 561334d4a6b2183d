"""Feeds of real outlets' names in the invented web: mostly other subjects, some of its outlets' stories, one copy.

Nothing in them was published by those outlets; who runs the demo reads that on every page.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester.demo import talks
from harvester.demo.words import Deck, dice, table
from harvester.demo.world import JST, Doc, Site

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.people import Person
    from harvester.demo.world import World

# Name, host of the feed, its path, how it is written, and the host of its pages.
_FEEDS = (
    ("ITmedia", "rss.itmedia.co.jp", "/rss/2.0/itmedia_all.xml", "rss2", "www.itmedia.co.jp"),
    ("Impress Watch", "www.watch.impress.co.jp", "/data/rss/1.0/ipw/feed.rdf", "rss1", "www.watch.impress.co.jp"),
    ("Publickey", "www.publickey1.jp", "/atom.xml", "atom", "www.publickey1.jp"),
    ("gihyo.jp", "gihyo.jp", "/feed/atom", "atom", "gihyo.jp"),
    ("TechCrunch", "techcrunch.com", "/feed/", "rss2", "techcrunch.com"),
)
HOSTS = tuple(host for _, host, _, _, _ in _FEEDS)
_COPIES = ("www.publickey1.jp", "gihyo.jp")  # these carry a story of another outlet, as partners do
_OTHERS, _SEEN = 6, 3


def extend(world: World) -> None:
    """Copies of outlets' stories, under their authors' names."""
    rng = dice(f"media {world.seed}")
    fit = [doc for doc in world.stories("media") if doc.language == "ja" and doc.pages == 1 and not doc.missed]
    single = [doc for doc in fit if sum(other.story == doc.story for other in world.docs) == 1]
    for host, doc in zip(_COPIES, Deck(single, rng).hand(len(_COPIES)) if single else (), strict=False):
        name = next(name for name, _, _, _, pages in _FEEDS if pages == host)
        site = Site(host=host, title=f"{name} (架空)", look="outlet", owner=doc.site.owner)
        world.sites.append(site)
        url = f"https://{host}/articles/1612/news{rng.randint(10_000, 99_999)}.html"
        copy = Doc(
            url=url, site=site, author=doc.author, title=doc.title, blocks=doc.blocks, kind="news", story=doc.story,
            published=doc.published + timedelta(hours=rng.randint(3, 30)), relevant=True, copy_of=doc.url,
            why="a partner's copy of an outlet's story", relation="syndicated", byline=doc.byline,
        )  # fmt: skip
        world.docs.append(copy)


def event(world: World) -> str:  # noqa: ARG001 - every service is asked in the same way
    """The outlets of the registry that answer in this web."""
    return f"[source.media]\noutlets = {json.dumps([name for name, *_ in _FEEDS])}"


class Service:
    """Answers the outlets' feeds, and TechCrunch's for a tag."""

    def __init__(self, world: World) -> None:
        rng = dice(f"media feeds {world.seed}")
        stories = [doc for doc in world.stories("media") if not doc.missed and not doc.site.failure]
        self._replies: dict[tuple[str, str], Reply] = {}
        for name, host, path, shape, pages in _FEEDS:
            language = "en" if host == "techcrunch.com" else "ja"
            site = Site(host=host, title=f"{name} (架空)", look="outlet", owner=stories[0].author, language=language)
            told = [doc for doc in stories if doc.language == language]
            own = [doc for doc in world.docs if doc.site.host == pages and doc.relation == "syndicated"]
            shown = [*own, *(Deck(told, rng).hand(_SEEN) if told else ()), *_others(rng, site, pages)]
            self._replies[host, path] = talks.feed(site, shown, shape, path)
            if language == "en":
                self._replies[host, "/tag/reinvent/feed/"] = talks.feed(site, told, shape, "/tag/reinvent/feed/")

    def answer(self, asked: Asked) -> Reply | None:
        """A feed; everything else is pages."""
        return self._replies.get((asked.host, urlsplit(asked.target).path))


def _others(rng: random.Random, site: Site, pages: str) -> Sequence[Doc]:
    """Entries about other things, whose pages nobody asks for."""
    noise, nobody = table("noise_ja"), site.owner
    titles = Deck(noise["portal"]["titles"], rng).hand(_OTHERS)
    return [
        _other(rng, site, f"https://{pages}/articles/1611/{n:03d}.html", title, nobody)
        for n, title in enumerate(titles)
    ]


def _other(rng: random.Random, site: Site, url: str, title: str, author: Person) -> Doc:
    when = datetime(2016, 11, 20, 9, 0, tzinfo=JST) + timedelta(minutes=rng.randint(0, 20_000))
    return Doc(
        url=url, site=site, author=author, title=title, blocks=(f"{title}についての話題です。",), published=when,
        kind="news", story="", relevant=False, why="another subject",
    )  # fmt: skip
