"""What a crawl amounts to: the lines of its sources and the one number that cron sees."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from harvester.crawl.outcome import INTERRUPTED as STOPPED
from harvester.model import IDLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Of several grave ends the first of these decides; each is a harvester exit code (harvester.errors).
_GRAVE: Final = (70, 74, 75)
_AUTH: Final = 77
INTERRUPTED: Final[dict[int, int]] = {signal.SIGINT: 130, signal.SIGTERM: 143}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one source ended. `code` is its child's exit code when that says more than the status."""

    source: str
    status: str
    reason: str = ""
    found: int = 0
    new: int = 0
    requests: int = 0
    errors: int = 0
    lenient: bool = False
    code: int = 0

    @property
    def failed(self) -> bool:
        """Whether somebody has to look.

        A source that follows links of others or asks hosts of a list meets dead ones all the time (`Source.forgives`):
        there, errors beside successes are ordinary.
        """
        return self.status == "failed" or (self.status == "partial" and self.errors > 0 and not self.lenient)

    @property
    def alive(self) -> bool:
        """Whether it did its work, or had none left to do."""
        return self.status in ("ok", "partial") or self.reason.startswith(IDLE)


NUMBERS: Final = ("found", "new", "requests", "errors")
COLUMNS: Final = ("status", "reason", *NUMBERS)
BUDGET_USED: Final = "page budget used up"  # in a reason, as harvester.crawl.outcome words it
DEADLINE: Final = "deadline"
_WORST_FIRST: Final = ("failed", "partial", "ok", "skipped")


def of_line(source: str, line: Mapping[str, Any], *, code: int = 0, lenient: bool = False) -> Result:
    """The result that a line of `run_sources` tells."""
    numbers = {name: int(line.get(name) or 0) for name in NUMBERS}
    reason = str(line.get("reason") or "")
    return Result(source=source, status=str(line["status"]), reason=reason, lenient=lenient, code=code, **numbers)


def added(earlier: Result, later: Result) -> Result:
    """Two rounds of one source as one: numbers add up, the worse status stays, reasons are told once."""
    numbers = {name: getattr(earlier, name) + getattr(later, name) for name in NUMBERS}
    status = min(earlier.status, later.status, key=_WORST_FIRST.index)
    if status == "failed" and "ok" in (earlier.status, later.status):
        status = "partial"
    reasons = dict.fromkeys(part for r in (earlier, later) for part in r.reason.split("; ") if part)
    if status != "skipped":  # one round found something to do
        reasons = {part: None for part in reasons if not part.startswith(IDLE)}
    code = earlier.code if earlier.code in (*_GRAVE, _AUTH) else later.code
    return replace(later, status=status, reason="; ".join(reasons), code=code, **numbers)


def out_of_budget(result: Result) -> Result:
    """A source that has more to ask for than it may."""
    status = "failed" if result.status == "failed" else "partial"
    return replace(result, status=status, reason="; ".join(filter(None, (BUDGET_USED, result.reason))))


def overdue(line: Mapping[str, Any]) -> dict[str, Any]:
    """What changes in the line of a child that we stopped because its time was over: nobody interrupted it."""
    parts = str(line.get("reason") or "").split("; ")
    if STOPPED not in parts:
        return {}
    told = "; ".join(DEADLINE if part == STOPPED else part for part in parts)
    return {"reason": told, "errors": int(line.get("errors") or 0) + 1}


def exit_code(results: Iterable[Result]) -> int:
    """0 nothing failed · 1 some failed · 69 all failed · 77 all that failed were refused our key · 70, 74, 75.

    Skipped sources neither fail nor succeed. 70 is a damaged database or a bug, 74 a full disk, 75 a database
    that stayed locked: they say more than how many sources met them.
    """
    results = list(results)
    for code in _GRAVE:
        if any(result.code == code for result in results):
            return code
    ran = [result for result in results if result.status != "skipped"]
    failed = [result for result in ran if result.failed]
    if not failed:
        return 0
    if all(result.code == _AUTH for result in failed):
        return _AUTH
    return 69 if all(result.status == "failed" for result in ran) else 1


def of_run(results: Iterable[Result], interrupted: int) -> tuple[str, int]:
    """Status (ok, partial, failed, interrupted) and exit code of a whole crawl; `interrupted` by that signal or 0."""
    if interrupted:
        return "interrupted", INTERRUPTED[interrupted]
    results = list(results)
    code = exit_code(results)
    if not any(result.failed for result in results):
        return "ok", code
    return "partial" if code in (0, 1) else "failed", code


def cause_of_death(returncode: int, last_words: str) -> str:
    """Why a child that left no line of its own is gone, in words for the ledger."""
    if "MemoryError" in last_words or "bad_alloc" in last_words:
        return "out of memory"
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    said = f": {last_words}" if last_words else ""
    return f"ended with exit code {returncode}{said}"[:300]
