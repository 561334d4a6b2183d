"""M18, more or fewer than at the edition before: rate ratios with the range that luck alone could make.

Two editions compare over the same part of their time (start to 28 days after the end; before day 28 both up to the age
of this one) and by the same recipe (`measure.recipe`), otherwise there is no number: `variants.same_recipe` then
compares what both recipes would have found. `measure.rates` says what more and fewer mean.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from harvester.measure.frame import state_of
from harvester.measure.metric import Bounds, Metric
from harvester.measure.moments import closes
from harvester.measure.people import harvested, previous
from harvester.measure.rates import CANNOT_TELL, FEWER, MORE, change
from harvester.measure.ratio import per_author, per_outlet
from harvester.measure.recipe import breaks, shared
from harvester.measure.sides import other_outlets, side_now, side_then

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.rates import Change
    from harvester.measure.sides import Side
    from harvester.measure.world import Edition

# What is compared: stories of a group by a kind of author, and people ("any": in whatever group).
STORIES: Final = (("written", "participant"), ("written", "media"), ("talk", "participant"), ("micro", "participant"))
PEOPLE: Final = ("any", "written")
_STORIES_SQL: Final = """SELECT * FROM event_items WHERE event IN (:event, '{before}') AND counted = 1
  AND relevance = 'confirmed' AND in_window = 1 AND author_kind = '{kind}'{group} ORDER BY event, person, key"""


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """The rows M18.change (stories) and M18.contributors (people) against the previous edition of the series."""
    return changes(items, frame, previous(frame))


def changes(items: list[Item], frame: Frame, before: Edition | None) -> list[Metric]:
    """The same against any other edition."""
    own = frame.world.edition(frame.event)
    if before is None or own is None:
        return [replace(row, status="not_applicable", flags=("first_event",)) for row in _rows("")]
    told: dict[str, Any] = {"previous_event": before.event}
    if frame.as_of < frame.starts:
        return [replace(r, status="not_applicable", flags=("not_begun",), variants=told) for r in _rows(before.event)]
    age = None if frame.as_of >= closes(frame) else frame.as_of - frame.ends
    now, then = side_now(items, frame, own, age), side_then(frame, before, age)
    if age is not None:
        told |= {"days_after_the_end": age.total_seconds() / 86400}
    gaps = breaks(then.recipe(), now.recipe())
    return [_compared(replace(row, variants=told), now, then, gaps) for row in _rows(before.event)]


def _rows(before: str) -> list[Metric]:
    rows = []
    for group, kind in STORIES:
        query = _STORIES_SQL.format(before=before.replace("'", "''"), kind=kind, group=f" AND grp = '{group}'")
        rows.append(Metric(metric="M18.change", group=group, kind=kind, unit="times", query=query))
    for group in PEOPLE:
        only = "" if group == "any" else f" AND grp = '{group}'"
        query = _STORIES_SQL.format(before=before.replace("'", "''"), kind="participant", group=only)
        row = Metric(metric="M18.contributors", group=group, kind="participant", unit="times", query=query)
        rows.append(row)
    return rows


def _compared(row: Metric, now: Side, then: Side, gaps: tuple[str, ...]) -> Metric:
    """One row: its state, and the ratio where there is one."""
    if row.kind == "media" and other_outlets(now, then):
        gaps = (*gaps, "other_outlets")
    n, m = _counts(row, now), _counts(row, then)
    status, flags = _state(row, now, then, gaps)
    by = {"now": sum(n), "before": sum(m), "authors_now": len(n), "authors_before": len(m)}
    if now.undated or then.undated:
        by |= {"undated_left_out_now": now.undated, "undated_left_out_before": then.undated}
    row = replace(row, num=sum(n), den=sum(m), by=by, flags=flags, status=status)
    if gaps and status == "not_applicable":
        return replace(row, variants=row.variants | _same_recipe(row, now, then))
    if status not in ("ok", "truncated"):
        return row
    if not n and not m:
        return replace(row, status="not_applicable", flags=("none_either_time", *flags))
    found = change(n, m)
    told = row.variants | {"change": _safe(found.said, flags)} | _per_attendee(found, now, then, flags)
    extra = () if m else ("none_before",)
    return replace(
        row, value=found.value, ci=found.range, bounds=_bounds(row, n, m, now, then), variants=told,
        flags=(*extra, *flags),
    )  # fmt: skip


def _counts(row: Metric, side: Side) -> list[int]:
    """Stories per author, per outlet, or a 1 for each person."""
    stories = side.of(row.group, row.kind)
    if row.metric == "M18.contributors":
        return [1] * len({item.human for item in stories if item.human})
    return per_outlet(stories) if row.kind == "media" else per_author(stories, row.kind)


def _state(row: Metric, now: Side, then: Side, gaps: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The worse state of both sides; of the earlier one flags say `before:`."""
    late = ("so_far",) if now.frame.as_of < closes(now.frame) else ()
    states, flags = [], list(late)
    for side, name in ((now, ""), (then, "before:")):
        found = len(side.of(row.group, row.kind))
        if not harvested(side.edition) and not side.edition.asked:
            return "unmeasured", (f"not_harvested:{side.edition.event}",)
        if row.kind == "media" and not side.frame.media_outlets and not found:
            return "unmeasured", (f"{name}no_outlet_list",)
        status, why = state_of(row.group, found, side.frame)
        if side.unjudged:
            status, why = status if found else "unmeasured", ("not_judged", *why)
        states.append(status)
        flags += [f"{name}{flag}" for flag in why]
    if "unmeasured" in states:
        return "unmeasured", tuple(flags)
    if gaps:
        return "not_applicable", (*gaps, *flags)
    return ("truncated" if "truncated" in states else "ok"), tuple(flags)


