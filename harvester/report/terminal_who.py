"""The terminal's blocks that open a report: who wrote, participants or media, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report import words
from harvester.report.language import ENGLISH
from harvester.report.layout import cut, folded, labelled, pad, width
from harvester.report.sections import half
from harvester.report.states import MEASURED, measured, state
from harvester.report.vocabulary import word
from harvester.report.words import number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.build import Report
    from harvester.report.language import Language

_BAR: Final = 36
_EIGHTHS: Final = "▏▎▍▌▋▊▉"
_KIND: Final = 16  # columns of an item kind
_HEADS: Final = {"participant": 12, "independent": 13, "media": 7, "owned": 7, "aggregator": 12, "unknown": 9,
                 "total": 8}  # fmt: skip


def who(report: Report, say: Language, plain: bool) -> list[str]:
    """Both sides as bars with their ratio and its range; below, what else it could mean and what it leaves out."""
    ratio = report.get("M02.ratio")
    if ratio is None:
        return []
    if ratio.status not in MEASURED:
        return labelled(say("WHO"), folded([state(ratio, say), *words.not_in_ratio(report, say)]))
    p, m = int(ratio.num or 0), int(ratio.den or 0)
    longest = max(p, m, 1)
    sides = [word("participant", say), word("media", say)]
    name = max(map(width, sides))
    ends = [say("written stories"), _range(ratio, p, m, say)]
    rows = [
        f"{pad(side, name)} {n:>5} {_bar(n / longest, plain=plain)}  {end}"
        for side, n, end in zip(sides, (p, m), ends, strict=True)
    ]
    return labelled(say("WHO"), rows + _who_else(report, ratio, say))


def _bar(share: float, *, plain: bool) -> str:
    """A bar of that share of the longest one, to an eighth of a column where blocks may be used."""
    if plain:
        return "#" * round(_BAR * share)
    full, rest = divmod(round(8 * _BAR * share), 8)
    return "█" * full + (_EIGHTHS[rest - 1] if rest else "")


def _range(ratio: Metric, p: int, m: int, say: Language) -> str:
    ci = ratio.ci
    if not m or not p or not ci:
        return ""
    told = say("{R} : 1   chance {range}", R=number(ratio.value), range=words.span(ci.lo, ci.hi, say))
    if "few_media" in ratio.flags:
        told += "   ! " + say.many("only {n} media story", "only {n} media stories", m)
    return told


def _who_else(report: Report, ratio: Metric, say: Language) -> list[str]:
    parts = []
    if ratio.bounds:
        lo, hi = (number(end) if end is not None else say("no ratio") for end in (ratio.bounds.lo, ratio.bounds.hi))
        unknown = ratio.by["unknown"]
        parts.append(say("{n} unclassified: {lo} if media, {hi} if participant", n=unknown, lo=lo, hi=hi))
    if ratio.by["independent"]:
        broad = number(ratio.variants["broad"])
        parts.append(say("broad (with {n} independent) {ratio}", n=ratio.by["independent"], ratio=broad))
    p, m = ratio.by["placements"]
    parts.append(say("placements {p} : {m}", p=p, m=m))
    aside = words.not_in_ratio(report, say)
    return folded(parts) + (folded(aside, say("not in the ratio: ")) if aside else [])


def how_much(report: Report, say: Language) -> list[str]:
    """How many people spoke, what share of the room, and every story by kind and author."""
    rows = [*folded(_spoke(report, say)), *_room(report, say), *_table(report, say)]
    dropped = report.get("M01.not_counted")
    if dropped and dropped.by:
        rows += folded(words.named_parts(dropped.by, say), say("seen but not counted: "))
    return labelled(say("HOW MUCH"), rows)


def _spoke(report: Report, say: Language) -> list[str]:
    """How many people spoke and wrote, what they made, and whether few of them wrote half of it."""
    people = {group: report.get("M03.contributors", group) for group in ("any", "written")}
    wrote = say("{n} wrote", n=_count(people["written"], say))
    each = report.get("M03.stories_per_writer")
    if each and measured(each):
        wrote = say("{wrote} ({n} each)", wrote=wrote, n=number(float(each.value or 0)))
    anybody = people["any"]
    told = _count(anybody, say)
    spoke = say.many("{n} person spoke", "{n} people spoke", anybody.value if anybody else None, n=told)
    parts = [say("{spoke}, {wrote}", spoke=spoke, wrote=wrote)]
    if decks := _made(report, "talk"):
        parts.append(say.many("{n} deck or video", "{n} decks or videos", decks))
    if posts := _made(report, "micro"):
        parts.append(words.microposts(posts, say))
    few = report.get("M15.absence_factor")
    if few and measured(few):
        parts.append(half(few, say))
    unknown = sum(row.by["unknown"] for row in report.all("M01.volume") if row.kind)
    if unknown:
        parts.append(say("{stories} by authors of unknown kind", stories=words.stories(unknown, say)))
    return parts


def _made(report: Report, group: str) -> int:
    """Stories of participants in a group."""
    return sum(row.by["participant"] for row in report.all("M01.volume") if row.group == group and row.kind)


def _room(report: Report, say: Language) -> list[str]:
    """What share of the room spoke, with its range, and how many of it wrote."""
    rate, wrote = (report.get("M10.contribution_rate", group) for group in ("any", "written"))
    if rate is None or rate.status == "not_applicable":
        return []
    if not measured(rate):
        return [say("of the room: {state}", state=state(rate, say))]
    text = say("{k} of {n} attendees spoke", k=number(rate.num), n=number(rate.den))
    if rate.ci:
        text = say("{share} ({range})", share=text, range=words.span(rate.ci.lo, rate.ci.hi, say, "share"))
    if wrote and measured(wrote):
        text = say("{spoke}, {wrote}", spoke=text, wrote=say("{n} wrote", n=number(wrote.num)))
    if "approximation" in rate.flags:
        text = say("{share}, an approximation from the head count", share=text)
    return [text]


def _count(row: Metric | None, say: Language) -> str:
    return "?" if row is None or not measured(row) else words.amount(row, say)


def _table(report: Report, say: Language) -> list[str]:
    rows = [pad("", _KIND) + "".join(_right(word(head, say), columns) for head, columns in _HEADS.items())]
    for row in report.all("M01.volume"):
        if not row.kind:
            told = say("none found") if row.status == "ok" else state(row, say)
            rows.append(f"{pad(_name(row.group, say), _KIND)}{told}")
            continue
        cells = [words.amount(row, say) if head == "total" else words.cell(report, row, head) for head in _HEADS]
        line = "".join(_right(cell, columns) for cell, columns in zip(cells, _HEADS.values(), strict=True))
        rows.append(pad(_name(row.kind, say), _KIND) + line)
    return rows


def _name(kind: str, say: Language) -> str:
    """A kind or group at the head of a row; in English the word of the data, as in every other face."""
    return kind if say is ENGLISH else cut(word(kind, say), _KIND - 1)


def _right(text: str, columns: int) -> str:
    return " " * (columns - width(text)) + text
