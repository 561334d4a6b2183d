"""One event's judging between reading and writing: what was read, what was decided, and the difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harvester.classify import RULES_VERSION
from harvester.relate.links import resolve, target_key
from harvester.store import judgement_rows as rows
from harvester.store import judgements
from harvester.store.open import write_tx

if TYPE_CHECKING:
    from harvester.event import Event
    from harvester.model import Label, RelevanceLabel
    from harvester.relate.stories import Folded
    from harvester.store.judgement_rows import Stored
    from harvester.store.open import Connection

_TOLD = frozenset({"import", "human"})
_DIGITS = 6  # of a posterior; more would be noise


@dataclass(slots=True, kw_only=True)
class Work:
    """What was read of one event (rows by post or author id), and what has been decided so far.

    heads                      story id → post id of its representative
    author_words, post_words   the latest override per field
    """

    event: str
    config_hash: str
    described: Event
    stored: dict[int, Stored]
    ties: dict[int, dict[str, Any]]
    labels: dict[int, dict[str, Any]]
    heads: dict[int, int]
    author_words: dict[int, dict[str, str]]
    post_words: dict[int, dict[str, str]]
    judged: dict[int, RelevanceLabel] = field(default_factory=dict)
    folded: list[Folded] = field(default_factory=list)
    new_ties: dict[int, dict[str, Any]] = field(default_factory=dict)
    new_labels: dict[int, Label] = field(default_factory=dict)
    ids: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = {item.post.key: item.post_id for item in self.stored.values()}

    def kept(self, post_id: int) -> bool:
        """Whether somebody else's judgement of a post stands: it was told, and no override is there."""
        return self.ties[post_id]["decided_by"] in _TOLD and post_id not in self.post_words

    def told_label(self, author_id: int) -> bool:
        """Whether an author's label was told by an import or a human."""
        return author_id in self.labels and self.labels[author_id]["decided_by"] in _TOLD

    def relevance(self, post_id: int) -> str:
        """The relevance that holds: what was told, a human's word, or ours."""
        if self.kept(post_id):
            return str(self.ties[post_id]["relevance"] or "")
        return self.post_words.get(post_id, {}).get("relevance") or self.judged[post_id].relevance


def write(conn: Connection, work: Work, at: str) -> dict[str, int]:
    """Write what differs from what was read, in one transaction; how many posts, labels, stories and links that was."""
    lines, held = _evidence(work), rows.evidence_of(conn, work.event)
    with write_tx(conn):
        return {
            "posts": _write_ties(conn, work, at),
            "labels": _write_labels(conn, work, lines, held, at),
            "stories": _write_stories(conn, work),
            "links": _write_targets(conn, work),
        }


def _write_ties(conn: Connection, work: Work, at: str) -> int:
    changed = {
        post_id: row
        for post_id, row in work.new_ties.items()
        if any(work.ties[post_id][k] != v for k, v in row.items())
    }
    judgements.save_ties(conn, work.event, changed)
    days = {}
    for post_id, row in work.ties.items():
        post = work.stored[post_id].post
        if post_id not in work.new_ties and row["local_day"] is None and post.published.at is not None:
            days[post_id] = work.described.day_of(post.published.at)
    judgements.save_days(conn, work.event, days)
    judgements.append_decisions(
        conn,
        [
            _decision(work, at, _verdict(row), post_id=post_id)
            for post_id, row in changed.items()
            if _verdict(row) != _verdict(work.ties[post_id])
        ],
    )
    return len(changed)


def _verdict(row: dict[str, Any]) -> str:
    if row["relevance"] is None:
        return ""
    return f"{row['relevance']}, counted" if row["counted"] else f"{row['relevance']}, not counted"


def _decision(
    work: Work,
    at: str,
    value: str,
    *,
    post_id: int | None = None,
    author_id: int | None = None,
    posterior: float | None = None,
) -> dict[str, Any]:
    return {
        "event": work.event, "author_id": author_id, "post_id": post_id, "value": value, "posterior": posterior,
        "rules_version": RULES_VERSION, "config_hash": work.config_hash, "at": at,
    }  # fmt: skip


