"""Well-formed RSS and Atom through lxml: an order of magnitude faster than the tolerant parser.

`read` answers None for whatever it is not sure to read the same way; the caller then takes the long road.
Entity-safe: the document type is removed before parsing, nothing is fetched and depth is limited by libxml2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lxml import etree

from harvester.feed_entry import Channel, Entry, looks_marked_up, resolve
from harvester.feed_fields import (
    ATOM03,
    ATOM10,
    ATOM_FIELDS,
    FIELDS,
    HISTORY,
    MEDIA_DESCRIPTION,
    MEDIA_NUMBERS,
    RDF,
    RSS_SPACES,
    XML,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# A known name in other letters: the tolerant parser folds case, this one does not.
_LOWERED: Final = frozenset(tag.lower() for tag in ATOM_FIELDS)
# Escaped content types of Atom that are HTML, and those that are text.
_HTML_TYPES: Final = frozenset({"html", "text/html"})
_TEXT_TYPES: Final = frozenset({"", "text", "text/plain"})
_XHTML_TYPES: Final = frozenset({"xhtml", "application/xhtml+xml"})


class Unusual(Exception):
    """This document needs the tolerant parser: a signal inside this module."""


def read(xml: str, url: str) -> Channel | None:
    """The feed in `xml` (no declaration, no document type), or None when this reader is not sure."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml.encode("utf-8", "ignore"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    try:
        if root.tag in {ATOM10 + "feed", ATOM03 + "feed"}:
            return _Reader(root, url, "xml:base" in xml).atom()
        if root.tag == RDF + "RDF" or (root.tag == "rss" and root.find("channel") is not None):
            return _Reader(root, url, "xml:base" in xml).rss()
    except Unusual:
        return None
    return None


def _tag(element: etree._Element) -> str:
    return str(element.tag)


def _text(element: etree._Element) -> str:
    if len(element):
        raise Unusual(_tag(element))
    return (element.text or "").strip()


