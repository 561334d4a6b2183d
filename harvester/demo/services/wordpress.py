"""The REST interface of the invented web's WordPress sites, and that of wordpress.com for the blogs it hosts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from harvester.demo.exchange import Reply, as_json
from harvester.demo.markup import to_html, to_words

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.world import Doc, Site, World

HOSTS = ("public-api.wordpress.com",)
LOOKS: Final = ("wordpress", "corporate")
_OWN, _HOSTED = "/wp-json/wp/v2/posts", "/wp/v2/sites/"
_MOST: Final = 100


def event(world: World) -> str:  # noqa: ARG001 - every world has blogs there
    """wordpress.com is asked as well."""
    return "[source.wordpress]\nwordpress_com = true"


class Service:
    """Answers `GET /wp-json/wp/v2/posts` of every healthy site and `/wp/v2/sites/<host>/posts`."""

    def __init__(self, world: World) -> None:
        sites = [site for site in world.sites if site.look in LOOKS and not site.failure and not site.prefix]
        self._docs: dict[str, list[Doc]] = {site.host: [] for site in sites}
        for doc in sorted(world.docs, key=lambda doc: doc.published, reverse=True):
            if doc.site.host in self._docs:
                self._docs[doc.site.host].append(doc)
        self.hosts = [host for host in self._docs if not host.endswith(".wordpress.com")]

    def answer(self, asked: Asked) -> Reply | None:
        """A page of posts with its totals, or the error that WordPress words so."""
        parts, host = urlsplit(asked.target), asked.host.lower()
        if host in HOSTS:
            host, _, rest = parts.path.removeprefix(_HOSTED).partition("/")
            if not parts.path.startswith(_HOSTED) or rest != "posts" or not host.endswith(".wordpress.com"):
                return as_json(_error("rest_no_route", 404), 404)
        elif parts.path != _OWN:
            return None
        if host not in self._docs:
            return as_json(_error("unknown_blog", 404), 404)
        return _page(self._docs[host], {name: values[0] for name, values in parse_qs(parts.query).items()})


def _page(docs: list[Doc], given: dict[str, str]) -> Reply:
    page, size = int(given.get("page", "1")), int(given.get("per_page", "10"))
    if not 1 <= size <= _MOST:
        return as_json(_error("rest_invalid_param", 400), 400)
    words = given.get("search", "").casefold().split()
    first, last = given.get("after", "0"), given.get("before", "9")
    found = [
        doc for doc in docs
        if first < _local(doc.published) < last
        and all(word in f"{doc.title} {to_words(doc.blocks)}".casefold() for word in words)
    ]  # fmt: skip
    pages = -(-len(found) // size)
    if page > max(1, pages):
        return as_json(_error("rest_post_invalid_page_number", 400), 400)
    totals = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
    return as_json([_post(doc) for doc in found[(page - 1) * size : page * size]], headers=totals)


def _local(at: datetime) -> str:
    """A moment on the site's own clock, which is what is compared."""
    return at.replace(tzinfo=None).isoformat()


def _error(code: str, status: int) -> dict[str, Any]:
    return {"code": code, "message": "An invented error.", "data": {"status": status}}


def _post(doc: Doc) -> dict[str, Any]:
    at, site = doc.published.astimezone(UTC).replace(tzinfo=None).isoformat(), doc.site
    author = {"id": 1, "name": doc.byline or doc.author.name, "link": f"{site.home}author/{doc.author.handle}/"}
    tags = [{"id": number, "name": tag, "taxonomy": "post_tag"} for number, tag in enumerate(doc.tags)]
    return {
        "id": int.from_bytes(doc.url.encode()[-6:]) % 1_000_000, "date_gmt": at, "modified_gmt": at, "link": doc.url,
        "title": {"rendered": doc.title}, "excerpt": {"rendered": f"<p>{to_words(doc.blocks)[:80]}</p>"},
        "content": {"rendered": to_html(doc.blocks, "h3"), "protected": False}, "_links": _links(site),
        "_embedded": {"author": [author], "wp:term": [[], tags]},
    }  # fmt: skip


def _links(site: Site) -> dict[str, Any]:
    return {"collection": [{"href": f"{site.home}wp-json/wp/v2/posts"}]}
