"""Whether two posts carry one text: the thresholds of the measurement specification, §2, and when they do not apply."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from harvester.relate.shingles import containment, grams, jaccard, reduced
from harvester.relate.texts import LEAST

if TYPE_CHECKING:
    from harvester.relate.inputs import StoryInput
    from harvester.relate.texts import Letters

Verdict = Literal["", "same", "part", "inside"]

ALIKE = 0.70  # Jaccard of two copies
EXCERPT = 0.90  # containment of an excerpt in what it was cut from
QUOTED = 0.50  # below it a text that holds a whole other one is an article about it, no copy
EXCERPT_LETTERS = 200
ARTICLE_LETTERS = 120  # shorter texts of two outlets are stubs: cookie notes, "enable JavaScript"
_REPEATED = 0.90  # Jaccard of two texts under different titles in one place; below it they share a template
_REPEATED_LETTERS, _NOTICE_WEIGHT = 400, 250  # under titles that differ a shorter text may be a notice
_TITLES_ALIKE = 0.5
_LAST_WORD = 6  # letters that may be cut in two
_DAY = 86400.0
_DIGITS = re.compile(r"\d+")
WIRE = ("news", "press_release")


def verdict(a: StoryInput, a_text: Letters, b: StoryInput, b_text: Letters) -> Verdict:
    """`same`: one text. `part`: the shorter of two is an excerpt of the longer. "": neither.

    `inside`: the longer holds the shorter, and most of it is not in there: an excerpt unless the longer `quotes` it.
    """
    alike = jaccard(a_text.grams, b_text.grams)
    if a.kind == "micropost":
        return "same" if alike >= ALIKE or _cut_short(a, a_text, b, b_text) else ""
    if a_text.bare or b_text.bare:
        return "same" if alike >= _REPEATED and same_title(a, b) else ""
    if _of_a_series(a, b) or (alike < _REPEATED and other_language(a, b)):
        return ""
    if alike >= ALIKE:
        return "same" if _a_copy(a, b, alike, min(a_text.letters, b_text.letters, key=len)) else ""
    if min(len(a_text), len(b_text)) < EXCERPT_LETTERS or containment(a_text.grams, b_text.grams) < EXCERPT:
        return ""
    if outlet(a) == outlet(b):
        return "same" if updated(a, b) else ""
    return "part" if alike >= QUOTED else "inside"


def _a_copy(a: StoryInput, b: StoryInput, alike: float, shorter: str) -> bool:
    """Whether two texts that are alike are copies and no stubs or fillings of one form."""
    if titles_alike(a, b):
        return len(shorter) >= ARTICLE_LETTERS or same_title(a, b) or bool(a.people & b.people)
    if outlet(a) == outlet(b):
        return len(shorter) >= _REPEATED_LETTERS and alike >= _REPEATED
    return len(shorter) >= ARTICLE_LETTERS and _weight(shorter) >= _NOTICE_WEIGHT


def _weight(letters: str) -> int:
    """The length of a text as if it were English: a Japanese letter says what two say there."""
    return sum(1 if letter.isascii() else 2 for letter in letters[:_NOTICE_WEIGHT])


def _cut_short(a: StoryInput, a_text: Letters, b: StoryInput, b_text: Letters) -> bool:
    """Whether one platform shows only how a micropost on another begins."""
    shorter, longer = sorted((a_text.letters, b_text.letters), key=len)
    return a.host != b.host and len(shorter) >= LEAST and longer.startswith(shorter[:-_LAST_WORD])


def quotes(longer: StoryInput, shorter: StoryInput) -> bool:
    """Whether a text, most of which is its own, quotes the shorter one, and the shorter is not cut from it."""
    if longer.copyist or shorter.copyist:
        return False
    if "press_release" in (longer.kind, shorter.kind):
        return shorter.kind == "press_release"
    if longer.published is None or shorter.published is None:
        return False
    return longer.published - shorter.published > _DAY


def outlet(post: StoryInput) -> tuple[str, str]:
    """The place that a post was published in: a site, or an account on a shared one."""
    platform, colon, _ = post.author.partition(":")
    return post.host, post.author if colon and platform != "web" else ""


def updated(a: StoryInput, b: StoryInput) -> bool:
    """Whether one outlet ran two versions of a report within a day."""
    if a.kind not in WIRE or b.kind not in WIRE or outlet(a) != outlet(b) or not titles_alike(a, b):
        return False
    return a.published is not None and b.published is not None and abs(a.published - b.published) <= _DAY


def other_language(a: StoryInput, b: StoryInput) -> bool:
    """Whether two posts are known to be in different languages."""
    one, other = (post.language.partition("-")[0] for post in (a, b))
    return one != other and "und" not in (one, other) and "" not in (one, other)


def _of_a_series(a: StoryInput, b: StoryInput) -> bool:
    """Whether titles differ by their numbers alone: two days, two editions, two parts; or versions of one report."""
    one, other = _title(a.title), _title(b.title)
    if one == other or _DIGITS.sub("", one) != _DIGITS.sub("", other):
        return False
    return bool(_DIGITS.search(one) and _DIGITS.search(other)) and not updated(a, b)


def same_title(a: StoryInput, b: StoryInput) -> bool:
    """Whether both carry one title."""
    return bool(a.title) and _title(a.title) == _title(b.title)


def titles_alike(a: StoryInput, b: StoryInput) -> bool:
    """Whether titles are one but for numbers, a site's name or a word, or one is missing."""
    one, other = (_DIGITS.sub("", _title(post.title)) for post in (a, b))
    if not one or not other or one in other or other in one:
        return True
    return jaccard(grams(one), grams(other)) >= _TITLES_ALIKE


@lru_cache(maxsize=4096)
def _title(title: str) -> str:
    return reduced(title)
