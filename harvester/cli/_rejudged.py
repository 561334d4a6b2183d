"""The lines of `harvest classify`'s diff: whose label and which posts' judgement changed, and by what evidence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.report.layout import cut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harvester.stages.diff import Diff

MANY = 20  # lines of authors, and of posts, that are shown without --all
_WORDS = 28  # columns of what a rule fired on
_EVIDENCE = 4  # lines of evidence that are shown for one change without --all


def diff_lines(diff: Diff, *, every: bool) -> list[str]:
    """What is different now, the most important first; `every` shows all of it."""
    if diff.first:
        return ["  first time: nothing was judged before"]
    if not diff.authors and not diff.posts:
        return ["  nothing is judged otherwise than before"]
    lines: list[str] = []
    for what, entries, told in (("authors", diff.authors, _author), ("posts", diff.posts, _post)):
        if entries:
            shown = entries if every else entries[:MANY]
            lines.append(f"{what} judged otherwise: {len(entries)}")
            lines += [f"  {told(entry)}{_evidence(entry['evidence'], every=every)}" for entry in shown]
            lines += (
                [f"  … and {len(entries) - len(shown)} more; --all shows them"] if len(shown) < len(entries) else []
            )
    return lines


def _author(entry: Mapping[str, Any]) -> str:
    before, after = entry["before"], entry["after"]
    old, new = _label(before), _label(after)
    if before and after and old == new:
        old, new = _within_kind(old, before, after)
    by = ", a human's word" if after and after["decided_by"] == "human" and before != after else ""
    return f"{entry['author']}  {_arrow(old, new)}{by}"


def _within_kind(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, str]:
    """What else changed of a label whose kind is the same: attendance, else how sure it is."""
    if before["attendance"] != after["attendance"]:
        return f"{kind}, attendance {before['attendance']}", after["attendance"]
    shares = [found["posterior"] for found in (before, after)]
    if None in shares or f"{shares[0]:.3f}" == f"{shares[1]:.3f}":
        return kind, ""
    return f"{kind} {shares[0]:.3f}", f"{shares[1]:.3f}"


def _label(label: Mapping[str, Any] | None) -> str:
    """`participant (speaker)`; "no label" where there is none."""
    if label is None:
        return "no label"
    subkind = f" ({label['subkind']})" if label["subkind"] and label["subkind"] != "attendee" else ""
    return f"{label['kind']}{subkind}"


def _post(entry: Mapping[str, Any]) -> str:
    before, after = entry["before"], entry["after"]
    old, new = _tie(before), _tie(after)
    if before and old == new and before["not_counted_reason"] != after["not_counted_reason"]:
        old, new = (f"{old}: {tie['not_counted_reason'] or 'it counts'}" for tie in (before, after))
    by = ", a human's word" if after["decided_by"] == "human" and before != after else ""
    title = f"  {cut(entry['title'], 40)}" if entry["title"] else ""
    return f"{entry['post']}{title}  {_arrow(old, '' if old == new else new)}{by}"


def _tie(tie: Mapping[str, Any] | None) -> str:
    return "new" if tie is None else f"{tie['relevance']}, {'counted' if tie['counted'] else 'not counted'}"


def _arrow(old: str, new: str) -> str:
    return f"{old} -> {new}" if new else old


def _evidence(found: Mapping[str, Sequence[Mapping[str, Any]]], *, every: bool) -> str:
    """`  (+T1 "参加してきました", -H6, S1 +6 -> +8)`; "" without any."""
    parts = [f"+{line['rule']}{_quoted(line['snippet'])}" for line in found["came"]]
    parts += [f"-{line['rule']}" for line in found["gone"]]
    for line in found["changed"]:
        if line["weight"] != line["weight_before"]:
            parts.append(f"{line['rule']} {line['weight_before']:+g} -> {line['weight']:+g}")
        else:
            parts.append(f"{line['rule']} now{_quoted(line['snippet'])}")
    left = 0 if every else max(0, len(parts) - _EVIDENCE)
    parts = [*parts[: len(parts) - left], *([f"{left} more"] if left else [])]
    return f"  ({', '.join(parts)})" if parts else ""


def _quoted(snippet: str) -> str:
    return f" {json.dumps(cut(snippet, _WORDS), ensure_ascii=False)}" if snippet else ""
