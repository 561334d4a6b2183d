"""The posts behind the numbers, each with why it counts; and those that were found and do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.measure.frame import counted, in_window
from harvester.measure.volume import COLUMNS, column_of
from harvester.model import COUNTED_RELATIONS
from harvester.report import anchors
from harvester.report.blocks import Link, Section, Table, columns
from harvester.report.day_words import day
from harvester.report.language import later
from harvester.report.reasons import of_rule as rule_words
from harvester.report.vocabulary import word
from harvester.text import fold
from harvester.urls import host_of, is_web_url, site_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.measure.item import Item
    from harvester.report.blocks import Cell, Column
    from harvester.report.build import Report
    from harvester.report.language import Language

# A page that opens at once; what is beyond stands in `harvest export --format csv`.
LONGEST = 5000
_GROUPS = {
    "written": later("Articles: {n} counted"), "talk": later("Decks and videos: {n} counted"),
    "micro": later("Posts: {n} counted"), "other": later("Other: {n} counted"),
}  # fmt: skip
_REASONS = 2  # the strongest rules that fired say enough
_TOLD = {"human": later("a human said so"), "import": later("the imported file says so")}


def stories(report: Report, say: Language) -> Section:
    """Every counted story: by group, side and kind, then by day."""
    items = sorted(counted(list(report.items), report.frame), key=_by_side)
    tables = []
    heads = (*_heads(say), *columns(say("Why it counts")))
    for group, caption in _GROUPS.items():
        chosen = [item for item in items if item.group == group]
        if chosen:
            rows = tuple((*_about(item, say), _why(item, report.vocabulary, say)) for item in chosen[:LONGEST])
            tables.append(Table(caption=say(caption, n=len(chosen)), columns=heads, rows=rows, stacks=True,
                                note=_rest(len(chosen), report, say),
                                marks=_marks(group, chosen[:LONGEST])))  # fmt: skip
    lead = say("Each story that was counted, with the strongest reasons why it is about the event.") if tables else ""
    return Section(name="stories", title=say("The stories behind the numbers"), lead=lead, tables=tuple(tables))


def _by_side(item: Item) -> tuple[Any, ...]:
    return COLUMNS.index(column_of(item.author_kind)), item.kind, *_order(item)


def _marks(group: str, items: list[Item]) -> tuple[tuple[int, str], ...]:
    """Where the stories of each side begin, and within it those of each kind."""
    found = [(0, anchors.stories(group))]
    side = kind = ""
    for at, item in enumerate(items):
        now = column_of(item.author_kind)
        if now != side:
            side, kind = now, ""
            found.append((at, anchors.stories(group, side)))
        if item.kind != kind:
            kind = item.kind
            found.append((at, anchors.stories(kind, side)))
    return tuple(found)


def by_day(report: Report, say: Language) -> Section:
    """The same stories by day and group, short: what stands behind the numbers of each day."""
    items = [item for item in counted(list(report.items), report.frame) if item.published_at and item.local_day]
    items = [item for item in items if item.precision not in ("month", "year") and item.group != "other"]
    chosen = sorted(items, key=lambda item: (item.local_day, item.group, *_order(item)))[:LONGEST]
    days = [(anchors.day(item.local_day), anchors.day(item.local_day, item.group)) for item in chosen]
    marks = tuple((at, mark) for at, both in enumerate(days) for mark in both if not at or mark not in days[at - 1])
    title = say("The same stories by day")
    if not chosen:
        return Section(name="by-day", title=title)
    rows = tuple(
        (at, kind, linked, author, who) for at, linked, author, who, kind in (_about(item, say) for item in chosen)
    )
    heads = columns(say("Date"), say("Kind"), say("Title"), say("Author"), say("Who"))
    table = Table(caption=say("By day in {zone}", zone=report.frame.timezone), columns=heads, rows=rows, stacks=True,
                  note=_rest(len(items), report, say), marks=marks)  # fmt: skip
    return Section(name="by-day", title=title, tables=(table,))


def left_out(report: Report, say: Language) -> Section:
    """What was found and is in no number, with the reason."""
    frame, title = report.frame, say("Found and not counted")
    items = [item for item in report.items if not (item.counted and in_window(item, frame))]
    rows = tuple((*_about(item, say), _why_not(item, report, say)) for item in sorted(items, key=_order)[:LONGEST])
    if not rows:
        return Section(name="left-out", title=title)
    table = Table(
        caption=say.many("{n} post found and not counted", "{n} posts found and not counted", len(items)),
        columns=(*_heads(say), *columns(say("Why not"))), rows=rows, stacks=True,
        note=_rest(len(items), report, say),
    )  # fmt: skip
    return Section(name="left-out", title=title, tables=(table,))


def _heads(say: Language) -> tuple[Column, ...]:
    return columns(say("Date"), say("Title"), say("Author"), say("Who"), say("Kind"))


def _order(item: Item) -> tuple[bool, str, str]:
    """By moment, the undated last."""
    return item.published_at is None, item.published_at.isoformat() if item.published_at else "", item.key


def _rest(n: int, report: Report, say: Language) -> str:
    more = n - LONGEST
    if more <= 0:
        return ""
    return say("{n} more: `harvest export {event} --format csv` lists them.", n=f"{more:,}", event=report.frame.event)


def _about(item: Item, say: Language) -> tuple[Cell, ...]:
    linked = is_web_url(item.url)
    language = item.language if len(item.language) == 2 and item.language.isascii() and item.language.isalpha() else ""
    note = (site_of(host_of(item.url)) if linked else item.url) if item.title else ""
    title = Link(text=item.title or item.url or item.key, url=item.url, language=language, note=note)
    side = word(item.author_kind, say)
    if item.author_subkind:
        side = say("{who} ({what})", who=side, what=word(item.author_subkind, say))
    author = item.author_name or item.author or say("unknown")
    return _day(item, say), title, author, side, word(item.kind, say)


def _day(item: Item, say: Language) -> str:
    """The day in the report's zone, as far as it is known."""
    if item.published_at is None:
        return say("undated")
    if item.precision in ("month", "year"):
        return day(f"{item.published_at:%Y-%m}" if item.precision == "month" else f"{item.published_at:%Y}", say)
    return day(item.local_day or item.published_at, say)


