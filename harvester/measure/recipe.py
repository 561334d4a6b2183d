"""What two editions of a series must share before their numbers compare: sources, forms of questions, rules.

Two editions never have the recipe of one report: their names, tags, days, addresses and event files differ. What stays
is nobody's own: which sources were asked, what each was asked for (the event's name, its tag …) with the edition's own
words taken out, and the rules that judged. Which accounts, feeds and pages were asked follows from who wrote, and is no
part of it. An edition of which no question is on record (its posts came in a file) has no sources.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.measure.item import Asked
    from harvester.measure.world import Edition

OWN: Final = "‹own›"
VIA: Final = "via "  # a source that follows links names whom it followed
_ADDRESS: Final = re.compile(r"\S*(?:/|[\w›]\.[\w‹])\S*")
_TOKEN: Final = re.compile(rf"[^\s\"'()]*{OWN}[^\s\"'()]*|[^\W\d]+")
_ASKED: Final = re.compile(rf"(?:\w+:)?#?{OWN}")  # anything else around a word is an account's or a group's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Source → forms of what it was asked; the version of the rules that judged, "" where nobody knows.

    told   what somebody else's tables call their recipe: it is compared as it is
    """

    forms: dict[str, frozenset[str]] = field(default_factory=dict)
    rules: str = ""
    told: str = ""

    @property
    def hash(self) -> str:
        """Six hex digits, equal for comparable editions; "" where neither a question nor a told recipe is on record."""
        if not self.forms:
            return self.told
        parts = [f"{source} {' | '.join(sorted(asked))}" for source, asked in sorted(self.forms.items())]
        return hashlib.sha256("\n".join([*parts, self.rules]).encode()).hexdigest()[:6]


def form(query: str, words: Iterable[str]) -> str:
    """A question without the edition's own words, "" where it holds none of them (an account, a feed, a number).

    words: names and tags of the edition. `issues "Demo Meetup #2"` is `issues ‹own›`; how many names one question joins
    makes no difference, nor do years and numbers.
    """
    text = fold(query)
    for word in sorted({fold(word) for word in words} - {""}, key=lambda word: (-len(word), word)):
        text = re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W\d_])", OWN, text)
    text = _ADDRESS.sub(" ", text)
    found = [part for part in _TOKEN.findall(text) if OWN not in part or _ASKED.fullmatch(part)]
    if not any(OWN in part for part in found):
        return ""
    return " ".join(dict.fromkeys(part for part in found if part != "or"))


def recipe_of(asked: Iterable[Asked], words: Iterable[str], rules: str, told: str = "") -> Recipe:
    """The recipe behind a gap ledger. A source that had nothing to ask for was asked; one without key was not."""
    own, forms = tuple(words), dict[str, frozenset[str]]()
    for line in asked:
        if line.status == "skipped" and not line.idle:
            continue
        found = form(line.query, own)
        forms[line.source] = forms.get(line.source, frozenset()) | ({found} if found else frozenset())
    return Recipe(forms=forms, rules=rules, told=told)


def breaks(before: Recipe, now: Recipe) -> tuple[str, ...]:
    """Why numbers of two editions do not compare, as flags; () where they do."""
    if bool(before.forms) != bool(now.forms):
        return ("harvested_otherwise",)
    if before.told and now.told and before.told != now.told:
        return ("other_recipe",)
    told = [f"new_source:{source}" for source in sorted(now.forms.keys() - before.forms.keys())]
    told += [f"source_gone:{source}" for source in sorted(before.forms.keys() - now.forms.keys())]
    for source in sorted(before.forms.keys() & now.forms.keys()):
        old, new = before.forms[source], now.forms[source]
        if old and new and old != new:
            told.append(f"other_queries:{source}")
    if before.rules and now.rules and before.rules != now.rules:
        told.append("other_rules")
    return tuple(told)


def shared(post: int, edition: Edition, other: Recipe) -> bool:
    """Whether a post of an edition would have been found by what both recipes ask (the old recipe, run again)."""
    for source, query in edition.sighted.get(post, ()):
        asked, led_by = form(query, edition.words), query.removeprefix(VIA) if query.startswith(VIA) else source
        if source in other.forms and led_by in other.forms and (not asked or asked in other.forms[source]):
            return True
    return False
