"""What folding reads of a post, whether it was just found or was folded before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.model import UNCOUNTED_KINDS
from harvester.relate.links import identities, target_key

if TYPE_CHECKING:
    from harvester.model import Post, When

# What an earlier run found by itself; a relation that a source declared comes with its target.
_FOUND = frozenset({"crosspost", "syndicated", "reprint", "page_part", "thread_part", "translation"})
# A day, a month or a year is its middle here, so that a copy dated to the second does not come before or after
# its original by the clock alone.
_MIDDLE = {"day": 43_200.0, "month": 15 * 86_400.0, "year": 183 * 86_400.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryInput:
    """What folding reads of a post.

    people     tokens of the author (`links.identities`); one in common is the same person
    published  seconds since the epoch, None when unknown
    text       may be left out where `fold` is told how to read it
    language   two letters, "" or "und" when unknown
    relation   as the source declared it; `target` is that post's key
    links      keys of posts that it links to
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
    language: str = ""
    published: float | None = None
    canonical_url: str = ""
    url: str = ""
    relation: str = "original"
    target: str = ""
    conversation: str = ""
    links: tuple[str, ...] = ()
    tagged: bool = False
    first: bool = False
    copyist: bool = False

    @property
    def derivative(self) -> bool:
        """Whether it is somebody else's words passed on, or no post at all: never folded, never counted."""
        return self.kind in UNCOUNTED_KINDS or self.relation == "repost"

    @property
    def rank(self) -> tuple[int, bool, float, str]:
        """Who represents a story: the one told, a release before its reprints, the first published, then the key."""
        level = 0 if self.first else 1 if self.kind == "press_release" else 3 if self.copyist else 2
        return level, self.published is None, self.published or 0.0, self.key


def story_input(
    post: Post,
    *,
    tagged: bool,
    copyist: bool,
    parent: str = "",
    first: bool = False,
    links: tuple[str, ...] = (),
    found: bool = False,
    person: int | None = None,
) -> StoryInput:
    """What folding reads. What somebody outside said: `parent` is the key of the post that this one is a copy or part
    of, `first` that it represents its story. `links` are the keys of posts that it links to, `person` the one
    that a human confirmed the author to be; `found` says that its parent was found by an earlier run.
    """
    target = target_key(post.platform, post.target) or parent
    relation = post.relation
    told_by_itself = bool(target) or (relation == "translation" and not found)
    if relation == "thread" or (relation in _FOUND and not told_by_itself):
        relation = "original"
    return StoryInput(
        key=post.key,
        kind=post.kind,
        host=post.host,
        author=f"{post.author.platform}:{post.author.handle}" if post.author else "",
        people=identities(post.author) | ({f"person:{person}"} if person is not None else set()),
        title=post.title,
        text=post.text,
        language=post.language,
        published=_moment(post.published),
        canonical_url=post.canonical_url,
        url=post.url,
        relation=relation,
        target=target,
        conversation=post.conversation,
        links=links,
        tagged=tagged,
        first=first,
        copyist=copyist,
    )


def _moment(when: When) -> float | None:
    return None if when.at is None else when.at.timestamp() + _MIDDLE.get(when.precision, 0.0)
