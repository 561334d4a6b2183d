"""M04, coverage: how many stories exist at least, and what share of them we hold at most.

Never a factor: no count is multiplied by it, and no ratio is corrected with it. The estimate behind the lower limit
stands in `variants.if_independent` for whoever reads details, since sources are not independent.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from harvester.measure import ratio, unseen
from harvester.measure.metric import Metric
from harvester.measure.sighted import Lists, lists_of

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

# Fewer stories are listed, not estimated.
FEW: Final = 6
# Shares of the stories that might have been found, (participants', media's), for "what if we missed that many".
FOUND: Final = ((1.0, 1.0), (0.9, 1.0), (0.7, 1.0), (0.5, 1.0), (0.7, 0.9))
QUERY: Final = """SELECT i.*, s.source, s.query FROM event_items i
LEFT JOIN sightings s ON s.post_id = i.post_id AND s.event = i.event
WHERE i.event = :event AND i.counted = 1 AND i.relevance = 'confirmed' AND i.in_window = 1 AND i.grp = 'written'
  AND i.author_kind IN ('participant', 'independent')"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be said: a state with the reasons, and the lower limit where there is one."""

    status: str
    flags: tuple[str, ...] = ()
    at_least: float | None = None
    estimate: unseen.Unseen | None = None


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """The rows M04.at_least, M04.found, M04.overlap, M04.stratum (a row a platform) and M04.ratio_if_missed."""
    lists = lists_of(items, frame)
    parts, answers, answer = _answered(lists)
    rows = [*_statement(lists, answer), _overlap(lists)]
    rows += [_stratum(name, part, answers[name]) for name, part in parts.items()]
    return [*rows, _ratio_if_missed(items, frame)]


def found(items: list[Item], frame: Frame) -> float | None:
    """The value of M04.found alone, the most that can be held; None where nothing can be said."""
    lists = lists_of(items, frame)
    _, share = _statement(lists, _answered(lists)[2])
    return None if share.value is None else float(share.value)


def _answered(lists: Lists) -> tuple[dict[str, Lists], dict[str, Answer], Answer]:
    """Platforms that have to be taken apart with their answers, and the answer for all."""
    alone = 2 * len(lists.alone().stories) > len(lists.held)
    apart = len(lists.scopes) > 1 and (alone or lists.opposed is not None)
    parts = lists.by_platform() if apart else {}
    answers = {name: estimated(part) for name, part in parts.items()}
    return parts, answers, together(parts, answers) if parts else estimated(lists)


def estimated(lists: Lists) -> Answer:
    """The lower limit from the stories that two or more lists reach; what one alone reaches is there, and no more."""
    alone, lists = lists.alone(), lists.compared() if len(lists.scopes) > 1 else lists
    held, count = len(lists.held), len(lists.scopes)
    if count < 2:
        return Answer("not_applicable", ("one_source" if count or alone.scopes else "no_source",))
    if held < FEW:
        return Answer("insufficient", ("few_stories",))
    two = lists.opposed or ((*lists.sizes.values(), lists.times[1]) if count == 2 else None)
    if two and two[2] < unseen.FEW_SHARED:
        return Answer("insufficient", ("few_shared",))
    found = unseen.two_lists(*two) if two else unseen.many_lists(lists.times)
    flags = ["some_on_one_list_only"] if alone.stories else []
    if not two and found.at_least > found.seen and unseen.overstated([*lists.sizes.values()], found) > unseen.UNLIKE:
        flags.append("lists_unlike")
    return Answer("ok", tuple(flags), found.at_least + len(alone.stories), found)


def together(parts: dict[str, Lists], answers: dict[str, Answer]) -> Answer:
    """The sum over platforms, of each what is held there if nothing more can be said. Not one of them said: stop."""
    if not any(answer.status == "ok" for answer in answers.values()):
        compared = any("few_shared" in answer.flags for answer in answers.values())
        few = any(answer.status == "insufficient" for answer in answers.values())
        return Answer("insufficient" if few else "not_applicable", ("few_shared" if compared else "sources_apart",))
    unlike = ("lists_unlike",) if any("lists_unlike" in answer.flags for answer in answers.values()) else ()
    silent = tuple(f"not_estimated:{name}" for name, answer in answers.items() if answer.at_least is None)
    limits = (max(answer.at_least or 0.0, float(len(parts[name].stories))) for name, answer in answers.items())
    return Answer("ok", ("by_platform", *unlike, *silent), sum(limits))


