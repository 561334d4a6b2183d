"""The JSON feeds of the invented web's blogs on Blogger; their Atom feeds are ordinary pages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from harvester.demo.exchange import as_json
from harvester.demo.markup import to_html, to_words

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import Doc, World

HOSTS = ()
_MOST, _FEW = 150, 25


class Service:
    """Answers `GET /feeds/posts/default?alt=json` of every healthy blog."""

    def __init__(self, world: World) -> None:
        self._docs: dict[str, list[Doc]] = {
            site.host: [] for site in world.sites if site.look == "blogger" and not site.failure
        }
        for doc in sorted(world.docs, key=lambda doc: doc.published, reverse=True):
            if doc.site.host in self._docs:
                self._docs[doc.site.host].append(doc)
        self.hosts = list(self._docs)

    def answer(self, asked: Asked) -> Reply | None:
        """Posts of a window, newest first; None for what is no question for JSON."""
        parts = urlsplit(asked.target)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != "/feeds/posts/default" or given.get("alt") != "json":
            return None
        docs = [doc for doc in self._docs[asked.host.lower()] if _is_asked_for(doc, given)]
        start, size = int(given.get("start-index", "1")), min(_MOST, int(given.get("max-results", str(_FEW))))
        shown = docs[start - 1 : start - 1 + size]
        feed: dict[str, Any] = {
            "openSearch$totalResults": _t(str(len(docs))), "openSearch$startIndex": _t(str(start)),
            "openSearch$itemsPerPage": _t(str(size)),
        }  # fmt: skip
        if shown:
            feed["entry"] = [_entry(doc) for doc in shown]
        return as_json({"version": "1.0", "encoding": "UTF-8", "feed": feed})


def _is_asked_for(doc: Doc, given: dict[str, str]) -> bool:
    first, last = (given.get(f"published-{end}") for end in ("min", "max"))
    words = given.get("q", "").casefold()
    return (
        (first is None or doc.published >= datetime.fromisoformat(first))
        and (last is None or doc.published < datetime.fromisoformat(last))
        and words in f"{doc.title} {to_words(doc.blocks)}".casefold()
    )


def _t(text: str) -> dict[str, str]:
    return {"$t": text}


def _entry(doc: Doc) -> dict[str, Any]:
    at = doc.published.isoformat(timespec="milliseconds")
    return {
        "id": _t(f"tag:blogger.com,1999:{doc.story}"), "published": _t(at), "updated": _t(at), "title": _t(doc.title),
        "content": {"type": "html"} | _t(to_html(doc.blocks, "h3")), "category": [{"term": tag} for tag in doc.tags],
        "link": [{"rel": "alternate", "type": "text/html", "href": doc.url}],
        "author": [{"name": _t(doc.author.name), "uri": _t(f"https://www.blogger.com/profile/{doc.author.id}")}],
        "thr$total": _t(str(len(doc.title) % 4)),
    }  # fmt: skip