def _safe(said: str, flags: tuple[str, ...]) -> str:
    """Counts that were cut off are "at least": more after such ones, or fewer of them, may only be what was missed."""
    cut = [flag for flag in flags if flag.removeprefix("before:").startswith(("truncated", "failed", "not_judged"))]
    before, now = (any(flag.startswith("before:") == old for flag in cut) for old in (True, False))
    return CANNOT_TELL if (said == MORE and before) or (said == FEWER and now) else said


def _bounds(row: Metric, n: Sequence[int], m: Sequence[int], now: Side, then: Side) -> Bounds | None:
    """If every author of unknown kind were of this kind at one edition and at the other of another."""
    if row.metric != "M18.change":
        return None
    unknown, before = len(now.of(row.group, "unknown")), len(then.of(row.group, "unknown"))
    if not unknown and not before:
        return None
    most = (sum(n) + unknown) / sum(m) if m else None
    whole = sum(m) + before
    return Bounds(lo=sum(n) / whole if whole else None, hi=most, why=f"{unknown} unclassified, {before} before")


def _plain(found: Change, flags: tuple[str, ...]) -> dict[str, Any]:
    """A further change for `variants`."""
    lo, hi = found.range.lo, found.range.hi
    return {"value": found.value, "lo": lo, "hi": hi, "change": _safe(found.said, flags)}


def _per_attendee(found: Change, now: Side, then: Side, flags: tuple[str, ...]) -> dict[str, Any]:
    """The change per head, where it differs from that of the whole."""
    here, there = now.attended, then.attended
    if not here or not there or here == there:
        return {}
    told = _plain(found.per(here, there), flags)
    return {"per_attendee": told | {"attendees": here, "attendees_before": there}}


def _same_recipe(row: Metric, now: Side, then: Side) -> dict[str, Any]:
    """The comparison over stories that both recipes would have found; {} where no sighting says which."""
    if now.edition.rules != then.edition.rules:
        return {}
    old, new = then.recipe(), now.recipe()
    ours = now.only(item for item in now.stories if shared(item.post_id, now.edition, old))
    theirs = then.only(item for item in then.stories if shared(item.post_id, then.edition, new))
    n, m = _counts(row, ours), _counts(row, theirs)
    if not n and not m:
        return {}
    return {"same_recipe": _plain(change(n, m), row.flags) | {"num": sum(n), "den": sum(m)}}
