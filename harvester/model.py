"""The values that flow between the stages. Standard library only; nothing here reads a clock or a file.

`Draft` is what a source found, in strings as found: no date is parsed and no URL cleaned by a spider.
`Post` is checked; only `harvester.normalise` makes one. Times are aware UTC; ids are text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

# What one piece of content is. `group_of` folds them for the ratio (metrics: written, talk, micro, other).
KINDS: Final = (
    "article", "news", "slides", "video", "podcast", "micropost", "press_release",
    "event_page", "repo", "photos", "qa", "newsletter", "repost", "bookmark",
)  # fmt: skip
GROUP_OF: Final = {
    "article": "written", "news": "written", "slides": "talk", "video": "talk", "podcast": "talk",
    "micropost": "micro",
}  # fmt: skip
# Somebody else's words passed on, or no post at all: never folded, never counted, whatever else is said of them.
UNCOUNTED_KINDS: Final = frozenset({"repost", "bookmark", "event_page"})
# How a post stands to another one.
RELATIONS: Final = (
    "original", "quote", "reply", "repost", "thread", "thread_part", "crosspost", "syndicated", "reprint",
    "translation", "page_part",
)  # fmt: skip
# Words of one's own. The others are never counted, but for a reply that carries the event's tag itself.
COUNTED_RELATIONS: Final = frozenset({"original", "quote", "thread", "translation"})
EDGE_TYPES: Final = ("link", "quote", "repost", "reply", "mention", "bookmark")
SIDES: Final = ("community", "media", "owned", "aggregator", "unknown")
AUTHOR_KINDS: Final = (
    "participant", "independent", "media", "organiser", "vendor", "sponsor", "aggregator", "unknown",
)  # fmt: skip
ATTENDANCE: Final = ("listed", "claimed", "none")
RELEVANCE: Final = ("confirmed", "probable", "rejected")
PRECISIONS: Final = ("second", "minute", "day", "month", "year", "first_seen", "unknown")
DAY_KNOWN: Final = frozenset({"second", "minute", "first_seen", "day"})
# Where a date came from, best first: the order in which `normalise` believes them.
DATE_ORIGINS: Final = (
    "api", "jsonld", "meta", "time", "feed", "visible", "url", "htmldate", "sitemap", "feed_updated",
    "import", "first_seen", "unknown",
)  # fmt: skip
# Named ends of a fetch, shown in `status`, the report's quality block and Datasette.
FETCH_STATES: Final = (
    "ok", "not_modified", "http_error", "timeout", "dns_error", "connection_error", "tls_error", "too_large",
    "truncated", "parse_timeout", "parse_error", "blocked_address", "bad_link", "robots", "terms", "redirect_loop",
    "rate_limited", "not_a_feed", "not_html", "bad_json", "charset_doubtful", "soft_404", "budget", "depth",
    "callback_error", "unauthorized", "gone",
)  # fmt: skip

# Begin the reason of a source that was skipped: it had nothing to ask for, or its key is not set.
IDLE: Final = "nothing "
NO_KEY: Final = "no credentials: "

# Flags that say how a view of a post was come by, not what the post is: the body may have ended early, nobody vouched
# for the host, or it could only be read in part. A better view takes them away again.
PARTIAL: Final = "partial"
TLS_UNVERIFIED: Final = "tls_unverified"
MARKS: Final = (PARTIAL, TLS_UNVERIFIED, "charset_doubtful", "tree_truncated", "extract_fallback")

Group = Literal["written", "talk", "micro", "other"]


def group_of(kind: str) -> str:
    """The volume group of an item kind: written, talk, micro or other."""
    return GROUP_OF.get(kind, "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAuthor:
    """Who signed it, as found. `handle` is the id on `platform` when the source knows one.

    protected   shown to some people only        noindex   asked not to be found by those who look
    """

    name: str = ""
    handle: str = ""
    platform: str = ""
    url: str = ""
    bio: str = ""
    organisation: str = ""
    website: str = ""
    followers: int | None = None
    is_org: bool = False
    protected: bool = False
    noindex: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """One measured number of a post at one moment (like, bookmark, repost, reply, quote, view, comment)."""

    url: str
    name: str
    value: int
    observed_at: datetime | None = None
    native_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A directed tie found beside content: `actor` did `type` to the thing at `target`.

    `source` is the URL or native key of the acting post, empty for a bookmark by a person.
    """

    type: str
    target: str
    source: str = ""
    actor: DraftAuthor | None = None
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page or feed worth fetching that a source came across; the crawl decides whether it does."""

    url: str
    found_on: str = ""
    text: str = ""
    as_feed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Head counts of an event as one platform tells them; a missing number is None, never 0."""

    source: str
    registered: int | None = None
    attended: int | None = None
    waiting: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A piece of content as found. Only `url` or `native_id` is required; `""` means not obtained.

    published/updated  the string as found, with `published_origin` naming where (DATE_ORIGINS)
    text               plain text, markup already removed
    links              absolute URLs in the content itself (not navigation), in order
    visibility         the platform's word for who may see it; "" where all can
    relation/target    how it stands to another post, and that post's URL or native id
    raw                the source's own record as JSON text, kept so that it can be read again
    """

    url: str = ""
    native_id: str = ""
    platform: str = ""
    kind: str = ""
    title: str = ""
    text: str = ""
    language: str = ""
    author: DraftAuthor = field(default_factory=DraftAuthor)
    published: str = ""
    published_origin: str = ""
    updated: str = ""
    default_zone: str = ""
    canonical_url: str = ""
    hashtags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    relation: str = ""
    target: str = ""
    conversation: str = ""
    reactions: tuple[tuple[str, int], ...] = ()
    publisher: str = ""
    page_type: str = ""
    bylines: tuple[str, ...] = ()
    visibility: str = ""
    flags: tuple[str, ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A moment with how exactly it is known. `at` is None exactly when precision is `unknown`."""

    at: datetime | None = None
    precision: str = "unknown"
    origin: str = "unknown"
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One identity on one platform: (platform, handle) is its key."""

    platform: str
    handle: str
    name: str = ""
    url: str = ""
    bio: str = ""
    organisation: str = ""
    website: str = ""
    followers: int | None = None
    is_org: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A checked piece of content. `key` identifies it for ever: `x:123`, `qiita:0a1b…` or the canonical URL."""

    key: str
    url: str
    kind: str
    platform: str
    host: str
    author: Author | None
    title: str = ""
    text: str = ""
    language: str = "und"
    published: When = field(default_factory=When)
    updated_at: datetime | None = None
    canonical_url: str = ""
    native_id: str = ""
    hashtags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    relation: str = "original"
    target: str = ""
    conversation: str = ""
    reactions: tuple[tuple[str, int], ...] = ()
    publisher: str = ""
    page_type: str = ""
    bylines: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A draft that is no post, with the named reason it was dropped for."""

    reason: str
    url: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One rule that fired: `weight` in decibans for `side`, with the words it fired on."""

    rule: str
    group: str
    side: str
    weight: float
    snippet: str = ""
    post_key: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What an author is at one event, and how sure we are. `organisation` is the employer of a corporate writer."""

    side: str
    kind: str
    subkind: str = ""
    attendance: str = "none"
    posterior: float = 0.0
    runner_up: str = ""
    review: str = ""
    decided_by: str = "rules"
    organisation: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceLabel:
    """Whether a post is about the event, with the evidence for and against."""

    relevance: str
    score: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What one body turned out to be: the only thing that leaves the parsing child.

    kind    `feed`, `article`, `page` (HTML that is not an article), or `other`
    drafts  entries of a feed, or the one article
    links   (url, anchor text) of a page's main content; feeds advertised by the page in `feeds`
    flags   things worth telling: `charset_doubtful`, `tree_truncated`, `extract_fallback`, `partial`
    """

    kind: str
    drafts: tuple[Draft, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    feeds: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    language: str = ""
    canonical_url: str = ""
    next_url: str = ""
    flags: tuple[str, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)
