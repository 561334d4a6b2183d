"""`harvest report`: the numbers of one event, on the terminal or as JSON rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, now, open_for, slug_of

if TYPE_CHECKING:
    from pathlib import Path

_EPILOG = """\b
Examples:
  harvest report reinvent-2016
  harvest report reinvent-2016 --metric M02
  harvest report reinvent-2016 --json | jq '.[] | select(.metric == "M02.ratio")'
"""


@click.command(epilog=_EPILOG)
@click.argument("event")
@db_option
@json_option
@click.option("--metric", "metrics", multiple=True, metavar="M02", help="Only this measure; may be repeated.")
@click.option("--plain", is_flag=True, help="No block characters.")
def command(event: str, db: Path, as_json: bool, metrics: tuple[str, ...], plain: bool) -> int:
    """Print the participants-against-media report of EVENT. Reads only; nothing is judged or fetched again.

    With --metric one line a number is printed (or JSON with --json); exit code 3 when a named measure is
    unmeasured altogether.
    """
    from harvester.classify import RULES_VERSION
    from harvester.report import rows as contract
    from harvester.report.build import MEASURES, build
    from harvester.report.terminal import line_of, render
    from harvester.store.events import event_row
    from harvester.store.items import load_frame, load_items

    metrics = tuple(name[:1].upper() + name[1:] for name in metrics)
    for name in metrics:
        if name.split(".")[0] not in MEASURES:
            raise click.BadParameter(f"{name}: no such measure; there are {', '.join(MEASURES)}", param_hint="--metric")
    slug = slug_of(event)
    conn = open_for(db, "ro")
    try:
        row = event_row(conn, slug)
        frame = load_frame(conn, slug, as_of=now(), rules=RULES_VERSION)
        report = build(load_items(conn, slug), frame, name=row["name"], city=row["city"] or "")
    finally:
        conn.close()
    chosen = contract.rows(report, metrics)
    if as_json:
        click.echo(json.dumps(chosen, ensure_ascii=False, indent=2))
    elif metrics:
        click.echo("\n".join(line_of(metric) for metric in report.metrics if contract.named(metric.metric, metrics)))
    else:
        click.echo(render(report, plain=plain), nl=False)
    asked = {name: [r["status"] for r in chosen if contract.named(r["metric"], (name,))] for name in metrics}
    return 3 if any(states and set(states) == {"unmeasured"} for states in asked.values()) else 0
