"""Relate and classify an event's posts: the pure stages between what the database holds and what it is told.

Reads everything, decides everything, then writes in one transaction, and only what changed. Nothing here fetches.
What an import or a human said (`decided_by`) stays; a human's latest word per field wins over the rules.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from harvester import dates
from harvester.classify import RULES_VERSION, hosts, relevance, role
from harvester.classify.names import names_of
from harvester.model import Label
from harvester.relate import stories
from harvester.relate.inputs import story_input
from harvester.stage_writes import Work, write
from harvester.store import judgement_rows as rows

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.event import Event
    from harvester.model import Post
    from harvester.store.open import Connection

_DAYS_KNOWN = frozenset({"second", "minute", "day"})
_YES = frozenset({"1", "true", "yes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What judging found, and the rows it wrote (`changed`: posts, labels, stories, links)."""

    event: str
    posts: int
    relevance: dict[str, int]
    counted: int
    copies: int
    kinds: dict[str, int]
    review: int
    changed: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON values."""
        return asdict(self)


def classify_event(conn: Connection, event: Event, *, now: datetime) -> Summary:
    """Judge every post and author of a stored event again. `now` dates the log of decisions."""
    work = _read(conn, event)
    for post_id in work.ties:
        work.judged[post_id] = relevance.judge(work.stored[post_id].post, event)
    work.folded = _folded(work)
    _decide_ties(work)
    _decide_labels(conn, work)
    return _summary(work, write(conn, work, dates.iso(now)))


def _read(conn: Connection, event: Event) -> Work:
    links = rows.links_to(conn, names_of(event).pages)
    author_words, post_words = rows.overrides_of(conn, event.slug)
    return Work(
        event=event.slug,
        config_hash=event.config_hash(),
        described=event,
        stored={item.post_id: item for item in rows.posts_of(conn, event.slug, links)},
        ties=rows.ties_of(conn, event.slug),
        labels=rows.labels_of(conn, event.slug),
        heads=rows.story_heads(conn),
        author_words=author_words,
        post_words=post_words,
    )


def _folded(work: Work) -> list[stories.Folded]:
    event, names = work.described, names_of(work.described)
    keys = {item.post_id: item.post.key for item in work.stored.values()}
    return stories.fold(
        story_input(
            item.post,
            tagged=any(names.tag(tag) for tag in item.post.hashtags),
            copyist=bool(hosts.below(item.post.host, event.aggregator_hosts) or hosts.mirror(item.post.url)),
            parent=keys.get(item.parent_id or 0, "") if item.told else "",
            first=item.told and work.heads.get(item.story_id or 0) == item.post_id,
        )
        for item in work.stored.values()
    )


def _decide_ties(work: Work) -> None:
    """The row of each post that is ours to judge: relevance, whether it counts and why not."""
    confirmed = {work.stored[post_id].post.key for post_id in work.ties if work.relevance(post_id) == "confirmed"}
    for key, (counted, reason) in stories.tally(work.folded, confirmed).items():
        post_id = work.ids[key]
        if post_id in work.ties and not work.kept(post_id):
            work.new_ties[post_id] = _tie(work, post_id, counted=counted, reason=reason)


def _tie(work: Work, post_id: int, *, counted: bool, reason: str) -> dict[str, Any]:
    post, label, words = work.stored[post_id].post, work.judged[post_id], work.post_words.get(post_id, {})
    if "counted" in words:
        counted = words["counted"] in _YES
        reason = "" if counted else "a human decided"
    paid = (
        words["incentivised"] in _YES if "incentivised" in words else bool(relevance.incentivised(post, work.described))
    )
    reasons = [{"rule": e.rule, "weight": e.weight, "snippet": e.snippet} for e in label.evidence]
    return {
        "relevance": work.relevance(post_id),
        "score": float(label.score),
        "counted": int(counted),
        "not_counted_reason": reason or None,
        "incentivised": int(paid),
        "local_day": day_of(post, work.described),
        "reasons": json.dumps(reasons, ensure_ascii=False),
        "decided_by": "human" if words else "rules",
        "rules_version": RULES_VERSION,
        "config_hash": work.config_hash,
    }


def day_of(post: Post, event: Event) -> str | None:
    """The local day of a post whose day is known."""
    when = post.published
    return event.day_of(when.at) if when.at is not None and when.precision in _DAYS_KNOWN else None


def _decide_labels(conn: Connection, work: Work) -> None:
    """The label of each author with a post that may be about the event, unless somebody else's label stands."""
    bylines, statuses = rows.bylines_by_host(conn), rows.statuses_of(conn, work.event)
    earlier = rows.earlier_sides(conn, work.event)
    for author_id, posts in _by_author(work).items():
        told, words = work.labels.get(author_id), work.author_words.get(author_id, {})
        author = posts[0].author
        if author is None or (work.told_label(author_id) and not words):
            continue
        if told is not None and told["decided_by"] == "import":
            label = Label(
                side=told["side"], kind=told["kind"], subkind=told["subkind"] or "", attendance=told["attendance"],
                posterior=told["posterior"] or 0.0,
            )  # fmt: skip
        else:
            sites = [bylines.get(post.host, 0) for post in posts if post.platform == "web"]
            view = role.AuthorView(
                author=author,
                bylines=max(1, *sites, 1),
                statuses=statuses.get(author_id, ()),
                earlier=earlier.get(author_id, ("", "")),
            )
            label = role.judge(view, posts, work.described)
        work.new_labels[author_id] = role.overridden(label, words)


def _by_author(work: Work) -> dict[int, list[Post]]:
    """Posts that are not rejected, by author, confirmed ones first, then by date and key."""
    found: dict[int, list[tuple[bool, str, str, Post]]] = {}
    for post_id in work.ties:
        item, about = work.stored[post_id], work.relevance(post_id)
        if item.author_id is not None and about in ("confirmed", "probable"):
            at = item.post.published.at
            order = (about != "confirmed", dates.iso(at) if at else "~", item.post.key)
            found.setdefault(item.author_id, []).append((*order, item.post))
    return {author_id: [entry[3] for entry in sorted(posts, key=lambda e: e[:3])] for author_id, posts in found.items()}


def _summary(work: Work, changed: dict[str, int]) -> Summary:
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
    )
