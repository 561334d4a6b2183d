"""Why a source did not get everything, and why a post is about the event, in the reader's language.

A crawl stores its reasons in English, as parts between semicolons (`harvester.crawl.outcome`): counted ends of pages
with their name in brackets, and sentences. Rules have their reasons in `vocab/rules.toml`, from where
the catalogue takes them. What has no translation stays as it was stored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harvester.report.day_words import day, moment
from harvester.report.language import later
from harvester.report.vocabulary import page_end

if TYPE_CHECKING:
    from harvester.report.language import Language

_BETWEEN: Final = "; "
_COUNTED: Final = re.compile(r"(?P<n>\d+) .+ \((?P<end>\w+)(?:\.txt)?\)")
_WAITS: Final = re.compile(r"(?P<n>\d+) pages? waits? until (?P<at>\S+ \S+) UTC")
# What a part looks like → how it is said; its groups fill the places.
_SAID: Final = tuple((re.compile(pattern), text) for pattern, text in (
    ("page budget used up", later("page budget used up")),
    ("deadline", later("deadline")),
    ("interrupted", later("interrupted")),
    ("the month's requests are used up", later("the month's requests are used up")),
    ("window: feeds that reach back to after the event's start only",
     later("window: feeds that reach back to after the event's start only")),
    (r"window: back to (?P<day>\S+) only", later("window: back to {day} only")),
    (r"nothing .+", later("nothing to ask for")),
    (r"no credentials: (?P<names>.+)", later("no credentials: {names}")),
    (r"left out: (?P<n>\d+) \w+ about other things", later("left out: {n} about other things")),
    (r"page limit of (?P<n>\d+) reached, goes on in the next run",
     later("page limit of {n} reached, goes on in the next run")),
    ("older pages are refused", later("older pages are refused")),
    ("GDELT promises three months, what is older may be missing",
     later("GDELT promises three months, what is older may be missing")),
    (r"(?P<host>\S+) does not show its tag timelines to guests( \(.*\))?",
     later("{host} does not show its tag timelines to guests")),
))  # fmt: skip


def told(reason: str, say: Language) -> str:
    """The reason of a source as stored, in the language of the report."""
    if say.code == "en":
        return reason
    return say(", ").join(_part(part, say) for part in reason.split(_BETWEEN)) if reason else ""


def of_rule(reason: str, say: Language) -> str:
    """What a rule for posts being about the event is called in reasons; a frozen report may hold one of other rules."""
    return say.term(reason)


def _part(part: str, say: Language) -> str:
    if found := _WAITS.fullmatch(part):
        return say("{n} waiting until {moment} UTC", n=found["n"], moment=moment(found["at"], say))
    if (found := _COUNTED.fullmatch(part)) and (end := page_end(found["end"], say)) != found["end"]:
        return f"{end} {found['n']}"
    for pattern, text in _SAID:
        if found := pattern.fullmatch(part):
            return say(text, **{name: day(value or "", say) for name, value in found.groupdict().items()})
    return part
