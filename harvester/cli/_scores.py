"""The figures of `harvest evaluate` as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.classify.gold import LABELS
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def lines(found: dict[str, Any], wrong: Sequence[dict[str, Any]], show: int) -> Iterator[str]:
    """Figures over all records, then each event's (when asked for), then `show` wrong cases."""
    yield from _figures("all", found)
    for name, figures in found.get("events", {}).items():
        yield ""
        yield from _figures(name or "(no event named)", figures)
    yield ""
    undecided = sum(case["label"]["said"] == "unknown" for case in wrong if "label" in case)
    yield f"{_pages(len(wrong))} judged otherwise than labelled, {undecided} of them left unknown; --wrong N shows them"
    for case in wrong[:show]:
        yield from _case(case)


def _figures(name: str, found: dict[str, Any]) -> Iterator[str]:
    label, about = found["label"], found["relevance"]
    yield f"{shown(name)}: {_pages(found['n'])}"
    if not label["n"] and not about["n"]:
        yield f"  nothing to score: no record has an `about_event` or a `label` that we know ({', '.join(LABELS)})"
    if label["n"]:
        yield (
            f"  label      macro-F1 {_n(label['macro_f1'])}   decided {_n(label['decided_share'])}"
            f"   right of decided {_n(label['decided_accuracy'])}   ({label['n']} labelled)"
        )
        yield f"  {'':<12} {'P':>6} {'R':>6} {'F1':>6} {'n':>5}   said"
        for kind in LABELS:
            row, said = label["classes"][kind], label["confusion"][kind]
            counts = " · ".join(f"{name} {count}" for name, count in said.items())
            yield (
                f"  {kind:<12} {_n(row['precision']):>6} {_n(row['recall']):>6} {_n(row['f1']):>6}"
                f" {row['support']:>5}   {counts or '-'}"
            )
    if about["n"]:
        yield (
            f"  relevance  precision {_n(about['precision'])}   recall {_n(about['recall'])}   F1 {_n(about['f1'])}"
            f"   ({about['support']} of {about['n']} about the event)"
        )


def _pages(count: int) -> str:
    return f"{count:,} page{'' if count == 1 else 's'}"


def _n(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _case(case: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield shown(f"{case['title'] or '(no title)'}")
    yield shown(f"  {case['url']}")
    for question in ("label", "relevance"):
        if judged := case.get(question):
            yield f"  {question}: said {_word(judged['said'])}, labelled {_word(judged['truth'])}"
            for e in judged["evidence"]:
                yield shown(f"    {e['weight']:+4g} {e['side']:<10} {e['rule']:<4} {e['snippet']}")


def _word(value: Any) -> str:
    return {True: "about the event", False: "not about it"}.get(value, str(value))
