"""JSON Feed 1.0 and 1.1: the document text into a Channel. Fields of a wrong type count as missing."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from harvester.feed_entry import Channel, Entry
from harvester.text import safe_json_value

# The address the format asks for, or the bare number that some generators write.
_VERSION: Final = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/|1(?:\.[01])?$")


def read(document: str, url: str) -> Channel | None:
    """The feed in a JSON document, or None when it is no JSON or no JSON Feed."""
    try:
        root = safe_json_value(json.loads(document))
    except (ValueError, RecursionError):
        return None
    if not isinstance(root, dict) or not _VERSION.match(_string(root, "version")):
        return None
    items = root.get("items")
    if not isinstance(items, list) and not _string(root, "title"):
        return None
    author, author_url = _author(root)
    channel = Channel(
        title=_string(root, "title"),
        link=_string(root, "home_page_url"),
        language=_string(root, "language"),
        author=author,
        author_url=author_url,
        next_url=_string(root, "next_url"),
    )
    hubs = root.get("hubs")
    if isinstance(hubs, list) and hubs and isinstance(hubs[0], dict):
        channel.meta["hub"] = _string(hubs[0], "url")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            channel.entries.append(_entry(item, channel, url))
    return channel


def _entry(item: dict[str, Any], channel: Channel, url: str) -> Entry:
    author, author_url = _author(item)
    markup = _string(item, "content_html")
    tags = item.get("tags")
    return Entry(
        link=_string(item, "url"),
        guid=_string(item, "id") or _string(item, "guid"),
        guid_is_link=True,
        title=_string(item, "title"),
        body=markup or _string(item, "content_text") or _string(item, "summary"),
        body_markup=bool(markup),
        author=author or channel.author,
        author_url=author_url or ("" if author else channel.author_url),
        published=_string(item, "date_published"),
        updated=_string(item, "date_modified"),
        language=_string(item, "language"),
        base=url,
        tags=[tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [],
    )


def _author(holder: dict[str, Any]) -> tuple[str, str]:
    """(name, address) of the first author; 1.0 wrote one `author`, 1.1 a list of `authors`."""
    authors = holder.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else holder.get("author")
    if isinstance(first, str):
        return first.strip(), ""
    if not isinstance(first, dict):
        return "", ""
    return _string(first, "name"), _string(first, "url")


def _string(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    if isinstance(value, str):
        return value.strip()
    # Ids are numbers in feeds made by hand.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else ""
