"""The posts behind the numbers, each with why it counts; and those that were found and do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.classify.rules import table as rule_table
from harvester.measure.metric import counted, in_window
from harvester.report.blocks import Link, Section, Table, columns
from harvester.report.sections import kind_of
from harvester.report.words import many
from harvester.text import fold
from harvester.urls import host_of, is_web_url, site_of

if TYPE_CHECKING:
    from harvester.measure.metric import Item
    from harvester.report.blocks import Cell
    from harvester.report.build import Report

# A page that opens at once; what is beyond stands in `harvest export --format csv`.
LONGEST = 2000
_GROUPS = {"written": "Articles", "talk": "Decks and videos", "micro": "Posts", "other": "Other"}
_HEADS = columns("Date", "Title", "Author", "Who", "Kind", "Why it counts")
_REASONS = 2  # the strongest rules that fired say enough
_TOLD = {"human": "a human said so", "import": "the imported file says so"}


def stories(report: Report) -> Section:
    """Every counted story, by group and day."""
    items = sorted(counted(list(report.items), report.frame), key=_order)
    tables = []
    for group, title in _GROUPS.items():
        chosen = [item for item in items if item.group == group]
        if chosen:
            rows = tuple((*_about(item), _why(item)) for item in chosen[:LONGEST])
            tables.append(Table(caption=f"{title}: {len(chosen)} counted", columns=_HEADS, rows=rows, stacks=True,
                                note=_rest(len(chosen), report)))  # fmt: skip
    lead = "Each story that was counted, with the strongest reasons why it is about the event." if tables else ""
    return Section(name="stories", title="The stories behind the numbers", lead=lead, tables=tuple(tables))


def left_out(report: Report) -> Section:
    """What was found and is in no number, with the reason."""
    frame = report.frame
    items = [item for item in report.items if not (item.counted and in_window(item, frame))]
    rows = tuple((*_about(item), _why_not(item, report)) for item in sorted(items, key=_order)[:LONGEST])
    if not rows:
        return Section(name="left-out", title="Found and not counted")
    table = Table(
        caption=f"{many(len(items), 'post')} found and not counted", columns=(*_HEADS[:-1], *columns("Why not")),
        rows=rows, stacks=True, note=_rest(len(items), report),
    )  # fmt: skip
    return Section(name="left-out", title="Found and not counted", tables=(table,))


def _order(item: Item) -> tuple[bool, str, str]:
    """By moment, the undated last."""
    return item.published_at is None, item.published_at.isoformat() if item.published_at else "", item.key


def _rest(n: int, report: Report) -> str:
    more = n - LONGEST
    return f"{more:,} more: `harvest export {report.frame.event} --format csv` lists them." if more > 0 else ""


def _about(item: Item) -> tuple[Cell, ...]:
    linked = is_web_url(item.url)
    language = item.language if len(item.language) == 2 and item.language.isascii() and item.language.isalpha() else ""
    note = (site_of(host_of(item.url)) if linked else item.url) if item.title else ""
    title = Link(text=item.title or item.url or item.key, url=item.url, language=language, note=note)
    subkind = f" ({item.author_subkind})" if item.author_subkind else ""
    author = item.author_name or item.author or "unknown"
    return _day(item), title, author, f"{item.author_kind}{subkind}", kind_of(item.kind)


def _day(item: Item) -> str:
    """The day in the report's zone, as far as it is known."""
    if item.published_at is None:
        return "undated"
    if item.precision in ("month", "year"):
        return f"{item.published_at:%Y-%m}" if item.precision == "month" else f"{item.published_at:%Y}"
    return item.local_day or f"{item.published_at:%Y-%m-%d}"


def _why(item: Item) -> str:
    told = _fired(item.reasons, item.title)
    if item.decided_by in _TOLD:
        told = [_TOLD[item.decided_by], *told]
    return " · ".join(told) or "judged as about the event"


def _fired(reasons: str, title: str) -> list[str]:
    """The strongest rules for the post being about the event, in words, with what they fired on outside its title."""
    rules = rule_table("relevance").rules
    found: list[dict[str, Any]] = [entry for entry in _entries(reasons) if _weight(entry) > 0]
    told = []
    for entry in sorted(found, key=_weight, reverse=True)[:_REASONS]:
        rule = rules.get(str(entry.get("rule")))
        word, snippet = rule.reason if rule else str(entry.get("rule")), str(entry.get("snippet") or "")
        seen = fold(snippet.strip("…")) in fold(title)
        told.append(word if seen else f"{word}: {snippet}")
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


def _why_not(item: Item, report: Report) -> str:
    if item.relevance != "confirmed":
        return f"{item.relevance or 'not judged yet'}: not counted as about the event"
    if not in_window(item, report.frame):
        return "outside the window"
    if item.relation not in ("original", "quote", "thread"):
        return kind_of(item.relation)
    return item.not_counted_reason or "not counted"
