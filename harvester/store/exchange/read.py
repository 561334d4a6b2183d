"""Interchange records into the database: keys become rows, nothing known is lost, a human's word is kept.

Records stand in any order in a file and are taken in four steps, one walk over the file each: events, authors and
runs; posts; what refers to them; overrides. Taking a file twice changes nothing the second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.store.exchange import contents, facts, overrides, places, world
from harvester.store.exchange.refs import Refs

if TYPE_CHECKING:
    from collections.abc import Callable

    from harvester.store.connection import Connection
    from harvester.store.exchange.refs import Json

_FIRST: Final[dict[str, Callable[[Refs, Json], str]]] = {
    "event": world.take_event, "author": world.take_author, "run": world.take_run,
}  # fmt: skip
_THEN: Final[dict[str, Callable[[Refs, Json], str]]] = {"post": contents.take_post}
_LAST: Final[dict[str, Callable[[Refs, Json], str]]] = {
    "place": places.take_place,
    "sighting": facts.take_sighting, "edge": facts.take_edge, "reaction": facts.take_reaction,
    "audience": facts.take_audience, "attendance": facts.take_attendance, "label": facts.take_label,
    "kpi": facts.take_kpi, "audit": facts.take_audit,
}  # fmt: skip
_OVER: Final[dict[str, Callable[[Refs, Json], str]]] = {"override": overrides.take_override}
STEPS: Final = (frozenset(_FIRST), frozenset(_THEN), frozenset(_LAST), frozenset(_OVER))
_TAKE: Final = _FIRST | _THEN | _LAST | _OVER


class Intake:
    """Takes the records of one file inside the caller's `write_tx`, step by step, then `finish`.

    `event` is the slug for records that name none.
    """

    def __init__(self, conn: Connection, *, event: str, now: str) -> None:
        self._refs = Refs(conn, event=event, now=now)
        contents.begin(conn)
        places.begin(conn)

    def take(self, record: Json) -> str:
        """Store one canonical record: "new", "updated" or "unchanged". Raises Unresolved with the reason."""
        return _TAKE[record["type"]](self._refs, record)

    def finish(self) -> None:
        """Tie together what was named before it existed."""
        contents.finish(self._refs.conn)
        places.settle(self._refs)
        overrides.settle(self._refs)
        facts.link_people(self._refs)
        world.count_outlets(self._refs)
