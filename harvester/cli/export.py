"""Write an event's records as interchange JSONL or CSV."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from harvester.cli import _common
from harvester.cli._output import replacing

if TYPE_CHECKING:
    from harvester.store.connection import Connection


_EPILOG = """\b
Examples:
  harvest export reinvent-2016 -o reinvent-2016.jsonl
  harvest export cmc-meetup-1 cmc-meetup-2 | gzip > series.jsonl.gz
  harvest export reinvent-2016 --format csv -o posts.csv
"""


@click.command("export", epilog=_EPILOG)
@click.argument("events", nargs=-1, required=True, metavar="EVENT...")
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True,
    help="jsonl: everything, to import again (docs/interchange.md); csv: the posts, for a spreadsheet.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help="A file instead of the terminal.")
@_common.db_option
def command(events: tuple[str, ...], form: str, output: Path | None, db: Path) -> None:
    """Write what is known about EVENTs: posts, authors, who said what they are, where they were seen.

    Lines come in one order: the same data gives the same file. Texts are other people's: mind what you pass on.
    """
    from harvester.store.events import event_row

    with contextlib.closing(_common.open_for(db, "ro")) as conn:
        slugs = [_common.slug_of(event) for event in events]
        for slug in slugs:
            event_row(conn, slug)
        conn.execute("BEGIN")  # one moment of the database, whatever a crawl is writing meanwhile
        if output is None:
            _write(conn, slugs, form, sys.stdout)
            return
        with replacing(output) as file:
            if form == "csv":
                file.write("\ufeff")  # without it Excel reads Japanese as rubbish
            _write(conn, slugs, form, file)


def _write(conn: Connection, slugs: list[str], form: str, file: IO[str]) -> None:
    from harvester.store import exchange
    from harvester.store.sheet import rows

    lines = exchange.lines(conn, slugs) if form == "jsonl" else rows(conn, slugs)
    for line in lines:
        file.write(line + "\n")