def _evidence(work: Work) -> dict[int, list[tuple[Any, ...]]]:
    """The evidence rows of each newly decided author."""
    return {
        author_id: [
            (
                work.ids.get(e.post_key), e.rule, e.group, e.side, float(e.weight), e.snippet or None,
                e.source_url or None, RULES_VERSION,
            )
            for e in label.evidence
        ]
        for author_id, label in work.new_labels.items()
    }  # fmt: skip


def _write_labels(
    conn: Connection,
    work: Work,
    lines: dict[int, list[tuple[Any, ...]]],
    held: dict[int, list[tuple[Any, ...]]],
    at: str,
) -> int:
    gone = [a for a in work.labels if a not in work.new_labels and not work.told_label(a)]
    judgements.drop_labels(conn, work.event, gone)
    changed = {}
    for author_id, label in work.new_labels.items():
        row, old = _label_row(work, label), work.labels.get(author_id)
        if old is None or any(old[name] != value for name, value in row.items()):
            changed[author_id] = row
    judgements.save_labels(conn, work.event, changed)
    moved = {a: found for a, found in lines.items() if found != held.get(a, [])}
    judgements.save_evidence(conn, work.event, moved)
    decisions = [_decision(work, at, "no post about the event", author_id=a) for a in gone]
    for author_id, row in changed.items():
        old = work.labels.get(author_id)
        if old is None or (_named(old), old["posterior"]) != (_named(row), row["posterior"]):
            decisions.append(_decision(work, at, _named(row), author_id=author_id, posterior=row["posterior"]))
    judgements.append_decisions(conn, decisions)
    return len(changed.keys() | moved.keys()) + len(gone)


def _label_row(work: Work, label: Label) -> dict[str, Any]:
    return {
        "side": label.side,
        "kind": label.kind,
        "subkind": label.subkind or None,
        "attendance": label.attendance,
        "posterior": round(label.posterior, _DIGITS),
        "runner_up": label.runner_up or None,
        "review": label.review or None,
        "decided_by": label.decided_by,
        "rules_version": RULES_VERSION,
        "config_hash": work.config_hash,
    }


def _named(row: dict[str, Any]) -> str:
    subkind = f"/{row['subkind']}" if row["subkind"] else ""
    return f"{row['kind']}{subkind}, attendance {row['attendance']}"


def _write_stories(conn: Connection, work: Work) -> int:
    """Relations, parents and stories of the folded posts; those of told posts are filled, never changed."""
    members: dict[int, list[int]] = {}
    relations = []
    for folded in work.folded:
        post_id, head = work.ids[folded.key], work.ids[folded.story]
        members.setdefault(head, []).append(post_id)
        item = work.stored[post_id]
        if not item.told:
            parent = _parent(work, item, head)
            if (folded.relation, parent) != (item.post.relation, item.parent_id):
                relations.append((folded.relation, parent, post_id))
    judgements.save_relations(conn, relations)
    alone, stories = [], {}
    for head, found in members.items():
        wrong = [
            m for m in found if work.heads.get(work.stored[m].story_id or 0) != head and not _has_own(work.stored[m])
        ]
        if len(found) > 1 and wrong:
            stories[head] = wrong
        elif len(found) == 1 and work.stored[head].story_id is not None and not work.stored[head].told:
            alone.append(head)
    if stories or alone:
        judgements.save_stories(conn, stories, alone)
    return len(relations) + len(stories) + len(alone)


def _write_targets(conn: Connection, work: Work) -> int:
    """Links that name a post by the address which its page calls its own."""
    pages = ((item.post.key, item.post.canonical_url) for item in work.stored.values())
    found = {target: work.ids[key] for target, key in resolve(rows.open_targets(conn, work.event), pages).items()}
    judgements.save_targets(conn, work.event, found)
    return len(found)


def _has_own(item: Stored) -> bool:
    """Whether a post's story was told by somebody else."""
    return item.told and item.story_id is not None


def _parent(work: Work, item: Stored, head: int) -> int | None:
    """The post that this one copies, continues or answers, as far as we hold it."""
    if head != item.post_id:
        return head
    return work.ids.get(target_key(item.post.platform, item.post.target))
