"""Which sources found which stories by themselves: the lists that an estimate of missed posts compares.

Stories, not posts: a copy that was seen is its story that was seen. A list is a source that asked for itself. None is

* a source that copies from others (`fed_by`), since what it finds they had to find first;
* a source that follows links, nor any page it was led to `via SOURCE`. A page that five sources point to is fetched
  for the first of them only, so five lists of such pages would seem to avoid each other, and there would seem to be
  far more stories than there are.

A list reaches the platforms it declares and those where it saw a story. Two lists are no source: what short posts link
to, and what searches of many sites name (`store.shared`), complete although each page was fetched once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from harvester.measure.frame import counted
from harvester.measure.recipe import VIA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Scope, World

# Whose posts are estimated. Media are looked for by their registry and not by searches, owned posts are known.
KINDS: Final = ("participant", "independent")
SHARED: Final = "shared"
LISTED: Final = "listed"
_ROAMING: Final = frozenset({SHARED, LISTED})


@dataclass(frozen=True, slots=True)
class Story:
    """One counted story: the platform of its counted post, those of all its copies, and the lists that hold it."""

    platform: str
    platforms: frozenset[str]
    lists: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lists:
    """Stories with the lists that hold them, and the platforms each list reaches."""

    stories: tuple[Story, ...]
    scopes: dict[str, frozenset[str]]

    @property
    def held(self) -> list[Story]:
        """The stories that are on a list at all."""
        return [story for story in self.stories if story.lists]

    @property
    def times(self) -> tuple[int, ...]:
        """How many stories are on exactly 1, 2 … t lists."""
        found = Counter(len(story.lists) for story in self.held)
        return tuple(found[k + 1] for k in range(len(self.scopes)))

    @property
    def sizes(self) -> dict[str, int]:
        """How many stories each list holds, by name."""
        return {name: sum(name in story.lists for story in self.stories) for name in sorted(self.scopes)}

    @property
    def overlaps(self) -> dict[str, int]:
        """`a + b` → stories on exactly these lists, the most first."""
        found = Counter(" + ".join(sorted(story.lists)) for story in self.held)
        return dict(sorted(found.items(), key=lambda f: (-f[1], f[0])))

    def alone(self) -> Lists:
        """The stories on a list that only one list could have seen: they say nothing about what others missed."""
        return _of(tuple(story for story in self.held if self._reach(story) < 2), self.scopes)

    def compared(self) -> Lists:
        """The stories on a list that two or more lists could have seen."""
        return _of(tuple(story for story in self.held if self._reach(story) > 1), self.scopes)

    def _reach(self, story: Story) -> int:
        return sum(bool(scope & story.platforms) for scope in self.scopes.values())

    @property
    def opposed(self) -> tuple[int, int, int] | None:
        """Stories on one side, on the other, and on both, where lists of unlike kinds have to be two.

        Who asked the platform itself stands against those who pointed there from elsewhere; where nobody asked, what
        was shared against what was listed. None without a list that points, or without another.
        """
        asked = self.scopes.keys() - _ROAMING
        if len(self.scopes) < 2 or not self.scopes.keys() & _ROAMING:
            return None
        one = asked or {SHARED}
        first = sum(bool(story.lists & one) for story in self.stories)
        second = sum(bool(story.lists - one) for story in self.stories)
        return first, second, first + second - len(self.held)

    def by_platform(self) -> dict[str, Lists]:
        """The same for each platform alone, with the lists that reach it: a copy seen elsewhere is none of theirs."""
        found: dict[str, list[Story]] = defaultdict(list)
        for story in self.stories:
            lists = frozenset(name for name in story.lists if story.platform in self.scopes[name])
            found[story.platform].append(replace(story, lists=lists))
        return {name: _of(tuple(stories), self.scopes) for name, stories in sorted(found.items())}


def _of(stories: tuple[Story, ...], scopes: dict[str, frozenset[str]]) -> Lists:
    names = set().union(*(story.lists for story in stories))
    return Lists(stories, {name: scopes[name] for name in sorted(names)})


def lists_of(items: list[Item], frame: Frame) -> Lists:
    """The counted written stories of participants and independents, with who found them.

    A list that found none of them is left out: it says nothing, and fewer lists make the lower limit lower.
    """
    chosen = {
        item.story: item for item in counted(items, frame) if item.group == "written" and item.author_kind in KINDS
    }
    copies: dict[str, list[Item]] = {story: [] for story in chosen}
    for item in items:
        if item.story in copies:
            copies[item.story].append(item)
    own = _sightings(copies, frame.world)
    scopes = _scopes(own, frame.world.scopes)
    stories = [
        Story(item.platform, frozenset(post.platform for post in copies[story]), frozenset(own[story]))
        for story, item in sorted(chosen.items())
    ]
    return _of(tuple(stories), scopes)


def _sightings(copies: dict[str, list[Item]], world: World) -> dict[str, dict[str, set[str]]]:
    """Story → lists that saw it, each with the platforms it saw it on."""
    followers = {source for asked in world.sighted.values() for source, query in asked if query.startswith(VIA)}
    followers |= {scope.source for scope in world.scopes if scope.fed_by or (scope.follows and not scope.platforms)}
    own: dict[str, dict[str, set[str]]] = {story: defaultdict(set) for story in copies}
    for story, post in ((story, post) for story, posts in copies.items() for post in posts):
        for source, _ in world.sighted.get(post.post_id, ()):
            if source not in followers:
                own[story][source].add(post.platform)
    return own


def _scopes(own: dict[str, dict[str, set[str]]], told: Iterable[Scope]) -> dict[str, frozenset[str]]:
    """List → the platforms it reaches."""
    reached: dict[str, set[str]] = defaultdict(set)
    for seen in own.values():
        for name, platforms in seen.items():
            reached[name] |= platforms
    declared = {scope.source: scope.platforms for scope in told}
    return {name: frozenset(platforms).union(declared.get(name, ())) for name, platforms in reached.items()}
