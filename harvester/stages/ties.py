"""What becomes of an event's posts: copies folded, answers behind what they answer, what counts and why not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.classify import RULES_VERSION, answers, hosts, relevance
from harvester.classify.names import names_of
from harvester.model import DAY_KNOWN
from harvester.relate import links, stories
from harvester.relate.inputs import story_input
from harvester.store import judgement_rows as rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.event import Event
    from harvester.model import Post
    from harvester.stages.work import Work
    from harvester.store.connection import Connection

_YES = frozenset({"1", "true", "yes"})


def folded_of(conn: Connection, work: Work) -> list[stories.Folded]:
    """Every post with its story, those of other events that share one included."""
    event, names = work.described, names_of(work.described)
    keys = {item.post_id: item.post.key for item in work.stored.values()}
    between = rows.links_between(conn, work.event)
    return stories.fold(
        story_input(
            item.post,
            tagged=any(names.tag(tag) for tag in item.post.hashtags),
            copyist=bool(hosts.below(item.post.host, event.aggregator_hosts) or hosts.mirror(item.post.url)),
            parent=keys.get(item.parent_id or 0, "") if item.told else "",
            first=item.told and work.heads.get(item.story_id or 0) == item.post_id,
            links=between.get(item.post_id, ()),
            found=not item.told and item.parent_id is not None,
            person=work.persons.get(item.author_id or 0),
        )
        for item in work.stored.values()
    )


def follow(work: Work) -> None:
    """Answers follow what they answer: by the relevance that holds before any answer followed, so one step deep."""
    before = {post_id: work.relevance(post_id) for post_id in work.ties}
    for post_id, target in _answered(work):
        if target in before and post_id in before:
            post, key = work.stored[post_id].post, work.stored[target].post.key
            work.judged[post_id] = answers.follow(work.judged[post_id], post, key, before[target])


def _answered(work: Work) -> Iterator[tuple[int, int]]:
    """(post id, id of the post it answers, passes on, or continues as part of a thread)."""
    named = {item.post.canonical_url: item.post_id for item in work.stored.values() if item.post.canonical_url}
    for folded in work.folded:
        post_id = work.ids[folded.key]
        post = work.stored[post_id].post
        if folded.relation == "thread_part":
            yield post_id, work.ids[folded.story]
        elif answers.answers(post):
            key = links.target_key(post.platform, post.target)
            target = work.ids.get(key) or named.get(key)
            if target is not None and target != post_id:
                yield post_id, target


def decide_ties(work: Work) -> None:
    """The row of each post that is ours to judge: relevance, whether it counts and why not."""
    confirmed = {work.stored[post_id].post.key for post_id in work.ties if work.relevance(post_id) == "confirmed"}
    for key, (counted, reason) in stories.tally(work.folded, confirmed).items():
        post_id = work.ids[key]
        if post_id in work.ties and not work.kept(post_id):
            work.new_ties[post_id] = _tie(work, post_id, counted=counted, reason=reason)


def _tie(work: Work, post_id: int, *, counted: bool, reason: str) -> dict[str, Any]:
    post, label, words = work.stored[post_id].post, work.judged[post_id], work.post_words.get(post_id, {})
    reasons = [{"rule": e.rule, "weight": e.weight, "snippet": e.snippet} for e in label.evidence]
    row = {
        "relevance": work.relevance(post_id),
        "score": float(label.score),
        "counted": int(counted),
        "not_counted_reason": reason or None,
        "incentivised": int(bool(relevance.incentivised(post, work.described))),
        "local_day": day_of(post, work.described),
        "reasons": json.dumps(reasons, ensure_ascii=False),
        "decided_by": "human" if words else "rules",
        "rules_version": RULES_VERSION,
        "config_hash": work.config_hash,
    }
    if work.told_tie(post_id):
        row |= _as_told(work.ties[post_id], row, words)
    if "counted" in words:
        row["counted"] = int(words["counted"] in _YES)
        told = work.ties[post_id]["not_counted_reason"] if work.told_tie(post_id) else ""
        row["not_counted_reason"] = None if row["counted"] else told or "a human decided"
    if "incentivised" in words:
        row["incentivised"] = int(words["incentivised"] in _YES)
    return row


def _as_told(told: dict[str, Any], row: dict[str, Any], words: Iterable[str]) -> dict[str, Any]:
    """The fields of an imported judgement that no word of a human names or settles."""
    fields = ["score", "incentivised", "reasons", "rules_version", "config_hash"]
    fields += [] if "relevance" in words else ["counted", "not_counted_reason"]
    return {name: told[name] for name in fields} | {"local_day": told["local_day"] or row["local_day"]}


def day_of(post: Post, event: Event) -> str | None:
    """The local day of a post whose day is known."""
    when = post.published
    return event.day_of(when.at) if when.at is not None and when.precision in DAY_KNOWN else None
