"""`harvest forget`: erase a person or a post from every file, for good."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from harvester.cli._common import db_option, json_option, now, open_for, slug_of
from harvester.errors import ConfigError, StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.crawl.erasure import Report
    from harvester.store.connection import Connection
    from harvester.store.subjects import Subject

_EPILOG = """\b
Examples:
  harvest forget x:aoi --dry-run                      what would go
  harvest forget https://qiita.com/aoi --why "asked by mail, ticket 12"
  harvest forget https://aoi.example/2016/12/report --yes
  harvest forget note:aoi --event reinvent-2016       leave that event, stay at others

\b
Exit codes: 0 erased (or nothing there, and kept out from now on), 2 bad name or option, 70 a backup could not be
  cleaned, 74 disk full, 75 another command or a reader holds the database.
"""


@click.command(epilog=_EPILOG)
@click.argument("subjects", nargs=-1, required=True, metavar="ACCOUNT|URL...")
@click.option("--event", default="", help="Only what belongs to this event (slug or file).")
@click.option("--why", default="", metavar="TEXT", help="Kept with the erasure; write no names into it.")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and erase nothing.")
@db_option
@json_option
def command(
    subjects: tuple[str, ...], event: str, why: str, yes: bool, dry_run: bool, db: Path, as_json: bool
) -> int:  # fmt: skip
    """Erase accounts (platform:handle, or a profile's address) with all they wrote, or single posts by address.

    They go from the database, its search index, its log, the archive of fetched pages and the backups beside it. A
    keyed hash stays behind, so that no crawl, import or restored backup brings them back.
    """
    from harvester.crawl import lock
    from harvester.crawl.erasure import Stone, everywhere, survey

    if dry_run:
        with closing(open_for(db, "ro")) as conn:
            subject = _subject(conn, subjects, event)
            _tell(survey(conn, db, subject), subject, "would erase", _reminders(conn, db, subject), as_json=as_json)
        return 0
    with closing(open_for(db)) as conn, lock.hold(db, now=now()):
        subject = _subject(conn, subjects, event)
        if not yes:
            _ask(survey(conn, db, subject), subject)
        reminders = _reminders(conn, db, subject)
        done = _recorded(conn, subject, lambda at: everywhere(conn, db, subject, Stone(now=at, why=why)))
    _tell(done, subject, "erased", reminders, as_json=as_json)
    if done.unopened:
        raise StorageError(
            f"{', '.join(done.unopened)}: cannot be opened and may still hold it; delete it, or have it repaired"
        )
    return 0


def _subject(conn: Connection, references: tuple[str, ...], event: str) -> Subject:
    from harvester.store.events import event_row
    from harvester.store.subjects import subject_of

    slug = slug_of(event)
    if slug:
        event_row(conn, slug)
    return subject_of(conn, references, slug)


def _recorded(conn: Connection, subject: Subject, work: Any) -> Report:
    """Do it as a run of its own, which says how much was erased and not what."""
    from harvester import dates
    from harvester.store import runs
    from harvester.store.connection import write_tx

    stored_now = dates.iso(now())
    with write_tx(conn):
        run_id = runs.start_run(conn, "forget", subject.event or None, now=stored_now)
    done: Report | None = None
    try:
        done = work(stored_now)
    finally:
        with write_tx(conn):
            status, code = ("ok", 0) if done is not None else ("failed", 70)
            detail = _of(done) if done is not None else ""
            runs.finish_run(conn, run_id, status, code, now=dates.iso(now()), detail=detail)
    return done


def _ask(report: Report, subject: Subject) -> None:
    """Let a user say yes; on no, or where nobody can be asked, nothing happens."""
    from harvester.text import shown

    what = ", ".join((*subject.keys, *(":".join(account) for account in subject.accounts)))
    told = f"{_of(report)}, {_n(report.copies, 'archived page')}, {_n(report.backups, 'backup')}"
    if not sys.stdin.isatty():
        raise ConfigError(f"{shown(what)}: {told}; --yes erases without asking, --dry-run shows what would go")
    click.confirm(f"Erase {shown(what)} for good ({told})?", abort=True, err=True)


def _of(report: Report) -> str:
    return f"{_n(report.posts, 'post')}, {_n(report.authors, 'author')}"


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _reminders(conn: Connection, db: Path, subject: Subject) -> list[str]:
    """What this command does not reach, as far as it concerns the subject; asked before anything is erased."""
    from harvester.store import subjects

    told = [f"{slug}: its event file lists them; take them out there too" for slug in subjects.listed_in(conn, subject)]
    told += [f"{other}: said to be the same person; forget it too if that is meant"
             for other in subjects.also_known_as(conn, subject)]  # fmt: skip
    told += [
        f"{url}: the same text elsewhere; forget it too if that is meant" for url in subjects.reprints(conn, subject)
    ]
    told += [f"{path.name}: a damaged file that was set aside; delete it" for path in _set_aside(db)]
    return told


def _set_aside(db: Path) -> list[Path]:
    return sorted(db.absolute().parent.glob(f"{db.name}.damaged-*"))


def _tell(report: Report, subject: Subject, done: str, reminders: list[str], *, as_json: bool) -> None:
    from harvester.text import shown

    names = [*subject.keys, *(":".join(account) for account in subject.accounts)]
    if as_json:
        told = {
            "subjects": names, "event": subject.event or None, "erased": done == "erased", "posts": report.posts,
            "authors": report.authors, "rows": dict(sorted(report.rows.items())), "archived_pages": report.copies,
            "backups": report.backups, "unopened": list(report.unopened), "reminders": reminders,
        }  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(f"{shown(', '.join(names))}: {done} {_of(report)}")
    rows = ", ".join(f"{table} {count}" for table, count in sorted(report.rows.items()))
    click.echo(f"  rows     {rows or 'none'}")
    click.echo(f"  archive  {_n(report.copies, 'page')}")
    click.echo(f"  backups  {report.backups} {'cleaned' if done == 'erased' else 'to clean'}")
    for line in reminders:
        click.echo(f"  note     {shown(line)}")
    if done == "erased":
        click.echo("  kept     a keyed hash, so that nothing of it is stored again")
    click.echo("Not reached: files you exported or saved, copies in other folders, logs your shell or cron kept.")
