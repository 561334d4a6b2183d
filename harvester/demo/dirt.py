"""Honest dirt: copies, near misses, other subjects, wrong labels, missing dates, and hosts that misbehave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from harvester.demo.words import Deck
from harvester.demo.world import JST, OFFICIAL_HOST, WRITTEN, Doc, Site

if TYPE_CHECKING:
    from harvester.demo.cast import Cast

DENY_ALL = "User-agent: *\nDisallow: /\n"
_MANY = 3
_NAMING = 2  # posts about something else that mention the event in one sentence
_BLOG_LOOKS = ("hatena", "wordpress", "hugo", "jekyll", "plain", "blogger", "livedoor", "note")
_FAULTS = (
    ("dead", "the host closes every connection"),
    ("robots", "its robots.txt forbids crawling, and no feed is advertised"),
    ("busy", "the host answers 429 and asks to come back in an hour"),
)


def spread(cast: Cast) -> None:
    """All of it, in an order that lets later dirt fall on earlier."""
    _listed_feeds(cast)
    _misses(cast)
    _crossposts(cast)
    _syndication(cast)
    _scrapers(cast)
    _other_years(cast)
    _locals(cast)
    _offtopic(cast)
    _undated(cast)
    _variants(cast)
    _robots(cast)


def _blogs(cast: Cast) -> list[Site]:
    """Places of participants and readers that are blogs."""
    return [s for s in cast.world.sites if s.look in _BLOG_LOOKS and s.owner.kind in ("participant", "independent")]


def _listed_feeds(cast: Cast) -> None:
    """Some blogs are known to the event's organisers: their feeds stand in the event file, with feeds' usual faults."""
    shapes = Deck(("full", "full", "full", "summary", "build_time", "jst", "broken"), cast.rng)
    for site in _blogs(cast):
        if site.feed and cast.rng.random() < 0.45:
            site.listed, site.feed_shape = True, shapes.deal()
            if site.feed_shape == "build_time" and sum(doc.site is site for doc in cast.world.docs) < _MANY:
                site.feed_shape = "full"  # one date says nothing: nobody could tell that it is the builder's


def _misses(cast: Cast) -> None:
    """Stories that nobody can fetch: their whole host refuses."""
    single = [
        d for d in cast.world.stories("participant")
        if d.site.look in ("wordpress", "hugo", "jekyll", "hatena") and not d.site.listed
        and sum(other.site is d.site for other in cast.world.docs) == 1
    ]  # fmt: skip
    for index, doc in enumerate(Deck(single, cast.rng).hand(cast.numbers.misses)):
        fault, doc.missed = _FAULTS[index % len(_FAULTS)]
        _break(doc.site, fault)


def _break(site: Site, fault: str) -> None:
    if fault == "robots":
        site.robots, site.feed = DENY_ALL, ""
    else:
        site.failure = fault


def _crossposts(cast: Cast) -> None:
    """One author, the same text on a second platform a day or two later."""
    own = [
        d for d in cast.world.stories("participant")
        if d.site.look in _BLOG_LOOKS and d.site.look != "note" and d.language == "ja" and not d.missed
    ]  # fmt: skip
    second = Deck(("qiita", "qiita", "note"), cast.rng)
    for doc in Deck(own, cast.rng).hand(cast.numbers.crossposts):
        site = cast.add_site(cast.places.site(doc.author, second.deal()))
        copy = cast.publish(
            site, doc.author, doc.text, when=doc.published + timedelta(hours=cast.rng.randint(5, 60)), relevant=True,
            why="the same author's copy on another platform", story=doc.story, copy_of=doc.url, relation="crosspost",
        )  # fmt: skip
        copy.blocks = (*copy.blocks, f"この記事は[[自分のブログ|{doc.url}]]からの転載です。")


def _syndication(cast: Cast) -> None:
    """One newsroom's article in another's pages."""
    news = [d for d in cast.world.stories("media") if d.language == "ja" and d.pages == 1]
    for doc in Deck(news, cast.rng).hand(cast.numbers.syndicated):
        others = [site for site in cast.world.outlets if site is not doc.site and site.listed]
        site = cast.rng.choice(others)
        copy = cast.publish(
            site, site.owner, doc.text, when=doc.published + timedelta(hours=cast.rng.randint(3, 20)), relevant=True,
            why=f"an article of {doc.site.title} in another outlet", kind="news", story=doc.story, copy_of=doc.url,
            relation="syndicated",
        )  # fmt: skip
        copy.byline = f"{doc.site.title}提供"


def _scrapers(cast: Cast) -> None:
    """Two sites that take others' texts: one the event file names, one that nobody has noticed yet."""
    world = cast.world
    sites: list[Site] = []
    for name, host in (("新着まとめ速報", "matome-sokuho.example.net"), ("技術記事コピー", "tech-kopipe.example.com")):
        account = world.registry.account("aggregator", name, host.split(".")[0])
        sites.append(cast.add_site(cast.places.company(account, host, name, "portal")))
    world.aggregator_hosts.append(sites[0].host)
    sites[0].listed = True
    victims = [d for d in world.docs if d.counted and d.kind == "article" and not d.missed and d.language == "ja"]
    victims = [d for d in victims if d.author.kind in ("participant", "independent")]
    for index, doc in enumerate(Deck(victims, cast.rng).hand(cast.numbers.scraped)):
        site = sites[index % 2]
        cast.publish(
            site, site.owner, doc.text, when=doc.published + timedelta(hours=cast.rng.randint(20, 70)), relevant=True,
            why="a scraper's copy", story=doc.story, copy_of=doc.url, relation="syndicated",
        )  # fmt: skip