def _why(item: Item, vocabulary: Mapping[str, str], say: Language) -> str:
    told = _fired(item.reasons, item.title, vocabulary, say)
    if item.decided_by in _TOLD:
        told = [say(_TOLD[item.decided_by]), *told]
    return " · ".join(told) or say("judged as about the event")


def _fired(reasons: str, title: str, vocabulary: Mapping[str, str], say: Language) -> list[str]:
    """The strongest rules for the post being about the event, in words, with what they fired on outside its title."""
    found: list[dict[str, Any]] = [entry for entry in _entries(reasons) if _weight(entry) > 0]
    told = []
    for entry in sorted(found, key=_weight, reverse=True)[:_REASONS]:
        rule, snippet = str(entry.get("rule")), str(entry.get("snippet") or "")
        named = rule_words(vocabulary.get(rule, rule), say)
        seen = fold(snippet.strip("…")) in fold(title)
        told.append(named if seen else f"{named}: {snippet}")
    return told


def _entries(reasons: str) -> list[dict[str, Any]]:
    """The rules as stored; an import may have brought any JSON."""
    try:
        found = json.loads(reasons or "[]")
    except ValueError:
        return []
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _weight(entry: dict[str, Any]) -> float:
    weight = entry.get("weight")
    return weight if isinstance(weight, int | float) else 0.0


def _why_not(item: Item, report: Report, say: Language) -> str:
    if item.relevance != "confirmed":
        state = word(item.relevance or "not judged yet", say)
        return say("{state}: not counted as about the event", state=state)
    if not in_window(item, report.frame):
        return say("outside the window")
    if item.relation not in COUNTED_RELATIONS:
        return word(item.relation, say)
    return word(item.not_counted_reason or "not counted", say)
