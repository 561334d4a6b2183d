"""M12, how far it went beyond the room: a potential audience as a range, who answered, who of them was not there.

Three numbers that are never added. The potential audience is an opportunity to see and no number of people reached.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from harvester.measure import people_sql
from harvester.measure.answers import INTERNAL, answers_of, looked
from harvester.measure.answers_sql import ANSWERED, KINDS, NOBODY
from harvester.measure.frame import in_window, state_of
from harvester.measure.metric import Bounds, Metric
from harvester.measure.people import THERE, contributors_of
from harvester.measure.ratio import PLACEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.measure.world import Edition, Followers, Tie

# Somebody in the room, as the attendance list or their own words have it; staff were there as well.
_ROOM: Final = THERE | {"staff"}
_PASSED_ON: Final = ("repost", *PLACEMENTS)
_WORDS: Final = ", ".join(f"'{name}'" for name in _PASSED_ON)
# An account and platform with every number of followers known of it.
_POSTERS: Final = f"""SELECT p.author, p.platform,
  group_concat(f.followers || ' on ' || f.observed_at, ' · ') AS followers
FROM (SELECT author, author_id, platform FROM event_items WHERE event = :event AND relevance = 'confirmed'
    AND in_window = 1 AND (counted = 1 OR relation IN ({_WORDS})) AND author_kind NOT IN ({KINDS})
  UNION SELECT a.platform || ':' || a.handle, a.id, i.platform FROM links l
    JOIN event_items i ON i.event = l.event AND i.post_id = l.dst_post_id AND i.relevance = 'confirmed'
      AND i.in_window = 1
    LEFT JOIN posts s ON s.id = l.src_post_id JOIN authors a ON a.id = coalesce(l.actor_id, s.author_id)
    LEFT JOIN labels k ON k.event = l.event AND k.author_id = a.id
    WHERE l.event = :event AND l.type = 'repost' AND a.id NOT IN (SELECT author_id FROM opted_out)
      AND ifnull(k.kind, '') NOT IN ({KINDS}) AND a.id IS NOT i.author_id) p
LEFT JOIN audience f ON f.author_id = p.author_id AND f.platform = p.platform
WHERE p.author IS NOT NULL{{where}} GROUP BY p.author, p.platform{{having}}"""  # noqa: S608 - the words are ours
_OF_PLATFORM: Final = _POSTERS.format(where=" AND p.platform = :kind", having="")
_UNKNOWN: Final = _POSTERS.format(where="", having=" HAVING count(f.followers) = 0")
_POTENTIAL: Final = Metric(
    metric="M12.potential", group="any", unit="accounts", query=_POSTERS.format(where="", having="")
)
_ENGAGED: Final = Metric(metric="M12.engaged", group="any", unit="people", query=ANSWERED)
_HOP: Final = Metric(
    metric="M12.one_hop", group="any", unit="people",
    query=f"{ANSWERED} AND ifnull(k.kind, '') <> 'participant' AND {people_sql.PERSON} NOT IN ({people_sql.ROOM})",
)  # fmt: skip


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M12.potential of each platform, M12.unknown_followers, M12.engaged, M12.one_hop and M12.who."""
    edition = frame.world.edition(frame.event)
    ties = [] if edition is None else to_participants(items, frame, edition)
    rows = _potential(posters(items, frame), nearest(frame.world.followers, frame.starts, frame.ends))
    if edition is None or not looked(frame):
        return rows + [replace(row, status="unmeasured", flags=("no_answers_known",)) for row in (_ENGAGED, _HOP)]
    engaged = frozenset(tie.actor for tie in ties)
    told = [replace(_ENGAGED, value=len(engaged)), _one_hop(engaged, edition)]
    status, flags = state_of("any", len(engaged), frame)
    if status == "truncated":  # who answered a post that was not found is in neither number
        told = [replace(row, status=status, flags=flags) if row.status == "ok" else row for row in told]
    return [*rows, *told, _who(ties, items, frame)]


def to_participants(items: Iterable[Item], frame: Frame, edition: Edition) -> list[Tie]:
    """Answers to posts of participants about the event, with or without a moment."""
    posts = {item.post_id: item for item in items if item.author_kind == "participant" and in_window(item, frame)}
    return [
        tie
        for tie in answers_of(edition, frame.world)
        if tie.target_post in posts and tie.actor != posts[tie.target_post].human
    ]


