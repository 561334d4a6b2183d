"""The table at the end of `harvest crawl`: who found what, then who did not run and what would change that."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from harvester.cli._common import DEFAULT_DB
from harvester.cli._table import folded
from harvester.cli._table import table as table_of
from harvester.model import IDLE, NO_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harvester.crawl.run import Summary
    from harvester.crawl.verdict import Result

_HEAD: Final = ("source", "status", "found", "new", "requests", "why")
NEEDS_KEY: Final = "needs key"
NOTHING: Final = "nothing to do"


def table(summary: Summary, db: Path) -> str:
    """The whole of it, and what to do next."""
    ran = [result for result in summary.results if not _idle(result)]
    idle = [result for result in summary.results if _idle(result)]
    rows = [(r.source, r.status, str(r.found), str(r.new), str(r.requests), r.reason) for r in ran]
    left = [(r.source, *called(r.reason)) for r in idle]
    left += [(name, "opt-in" if why.startswith("opt-in") else "off", why) for name, why in summary.off.items()]
    left.sort(key=lambda row: (row[1], row[0]))
    rows += [(name, word, "", "", "", why.removeprefix("opt-in: ")) for name, word, why in left]
    lines = table_of(_HEAD, rows, right=("found", "new", "requests"))
    return "\n".join([*lines, *_sums(summary, ran, [word for _, word, _ in left]), *_next(summary, ran, db)]) + "\n"


def _idle(result: Result) -> bool:
    """Whether a source was not asked to do anything, or had nothing to do."""
    return result.status == "skipped" and not result.requests and called(result.reason)[0] != "skipped"


def called(reason: str) -> tuple[str, str]:
    """In one word why a source was skipped, and the rest of the reason."""
    if reason.startswith(NO_KEY):
        return NEEDS_KEY, reason.removeprefix(NO_KEY)
    if reason.startswith(IDLE):
        return NOTHING, reason.partition(": ")[2] or reason
    return "skipped", reason


def _sums(summary: Summary, ran: Sequence[Result], words: Sequence[str]) -> list[str]:
    """How many sources did what, and whom to look at."""
    told = [f"{_many(len(ran))} ran"]
    ends = {NEEDS_KEY: "without a key", NOTHING: "with nothing to do", "opt-in": "opt-in", "off": "switched off"}
    told += [f"{words.count(word)} {end}" for word, end in ends.items() if word in words]
    hint = "; `harvest sources` tells what each adds" if len(told) > 1 else ""
    lines = folded(f"{', '.join(told)}{hint}")
    if summary.exit_code and (failed := [result.source for result in ran if result.failed]):
        lines += folded(f"errors, so this ends with {summary.exit_code}: {', '.join(failed)}; see `harvest status`")
    return lines


def _next(summary: Summary, ran: Sequence[Result], db: Path) -> list[str]:
    """The last line, and when nothing at all was found, what may help."""
    new = sum(result.new for result in summary.results)
    where = "" if str(db) == DEFAULT_DB else f" --db {shlex.quote(str(db))}"
    report = f"`harvest report {summary.event}{where}`"
    lines = [f"{summary.event}: {summary.status}, {new} new {'post' if new == 1 else 'posts'}; see {report}"]
    if ran and not summary.exit_code and not any(result.found for result in ran):
        lines += folded(
            "Nobody wrote about it, or not where these looked. What helps: other spellings (`names`), `hashtags`, "
            "`feeds`, `pages`, `event_urls` and people in the event file (docs/event-file.md), then crawl again."
        )
    return lines


def _many(n: int) -> str:
    return f"{n} source{'' if n == 1 else 's'}"
