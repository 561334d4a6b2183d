"""(Draft, Event) → Post | Rejected: addresses made canonical, dates read, text cleaned, the author identified.

The only maker of posts. Rejected reasons: no_url, bad_url, private, noindex, empty. Kinds, dates and identities follow
what the draft says first, then what its address says.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from harvester import bylines, dates, privacy, urls
from harvester.model import DATE_ORIGINS, KINDS, RELATIONS, Post, Rejected, When
from harvester.text import clean, fold, hashtags, language

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.event import Event
    from harvester.model import Draft
    from harvester.platforms import Identity

MAX_LINKS = 500
_NEWS_TYPES = frozenset({"NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle"})
_ARTICLES = frozenset({"", "article", "news"})
# Sites of these languages and countries mean their own clock when they name none.
_ZONE_OF = {"ja": "Asia/Tokyo", "ko": "Asia/Seoul", "jp": "Asia/Tokyo", "kr": "Asia/Seoul"}
# Origins that can be the moment of the last edit or build: a day in the address that is well before is the better one.
_BUILT = frozenset({"feed", "visible"})
_REBUILT = timedelta(days=3)
# Origins that a date in the address is better than.
_GUESSED = frozenset({"htmldate", "sitemap", "feed_updated", "first_seen", "unknown"})


def normalise(draft: Draft, event: Event, *, now: datetime) -> Post | Rejected:
    """A checked post, or the named reason why there is none. `now` bounds plausible dates; nothing is guessed.

    For what is a draft in name only (a number where a text belongs) it raises one of `store.quarantine.POISON`.
    """
    if draft.author.protected or not privacy.is_public(draft.visibility):
        return Rejected(reason="private", url=draft.url or draft.native_id)
    if draft.author.noindex:
        return Rejected(reason="noindex", url=draft.url or draft.native_id)
    if not draft.url and not draft.native_id:
        return Rejected(reason="no_url", url="")
    try:
        key, url, found = _address(draft)
    except urls.BadUrl as error:
        return Rejected(reason="bad_url", url=draft.url[: urls.MAX_URL], detail=error.reason)
    title, text = clean(draft.title).replace("\n", " "), clean(draft.text)
    if not title and not text and draft.relation != "repost":
        return Rejected(reason="empty", url=url or key)
    return _post(draft, event, now, (key, url, found), title, text)


def _post(draft: Draft, event: Event, now: datetime, address: tuple[str, str, Identity], title: str, text: str) -> Post:
    _only_texts(draft.hashtags, draft.mentions, draft.bylines, draft.flags)
    key, url, found = address
    platform = draft.platform or found.platform
    host = urls.host_of(url) if url else ""
    spoken = language(f"{title}\n{text}", draft.language)
    zone = draft.default_zone or _zone(spoken, host)
    published = _published(draft, url, zone, now)
    return Post(
        key=key,
        url=url,
        kind=_kind(draft, found, url, host, event),
        platform=platform,
        host=host,
        author=bylines.author_of(draft, platform, found.handle, host),
        title=title,
        text=text,
        language=spoken,
        published=published,
        updated_at=_updated(draft, published, zone, now),
        canonical_url=_canonical(draft, url),
        native_id=draft.native_id if draft.platform else found.native_id,
        hashtags=draft.hashtags or hashtags(f"{title}\n{text}"),
        links=_links(draft, url),
        mentions=draft.mentions,
        relation=draft.relation if draft.relation in RELATIONS else "original",
        target=draft.target,
        conversation=draft.conversation,
        reactions=draft.reactions,
        publisher=clean(draft.publisher),
        page_type=draft.page_type,
        bylines=draft.bylines,
        flags=draft.flags,
        raw=draft.raw,
    )


def _only_texts(*lists: tuple[str, ...]) -> None:
    """These are stored as JSON, which takes anything: what is no text would meet every later reader."""
    for values in lists:
        if values and not all(isinstance(value, str) for value in values):
            raise TypeError("a list of texts holds something else")


def _address(draft: Draft) -> tuple[str, str, Identity]:
    """(key, canonical address, what it names). An API's own platform and id are the key whatever the address says."""
    if draft.platform and draft.native_id:
        url = urls.canonical(draft.url) if draft.url else ""
        # A record whose source told platform, author and id need not be read from its address.
        told = urls.Identity(draft.platform, draft.author.handle, draft.native_id, draft.kind)
        return f"{draft.platform}:{draft.native_id}", url, told if draft.author.handle else urls.identify(url)
    if not draft.url and not urls.is_web_url(draft.native_id):
        # A feed entry without a link: its guid is unique in its feed only.
        return f"feed:{fold(draft.publisher)}:{draft.native_id}", "", urls.identify("")
    url = urls.canonical(draft.url or draft.native_id)
    found = urls.identify(url)
    return (f"{found.platform}:{found.native_id}" if found.native_id else url), url, found


