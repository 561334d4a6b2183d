"""`harvest backup`: a copy of the database that can be relied on."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from harvester.cli._common import db_option, json_option, now

_EPILOG = """\b
Examples:
  harvest backup
  harvest backup --to /mnt/usb/harvest --keep 30

\b
Every night, after the crawl:
  30 6 * * * harvest backup --db /home/me/harvest.db --quiet
"""


@click.command(epilog=_EPILOG)
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=None, metavar="FOLDER",
    help="Where to.  [default: DB.backups, beside the database]",
)  # fmt: skip
@click.option("--keep", type=click.IntRange(1), default=7, show_default=True, help="How many backups stay there.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something went wrong.")
@db_option
@json_option
def command(folder: Path | None, keep: int, quiet: bool, db: Path, as_json: bool) -> None:
    """Copy the database as it is now, also while a crawl writes, and check the copy.

    A kill or a full disk leaves the earlier backups as they are. The archive of fetched pages is not copied: it can
    be fetched again. Neither is the key of erasures (DB.key), so that no copy tells what was erased.
    """
    from harvester.store.backup import backup, existing, folder_for
    from harvester.store.connection import open_as_is
    from harvester.store.health import post_count
    from harvester.text import shown

    folder = folder or folder_for(db)
    with closing(open_as_is(db)) as conn:
        made = backup(conn, folder, now(), keep=keep)
        posts = post_count(conn)
    size, kept = made.stat().st_size, existing(folder, made.stem[:-17])
    if as_json:
        told = {"backup": str(made), "bytes": size, "kept": [path.name for path in kept]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    elif not quiet:
        click.echo(f"{shown(str(made))}: {size / 1e6:,.1f} MB, {posts:,} posts, checked; {len(kept)} kept there")
