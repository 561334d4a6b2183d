"""The invented X: who says what, which links go round, and by which honest way each story can be found."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from harvester.demo.words import Deck, Slots, table
from harvester.demo.world import JST, WRITTEN, Doc, Tweet

if TYPE_CHECKING:
    from harvester.demo.cast import Cast
    from harvester.demo.people import Person

_FIRST_HAND = ("x", "feed", "page")  # a link from such a page is within two steps of the start
_EPOCH_MS = 1288834974657  # where X's post ids begin to count
_TRACKERS = (
    "",
    "",
    "?utm_source=twitter&utm_medium=social",
    "?fbclid=IwAR0simulated",
    "?utm_campaign=sns&utm_source=x",
)


def talk(cast: Cast) -> None:
    """Every post, and the routes to every page."""
    chatter = Chatter(cast)
    chatter.routes()
    chatter.live()
    chatter.responses()
    chatter.noise()
    cast.world.tweets.sort(key=lambda tweet: int(tweet.id), reverse=True)


class Chatter:
    """Posts of one world."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.world, self.rng = cast, cast.world, cast.rng
        words: dict[str, Any] = table("posts_ja")
        self._decks = {name: Deck(cards, self.rng) for name, cards in words.items()}
        self._serial = 0
        self._crowd = [p for p in self.world.people if p.kind == "participant" and not p.organisation]
        self._watchers = [self.world.registry.person("unknown") for _ in range(12)]

    def routes(self) -> None:
        """Give every story a way by which it can be found; whatever else has none is linked in passing."""
        for doc in self.world.docs:
            if doc.missed:
                self.share(doc)  # the link is there, the page is not
            elif doc.route:
                if doc.route == "page" and self.rng.random() < 0.4:
                    self.share(doc)
            elif doc.site.look == "qiita":
                doc.route = "qiita"
                if doc.relevant and self.rng.random() < 0.25:
                    self.share(doc)
            elif doc.site.listed and doc.site.feed_shape != "broken":
                doc.route = "feed"
                if doc.relevant and self.rng.random() < 0.2:
                    self.share(doc)
            else:
                self._unlisted(doc)

    def _unlisted(self, doc: Doc) -> None:
        others = [d for d in self.world.docs if d.site is doc.site and d is not doc and d.route in _FIRST_HAND]
        linked = any(doc.url in block for other in others for block in other.blocks)
        if linked and self.rng.random() < 0.5:
            doc.route = "link"
        else:
            doc.route = "x"
            self.share(doc)

    def share(self, doc: Doc) -> Tweet:
        """A post that links to a page: by its author, or by somebody who liked it."""
        own = doc.author.kind not in ("aggregator", "media") and self.rng.random() < 0.75
        author = doc.author if own else self.rng.choice(self._crowd + self._watchers)
        deck = "outlet" if doc.author.kind == "media" else "share" if own else "pass_on"
        if deck == "outlet":
            author = doc.author
        elif not doc.relevant:
            deck = "other"
        link = self.link(doc)
        when = doc.published + timedelta(minutes=self.rng.randint(2, 600))
        slots = self._slots(title=doc.title[:60], url=link[0])
        return self.post(
            author, slots.fill(self._decks[deck].deal()), when, links=(link,), relevant=doc.relevant, why=doc.why
        )

    def link(self, doc: Doc) -> tuple[str, str, str]:
        """A t.co link: to the page, to a second address of it, with trackers, or through another shortener."""
        target = self.rng.choice(doc.aliases) if doc.aliases and self.rng.random() < 0.7 else doc.url
        if doc.site.look != "medium" and "?" not in target:
            target += self.rng.choice(_TRACKERS)
        if self.rng.random() < 0.4:
            target = target.replace("https://", "http://", 1)  # as most of them were in those years
        short = f"https://t.co/{self._code(target)}"
        expanded = target
        if self.rng.random() < 0.2:
            expanded = f"https://bit.ly/{self._code('b' + target)[:7]}"
            self.world.redirects[expanded] = target
        self.world.redirects[short] = expanded
        unwound = target if self.rng.random() < 0.5 else ""
        return short, expanded, unwound

    def _code(self, text: str) -> str:
        self._serial += 1
        return "s" + hashlib.sha256(f"{self.world.seed} {self._serial} {text}".encode()).hexdigest()[:9]

    def post(self, author: Person, text: str, when: datetime, **more: Any) -> Tweet:
        """One post, with the id that X would have given it at that moment."""
        self._serial += 1
        made_id = str(((int(when.timestamp() * 1000) - _EPOCH_MS) << 22) + self._serial)
        tags = tuple(word[1:] for word in text.split() if word.startswith("#"))
        conversation = more.pop("conversation", "") or made_id
        language = "en" if text.isascii() else "ja"
        tweet = Tweet(
            id=made_id, author=author, text=text, created=when, hashtags=tags, conversation=conversation,
            language=language, **more,
        )  # fmt: skip
        self.world.tweets.append(tweet)
        return tweet

    def live(self) -> None:
        """What people say without a link: from the halls, and from home."""
        for index in range(self.cast.numbers.tweets):
            here = index % 3 != 2
            author = self.rng.choice(self._crowd if here else self._watchers)
            text = self._slots().fill(self._decks["live" if here else "watch"].deal())
            when = datetime(2016, 11, 29, 2, 0, tzinfo=JST) + timedelta(minutes=self.rng.randint(0, 5 * 24 * 60))
            tweet = self.post(author, text, when, why="says something about the event with its tag")
            if here and index % 9 == 0:
                self.post(
                    author, self._decks["thread"].deal(), when + timedelta(minutes=3), conversation=tweet.id,
                    referenced=(("replied_to", tweet.id),), why="the second part of a thread",
                )  # fmt: skip

    def responses(self) -> None:
        """Reposts, quotes and replies."""
        originals = [tweet for tweet in self.world.tweets if tweet.relevant and not tweet.referenced]
        for index, tweet in enumerate(self.rng.sample(originals, min(24, len(originals)))):
            author = self.rng.choice([p for p in self._crowd + self._watchers if p is not tweet.author])
            when = tweet.created + timedelta(minutes=self.rng.randint(1, 300))
            if index % 3 == 0:
                text = f"RT @{tweet.author.x_handle}: {tweet.text}"[:140]
                self.post(author, text, when, referenced=(("retweeted", tweet.id),), why="a repost")
            elif index % 3 == 1:
                self.post(author, self._decks["quote"].deal(), when, referenced=(("quoted", tweet.id),), why="a quote")
            else:
                text = f"@{tweet.author.x_handle} {self._decks['reply'].deal()}"
                self.post(
                    author, text, when, referenced=(("replied_to", tweet.id),), conversation=tweet.id, why="a reply"
                )

    def noise(self) -> None:
        """English self-help with the event's tag, and the vendor's own account."""
        robots = [self.world.registry.account("unknown", "Daily Better You", f"better{i}") for i in range(2)]
        host = "lifestyle.example.com"
        for index in range(4):
            url = f"https://{host}/tips/{index}"
            self.world.redirects[short := f"https://t.co/{self._code(url)}"] = url
            when = datetime(2016, 12, 1 + index, 3, 33, tzinfo=JST)
            text = self._slots(url=short).fill(self._decks["spam"].deal())
            self.post(
                robots[index % 2], text, when, links=((short, url, ""),), relevant=False, why="another reinvention"
            )
        vendor = [d for d in self.world.docs if d.author.kind == "vendor" and d.kind in WRITTEN]
        for doc in vendor[:2]:
            link = self.link(doc)
            text = self._slots(url=link[0]).fill(self._decks["official"].deal())
            self.post(doc.author, text, doc.published + timedelta(hours=1), links=(link,), why="the vendor's account")

    def _slots(self, **given: str) -> Slots:
        return self.cast.writer.slots(**given)
