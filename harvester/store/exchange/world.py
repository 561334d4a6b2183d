"""Interchange records that stand alone: events, authors with the people behind them, runs with their sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harvester.store.events import set_window
from harvester.store.exchange.people import take_person
from harvester.store.exchange.refs import split_author
from harvester.store.rows import upsert

if TYPE_CHECKING:
    from harvester.store.exchange.refs import Json, Refs

_AUTHOR = ("name", "url", "bio", "organisation", "website", "is_org", "followers", "opted_out")
_SOURCE = (
    "source", "query", "reason", "window_start", "window_end", "found", "new", "requests", "errors", "returned",
    "reported_total", "truncated", "cost_usd", "detail",
)  # fmt: skip


def take_event(refs: Refs, record: Json) -> str:
    """An edition's facts; what the file does not tell stays as it was."""
    values = {name: value for name, value in record.items() if name not in ("type", "event")}
    for name in ("hashtags", "names"):
        if values.get(name) is not None:
            values[name] = json.dumps(values[name], ensure_ascii=False)
    if "media_outlets" not in record:
        refs.silent.add(record["event"])
    changed = upsert(refs.conn, "events", values | {"slug": record["event"]}, ("slug",))
    set_window(refs.conn, record["event"])
    return changed


def count_outlets(refs: Refs) -> None:
    """Where a file does not say how many outlets were checked, those it labels as media at any of its events were.

    So an event of which no outlet wrote has a number too: those that wrote about another edition did not.
    """
    silent = json.dumps(sorted(refs.silent))
    media = """SELECT count(DISTINCT author_id) FROM labels, json_each(:events) e WHERE event = e.value
                 AND kind = 'media' AND author_id NOT IN (SELECT author_id FROM opted_out)"""
    refs.conn.execute(
        f"""UPDATE events SET media_outlets = nullif(({media}), 0)
            WHERE slug IN (SELECT value FROM json_each(:events)) AND media_outlets IS NULL""",  # noqa: S608 - ours
        {"events": silent},
    )


def take_author(refs: Refs, record: Json) -> str:
    """An identity. A given id that names two accounts is one human with two: both are tied to a person."""
    given = key = str(record["author"])
    people = list(record.get("people") or [])
    if record.get("platform") and record.get("handle"):
        key = f"{record['platform']}:{record['handle']}"
        first = refs.given.setdefault(given, key) if given != key else key
        if first != key:
            take_person(refs, refs.author_id(first), {"person": given})
            people.append({"person": given})
    platform, handle = split_author(key)
    if record.get("noindex") is not None:
        refs.heed(platform, handle, noindex=record["noindex"])
    refs.admit(refs.guard.account(platform, handle))
    values = {name: record.get(name) for name in _AUTHOR} | {"platform": platform, "handle": handle}
    outcome = upsert(refs.conn, "authors", values, ("platform", "handle"))
    for entry in people:
        if entry.get("person"):
            told = take_person(refs, refs.author_id(key), entry)
            outcome = "updated" if outcome == "unchanged" and told != "unchanged" else outcome
    return outcome


def _short(record: Json) -> int | None:
    """Whether less came back than there is, of a run that does not say if it was cut off; None where it cannot tell."""
    returned, total = record.get("returned"), record.get("reported_total")
    return None if returned is None or total is None else int(returned < total)


def take_run(refs: Refs, record: Json) -> str:
    """A run's ledger line for one source and query, and what that source can see."""
    outcome = "unchanged"
    if record.get("run") or record.get("started_at"):
        run_id, outcome = refs.run(record)
        if record.get("source"):
            values: dict[str, Any] = {name: record.get(name) for name in _SOURCE} | {
                "run_id": run_id,
                "query": record.get("query") or "",
                "status": record.get("status") or "ok",
                "truncated": record.get("truncated", _short(record)),
                "event": record["source_event"] if "source_event" in record else refs.event_of_run(record),
                "started_at": record.get("source_started_at"),
                "ended_at": record.get("source_ended_at"),
            }
            outcome = upsert(refs.conn, "run_sources", values, ("run_id", "source", "query"))
    scope = {name: record.get(name) for name in ("fed_by", "horizon_days", "contributes")}
    platforms = record.get("platforms") or []
    if record.get("source") and (platforms or any(scope.values())):
        row = refs.conn.execute("SELECT platforms FROM sources WHERE source = ?", (record["source"],)).fetchone()
        known = json.loads(row["platforms"]) if row else []
        scope["platforms"] = json.dumps(list(dict.fromkeys([*known, *platforms])), ensure_ascii=False)
        changed = upsert(refs.conn, "sources", scope | {"source": record["source"]}, ("source",))
        outcome = changed if outcome == "unchanged" else outcome
    return outcome