def _kind(draft: Draft, found: Identity, url: str, host: str, event: Event) -> str:
    """What it is: the wire, the event's own page and the platform know better than a page that calls itself article."""
    kind = draft.kind if draft.kind in KINDS else ""
    if kind not in _ARTICLES:
        return kind
    if any(host == wire or host.endswith("." + wire) for wire in event.wire_hosts):
        return "press_release"
    if found.kind and found.kind != "article":
        return found.kind
    if url and _own_page(url, event.event_urls):
        return "event_page"
    return "news" if draft.page_type in _NEWS_TYPES else kind or "article"


def is_event_page(url: str, event: Event) -> bool:
    """Whether a canonical address is the event's own page, or any event's page on a service for events."""
    return bool(url) and (urls.identify(url).kind == "event_page" or _own_page(url, event.event_urls))


def _own_page(url: str, pages: tuple[str, ...]) -> bool:
    """One of the event's pages, or below one that is not a whole site: its timetable, its speakers, its venue."""
    exact, below = _event_pages(pages)
    return url in exact or url.startswith(below)


@lru_cache(maxsize=8)
def _event_pages(pages: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """(canonical addresses, beginnings of what lies below those with a path)."""
    exact = frozenset(urls.canonical(page) for page in pages if urls.is_web_url(page))
    return exact, tuple(sorted(f"{page}/" for page in exact if not page.endswith("/") and "?" not in page))


def _zone(spoken: str, host: str) -> str:
    return _ZONE_OF.get(spoken) or _ZONE_OF.get(host.rpartition(".")[2], "")


def _published(draft: Draft, url: str, zone: str, now: datetime) -> When:
    """The best-founded moment: what was found, else the address, else the day a feed calls `updated`."""
    origin = draft.published_origin if draft.published_origin in DATE_ORIGINS else "unknown"
    told = dates.parse(draft.published, zone=zone, origin=origin, now=now) if draft.published else When()
    if told.at is not None and origin not in _GUESSED and origin not in _BUILT:
        return told
    written = dates.from_url(url, zone=zone, now=now) if url else When()
    if told.at is not None and origin in _BUILT:
        rebuilt = written.at is not None and written.precision == "day" and told.at - written.at > _REBUILT
        return written if rebuilt else told
    candidates = [told, written]
    if draft.updated:
        candidates.append(dates.parse(draft.updated, zone=zone, origin="feed_updated", now=now))
    known = [when for when in candidates if when.at is not None]
    return min(known, key=lambda when: DATE_ORIGINS.index(when.origin)) if known else told


def _updated(draft: Draft, published: When, zone: str, now: datetime) -> datetime | None:
    """When it was last changed, if that is later than its publication."""
    if not draft.updated:
        return None
    at = dates.parse(draft.updated, zone=zone, now=now).at
    return at if at is not None and published.at is not None and at > published.at else None


def _canonical(draft: Draft, url: str) -> str:
    """The address that the page itself calls its own, else the one it was found at."""
    if draft.canonical_url and draft.canonical_url != draft.url:
        try:
            return urls.canonical(draft.canonical_url, url)
        except urls.BadUrl:
            return url
    return url


def _links(draft: Draft, url: str) -> tuple[str, ...]:
    """The usable addresses among the draft's links, each once, without the post's own."""
    kept: dict[str, None] = {}
    for link in draft.links[:MAX_LINKS]:
        try:
            address = urls.canonical(link, url) if url else urls.canonical(link)
        except urls.BadUrl:
            continue
        if address != url:
            kept[address] = None
    return tuple(kept)
