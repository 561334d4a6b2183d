"""A synthetic web around AWS re:Invent 2016, drawn from a seed, and everything that is true about it.

`build.build(seed)` is deterministic: the same seed gives the same people, hosts, pages, posts and faults. The default
seed has 123 stories by participants and 20 by media; other seeds have other numbers. Nobody and nothing in it
is real but the event's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from harvester.demo.prose_ja import Text
from harvester.demo.words import dice

if TYPE_CHECKING:
    from harvester.demo.people import Person, Registry

DEFAULT_SEED: Final = 2016
SLUG: Final = "demo-reinvent-2016"
NAME: Final = "AWS re:Invent 2016"
HASHTAGS: Final = ("reinvent", "reinvent2016")
STARTS: Final = datetime(2016, 11, 28, 16, 0, tzinfo=UTC)  # 08:00 in Las Vegas
ENDS: Final = datetime(2016, 12, 2, 21, 0, tzinfo=UTC)
JST: Final = timezone(timedelta(hours=9), "JST")
OFFICIAL_HOST: Final = "reinvent.example.com"
VENDOR_HOST: Final = "aws-official.example.com"
BEARER: Final = "synthetic-demo-bearer-no-secret"  # the replica's X accepts this and nothing else
WRITTEN: Final = ("article", "news")


@dataclass(slots=True, kw_only=True, eq=False)
class Site:
    """One host, or one author's corner of a shared host, and how it behaves.

    look      the template that renders its pages (`sites.LOOKS`)
    charset   what its bytes are; `declared` what header and markup claim ("" the truth, "-" nothing)
    feed      "" none, else `atom`, `rss2` or `rss1`; `feed_shape` full, summary, build_time, jst, broken
    listed    its feed stands in the event file
    failure   "" none, `dead` the connection closes, `busy` 429 with Retry-After
    robots    its robots.txt, None for 404
    """

    host: str
    title: str
    look: str
    owner: Person
    prefix: str = ""
    charset: str = "utf-8"
    declared: str = ""
    feed: str = ""
    feed_path: str = "/feed"
    feed_shape: str = "full"
    listed: bool = False
    failure: str = ""
    robots: str | None = None
    language: str = "ja"
    validators: bool = True

    @property
    def home(self) -> str:
        """The address of its front page."""
        return f"https://{self.host}{self.prefix}/"

    @property
    def feed_url(self) -> str:
        """The address of its feed."""
        return f"https://{self.host}{self.prefix}{self.feed_path}"


@dataclass(slots=True, kw_only=True, eq=False)
class Doc:
    """One page with an author, and what is true about it.

    story     shared by all copies of one text; `copy_of` the URL of the first one, "" for that one itself
    relevant  about this event; `missed` why nobody can fetch it, "" when it can be found
    shown     how the page tells its date: `machine` (time element or JSON-LD), `visible` (words only), `none`
    optional  right whether counted or not, as a link collection that may stand as its curator's story
    route     how an honest crawler comes here: qiita, feed, x, link, page; "" none is needed
    """

    url: str
    site: Site
    author: Person
    title: str
    blocks: tuple[str, ...]
    published: datetime
    kind: str
    story: str
    relevant: bool
    why: str
    tags: tuple[str, ...] = ()
    copy_of: str = ""
    relation: str = "original"
    missed: str = ""
    shown: str = "machine"
    byline: str = ""
    route: str = ""
    language: str = "ja"
    aliases: list[str] = field(default_factory=list)
    native_id: str = ""
    likes: int = 0
    pages: int = 1
    optional: bool = False

    @property
    def text(self) -> Text:
        """The words alone, as somebody would copy them."""
        return Text(title=self.title, blocks=self.blocks, subject="copy", language=self.language)

    @property
    def counted(self) -> bool:
        """Whether a perfect reader counts it: about the event, and the first of its copies."""
        return self.relevant and not self.copy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Tweet:
    """One post of the invented X. `links` are (short, expanded, unwound or "")."""

    id: str
    author: Person
    text: str
    created: datetime
    links: tuple[tuple[str, str, str], ...] = ()
    hashtags: tuple[str, ...] = ()
    referenced: tuple[tuple[str, str], ...] = ()
    conversation: str = ""
    language: str = "ja"
    relevant: bool = True
    why: str = ""


@dataclass(slots=True)
class World:
    """Everything there is. `redirects` point elsewhere; `press`, `registered` (reporters on the attendee list
    too) and `staff` (the vendor's people on the organisers' list) are lists that the event file holds."""

    seed: int
    registry: Registry
    sites: list[Site] = field(default_factory=list)
    docs: list[Doc] = field(default_factory=list)
    tweets: list[Tweet] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    outlets: list[Site] = field(default_factory=list)
    sponsor_hosts: list[str] = field(default_factory=list)
    aggregator_hosts: list[str] = field(default_factory=list)
    wire_hosts: list[str] = field(default_factory=list)
    press: list[Person] = field(default_factory=list)
    registered: list[Person] = field(default_factory=list)
    staff: list[Person] = field(default_factory=list)

    @property
    def people(self) -> list[Person]:
        """Everybody, in the order they were invented."""
        return self.registry.people

    def stories(self, kind: str) -> list[Doc]:
        """First copies of written, relevant stories whose author is of this kind."""
        return [d for d in self.docs if d.counted and d.kind in WRITTEN and d.author.kind == kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How much of everything a world holds."""

    participants: int
    media: int
    independents: int
    unknowns: int
    vendor: int
    sponsors: int
    organiser: int
    releases: int
    crossposts: int
    syndicated: int
    scraped: int
    other_years: int
    locals: int
    offtopic: int
    tweets: int
    misses: int


def numbers(seed: int) -> Numbers:
    """The default seed has the numbers of the story that the project comes from; others vary around it."""
    rng = dice(f"numbers {seed}")
    participants, media = (123, 20) if seed == DEFAULT_SEED else (rng.randint(60, 200), rng.randint(8, 40))
    share = participants / 123
    return Numbers(
        participants=participants, media=media, independents=max(5, round(14 * share)), unknowns=rng.randint(3, 5),
        vendor=rng.randint(4, 7), sponsors=rng.randint(2, 3), organiser=2, releases=rng.randint(2, 4),
        crossposts=max(3, round(7 * share)), syndicated=rng.randint(2, 4), scraped=rng.randint(4, 8),
        other_years=rng.randint(6, 9), locals=rng.randint(4, 6), offtopic=rng.randint(18, 26),
        tweets=rng.randint(50, 70), misses=max(1, participants // 41),
    )  # fmt: skip
