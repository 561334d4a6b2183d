"""`harvest crawl`: find and fetch what was written about an event."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from harvester.cli import _ended
from harvester.cli._common import db_option, json_option, now, open_for, read_event, resolve_event
from harvester.errors import DiskFull, Locked, NotFoundError
from harvester.event_file import named_file
from harvester.store.events import load_event

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.crawl.progress import Silent
    from harvester.crawl.run import Summary
    from harvester.event import Judge
    from harvester.store.connection import Connection
    from harvester.store.open import Mode

_EPILOG = """\b
Examples:
  harvest crawl events/reinvent-2016.toml
  harvest crawl reinvent-2016 --source qiita --source feeds
  harvest crawl reinvent-2016 --dry-run        what would be asked, what it costs, how long it takes
  harvest crawl reinvent-2016 --offline        read the archive again, no requests

\b
Every morning, mail only when something is wrong; a monitor tells when nothing ran at all:
  HARVEST_PING_URL=https://monitor.example/ping/my-crawl
  0 6 * * * harvest crawl reinvent-2016 --db /home/me/harvest.db --cron --quiet-lock

\b
Exit codes: 0 ok or nothing due, 1 some sources failed, 69 all failed, 2 bad option or event file,
  70 bug or damaged database, 74 disk full, 75 another crawl runs, 77 credentials refused, 130/143 stopped.
"""
_NOWHERE = "{reference}: no such event file, and no database {db} that might know the name"
_LOG_LEVELS = ("ERROR", "INFO", "DEBUG")
_HOST_PORT = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:/@\[\]]+):(\d{1,5})")


def _host_port(ctx: click.Context, param: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's interface
    found = _HOST_PORT.fullmatch(value)
    if value and (not found or not 0 < int(found[2]) < 65536):
        raise click.BadParameter(f"{value!r} is not HOST:PORT, as in 127.0.0.1:8000")
    return value


def _web_address(ctx: click.Context, param: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's interface
    from harvester.crawl import ping

    if value and not ping.host_of(value):
        raise click.BadParameter("this is no address that begins with http:// or https://")  # it may hold a secret
    return value


@click.command(epilog=_EPILOG)
@click.argument("event")
@db_option
@json_option
@click.option("--source", "names", multiple=True, metavar="NAME", help="Only this source; may be repeated.")
@click.option("--connect-to", default="", metavar="HOST:PORT", callback=_host_port, help="Send every request there.")
@click.option("--offline", is_flag=True, help="Read the archive again instead of asking anybody.")
@click.option("--dry-run", is_flag=True, help="Tell what would be asked of whom; nothing is asked, nothing written.")
@click.option("--cron", is_flag=True, help="Say nothing unless something went wrong.")
@click.option("--quiet-lock", is_flag=True, help="When another crawl runs on the database, end with 0.")
@click.option(
    "--deadline",
    type=click.FloatRange(1),
    metavar="SECONDS",
    help="End after so long. [default: the event file's deadline]",
)
@click.option("--min-free", type=click.IntRange(0), default=200, show_default=True, metavar="MB",
              envvar="HARVEST_MIN_FREE", help="Do not start with less free disk space.")  # fmt: skip
@click.option(
    "--ping-url",
    default="",
    metavar="URL",
    callback=_web_address,
    envvar="HARVEST_PING_URL",
    show_envvar=True,
    help="Ask for this address when all went well: a monitor that then hears nothing can tell you.",
)
@click.option("--spiders", multiple=True, default=("spiders",), hidden=True, help="Packages of sources.")
@click.option("-v", "--verbose", count=True, help="Log each request's end (-v) or everything (-vv).")
def command(
    event: str, db: Path, as_json: bool, names: tuple[str, ...], connect_to: str, offline: bool, dry_run: bool,
    cron: bool, quiet_lock: bool, deadline: float | None, min_free: int, ping_url: str, spiders: tuple[str, ...],
    verbose: int,
) -> int:  # fmt: skip
    """Crawl EVENT, an event file or the name of one that is in the database.

    Kill it whenever you like: nothing stored is lost or counted twice, and the next crawl continues.
    """
    if dry_run:
        return _tell(event, db, names, spiders, as_json=as_json)
    wish = {
        "sources": names, "connect_to": connect_to, "offline": offline, "deadline": deadline,
        "log_level": _LOG_LEVELS[min(verbose, 2)], "modules": spiders,
    }  # fmt: skip
    try:
        _require_space(db, min_free)
        summary = _crawl(event, db, wish, cron=cron)
    except Locked:
        if quiet_lock:
            return 0
        raise
    if ping_url and summary.alive and not offline:
        _ping(ping_url)
    with contextlib.suppress(BrokenPipeError):  # nobody reads on: the exit code is still that of the crawl
        if as_json:
            click.echo(summary.as_json())
        elif not cron or summary.exit_code:
            click.echo(_ended.table(summary, db), nl=False, err=cron)
    return summary.exit_code


def _tell(reference: str, db: Path, names: tuple[str, ...], modules: tuple[str, ...], *, as_json: bool) -> int:
    """A crawl's plan; the event file is read, but nothing of it is kept."""
    from harvester.cli._plan import table
    from harvester.crawl import catalogue
    from harvester.crawl.plan import plans

    with closing(open_for(db, "ro")) if db.exists() else contextlib.nullcontext() as conn:
        path = named_file(reference)
        if path is not None:
            event = read_event(path)
        elif conn is not None:
            event = load_event(conn, reference)
        else:
            raise NotFoundError(_NOWHERE.format(reference=reference, db=db))
        found = plans(conn, event, names, modules, now())
    if as_json:
        click.echo(json.dumps([plan.as_dict() for plan in found], ensure_ascii=False, indent=2))
    else:
        click.echo(table(found, {} if names else catalogue.off(catalogue.load(modules), event)), nl=False)
    return 0


