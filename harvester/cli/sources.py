"""`harvest sources`: what can be crawled, what each source needs, and what it has used of its budgets.

It works without a database, and with one that cannot be read: then nothing is known of what was used.
"""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli import _budgets
from harvester.cli._common import db_option, json_option, now, open_for, read_event
from harvester.errors import HarvestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.crawl.catalogue import Catalogue
    from harvester.event import Event
    from harvester.options import Option
    from harvester.source import Source

_EPILOG = """\b
Examples:
  harvest sources
  harvest sources reinvent-2016              with the limits of that event
  harvest sources qiita x                    everything about these two, with their options
  harvest sources reinvent-2016 x            the same, with the limits of that event
  harvest sources --json | jq -r '.[] | select(.ready) | .name'

\b
Options stand in the event file under [source.NAME]; docs/sources.md explains them all.
"""


@click.command(epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[EVENT] [NAME]...")
@click.option("--long", is_flag=True, help="Everything about every source, with its options.")
@db_option
@json_option
@click.option("--spiders", multiple=True, default=("spiders",), hidden=True, help="Packages of sources.")
def command(names: tuple[str, ...], long: bool, db: Path, as_json: bool, spiders: tuple[str, ...]) -> int:
    """List every source in a line: whether it runs or what it needs for that, what it may use, what it adds.

    With the NAME of a source, or --long: also its keys, its options, and what was used of its budgets. With EVENT as
    its event file switches and limits them, else as they are by default.

    Exit code 70 when a source's file cannot be loaded.
    """
    from harvester.crawl import catalogue

    known = catalogue.load(spiders)
    wanted = [name for name in names if name in known.sources]
    used, event = _used(_event_among(names, known.sources), db)
    rows = [_row(known, known.sources[name], event, used.get(name)) for name in wanted or known.sources]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_text(rows, known, long=long or bool(wanted))))
    for problem in known.broken.values():
        click.echo(f"Error: cannot be loaded: {problem}", err=True)
    return 70 if known.broken else 0


def _event_among(names: Sequence[str], sources: Iterable[str]) -> str:
    """The one word that is no source. Raises a usage error for more of them."""
    others = [name for name in names if name not in sources]
    if len(others) > 1:
        raise click.UsageError(f"no sources, and not all of them an event: {', '.join(others)}; see `harvest sources`")
    return others[0] if others else ""


def _text(rows: list[dict[str, Any]], known: Catalogue, *, long: bool) -> list[str]:
    from harvester.cli import _listed
    from harvester.options import COMMON

    if not long:
        return _listed.overview(rows, known.sources)
    lines = [line for row in rows for line in _listed.details(row, known.sources[row["name"]])]
    return [*lines, "each of them", *_listed.options(COMMON)]


def _used(reference: str, db: Path) -> tuple[dict[str, _budgets.Used], Event | None]:
    """What each source has used, and the event that is meant; a database that is not there tells nothing."""
    event: Event | None = read_event(Path(reference)) if reference.endswith(".toml") else None
    if not db.is_file() and (event or not reference):
        return {}, event
    try:
        with closing(open_for(db, "ro")) as conn:
            if reference and event is None:
                from harvester.store.events import load_event

                event = load_event(conn, reference)
            return _budgets.used(conn, event.slug if event else "", now()), event
    except HarvestError as error:
        if reference and event is None:
            raise
        click.echo(f"Warning: what was used is not shown: {error}", err=True)
        return {}, event


def _row(known: Catalogue, kind: type[Source], event: Event | None, used: _budgets.Used | None) -> dict[str, Any]:
    from harvester.cli import _listed
    from harvester.crawl import catalogue

    missing = catalogue.missing_keys(kind, os.environ)
    opted = {kind.name: "opt-in"} if kind.opt_in else {}
    left_out = catalogue.off(known, event) if event else opted
    table = event.sources.get(kind.name, {}) if event else {}
    return {
        "name": kind.name, "state": _listed.state(kind, left_out), "label": kind.label,
        "contributes": kind.contributes, "ready": not missing,
        "needs": list(kind.needs), "missing": list(missing), "optional_keys": list(kind.optional_keys),
        "key_from": kind.key_from, "options": {option: _option(spec) for option, spec in kind.all_options().items()},
        "opt_in": kind.opt_in, "policy": kind.policy, "follows": kind.follows, "platforms": list(kind.platforms),
        "budget": _budgets.budget(kind, table, used), "most": _most(kind, event),
    }  # fmt: skip


def _most(kind: type[Source], event: Event | None) -> int:
    """Requests that a crawl may make at most when the source has no budget of its own."""
    from harvester.crawl.session import page_limit
    from harvester.event.data import Crawl
    from harvester.settings import HARVEST_PAGES

    if event is None:
        return Crawl().max_pages if kind.follows else HARVEST_PAGES
    return page_limit(event, kind, HARVEST_PAGES)


def _option(spec: Option) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in ("kind", "default", "minimum", "choices", "doc")}
