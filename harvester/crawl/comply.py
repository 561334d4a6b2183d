"""Following deletions: each stored post of a platform asked for again, and what is gone erased from every file.

The child that asks only marks what it learns; the erasing is done here, when it has ended, and by the next run after
a kill. The caller holds the database's lock.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from harvester import dates
from harvester.budget import Used, micro, price
from harvester.crawl import redact, verdict
from harvester.crawl.children import Orders
from harvester.crawl.erasure import Stone, everywhere, purge_archive
from harvester.crawl.run import SOURCE_DEADLINE
from harvester.crawl.session import utcnow
from harvester.crawl.supervisor import Supervisor
from harvester.crawl.x_comply import BATCH, DUE, XComply
from harvester.store import runs, standing
from harvester.store.connection import write_tx
from harvester.store.erase import rewrite
from harvester.store.open import checkpoint
from harvester.store.subjects import Subject
from harvester.traces import Traces, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from harvester.crawl.interruption import Interruption
    from harvester.crawl.supervisor import Watcher
    from harvester.crawl.verdict import Result
    from harvester.store.connection import Connection

PLATFORM: Final = "x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a user asked for. `hours` since a post was last seen to stand; at most `max_usd` are spent."""

    db: Path
    hours: float
    max_usd: float
    connect_to: str = ""
    deadline: float = SOURCE_DEADLINE
    log_level: str = "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be asked: ids by event, what that may cost at most, and how many posts the money does not reach."""

    ids: Mapping[str, Sequence[str]]
    usd: float
    left: int

    @property
    def posts(self) -> int:
        """How many posts are asked for."""
        return sum(map(len, self.ids.values()))

    @property
    def requests(self) -> int:
        """How many requests that takes."""
        return sum(math.ceil(len(ids) / BATCH) for ids in self.ids.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a check amounted to. `unanswered` posts were asked for in vain; nothing of them was changed."""

    checked: int
    gone: int
    edited: int
    unanswered: int
    left: int
    usd: float
    exit_code: int
    reasons: tuple[str, ...]
    unopened: tuple[str, ...] = ()


def plan(conn: Connection, now: datetime, *, hours: float, max_usd: float) -> Plan:
    """The posts that are due, longest unseen first, as far as the money reaches.

    X charges an author once a day, however many of the posts are theirs; who wrote a nameless one is anybody.
    """
    found = standing.due(conn, PLATFORM, before=dates.iso(now - timedelta(hours=hours)))
    ids: dict[str, list[str]] = defaultdict(list)
    authors: set[object] = set()
    taken, cost = 0, Used()
    for post in found:
        more = price(1, 0 if post.author_id in authors else 1)
        if (cost + more).money > micro(max_usd):
            break
        taken, cost = taken + 1, cost + more
        authors.add(post.author_id or post.native_id)
        ids[post.event].append(post.native_id)
    return Plan(ids=dict(ids), usd=cost.usd, left=len(found) - taken)


def comply(
    conn: Connection, wish: Wish, watch: Callable[[], Watcher], interruption: Interruption
) -> Summary:  # fmt: skip
    """Ask for every post that is due and erase what is gone. Raises what the database raises, and Locked."""
    redact.know_environment(XComply.needs)
    began = utcnow()
    wanted = plan(conn, began, hours=wish.hours, max_usd=wish.max_usd)
    spent = _spent(conn, began)
    results: list[Result] = []
    try:
        for event, ids in wanted.ids.items():
            if interruption.number:
                break
            results.append(_ask(conn, wish, event, ids, watch(), interruption))
    finally:
        with write_tx(conn):
            standing.clear(conn, XComply.name)
    checked = sum(result.found for result in results)
    gone, edited, unopened = settle(conn, wish.db)
    checkpoint(conn)
    _, code = verdict.of_run(results, interruption.number)
    return Summary(
        checked=checked, gone=gone, edited=edited, unanswered=wanted.posts - checked, left=wanted.left,
        usd=_spent(conn, began) - spent, exit_code=code, unopened=unopened,
        reasons=tuple(dict.fromkeys(result.reason for result in results if result.reason)),
    )  # fmt: skip


def _spent(conn: Connection, now: datetime) -> float:
    return runs.spent(conn, XComply.name, f"{now:%Y-%m}").get("usd", 0.0)


def _ask(
    conn: Connection, wish: Wish, event: str, ids: Sequence[str], watcher: Watcher, interruption: Interruption
) -> Result:
    """One event's posts, as a run of its own."""
    now = dates.iso(utcnow())
    with write_tx(conn):
        standing.clear(conn, XComply.name)
        run_id = runs.start_run(conn, "comply", event, now=now)
        runs.set_cursor(conn, XComply.name, event, DUE, json.dumps(ids), now=now)
    orders = Orders(
        db=wish.db, event=event, run_id=run_id, deadline=wish.deadline,
        source_deadline=min(wish.deadline, SOURCE_DEADLINE), rounds=1, connect_to=wish.connect_to,
        log_level=wish.log_level, modules={XComply.name: XComply.__module__},
    )  # fmt: skip
    status, code = "failed", 70
    try:
        (result,) = Supervisor(conn, orders, watcher, interruption).run([XComply.name])
        status, code = verdict.of_run([result], interruption.number)
    finally:
        with write_tx(conn):
            runs.finish_run(conn, run_id, status, code, now=dates.iso(utcnow()))
    return result


def settle(conn: Connection, db: Path) -> tuple[int, int, tuple[str, ...]]:
    """Erase what is marked as gone, and old versions of what was edited; (gone, edited, backups beyond our reach).

    Backups keep old versions of edited posts: put back, their posts are due at once.
    """
    gone = standing.marked(conn, PLATFORM, standing.GONE)
    edited = standing.marked(conn, PLATFORM, standing.EDITED)
    if edited:
        purge_archive(db, Traces([Words(native_id=key.partition(":")[2]) for key in edited]))
        if not gone:
            rewrite(conn)
        with write_tx(conn):  # last, so that an end before it finds everything to do again
            standing.unmark(conn, edited)
    unopened: tuple[str, ...] = ()
    if gone:
        stone = Stone(now=dates.iso(utcnow()), why="no longer at X", kind="gone")
        unopened = everywhere(conn, db, Subject(keys=tuple(gone)), stone).unopened
    return len(gone), len(edited), unopened
