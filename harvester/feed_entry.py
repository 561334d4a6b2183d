"""What the feed readers hand over, and how one entry becomes a Draft. No parsing of bytes here.

`Channel` and `Entry` hold strings as found. `draft_of` removes markup, resolves links and names where the
date came from; `drop_build_times` is the one check that needs the whole feed.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from harvester import text as texts
from harvester.model import Draft, DraftAuthor

if TYPE_CHECKING:
    from collections.abc import Sequence

BUILD_TIME_FLAG: Final = "feed_dates_build_time"
# Fewer items than this may share a moment by chance (two posts imported together).
MIN_SAME_DATES: Final = 3

# Letters of both cases instead of a flag: only then is the next `<` looked for by memchr.
_HREF: Final = re.compile(r"""<[aA]\s[^>]{0,2000}?\b[hH][rR][eE][fF]\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_MARKUP: Final = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*", re.ASCII)
_MAILBOX_OF_NOBODY: Final = frozenset(
    {"noreply", "no-reply", "info", "admin", "webmaster", "contact", "editor", "support", "blog"}
)
_LINE_BREAKS: Final = re.compile(r"[\t\r\n]+")
_MAX_PERSON: Final = 500  # characters; looking for a mailbox takes quadratic time
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}")
_MIDNIGHT: Final = re.compile(r"(?<![\d:+-])0?0:00(?::00)?(?![\d:])")
_TOKYO: Final = "Asia/Tokyo"
_KANA: Final = re.compile(r"[ぁ-ゖァ-ヺ]")


@dataclass(slots=True)
class Entry:
    """One item as a reader found it. `*_markup` tells HTML from plain text; `base` resolves its links, `body_base`
    those inside its body where that differs.
    """

    link: str = ""
    guid: str = ""
    guid_is_link: bool = False
    title: str = ""
    title_markup: bool = False
    body: str = ""
    body_markup: bool = True
    author: str = ""
    author_url: str = ""
    published: str = ""
    updated: str = ""
    language: str = ""
    base: str = ""
    body_base: str = ""
    tags: list[str] = field(default_factory=list)
    reactions: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Channel:
    """A feed's own facts and its entries. Readers hand `author` down to entries where the format says so."""

    title: str = ""
    title_markup: bool = False
    link: str = ""
    language: str = ""
    author: str = ""
    author_url: str = ""
    built: str = ""
    next_url: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


def plain(value: str, markup: bool) -> str:
    """Text of a title or body: markup goes through the HTML reader only when there is some."""
    if markup and ("<" in value or "&" in value):
        return texts.plain(value)
    return texts.clean(value)


def looks_marked_up(value: str) -> bool:
    """Whether a string of a format that does not say so holds HTML (a tag or a character reference)."""
    return _MARKUP.search(value) is not None


def resolve(base: str, href: str) -> str:
    """`href` made absolute; line breaks that XML editors leave in addresses go, with the spaces around them.

    Broken ones come back as found: without its space `https://a b/` would be somebody else's address.
    """
    href = "".join(map(str.strip, _LINE_BREAKS.split(href)))
    if not href or href.startswith(("http://", "https://")):
        return href
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def content_links(markup: str, base: str) -> tuple[str, ...]:
    """Absolute http(s) addresses of the anchors in an HTML body, in order, each once."""
    found: dict[str, None] = {}
    for parts in dict.fromkeys(_HREF.findall(markup)):
        address = resolve(base, html.unescape("".join(parts)).strip())
        if address.startswith(("http://", "https://")):
            found[address] = None
    return tuple(found)


def person(value: str) -> str:
    """The name in `mail (Name)`, `Name <mail>` or `mail`; a lone mailbox gives its local part, if personal.

    Nobody's name is markup: what some feeds wrap around it, or put in its place, goes.
    """
    value = texts.clean(value[:_MAX_PERSON]).strip()
    mail = _EMAIL.search(value)
    name = value.replace(mail[0], "") if mail else value
    name = plain(name, looks_marked_up(name))
    if mail is None:
        return " ".join(name.split())
    name = name.replace("mailto:", "")
    name = re.sub(r"[()<>\[\]\"]+", " ", name).strip(" ,;:-")
    if name:
        return " ".join(name.split())
    local = mail[0].partition("@")[0]
    return "" if local.lower() in _MAILBOX_OF_NOBODY else local


def _language(value: str) -> str:
    return re.split(r"[-_]", value.strip().lower(), maxsplit=1)[0][:8]


def _address(entry: Entry) -> str:
    """The page of the entry: its link, else a guid that says it is one, else nothing."""
    link = resolve(entry.base, entry.link)
    if link.startswith(("http://", "https://")) or not entry.guid:
        return link
    guid = resolve(entry.base, entry.guid) if entry.guid_is_link else ""
    return guid if guid.startswith(("http://", "https://")) else link


def _dates(entry: Entry) -> tuple[str, str, str]:
    """(published, origin, updated): a feed that knows only the last edit says so in the origin."""
    if entry.published:
        return entry.published, "feed", entry.updated
    if entry.updated:
        return entry.updated, "feed_updated", entry.updated
    return "", "", ""


def draft_of(entry: Entry, channel: Channel, zone: str) -> Draft:
    """One entry as a Draft. Without link and guid its native id is a digest of title and date."""
    title = " ".join(plain(entry.title, entry.title_markup).split())
    published, origin, updated = _dates(entry)
    url = _address(entry)
    native_id = entry.guid or url
    if not native_id:
        native_id = "sha256:" + hashlib.sha256(f"{title}\n{published}".encode()).hexdigest()
    language = _language(entry.language or channel.language)
    return Draft(
        url=url,
        native_id=texts.clean(native_id),
        title=title,
        text=plain(entry.body, entry.body_markup),
        language=language,
        author=DraftAuthor(name=person(entry.author), url=resolve(entry.base, entry.author_url)),
        published=published,
        published_origin=origin,
        updated=updated,
        default_zone=zone or (_TOKYO if language == "ja" or _KANA.search(title) else ""),
        hashtags=tuple(dict.fromkeys(tag for raw in entry.tags if (tag := plain(raw, markup=True).strip()))),
        links=content_links(entry.body, entry.body_base or entry.base) if entry.body_markup else (),
        reactions=tuple(entry.reactions),
    )


def drop_build_times(drafts: Sequence[Draft], built: str) -> tuple[tuple[Draft, ...], bool]:
    """Take away the dates of a feed that stamps every item with one moment (when it was generated).

    Three or more items with the same time of day, or with the very date the feed says it was built on.
    A shared midnight alone is a shared day, which happens.
    """
    dates = {draft.published for draft in drafts}
    if len(drafts) < MIN_SAME_DATES or len(dates) != 1:
        return tuple(drafts), False
    date = dates.pop()
    timed = _CLOCK.search(date) is not None and _MIDNIGHT.search(date) is None
    if not date or not (timed or date == built):
        return tuple(drafts), False
    cleared = tuple(
        replace(draft, published="", published_origin="", updated="", flags=(*draft.flags, BUILD_TIME_FLAG))
        for draft in drafts
    )
    return cleared, True
