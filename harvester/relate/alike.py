"""Posts whose texts are alike: articles of anybody among all, microposts only among one person's own."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from harvester.relate.pairs import quotes, verdict
from harvester.relate.sketches import Sketches
from harvester.relate.texts import LEAST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.relate.groups import Groups
    from harvester.relate.inputs import StoryInput
    from harvester.relate.texts import Texts

_IN_VAIN = 16  # comparisons of one text that found nothing, the most alike first
_TWINS = 8  # equal texts kept apart (stubs under different titles) that a further one is compared with
_SHARED = 3  # stories that hold a passage as a whole: it is passed around, and nobody's excerpt


@dataclass(frozen=True, slots=True)
class _Part:
    """`shorter` is an excerpt of `longer` as far as these two tell; `inside` when most of that is not in it."""

    shorter: StoryInput
    longer: StoryInput
    letters: int
    inside: bool


def join_texts(posts: Sequence[StoryInput], groups: Groups, texts: Texts) -> None:
    """Join copies and excerpts."""
    _join_alike([post for post in posts if post.kind != "micropost" and not post.derivative], groups, texts)
    own: dict[str, list[StoryInput]] = {}
    for post in posts:
        if post.kind == "micropost" and post.relation not in ("reply", "repost"):
            for token in post.people:
                own.setdefault(token, []).append(post)
    done: set[tuple[str, ...]] = set()  # an account and its handle usually name the same posts
    for token in sorted(own):
        keys = tuple(post.key for post in own[token])
        if len(keys) > 1 and keys not in done:
            done.add(keys)
            _join_alike(own[token], groups, texts)


def _join_alike(posts: Sequence[StoryInput], groups: Groups, texts: Texts) -> None:
    sketches = Sketches(len(posts))
    known: list[StoryInput] = []
    twins: dict[bytes, list[StoryInput]] = {}
    for post in posts:
        mine = texts.fresh(post)
        if len(mine) < LEAST:
            continue
        whole = blake2b(mine.letters.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        others = twins.setdefault(whole, [])
        if not others:
            sketches.add(mine.letters)
            known.append(post)
        _join_twin(post, others, groups, texts)
    parts: list[_Part] = []
    for number, candidates in sketches.candidates():
        parts += _compare(known, number, candidates, sketches, groups, texts)
    _join_parts(parts, groups)


def _join_twin(post: StoryInput, others: list[StoryInput], groups: Groups, texts: Texts) -> None:
    """Join a post with one of those that hold the very same letters, or keep it among them."""
    for other in others:
        if groups.joined(other, post) or verdict(other, texts.of(other), post, texts.of(post)) == "same":
            groups.join(other, post)
            return
    if len(others) < _TWINS:
        others.append(post)


def _compare(
    known: Sequence[StoryInput],
    number: int,
    candidates: Sequence[int],
    sketches: Sketches,
    groups: Groups,
    texts: Texts,
) -> list[_Part]:
    """Join a text with earlier ones that are alike; its excerpts, or what it is an excerpt of, are told later."""
    post, parts, in_vain = known[number], [], 0
    for candidate in candidates:
        other = known[candidate]
        if groups.joined(other, post) or not sketches.may_match(candidate, number):
            continue
        mine, theirs = texts.of(post), texts.of(other)
        found = verdict(other, theirs, post, mine)
        if found == "same":
            groups.join(other, post)
        elif found:
            shorter, longer = (post, other) if len(mine) < len(theirs) else (other, post)
            parts.append(_Part(shorter, longer, min(len(mine), len(theirs)), found == "inside"))
        else:
            in_vain += 1
            if in_vain == _IN_VAIN:
                break
    return parts


def _join_parts(parts: Sequence[_Part], groups: Groups) -> None:
    """Give each excerpt to one story, longer excerpts first, so that no passage ties two stories to each other."""
    holders: dict[str, list[_Part]] = {}
    for part in sorted(parts, key=lambda part: (-part.letters, part.shorter.rank)):
        holders.setdefault(part.shorter.key, []).append(part)
    for found in holders.values():
        shorter = found[0].shorter
        head = groups.head(shorter)
        whole = [part.longer for part in found if not (part.inside and _quoted(part, head))]
        heads = {one.key: one for one in map(groups.head, whole)}
        if not heads or head.key in heads:
            continue
        best = min(heads.values(), key=lambda one: one.rank)
        if len(heads) < _SHARED or best.kind == "press_release":
            groups.join(best, shorter)


def _quoted(part: _Part, head: StoryInput) -> bool:
    """Whether the longer text quotes the shorter one, or the story to which that belongs."""
    return quotes(part.longer, part.shorter) or quotes(part.longer, head)
