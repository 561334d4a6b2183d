"""Whether a page that came with a status of 200 only says that it is not there.

Its own words tell, or that the host shows the same for an address that cannot exist. The words are data
(`missing.toml`); a fingerprint of what a host shows is short enough to keep for every host.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal
from urllib.parse import unquote, urlsplit
from zlib import crc32

from harvester.relate.shingles import containment, grams, reduced

Says = Literal["", "perhaps", "plainly"]
NOTICE: Final = 600  # letters; a page of more has something to tell besides that it is not there
_LINE: Final = 200  # letters: a text that is nothing but such a notice
_HEAD: Final = 300  # letters in which a notice stands
_LOOK: Final = 4000  # characters, more letters than any of these
_BEFORE: Final = 12  # letters of a title before the words: "お探しの", "Oops, that"
_KEPT: Final = 64  # hashes of a fingerprint
_LITTLE: Final = 200  # letters; what is known of a shorter text is a summary of something
_ALIKE, _ANOTHER = 0.7, 0.3
_PARTS = re.compile(r"\s[-–—:]\s|[|｜»«›‹·•]|\s::\s|[:：]\s")
_SEGMENT = re.compile(r"[^/?&=#]{4,}")


def says(title: str, text: str) -> Says:
    """Whether a page says that it is not there: `plainly` when it says little else, `perhaps` when it may be a text."""
    titles, texts = _phrases()
    letters = reduced(text[:_LOOK])
    parts = [part for part in (reduced(part) for part in _PARTS.split(title)) if part]
    titled = any(part.endswith(words) and len(part) - len(words) <= _BEFORE for part in parts for words in titles)
    told = any(words in letters[:_HEAD] for words in texts)
    if (titled and len(letters) <= NOTICE) or (told and len(letters) <= _LINE):
        return "plainly"
    return "perhaps" if titled or told else ""


def another(held: str, text: str) -> bool:
    """Whether a page whose text was `held` now tells something else altogether; what was an edit is not."""
    known, now = reduced(held), reduced(text)
    return len(known) >= _LITTLE and containment(grams(known), grams(now)) < _ANOTHER


def fingerprint(title: str, text: str, url: str) -> str:
    """What a page at `url` shows, in 64 hashes at most; its address, which such pages repeat, left out."""
    shown = f"{title}\n{text}"
    for segment in sorted(_SEGMENT.findall(unquote(urlsplit(url).path)), key=len, reverse=True):
        shown = shown.replace(segment, " ")
    hashes = sorted({crc32(gram.encode("utf-8", "replace")) for gram in grams(reduced(shown))})
    return " ".join(f"{value:08x}" for value in hashes[:_KEPT]) or _NOTHING


def alike(one: str, other: str) -> bool:
    """Whether two fingerprints are of one page, but for a word here and there."""
    a, b = set(one.split()), set(other.split())
    if len(a) == _KEPT and len(b) == _KEPT:  # the smallest hashes of both: of those the shared ones
        a, b = ({value for value in found if value <= min(max(a), max(b))} for found in (a, b))
    return len(a & b) >= _ALIKE * len(a | b)


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(of titles, of texts), reduced."""
    told = tomllib.loads(files("harvester").joinpath("missing.toml").read_text("utf-8"))
    titles, texts = (
        tuple(reduced(words) for language in told.values() for words in language[name]) for name in ("titles", "texts")
    )
    return titles, texts


_NOTHING: Final = "empty"
