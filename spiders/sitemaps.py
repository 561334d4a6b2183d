"""Sitemaps: the addresses that a site tells crawlers, of those weeks and that look like one piece of writing.

A sitemap says where pages are and not what they are about, so they are links for `blog`, the likely ones first and no
more than `max_urls` of a site. Files are read by looking for their tags (`harvester.payloads.listing`): no entity is
expanded, nothing is opened but what the site serves.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from harvester.addresses import LIKELY, chance, is_single, of_month, prefix_of
from harvester.model import Link
from harvester.payloads import listing
from harvester.source import Note, Option, Source
from harvester.text import decode
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.payloads.listing import Listed
    from harvester.source import Found

NOT_THERE = [401, 403, 404, 410]
GUESSES = ["/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml", "/post-sitemap.xml"]
# Files of an index that lead to no writing.
ASIDE = ("image", "video", "categor", "taxonom", "tag", "author", "users", "news_keywords")


class Sitemaps(Source):
    """robots.txt of each site, the sitemaps that it names, one level of those that they name."""

    name = "sitemaps"
    label = "addresses from the sitemaps of named sites (no key needed)"
    contributes = "articles that feeds have moved on from, of sites that the event file names"
    policy = "page"
    late = 1
    fed_by = "the sites it is given; with `homes` those of people too"
    document = False
    nothing = (
        'nothing to read: name sites under [source.sitemaps], as in sites = ["https://blog.example.jp/"], '
        "or the event has not begun"
    )
    option_specs: ClassVar[Mapping[str, Option]] = {
        "sites": Option(kind="texts", default=(), doc="Sites whose sitemaps are read, those with a folder there."),
        "homes": Option(kind="yes/no", default=False, doc="Whether the sites of people are read too."),
        "max_files": Option(kind="whole number", default=20, minimum=1, doc="Sitemaps read of one site."),
        "max_urls": Option(kind="whole number", default=100, doc="Pages of one site that are followed in one crawl."),
    }  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        """Of each site: files asked for, links given, addresses left out."""
        super().__init__(*args, **more)
        self.files: Counter[str] = Counter()
        self.links: Counter[str] = Counter()
        self.passed: Counter[str] = Counter()

    async def start(self) -> AsyncIterator[Request]:
        """robots.txt of each site, where sitemaps are named."""
        if self.now < self.event.window()[0]:
            return  # nothing of the event's weeks can be listed yet
        homes = [
            site for site in map(prefix_of, self.known.homes()) if site.count("/") == 1
        ]  # no part of a shared host
        sites = filter(None, map(prefix_of, self.option("sites")))
        for site in dict.fromkeys([*sites, *(homes if self.option("homes") else ())]):
            url = f"https://{site.partition('/')[0]}/robots.txt"
            yield self.get(url, self.parse_robots, query=site, handle_httpstatus_list=NOT_THERE)

    def parse_robots(self, response: Response) -> Iterator[Found]:
        """The sitemaps that a site names, else the usual places."""
        text = decode(response.body, "text/plain")[0] if response.status not in NOT_THERE else ""
        lines = (line.partition(":") for line in text.splitlines())
        named = [value.strip() for name, _, value in lines if name.strip().lower() == "sitemap"]
        if named:
            yield from self.ask(named, response.meta["query"], level=0)
        else:
            yield self.guess(response, GUESSES)

    def guess(self, response: Response, places: list[str]) -> Request:
        """One of the usual places, with those that are left to try."""
        return self.get(
            response.urljoin(places[0]), query=response.meta["query"], state={"level": 0, "guesses": places[1:]},
            handle_httpstatus_list=NOT_THERE,
        )  # fmt: skip

    def ask(self, found: Iterable[str], site: str, *, level: int) -> Iterator[Found]:
        """Some sitemaps, those of the right month first, as many as a site may have."""
        window, left = self.event.window(), self.option("max_files") - self.files[site]
        near = [url for url in dict.fromkeys(found) if of_month(url, window)]
        near.sort(key=lambda url: -of_month(url, window))
        self.files[site] += len(near[:left])
        for url in near[:left]:
            yield self.get(url, query=site, state={"level": level}, handle_httpstatus_list=NOT_THERE)
        if near[left:]:
            yield self.note(site, f"{len(near[left:])} sitemaps more than max_files = {self.option('max_files')}")

    def parse(self, response: Response) -> Iterator[Found]:
        """The pages of a sitemap, or the sitemaps of an index."""
        site, state = response.meta["query"], response.meta["state"]
        read = listing.read(response.body) if response.status not in NOT_THERE else listing.Listing("", [])
        if not read.kind or (read.kind == "feed" and "guesses" in state):  # a guess may be answered by anything
            if state.get("guesses"):
                yield self.guess(response, state["guesses"])
            elif "guesses" in state:
                yield Note(query=site, reason="this site has no sitemap at the usual places")
            else:
                self.refused(response, "robots.txt names it as a sitemap, and it is none")
        elif read.kind in ("sitemap", "feed"):  # sitemaps.org allows both
            yield from self.pages(read.entries, site, response.url, cut=read.cut)
        elif state["level"]:
            yield self.note(site, "an index within an index is not followed")
        else:
            first = self.event.window()
            named = [e.url for e in read.entries if chance("", first, changed=e.changed) and not _aside(e.url)]
            yield from self.ask(named, site, level=1)

    def pages(self, entries: list[Listed], site: str, found_on: str, *, cut: bool) -> Iterator[Found]:
        """Links to the pages that may be of the event, those that say so first."""
        ranked = [(self.rank(entry), entry) for entry in entries if _within(entry.url, site)]
        near = sorted((item for item in ranked if item[0]), key=lambda item: -item[0])
        left = max(0, self.option("max_urls") - self.links[site])
        self.links[site] += len(near[:left])
        self.passed[site] += len(entries) - len(near)
        for _, entry in near[:left]:
            yield Link(url=entry.url, found_on=found_on, text=entry.title)
        more = f"{len(near[left:])} pages more than max_urls = {self.option('max_urls')}" if near[left:] else ""
        yield self.note(site, more or ("the file is longer than is read" if cut else ""))

    def rank(self, entry: Listed) -> int:
        """0 for what cannot be it, else the higher the likelier: of the time, perhaps of the time, and by its name."""
        near = chance(entry.url, self.event.window(), published=entry.published, changed=entry.changed)
        words = unquote(urlsplit(entry.url).path).replace("-", " ").replace("_", " ")
        named = self.about(f"{entry.title}\n{words}")
        if not near or not (named or is_single(entry.url)):
            return 0
        return near + (LIKELY if named else 0)

    def note(self, site: str, cut: str) -> Note:
        """What a site's sitemaps brought so far; `cut` says why not all of them."""
        left = f"left out: {self.passed[site]} addresses of another time or no writing" if self.passed[site] else ""
        first, last = map(timeline.iso, self.event.window())
        return Note(
            query=site, returned=self.links[site], truncated=bool(cut) or None, window_start=first, window_end=last,
            reason="; ".join(filter(None, (cut, left))),
        )  # fmt: skip


def _aside(url: str) -> bool:
    """Whether a sitemap of an index is one of lists, people or pictures, by its name."""
    return any(word in urlsplit(url).path.rpartition("/")[2].lower() for word in ASIDE)


def _within(url: str, site: str) -> bool:
    """Whether a page is of the site whose sitemap names it: a sitemap speaks for no other."""
    parts = urlsplit(url)
    below = f"{(parts.hostname or '').removeprefix('www.')}{parts.path}/"
    return parts.scheme in ("http", "https") and below.startswith(site.removeprefix("www."))
