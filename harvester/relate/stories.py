"""Folding copies into stories (measurement specification, §2). Nothing is deleted: copies stay, uncounted.

Found in this order: declared copies, self-reply threads, equal canonical addresses, pages of one article, decks
and titles that one person put in two places, texts that are alike. The first published post represents a story, of
a report that its outlet updated within a day the latest version. A translation is a story of its own, the
translator's. The result depends on the posts alone, not on their order or on earlier runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.relate.alike import join_texts
from harvester.relate.groups import Groups
from harvester.relate.pairs import WIRE, updated
from harvester.relate.same import join_addresses, join_declared, join_threads, join_titles
from harvester.relate.texts import Texts
from harvester.relate.translations import translation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    from harvester.relate.inputs import StoryInput

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
_ONLY_COPIES = "kept on a site that only copies"


@dataclass(frozen=True, slots=True)
class Folded:
    """A post's place: the key that represents its story, how it stands to it, and whether it can count.

    target    key of the post that this one translates, "" for anything else
    copyist   kept on a site that only copies, so it never stands in for another
    """

    key: str
    story: str
    relation: str
    counted: bool
    reason: str
    target: str = ""
    copyist: bool = False


def fold(posts: Iterable[StoryInput], text_of: Callable[[str], str] | None = None) -> list[Folded]:
    """Each post with its story, best-ranked first.

    `text_of` gives the text of a post by its key, several times for some; without it, posts hold their texts. Then
    no more texts are in memory than are being compared, and of each post its sketch.
    """
    ordered = sorted(posts, key=lambda post: post.rank)
    groups = Groups(ordered)
    texts = Texts(ordered, text_of or (lambda key: groups[key].text))
    join_declared(ordered, groups)
    join_threads(ordered, groups)
    join_addresses(ordered, groups, texts)
    join_titles(ordered, groups, texts)
    join_texts(ordered, groups, texts)
    _lead_by_latest(ordered, groups)
    return [_place(post, groups, texts) for post in ordered]


def _lead_by_latest(posts: Sequence[StoryInput], groups: Groups) -> None:
    """Of versions that one outlet ran within a day of the first, the latest represents the story."""
    heads = {post.key: head for post in posts if post.kind in WIRE and not (head := groups.head(post)).first}
    for post in posts:  # by date, so that the latest is asked last
        if (first := heads.get(post.key)) and first is not post and updated(first, post):
            groups.lead(post)


def _place(post: StoryInput, groups: Groups, texts: Texts) -> Folded:
    head = groups.head(post)
    if post.derivative:
        reason = _UNCOUNTED_KINDS.get(post.kind) or _DERIVATIVE[post.relation]
        return Folded(post.key, head.key, _declared(post), counted=False, reason=reason, copyist=post.copyist)
    relation, reason, target = groups.relation(post), "", ""
    if post.key != head.key:
        reason = _COPY.get(relation, "copy of {}").format(head.key)
    elif relation == "reply" and not post.tagged:
        reason = _DERIVATIVE[relation]
    elif post.copyist:
        reason = _ONLY_COPIES
    elif relation == "original" and (source := translation_of(post, groups, texts)):
        relation, target = "translation", source
    return Folded(post.key, head.key, relation, counted=not reason, reason=reason, target=target, copyist=post.copyist)


def _declared(post: StoryInput) -> str:
    return post.relation if post.relation in _DERIVATIVE else "original"


def tally(folded: Sequence[Folded], eligible: Container[str]) -> dict[str, tuple[bool, str]]:
    """(counted, reason) of each post when only `eligible` keys (confirmed, in this event) may count.

    A story whose representative is not eligible is counted through its first copy that is; reprints and what is
    kept on a site that only copies never are.
    """
    stories: dict[str, list[Folded]] = {}
    for post in folded:
        stories.setdefault(post.story, []).append(post)
    out: dict[str, tuple[bool, str]] = {}
    for members in stories.values():
        able = [m for m in members if m.key in eligible and (m.counted or _stands_in(m))]
        chosen = able[0].key if able else ""
        for member in members:
            out[member.key] = (member.key == chosen, "" if member.key == chosen else _why_not(member, chosen, eligible))
    return out


def _stands_in(member: Folded) -> bool:
    return member.relation in _STANDS_IN and not member.copyist


def _why_not(member: Folded, chosen: str, eligible: Container[str]) -> str:
    if member.key not in eligible:
        return "not confirmed to be about the event"
    if member.reason and (member.relation not in _COPY or chosen == member.story):
        return member.reason
    return _COPY.get(member.relation, "copy of {}").format(chosen)