def _ping(url: str) -> None:
    """The heartbeat. That it does not arrive is no fault of the crawl: a warning."""
    from harvester.crawl import ping

    if why := ping.send(url):
        click.echo(f"Warning: the heartbeat to {ping.host_of(url)} did not arrive: {why}", err=True)


def _crawl(reference: str, db: Path, wish: dict[str, Any], *, cron: bool) -> Summary:
    """Lock, crawl and account."""
    from harvester.crawl import lock
    from harvester.crawl.interruption import heeding_signals

    mode = _mode(reference, db, wish)
    watchers: list[Silent] = []
    with heeding_signals() as interruption, closing(open_for(db, mode)) as conn, lock.hold(db, now=now()):
        from harvester.crawl.run import Wish, crawl  # half a second that a refused second crawl does not pay

        event = resolve_event(conn, reference, _judge(wish))

        def watch(run_id: int) -> Silent:
            watchers.append(_watcher(conn, event.slug, run_id, cron=cron, verbose=wish["log_level"] != "ERROR"))
            return watchers[0]

        summary = crawl(conn, event, Wish(db=db, **wish), watch, interruption)
    if summary.exit_code:
        for watcher in watchers:
            watcher.complain()
    return summary


def _mode(reference: str, db: Path, wish: dict[str, Any]) -> Mode:
    """How to open the database: only a good event file may create one."""
    path = named_file(reference)
    if path is not None:
        if not db.exists():
            read_event(path, _judge(wish))
        return "create"
    if not db.exists():
        raise NotFoundError(_NOWHERE.format(reference=reference, db=db))
    return "rw"


def _judge(wish: dict[str, Any]) -> Judge:
    """What checks the sources' tables of an event file. Loading the sources takes half a second."""
    from harvester.crawl import catalogue

    return catalogue.judge(catalogue.load(wish["modules"]), None if wish["offline"] else os.environ)


def _watcher(conn: Connection, event: str, run_id: int, *, cron: bool, verbose: bool) -> Silent:
    from harvester.crawl.progress import Lines, Live, Silent

    if cron:
        return Silent(sys.stderr, verbose=verbose)
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        return Live(sys.stderr, conn, event, run_id, width=width, verbose=verbose)
    return Lines(sys.stderr, verbose=verbose)


def _require_space(db: Path, megabytes: int) -> None:
    folder = db.absolute().parent
    if folder.is_dir():
        free = shutil.disk_usage(folder).free >> 20
        if free < megabytes:
            raise DiskFull(f"{folder}: {free} MB free, a crawl wants {megabytes}; free space or lower --min-free")
