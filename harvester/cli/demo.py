"""`harvest demo`: crawl a synthetic web on this machine and compare the report with what is true."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvester.cli._common import json_option

if TYPE_CHECKING:
    from harvester.demo.run import Outcome
    from harvester.demo.server import Server

_EPILOG = """\b
Examples:
  harvest demo                 the default world: 123 stories by participants, 20 by media
  harvest demo --seed 3        another world with its own truth
  harvest demo --keep          crawl again into the database of the last run: nothing new
  harvest demo --serve         leave the synthetic web running, to try commands on it

\b
Exit codes: 0 when precision and recall are at least 0.97, 1 when they are not.
"""


@click.command(epilog=_EPILOG)
@click.option("--seed", type=click.IntRange(0), default=2016, show_default=True, help="Which world to invent.")
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), help="Database. [harvest-demo-SEED/harvest.db]")
@click.option("--keep", is_flag=True, help="Go on with the last run's folder instead of starting anew.")
@click.option("--serve", is_flag=True, help="Keep the synthetic web running until Ctrl-C.")
@json_option
def command(seed: int, db: Path | None, keep: bool, serve: bool, as_json: bool) -> int:
    """Invent a web around an event, crawl it for real, and compare the report with the truth.

    Everything stays on 127.0.0.1 and in the folder harvest-demo-SEED.
    """
    from harvester.demo.run import prepare, run

    setup = prepare(seed, db, keep=keep)
    outcome, server = run(setup, _nothing if as_json else click.echo, quiet=as_json)
    try:
        click.echo(outcome.as_json() if as_json else _farewell(outcome))
        if serve:
            _serve(outcome, server)
    finally:
        server.stop()
    return outcome.exit_code


def _nothing(text: str) -> None:
    """Takes the lines for people when JSON is wanted."""


def _farewell(outcome: Outcome) -> str:
    from harvester.demo.world import SLUG

    setup = outcome.setup
    return (
        f"\n{outcome.seconds:.0f} seconds. Look around:\n"
        f"  harvest browse --db {_shown(setup.db)}\n"
        f"  harvest report {SLUG} --db {_shown(setup.db)}\n"
        f"  truth: {_shown(setup.folder / 'truth.json')}, event file: {_shown(setup.event)}"
    )


def _shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _serve(outcome: Outcome, server: Server) -> None:
    from harvester.demo.world import BEARER

    setup = outcome.setup
    click.echo(
        f"\nThe synthetic web answers at {server.address} until Ctrl-C. Try, in another terminal:\n"
        f"  export X_BEARER_TOKEN={BEARER}\n"
        f"  harvest crawl {_shown(setup.event)} --db {_shown(setup.db)} --connect-to {server.address}\n"
        f"  curl -H 'Host: qiita.com' http://{server.address}/api/v2/items",
        err=True,
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
