"""Where people write: hosts, addresses and feeds in the forms that real platforms and blog programs use."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from harvester.demo.words import Deck, table
from harvester.demo.world import Site

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from harvester.demo.people import Person

_HATENA = ("hatenablog.com", "hatenablog.com", "hatenablog.jp", "hateblo.jp", "hatenadiary.jp")
_OWN = ("{word}.{label}.example.jp", "blog.{label}.example.com", "{label}.example.jp", "{word}-{label}.example.net")
_OWN_LOOKS = ("wordpress", "hugo", "jekyll", "plain")
# Bytes and what is claimed about them, for hand-made pages.
_CHARSETS = (
    ("cp932", "Shift_JIS"), ("euc_jp", "EUC-JP"), ("utf-8", "Shift_JIS"), ("cp932", "-"), ("utf-8", ""),
    ("cp932", "utf-8"),
)  # fmt: skip
PATHS = {
    "hatena": "/entry/{when:%Y/%m/%d/%H%M%S}",
    "wordpress": "/{when:%Y/%m/%d}/{slug}/",
    "hugo": "/posts/{slug}/",
    "jekyll": "/{when:%Y/%m/%d}/{slug}.html",
    "plain": "/diary/{when:%Y%m%d}{letter}.html",
    "note": "/n/n{hex:.12}",
    "medium": "/{slug}-{hex:.12}",
    "blogger": "/{when:%Y/%m}/{slug}.html",
    "livedoor": "/archives/{number}.html",
    "qiita": "/items/{hex:.20}",
    "corporate": "/cloud/aws/{slug}/",
    "outlet": "/articles/{when:%y%m/%d}/news{number}.html",
    "wire": "/main/html/rd/p/{number}.html",
    "vendor": "/jp/blogs/news/{slug}/",
    "portal": "/clip/{number}",
    "deck": "/{slug}",
}
_FEED_PATHS = {
    "hatena": "/feed", "wordpress": "/feed/", "hugo": "/index.xml", "jekyll": "/feed.xml", "plain": "/rss.xml",
    "note": "/rss", "blogger": "/feeds/posts/default", "livedoor": "/index.rdf", "corporate": "/feed/",
    "outlet": "/rss/index.rdf", "vendor": "/jp/blogs/news/feed/", "qiita": "/feed.atom", "portal": "/rss",
}  # fmt: skip
_FEEDS = {
    "hatena": "atom", "wordpress": "rss2", "hugo": "rss2", "jekyll": "atom", "plain": "rss1", "note": "rss2",
    "blogger": "atom", "livedoor": "rss1", "corporate": "rss2", "outlet": "rss1", "vendor": "rss2",
    "qiita": "atom", "portal": "rss2",
}  # fmt: skip
SHARED = {
    "qiita": ("qiita.com", "/{handle}"), "note": ("note.com", "/{handle}"), "medium": ("medium.com", "/@{handle}"),
    "wordpress.com": ("{label}.wordpress.com", ""), "blogger": ("{label}.blogspot.com", ""),
    "livedoor": ("blog.livedoor.jp", "/{handle}"),
}  # fmt: skip


class Places:
    """Gives people a place to write at, no two the same."""

    def __init__(self, rng: random.Random) -> None:
        names: dict[str, Any] = table("names")
        self._rng = rng
        self._titles = Deck(names["blogs"], rng)
        self._words = Deck(names["own_words"], rng)
        self._looks = Deck(_OWN_LOOKS, rng)
        self._charsets = Deck(_CHARSETS, rng)
        self._hosts = Deck(_OWN, rng)
        self._hatena = Deck(_HATENA, rng)
        self._serial = rng.randint(20_000, 60_000)

    def site(self, person: Person, platform: str) -> Site:
        """A place of one's own on a platform: a key of `SHARED`, `hatena` or `own`."""
        title = self._titles.deal().format(family=person.family, given=person.given, handle=person.handle)
        if platform == "own":
            return self._own(person, title)
        if platform == "hatena":
            return self._made(person, f"{person.host_label}.{self._hatena.deal()}", title, "hatena")
        host, prefix = (part.format(label=person.host_label, handle=person.handle) for part in SHARED[platform])
        look = "wordpress" if platform == "wordpress.com" else platform
        return self._made(person, host, title, look, prefix=prefix)

    def _own(self, person: Person, title: str) -> Site:
        host = self._hosts.deal().format(word=self._words.deal(), label=person.host_label)
        look = self._looks.deal()
        if look != "plain":
            return self._made(person, host, title, look)
        charset, declared = self._charsets.deal()
        return self._made(person, host, title, look, charset=charset, declared=declared, validators=False)

    def _made(self, person: Person, host: str, title: str, look: str, **more: Any) -> Site:
        prefix = more.get("prefix", "")
        person.homes.append(f"https://{host}{prefix}" if prefix else f"https://{host}/")
        return Site(
            host=host, title=title, look=look, owner=person, language=person.language,
            feed=_FEEDS.get(look, ""), feed_path=_FEED_PATHS.get(look, ""), **more,
        )  # fmt: skip

    def company(self, owner: Person, host: str, title: str, look: str, **more: Any) -> Site:
        """The site of an organisation: a company blog, an outlet, a vendor, a portal."""
        given = {"feed": _FEEDS.get(look, ""), "feed_path": _FEED_PATHS.get(look, "")} | more
        return Site(host=host, title=title, look=look, owner=owner, **given)

    def address(self, site: Site, when: datetime, slug: str) -> tuple[str, str]:
        """(URL, the platform's own id or "") of a new page there."""
        self._serial += self._rng.randint(3, 40)
        digits = hashlib.sha256(f"{site.host} {slug} {self._serial}".encode()).hexdigest()
        path = PATHS[site.look].format(
            when=when, slug=f"{slug}-{self._serial % 1000}", hex=digits, number=str(self._serial), letter=digits[0]
        )
        native = path.rsplit("/", 1)[-1] if site.look in ("qiita", "note") else ""
        return f"https://{site.host}{site.prefix}{path}", native
