"""`harvest audit`: people check a random sample of the labels; counts and ratio are corrected by what they find."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli._common import db_option, json_option, now, open_for, slug_of, who_option
from harvester.errors import ConfigError

if TYPE_CHECKING:
    from harvester.measure.audit_sample import Story
    from harvester.measure.frame import Frame
    from harvester.measure.item import Item
    from harvester.store.connection import Connection

_SIZE = 50
_EPILOG = """\b
Examples:
  harvest audit reinvent-2016                            ask here, one story after the other
  harvest audit reinvent-2016 --export sample.csv        for people who work in a spreadsheet
  harvest audit reinvent-2016 --import sample.csv --who "Aoi"
  harvest audit reinvent-2016 --result
  harvest audit reinvent-2016 --result --json | jq '.[] | select(.metric == "M22.corrected_ratio")'
  harvest audit reinvent-2016 --weights

\b
Drawn are counted written stories: every one labelled media (few, and they divide the ratio) or unknown (no label that
could be right), and 50 of each other class, owned and aggregator too: what hides there belongs in the ratio. Stories
whose author a human decided already are not asked about. Fewer than 5 answers in a class say nothing.

\b
Exit codes: 0, 2 wrong option or sheet (nothing of it is stored), 3 nothing or not enough audited yet for --result or
  --weights, 130 stopped with Ctrl-C (what was answered is stored).
"""


@click.command(epilog=_EPILOG)
@click.argument("event")
@click.option("--seed", default="1", show_default=True, metavar="TEXT", help="Draws another sample; told with it.")
@click.option(
    "--size", type=click.IntRange(5, 100_000), default=_SIZE, show_default=True,
    help="Stories of each class but media and unknown, which are asked about whole.",
)  # fmt: skip
@who_option
@click.option("--export", "to", type=click.Path(path_type=Path), metavar="FILE", help="Write the sample as a CSV.")
@click.option("--import", "sheet", type=click.Path(path_type=Path), metavar="FILE", help="Read the filled-in CSV.")
@click.option("--replace", is_flag=True, help="With --import: let the sheet replace earlier answers.")
@click.option("--result", is_flag=True, help="Print agreement, corrected counts and ratio. Reads only.")
@click.option("--weights", is_flag=True, help="Print what the rules turn out to be worth. Reads only.")
@db_option
@json_option
def command(
    event: str, seed: str, size: int, who: str, to: Path | None, sheet: Path | None, replace: bool, result: bool,
    weights: bool, db: Path, as_json: bool,
) -> int:  # fmt: skip
    """Ask a human what stories of EVENT are, without showing what we took them for.

    Each answer is stored at once; stop and go on whenever you like, the same seed goes on with the same sample.
    """
    slug = slug_of(event)
    _check(to=to, sheet=sheet, replace=replace, result=result, weights=weights, as_json=as_json)
    if result:
        return _result(slug, db, as_json=as_json)
    if weights:
        return _weights(slug, db, as_json=as_json)
    if sheet is not None:
        return _take(slug, db, sheet, who, replace=replace)
    if to is not None:
        return _give(slug, db, to, seed, size)
    return _ask(slug, db, seed, size, who)


def _check(**given: Any) -> None:
    """Refuse options that exclude each other, before anything is opened."""
    modes = {"--export": given["to"], "--import": given["sheet"], "--result": given["result"],
             "--weights": given["weights"]}  # fmt: skip
    chosen = [name for name, value in modes.items() if value]
    if len(chosen) > 1:
        raise click.UsageError(f"{' and '.join(chosen)} are separate steps; name one of them")
    if given["as_json"] and not (given["result"] or given["weights"]):
        raise click.UsageError("--json goes with --result or --weights")
    if given["replace"] and not given["sheet"]:
        raise click.UsageError("--replace goes with --import")
    if not chosen and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError(
            "this is no terminal: `harvest audit EVENT --export FILE` writes the sample for a spreadsheet, and "
            "`harvest audit EVENT --import FILE` reads it back"
        )


def _posts(conn: Connection, slug: str) -> tuple[list[Item], Frame]:
    """The event's posts and what its numbers share; NotFoundError where there is no such event."""
    from harvester.classify import RULES_VERSION
    from harvester.store.items import load_frame, load_items

    frame = load_frame(conn, slug, as_of=now(), rules=RULES_VERSION)
    return load_items(conn, slug), frame


