"""`harvest status`: what the last runs asked, got and missed."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from harvester.cli._common import db_option, json_option, now, open_for, slug_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harvester.store.connection import Connection, Row

_EPILOG = """\b
Examples:
  harvest status
  harvest status reinvent-2016 --runs 3
  harvest status --json | jq '.sources[] | select(.status == "failed")'

\b
Every noon, mail when the night's crawl did not happen or did not work:
  0 12 * * * harvest status reinvent-2016 --db /home/me/harvest.db --max-age 26h >/dev/null
"""
_RUN = ("id", "command", "event", "started_at", "ended_at", "status", "exit_code")
_SOURCE = ("event", "source", "status", "found", "new", "requests", "errors", "run_started", "reason")
_IDLE = ("event", "source", "status", "run_started", "reason")
_FETCHES = ("event", "source", "state", "reason", "pages")
_STANDING = ("event", "source", "succeeded_at", "status", "reason")
_RESTING = ("host", "not_before", "reason")
_READ: Final = ("ok", "not_modified")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_AGE: Final = re.compile(r"(\d{1,6})([mhd])")


def _age(ctx: click.Context, param: click.Parameter, value: str) -> timedelta | None:  # noqa: ARG001 - click's interface
    """A length of time from its text."""
    found = _AGE.fullmatch(value.strip().lower())
    if value and (not found or not int(found[1])):
        raise click.BadParameter(f"{value!r} is no length of time; write it as 90m, 26h or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


@click.command(epilog=_EPILOG)
@click.argument("event", required=False, default="")
@db_option
@json_option
@click.option("--runs", "limit", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many runs.")
@click.option(
    "--max-age",
    default="",
    metavar="AGE",
    callback=_age,
    help="Tell only which sources last succeeded longer ago, as 90m, 26h or 2d; exit code 1 if any did.",
)
def command(event: str, db: Path, as_json: bool, limit: int, max_age: timedelta | None) -> int:  # fmt: skip
    """Show the newest runs, how each source did last, what became of its pages, and hosts that rest. Reads only."""
    from harvester.store.events import event_row

    slug = slug_of(event)
    conn = open_for(db, "ro")
    try:
        if slug:
            event_row(conn, slug)
        if max_age is not None:
            return _tell_overdue(conn, slug, max_age, as_json=as_json)
        told = _told(conn, slug, limit)
    finally:
        conn.close()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    click.echo("\n".join(_text(told)))
    return 0


def _told(conn: Connection, slug: str, limit: int) -> dict[str, list[dict[str, Any]]]:
    from harvester import dates
    from harvester.store import crawl_state

    return {
        "runs": _plain(_RUN, crawl_state.recent_runs(conn, slug, limit)),
        "sources": _plain(_SOURCE, crawl_state.newest_lines(conn, slug)),
        "fetches": _plain(_FETCHES, crawl_state.fetch_states(conn, slug)),
        "resting": _plain(_RESTING, crawl_state.resting_hosts(conn, dates.iso(now()))),
    }


def _tell_overdue(conn: Connection, slug: str, max_age: timedelta, *, as_json: bool) -> int:
    """One line for each source that has been silent too long, on stderr, so that cron's mail holds nothing else."""
    from harvester.store import crawl_state
    from harvester.text import shown

    standing = [row for row in crawl_state.standing(conn, slug) if _expected(conn, row)]
    overdue = [row for row in standing if not _fresh(row["succeeded_at"], max_age)]
    if as_json:
        told = {"sources": len(standing), "overdue": _plain(_STANDING, overdue)}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif not overdue and standing:
        click.echo(f"all that is crawled succeeded in the last {_words(max_age)}: {_names(standing)}")
    for row in () if as_json else overdue:
        last = f"; last it was {row['status']}" + (f": {row['reason']}" if row["reason"] else "")
        click.echo(shown(f"{row['event']} {row['source']}: {_since(row['succeeded_at'])}{last}"), err=True)
    if not standing and not as_json:
        click.echo(f"no crawl of {slug or 'any event'} has been recorded", err=True)
    return int(bool(overdue) or not standing)


def _names(standing: list[Row]) -> str:
    return ", ".join(dict.fromkeys(str(row["source"]) for row in standing))


def _expected(conn: Connection, row: Row) -> bool:
    """Whether a source should succeed: not one that was left out from the start, nor one that is switched off."""
    from harvester.store.events import load_event

    if row["succeeded_at"] is None and row["status"] == "skipped":
        return False
    return load_event(conn, row["event"]).sources.get(row["source"], {}).get("enabled") is not False


def _fresh(succeeded_at: str | None, max_age: timedelta) -> bool:
    return succeeded_at is not None and now() - datetime.fromisoformat(succeeded_at) <= max_age


def _since(succeeded_at: str | None) -> str:
    if succeeded_at is None:
        return "never succeeded"
    return f"last success {succeeded_at}, {_words(now() - datetime.fromisoformat(succeeded_at))} ago"


def _words(length: timedelta) -> str:
    """A length of time in its largest fitting unit; hours up to two days."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days"


def _plain(columns: tuple[str, ...], rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [{column: row[column] for column in columns} for row in rows]


def _text(told: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The same for people: what every row shares stands in none, and pages that were simply read are summed up."""
    found = _block("Runs", _RUN, told["runs"]) if told["runs"] else ["Runs: none yet", ""]
    idle = [row for row in told["sources"] if row["status"] == "skipped" and not row["requests"]]
    found += _block("Sources, last time", _SOURCE, [row for row in told["sources"] if row not in idle])
    found += _block("Sources that were not asked", _IDLE, [_in_words(row) for row in idle])
    odd = [row for row in told["fetches"] if row["reason"] not in _READ]
    read = {state: sum(row["pages"] for row in told["fetches"] if row["reason"] == state) for state in _READ}
    if any(read.values()):
        found += [f"Pages that were read: {', '.join(f'{n} {state}' for state, n in read.items() if n)}", ""]
    found += _block("Pages that were not read", _FETCHES, odd)
    return found + _block("Hosts at rest", _RESTING, told["resting"])


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    """Why it was not asked in place of `skipped`."""
    from harvester.cli._ended import called

    word, reason = called(row["reason"] or "")
    return row | {"status": word, "reason": reason}


def _block(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> list[str]:
    from harvester.cli._table import table

    if not rows:
        return []
    shared = [c for c in ("event", "run_started") if c in columns and len({row[c] for row in rows}) == 1]
    kept = [c for c in columns if c not in shared]
    numeric = [c for c in columns if all(isinstance(row[c], int | None) for row in rows)]
    cells = [["" if row[c] is None else str(row[c]) for c in kept] for row in rows]
    of = f"   {', '.join(str(rows[0][c]) for c in shared if rows[0][c])}" if shared else ""
    return [title, *([of] if of.strip() else []), *table(kept, cells, right=numeric, indent=2), ""]
