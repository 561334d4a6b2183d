"""What `harvest audit --result` and `--weights` print."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from harvester.classify.rules import table as rules_of
from harvester.cli._table import folded, table
from harvester.measure.audit import FEW
from harvester.measure.volume import COLUMNS
from harvester.measure.weights import ENOUGH, enough, estimates, per_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.audit_sample import Story
    from harvester.measure.metric import Metric
    from harvester.measure.weights import Audited, Estimate
    from harvester.report.build import Report

METRICS: Final = ("M22.audit", "M22.agreement", "M22.corrected", "M22.corrected_ratio")
_CHANGED: Final = (
    "answers are about labels that changed since. Each counts in the class the story had when it was drawn, so that "
    "repairing what an audit found does not make the rest look right."
)
_WRONG: Final = 20  # labels that people found wrong, named one by one


def result_lines(report: Report, found: Sequence[Story]) -> list[str]:
    """Agreement by class, what was found instead, corrected counts, the ratio with its range, and what to do next."""
    event, audit = report.frame.event, report.get("M22.audit")
    if audit is None or audit.status == "unmeasured":
        return [f"{event}: no audit yet, so nobody knows how many labels are right; `harvest audit {event}` starts one"]
    lines = [f"{event}: {audit.value} of {audit.variants['stories']} counted written stories asked about", ""]
    lines += [*_agreement(report, audit), "", *_confusion(audit), "", *_corrected(report), *_notes(audit)]
    return lines + _wrong(found, event)


def _agreement(report: Report, audit: Metric) -> list[str]:
    rows = []
    for name, sizes in audit.variants["strata"].items():
        row = report.get("M22.agreement", kind=name)
        right = f"{row.num} of {row.den}" if row else "no label" if name == "unknown" else "not asked"
        spread = f"{row.ci.lo or 0:.1%} to {row.ci.hi or 0:.1%}" if row and row.ci else ""
        rows.append((name, str(sizes["stories"]), str(sizes["asked"]), right, spread or ("too few" if row else "")))
    head = ("taken for", "stories", "asked", "right", "95 % range (Wilson)")
    return table(head, rows, right=("stories", "asked", "right"))


def _confusion(audit: Metric) -> list[str]:
    cells = audit.variants["confusion"]
    named = {truth for row in cells.values() for truth in row}
    order = [*COLUMNS[:-1], "off_topic", "unknown"]
    truths = sorted(named, key=order.index)
    heads = [{"unknown": "cannot tell", "off_topic": "off topic"}.get(truth, truth) for truth in truths]
    rows = [(name, *(str(row.get(truth, 0)) for truth in truths)) for name, row in cells.items()]
    return table(("taken for \\ is", *heads), rows, right=heads)


def _corrected(report: Report) -> list[str]:
    ratio = report.get("M22.corrected_ratio")
    if ratio is None or ratio.status == "insufficient":
        lacking = ratio.by if ratio else {}
        more = ", ".join(f"{n} more taken for {name}" for name, n in lacking.items())
        return folded(f"Too few answers to correct the counts: {more}. {FEW} a class are the least.")
    rows = [
        (row.kind, str(row.variants["uncorrected"]), f"{row.value:.3f}", f"{row.variants['sd']:.3f}")
        for row in report.all("M22.corrected")
    ]
    lines = table(("stories", "by labels", "corrected", "sd"), rows, right=("by labels", "corrected", "sd"))
    if ratio.value is None or ratio.ci is None:
        return [*lines, "", "No ratio: participants or media have no story, and none is to be expected."]
    plain = ratio.variants["uncorrected"]
    by_labels = f"{plain:.4f} by the labels" if plain is not None else "no ratio by the labels"
    spread = f"{ratio.ci.lo:.4f}–{ratio.ci.hi:.4f}"
    lines += ["", f"participant : media   {ratio.value:.4f} ({spread}, 95 %); {by_labels}"]
    lines += folded("The range is what wrong labels leave open. Luck (M02) and missed posts are not in it.")
    widest = next(iter(ratio.variants["widest"].items()), None)
    if widest:
        name, share = widest
        lines += folded(f"{share:.0%} of its variance is stories taken for {name} that nobody was asked about.")
    return lines


def _notes(audit: Metric) -> list[str]:
    told = audit.variants
    notes = (
        ("told_by_people", "stories of authors whom a human decided stand as decided, and were not asked about."),
        ("cannot_tell", 'answers are "cannot tell": these stories count as not asked about.'),
        ("changed_since", _CHANGED),
        ("no_longer_counted", "answers are about stories that are not counted any more, and are left out."),
    )
    lines = [line for name, note in notes if told[name] for line in folded(f"{told[name]} {note}")]
    return ["", *lines] if lines else []


def _wrong(found: Sequence[Story], event: str) -> list[str]:
    wrong = [s for s in found if s.truth not in ("", "unknown", s.predicted) and s.predicted != "unknown"]
    if not wrong:
        return []
    rows = [(s.predicted, s.truth, s.item.key) for s in wrong[:_WRONG]]
    more = f", the first {_WRONG}" if len(wrong) > _WRONG else ""
    head = f"Taken for something else ({len(wrong)}{more}); `harvest explain POST --event {event}` tells why:"
    return ["", *folded(head), *table(("taken for", "is", "post"), rows, indent=2)]


def weight_rows(event: str, items: Sequence[Audited]) -> dict[str, Any]:
    """The comparison as JSON values; `status` is `insufficient` where no side has enough."""
    found = estimates(items, rules_of("role").rules)
    return {
        "event": event, "status": "ok" if enough(items) else "insufficient", "audited": len(items),
        "per_side": per_side(items), "needed": ENOUGH, "rules": [asdict(estimate) for estimate in found],
    }  # fmt: skip


def weight_lines(event: str, items: Sequence[Audited]) -> list[str]:
    """The comparison as a table, or what is missing for it."""
    sides = ", ".join(f"{side} {n}" for side, n in per_side(items).items()) or "nothing asked yet"
    if not enough(items):
        need = f"{ENOUGH} of a side and {ENOUGH} of the others are needed"
        return folded(
            f"{event}: too few audited stories to weigh a rule: {sides}; {need}. `harvest audit {event}` asks."
        )
    found = estimates(items, rules_of("role").rules)
    rows = [
        (e.rule, e.side, _fraction(e.inside), _fraction(e.outside), f"{e.shipped:+.1f}", _worth(e), e.reason)
        for e in found if e.state != "silent"
    ]  # fmt: skip
    silent = ", ".join(e.rule for e in found if e.state == "silent")
    head = ("rule", "side", "of its side", "of others", "shipped", "audited", "")
    lines = [f"{event}: weights in decibans by {len(items)} audited stories ({sides})", ""]
    lines += table(head, rows, right=("of its side", "of others", "shipped", "audited"))
    lines += ["", *(folded(f"Fired on none of them: {silent}.") if silent else [])]
    lines += folded("A story counts for as many as it was drawn from, so counts may be fractions. Nothing is applied: "
                    "weights stand in harvester/classify/vocab/rules.toml and change in a review.")  # fmt: skip
    return lines + folded("Weights that were fitted to these answers need a new audit to be checked.")


def _fraction(part: tuple[float, int]) -> str:
    return f"{part[0]:.1f}/{part[1]}"


def _worth(estimate: Estimate) -> str:
    if estimate.weight is not None:
        return f"{estimate.weight:+.1f}"
    return {"fixed": "fixed", "few": "too few"}[estimate.state]