class _Reader:
    """One document being read. `bases` tells whether xml:base occurs at all, which is rare and slow to ask."""

    def __init__(self, root: etree._Element, url: str, bases: bool) -> None:
        self.root = root
        self.url = url
        self.bases = bases

    def base(self, element: etree._Element) -> str:
        """The address that relative links inside `element` start from."""
        if not self.bases:
            return self.url
        base = self.url
        chain = [element, *element.iterancestors()]
        for node in reversed(chain):
            base = resolve(base, node.get(XML + "base", "")) or base
        return base

    def rss(self) -> Channel:
        """RSS 0.9x, 1.0 and 2.0."""
        items = [item for space in RSS_SPACES for item in self.root.iter(space + "item")]
        if any(True for _ in self.root.iter("{*}entry")) or sum(1 for _ in self.root.iter("{*}item")) != len(items):
            raise Unusual("items of another format")
        head = next((c for s in RSS_SPACES for c in self.root.iter(s + "channel")), None)
        if head is None:
            raise Unusual("no channel")
        channel = Channel(entries=[self.entry(item, FIELDS) for item in items])
        channel.language = self.root.get(XML + "lang", "")
        skip = {space + "item" for space in RSS_SPACES}
        self.channel(channel, (child for child in head if child.tag not in skip))
        return channel

    def atom(self) -> Channel:
        """Atom 0.3 and 1.0."""
        space = ATOM10 if _tag(self.root).startswith(ATOM10) else ATOM03
        entries = list(self.root.iterchildren(space + "entry"))
        strangers = sum(1 for _ in self.root.iter("{*}entry")) + sum(1 for _ in self.root.iter("{*}item"))
        if strangers != len(entries):
            raise Unusual("nested or foreign entries")
        channel = Channel(entries=[self.entry(entry, ATOM_FIELDS) for entry in entries])
        channel.language = self.root.get(XML + "lang", "")
        self.channel(channel, (child for child in self.root if child.tag != space + "entry"))
        for entry in channel.entries:
            if not entry.author and not entry.author_url:
                entry.author, entry.author_url = channel.author, channel.author_url
        return channel

    def channel(self, channel: Channel, children: Iterator[etree._Element]) -> None:
        """Fill in a feed's own title, link, language, author, paging, hub, generator, ttl and completeness."""
        for child in children:
            name = etree.QName(child).localname
            kind = ATOM_FIELDS.get(_tag(child), "")
            if kind == "title" and not channel.title:
                channel.title, channel.title_markup = self.marked(child)
            elif kind == "link":
                channel.link = channel.link or resolve(self.base(child), _text(child) or child.get("href", ""))
            elif kind == "atom_link":
                self.channel_link(channel, child)
            elif kind == "atom_author":
                channel.author, channel.author_url = self.person(child)
            elif name in {"language", "generator", "ttl", "lastBuildDate"} and not len(child):
                value = (child.text or "").strip()
                if name == "language":
                    channel.language = channel.language or value
                elif name == "lastBuildDate":
                    channel.built = value
                elif value:
                    channel.meta[name] = value
            elif kind in {"published", "dc_date"} and not channel.built:
                channel.built = _text(child)
            elif _tag(child) == HISTORY + "complete":
                channel.meta["complete"] = True

    def channel_link(self, channel: Channel, child: etree._Element) -> None:
        """A feed-level Atom link: the site, the next page of an archive, the feed whose archive this is, or a hub."""
        href = resolve(self.base(child), child.get("href", ""))
        rel = child.get("rel", "alternate")
        if rel == "alternate" and not channel.link:
            channel.link = href
        elif rel == "next" or (rel == "prev-archive" and not channel.next_url):
            channel.next_url = href
        elif rel in {"hub", "current"}:
            channel.meta[rel] = href

    def entry(self, item: etree._Element, fields: dict[str, str]) -> Entry:
        """One item or entry."""
        entry = Entry(base=self.base(item), language=item.get(XML + "lang", ""))
        about = item.get(RDF + "about", "")
        bodies: dict[str, tuple[str, bool]] = {}
        late: dict[str, str] = {}
        for child in item:
            kind = fields.get(_tag(child))
            if kind is None:
                if _tag(child).lower() in _LOWERED:
                    raise Unusual(_tag(child))
            elif kind in {"summary", "content", "late_summary"}:
                self.body(entry, bodies, kind, child)
            elif kind in {"published", "created", "updated", "dc_date", "late_title"}:
                late.setdefault(kind, _text(child))
            elif kind == "unusual":
                raise Unusual(_tag(child))
            elif kind:
                self.field(entry, kind, child)
        entry.body, entry.body_markup = (
            bodies.get("content")
            or bodies.get("summary")
            or bodies.get("late_summary")
            or (entry.body, entry.body_markup)
        )
        entry.published = late.get("published") or late.get("dc_date") or late.get("created") or ""
        entry.updated = late.get("updated", "")
        if not entry.title:
            entry.title = late.get("late_title", "")
        if not entry.guid:
            entry.guid = about
            entry.guid_is_link = True
        return entry

    def field(self, entry: Entry, kind: str, child: etree._Element) -> None:
        """One child of an item that is neither a body nor a date."""
        if kind == "title" and not entry.title:
            entry.title, entry.title_markup = self.marked(child)
        elif kind == "link":
            # Of several the last counts, as everywhere else.
            entry.link = resolve(self.base(child), _text(child) or child.get("href", "")) or entry.link
        elif kind == "atom_link":
            self.entry_link(entry, child)
        elif kind == "guid":
            entry.guid = entry.guid or _text(child)
            entry.guid_is_link = child.get("isPermaLink", child.get("ispermalink", "true")) == "true"
        elif kind == "author":
            entry.author = entry.author or _text(child)
        elif kind == "atom_author" and not entry.author:
            entry.author, entry.author_url = self.person(child)
        elif kind == "language":
            entry.language = entry.language or _text(child)
        else:
            self.many(entry, kind, child)

    def many(self, entry: Entry, kind: str, child: etree._Element) -> None:
        """Children that may come several times: tags and counts."""
        if kind == "tag":
            entry.tags.append(_text(child))
        elif kind == "atom_tag":
            entry.tags.append(child.get("label") or child.get("term") or (child.text or "").strip())
        elif kind == "keywords":
            entry.tags.extend(_text(child).split(","))
        elif kind == "media_group":
            self.media(entry, child)
        elif kind in {"bookmark", "comment"} and (count := _text(child)).isascii() and count.isdigit():
            entry.reactions.append((kind, int(count[:18])))

    def media(self, entry: Entry, group: etree._Element) -> None:
        """What Media RSS says of a recording: a description, for an entry without text, and how often it was seen."""
        told = group.find(MEDIA_DESCRIPTION)
        if told is not None:
            entry.body, entry.body_markup = _text(told), told.get("type") == "html"
        for numbers in group.iter(MEDIA_NUMBERS):
            if (views := numbers.get("views", "")).isascii() and views.isdigit():
                entry.reactions.append(("view", int(views[:18])))

    def entry_link(self, entry: Entry, child: etree._Element) -> None:
        """An Atom link of an entry: only the alternate one, HTML before other media."""
        if child.get("rel", "alternate") != "alternate":
            return
        href = resolve(self.base(child), child.get("href", ""))
        if href and (not entry.link or "html" in child.get("type", "")):
            entry.link = href

    def person(self, element: etree._Element) -> tuple[str, str]:
        """(name or mailbox, address) of an Atom person."""
        name = url = mail = ""
        for child in element:
            local = etree.QName(child).localname
            value = (child.text or "").strip()
            if local == "name":
                name = name or value
            elif local in {"uri", "url"}:
                url = url or resolve(self.base(child), value)
            elif local == "email":
                mail = mail or value
        return name or mail or (element.text or "").strip(), url

    def marked(self, child: etree._Element) -> tuple[str, bool]:
        """(value, is markup) of a text construct; RSS does not say which it is, so it is looked at."""
        if not _tag(child).startswith((ATOM10, ATOM03)):
            value = _text(child)
            return value, looks_marked_up(value)
        kind, mode = child.get("type", "").lower(), child.get("mode", "")
        if mode == "base64" or child.get("src"):
            raise Unusual("content elsewhere or encoded")
        if kind in _XHTML_TYPES or (mode in {"", "xml"} and _tag(child).startswith(ATOM03) and kind in _HTML_TYPES):
            inner = (child.text or "") + "".join(etree.tostring(c, encoding="unicode") for c in child)
            return inner.strip(), True
        if kind in _HTML_TYPES:
            return _text(child), True
        if kind in _TEXT_TYPES:
            return _text(child), False
        raise Unusual(kind)

    def body(self, entry: Entry, bodies: dict[str, tuple[str, bool]], kind: str, child: etree._Element) -> None:
        """Keep the longest body of a kind; a description is HTML by custom."""
        found = self.marked(child) if _tag(child).startswith((ATOM10, ATOM03)) else (_text(child), True)
        if len(found[0]) > len(bodies.get(kind, ("", True))[0]):
            bodies[kind] = found
            if self.bases:
                entry.body_base = self.base(child)
