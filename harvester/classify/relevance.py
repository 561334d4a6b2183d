"""Is a post about the event? Names, tags, addresses, dates and editions, each as evidence (`vocab/rules.toml`).

`confirmed` needs an anchor besides its score: the event's tag in its weeks, a link to its page, or its name
together with a date or edition. `probable` is shown to a human and not counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harvester.classify import forms
from harvester.classify.clauses import around
from harvester.classify.evidence import strongest
from harvester.classify.names import Names, names_of, slug_words
from harvester.classify.rules import fire_relevance, table, words
from harvester.classify.verbs import as_verb, tags_as_verbs
from harvester.model import Evidence, RelevanceLabel
from harvester.text import fold

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from harvester.event import Event
    from harvester.model import Post, When

OPENING = 80  # folded characters of a text that count as its opening
_BESIDE = 30  # characters after a name in which a phrase of presence is about it
RUN_UP, AFTERGLOW = timedelta(days=28), timedelta(days=28)
_ECHO, _DAY = timedelta(days=10), timedelta(days=1)  # while a keynote is written about; a deck is put up
_LONG_BEFORE, _LONG_AFTER = timedelta(days=120), timedelta(days=180)
_LENGTH = {"month": timedelta(days=31), "year": timedelta(days=366)}
_MANY = 2
_NOTICE = 160  # characters at the head in which a notice of payment stands
_SPEAKS = frozenset({"name", "tag", "url"})  # a date or a venue alone speaks for no event


def mentions(event: Event, text: str) -> bool:
    """Whether a text (a title, a link's words, an address) names the event at all: a cheap gate for following links."""
    names = names_of(event)
    return bool(names.gate.search(fold(text)) or names.strict.search(text))


def judge(post: Post, event: Event) -> RelevanceLabel:
    """Whether a post is about the event: `confirmed`, `probable` or `rejected`, with what spoke for and against."""
    names = names_of(event)
    evidence = [*_tags(post, event, names), *_pages(post, names), *_named(post, names), *_staged(post, event, names)]
    evidence += [*forms.of(post), *_date(post, event)]
    kept = strongest(evidence)
    score = sum(found.weight for found in kept)
    numbers = table("relevance").numbers
    if score >= numbers["confirmed"] and _anchored({found.rule for found in kept}, names):
        relevance = "confirmed"
    elif score >= numbers["probable"] and any(found.group in _SPEAKS and found.weight > 0 for found in kept):
        relevance = "probable"
    else:
        relevance = "rejected"
    return RelevanceLabel(relevance=relevance, score=score, evidence=tuple(kept))


def incentivised(post: Post, event: Event) -> str:
    """What says that the post was paid for or rewarded, "" when nothing does."""
    if event.incentivised:
        return "the event offered something for posting"
    opening = "\n".join((post.title, " ".join(f"#{tag}" for tag in post.hashtags), post.text[:_NOTICE]))
    found = words("incentivised").search(fold(opening))
    return found[0].strip() if found else ""


def _anchored(rules: set[str], names: Names) -> bool:
    """What a score alone cannot give: the tag, the page, or a name with what tells this edition from the others."""
    named = rules & {"R4", "R5", "R6", "R7"}
    return bool(rules & {"R1", "R3", "R22", "R23"} or (named and (names.series or rules & {"R8", "R11", "R17"})))


def _tags(post: Post, event: Event, names: Names) -> Iterator[Evidence]:
    own = [tag for tag in post.hashtags if names.tag(tag)] if names.tags else []
    verbs = tags_as_verbs(own, fold(f"{post.title}\n{post.text}")) if own else []
    if verbs:
        yield fire_relevance("R19", f"#{verbs[0]}", post_key=post.key)
    meanings = {names.tag(tag): tag for tag in own if tag not in verbs}
    if "edition" in meanings:
        yield fire_relevance("R1", f"#{meanings['edition']}", post_key=post.key)
    elif "event" in meanings:
        rule = "R1" if _in_weeks(post.published, event) else "R2"
        yield fire_relevance(rule, f"#{meanings['event']}", post_key=post.key)
    elif "other" in meanings:
        yield fire_relevance("R9", f"#{meanings['other']}", post_key=post.key)


def _pages(post: Post, names: Names) -> Iterator[Evidence]:
    found = next((url for url in (post.url, *post.links) if names.is_page(url)), "")
    if found:
        yield fire_relevance("R3", found, post_key=post.key)


def _named(post: Post, names: Names) -> Iterator[Evidence]:
    title = fold(post.title)
    head = names.find(post.title, title)
    slug = list(names.loose.finditer(slug_words(post.url))) if post.kind != "micropost" else []
    body_text = fold(post.text)
    body = names.find(post.text, body_text)
    everything = f"{title}\n{body_text[:20_000]}"
    head, body = names.apart(head), names.apart(body)
    head, slug, body = ([name for name in found if not as_verb(name)] for found in (head, slug, body))
    yield from _ruled_out(names, title, "" if head or slug else body_text[:20_000], len(body), post)
    if not (head or slug or body):
        return
    if context := names.context.search(everything):
        yield fire_relevance("R16", around(everything, context), post_key=post.key)
    first = (head or slug or body)[0]
    rule = _place(in_title=bool(head or slug), body=body)
    yield fire_relevance(rule, around(first.string, first), post_key=post.key)
    yield from _edition(names, head + slug, body, post)


def _ruled_out(names: Names, title: str, text: str, own: int, post: Post) -> Iterator[Evidence]:
    """A term that means another event: in the title, or in the text at least as often as our own name there."""
    if found := names.negative.search(title):
        yield fire_relevance("R13", around(title, found), post_key=post.key)
        return
    others = list(names.negative.finditer(text))
    if others and len(others) >= own:
        yield fire_relevance("R13", around(text, others[0]), post_key=post.key)


def _place(*, in_title: bool, body: list[re.Match[str]]) -> str:
    if in_title:
        return "R4"
    if _opens(body):
        return "R5"
    return "R6" if len(body) >= _MANY else "R7"


def _opens(body: list[re.Match[str]]) -> bool:
    return body[0].start() < OPENING or any(_attended(match) for match in body)


def _attended(name: re.Match[str]) -> bool:
    return bool(words("attend").search(fold(name.string[name.end() : name.end() + _BESIDE])))


def _edition(names: Names, title: list[re.Match[str]], body: list[re.Match[str]], post: Post) -> Iterator[Evidence]:
    """The edition that the title or address names settles it; else the one the text names more often.

    A single mention somewhere in the text names no edition: it is as often a word in passing.
    """
    own, other = names.editions(title)
    rule = "R9" if other > own else "R8"
    if not own and not other and body and (len(body) >= _MANY or _opens(body)):
        own, other = names.editions(body)
        rule = "R10" if other > own else "R17"
    if own or other:
        shown = next((m for m in (*title, *body) if names.editions([m]) != (0, 0)), None)
        yield fire_relevance(rule, around(shown.string, shown) if shown else "", post_key=post.key)


def _staged(post: Post, event: Event, names: Names) -> Iterator[Evidence]:
    """Posts of the event's days that name who stood on its stage, or what was given there, instead of the event."""
    title, when = fold(post.title), post.published
    if when.at is None or when.precision == "year" or post.kind == "micropost":
        return
    end = when.at + _LENGTH.get(when.precision, timedelta())
    if end < event.starts or when.at > event.ends + _ECHO:
        return
    if (figure := names.figures.search(title)) and names.vendor.search(title[: figure.start()] + title[figure.end() :]):
        yield fire_relevance("R22", around(title, figure), post_key=post.key)
    if post.kind in ("slides", "video") and when.at <= event.ends + _DAY and (code := words("session").search(title)):
        yield fire_relevance("R23", around(title, code), post_key=post.key)


def _date(post: Post, event: Event) -> Iterator[Evidence]:
    when = post.published
    if when.at is None:
        return
    day = event.day_of(when.at)
    if _in_weeks(when, event):
        yield fire_relevance("R11", day, post_key=post.key)
    elif when.at + _LENGTH.get(when.precision, timedelta()) < event.starts - _LONG_BEFORE or (
        when.at > event.ends + _LONG_AFTER
    ):
        yield fire_relevance("R12", day, post_key=post.key)


def _in_weeks(when: When, event: Event) -> bool:
    """Whether a post falls, or by its vague date can fall, into four weeks before to four weeks after."""
    if when.at is None:
        return False
    end = when.at + _LENGTH.get(when.precision, timedelta())
    if when.precision == "year":
        return when.at >= event.starts and end <= event.ends + AFTERGLOW
    return end >= event.starts - RUN_UP and when.at <= event.ends + AFTERGLOW