def posters(items: Iterable[Item], frame: Frame) -> dict[str, frozenset[str]]:
    """Platform → accounts that posted or reposted there about the event, without owned ones and copying machines.

    A copy is a post where it stands: who puts an article on a second host has readers there too.
    """
    confirmed = {item.post_id: item for item in items if in_window(item, frame)}
    found: dict[str, set[str]] = defaultdict(set)
    owned = {item.author for item in confirmed.values() if item.author_kind in NOBODY}
    for item in confirmed.values():
        if item.author and item.author not in owned and (item.counted or item.relation in _PASSED_ON):
            found[item.platform].add(item.author)
    edition = frame.world.edition(frame.event)
    for tie in answers_of(edition, frame.world) if edition else ():
        if tie.type == "repost" and tie.account and tie.target_post in confirmed:
            found[confirmed[tie.target_post].platform].add(tie.account)
    return {platform: frozenset(accounts) for platform, accounts in sorted(found.items())}


def nearest(followers: Iterable[Followers], starts: datetime, ends: datetime) -> dict[tuple[str, str], Followers]:
    """(account, platform) → the observation closest to the event; of two as close, the later one."""
    found: dict[tuple[str, str], Followers] = {}
    for seen in sorted(followers, key=lambda one: one.observed_at):
        key = (seen.account, seen.platform)
        if key not in found or _away(seen, starts, ends) <= _away(found[key], starts, ends):
            found[key] = seen
    return found


def _away(seen: Followers, starts: datetime, ends: datetime) -> timedelta:
    return max(starts - seen.observed_at, seen.observed_at - ends, timedelta())


def _potential(accounts: Mapping[str, frozenset[str]], known: Mapping[tuple[str, str], Followers]) -> list[Metric]:
    """A range for each platform where any followers are known; then the accounts of unknown followers."""
    rows, unknown = [], {}
    for platform, there in accounts.items():
        told = [known[account, platform].followers for account in sorted(there) if (account, platform) in known]
        if len(there) > len(told):
            unknown[platform] = len(there) - len(told)
        if told:
            rows.append(_range(platform, told, len(there)))
    if not rows:
        state = "unmeasured" if accounts else "not_applicable"
        rows.append(replace(_POTENTIAL, status=state, flags=("no_followers_known" if accounts else "nobody_now",)))
    n, of = sum(unknown.values()), sum(map(len, accounts.values()))
    lacking = replace(_POTENTIAL, metric="M12.unknown_followers", by=unknown, num=n, den=of, query=_UNKNOWN)
    if not accounts:
        return [*rows, replace(lacking, status="not_applicable", flags=("nobody_now",))]
    return [*rows, replace(lacking, value=n)]


def _range(platform: str, followers: list[int], accounts: int) -> Metric:
    """From the largest account's followers to the sum of all: how far they overlap nobody knows. Never one number."""
    unknown = accounts - len(followers)
    why = "followers overlap" + (f"; {unknown} {'account' if unknown == 1 else 'accounts'} unknown" if unknown else "")
    return replace(
        _POTENTIAL, kind=platform, num=len(followers), den=accounts, by={"unknown": unknown}, query=_OF_PLATFORM,
        bounds=Bounds(lo=max(followers), hi=sum(followers), why=why),
        flags=("not_deduplicated", *(("some_unknown",) if unknown else ())),
    )  # fmt: skip


def _one_hop(engaged: frozenset[str], edition: Edition) -> Metric:
    """Of the people who answered, those who were not in the room and wrote nothing as participants."""
    wrote = contributors_of(edition)
    near = {person for person, (kind, _) in edition.kinds.items() if kind == "participant"} | set(wrote)
    outside = {person for person in engaged - near if edition.present.get(person) not in _ROOM}
    listed = {person for person in outside if edition.present.get(person) == "registered"}
    row = replace(_HOP, num=len(outside), den=len(engaged))
    if not edition.present:
        bounds = Bounds(lo=0, hi=len(outside), why="no attendance list")
        return replace(row, num=None, den=None, status="unmeasured", flags=("no_attendance_list",), bounds=bounds)
    why = f"{len(listed)} registered, and nobody knows whether they came"
    unsure = Bounds(lo=len(outside - listed), hi=len(outside), why=why) if listed else None
    return replace(row, value=len(outside), bounds=unsure)


def _who(ties: list[Tie], items: Iterable[Item], frame: Frame) -> Metric:
    """Who answered whom, in order of time."""
    posts, names = {item.post_id: item for item in items}, frame.world.names
    lines = []
    for tie in sorted(ties, key=lambda one: (one.at is None, one.at or frame.as_of, one.order)):
        post = posts[tie.target_post or 0]
        if post.human in frame.world.gone:
            continue
        at = tie.at.isoformat() if tie.at else ""
        told = {"who": names.get(tie.actor, tie.actor), "did": tie.type, "at": at}
        lines.append(told | {"whose": post.author_name, "post": post.key, "url": post.url})
    return Metric(
        metric="M12.who", group="any", unit="answers", value=len(lines), variants={"lines": lines}, flags=(INTERNAL,),
        query=ANSWERED,
    )  # fmt: skip
