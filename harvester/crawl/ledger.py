"""What a source did in a run, kept up to date in `run_sources` page by page: progress, gaps and the final status."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harvester.crawl import canary, words
from harvester.crawl.outcome import Outcome, ledger_line
from harvester.crawl.redact import redact
from harvester.store import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.source import Drift, Note, Reset
    from harvester.store.connection import Connection

_UNAUTHORIZED = 77
_CUT = "stopped before the end"
_TOO_MUCH = frozenset({"closespider_timeout", "memusage_exceeded"})  # ends that somebody has to look at


class Ledger:
    """Counters of one source in one run. Methods with `conn` write and belong into a transaction."""

    def __init__(self, run_id: int, source: str, event: str) -> None:
        self.run_id, self.source, self.event = run_id, source, event
        self.counts: Counter[str] = Counter()
        self.queries: dict[str, Counter[str]] = {}
        self.cut: dict[str, str] = {}  # query to why it was not read to its end
        self.empty: set[str] = set()  # queries whose answers held nothing
        self.lost: dict[str, str] = {}  # query to what is told of its mark that the service refused
        self.asked = False  # whether the source had anything to ask for, or to say
        self.fatal = ""
        self.fatal_code = 0

    def open(self, conn: Connection, *, now: str) -> None:
        """The line of this source, `running`; what an earlier round of this run found per query is added to."""
        for row in runs.sources_of(conn, self.run_id):
            if row["source"] == self.source and row["query"]:
                self.queries[row["query"]] = Counter(found=row["found"], new=row["new"])
                if row["truncated"]:
                    self.cut[row["query"]] = row["reason"] or _CUT
        runs.save_source(conn, self.run_id, self.source, "", event=self.event, status="running", started_at=now)

    @contextmanager
    def page(self) -> Iterator[None]:
        """Counts made inside are forgotten when the page's transaction fails."""
        counts, queries = self.counts.copy(), {query: tally.copy() for query, tally in self.queries.items()}
        cut, empty, lost = self.cut.copy(), self.empty.copy(), self.lost.copy()
        try:
            yield
        except BaseException:
            self.counts, self.queries, self.cut, self.empty, self.lost = counts, queries, cut, empty, lost
            raise

    def found(self, query: str, *, new: bool) -> None:
        """A post was stored for a query."""
        for tally in (self.counts, *([self.queries.setdefault(query, Counter())] if query else [])):
            tally["found"] += 1
            tally["new"] += int(new)

    def drift(self, departure: Drift) -> None:
        """An interface has changed: told in the reason and the details of the source's line."""
        self.counts[f"drift/{departure.told}"] += departure.count

    def reset(self, reset: Reset, times: int) -> None:
        """A mark was refused: a warning for the source's line, and an error when it was not the first time."""
        self.counts["errors"] += int(times > 1)
        self.lost[redact(reset.query)] = words.mark_refused(redact(reset.query), redact(reset.why), times)

    def ended(self, outcome: Outcome) -> None:
        """A request is over."""
        self.counts[f"state/{outcome.reason}"] += 1
        self.counts["done"] += int(outcome.state == "done")
        self.counts["errors"] += int(outcome.error and outcome.reason not in ("ok", "not_modified"))

    def save(self, conn: Connection, query: str = "") -> None:
        """Write the counters, and those of `query` too."""
        own = {name: self.counts[name] for name in ("found", "new", "requests", "errors")}
        runs.save_source(conn, self.run_id, self.source, "", **own)
        if query in self.queries:
            tally = self.queries[query]
            columns = {"event": self.event, "found": tally["found"], "new": tally["new"]}
            runs.save_source(conn, self.run_id, self.source, query, **columns)

    def note(self, conn: Connection, note: Note) -> None:
        """What a query's answer said about itself."""
        told: dict[str, Any] = {
            "returned": note.returned, "reported_total": note.reported_total, "cost_usd": note.cost_usd,
            "truncated": None if note.truncated is None else int(note.truncated),
            "window_start": note.window_start or None, "window_end": note.window_end or None,
            "reason": redact(note.reason) or None,
        }  # fmt: skip
        columns = {name: value for name, value in told.items() if value is not None}
        self.queries.setdefault(note.query, Counter())
        runs.save_source(conn, self.run_id, self.source, note.query, event=self.event, **columns)
        if note.returned is not None and note.query:
            (self.empty.discard if note.returned else self.empty.add)(note.query)
        if note.truncated:
            self.cut[note.query] = redact(note.reason) or _CUT
        elif note.truncated is not None:
            self.cut.pop(note.query, None)

    def close(
        self, conn: Connection, finish: str, *, now: str, waiting: int, until: str, nothing: str, offline: bool = False
    ) -> tuple[str, int]:
        """Write the final lines, with all counts by name in `detail`; the source's status and exit code.

        `nothing` is the reason of a source that had nothing to ask for.
        """
        empty = () if offline or not self.counts["requests"] else sorted(self.empty)
        odd = canary.look(conn, self.event, self.source, self.run_id, empty)
        self.counts["errors"] += int(finish in _TOO_MUCH) + odd.again
        counts: dict[str, Any] = dict(self.counts) | ({"fatal": self.fatal} if self.fatal else {})
        cut, warned = tuple(self.cut.values()), "; ".join(filter(None, (odd.told, *self.lost.values())))
        line = ledger_line(
            counts, finish, waiting=waiting, until=until, cut=cut, nothing="" if self.asked else nothing, odd=warned,
        )  # fmt: skip
        self.save(conn)
        line["detail"] = json.dumps({name: n for name, n in sorted(self.counts.items()) if n and "/" in name})
        runs.save_source(conn, self.run_id, self.source, "", ended_at=now, **line)
        for query in self.queries:
            if query:
                runs.save_source(conn, self.run_id, self.source, query, status=line["status"], ended_at=now)
        failed = int(line["status"] == "failed" or self.counts["errors"] > 0)
        code = self.fatal_code or (_UNAUTHORIZED if self.counts["state/unauthorized"] else failed)
        return str(line["status"]), code
