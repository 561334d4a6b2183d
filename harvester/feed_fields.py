"""What each element of RSS, Atom and their usual extensions means to `feed_fast`: qualified tag to field name.

An empty field is known and ignored; `unusual` sends the whole document to the tolerant parser.
"""

from __future__ import annotations

from typing import Final

ATOM10: Final = "{http://www.w3.org/2005/Atom}"
ATOM03: Final = "{http://purl.org/atom/ns#}"
RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XML: Final = "{http://www.w3.org/XML/1998/namespace}"
HISTORY: Final = "{http://purl.org/syndication/history/1.0}"  # of RFC 5005
_HATENA: Final = "{http://www.hatena.ne.jp/info/xmlns#}"
_SLASH: Final = "{http://purl.org/rss/1.0/modules/slash/}"
RSS_SPACES: Final = (
    "",
    "{http://purl.org/rss/1.0/}",
    "{http://my.netscape.com/rdf/simple/0.9/}",
    "{http://backend.userland.com/rss2}",
    "{http://backend.userland.com/RSS2}",
    "{http://blogs.law.harvard.edu/tech/rss}",
)
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_TERMS: Final = "{http://purl.org/dc/terms/}"
_ITUNES: Final = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
_MEDIA: Final = "{http://search.yahoo.com/mrss/}"
MEDIA_DESCRIPTION: Final = _MEDIA + "description"
MEDIA_NUMBERS: Final = _MEDIA + "statistics"
_XHTML: Final = "{http://www.w3.org/1999/xhtml}"
_CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"

_RSS_FIELDS: Final = {
    "title": "title", "link": "link", "guid": "guid", "description": "summary", "author": "author",
    "pubDate": "published", "category": "tag", "comments": "", "enclosure": "", "source": "",
}  # fmt: skip
FIELDS: Final[dict[str, str]] = {
    **{space + name: kind for space in RSS_SPACES for name, kind in _RSS_FIELDS.items()},
    _DC + "title": "title", _DC + "creator": "author", _DC + "author": "author", _DC + "date": "dc_date",
    _DC + "subject": "tag", _DC + "description": "summary", _DC + "language": "language",
    _TERMS + "issued": "published", _TERMS + "created": "created", _TERMS + "modified": "updated",
    _XHTML + "body": "unusual", "body": "unusual", "fullitem": "unusual", _MEDIA + "title": "late_title",
    _MEDIA + "group": "media_group",
    _CONTENT: "content", _ITUNES + "author": "author", _ITUNES + "summary": "late_summary",
    _ITUNES + "keywords": "keywords", ATOM10 + "link": "atom_link", ATOM10 + "published": "published",
    ATOM10 + "updated": "updated", ATOM10 + "category": "atom_tag", ATOM10 + "author": "atom_author",
    ATOM10 + "title": "title", _HATENA + "bookmarkcount": "bookmark", _SLASH + "comments": "comment",
}  # fmt: skip
_ATOM_FIELDS: Final = {
    "title": "title", "link": "atom_link", "id": "guid", "published": "published", "issued": "published",
    "created": "created", "updated": "updated", "modified": "updated", "category": "atom_tag",
    "author": "atom_author", "summary": "summary", "content": "content",
}  # fmt: skip
ATOM_FIELDS: Final[dict[str, str]] = {
    **FIELDS,
    **{space + name: kind for space in (ATOM10, ATOM03) for name, kind in _ATOM_FIELDS.items()},
}
