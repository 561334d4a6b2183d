"""What judging changed in the rows of an event, and writing that.

A row belongs to the rules and the event file that last changed it: when newer ones find the same, the row stays as it
is, with the version it has, and nothing is logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harvester.classify import RULES_VERSION
from harvester.relate.links import target_key
from harvester.store import judgements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.model import Label
    from harvester.stages.work import Work
    from harvester.store.connection import Connection
    from harvester.store.judgement_rows import Stored

    Line = tuple[Any, ...]

_DIGITS = 6  # of a posterior; more would be noise
_STAMPS = frozenset({"rules_version", "config_hash"})


@dataclass(slots=True, kw_only=True)
class Changes:
    """The rows that differ from what was read, by post or author id.

    gone    authors whose label goes            days    local days of posts that others judged and left without one
    alone   posts that leave their story        stories representative's post id → posts that join it
    """

    ties: dict[int, dict[str, Any]] = field(default_factory=dict)
    days: dict[int, str] = field(default_factory=dict)
    labels: dict[int, dict[str, Any]] = field(default_factory=dict)
    evidence: dict[int, list[Line]] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    relations: list[tuple[str, int | None, int]] = field(default_factory=list)
    stories: dict[int, list[int]] = field(default_factory=dict)
    alone: list[int] = field(default_factory=list)
    targets: dict[str, int] = field(default_factory=dict)

    @property
    def authors(self) -> list[int]:
        """Everyone whose label or evidence changes."""
        return sorted(self.labels.keys() | self.evidence.keys() | set(self.gone))

    def counts(self) -> dict[str, int]:
        """How many posts, labels, stories and links that is."""
        return {
            "posts": len(self.ties),
            "labels": len(self.authors),
            "stories": len(self.relations) + len(self.stories) + len(self.alone),
            "links": len(self.targets),
        }


def changes_of(work: Work) -> Changes:
    """Everything that was decided otherwise than it stands."""
    changes = Changes(targets=work.targets)
    changes.ties = {i: row for i, row in work.new_ties.items() if _differs(work.ties[i], row)}
    for post_id, row in work.ties.items():
        post = work.stored[post_id].post
        if post_id not in work.new_ties and row["local_day"] is None and post.published.at is not None:
            changes.days[post_id] = work.described.day_of(post.published.at)
    _labels(work, changes)
    _stories(work, changes)
    return changes


def _differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(old[name] != value for name, value in new.items() if name not in _STAMPS)


def _labels(work: Work, changes: Changes) -> None:
    """An author's label and evidence change together, so that both carry the version that made them."""
    changes.gone = [a for a in work.labels if a not in work.new_labels and not work.told_label(a)]
    for author_id, label in work.new_labels.items():
        row, lines, held = label_row(work, author_id, label), _evidence(work, label), work.held.get(author_id, [])
        old = work.labels.get(author_id)
        moved = [line[:-1] for line in lines] != [line[:-1] for line in held]
        if moved:
            changes.evidence[author_id] = lines
        if old is None or moved or _differs(old, row):
            changes.labels[author_id] = row


def label_row(work: Work, author_id: int, label: Label) -> dict[str, Any]:
    """A label as it is stored; one that an import told, changed in part by a human, is of no version of the rules."""
    ours = work.told_before(author_id) is None
    return {
        "side": label.side,
        "kind": label.kind,
        "subkind": label.subkind or None,
        "attendance": label.attendance,
        "posterior": round(label.posterior, _DIGITS),
        "runner_up": label.runner_up or None,
        "review": label.review or None,
        "decided_by": label.decided_by,
        "organisation": label.organisation or None,
        "rules_version": RULES_VERSION if ours else None,
        "config_hash": work.config_hash if ours else None,
    }


def _evidence(work: Work, label: Label) -> list[Line]:
    return [
        (
            work.ids.get(e.post_key), e.rule, e.group, e.side, float(e.weight), e.snippet or None,
            e.source_url or None, RULES_VERSION,
        )
        for e in label.evidence
    ]  # fmt: skip


def _stories(work: Work, changes: Changes) -> None:
    """Relations, parents and stories of the folded posts; those of told posts are filled, never changed."""
    members: dict[int, list[int]] = {}
    for folded in work.folded:
        post_id, head = work.ids[folded.key], work.ids[folded.story]
        members.setdefault(head, []).append(post_id)
        item = work.stored[post_id]
        if not item.told:
            parent = _parent(work, item, head, folded.target)
            if (folded.relation, parent) != (item.post.relation, item.parent_id):
                changes.relations.append((folded.relation, parent, post_id))
    for head, found in members.items():
        wrong = [
            m for m in found if work.heads.get(work.stored[m].story_id or 0) != head and not _has_own(work.stored[m])
        ]
        if len(found) > 1 and wrong:
            changes.stories[head] = wrong
        elif len(found) == 1 and work.stored[head].story_id is not None and not work.stored[head].told:
            changes.alone.append(head)


def _has_own(item: Stored) -> bool:
    """Whether a post's story was told by somebody else."""
    return item.told and item.story_id is not None


def _parent(work: Work, item: Stored, head: int, translated: str) -> int | None:
    """The post that this one copies, continues, translates or answers, as far as we hold it."""
    if head != item.post_id:
        return head
    return work.ids.get(translated or target_key(item.post.platform, item.post.target))


def save(conn: Connection, work: Work, changes: Changes, at: str) -> None:
    """Write the changes, and log each verdict that is a new one as of `at`; inside the caller's `write_tx`."""
    judgements.save_ties(conn, work.event, changes.ties)
    judgements.save_days(conn, work.event, changes.days)
    judgements.drop_labels(conn, work.event, changes.gone)
    judgements.save_labels(conn, work.event, changes.labels)
    judgements.save_evidence(conn, work.event, changes.evidence)
    judgements.append_decisions(conn, _decisions(work, changes, at))
    judgements.save_relations(conn, changes.relations)
    if changes.stories or changes.alone:
        judgements.save_stories(conn, changes.stories, changes.alone)
    judgements.save_targets(conn, work.event, changes.targets)


def _decisions(work: Work, changes: Changes, at: str) -> list[dict[str, Any]]:
    stamp = {"event": work.event, "rules_version": RULES_VERSION, "config_hash": work.config_hash, "at": at}
    nobody = {"author_id": None, "post_id": None, "posterior": None}
    made = [
        stamp | nobody | {"post_id": post_id, "value": verdict(row)}
        for post_id, row in changes.ties.items()
        if verdict(row) != verdict(work.ties[post_id])
    ]
    made += [stamp | nobody | {"author_id": a, "value": why_gone(work, a)} for a in changes.gone]
    for author_id, row in changes.labels.items():
        old = work.labels.get(author_id)
        if old is None or (named(old), old["posterior"]) != (named(row), row["posterior"]):
            made.append(stamp | nobody | {"author_id": author_id, "value": named(row), "posterior": row["posterior"]})
    return made


def verdict(row: Mapping[str, Any]) -> str:
    """What was decided of a post, in words; "" before anything was."""
    if row["relevance"] is None:
        return ""
    return f"{row['relevance']}, counted" if row["counted"] else f"{row['relevance']}, not counted"


def named(row: Mapping[str, Any]) -> str:
    """What was decided of an author, in words."""
    subkind = f"/{row['subkind']}" if row["subkind"] else ""
    return f"{row['kind']}{subkind}, attendance {row['attendance']}"


def why_gone(work: Work, author_id: int) -> str:
    """Why an author has no label any more."""
    return "only answers to others" if author_id in work.answerers else "no post about the event"