def _elsewhere(cast: Cast) -> list[Site]:
    """Places where something besides the event is written, so that it is met on the way."""
    return [s for s in _blogs(cast) if s.listed and not s.failure] + [
        d.site for d in cast.world.docs if d.site.look == "qiita" and d.author.kind in ("participant", "independent")
    ]


def _other_years(cast: Cast) -> None:
    """The same people on the editions of 2015 and 2017; one looks back at 2015 in the middle of 2016's week."""
    sites = Deck(_elsewhere(cast), cast.rng)
    for index in range(cast.numbers.other_years):
        year = 2015 if index % 2 == 0 else 2017
        site = sites.deal()
        month, day = (10, cast.rng.randint(8, 30)) if year == 2015 else (12, cast.rng.randint(1, 20))
        when = datetime(year, month, day, cast.rng.randint(7, 23), 15, tzinfo=JST)
        if index == 0:
            when = datetime(2016, 12, 6, 21, 10, tzinfo=JST)
        doc = cast.publish(
            site, site.owner, cast.desk.other_year(year), when=when, relevant=False, why=f"about the edition of {year}"
        )
        doc.tags = ("AWS", "reinvent") if site.look == "qiita" else ()


def _locals(cast: Cast) -> None:
    """Other meetings of the same people in the same weeks."""
    sites = Deck(_elsewhere(cast), cast.rng)
    for index in range(cast.numbers.locals):
        site, text = sites.deal(), cast.desk.local(naming=index == 0)
        cast.publish(site, site.owner, text, when=cast.when(3), relevant=False, why="about another meeting")


def _offtopic(cast: Cast) -> None:
    """What people also write about, in feeds that have to be read anyway."""
    places = [*_elsewhere(cast), *(site for site in cast.world.outlets if site.listed)]
    sites = Deck([s for s in places if s.look != "qiita"], cast.rng)
    for index in range(cast.numbers.offtopic):
        site, text = sites.deal(), cast.desk.offtopic(naming=index < _NAMING)
        doc = cast.publish(site, site.owner, text, when=cast.when(), relevant=False, why="another subject")
        if site.look == "outlet":
            doc.kind, doc.byline = "news", f"{site.title}編集部"


def _undated(cast: Cast) -> None:
    """Pages without any date; they still name the event by its tag or its page."""
    silent = [d for d in cast.world.stories("participant") if d.site.look in ("hugo", "plain")]
    for doc in [d for d in silent if not d.site.listed and not d.missed][:2]:
        doc.shown = "none"
        doc.blocks = (*doc.blocks, f"公式サイトは [[re:Invent 2016|https://{OFFICIAL_HOST}/]] です。 #reinvent")


def _variants(cast: Cast) -> None:
    """Second addresses of the same page: AMP, mobile, and a former host that redirects."""
    world, rng = cast.world, cast.rng
    for doc in world.docs:
        if doc.kind not in WRITTEN or doc.missed:
            continue
        if doc.site.look == "wordpress" and rng.random() < 0.5:
            doc.aliases.append(doc.url + "amp/")
        elif doc.site.look == "outlet" and rng.random() < 0.4:
            doc.aliases.append(doc.url.replace("https://", "https://sp.", 1))
        elif doc.site.look == "note":
            doc.aliases.append(doc.url.replace("//note.com/", "//note.mu/"))
            world.redirects[doc.aliases[-1]] = doc.url
        elif doc.site.look == "jekyll" and rng.random() < 0.5:
            doc.aliases.append(_former(doc))
            world.redirects[doc.aliases[-1]] = doc.url


def _former(doc: Doc) -> str:
    return doc.url.replace("https://", "http://old-", 1)


def _robots(cast: Cast) -> None:
    """The robots.txt that platforms have, and one host that refuses everybody."""
    for site in cast.world.sites:
        if site.look == "qiita":
            site.robots = "User-agent: *\nDisallow: /api/*\nDisallow: /search\nAllow: /api/v2/docs\n"
        elif site.look == "note":
            site.robots = "User-agent: *\nDisallow: /api/*\n"
        elif site.look in ("wordpress", "corporate") and site.robots is None:
            site.robots = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"
