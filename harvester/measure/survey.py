"""M21, the net promoter score of a survey that somebody typed in: % of answers 9 and 10 − % of answers 0 to 6.

Nothing is asked or harvested here. With 40 answers the range is 50 points wide, so the score comes with it or not at
all. Who answers is not the room: answers stand beside the number of attendees.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from harvester.measure.cadence import heads_of
from harvester.measure.metric import Z95, Interval, Metric
from harvester.measure.people import FEW
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item, Typed

_PROMOTERS, _PASSIVES = (9, 10), (7, 8)
_SCORES: Final = range(11)
# Names that numbers of such a survey are typed in under: a count for each score, for each group, of all, the score.
_NAMED: Final = re.compile(
    r"(?:nps|net promoter score)[\s:_./=-]*(?:score[\s:_=-]*)?(?P<what>\d{1,2}|promoters?|passives?|detractors?"
    r"|answers?|responses?|respondents?|n|推奨者|中立者|批判者|回答数?)?"
)
_PARTS: Final = {
    "promoter": "promoters", "passive": "passives", "detractor": "detractors", "推奨者": "promoters",
    "中立者": "passives", "批判者": "detractors", "answer": "answers", "response": "answers", "respondent": "answers",
    "n": "answers", "回答": "answers", "回答数": "answers",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers to "would you recommend it", by group."""

    promoters: int
    passives: int
    detractors: int

    @property
    def n(self) -> int:
        """All answers."""
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> float:
        """Promoters − detractors, in points from −100 to 100."""
        return 100 * (self.promoters - self.detractors) / self.n

    def interval(self) -> Interval:
        """The 95 % range of what luck alone makes of it.

        The mean of +1, 0 and −1 with its multinomial variance p₊ + p₋ − (p₊ − p₋)², by the normal distribution.
        """
        share = self.score / 100
        return _range(self.score, (self.promoters + self.detractors) / self.n - share**2, self.n, "normal-multinomial")


def widest(score: float, n: int) -> Interval:
    """The range of a score of n answers whose groups nobody typed in: that of a survey where nobody was passive."""
    return _range(score, 1 - (score / 100) ** 2, n, "normal-widest")


def grouped(counts: dict[int, int]) -> Answers:
    """Answers by score (0 … 10) in their three groups."""
    promoters, passives = (sum(counts.get(s, 0) for s in group) for group in (_PROMOTERS, _PASSIVES))
    return Answers(promoters=promoters, passives=passives, detractors=sum(counts.values()) - promoters - passives)


def measure(items: list[Item], frame: Frame) -> list[Metric]:  # noqa: ARG001 - every family is asked in one way
    """M21.nps, a row a day that a survey was typed in for, in order of days; none without a survey."""
    days: dict[str, dict[str, float]] = {}
    for typed in frame.typed:
        if part := part_of(typed):
            days.setdefault(typed.as_of[:10], {})[part] = typed.value
    own = frame.world.edition(frame.event)
    room = heads_of(own) if own else None
    return [_row(day, parts, room) for day, parts in sorted(days.items())]


def part_of(typed: Typed) -> str:
    """What a typed-in number is of such a survey: a score "0" … "10", a group, "answers", "score"; "" for none."""
    named = _NAMED.fullmatch(fold(typed.name).strip())
    if named is None:
        return ""
    what = named["what"] or ""
    if what.isdecimal():
        return str(int(what)) if int(what) in _SCORES else ""
    return _PARTS.get(what) or _PARTS.get(what.removesuffix("s"), "") if what else "score"


def _row(day: str, parts: dict[str, float], room: int | None) -> Metric:
    counts = {int(part): int(value) for part, value in parts.items() if part.isdecimal()}
    by: dict[str, Any] = {"as_of": day, "attendees": room, "answers": None}
    if any(value < 0 or not value.is_integer() for part, value in parts.items() if part != "score"):
        return _none(by, "not_counts")
    answers = grouped(counts) if counts else _of_groups(parts)
    if answers is not None and answers.n:
        told = by | {
            "answers": answers.n, "promoters": answers.promoters, "passives": answers.passives,
            "detractors": answers.detractors,
        }  # fmt: skip
        return _told(told, answers.score, answers.interval(), answers.n)
    n, score = int(parts.get("answers", 0)), parts.get("score")
    if score is None or not n or not -100 <= score <= 100:
        return _none(by | {"answers": n or None}, "no_answers" if not n else "no_score")
    return _told(by | {"answers": n}, score, widest(score, n), n, "groups_unknown")


def _of_groups(parts: dict[str, float]) -> Answers | None:
    """Answers by typed-in groups; passives may be what the others leave of all."""
    promoters, detractors = parts.get("promoters"), parts.get("detractors")
    if promoters is None or detractors is None:
        return None
    passives = parts.get("passives", parts.get("answers", -1) - promoters - detractors)
    if passives < 0:
        return None
    return Answers(promoters=int(promoters), passives=int(passives), detractors=int(detractors))


def _told(by: dict[str, Any], score: float, ci: Interval, n: int, *flags: str) -> Metric:
    if n < FEW:
        return _none(by, "few_answers")
    return Metric(
        metric="M21.nps", unit="points", value=score, den=n, ci=ci, by=by, flags=flags,
        query=_typed_on(by["as_of"]),
    )  # fmt: skip


def _none(by: dict[str, Any], why: str) -> Metric:
    """A score without its range is not printed; as typed in it stands in M21.typed_in."""
    return Metric(
        metric="M21.nps", unit="points", by=by, status="insufficient", flags=(why,), query=_typed_on(by["as_of"])
    )


def _typed_on(day: str) -> str:
    """What was typed in of the survey of a day."""
    named = "name LIKE 'nps%' OR name LIKE 'net promoter score%'"
    told = day.replace("'", "''")
    return f"SELECT * FROM kpis WHERE event = :event AND substr(as_of, 1, 10) = '{told}' AND ({named})"  # noqa: S608 - ours


def _range(score: float, variance: float, n: int, method: str) -> Interval:
    half = 100 * Z95 * math.sqrt(max(0.0, variance) / n)
    return Interval(lo=max(-100.0, score - half), hi=min(100.0, score + half), method=method)
