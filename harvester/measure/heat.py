"""M17, heat (熱量): five behaviours that were observed, side by side, each with the value of the edition before.

They are never one score: quantity can be forced, and a sum would hide which of them was. Nothing reads moods out of
words; a phrase of wanting to come again is something that somebody wrote, and is listed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from harvester.measure import answers, contribution, halflife, wordlists
from harvester.measure.answers_sql import ANSWERED, ANSWERS
from harvester.measure.frame import counted, frame_of, state_of
from harvester.measure.metric import Bounds, Metric
from harvester.measure.people import chance, contributors, few, harvested, previous
from harvester.measure.reach import to_participants
from harvester.measure.stories_sql import WRITERS
from harvester.measure.timing import stories_of
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

_AROUND: Final = 16  # characters shown on each side of a phrase
_CLAUSE: Final = 24  # characters after a phrase in which its clause can turn into something else
_CLAUSE_ENDS: Final = re.compile(r"[。!?！？\n]")
_TALKED: Final = f"""{ANSWERED} AND k.kind = 'participant'
  AND (l.at IS NULL OR l.at <= (SELECT window_until FROM events WHERE slug = :event))"""  # noqa: S608 - ours
_STORIES: Final = stories_of("written", "participant")


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """The five rows of M17; `variants.previous` is the value at the edition before, where anybody looked at it."""
    last, own = previous(frame), frame.world.edition(frame.event)
    rows = panel(items, frame)
    if last is None or own is None or not harvested(last):
        return [_beside(row, {}) for row in rows]
    other = bool(last.recipe and own.recipe and last.recipe != own.recipe)
    # What the sources of the edition before answered is not in this report, so nothing is said of it.
    its = replace(frame_of(last, frame), asked=(), world=replace(frame.world, reaches=()))
    before = panel(list(last.items), its)
    return [
        _beside(row, {"event": last.event, "value": old.value, "num": old.num, "den": old.den, "other_recipe": other})
        for row, old in zip(rows, before, strict=True)
    ]


def _beside(row: Metric, told: dict[str, Any]) -> Metric:
    kept = {name: value for name, value in row.variants.items() if name != "previous"}
    return replace(row, variants=kept | ({"previous": told} if told.get("value") is not None else {}))


def panel(items: list[Item], frame: Frame) -> list[Metric]:
    """The five behaviours of one edition. The first and the third are M10 and M06 again, said in this company."""
    (rate,) = (row for row in contribution.measure(items, frame) if row.group == "any")
    return [
        replace(rate, metric="M17.contribution_rate"),
        _kinds(items, frame),
        replace(_first_day(items, frame), metric="M17.first_day_share"),
        _conversation(items, frame),
        _returning(items, frame),
    ]


def _first_day(items: list[Item], frame: Frame) -> Metric:
    """M06's share of the first day of participants' written stories."""
    rows = halflife.measure_one(counted(items, frame), frame, "written", "participant")
    return next(row for row in rows if row.metric == "M06.first_day")


def _kinds(items: list[Item], frame: Frame) -> Metric:
    """How many kinds of things (written, talk, micro, other) a contributor made, on average."""
    wrote = contributors(counted(items, frame))
    made = sum(map(len, wrote.values()))
    status, flags = _state(wrote, items, frame)
    return Metric(
        metric="M17.kinds_per_contributor", group="any", unit="kinds per person",
        value=made / len(wrote) if wrote else None, num=made, den=len(wrote), status=status,
        flags=(*flags, *few(len(wrote))), query=WRITERS,
    )  # fmt: skip


def _state(wrote: dict[str, frozenset[str]], items: list[Item], frame: Frame) -> tuple[str, tuple[str, ...]]:
    """The state of a number per contributor: without one it has no meaning, or nobody looked or judged."""
    states = [state_of(group, len(wrote), frame) for group in ("written", "talk", "micro")]
    flags = tuple(sorted({flag for _, told in states for flag in told}))
    if wrote:
        return ("truncated" if any(status == "truncated" for status, _ in states) else "ok"), flags
    if any(not item.relevance for item in items):
        return "unmeasured", ("not_judged", *flags)
    if all(status == "unmeasured" for status, _ in states):
        return "unmeasured", flags
    return "not_applicable", ("nobody_now", *flags)


def _conversation(items: list[Item], frame: Frame) -> Metric:
    """Answers (M11) of participants to other participants' posts, per contributor; within the window.

    An edition of long ago had more time to be answered than this one: answers after its 28 days are left out.
    """
    wrote, edition = contributors(counted(items, frame)), frame.world.edition(frame.event)
    row = Metric(metric="M17.conversation", group="any", unit="answers per person", den=len(wrote),
                 query=_TALKED)  # fmt: skip
    status, flags = _state(wrote, items, frame)
    if not wrote:
        return replace(row, status=status, flags=flags)
    if edition is None or not answers.looked(frame):
        return replace(row, status="unmeasured", flags=("no_answers_known",))
    inside = {person for person, (kind, _) in edition.kinds.items() if kind == "participant"} | wrote.keys()
    found = [
        tie
        for tie in to_participants(items, frame, edition)
        if tie.actor in inside and (tie.at is None or tie.at <= frame.window[1])
    ]
    by = {name: n for name in ANSWERS if (n := sum(tie.type == name for tie in found))}
    return replace(
        row, value=len(found) / len(wrote), num=len(found), by=by, status=status, flags=(*flags, *few(len(wrote)))
    )


def _returning(items: list[Item], frame: Frame) -> Metric:
    """Written stories of participants who say that they want to come again, of those whose text is held.

    `variants.matches` lists each with its words; a story without text could say it too, which is in the bounds.
    """
    stories = [i for i in counted(items, frame) if i.group == "written" and i.author_kind == "participant"]
    status, flags = state_of("written", len(stories), frame)
    matches, unread = [], 0
    for item in stories:
        title, _, body = frame.world.texts.get(item.post_id, "").partition("\n")
        if said := wish(f"{title}\n{body}"):
            matches.append({"post": item.key, "phrase": said[0], "words": said[1]})
        elif not body.strip():
            unread += 1
    k, n = len(matches), len(stories) - unread
    row = Metric(
        metric="M17.return_phrases", group="written", unit="share", num=k, den=n, flags=flags, query=_STORIES,
        variants={"matches": matches, "without_text": unread},
    )  # fmt: skip
    if not n:
        if unread or status == "unmeasured":
            return replace(row, status="unmeasured", flags=("no_text",) if unread else flags)
        return replace(row, status="not_applicable", flags=("no_stories", *flags))
    total = len(stories)
    spread = Bounds(lo=k / total, hi=(k + unread) / total, why=f"{unread} stories without text") if unread else None
    return replace(row, value=k / n, ci=chance(k, n), bounds=spread, status=status)


def wish(text: str) -> tuple[str, str] | None:
    """The first phrase that says "I want to come again", with its surroundings; None without one."""
    folded = fold(text)
    for match in wordlists.pattern("returning").finditer(folded):
        clause = _CLAUSE_ENDS.split(folded[match.end() : match.end() + _CLAUSE], maxsplit=1)[0]
        if not wordlists.pattern("returning", "unless").search(f"{match[0]}{clause}"):
            around = folded[max(0, match.start() - _AROUND) : match.end() + _AROUND]
            return match[0], " ".join(around.split())
    return None
