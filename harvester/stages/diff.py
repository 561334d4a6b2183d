"""What a rerun changed of earlier judgements, with the evidence that came, went or changed its weight."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harvester.model import group_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harvester.model import Author
    from harvester.stages.work import Work
    from harvester.stages.writes import Changes

    Lines = dict[tuple[str, str], tuple[float, str]]

_GROUPS = ("written", "talk", "micro", "other")
_LABEL = ("kind", "subkind", "side", "attendance", "posterior", "decided_by")
_TIE = ("relevance", "counted", "not_counted_reason", "incentivised", "decided_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The most important first: those with counted written stories, then talks, then short posts.

    first    nothing of the event was judged before: everything is new, and nothing is listed
    authors  {author, name, stories, before, after, evidence}: labels, None where there is none
    posts    {post, url, title, kind, before, after, evidence}: judgements or None
    evidence {came, gone, changed}: {rule, side, weight, snippet}, and in `changed` the weight and words of before
    """

    first: bool = False
    authors: tuple[dict[str, Any], ...] = ()
    posts: tuple[dict[str, Any], ...] = ()


def difference(work: Work, changes: Changes, people: Mapping[int, Author]) -> Diff:
    """The diff between what stood and what is decided. `people`: the changed authors by id."""
    if work.first:
        return Diff(first=True)
    weights = _stories(work)
    authors = [
        (_author_rank(entry, weights.get(author_id, ())), entry)
        for author_id in changes.authors
        if (entry := _author(work, changes, author_id, people.get(author_id), weights.get(author_id, ())))
    ]
    posts = [(_post_rank(entry), entry) for post_id in changes.ties if (entry := _post(work, changes, post_id))]
    return Diff(
        authors=tuple(entry for _, entry in sorted(authors, key=lambda found: found[0])),
        posts=tuple(entry for _, entry in sorted(posts, key=lambda found: found[0])),
    )


def _stories(work: Work) -> dict[int, tuple[int, ...]]:
    """Author id → posts that count or counted, for each volume group."""
    found: dict[int, list[int]] = {}
    for post_id, row in work.ties.items():
        item = work.stored[post_id]
        if item.author_id is not None and (row["counted"] or work.new_counted(post_id)):
            numbers = found.setdefault(item.author_id, [0] * len(_GROUPS))
            numbers[_GROUPS.index(group_of(item.post.kind))] += 1
    return {author_id: tuple(numbers) for author_id, numbers in found.items()}


def _author(
    work: Work, changes: Changes, author_id: int, author: Author | None, stories: tuple[int, ...]
) -> dict[str, Any] | None:
    """An author's entry; None when only rows behind the same words changed, such as the post a rule first met."""
    old, new = work.labels.get(author_id), changes.labels.get(author_id)
    after: dict[str, Any] | None = _fields(new, _LABEL) if new else None
    if author_id in changes.gone:
        after = None
    lines = changes.evidence.get(author_id, () if author_id in changes.gone else work.held.get(author_id, ()))
    evidence = _compared(_by_rule(work.held.get(author_id, ())), _by_rule(lines))
    before = _fields(old, _LABEL) if old else None
    if before == after and not any(evidence.values()):
        return None
    return {
        "author": f"{author.platform}:{author.handle}" if author else str(author_id),
        "name": author.name if author else "",
        "stories": dict(zip(_GROUPS, stories, strict=False)),
        "before": before,
        "after": after,
        "evidence": evidence,
    }


def _post(work: Work, changes: Changes, post_id: int) -> dict[str, Any] | None:
    old, new, post = work.ties[post_id], changes.ties[post_id], work.stored[post_id].post
    before = _fields(old, _TIE) if old["relevance"] is not None else None
    after = _fields(new, _TIE)
    evidence = _compared(_by_reason(old["reasons"]), _by_reason(new["reasons"]))
    if before == after and not any(evidence.values()):
        return None
    return {
        "post": post.key, "url": post.url, "title": post.title, "kind": post.kind,
        "before": before, "after": after, "evidence": evidence,
    }  # fmt: skip


def _fields(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _by_rule(lines: Iterable[tuple[Any, ...]]) -> Lines:
    """(rule, side) → (weight, words) of stored evidence rows."""
    return {(line[1], line[3]): (line[4], line[5] or "") for line in lines}


def _by_reason(text: str | None) -> Lines:
    found = json.loads(text or "[]")
    return {
        (one.get("rule", ""), "about" if one.get("weight", 0) >= 0 else "not"):
        (one.get("weight", 0), one.get("snippet") or "") for one in found
    }  # fmt: skip


def _compared(old: Lines, new: Lines) -> dict[str, list[dict[str, Any]]]:
    return {
        "came": [_line(key, new[key]) for key in new if key not in old],
        "gone": [_line(key, old[key]) for key in old if key not in new],
        "changed": [
            _line(key, new[key]) | {"weight_before": old[key][0], "snippet_before": old[key][1]}
            for key in new
            if key in old and old[key] != new[key]
        ],
    }


def _line(key: tuple[str, str], value: tuple[float, str]) -> dict[str, Any]:
    return {"rule": key[0], "side": key[1], "weight": value[0], "snippet": value[1]}


def _author_rank(entry: Mapping[str, Any], stories: tuple[int, ...]) -> tuple[Any, ...]:
    """A changed kind before changed evidence, what was judged before what is new, then by counted posts."""
    before, after = entry["before"], entry["after"]
    same = before is not None and after is not None and _kind(before) == _kind(after)
    return same, before is None, tuple(-number for number in stories) or (0,) * len(_GROUPS), entry["author"]


def _kind(label: Mapping[str, Any]) -> tuple[Any, ...]:
    return label["kind"], label["subkind"], label["attendance"]


def _post_rank(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    before, after = entry["before"], entry["after"]
    same = before is not None and _verdict(before) == _verdict(after)
    counts = bool(after["counted"] or (before and before["counted"]))
    return same, before is None, not counts, _GROUPS.index(group_of(entry["kind"])), entry["post"]


def _verdict(tie: Mapping[str, Any]) -> tuple[Any, Any]:
    return tie["relevance"], tie["counted"]
