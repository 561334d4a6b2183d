"""M14 as rows: how many are in each tier, naming nobody, and a row a person, flagged `internal`, with its links."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from harvester.measure.answers import INTERNAL, named
from harvester.measure.frame import state_of
from harvester.measure.leaders import TIERS, considered, leaders
from harvester.measure.metric import Metric
from harvester.measure.stories_sql import WRITERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.leaders import Leader
    from harvester.measure.world import Tie

# Links of each sort in a row; the rest is a number.
LINKS: Final = 10
# What somebody wrote as a participant at the editions up to this one.
_WROTE: Final = """SELECT * FROM event_items WHERE person = :kind AND author_kind = 'participant' AND counted = 1
  AND relevance = 'confirmed' AND in_window = 1 AND event IN (
    SELECT e.slug FROM events e JOIN events o ON o.slug = :event
    WHERE e.slug = o.slug OR (e.series = o.series AND e.starts_at <= o.starts_at)) ORDER BY published_at, key"""
_TIERS: Final = Metric(metric="M14.tiers", group="any", unit="people", query=WRITERS)


def measure(items: list[Item], frame: Frame) -> list[Metric]:  # noqa: ARG001 - the editions hold all posts
    """M14.tiers, and M14.leader for everybody shown: candidates, rising, steady, others; inside by love, then pull."""
    editions = considered(frame)
    found = leaders(frame)
    flags = ("one_event_only",) if len(editions) == 1 else ()
    if not found:
        status, why = state_of("any", 0, frame)
        lacking = ("unmeasured", why) if status == "unmeasured" else ("not_applicable", ("nobody_now",))
        return [replace(_TIERS, status=lacking[0], flags=(*flags, *lacking[1]))]
    if not any(tie.event in {edition.event for edition in editions} for tie in frame.world.ties):
        return [replace(_TIERS, status="unmeasured", flags=(*flags, "no_answers_known"))]
    tiers = Counter(one.tier for one in found)
    by = {tier or "none": tiers[tier] for tier in TIERS}
    posts = {item.post_id: item for edition in editions for item in edition.items}
    rows = [_row(one, frame, posts) for one in found]
    return [replace(_TIERS, value=tiers["candidate"], by=by, flags=flags), *rows]


def _row(one: Leader, frame: Frame, posts: dict[int, Item]) -> Metric:
    by = {
        "name": frame.world.names.get(one.person, one.person), "tier": one.tier or "none", "quadrant": one.quadrant,
        "events": len(one.events), "kinds": list(one.kinds), "pull": one.pulled, "give": one.given,
        "first_followed": one.first, "followers": one.followers, "corporate": one.corporate,
        "organisation": one.organisation,
    }  # fmt: skip
    evidence = {
        "events": list(one.events),
        "wrote": _some([named(story) for story in one.stories]),
        "answered_by": _some(_lines(one.pull, frame, posts)),
        "answered": _some(_lines(one.gave, frame, posts)),
    }
    flags = (INTERNAL, "corporate") if one.corporate else (INTERNAL,)
    return Metric(
        metric="M14.leader", group="any", kind=one.person, unit="love", value=one.love, by=by,
        variants={"evidence": evidence}, flags=flags, query=_WROTE,
    )  # fmt: skip


def _some(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The newest few lines and how many more there are."""
    return {"links": lines[-LINKS:], "more": max(0, len(lines) - LINKS)}


def _lines(ties: Iterable[Tie], frame: Frame, posts: dict[int, Item]) -> list[dict[str, Any]]:
    """Each answer: who, to whom, and the posts it stands in and points at."""
    names = frame.world.names
    lines = []
    for tie in ties:
        target, source = posts[tie.target_post or 0], posts.get(tie.source_post or 0)
        if target.human in frame.world.gone:
            continue
        told = {"who": names.get(tie.actor, tie.actor), "did": tie.type, "whose": target.author_name}
        lines.append(told | {"post": target.key, "url": target.url, "by": source.url if source else ""})
    return lines
