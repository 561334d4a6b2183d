"""Relate and classify an event's posts: the pure stages between what the database holds and what it is told.

Reads everything, decides everything, then writes in one transaction, and only what changed. Nothing here fetches.
What an import or a human said (`decided_by`) stays; a human's latest word per field wins over the rules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harvester import dates, normalise
from harvester.classify import relevance
from harvester.classify.names import names_of
from harvester.relate import links
from harvester.stages.diff import Diff, difference
from harvester.stages.labels import decide_labels
from harvester.stages.ties import decide_ties, folded_of, follow
from harvester.stages.work import Work
from harvester.stages.writes import changes_of, save
from harvester.store import judgement_rows as rows
from harvester.store import people
from harvester.store.connection import write_tx

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from harvester.event import Event
    from harvester.store.connection import Connection
    from harvester.store.judgement_rows import Stored

    Tell = Callable[[str, int, int], None]


def _silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What judging found, the rows it wrote (`changed`: posts, labels, stories, links), and what is different now."""

    event: str
    posts: int
    relevance: dict[str, int]
    counted: int
    copies: int
    kinds: dict[str, int]
    review: int
    changed: dict[str, int]
    diff: Diff = field(default_factory=Diff)

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON values."""
        return asdict(self)


def classify_event(
    conn: Connection, event: Event, *, now: datetime, write: bool = True, tell: Tell = _silent
) -> Summary:
    """Judge every post and author of a stored event again. `now` dates the log of decisions.

    write  False leaves the database as it is and only says what would be different
    tell   is told (what, done, total) on the way
    """
    while True:
        work = _read(conn, event)
        _judge(conn, work, tell)
        changes = changes_of(work)
        summary = _summary(work, changes.counts(), difference(work, changes, rows.authors_of(conn, changes.authors)))
        if not write:
            return summary
        tell("writing", 0, 0)
        with write_tx(conn):
            # What a human said while we were judging must not be undone by what was decided without it.
            if rows.overrides_of(conn, event.slug) == (work.author_words, work.post_words):
                save(conn, work, changes, dates.iso(now))
                return summary


def _read(conn: Connection, event: Event) -> Work:
    found = rows.links_to(conn, names_of(event).pages)
    author_words, post_words = rows.overrides_of(conn, event.slug)
    return Work(
        event=event.slug,
        config_hash=event.config_hash(),
        described=event,
        stored={item.post_id: _as_known_now(item, event) for item in rows.posts_of(conn, event.slug, found)},
        ties=rows.ties_of(conn, event.slug),
        labels=rows.labels_of(conn, event.slug),
        held=rows.evidence_of(conn, event.slug),
        heads=rows.story_heads(conn),
        author_words=author_words,
        post_words=post_words,
        persons=people.persons(conn),
    )


def _as_known_now(item: Stored, event: Event) -> Stored:
    """A page that was stored as an article is an event page where the tables or the event file now say so."""
    post = item.post
    if item.told or post.kind not in ("article", "news") or not normalise.is_event_page(post.url, event):
        return item
    return replace(item, post=replace(post, kind="event_page"))


def _judge(conn: Connection, work: Work, tell: Tell) -> None:
    for number, post_id in enumerate(work.ties):
        if number % 500 == 0:
            tell("judging posts", number, len(work.ties))
        work.judged[post_id] = relevance.judge(work.stored[post_id].post, work.described)
    tell("folding copies", 0, 0)
    work.folded = folded_of(conn, work)
    pages = ((item.post.key, item.post.canonical_url) for item in work.stored.values())
    found = links.resolve(rows.open_targets(conn, work.event), pages)
    work.targets = {target: work.ids[key] for target, key in found.items()}
    follow(work)
    decide_ties(work)
    tell("judging authors", 0, 0)
    decide_labels(conn, work)


def _summary(work: Work, changed: dict[str, int], diff: Diff) -> Summary:
    ties = {post_id: work.new_ties.get(post_id) or row for post_id, row in work.ties.items()}
    kinds = Counter(label.kind for label in work.new_labels.values())
    kinds.update(
        row["kind"] for author, row in work.labels.items() if author not in work.new_labels and work.told_label(author)
    )
    return Summary(
        event=work.event,
        posts=len(ties),
        relevance=dict(sorted(Counter(str(row["relevance"]) for row in ties.values()).items())),
        counted=sum(bool(row["counted"]) for row in ties.values()),
        copies=sum(f.key != f.story and work.ids[f.key] in ties for f in work.folded),
        kinds=dict(sorted(kinds.items())),
        review=sum(bool(label.review) for label in work.new_labels.values()),
        changed=changed,
        diff=diff,
    )
