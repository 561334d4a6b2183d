"""The audit as rows of the quality block: agreement by class, corrected counts, the corrected ratio; or why not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from harvester.measure.audit import correct, wilson
from harvester.measure.audit_sample import stories, strata
from harvester.measure.metric import Metric
from harvester.measure.stories_sql import COUNTED
from harvester.measure.volume import COLUMNS, OWNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.audit import Corrected, Stratum
    from harvester.measure.audit_sample import Story
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item

# Answers about stories that still count.
_QUERY = f"""SELECT a.*, i.key, i.url, i.title, i.author_kind FROM audits a
JOIN ({COUNTED} AND grp = 'written') i ON i.post_id = a.post_id WHERE a.event = :event"""  # noqa: S608 - ours
_OWNED = ", ".join(f"'{kind}'" for kind in sorted(OWNED))
_CLASS = f"""{_QUERY} AND a.truth <> 'unknown'
  AND CASE WHEN a.predicted IN ({_OWNED}) THEN 'owned' ELSE a.predicted END = :kind"""
_COUNT = Metric(metric="M22.corrected", group="written", query=_QUERY)
_RATIO = Metric(metric="M22.corrected_ratio", group="written", unit="participant : media", query=_QUERY)


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M22.audit, M22.agreement by class, M22.corrected by class and M22.corrected_ratio."""
    found = stories(items, frame)
    answered = [story for story in found if story.truth]
    if not answered:
        return [
            replace(row, status="unmeasured", flags=("labels_unchecked",))
            for row in (Metric(metric="M22.audit", group="written", query=_QUERY), _COUNT, _RATIO)
        ]
    parts, known = strata(found)
    rows = [_audit(answered, found, parts, frame), *_agreement(answered, parts)]
    lacking = _lacking(parts)
    if lacking:
        flags = tuple(f"few_audited:{name}" for name in lacking)
        return rows + [replace(row, status="insufficient", flags=flags, by=lacking) for row in (_COUNT, _RATIO)]
    return [*rows, *_corrected(correct(parts, known), Counter(story.now for story in found))]


def confusion(answered: Sequence[Story]) -> dict[str, dict[str, int]]:
    """Class when asked → answer → stories; classes in the order of the volume table."""
    cells = Counter((story.predicted, story.truth) for story in answered)
    return {
        name: {truth: n for (predicted, truth), n in sorted(cells.items()) if predicted == name}
        for name in COLUMNS
        if any(predicted == name for predicted, _ in cells)
    }


def _audit(answered: Sequence[Story], found: Sequence[Story], parts: Sequence[Stratum], frame: Frame) -> Metric:
    """How many answers, and how many of those with a label and an answer agree."""
    judged = [story for story in answered if _judged(story)]
    asked = Counter(story.predicted for story in answered)
    gone = sum(bool(check.truth) for check in frame.audits) - len(answered)
    sizes = {
        name: {"stories": sum(p.open + p.asked for p in parts if p.predicted == name), "asked": asked[name]}
        for name in COLUMNS
        if any(p.predicted == name for p in parts) or asked[name]
    }
    variants = {
        "strata": sizes, "confusion": confusion(answered), "stories": len(found), "no_longer_counted": gone,
        "cannot_tell": sum(story.truth == "unknown" for story in answered),
        "told_by_people": sum(story.told and not story.truth for story in found),
        "changed_since": sum(story.now != story.predicted for story in answered),
    }  # fmt: skip
    return Metric(
        metric="M22.audit", group="written", value=len(answered), num=sum(map(_agrees, judged)), den=len(judged),
        by={name: asked[name] for name in COLUMNS if asked[name]}, variants=variants,
        flags=("labels_changed",) if variants["changed_since"] else (), query=_QUERY,
    )  # fmt: skip


def _judged(story: Story) -> bool:
    """Whether there is a label that an answer can agree with."""
    return story.predicted != "unknown" and story.truth != "unknown"


def _agrees(story: Story) -> bool:
    return story.truth == story.predicted


def _agreement(answered: Sequence[Story], parts: Sequence[Stratum]) -> list[Metric]:
    """A row a predicted class: how many of its answers agree. A few say so only where all were asked."""
    lacking, rows = _lacking(parts), []
    for name in COLUMNS:
        mine = [story for story in answered if story.predicted == name and _judged(story)]
        if not mine:
            continue
        k, n = sum(map(_agrees, mine)), len(mine)
        few = name in lacking
        rows.append(
            Metric(
                metric="M22.agreement", group="written", kind=name, unit="share", num=k, den=n,
                value=None if few else k / n, ci=None if few else wilson(k, n),
                status="insufficient" if few else "ok", flags=("few_audited",) if few else (), query=_CLASS,
            )
        )  # fmt: skip
    return rows


def _lacking(parts: Sequence[Stratum]) -> dict[str, int]:
    """Predicted class → answers that are missing before its open stories can be estimated."""
    return {part.predicted: part.lacking for part in parts if part.lacking}


def _corrected(found: Corrected, now: Counter[str]) -> list[Metric]:
    rows = [
        replace(_COUNT, kind=name, value=mean, variants={"sd": found.sd[name], "uncorrected": now[name]})
        for name, mean in found.mean.items()
    ]
    if found.ratio is None:
        return [*rows, replace(_RATIO, status="not_applicable", flags=("one_side_only",))]
    plain = now["participant"] / now["media"] if now["media"] else None
    p, m = found.mean["participant"], found.mean["media"]
    variants = {"uncorrected": plain, "widest": found.widest}
    return [*rows, replace(_RATIO, value=found.ratio, num=p, den=m, ci=found.ci, variants=variants)]
