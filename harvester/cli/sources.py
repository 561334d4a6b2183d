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
    from collections.abc import Mapping

    from harvester.event import Event
    from harvester.options import Option
    from harvester.source import Source

_EPILOG = """\b
Examples:
  harvest sources
  harvest sources reinvent-2016              with the limits of that event
  harvest sources --json | jq -r '.[] | select(.ready) | .name'

\b
Options stand in the event file under [source.NAME]; docs/sources.md has them all.
"""


@click.command(epilog=_EPILOG)
@click.argument("event", required=False, default="")
@db_option
@json_option
@click.option("--spiders", multiple=True, default=("spiders",), hidden=True, help="Packages of sources.")
def command(event: str, db: Path, as_json: bool, spiders: tuple[str, ...]) -> int:
    """List every source: what it is, what it adds to a report, its options, whether its credentials are set.

    And its budgets: what may be used a crawl and a month, by the event file of EVENT or else by default, and what was.

    Exit code 70 when a source's file cannot be loaded.
    """
    from harvester.crawl import catalogue
    from harvester.options import COMMON

    known = catalogue.load(spiders)
    used, tables = _used(event, db)
    rows = [
        _row(name, kind) | {"budget": _budgets.budget(kind, tables.get(name, {}), used.get(name))}
        for name, kind in known.sources.items()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        lines = [line for row in rows for line in (*_lines(row), *_options(known.sources[row["name"]].option_specs))]
        click.echo("\n".join([*lines, "each of them", *_options(COMMON)]))
    for problem in known.broken.values():
        click.echo(f"Error: cannot be loaded: {problem}", err=True)
    return 70 if known.broken else 0


def _used(reference: str, db: Path) -> tuple[dict[str, _budgets.Used], Mapping[str, dict[str, Any]]]:
    """What each source has used, and the tables of sources of the event; a database that is not there tells nothing."""
    event: Event | None = read_event(Path(reference)) if reference.endswith(".toml") else None
    if not db.is_file() and (event or not reference):
        return {}, event.sources if event else {}
    try:
        with closing(open_for(db, "ro")) as conn:
            if reference and event is None:
                from harvester.store.events import load_event

                event = load_event(conn, reference)
            return _budgets.used(conn, event.slug if event else "", now()), event.sources if event else {}
    except HarvestError as error:
        if reference and event is None:
            raise
        click.echo(f"Warning: what was used is not shown: {error}", err=True)
        return {}, event.sources if event else {}


def _row(name: str, kind: type[Source]) -> dict[str, Any]:
    from harvester.crawl.catalogue import missing_keys

    missing = missing_keys(kind, os.environ)
    return {
        "name": name, "label": kind.label, "contributes": kind.contributes, "ready": not missing,
        "needs": list(kind.needs), "missing": list(missing), "optional_keys": list(kind.optional_keys),
        "options": {option: _option(spec) for option, spec in kind.all_options().items()},
        "opt_in": kind.opt_in, "policy": kind.policy, "follows": kind.follows, "platforms": list(kind.platforms),
    }  # fmt: skip


def _option(spec: Option) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in ("kind", "default", "minimum", "choices", "doc")}


def _lines(row: dict[str, Any]) -> list[str]:
    lines = [f"{row['name']:<12}{row['label']}"]
    if row["contributes"]:
        lines.append(f"{'':12}adds: {row['contributes']}")
    if row["missing"]:
        lines.append(f"{'':12}needs: {', '.join(row['missing'])} (not set: it will be skipped)")
    elif row["needs"]:
        lines.append(f"{'':12}needs: {', '.join(row['needs'])} (set)")
    if unset := [name for name in row["optional_keys"] if not os.environ.get(name, "").strip()]:
        lines.append(f"{'':12}more with: {', '.join(unset)}")
    if told := _budgets.line(row["budget"]):
        lines.append(f"{'':12}budget: {told}")
    if row["opt_in"]:
        lines.append(f"{'':12}only when the event file has [source.{row['name']}]")
    return lines


def _options(specs: Mapping[str, Option]) -> list[str]:
    """A line for each option; the default stands as in the event file."""
    told = ((name, spec, spec.shown_default()) for name, spec in specs.items())
    return [
        f"{'':12}option {name} = {default}: {spec.doc}" if default != "–" else f"{'':12}option {name}: {spec.doc}"
        for name, spec, default in told
    ]
