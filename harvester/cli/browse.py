"""`harvest browse`: Datasette on the database, read-only, on this machine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, open_for
from harvester.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="\b\nExamples:\n  harvest browse\n  harvest browse --db jaws.db --port 8080 --open")
@db_option
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the default browser.")
def command(db: Path, port: int, open_browser: bool) -> None:
    """Browse the database in Datasette until Ctrl-C. Nothing can be written through it.

    It answers on 127.0.0.1 only: the file holds people's names and texts and is not meant to be served to others.
    """
    from harvester.browse.serve import serve

    open_for(db, "ro").close()
    port = _free(port)
    url = f"http://127.0.0.1:{port}/{db.stem}"
    click.echo(f"Browse {url}   (Ctrl-C ends it)")
    if open_browser:
        click.launch(url)
    serve(db, port)


def _free(port: int) -> int:
    """`port`, or a free one for 0; ConfigError when somebody listens there already."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(f"port {port} is taken; choose another with --port, or --port 0 for any") from error
        return int(probe.getsockname()[1])
