"""Do the published statements hold? Seeded worlds with known truth, through the measures that a report prints.

`python -m benchmarks claims`: 200 worlds a row. Promised are the rates of the measurement specification's own
simulations (§8); a row without a promise shows what a statement does not survive, and why it must not happen (copies
that were not merged, posts about something else, lists that are not alike).
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import claims_missed, claims_numbers, whole
from benchmarks.claim import SEED, WORLDS, Claim, Rate, outcome, rates

CLAIMS: tuple[Claim, ...] = (*claims_missed.CLAIMS, *claims_numbers.CLAIMS)
HEAD = f"""\
How often is what a report says true? {WORLDS} made-up worlds a row, truth known, seed {SEED}.
promised   the rate at which it should be true, of the column named under `of`; none: it is known to break there
formula    how often the bare formula was true, of all worlds in which it can be computed
published  how often what our rules let a report say was true, and in how many worlds it said anything
+-         one standard error; 2.6 of them beside the promise are still called met
"""
_ROW = "{:<21} {:<52} {:>10} {:<10} {:>13}  {:>22}  {}"


def run() -> Iterator[str]:
    """The table, its sum, and the same statements in worlds that went through a database and `harvest report`."""
    yield from HEAD.splitlines()
    yield _ROW.format("statement", "world", "promised", "of", "formula", "published", "")
    outcomes: list[str] = []
    for claim in CLAIMS:
        formula, publish = rates(claim)
        outcomes.append(outcome(claim, formula, publish))
        yield line(claim, formula, publish)
    yield f"{len(outcomes)} rows: " + ", ".join(f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes))
    yield from through_reports()


def line(claim: Claim, formula: Rate, publish: Rate) -> str:
    """One row of the table."""
    of = claim.by if claim.lowest is not None else ""
    said = f"{_told(publish)} of {publish.made:3}" if publish.made else "nothing said"
    how = outcome(claim, formula, publish)
    return _ROW.format(claim.name, claim.world, claim.promised, of, _told(formula), said, how).rstrip()


def _told(rate: Rate) -> str:
    return f"{rate.percent:5.1f} +-{rate.error:3.1f} %"


def through_reports(count: int = WORLDS) -> Iterator[str]:
    """How often three statements were true of whole worlds, as `harvest report --json` prints them after an import."""
    events = [whole.whole(seed) for seed in range(SEED, SEED + count)]
    with TemporaryDirectory() as folder:
        reports = whole.reported(events, Path(folder))
    verdicts = [whole.true(rows, event) for event, rows in zip(events, reports, strict=True)]
    same = sum(whole.agree(rows, event.measured()) for event, rows in zip(events, reports, strict=True))
    yield f"{count} whole worlds, each through `harvest import` and `harvest report --json`:"
    yield f"the report prints the measures' own numbers, to the last digit, in {same} of them"
    for at, name in enumerate(("at least L", "range of the ratio", "T50 interval")):
        rate = Rate(sum(verdict[at] for verdict in verdicts), count)
        promised = ("94-100 %", "92-97 %", "96-99 %")[at]
        yield f"{name:<21} {'through import and report':<52} {promised:>10} {'published':<10} {_told(rate):>36}"
