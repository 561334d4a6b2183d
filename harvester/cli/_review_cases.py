"""The doubtful judgements of an event as cases, in the order of their value."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from harvester.classify.queue import PROBABLE, Case, Counts, doubt_of, ordered, valued
from harvester.cli._changed import counts_of, written_stories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from harvester.measure.item import Item
    from harvester.store.connection import Connection

MOST_TEXTS: Final = 5_000  # counted stories up to which texts are compared: 3,000 take four seconds


class Queue(NamedTuple):
    """Cases in their order, the ratio they are valued against, and what the queue leaves out."""

    cases: list[Case]
    counts: Counts
    notes: tuple[str, ...]


def queue(conn: Connection, event: str, now: datetime) -> Queue:
    """The doubtful judgements of an event, read in one go: nothing is held when it returns."""
    from harvester.store.items import load_items

    items = load_items(conn, event)
    stories = written_stories(conn, event, items, now)
    counts = counts_of(stories)
    found = [*_authors(conn, event, items, stories), *_probable(items), *_pairs(conn, event, stories)]
    cases = ordered(replace(case, value=valued(case, counts)) for case in found)
    return Queue(cases, counts, tuple(_notes(event, items, stories)))


def _notes(event: str, items: list[Item], stories: list[Item]) -> Iterator[str]:
    unjudged = sum(not item.relevance for item in items)
    if unjudged:
        yield f"not judged yet: {unjudged:,} posts; run harvest classify {event} first"
    if len(stories) > MOST_TEXTS:
        yield f"not looked for: texts that may be copies, among {len(stories):,} stories (at most {MOST_TEXTS:,})"


def _authors(conn: Connection, event: str, items: list[Item], stories: list[Item]) -> Iterator[Case]:
    from harvester.store.review import doubtful_labels

    wrote = Counter(item.author for item in stories)
    posts: dict[str, list[Item]] = {}
    for item in items:
        if item.author and item.relevance in ("confirmed", "probable"):
            posts.setdefault(item.author, []).append(item)
    for row in doubtful_labels(conn, event):
        author, mine = row["author"], posts.get(row["author"], [])
        doubt, reasons = doubt_of(row["kind"], row["posterior"], row["review"])
        if mine and doubt:
            yield Case(
                what="author", key=author, kind=row["kind"], stories=wrote[author], posts=len(mine), doubt=doubt,
                reasons=reasons, post=min(mine, key=_best).key,
            )  # fmt: skip


def _best(item: Item) -> tuple[bool, bool, bool, str, str]:
    """Which post of an author tells most: one that is in the ratio, the earliest."""
    return item.group != "written", not item.counted, item.relevance != "confirmed", item.local_day or "~", item.key


def _probable(items: list[Item]) -> Iterator[Case]:
    for item in items:
        if item.relevance == "probable" and item.decided_by != "human":
            yield Case(
                what="post", key=item.key, kind=item.author_kind, stories=int(_may_count(item)), posts=1,
                doubt=PROBABLE, reasons=("probably about the event",), post=item.key,
            )  # fmt: skip


def _may_count(item: Item) -> bool:
    """Whether the post would be a written story if it were about the event: only relevance keeps it out."""
    return item.group == "written" and (item.counted or "confirmed" in item.not_counted_reason)


def _pairs(conn: Connection, event: str, stories: list[Item]) -> Iterator[Case]:
    from harvester.relate.unmerged import somewhat_alike
    from harvester.store.review import counted_texts, decided_posts

    if len(stories) > MOST_TEXTS:  # `_notes` says so
        return
    by_key, decided = {item.key: item for item in stories}, decided_posts(conn, event, "counted")
    for first, second, share in somewhat_alike(list(counted_texts(conn, event))):
        item = by_key.get(second)
        if item is not None and item.post_id not in decided:
            reason = f"{share:.0%} the same text as {first}"
            yield Case(
                what="pair", key=second, kind=item.author_kind, stories=1, posts=1, doubt=round(share, 2),
                reasons=(reason,), post=second, other=first,
            )  # fmt: skip
