"""Which answers to known posts are asked for: replies by their conversation, quotes by what they quote. Pure.

A question is named after the post and not after what X is asked, because an erasure finds it by that address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from harvester.contract import count
from harvester.model import Reaction
from harvester.payloads.x import reactions_of
from harvester.walks import x_walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from harvester.event import Event
    from harvester.walks.x_walk import Walk

ASK: Final = {"replies": "conversation_id:{}", "quotes": "quotes_of_tweet_id:{}"}
_COUNT: Final = {"replies": "reply", "quotes": "quote"}


class Met(NamedTuple):
    """A post with the numbers that X tells of it now."""

    post_id: str
    url: str
    numbers: Mapping[str, int]

    @property
    def key(self) -> str:
        """The key under which it is stored."""
        return f"x:{self.post_id}"

    def reactions(self) -> list[Reaction]:
        """The numbers as measured now."""
        return [Reaction(url=self.url, name=name, value=n, native_id=self.key) for name, n in self.numbers.items()]

    def name(self, kind: str) -> str:
        """The question after its replies or quotes."""
        return f"https://x.com/i/status/{self.post_id}#{kind}"


def looked_up(records: Iterable[Mapping[str, Any]], asked: Mapping[str, str]) -> list[Met]:
    """The posts of a lookup that were asked for (id → address)."""
    found = ((str(record["id"]), dict(reactions_of(record))) for record in records)
    return [Met(post_id, asked[post_id], numbers) for post_id, numbers in found if post_id in asked]


class Answers:
    """The posts of this run with answers that nobody has read, and the walks through them.

    wanted   kind (replies, quotes) → how many posts of each question have theirs read
    stored   the cursor of a question
    """

    def __init__(self, wanted: Mapping[str, int], stored: Callable[[str], dict[str, Any]]) -> None:
        self.wanted = {kind: most for kind, most in wanted.items() if most}
        self._stored = stored
        self._met: dict[str, list[Met]] = {}
        self._asked: set[str] = set()

    def meet(self, question: str, posts: Iterable[Met]) -> tuple[str, ...]:
        """Put the posts with new answers aside; the keys of the others, of which nothing more is to be asked."""
        others = []
        for post in posts:
            if any(self._grown(post, kind) for kind in self.wanted):
                self._met.setdefault(question, []).append(post)
            else:
                others.append(post.key)
        return tuple(others)

    def choose(self, question: str) -> tuple[list[tuple[Met, str]], tuple[str, ...]]:
        """(post, kind) of the most answered posts that a question met, and the keys of those that were not chosen."""
        met = self._met.pop(question, [])
        chosen: list[tuple[Met, str]] = []
        for kind, most in self.wanted.items():
            grown = [post for post in met if self._grown(post, kind) and post.name(kind) not in self._asked]
            grown.sort(key=lambda post: (-post.numbers[_COUNT[kind]], post.post_id))
            chosen += [(post, kind) for post in grown[:most]]
        self._asked.update(post.name(kind) for post, kind in chosen)
        taken = {post.key for post, _ in chosen}
        return chosen, tuple(dict.fromkeys(post.key for post in met if post.key not in taken))

    def _grown(self, post: Met, kind: str) -> bool:
        """Whether there are answers that were not there when the question was read last, or that reading was cut."""
        found, stored = post.numbers.get(_COUNT[kind], 0), self._stored(post.name(kind))
        return found > (count(stored.get("count")) or 0) or (found > 0 and "walk" in stored)

    def begin(self, event: Event, now: datetime, post: Met, kind: str, *, archive: bool | None) -> Walk:
        """The walk through the answers to a post: the one that was cut short, else from the newest one known.

        It needs no count: the post itself tells how many there are.
        """
        stored, total = self._stored(post.name(kind)), {"total": post.numbers[_COUNT[kind]]}
        if walk := stored.get("walk"):
            return dict(walk) | total
        start = x_walk.moment_of(int(post.post_id)) if post.post_id.isdecimal() else None
        walk = x_walk.begin(event, now, stored.get("since", ""), archive=archive, start=start)
        return walk | total | {"end": "", "ask": ASK[kind].format(post.post_id), "post": post.url, "key": post.key}
