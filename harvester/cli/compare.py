"""`harvest compare`: editions of a series side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, now, open_for, slug_of
from harvester.cli._faces import format_of, json_option, lang_option, output_option

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.report.compare import Comparison
    from harvester.report.language import Language
    from harvester.store.connection import Connection

FORMATS = ("terminal", "json", "csv", "html")
_EPILOG = """\b
Examples:
  harvest compare meetup-1 meetup-2 meetup-3
  harvest compare meetup                       (a series: all its editions)
  harvest compare meetup --format html -o trend.html
  harvest compare meetup --json | jq '.[] | select(.metric == "M18.change")'
"""


@click.command(epilog=_EPILOG)
@click.argument("events", metavar="EVENT...", nargs=-1, required=True)
@db_option
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default=None,
    help="terminal (unless told), html; json and csv: one row a number and edition, as in a report.",
)  # fmt: skip
@json_option
@output_option
@click.option("--plain", is_flag=True, help="No box characters.")
@lang_option("terminal and html")
def command(
    events: tuple[str, ...], db: Path, form: str | None, as_json: bool, output: Path | None, plain: bool, lang: str
) -> int:
    """Compare EVENTs, or all editions of a series (its name, or one of its events). Reads only.

    Each number is that of the edition's own report. "More" and "fewer" are said only where luck alone does not explain
    it; otherwise there is no clear change. A mark shows where editions were harvested by different recipes (other
    sources, questions or rules) and do not compare.
    """
    from harvester.cli._output import put
    from harvester.report.language import language

    form = format_of(form, as_json=as_json)
    put(_face(_compared(events, db), form, language(lang), plain=plain), output, mark=form == "csv")
    return 0


def _compared(events: tuple[str, ...], db: Path) -> Comparison:
    from harvester.classify import RULES_VERSION
    from harvester.report.build import build
    from harvester.report.compare import COMPARED, compared
    from harvester.store.events import event_row
    from harvester.store.items import load_frame, shelf_of

    moment, reports = now(), []
    conn = open_for(db, "ro")
    try:
        conn.execute("BEGIN")  # one moment of the database for all of them
        slugs, shelf = _slugs(conn, events), shelf_of(conn)
        for slug in slugs:
            row, frame = event_row(conn, slug), load_frame(conn, slug, as_of=moment, rules=RULES_VERSION, shelf=shelf)
            items = list(shelf.items(slug))
            reports.append(build(items, frame, name=row["name"], city=row["city"] or "", families=COMPARED))
    finally:
        conn.close()
    return compared(reports)


def _slugs(conn: Connection, events: tuple[str, ...]) -> list[str]:
    from harvester.store.events import event_row
    from harvester.store.series import editions_named

    named = [slug_of(event) for event in events]
    slugs = editions_named(conn, named[0]) if len(named) == 1 else list(dict.fromkeys(named))
    for slug in slugs:
        event_row(conn, slug)
    if len(slugs) < 2:
        repair = "name two, or give the event files of its other editions the same `series`"
        raise click.UsageError(f"{slugs[0]} is the only edition there is to compare; {repair}")
    return slugs


def _face(found: Comparison, form: str, say: Language, *, plain: bool) -> str:
    """The comparison in one format, as whole lines."""
    if form == "json":
        from harvester.report.rows import as_json, rows

        return as_json([row for at in range(len(found.reports)) for row in rows(found.rows_of(at))], indent=2) + "\n"
    if form == "csv":
        from harvester.report import sheet

        parts = [sheet.render(found.rows_of(at)) for at in range(len(found.reports))]
        return parts[0] + "".join(part.partition("\n")[2] for part in parts[1:])
    if form == "html":
        from harvester.report import compare_charts, compare_page, html

        return html.written(compare_page.page(found, say), say, compare_charts.charts(found, say))
    from harvester.report import compare_terminal

    return compare_terminal.render(found, say, plain=plain)
