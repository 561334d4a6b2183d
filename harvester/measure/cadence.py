"""M21, how often and where: editions of the series in the twelve months up to the event, their cities, days between.

Only editions that began by then count, so that a report on an event stays as it is when later ones come.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from harvester.measure.metric import Bounds, Metric
from harvester.measure.people import attendees_of, listed
from harvester.text import fold

if TYPE_CHECKING:
    from datetime import date

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Edition

_QUERY = (
    "SELECT slug, name, starts_at, city, registered, attended FROM events "
    "WHERE (slug = :event OR series = (SELECT series FROM events WHERE slug = :event)) "
    "AND starts_at <= (SELECT starts_at FROM events WHERE slug = :event) "
    "AND date(starts_at) > (SELECT date(starts_at, '-1 year') FROM events WHERE slug = :event) "
    "ORDER BY starts_at, slug"
)
_CITIES = (
    f"SELECT min(trim(city)) AS city, group_concat(slug, ' ') AS events FROM ({_QUERY}) "  # noqa: S608 - ours
    "WHERE trim(ifnull(city, '')) <> '' GROUP BY lower(trim(city))"
)


def measure(items: list[Item], frame: Frame) -> list[Metric]:  # noqa: ARG001 - every family is asked in one way
    """M21.events, M21.cities and M21.gap (median days between neighbours), all of the same twelve months."""
    zone = ZoneInfo(frame.timezone)
    own = frame.world.edition(frame.event)
    if own is None:
        return []
    series = (*frame.world.before(frame.event), own)
    days = {one.event: one.starts.astimezone(zone).date() for one in series}
    since = _year_before(days[own.event])
    within = [one for one in series if days[one.event] > since]
    heads = {one.event: heads_of(one) for one in within}
    flags = ("one_event",) if len(series) == 1 else ()
    held = Metric(
        metric="M21.events", unit="events", value=len(within), by={"attendees": heads}, flags=flags, query=_QUERY,
        variants={"since": since.isoformat(), "days": {one.event: days[one.event].isoformat() for one in within}},
    )  # fmt: skip
    return [held, _cities(within), _gap([days[one.event] for one in within])]


def heads_of(edition: Edition) -> int | None:
    """How many were there: the head count, else the length of the attendance list; None where nobody says."""
    if edition.attended is not None:
        return edition.attended
    return len(attendees_of(edition)) if listed(edition) else None


def _year_before(day: date) -> date:
    """The same day a year earlier, which is no longer within twelve months; the last of February for a leap day."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _cities(within: list[Edition]) -> Metric:
    named: dict[str, str] = {}
    for one in within:
        if one.city.strip():
            named.setdefault(fold(one.city.strip()), one.city.strip())
    unknown = sum(not one.city.strip() for one in within)
    by = {"cities": sorted(named.values()), "unknown": unknown}
    if not named:
        return Metric(metric="M21.cities", unit="cities", status="unmeasured", flags=("no_city",), by=by, query=_QUERY)
    why = f"{unknown} {'event' if unknown == 1 else 'events'} without a city"
    bounds = Bounds(lo=len(named), hi=len(named) + unknown, why=why) if unknown else None
    return Metric(metric="M21.cities", unit="cities", value=len(named), by=by, bounds=bounds, query=_CITIES)


def _gap(days: list[date]) -> Metric:
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if not gaps:
        return Metric(metric="M21.gap", unit="days", status="not_applicable", flags=("one_event",), query=_QUERY)
    return Metric(metric="M21.gap", unit="days", value=median(gaps), den=len(gaps), by={"gaps": gaps}, query=_QUERY)
