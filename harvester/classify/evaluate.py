"""How good the judging is on pages that humans labelled: confusion, precision, recall, F1, and every wrong case.

Five labels are told apart, as people label pages: participant, media, vendor, organiser and other. Pure: what to
score comes in as `Case`, numbers go out; `unknown` is never right.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from harvester.classify import genre, hosts, weights
from harvester.classify.gold import LABELS, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.event import Event
    from harvester.model import Evidence, Label, Post, RelevanceLabel

# Our kinds in the words of page labels; `independent` depends on what the page is (`label_of`).
_LABEL_OF: Final = {
    "participant": "participant", "media": "media", "vendor": "vendor", "sponsor": "vendor", "organiser": "organiser",
    "aggregator": "other", "unknown": "unknown",
}  # fmt: skip
_SIDE_OF: Final = {"participant": "community", "media": "media", "vendor": "owned", "organiser": "owned", "other": ""}
_NAMED: Final = frozenset({"R4", "R5", "R6"})  # the event's name, of whatever edition, where it is no word in passing
_TALKS: Final = frozenset({"slides", "video", "podcast"})
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One record, the post and event made of it, and how they were judged."""

    record: Record
    post: Post
    event: Event
    label: Label
    relevance: RelevanceLabel

    @property
    def said(self) -> str:
        """Our label in the words of page labels."""
        return label_of(self.label, self.relevance, self.post)

    @property
    def confirmed(self) -> bool:
        """Whether we say that the page is about the event. An event's own page is, though it never counts."""
        return self.relevance.relevance == "confirmed"

    @property
    def truth(self) -> str:
        """The human's label; where several are acceptable and ours is one of them, ours."""
        return self.said if self.said in self.record.acceptable else self.record.label


def label_of(label: Label, relevance: RelevanceLabel, post: Post) -> str:
    """Our judgement in the words of page labels.

    Somebody of the community who says nothing of having been there (`independent`) is a participant where the page
    is about this event or reports on one, and `other` where it has words and none of them are about an event. So is
    such a page of which nothing is known at all: it is nobody's account of an event, whoever wrote it.
    """
    if post.kind == "press_release":
        return "vendor"
    if post.kind == "event_page" and label.kind in ("independent", "unknown"):
        return "organiser"  # whoever puts it up is its host, of this event or another
    if label.kind == "unknown" and hosts.goods(post.url):
        return "other"
    if label.kind == "independent":
        if not post.title and not post.text and hosts.listing(post.url):
            return "unknown"  # the front page of somebody's blog: it can hold anything
        return "other" if _about_nothing(relevance, post) else "participant"
    if label.kind == "unknown" and not label.evidence and _about_nothing(relevance, post):
        return "other"
    return _LABEL_OF[label.kind]


def _about_nothing(relevance: RelevanceLabel, post: Post) -> bool:
    """Whether a page has words and none of them are about an event. A talk's deck or recording always is."""
    if relevance.relevance == "confirmed" or post.kind in _TALKS or not (post.title or post.text):
        return False
    named = any(found.rule in _NAMED for found in relevance.evidence)
    return not named and not genre.about_an_event(post)


def left_out(cases: Sequence[Case]) -> list[Case]:
    """The same cases, each labelled with weights that owe nothing to its own event: those of `fitted` rules are
    estimated from the pages of all other events."""
    out: list[Case] = []
    for name in sorted({case.record.event for case in cases}):
        others = [(_SIDE_OF[c.record.label], c.label.evidence) for c in cases
                  if c.record.event != name and c.record.label in LABELS]  # fmt: skip
        estimated = weights.fitted(others)
        out += [
            replace(case, label=weights.reweighted(case.label, estimated, case.event))
            for case in cases
            if case.record.event == name
        ]
    return sorted(out, key=lambda case: case.record.line)


def scored(cases: Sequence[Case]) -> dict[str, Any]:
    """All figures as JSON values; a share of nothing is None.

    `label` scores records with one of the five labels, `relevance` those that say whether they are about the event.
    """
    labelled = [case for case in cases if case.record.label in LABELS]
    judged = [case for case in cases if case.record.about is not None]
    return {"n": len(cases), "label": _labels(labelled), "relevance": _relevance(judged)}


def _labels(cases: Sequence[Case]) -> dict[str, Any]:
    pairs = [(case.truth, case.said) for case in cases]
    decided = [(truth, said) for truth, said in pairs if said != "unknown"]
    classes = {name: _class(pairs, name) for name in LABELS}
    present = [figures["f1"] for name, figures in classes.items() if any(truth == name for truth, _ in pairs)]
    right = sum(truth == said for truth, said in decided)
    return {
        "n": len(pairs),
        "macro_f1": _share(sum(f1 or 0.0 for f1 in present), len(present)),
        "decided": len(decided),
        "decided_share": _share(len(decided), len(pairs)),
        "decided_accuracy": _share(right, len(decided)),
        "unknown_share": _share(len(pairs) - len(decided), len(pairs)),
        "classes": classes,
        "confusion": {
            truth: dict(sorted(Counter(said for t, said in pairs if t == truth).items())) for truth in LABELS
        },
    }


def _class(pairs: Sequence[tuple[str, str]], name: str) -> dict[str, Any]:
    hit = sum(truth == said == name for truth, said in pairs)
    return _f1(hit, sum(said == name for _, said in pairs), sum(truth == name for truth, _ in pairs))


def _relevance(cases: Sequence[Case]) -> dict[str, Any]:
    hit = sum(case.confirmed and bool(case.record.about) for case in cases)
    said, true = sum(case.confirmed for case in cases), sum(bool(case.record.about) for case in cases)
    return {"n": len(cases), "confirmed": said, **_f1(hit, said, true)}


def _f1(hit: int, said: int, true: int) -> dict[str, Any]:
    """Precision, recall and their harmonic mean: 2·hit / (said + true)."""
    return {
        "precision": _share(hit, said),
        "recall": _share(hit, true),
        "f1": _share(2 * hit, said + true),
        "support": true,
    }


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, _DIGITS) if whole else None


def wrong(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Every case where we said something else than the human, with the evidence we had; undecided ones too."""
    found = []
    for case in cases:
        label_wrong = case.record.label in LABELS and case.truth != case.said
        about_wrong = case.record.about is not None and case.confirmed != case.record.about
        if label_wrong or about_wrong:
            found.append(_told(case, label_wrong=label_wrong, about_wrong=about_wrong))
    return found


def _told(case: Case, *, label_wrong: bool, about_wrong: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"line": case.record.line, "url": case.record.url, "title": case.record.title}
    if label_wrong:
        told["label"] = {
            "truth": case.truth, "said": case.said, "kind": case.label.kind,
            "posterior": round(case.label.posterior, _DIGITS), "evidence": _evidence(case.label.evidence),
        }  # fmt: skip
    if about_wrong:
        told["relevance"] = {
            "truth": case.record.about, "said": case.relevance.relevance, "score": case.relevance.score,
            "evidence": _evidence(case.relevance.evidence),
        }  # fmt: skip
    return told


def _evidence(found: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [{"rule": e.rule, "side": e.side, "weight": e.weight, "snippet": e.snippet} for e in found]
