"""The index of the invented Common Crawl: three crawls, of which two met the event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from harvester.demo.exchange import Reply, as_json

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked
    from harvester.demo.world import World

HOSTS = ("index.commoncrawl.org",)
CRAWLS: Final = {"CC-MAIN-2017-04": "20170118", "CC-MAIN-2016-50": "20161207", "CC-MAIN-2016-44": "20161025"}
_SITES: Final = 3


def event(world: World) -> str:
    """Common Crawl is opt-in: it is asked about a few sites."""
    blogs = [site for site in world.sites if site.look == "hatena" and site.listed and not site.failure]
    named = ", ".join(f'"{site.home}"' for site in blogs[:_SITES])
    return f"[source.commoncrawl]\nenabled = true\nhomes = false\nsites = [{named}]" if named else ""


class Service:
    """Answers `/collinfo.json` and `/<crawl>-index` with a line of JSON for each page."""

    def __init__(self, world: World) -> None:
        self._docs = [doc for doc in world.docs if not doc.missed]

    def answer(self, asked: Asked) -> Reply:
        """404 with a message where there are no captures, as the service says it."""
        parts = urlsplit(asked.target)
        if parts.path == "/collinfo.json":
            api = f"https://{HOSTS[0]}/{{}}-index"
            return as_json([{"id": name, "name": f"{name} Index", "cdx-api": api.format(name)} for name in CRAWLS])
        crawled = CRAWLS.get(parts.path.removeprefix("/").removesuffix("-index"), "")
        given = parse_qs(parts.query)
        prefix = given.get("url", [""])[0].removesuffix("*")
        urls = [
            doc.url for doc in self._docs
            if doc.url.partition("://")[2].startswith(prefix) and f"{doc.published:%Y%m%d}" < crawled
        ]  # fmt: skip
        if not urls:
            return as_json({"message": f"No Captures found for: {prefix}*"}, 404)
        rows = [json.dumps({"url": url, "timestamp": f"{crawled}010203"}) for url in urls]
        limit = int(given.get("limit", ["15000"])[0])
        return Reply(200, "\n".join(rows[:limit]).encode() + b"\n", (("Content-Type", "text/x-ndjson"),))