def _statement(lists: Lists, answer: Answer) -> list[Metric]:
    """At least L exist; we hold H, so at most H/L of them. What no list found is held all the same."""
    held, on_lists = len(lists.stories), len(lists.held)
    limit = None if answer.at_least is None else max(answer.at_least, float(held))
    flags = answer.flags + (("some_on_no_list",) if limit is not None and held > on_lists else ())
    by = {"found": held, "on_lists": on_lists, "on_no_list": held - on_lists}
    told: dict[str, Any] = {"lists": lists.sizes, "seen_by": list(lists.times)}
    if limit is not None:
        told["at_least"] = math.floor(limit)
    if answer.estimate is not None:
        told |= _details(answer.estimate)
    share = None if limit is None else held / limit
    return [
        Metric(metric="M04.at_least", group="written", value=limit, num=held, by=by, variants=told,
               status=answer.status, flags=flags, query=QUERY),
        Metric(metric="M04.found", group="written", unit="share", value=share, num=held, den=limit,
               status=answer.status, flags=flags, query=QUERY),
    ]  # fmt: skip


def _details(found: unseen.Unseen) -> dict[str, Any]:
    """For the page of details: what would hold if the sources were independent, or agreed by an odds ratio."""
    told = asdict(found)
    what_if = told.pop("what_if")
    return {"if_independent": told} | ({"if_sources_agree": what_if} if what_if else {})


def _overlap(lists: Lists) -> Metric:
    """Which stories are on exactly which lists: the rows of an UpSet chart, the longest first."""
    return Metric(
        metric="M04.overlap", group="written", value=len(lists.held) or None, by=dict(lists.overlaps),
        variants={"lists": lists.sizes}, status="ok" if lists.held else "not_applicable",
        flags=() if lists.held else ("no_source",), query=QUERY + _on(lists),
    )  # fmt: skip


def _on(lists: Lists) -> str:
    """The condition that a story, or a copy of it, is on one of the lists."""
    names = ", ".join(map(_quoted, lists.scopes))
    return (
        " AND i.story IN (SELECT c.story FROM event_items c JOIN sightings x ON x.event = c.event"  # noqa: S608 - quoted
        f" AND x.post_id = c.post_id WHERE c.event = :event AND x.source IN ({names}))"
    )


def _stratum(platform: str, lists: Lists, answer: Answer) -> Metric:
    told: dict[str, Any] = {"lists": lists.sizes, "seen_by": list(lists.times)}
    if answer.estimate is not None:
        told |= _details(answer.estimate)
    return Metric(
        metric="M04.stratum", group="written", kind=platform, value=answer.at_least, num=len(lists.held),
        variants=told, status=answer.status, flags=answer.flags,
        query=f"{QUERY} AND i.platform = {_quoted(platform)}{_on(lists)}",
    )  # fmt: skip


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _ratio_if_missed(items: list[Item], frame: Frame) -> Metric:
    """M02's ratio R if these shares had been found: R·(c of media)/(c of participants). Examples, no correction."""
    row = ratio.measure(items, frame)[0]
    if row.value is None:
        status = "not_applicable" if row.status in ("ok", "truncated") else row.status
        return Metric(metric="M04.ratio_if_missed", group="written", unit="ratio", status=status, flags=row.flags)
    by = {f"{p:.0%} of participants', {m:.0%} of media's": row.value * m / p for p, m in FOUND}
    return Metric(
        metric="M04.ratio_if_missed", group="written", unit="ratio", value=row.value, by=by, status=row.status,
        flags=row.flags, query=row.query,
    )  # fmt: skip
