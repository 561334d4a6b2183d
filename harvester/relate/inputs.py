"""From a post to what folding reads of it, whether it was just found or was folded before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.relate.links import identities, target_key
from harvester.relate.stories import StoryInput

if TYPE_CHECKING:
    from harvester.model import Post, When

# What an earlier run found by itself; a relation that a source declared comes with its target.
_FOUND = frozenset({"crosspost", "syndicated", "reprint", "page_part", "thread_part", "translation"})
# A day, a month or a year is its middle here, so that a copy dated to the second does not come before or after
# its original by the clock alone.
_MIDDLE = {"day": 43_200.0, "month": 15 * 86_400.0, "year": 183 * 86_400.0}


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
