"""What people of the invented web write on Mastodon, Misskey and Bluesky, drawn for each platform by itself.

The draws of one platform change nothing elsewhere: they come from its own dice, and from the finished world.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harvester.demo.prose_ja import JapaneseWriter
from harvester.demo.words import Deck, dice, table
from harvester.demo.world import JST

if TYPE_CHECKING:
    from harvester.demo.people import Person
    from harvester.demo.world import Doc, World

_LIVE, _SHARED, _ANSWERS, _LATER = 14, 8, 4, 45
_WISHES: dict[int, dict[str, Any]] = {3: {"visibility": "unlisted"}, 6: {"visibility": "private"}, 9: {"shy": True}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """One post.

    link          the address it points to, "" for none
    visibility    in the words of Mastodon; `shy`: its author does not want to be found
    answers       the post that it is a reply to; `quotes` the one that it quotes
    relevant      about this event; those of later years only bear its tag
    """

    number: int
    author: Person
    text: str
    created: datetime
    tags: tuple[str, ...]
    link: str = ""
    visibility: str = "public"
    shy: bool = False
    answers: Short | None = None
    quotes: Short | None = None
    relevant: bool = True
    why: str = ""

    @property
    def kept(self) -> bool:
        """Whether its author lets it be kept."""
        return self.visibility == "public" and not self.shy

    @property
    def counted(self) -> bool:
        """Whether it counts as a post of its own about the event; a reply that bears the tag does."""
        return self.relevant and self.kept

    @property
    def truth(self) -> dict[str, Any]:
        """What the truth says of it."""
        return {"relevant": self.relevant, "counted": self.counted, "why": self.why}

    @property
    def stamp(self) -> str:
        """When it was written, as these interfaces tell it."""
        return self.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def shorts(world: World, platform: str) -> list[Short]:
    """All posts on a platform, newest first; the same for the same world."""
    maker = _Maker(world, platform)
    maker.write()
    return sorted(maker.made, key=lambda short: (short.created, short.number), reverse=True)


class _Maker:
    def __init__(self, world: World, platform: str) -> None:
        self.rng = dice(f"{platform} {world.seed}")
        self.made: list[Short] = []
        self._decks = {name: Deck(cards, self.rng) for name, cards in table("posts_ja").items()}
        self._writer = JapaneseWriter(self.rng)
        self._people = Deck([p for p in world.people if p.kind == "participant" and not p.organisation], self.rng)
        self._docs = Deck([doc for doc in world.docs if _can_be_shared(doc)], self.rng)

    def write(self) -> None:
        for index in range(_LIVE):
            when = datetime(2016, 11, 29, 2, 0, tzinfo=JST) + timedelta(minutes=self.rng.randint(0, 5 * 24 * 60))
            self._post("live", when, why="says something about the event with its tag", **_WISHES.get(index, {}))
        for _ in range(_SHARED):
            doc = self._docs.deal()
            when = doc.published + timedelta(minutes=self.rng.randint(5, 900))
            self._post("pass_on", when, link=doc.url, why="points to a report")
        for index, short in enumerate(self.rng.sample([s for s in self.made if s.kept], _ANSWERS)):
            when, how = short.created + timedelta(minutes=self.rng.randint(1, 90)), index % 2
            tie: dict[str, Any] = {"quotes": short} if how else {"answers": short}
            self._post("quote" if how else "reply", when, tagged=True, why="a quote" if how else "a reply", **tie)
        for index in range(_LATER):
            when = datetime(2017, 11, 27, 12, 0, tzinfo=JST) + timedelta(hours=index)
            self._post("live", when, relevant=False, why="about the next year's event")

    def _post(self, deck: str, when: datetime, *, tagged: bool = False, link: str = "", **more: Any) -> None:
        text = self._writer.slots(title="", url=link).fill(self._decks[deck].deal())
        if tagged and "#reinvent" not in text:
            text += " #reinvent"
        tags = tuple(word[1:] for word in text.split() if word.startswith("#"))
        self.made.append(
            Short(
                number=len(self.made),
                author=self._people.deal(),
                text=" ".join(text.split()),
                created=when,
                tags=tags,
                link=link,
                **more,
            )
        )


def _can_be_shared(doc: Doc) -> bool:
    return doc.counted and not doc.missed and not doc.site.failure and not doc.optional
