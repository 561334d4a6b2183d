"""Those whose business it is to write: newsrooms, the vendor, sponsors, press offices, and the tour's organisers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harvester.demo.words import Deck, table
from harvester.demo.world import VENDOR_HOST, Doc, Site

if TYPE_CHECKING:
    from harvester.demo.cast import Cast
    from harvester.demo.people import Person

_HOSTS = ("www.{slug}.example.jp", "news.{slug}.example.com", "{slug}.example.jp", "it.{slug}.example.com")
# How an outlet's feed is written, and in which zone words its dates are.
_FEEDS = (("rss1", "full"), ("rss2", "jst"), ("atom", "full"), ("rss2", "summary"), ("rss1", "summary"))
WIRE_HOST = "pr-haishin.example.jp"


def publish(cast: Cast) -> None:
    """All of it."""
    _outlets(cast)
    companies = _sponsors(cast)
    _vendor(cast)
    _organiser(cast)
    _releases(cast, companies)


def _outlets(cast: Cast) -> None:
    world, names = cast.world, table("names")
    count = max(4, min(14, round(cast.numbers.media * 0.45)))
    order = Deck(tuple(range(len(names["outlets"]))), cast.rng).hand(count)
    hosts, feeds = Deck(_HOSTS, cast.rng), Deck(_FEEDS, cast.rng)
    for index, number in enumerate(order):
        name, slug = names["outlets"][number], names["outlet_slugs"][number]
        foreign = index == count - 1
        account = world.registry.account("media", name, slug)
        feed, shape = feeds.deal()
        site = cast.places.company(
            account, hosts.deal().format(slug=slug), name, "outlet", feed=feed, feed_shape=shape, listed=not foreign,
            language="en" if foreign else "ja",
        )  # fmt: skip
        world.outlets.append(cast.add_site(site))
        whole, rest = divmod(cast.numbers.media - 1, count - 1)
        _newsroom(cast, site, 1 if foreign else whole + (index < rest))


def _newsroom(cast: Cast, site: Site, stories: int) -> None:
    """An outlet's articles: mostly by named reporters, some by the desk; one of many is split over two pages."""
    reporters = [cast.world.registry.person("media", organisation=site.title, language=site.language) for _ in range(2)]
    for index in range(stories):
        person: Person = site.owner if index % 4 == 3 else reporters[index % 2]
        text = cast.desk.news(english=site.language == "en")
        why = "an outlet with an editorial desk"
        doc = cast.publish(site, person, text, when=cast.when(), relevant=True, why=why, kind="news")
        if site.language == "en":
            doc.byline = f"By {person.name}, Staff Writer"
        else:
            doc.byline = f"{site.title}編集部" if person is site.owner else f"{person.name.replace(' ', '')} 記者"
        if index == 2:
            doc.pages = 2
    if len(cast.world.press) < 3:
        cast.world.press.append(reporters[0])
    if len(cast.world.press) == 1:
        cast.world.registered.append(reporters[0])


def _vendor(cast: Cast) -> None:
    account = cast.world.registry.account("vendor", "AWS 公式 (架空)", "aws-official")
    site = cast.places.company(account, VENDOR_HOST, "クラウド公式ブログ (架空)", "vendor", listed=True)
    cast.add_site(site)
    writers = [
        cast.world.registry.person("vendor", subkind="staff", organisation="Amazon Web Services") for _ in range(2)
    ]
    for index in range(cast.numbers.vendor):
        person = writers[index % 2]
        text = cast.desk.owned("vendor", "AWS", person.name.replace(" ", ""))
        doc = cast.publish(
            site, person, text, when=cast.when(), relevant=True, why="the vendor's own blog", byline=person.name
        )
        doc.route = "feed"
    _employee(cast)


def _employee(cast: Cast) -> None:
    """Somebody the vendor employs, on a platform where people write for themselves; on the staff list."""
    person = cast.world.registry.person("vendor", subkind="staff", organisation="Amazon Web Services")
    site = cast.add_site(cast.places.site(person, "qiita"))
    cast.world.staff.append(person)
    text = cast.writer.report("2日目", claims=True)
    cast.publish(site, person, text, when=cast.when(), relevant=True, why="employed by the vendor, on the staff list")


def _sponsors(cast: Cast) -> list[Site]:
    """Companies with a booth; their posts are paid for."""
    names, sites = table("names"), list[Site]()
    used = {site.host.split(".")[1] for site in cast.world.sites if site.look == "corporate"}
    free = [i for i, slug in enumerate(names["company_slugs"]) if slug not in used]
    for number in Deck(free, cast.rng).hand(cast.numbers.sponsors):
        name, slug = names["companies"][number], names["company_slugs"][number]
        account = cast.world.registry.account("sponsor", name, slug)
        site = cast.places.company(account, f"www.{slug}.example.com", f"{name} お知らせ", "vendor", listed=True)
        sites.append(cast.add_site(site))
        cast.world.sponsor_hosts.append(site.host)
        text = cast.desk.owned("sponsor", name, "広報")
        cast.publish(site, account, text, when=cast.when(), relevant=True, why="a sponsor about its own booth")
    return sites


def _organiser(cast: Cast) -> None:
    """Volunteers who run the journey from Japan; they stand on the organiser list."""
    person = cast.world.registry.person("organiser")
    site = cast.add_site(cast.places.site(person, "hatena"))
    site.listed = True
    for _ in range(cast.numbers.organiser):
        cast.publish(
            site, person, cast.writer.notice(), when=cast.when(2), relevant=True, why="runs the tour to the event"
        )


def _releases(cast: Cast, companies: list[Site]) -> None:
    """Press releases on a wire, and the copies that portals and one outlet make of them without an editor."""
    world = cast.world
    account = world.registry.account("aggregator", "架空プレス配信", "pr-haishin")
    wire = cast.add_site(
        cast.places.company(account, WIRE_HOST, "架空プレス配信", "wire", feed="rss2", feed_path="/rss")
    )
    wire.listed = True
    world.wire_hosts.append(WIRE_HOST)
    portal_account = world.registry.account("aggregator", "プレスクリップ", "press-clip")
    portal = cast.places.company(portal_account, "press-clip.example.net", "プレスクリップ", "portal", listed=True)
    world.aggregator_hosts.append(cast.add_site(portal).host)
    for index in range(cast.numbers.releases):
        sponsor = companies[index % len(companies)]
        text = cast.desk.owned("release", sponsor.owner.name, "広報室")
        release = cast.publish(
            wire, sponsor.owner, text, when=cast.when(), relevant=True, why="a press release on a wire",
            kind="press_release",
        )  # fmt: skip
        release.byline = f"{sponsor.owner.name}株式会社"
        places = (portal, world.outlets[0]) if index == 0 else (portal,)
        for place in places:
            _reprint(cast, release, place)


def _reprint(cast: Cast, release: Doc, place: Site) -> None:
    copy = cast.publish(
        place, place.owner, release.text, when=release.published + timedelta(hours=2), relevant=True,
        why="an automatic copy of a press release", kind="press_release", story=release.story, copy_of=release.url,
        relation="reprint",
    )  # fmt: skip
    copy.byline = release.byline
