"""Posts that answer another post or pass it on: what they are about, and what they do not say of their writer.

`@aoi nice!` carries no name and no tag, and yet it is about what it answers. Nobody writes a repost's or a bookmark's
page, and where somebody replies says nothing about who they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harvester.classify.evidence import strongest
from harvester.classify.rules import fire_relevance, table

if TYPE_CHECKING:
    from harvester.model import Post, RelevanceLabel

_PASSED_ON_KINDS = frozenset({"bookmark", "repost"})
_ANSWERS = frozenset({"reply", "quote", "repost"})
_ELSEWHERE = frozenset({"reply", "repost"})
_CAN_LEAD = ("probable", "confirmed")


def answers(post: Post) -> bool:
    """Whether a post names another one that it replies to, quotes, passes on or bookmarks."""
    return bool(post.target) and (post.relation in _ANSWERS or post.kind in _PASSED_ON_KINDS)


def on_others_ground(post: Post) -> bool:
    """Whether a post stands where somebody else wrote: its host and its address say nothing about its author."""
    return post.kind in _PASSED_ON_KINDS or post.relation in _ELSEWHERE


def follow(own: RelevanceLabel, post: Post, target: str, relevance: str) -> RelevanceLabel:
    """The judgement of a post that answers `target` (a post's key), which is judged `relevance`.

    Rule R18 is added to what speaks for and against the post itself. It never becomes more than its target is, nor
    less than it is by itself; what is confirmed already needs no help.
    """
    if own.relevance == "confirmed" or relevance not in _CAN_LEAD:
        return own
    evidence = strongest([*own.evidence, fire_relevance("R18", f"{target}, {relevance}", post_key=post.key)])
    score = sum(found.weight for found in evidence)
    numbers = table("relevance").numbers
    reached = "confirmed" if score >= numbers["confirmed"] else "probable" if score >= numbers["probable"] else ""
    if not reached:
        return replace(own, score=score, evidence=tuple(evidence))
    capped = reached if relevance == "confirmed" else "probable"
    return replace(own, relevance=capped, score=score, evidence=tuple(evidence))