def _stories(conn: Connection, slug: str) -> list[Story]:
    from harvester.measure.audit_sample import stories

    return stories(*_posts(conn, slug))


def _drawn(conn: Connection, slug: str, seed: str, size: int) -> list[Story]:
    """The stories still to be asked about; says why where there is none."""
    from harvester.measure.audit_sample import draw

    found = _stories(conn, slug)
    left = draw(found, seed, size)
    asked = sum(bool(story.truth) for story in found)
    if not found:
        click.echo(f"{slug}: no counted written story to ask about; `harvest classify {slug}` judges what was found")
    elif not left:
        click.echo(f"{slug}: all {asked} stories of the sample are answered; see `harvest audit {slug} --result`")
    else:
        many = "story" if len(left) == 1 else "stories"
        click.echo(f"{slug}: {len(left)} {many} to ask about, {asked} answered so far (seed {seed})")
    return left


def _ask(slug: str, db: Path, seed: str, size: int, auditor: str) -> int:
    from harvester.cli._audit_ask import ask

    with closing(open_for(db)) as conn:
        left = _drawn(conn, slug, seed, size)
        if not left:
            return 0
        answered, stopped = ask(conn, slug, left, auditor)
    rest = len(left) - answered
    more = f"`harvest audit {slug}` goes on with {rest}, " if rest else ""
    click.echo(f"\n{answered} answered and stored; {more}`harvest audit {slug} --result` tells what they say")
    return 130 if stopped else 0


def _give(slug: str, db: Path, path: Path, seed: str, size: int) -> int:
    from harvester.cli._audit_sheet import write

    with closing(open_for(db, "ro")) as conn:
        left = _drawn(conn, slug, seed, size)
        if left:
            write(conn, slug, left, path, now())
            click.echo(f"Written to {path}: fill in the column truth, then\n  harvest audit {slug} --import {path}")
    return 0


def _take(slug: str, db: Path, path: Path, auditor: str, *, replace: bool) -> int:
    from harvester.cli._audit_sheet import read, store
    from harvester.store.events import event_row

    with closing(open_for(db)) as conn:
        event_row(conn, slug)
        lines, blank = read(conn, slug, path, replace=replace)
        counts = store(conn, slug, lines, auditor, now())
    told = [f"{counts['new']} new"] + [f"{n} {what}" for what, n in counts.items() if n and what != "new"]
    told += [f"{blank} without an answer"] if blank else []
    click.echo(f"{slug}: {', '.join(told)}; see `harvest audit {slug} --result`")
    return 0


def _result(slug: str, db: Path, *, as_json: bool) -> int:
    from harvester.cli._audit_told import METRICS, result_lines
    from harvester.measure import audit_rows
    from harvester.measure.audit_sample import stories
    from harvester.report.build import build
    from harvester.report.rows import as_json as written
    from harvester.report.rows import rows

    with closing(open_for(db, "ro")) as conn:
        conn.execute("BEGIN")  # one moment of the database, whatever somebody answers meanwhile
        report = build(*_posts(conn, slug), name=slug, families=(audit_rows.measure,))
    ratio = report.get("M22.corrected_ratio")
    if as_json:
        click.echo(written(rows(report, METRICS), indent=2))
    else:
        click.echo("\n".join(result_lines(report, stories(list(report.items), report.frame))))
    return 3 if ratio is None or ratio.status in ("unmeasured", "insufficient") else 0


def _weights(slug: str, db: Path, *, as_json: bool) -> int:
    from harvester.cli._audit_told import weight_lines, weight_rows
    from harvester.cli._audit_weights import audited
    from harvester.measure.weights import enough

    with closing(open_for(db, "ro")) as conn:
        conn.execute("BEGIN")
        items = audited(conn, slug, _stories(conn, slug))
    if as_json:
        click.echo(json.dumps(weight_rows(slug, items), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(weight_lines(slug, items)))
    return 0 if enough(items) else 3
