"""Who writes what: the participants and those who stayed at home."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from harvester.demo.places import Places
from harvester.demo.prose_en import EnglishWriter
from harvester.demo.prose_ja import JapaneseWriter, Text
from harvester.demo.prose_news import NewsDesk
from harvester.demo.words import Deck, table
from harvester.demo.world import JST, OFFICIAL_HOST, Doc, Numbers, Site, World

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from harvester.demo.people import Person


# Of a hundred participants' stories, how many are where; and how many one author writes there.
_WHERE = (
    ("qiita", 23, (1, 1, 1, 2, 2, 3)), ("hatena", 25, (1, 1, 2, 2, 3, 4)), ("own", 19, (1, 1, 1, 2, 2, 3)),
    ("company", 20, (2, 3, 3, 4, 5)), ("note", 5, (1, 1, 2)), ("wordpress.com", 2, (1, 2)), ("blogger", 2, (1, 2)),
    ("medium", 2, (1, 2)), ("livedoor", 2, (1, 1)),
)  # fmt: skip
_COMMUNITY = ("qiita", "hatena", "note")  # a claim to have been there is enough to be believed here
_DAYS = ("1日目", "2日目", "3日目", "4日目", "最終日")


class Cast:
    """Fills a world; holds the writers and the places, so that every stage deals from the same decks."""

    def __init__(self, world: World, numbers: Numbers, rng: random.Random) -> None:
        self.world, self.numbers, self.rng = world, numbers, rng
        self.places = Places(rng)
        self.writer = JapaneseWriter(rng)
        self.english = EnglishWriter(rng)
        self.desk = NewsDesk(rng, self.writer)
        self._speakers_left = 3
        self._tags = Deck(
            (("AWS", "reinvent"), ("AWS", "reInvent2016"), ("aws", "re:Invent"), ("AWS", "reinvent2016", "Lambda")), rng
        )

    def when(self, index: int = 0) -> datetime:
        """A moment of publication in Japan: most of it during the week, less and less until four weeks later."""
        day = min(26.0, self.rng.expovariate(1 / 4.0)) + index
        start = datetime(2016, 11, 30, 6, 0, tzinfo=JST)
        moment = start + timedelta(days=int(day), minutes=self.rng.randint(0, 1079), seconds=self.rng.randint(0, 59))
        return min(moment, datetime(2016, 12, 28, 23, 0, tzinfo=JST))

    def add_site(self, site: Site) -> Site:
        """A site the world now has."""
        self.world.sites.append(site)
        return site

    def publish(
        self, site: Site, author: Person, text: Text, *, when: datetime, relevant: bool, why: str,
        kind: str = "article", story: str = "", copy_of: str = "", relation: str = "original",
        byline: str = "", route: str = "",
    ) -> Doc:  # fmt: skip
        """A page with this text. Without `story` it is a new story."""
        slug = f"reinvent-2016-{text.subject}" if relevant else f"{text.subject}-note"
        url, native = self.places.address(site, when, slug)
        blocks, tags = self._signed(text, site, relevant=relevant, copied=bool(copy_of))
        doc = Doc(
            url=url, site=site, author=author, title=text.title, blocks=blocks, published=when, kind=kind,
            story=story or f"s{len(self.world.docs) + 1:04d}", relevant=relevant, why=why, tags=tags, copy_of=copy_of,
            relation=relation, byline=byline, route=route, language=text.language, native_id=native,
            shown="visible" if site.look in ("hugo", "plain", "livedoor") else "machine",
            likes=self.rng.randint(0, 240),
        )  # fmt: skip
        self.world.docs.append(doc)
        return doc

    def _signed(
        self, text: Text, site: Site, *, relevant: bool, copied: bool
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Blocks and tags with the habits of the place: Qiita tags, hashtags at the foot, a link to the event."""
        if not relevant:
            return text.blocks, ("AWS",) if site.look == "qiita" else ()
        if copied:
            return text.blocks, self._tags.deal() if site.look == "qiita" else ()
        foot: list[str] = []
        if site.look in ("hugo", "plain", "note", "hatena") and self.rng.random() < 0.6:
            foot.append("#reinvent #AWS" if text.language == "ja" else "#reinvent")
        if site.look in ("wordpress", "jekyll", "corporate", "hugo") and self.rng.random() < 0.5:
            foot.append(f"公式: [[AWS re:Invent|https://{OFFICIAL_HOST}/]]")
        return (*text.blocks, *foot), self._tags.deal() if site.look == "qiita" else ()

    def participants(self) -> None:
        """Everybody who was there and wrote."""
        for platform, share in _quotas(self.numbers.participants):
            if platform == "company":
                self._companies(share)
                continue
            sizes = Deck(next(sizes for name, _, sizes in _WHERE if name == platform), self.rng)
            while share > 0:
                size = min(share, sizes.deal())
                share -= size
                self._participant(platform, size)

    def _participant(self, platform: str, stories: int) -> None:
        community = platform in _COMMUNITY
        listed = not community or self.rng.random() < 0.35
        foreign = platform == "medium" or (platform in ("own", "qiita") and self.rng.random() < 0.08)
        speaker = listed and self._speakers_left > 0 and platform in ("qiita", "hatena", "own")
        self._speakers_left -= speaker
        person = self.world.registry.person(
            "participant", subkind="speaker" if speaker else "", language="en" if foreign else "ja",
            listed=listed and not speaker, speaker=speaker,
        )  # fmt: skip
        site = self.add_site(self.places.site(person, platform))
        claims = not listed or self.rng.random() < 0.6
        self.series(site, person, stories, claims=claims)

    def series(self, site: Site, person: Person, stories: int, *, claims: bool) -> list[Doc]:
        """One author's reports, each naming the next."""
        start, docs = self.when(), list[Doc]()
        first = self.rng.randint(0, max(0, 5 - stories))
        for index in range(stories):
            day = _DAYS[min(first + index, len(_DAYS) - 1)]
            text = self.english.report() if person.language == "en" else self.writer.report(day, claims=claims)
            how = "says so" if claims or person.language == "en" else "is on the list of those who came"
            when = min(start + timedelta(hours=self.rng.randint(18, 30) * index), datetime(2016, 12, 29, tzinfo=JST))
            docs.append(self.publish(site, person, text, when=when, relevant=True, why=f"was there: {how}"))
        for one, following in pairwise(docs):
            words = "Part two is here" if person.language == "en" else "続きはこちら"
            one.blocks = (*one.blocks, f"[[{words}: {following.title}|{following.url}]]")
        return docs

    def _companies(self, stories: int) -> None:
        """Two companies whose engineers went; the larger also has staff who stayed at home."""
        names = table("names")
        order = Deck(tuple(range(len(names["companies"]))), self.rng)
        for index, part in enumerate((round(stories * 0.75), stories - round(stories * 0.75))):
            number = order.deal()
            name, slug = names["companies"][number], names["company_slugs"][number]
            account = self.world.registry.account("participant", name, slug)
            host = f"dev.{slug}.example.jp" if index == 0 else f"tech.{slug}.example.com"
            site = self.add_site(self.places.company(account, host, f"{name} 技術ブログ", "corporate", listed=True))
            sizes = Deck((2, 3, 3, 4, 5), self.rng)
            while part > 0:
                size = min(part, sizes.deal())
                part -= size
                self._employee(site, name, size)
            if index == 0:
                self._stayed(site, name)

    def _employee(self, site: Site, company: str, stories: int) -> None:
        person = self.world.registry.person("participant", subkind="corporate", organisation=company, listed=True)
        person.homes.append(f"https://{site.host}/author/{person.handle}/")
        for doc in self.series(site, person, stories, claims=self.rng.random() < 0.7):
            doc.byline = person.name

    def _stayed(self, site: Site, company: str) -> None:
        person = self.world.registry.person("independent", subkind="corporate", organisation=company)
        person.homes.append(f"https://{site.host}/author/{person.handle}/")
        text = self.writer.reading("staff")
        why = "writes on the company's blog and says that they stayed at home"
        self.publish(site, person, text, when=self.when(), relevant=True, why=why, byline=person.name)

    def readers(self) -> None:
        """Those who stayed at home and wrote, and those of whom nobody can tell."""
        for index in range(self.numbers.independents - 1):
            person = self.world.registry.person("independent")
            site = self.add_site(self.places.site(person, "qiita" if index % 5 < 3 else "hatena"))
            text = self.writer.reading("independent")
            self.publish(site, person, text, when=self.when(), relevant=True, why="followed the event from home")
        for _ in range(self.numbers.unknowns):
            person = self.world.registry.person("unknown")
            site = self.add_site(self.places.site(person, "own"))
            text = self.writer.reading("unknown")
            why = "a list of announcements without a word about its author: nobody can tell"
            self.publish(site, person, text, when=self.when(), relevant=True, why=why)


def _quotas(total: int) -> Sequence[tuple[str, int]]:
    """The participants' stories by place, together exactly `total`."""
    rows = [(name, total * share / 100) for name, share, _ in _WHERE]
    whole = {name: int(exact) for name, exact in rows}
    rest = total - sum(whole.values())
    for name, _ in sorted(rows, key=lambda row: int(row[1]) - row[1])[:rest]:
        whole[name] += 1
    return tuple(whole.items())
