"""`harvest comply`: follow what was deleted at its platform."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, now, open_for
from harvester.errors import ConfigError, StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.crawl.comply import Plan, Summary

_EPILOG = """\b
Examples:
  harvest comply x --dry-run          how many requests, and what they cost at most
  harvest comply x --max-usd 2

\b
Every day, mail only when something is wrong:
  30 5 * * * harvest comply x --db /home/me/harvest.db --cron

\b
X wants stored posts to follow what became of them within 24 hours. Each post costs 0.005 USD a day, each author 0.010.

\b
Exit codes: 0 all due posts checked, 1 some were not (no answer, or the money did not reach), 69 no answer at all,
  2 no key or bad option, 75 another command or a reader holds the database, 77 key refused.
"""
_LOG_LEVELS = ("ERROR", "INFO", "DEBUG")


@click.command(epilog=_EPILOG)
@click.argument("service", type=click.Choice(["x"]))
@click.option("--hours", type=click.FloatRange(min=0), default=24.0, show_default=True,
              help="Ask for posts that nobody has seen to stand for so long.")  # fmt: skip
@click.option("--max-usd", type=click.FloatRange(min=0), default=5.0, show_default=True, metavar="USD",
              help="Spend no more in this run; the rest is left for the next.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it costs; ask nothing.")
@click.option("--cron", is_flag=True, help="Say nothing unless something went wrong.")
@click.option("--connect-to", default="", metavar="HOST:PORT", help="Send every request there.")
@click.option("-v", "--verbose", count=True, help="Log each request's end (-v) or everything (-vv).")
@db_option
@json_option
def command(
    service: str, hours: float, max_usd: float, dry_run: bool, cron: bool, connect_to: str, verbose: int, db: Path,
    as_json: bool,
) -> int:  # fmt: skip
    """Ask SERVICE (x) for each stored post again, and erase what was deleted, protected or withdrawn there.

    It goes from every file, as with `harvest forget`; what was edited is replaced. Without an answer nothing is erased.
    """
    assert service == "x"
    if dry_run:
        return _dry_run(db, hours, max_usd, as_json=as_json)
    if not os.environ.get("X_BEARER_TOKEN", "").strip():
        raise ConfigError("X_BEARER_TOKEN is not set: X shows posts only to those who have a key; --dry-run needs none")
    from harvester.crawl import lock
    from harvester.crawl.comply import Wish, comply
    from harvester.crawl.interruption import heeding_signals
    from harvester.crawl.progress import Lines, Silent

    level = _LOG_LEVELS[min(verbose, 2)]
    watcher = (Silent if cron else Lines)(sys.stderr, verbose=bool(verbose))
    wish = Wish(db=db, hours=hours, max_usd=max_usd, connect_to=connect_to, log_level=level)
    with heeding_signals() as interruption, closing(open_for(db)) as conn, lock.hold(db, now=now()):
        done = comply(conn, wish, lambda: watcher, interruption)
    code = done.exit_code or int(bool(done.left or done.unanswered))
    if code:
        watcher.complain()
    if as_json:
        click.echo(json.dumps(_facts(done, code), ensure_ascii=False, indent=2))
    elif code or not cron:
        click.echo(_told(done), err=cron)
    if done.unopened:
        raise StorageError(
            f"{', '.join(done.unopened)}: cannot be opened and may still hold it; delete it, or have it repaired"
        )
    return code


def _dry_run(db: Path, hours: float, max_usd: float, *, as_json: bool) -> int:
    from harvester.crawl.comply import plan

    with closing(open_for(db, "ro")) as conn:
        wanted = plan(conn, now(), hours=hours, max_usd=max_usd)
    if as_json:
        told = {"posts": wanted.posts, "requests": wanted.requests, "max_usd": wanted.usd, "left": wanted.left}
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo(_planned(wanted, hours))
    return 0


def _planned(wanted: Plan, hours: float) -> str:
    cost = f"{wanted.requests:,} requests, at most {wanted.usd:.2f} USD"
    lines = [f"x: {wanted.posts:,} posts not seen to stand for {hours:g} hours: {cost}"]
    if wanted.left:
        lines.append(f"  left     {wanted.left:,} posts for which the money does not reach (--max-usd)")
    return "\n".join(lines)


def _facts(done: Summary, code: int) -> dict[str, object]:
    return {
        "service": "x", "checked": done.checked, "gone": done.gone, "edited": done.edited,
        "unanswered": done.unanswered, "left": done.left, "usd": round(done.usd, 4), "exit_code": code,
        "reasons": list(done.reasons), "unopened": list(done.unopened),
    }  # fmt: skip


def _told(done: Summary) -> str:
    from harvester.text import shown

    became = f"{done.gone:,} gone and erased, {done.edited:,} edited and replaced"
    lines = [f"x: {done.checked:,} posts checked, {became}; {done.usd:.2f} USD"]
    if done.unanswered:
        lines.append(f"  unchanged  {done.unanswered:,} posts without an answer: {shown('; '.join(done.reasons))}")
    if done.left:
        lines.append(f"  left       {done.left:,} posts for which the money does not reach (--max-usd)")
    return "\n".join(lines)
