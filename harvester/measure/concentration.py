"""M15, is it a community or three busy people: how few writers, and how few employers, wrote half of the stories."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from harvester.classify.organisation import employer_key
from harvester.measure.frame import Frame, counted, state_of
from harvester.measure.metric import Metric
from harvester.measure.ratio import per_author
from harvester.measure.timing import stories_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.measure.item import Item

# Below, Gini's coefficient says little: of five writers it reads 0.31 where the truth is 0.43.
GINI_WRITERS: Final = 10
_FEW: Final = 6  # stories below which they are better listed
_QUERY: Final = f"{stories_of('written', 'participant')} ORDER BY person"


def absence_factor(counts: Sequence[int]) -> int:
    """The fewest writers who hold at least half of the stories (CHAOSS Contributor Absence Factor); 0 for none."""
    total, held = sum(counts), 0
    for number, count in enumerate(sorted(counts, reverse=True), 1):
        held += count
        if 2 * held >= total:
            return number
    return 0


def effective_writers(counts: Sequence[int]) -> float:
    """(Σx)²/Σx²: how many equally busy writers would be as concentrated (Hill number of order 2). Some x > 0."""
    return sum(counts) ** 2 / sum(x * x for x in counts)


def gini(counts: Sequence[int]) -> float:
    """Gini's coefficient with the correction n/(n − 1) for a small group; 0 for equal shares, 1 for one of all.

    At least two counts, some of them > 0: (2 Σ i·xᵢ/(n Σ x) − (n + 1)/n)·n/(n − 1), x in rising order, i from 1.
    """
    n = len(counts)
    ranked = sum(i * x for i, x in enumerate(sorted(counts), 1))
    return (2 * ranked / sum(counts) - (n + 1)) / (n - 1)


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """The rows of M15 over the written stories of participants. No ranges: nothing was drawn at random."""
    written = [item for item in counted(items, frame) if item.group == "written"]
    mine = [item for item in written if item.author_kind == "participant"]
    state, flags = state_of("written", len(mine), frame)
    if not mine:
        status = state if state == "unmeasured" else "not_applicable"
        flags = flags if status == "unmeasured" else ("no_stories", *flags)
        return [_row(name, unit, None, status, flags) for name, unit in _UNITS.items()]
    if len(mine) < _FEW:
        flags = (*flags, "few_stories")
    counts = per_author(mine, "participant")
    unknown = sum(item.author_kind == "unknown" for item in written)
    return [
        _row(
            "M15.absence_factor", "writers", absence_factor(counts), state, flags,
            by={"stories": len(mine), "writers": len(counts), "unknown": unknown},
        ),
        _employers(mine, state, flags),
        _row("M15.effective_writers", "writers", effective_writers(counts), state, flags, den=len(counts)),
        _row("M15.top_share", "share", counts[0] / len(mine), state, flags, num=counts[0], den=len(mine)),
        _gini_row(counts, state, flags),
    ]  # fmt: skip


_UNITS: Final = {
    "M15.absence_factor": "writers", "M15.elephant_factor": "employers", "M15.effective_writers": "writers",
    "M15.top_share": "share", "M15.gini": "coefficient",
}  # fmt: skip


def _row(
    metric: str, unit: str, value: float | None, status: str, flags: Iterable[str], *, num: int | None = None,
    den: int | None = None, by: dict[str, object] | None = None, variants: dict[str, object] | None = None,
) -> Metric:  # fmt: skip
    return Metric(
        metric=metric, group="written", unit=unit, value=value, num=num, den=den, status=status, flags=tuple(flags),
        by=by or {}, variants=variants or {}, query=_QUERY,
    )  # fmt: skip


def _gini_row(counts: Sequence[int], state: str, flags: tuple[str, ...]) -> Metric:
    if len(counts) < 2:
        return _row("M15.gini", "coefficient", None, "not_applicable", ("one_writer", *flags), den=len(counts))
    value = gini(counts)
    if len(counts) < GINI_WRITERS:
        told: dict[str, object] = {"too_few_writers": value}
        few = ("few_writers", *flags)
        return _row("M15.gini", "coefficient", None, "insufficient", few, den=len(counts), variants=told)
    return _row("M15.gini", "coefficient", value, state, flags, den=len(counts))


def _employers(stories: Sequence[Item], state: str, flags: tuple[str, ...]) -> Metric:
    """The same over employers: `by` names each company, since one that writes most is a finding and no error.

    Corporate writers stand together by the company they write for; everybody else, and a corporate writer of whose
    company nothing is known, stands alone.
    """
    names: dict[str, Counter[str]] = {}
    held: Counter[tuple[str, str]] = Counter()
    nameless: set[str] = set()
    for item in stories:
        corporate = item.author_subkind == "corporate"
        if corporate and (key := employer_key(item.organisation)):
            names.setdefault(key, Counter())[item.organisation] += 1
            held["company", key] += 1
            continue
        held["alone", item.human or item.key] += 1
        if corporate:
            nameless.add(item.human or item.key)
    counts = sorted(held.values(), reverse=True)
    companies = [(key, n) for (sort, key), n in held.most_common() if sort == "company"]
    by: dict[str, object] = {_commonest(names[key]): n for key, n in sorted(companies, key=lambda c: (-c[1], c[0]))}
    if nameless:
        flags = (*flags, "employer_unknown")
    if companies and 2 * companies[0][1] >= len(stories):
        flags = (*flags, "one_company")
    told: dict[str, object] = {
        "employers": len(counts), "effective": effective_writers(counts), "top_share": counts[0] / len(stories),
        "corporate_without_employer": len(nameless),
    }  # fmt: skip
    factor = absence_factor(counts)
    return _row("M15.elephant_factor", "employers", factor, state, flags, by=by, variants=told)


def _commonest(names: Counter[str]) -> str:
    return min(names, key=lambda name: (-names[name], name))
