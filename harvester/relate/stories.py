"""Folding copies into stories (measurement specification, §2). Nothing is deleted: copies stay, uncounted.

Found in this order: declared copies, self-reply threads, equal canonical addresses, pages of one article, decks
and titles that one person put in two places, texts that are alike. The first published post represents a story.
The result depends on the posts alone, not on their order or on earlier runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.relate.groups import Groups
from harvester.relate.same import join_addresses, join_declared, join_texts, join_threads, join_titles

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

# Relations that never count by themselves, with the reason shown.
_DERIVATIVE = {"repost": "repost is a derivative", "reply": "reply to somebody else"}
_UNCOUNTED_KINDS = {
    "repost": "repost is a derivative",
    "bookmark": "bookmark is a derivative",
    "event_page": "event page",
}
_COPY = {
    "crosspost": "crosspost of {}",
    "syndicated": "syndicated copy of {}",
    "reprint": "reprint of {}",
    "thread_part": "part of thread {}",
    "page_part": "page of {}",
}
_STANDS_IN = frozenset(_COPY) - {"reprint"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryInput:
    """What folding reads of a post.

    people     tokens of the author (`links.identities`); one in common is the same person
    published  seconds since the epoch, None when unknown
    relation   as the source declared it; `target` is that post's key
    tagged     carries the event's tag itself (a reply then counts)
    first      somebody outside said that it represents its story
    copyist    kept on a site that only copies, so it never represents a story
    """

    key: str
    kind: str
    host: str = ""
    author: str = ""
    people: frozenset[str] = frozenset()
    title: str = ""
    text: str = ""
    published: float | None = None
    canonical_url: str = ""
    url: str = ""
    relation: str = "original"
    target: str = ""
    conversation: str = ""
    tagged: bool = False
    first: bool = False
    copyist: bool = False

    @property
    def derivative(self) -> bool:
        """Whether it is somebody else's words passed on, or no post at all: never folded, never counted."""
        return self.kind in _UNCOUNTED_KINDS or self.relation == "repost"

    @property
    def rank(self) -> tuple[int, bool, float, str]:
        """Who represents a story: the one told, a release before its reprints, the first published, then the key."""
        level = 0 if self.first else 1 if self.kind == "press_release" else 3 if self.copyist else 2
        return level, self.published is None, self.published or 0.0, self.key


@dataclass(frozen=True, slots=True)
class Folded:
    """A post's place: the key that represents its story, how it stands to it, and whether it can count."""

    key: str
    story: str
    relation: str
    counted: bool
    reason: str


def fold(posts: Iterable[StoryInput]) -> list[Folded]:
    """Each post with its story, best-ranked first."""
    ordered = sorted(posts, key=lambda post: post.rank)
    groups = Groups(ordered)
    for join in (join_declared, join_threads, join_addresses, join_titles, join_texts):
        join(ordered, groups)
    return [_place(post, groups) for post in ordered]


def _place(post: StoryInput, groups: Groups) -> Folded:
    head = groups.head(post)
    if post.derivative:
        reason = _UNCOUNTED_KINDS.get(post.kind) or _DERIVATIVE[post.relation]
        return Folded(post.key, head.key, _declared(post), counted=False, reason=reason)
    relation = groups.relation(post)
    if post.key == head.key:
        if relation == "reply" and not post.tagged:
            return Folded(post.key, head.key, relation, counted=False, reason=_DERIVATIVE[relation])
        return Folded(post.key, head.key, relation, counted=True, reason="")
    return Folded(
        post.key, head.key, relation, counted=False, reason=_COPY.get(relation, "copy of {}").format(head.key)
    )


def _declared(post: StoryInput) -> str:
    return post.relation if post.relation in _DERIVATIVE else "original"


def tally(folded: Sequence[Folded], eligible: Container[str]) -> dict[str, tuple[bool, str]]:
    """(counted, reason) of each post when only `eligible` keys (confirmed, in this event) may count.

    A story whose representative is not eligible is counted through its first copy that is; reprints never are.
    """
    stories: dict[str, list[Folded]] = {}
    for post in folded:
        stories.setdefault(post.story, []).append(post)
    out: dict[str, tuple[bool, str]] = {}
    for members in stories.values():
        able = [m for m in members if m.key in eligible and (m.counted or m.relation in _STANDS_IN)]
        chosen = able[0].key if able else ""
        for member in members:
            out[member.key] = (member.key == chosen, "" if member.key == chosen else _why_not(member, chosen, eligible))
    return out


def _why_not(member: Folded, chosen: str, eligible: Container[str]) -> str:
    if member.key not in eligible:
        return "not confirmed to be about the event"
    if member.reason and (member.relation not in _COPY or chosen == member.story):
        return member.reason
    return _COPY.get(member.relation, "copy of {}").format(chosen)
