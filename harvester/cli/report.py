"""`harvest report`: the numbers of one event, in the form that somebody needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from harvester.cli._common import db_option, now, open_for, slug_of
from harvester.cli._faces import format_of, json_option, lang_option, output_option

if TYPE_CHECKING:
    from harvester.report.build import Report
    from harvester.report.language import Language

FORMATS = ("terminal", "json", "csv", "markdown", "html")
_OWN_EYES = ("terminal", "json", "csv")  # formats that stay with whoever ran the command, unless told otherwise
_EPILOG = """\b
Examples:
  harvest report reinvent-2016
  harvest report reinvent-2016 --format html -o report.html
  harvest report reinvent-2016 --lang ja --format markdown
  harvest report reinvent-2016 --internal --format html -o report-internal.html
  harvest report reinvent-2016 --charts slides/
  harvest report reinvent-2016 --metric M02
  harvest report reinvent-2016 --snapshots
  harvest report --snapshot 7 --format html -o again.html
  harvest report reinvent-2016 --json | jq '.[] | select(.metric == "M02.ratio")'
"""


@click.command(epilog=_EPILOG)
@click.argument("event", required=False, default="")
@db_option
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default=None,
    help="terminal (unless told), json and csv: one row a number; markdown and html: also the posts behind them.",
)  # fmt: skip
@json_option
@output_option
@click.option(
    "--metric", "metrics", multiple=True, metavar="M02", help="Only this measure, or M02.ratio; may be repeated."
)
@click.option("--plain", is_flag=True, help="No block characters.")
@click.option("--snapshot", type=click.IntRange(1), metavar="N", help="Print report N again as it was frozen.")
@click.option("--snapshots", is_flag=True, help="List the frozen reports of EVENT, newest first.")
@click.option("--no-snapshot", "kept", flag_value=False, default=True, help="Print only; freeze nothing.")
@lang_option("terminal, markdown and html")
@click.option(
    "--public/--internal",
    "public",
    default=None,
    help="Internal: with leader candidates and who answered whom, for the organisers' eyes.  [default: public for "
    "markdown and html, which are passed on; internal for terminal, json and csv]",
)
@click.option(
    "--charts", "charts", type=click.Path(path_type=Path, file_okay=False), default=None, metavar="DIR",
    help="Also write each chart into this folder, as SVG and PNG.",
)  # fmt: skip
def command(
    event: str, db: Path, form: str | None, as_json: bool, output: Path | None, metrics: tuple[str, ...], plain: bool,
    snapshot: int | None, snapshots: bool, kept: bool, lang: str, public: bool | None, charts: Path | None,
) -> int:  # fmt: skip
    """Write the participants-against-media report of EVENT; nothing is judged or fetched again.

    What was printed is frozen in the database under a number: --snapshot prints it again to the byte, `harvest diff`
    explains two. Where nothing has changed since the newest frozen report of EVENT, that one is printed, with its
    moment. A database that cannot be written is only read.

    Rows about people (leader candidates, who answered whom) are for the organisers: not in markdown and html unless
    --internal asks for them, and nowhere with --public. Who opted out is in no format at all. Every format tells the
    same numbers. The HTML file runs nothing and loads nothing: it can be mailed or put on a server as it is. With
    --metric one line a number is printed (or rows with json and csv); exit code 3 when a named measure is unmeasured
    altogether.
    """
    from harvester.cli import _frozen, _measures
    from harvester.cli._output import put
    from harvester.report.audience import visible
    from harvester.report.language import language

    form = _form(form, as_json=as_json, chosen=bool(metrics))
    metrics = _measures.names_of(metrics)
    if snapshots:
        return _frozen.listed(db, slug_of(event or _asked()), as_json=form == "json")
    report, finish = _frozen.again(db, snapshot, slug_of(event)) if snapshot else _report(event or _asked(), db), None
    if kept and not (snapshot or metrics):
        report, finish = _frozen.unchanged(db, report)
    shown, say = visible(report, internal=form in _OWN_EYES if public is None else not public), language(lang)
    put(_face(shown, form, metrics, say, plain=plain), output, mark=form == "csv")
    if charts:
        _drawn(shown, charts, say)
    if finish:
        finish()
    return _measures.answered(metrics, report, shown)


def _drawn(report: Report, folder: Path, say: Language) -> None:
    """The charts as files, told on stderr: stdout is the report's."""
    from harvester.cli import _charts

    made = _charts.write(report, folder, say)
    click.echo(f"{len(made)} files in {folder}" if made else f"nothing to draw yet; {folder} is empty", err=True)


def _asked() -> NoReturn:
    """Nobody said which event."""
    raise click.UsageError("name an EVENT, or a frozen report with --snapshot N")


def _form(form: str | None, *, as_json: bool, chosen: bool) -> str:
    form = format_of(form, as_json=as_json)
    if chosen and form in ("markdown", "html"):
        repair = "use terminal, json or csv with --metric"
        raise click.BadParameter(f"{form} is always the whole report; {repair}", param_hint="--format")
    return form


def _report(event: str, db: Path) -> Report:
    from harvester.classify import RULES_VERSION
    from harvester.report.build import build
    from harvester.store.events import event_row
    from harvester.store.items import load_frame, shelf_of

    slug = slug_of(event)
    conn = open_for(db, "ro")
    try:
        row = event_row(conn, slug)
        conn.execute("BEGIN")  # one moment of the database, whatever a crawl is writing meanwhile
        shelf = shelf_of(conn)
        frame = load_frame(conn, slug, as_of=now(), rules=RULES_VERSION, shelf=shelf)
        return build(list(shelf.items(slug)), frame, name=row["name"], city=row["city"] or "")
    finally:
        conn.close()


def _face(report: Report, form: str, metrics: tuple[str, ...], say: Language, *, plain: bool) -> str:
    """The report in one format, as whole lines. Each face is imported only when it is asked for."""
    if form == "json":
        from harvester.report.rows import as_json, rows

        return as_json(rows(report, metrics), indent=2) + "\n"
    if form == "csv":
        from harvester.report import sheet

        return sheet.render(report, metrics)
    if form == "markdown":
        from harvester.report import markdown

        return markdown.render(report, say)
    if form == "html":
        from harvester.report import html

        return html.render(report, say)
    from harvester.report import terminal

    return terminal.lines_of(report, metrics, say) if metrics else terminal.render(report, say, plain=plain)
