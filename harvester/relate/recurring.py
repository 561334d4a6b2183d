"""Sentences that a site or an author puts under everything, which tell nothing about what one text copies.

Author's bios, calls to follow, notes about cookies, descriptions of an event. A sentence recurs when posts of three
different titles on one host carry it, or three different texts where there are no titles. Two copies of one article
on a host share their title (but for its numbers), so nothing of them recurs by that. What recurs on one host counts
nowhere: copies take it along.
"""

from __future__ import annotations

import re
from array import array
from itertools import groupby
from typing import TYPE_CHECKING
from zlib import crc32

from harvester.relate.shingles import reduced, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_TITLES = 3
_SHORTEST = 6  # letters; shorter pieces recur in any text
_VERSION = re.compile(r"\d+|update|更新|速報|続報")  # in titles of one report in several states
_PARTS = 16  # of a host's sentences, sorted one by one
# Words of the notices that pages carry wherever they are; an article about them loses them in both copies alike.
_NOTICE = re.compile(
    r"cookie|クッキー|enablejavascript|javascript(?=.{0,30}(?:有効|無効|turn|switch|disabled|required))|allrightsreserved|無断転載|privacypolicy|"
    r"プライバシーポリシー|termsofservice|利用規約|newsletter|メールマガジン|signintocontinue|会員登録|ログインして"
)


class Recurring:
    """What recurs, told one host at a time: four bytes a sentence while a host is read."""

    def __init__(self) -> None:
        self._held: set[int] = set()

    def page(self, text: str) -> None:
        """An event page's text: what posts repeat of it is not theirs."""
        self._held |= _marks(sentences(text))

    def host(self, posts: Iterable[tuple[str, str]], text_of: Callable[[str], str]) -> None:
        """The (title, key) of each post of one host; their texts are read once each."""
        marks = array("I")
        texts = set()
        named = sorted((_VERSION.sub("", reduced(title)), key) for title, key in posts)
        for title, same in groupby(named, key=lambda post: post[0]):
            pieces: set[int] = set()
            for _, key in same:
                found = sentences(text_of(key))
                if title:
                    pieces |= _marks(found)
                elif (whole := _mark("".join(found))) not in texts:
                    texts.add(whole)
                    marks.extend(_marks(found))
            marks.extend(pieces)
        self._held |= _often(marks)

    def own(self, pieces: Sequence[str]) -> str:
        """The letters of a text, in sentences, that are its own."""
        return "".join(piece for piece in pieces if not (_mark(piece) in self._held or _NOTICE.search(piece)))


def _often(marks: Iterable[int]) -> set[int]:
    """What is among the marks three times or more."""
    parts = [array("I") for _ in range(_PARTS)]
    for mark in marks:
        parts[mark % _PARTS].append(mark)
    found: set[int] = set()
    for part in parts:
        ordered = sorted(part)
        found.update(a for a, b in zip(ordered, ordered[_TITLES - 1 :], strict=False) if a == b)
    return found


def _marks(pieces: Iterable[str]) -> set[int]:
    return {_mark(piece) for piece in pieces if len(piece) >= _SHORTEST}


def _mark(piece: str) -> int:
    return crc32(piece.encode("utf-8", "surrogatepass"))
