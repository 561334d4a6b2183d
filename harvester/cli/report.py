"""`harvest report`: the numbers of one event, in the form that somebody needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, now, open_for, slug_of

if TYPE_CHECKING:
    from harvester.report.build import Report

FORMATS = ("terminal", "json", "csv", "markdown", "html")
_EPILOG = """\b
Examples:
  harvest report reinvent-2016
  harvest report reinvent-2016 --format html -o report.html
  harvest report reinvent-2016 --metric M02
  harvest report reinvent-2016 --json | jq '.[] | select(.metric == "M02.ratio")'
"""


@click.command(epilog=_EPILOG)
@click.argument("event")
@db_option
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default=None,
    help="terminal (unless told), json and csv: one row a number; markdown and html: also the posts behind them.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help="A file instead of the terminal.")
@click.option("--metric", "metrics", multiple=True, metavar="M02", help="Only this measure; may be repeated.")
@click.option("--plain", is_flag=True, help="No block characters.")
def command(
    event: str, db: Path, form: str | None, as_json: bool, output: Path | None, metrics: tuple[str, ...], plain: bool
) -> int:
    """Write the participants-against-media report of EVENT. Reads only; nothing is judged or fetched again.

    Every format tells the same numbers. The HTML file runs nothing and loads nothing: it can be mailed or put on a
    server as it is. With --metric one line a number is printed (or rows with json and csv); exit code 3 when a named
    measure is unmeasured altogether.
    """
    from harvester.report.rows import named

    form = _form(form, as_json=as_json, chosen=bool(metrics))
    metrics = _measures(metrics)
    report = _report(event, db)
    _put(_face(report, form, metrics, plain=plain), output, mark=form == "csv")
    asked = {name: [m.status for m in report.metrics if named(m.metric, (name,))] for name in metrics}
    return 3 if any(states and set(states) == {"unmeasured"} for states in asked.values()) else 0


def _form(form: str | None, *, as_json: bool, chosen: bool) -> str:
    if as_json and form not in (None, "json"):
        raise click.BadParameter(f"{form} and --json are two formats; keep one", param_hint="--format")
    form = "json" if as_json else form or "terminal"
    if chosen and form in ("markdown", "html"):
        repair = "use terminal, json or csv with --metric"
        raise click.BadParameter(f"{form} is always the whole report; {repair}", param_hint="--format")
    return form


def _measures(names: tuple[str, ...]) -> tuple[str, ...]:
    from harvester.report.build import MEASURES

    names = tuple(name[:1].upper() + name[1:] for name in names)
    for name in names:
        if name.split(".")[0] not in MEASURES:
            raise click.BadParameter(f"{name}: no such measure; there are {', '.join(MEASURES)}", param_hint="--metric")
    return names


def _report(event: str, db: Path) -> Report:
    from harvester.classify import RULES_VERSION
    from harvester.report.build import build
    from harvester.store.events import event_row
    from harvester.store.items import load_frame, load_items

    slug = slug_of(event)
    conn = open_for(db, "ro")
    try:
        row = event_row(conn, slug)
        conn.execute("BEGIN")  # one moment of the database, whatever a crawl is writing meanwhile
        frame = load_frame(conn, slug, as_of=now(), rules=RULES_VERSION)
        return build(load_items(conn, slug), frame, name=row["name"], city=row["city"] or "")
    finally:
        conn.close()


def _face(report: Report, form: str, metrics: tuple[str, ...], *, plain: bool) -> str:
    """The report in one format, as whole lines. Each face is imported only when it is asked for."""
    if form == "json":
        from harvester.report.rows import as_json, rows

        return as_json(rows(report, metrics), indent=2) + "\n"
    if form == "csv":
        from harvester.report import sheet

        return sheet.render(report, metrics)
    if form == "markdown":
        from harvester.report import markdown

        return markdown.render(report)
    if form == "html":
        from harvester.report import html

        return html.render(report)
    from harvester.report import terminal

    return terminal.lines_of(report, metrics) if metrics else terminal.render(report, plain=plain)


def _put(text: str, output: Path | None, *, mark: bool) -> None:
    """Onto the terminal, or into a file that appears when it is whole."""
    if output is None:
        click.echo(text, nl=False)
        return
    from harvester.cli._output import replacing

    with replacing(output) as file:
        file.write(f"\ufeff{text}" if mark else text)  # without it Excel reads Japanese as rubbish
