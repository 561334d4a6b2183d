"""Feed bytes to Drafts: RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0 and JSON Feed. feedparser is used here only.

Clean documents are read by `feed_fast`; anything unusual goes to feedparser, which is given bytes in a
stream (a bare string would be tried as a file name or address) and never fetches.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from harvester import feed_fast, feed_json, feed_repair
from harvester import text as texts
from harvester.charset import facts
from harvester.errors import ParseFailed
from harvester.feed_entry import (
    BUILD_TIME_FLAG,
    Channel,
    Entry,
    draft_of,
    drop_build_times,
    looks_marked_up,
    plain,
    resolve,
)
from harvester.model import PARTIAL, Parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.model import Draft

_END: Final = re.compile(
    r"</(?:\w+:)?(?:rss|RDF|feed|channel)\s*>\s*(?:<!--(?:(?!-->).)*-->\s*)*\Z", re.IGNORECASE | re.DOTALL
)


def parse(body: bytes, headers: Mapping[str, str], url: str, *, zone: str = "") -> Parsed:
    """The feed in `body`, fetched from `url` with `headers` (lower-case names).

    zone  IANA name for dates without one; Japanese feeds get Asia/Tokyo by themselves
    Raises ParseFailed("not_a_feed") for anything that is no feed, an empty body included.
    """
    document, charset, source, doubts = texts.decode(body, headers.get("content-type", ""))
    base = resolve(url, headers.get("content-location", "")) or url
    opening = document.lstrip("\ufeff \t\r\n")
    if not opening:
        raise ParseFailed("not_a_feed", f"{url}: empty")
    if opening.startswith(("{", "[")):
        channel = feed_json.read(document, base)
        partial = False
    else:
        document = feed_repair.clean(document)
        channel = _read_xml(document, base)
        partial = channel is not None and _END.search(document, max(0, len(document) - 2000)) is None
    if channel is None:
        raise ParseFailed("not_a_feed", url)
    found = _parsed(channel, base, zone)
    flags = (*doubts, *((PARTIAL,) if partial else ()), *found.flags)
    drafts = tuple(replace(draft, flags=(*draft.flags, *doubts)) for draft in found.drafts) if doubts else found.drafts
    return replace(found, drafts=drafts, flags=flags, meta={**found.meta, **facts(document, charset, source)})


def _read_xml(document: str, base: str) -> Channel | None:
    channel = feed_fast.read(document, base)
    if channel is None and (named := feed_repair.name_entities(document)) != document:
        channel = feed_fast.read(named, base)
    return channel or _tolerant(document, base)


def _parsed(channel: Channel, base: str, zone: str) -> Parsed:
    flags: tuple[str, ...] = ()
    drafts: list[Draft] = []
    lost = 0
    for entry in channel.entries:
        entry.base = entry.base or base
        try:
            drafts.append(draft_of(entry, channel, zone))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            lost += 1
    checked, stamped = drop_build_times(drafts, channel.built)
    if stamped:
        flags = (*flags, BUILD_TIME_FLAG)
    if lost:
        flags = (*flags, "entries_lost")
        channel.meta["entries_lost"] = lost
    if channel.author:
        channel.meta["author"] = channel.author
    return Parsed(
        kind="feed",
        drafts=checked,
        title=plain(channel.title, channel.title_markup),
        language=channel.language,
        canonical_url=channel.link,
        next_url=resolve(base, channel.next_url),
        flags=flags,
        meta=channel.meta,
    )


def _tolerant(document: str, base: str) -> Channel | None:
    """Whatever feedparser makes of it; None when it sees no feed in it."""
    for attempt in (document, feed_repair.without_unread(document)):
        try:
            result = _feedparser(attempt, base)
        except Exception as error:  # noqa: BLE001 - it has many, over elements that we would not even read
            failed = error
        else:
            if not result.get("version") and (not result.entries or "<html" in document[:2000].lower()):
                return None
            return _channel_of(result)
    raise ParseFailed("parse_error", f"{base}: {type(failed).__name__}") from failed


def _feedparser(document: str, base: str) -> Any:
    # Loaded here: most runs meet clean feeds only, and the import costs more than reading one.
    import feedparser

    # Markup is reduced to text and links resolved by us: its sanitiser and resolver only cost time.
    return feedparser.parse(
        io.BytesIO(document.encode("utf-8", "ignore")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _channel_of(result: Any) -> Channel:
    feed = result.feed
    atom = str(result.get("version")).startswith("atom")
    channel = Channel(
        title=feed.get("title") or "",
        title_markup=_is_markup(feed.get("title_detail"), feed.get("title") or "", atom),
        link=feed.get("link") or "",
        language=feed.get("language") or "",
        built=dict.get(feed, "updated") or dict.get(feed, "published") or "",
    )
    detail = feed.get("author_detail") or {}
    channel.author = detail.get("name") or feed.get("author") or ""
    channel.author_url = detail.get("href") or ""
    for link in feed.get("links") or ():
        rel, href = link.get("rel"), link.get("href") or ""
        if rel == "next" or (rel == "prev-archive" and not channel.next_url):
            channel.next_url = href
        elif rel in {"hub", "current"}:
            channel.meta[rel] = href
    if "fh_complete" in feed:
        channel.meta["complete"] = True
    for name in ("generator", "ttl"):
        if isinstance(value := feed.get(name), str) and value:
            channel.meta[name] = value
    for found in result.entries:
        entry = _entry_of(found, atom)
        if atom and not entry.author:
            entry.author, entry.author_url = channel.author, channel.author_url
        channel.entries.append(entry)
    return channel


def _entry_of(found: Any, atom: bool) -> Entry:
    """One entry of feedparser. `dict.get` goes past its mapping of `updated` onto `published`."""
    body, markup = _body_of(found, atom)
    detail = found.get("author_detail") or {}
    published = dict.get(found, "published") or dict.get(found, "created") or ""
    updated = dict.get(found, "updated") or ""
    if not atom and not published:
        # It files dc:date, which is when an RSS item appeared, under the last change.
        published, updated = updated, ""
    title = found.get("title") or ""
    entry = Entry(
        link=found.get("link") or "",
        guid=dict.get(found, "id") or "",
        guid_is_link=bool(found.get("guidislink", True)),
        title=title,
        title_markup=_is_markup(found.get("title_detail"), title, atom),
        body=body,
        body_markup=markup,
        author=detail.get("name") or found.get("author") or "",
        author_url=detail.get("href") or "",
        published=published,
        updated=updated,
        language=(found.get("title_detail") or {}).get("language") or dict.get(found, "language") or "",
        body_base=(found.get("content") or [found.get("summary_detail") or {}])[0].get("base") or "",
        tags=[tag.get("label") or tag.get("term") or "" for tag in found.get("tags") or ()],
    )
    for key, name in (("hatena_bookmarkcount", "bookmark"), ("slash_comments", "comment")):
        if isinstance(count := found.get(key), str) and count.isascii() and count.isdigit():
            entry.reactions.append((name, int(count[:18])))
    views = (found.get("media_statistics") or {}).get("views") or ""
    if views.isascii() and views.isdigit():
        entry.reactions.append(("view", int(views[:18])))
    return entry


def _body_of(found: Any, atom: bool) -> tuple[str, bool]:
    """(value, is markup) of the longest content, else of the summary."""
    contents = [c for c in found.get("content") or () if c.get("value")]
    if contents:
        best = max(contents, key=lambda content: len(content["value"]))
        return best["value"], best.get("type") != "text/plain"
    summary = found.get("summary") or ""
    return summary, _is_markup(found.get("summary_detail"), summary, atom)


def _is_markup(detail: Any, value: str, atom: bool) -> bool:
    """RSS never says whether a text is HTML; Atom does, and is believed."""
    kind = (detail or {}).get("type") or ""
    if kind in {"", "text/plain"}:
        return not atom and looks_marked_up(value)
    return True
