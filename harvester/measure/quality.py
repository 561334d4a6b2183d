"""M22, may I show this to my boss: what was asked and missed, what is unknown, and counts corrected by an audit."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from harvester.measure.metric import Frame, Interval, Item, Metric, counted, in_window
from harvester.measure.volume import column_of, not_counted

# What no source of ours can see. Said in every report.
NOT_COVERED = ("closed Facebook groups", "Slack", "LINE", "newsletters", "print")
_Z95 = 1.96
# States of a queued page that no run has ended yet.
_WAITING = frozenset({"todo", "leased"})


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """The rows of the quality block, universe first."""
    stories = counted(items, frame)
    rows = [_sources(frame), _fetches(frame)]
    rows += [_k_of_n("M22.undated", sum(i.published_at is None for i in stories), len(stories), "stories")]
    unknown = sum(i.author_kind == "unknown" for i in stories)
    rows += [_k_of_n("M22.unclassified", unknown, len(stories), "stories")]
    dropped = Counter(i.relevance or "not judged yet" for i in items if i.relevance != "confirmed")
    rows.append(
        Metric(metric="M22.off_topic", unit="posts", value=dropped["rejected"], by=dict(sorted(dropped.items())))
    )
    outside = sum(i.relevance == "confirmed" and not in_window(i, frame) for i in items)
    rows.append(Metric(metric="M22.outside_window", unit="posts", value=outside))
    merged = not_counted(items, frame)
    rows.append(Metric(metric="M22.merged", unit="posts", value=sum(merged.values()), by=merged))
    rows.append(Metric(metric="M22.rejected", unit="drafts", value=sum(n for _, n in frame.never_counted),
                       by=dict(frame.never_counted)))  # fmt: skip
    rows.append(Metric(metric="M22.unlinked_handles", unit="people", value=frame.unlinked))
    rows.append(Metric(metric="M22.attendance_list", unit="yes/no", value=int(frame.attendance_listed)))
    rows.append(Metric(metric="M22.not_covered", unit="channels", value=len(NOT_COVERED), by={"channels": NOT_COVERED}))
    return rows + _audit(stories, frame)


def _sources(frame: Frame) -> Metric:
    states = Counter(line.status for line in frame.asked if not line.query)
    lines = [
        {
            "source": line.source, "query": line.query, "status": line.status, "reason": line.reason,
            "found": line.found, "requests": line.requests, "errors": line.errors, "returned": line.returned,
            "reported_total": line.reported_total, "truncated": line.truncated, "window": line.window,
        }
        for line in frame.asked
    ]  # fmt: skip
    status = "ok" if frame.asked else "not_applicable"
    return Metric(
        metric="M22.sources", unit="sources", value=sum(states.values()), by=dict(states), status=status,
        variants={"lines": lines}, query="SELECT * FROM gap_ledger WHERE event = :event",
    )  # fmt: skip


def _fetches(frame: Frame) -> Metric:
    """Pages by the named reason they ended with; those still to be fetched are `waiting`, whatever held them up."""
    ends: Counter[str] = Counter()
    lines = []
    for line in frame.fetched:
        waits = line.state in _WAITING
        ends["waiting" if waits else line.reason] += line.pages
        reason = "" if waits and line.reason == "ok" else line.reason
        lines.append({"source": line.source, "state": line.state, "reason": reason, "pages": line.pages})
    return Metric(
        metric="M22.fetches", unit="pages", value=sum(ends.values()), by=dict(ends.most_common()),
        status="ok" if lines else "not_applicable", variants={"lines": lines},
        query="SELECT * FROM fetch_states WHERE event = :event",
    )  # fmt: skip


def _k_of_n(name: str, k: int, n: int, unit: str) -> Metric:
    return Metric(metric=name, unit=unit, value=k, num=k, den=n, status="ok" if n else "not_applicable")


def _audit(stories: list[Item], frame: Frame) -> list[Metric]:
    if not frame.audits:
        return [Metric(metric="M22.audit", unit="stories", value=0, status="unmeasured", flags=("labels_unchecked",))]
    strata: dict[str, dict[str, Any]] = defaultdict(lambda: {"n": 0, "labels": Counter()})
    for item in stories:
        strata[column_of(item.author_kind)]["n"] += 1
    agreed = total = 0
    for predicted, truth, number in frame.audits:
        strata[predicted]["labels"][truth] += number
        agreed += number if predicted == truth else 0
        total += number
    for stratum in strata.values():
        stratum["n"] = max(stratum["n"], sum(stratum["labels"].values()))
    corrected = correct(dict(strata))
    rows = [Metric(metric="M22.audit", unit="stories", value=total, num=agreed, den=total)]
    rows.append(Metric(metric="M22.corrected", value=None, by=corrected["mean"]))
    if corrected["ratio"] is not None:
        rows.append(
            Metric(
                metric="M22.corrected_ratio", value=corrected["ratio"], ci=corrected["ci"], unit="participant : media"
            )
        )
    return rows


def correct(strata: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Counts per class after an audit of a random sample of each predicted class.

    strata: predicted class → {"n": items, "labels": {true class: audited items}}. A stratum whose name is no
    class among the truths (unknown) has a weak prior of ½ a class; the others 1 for their own class, ¼ for the rest.
    Posterior of a Dirichlet-multinomial: mean Σ x_c + u·p_c, covariance u(A+u)/(A+1)·(p_c[c=d] − p_c p_d), with
    u the unaudited items; the ratio's range by the delta method on its logarithm.
    Returns {"mean": {class: count}, "ratio": participant/media or None, "ci": Interval or None}.
    """
    classes = sorted(({c for s in strata.values() for c in s["labels"]} | set(strata)) - {"unknown"})
    mean = dict.fromkeys(classes, 0.0)
    covariance = {(c, d): 0.0 for c in classes for d in classes}
    for predicted, stratum in strata.items():
        labels = stratum["labels"]
        audited = sum(labels.values())
        unaudited = stratum["n"] - audited
        own = predicted in classes
        prior = {c: (1.0 if c == predicted else 0.25) if own else 0.5 for c in classes}
        weight = sum(prior.values()) + audited
        p = {c: (prior[c] + labels.get(c, 0)) / weight for c in classes}
        spread = unaudited * (weight + unaudited) / (weight + 1)
        for c in classes:
            mean[c] += labels.get(c, 0) + unaudited * p[c]
            for d in classes:
                covariance[c, d] += spread * (p[c] * (c == d) - p[c] * p[d])
    ratio, ci = _ratio(mean, covariance)
    return {"mean": mean, "ratio": ratio, "ci": ci}


def _ratio(mean: dict[str, float], covariance: dict[tuple[str, str], float]) -> tuple[float | None, Interval | None]:
    p, m = mean.get("participant", 0.0), mean.get("media", 0.0)
    if p <= 0 or m <= 0:
        return None, None
    a, b = "participant", "media"
    variance = covariance[a, a] / p**2 + covariance[b, b] / m**2 - 2 * covariance[a, b] / (p * m)
    s = math.sqrt(max(variance, 0.0))
    ratio = p / m
    return ratio, Interval(lo=ratio * math.exp(-_Z95 * s), hi=ratio * math.exp(_Z95 * s), method="dirichlet-delta",
                           meaning="labels")  # fmt: skip
