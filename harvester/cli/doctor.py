"""`harvest doctor`: what is wrong here, and the repair."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from harvester.cli._common import db_option, json_option, now

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.doctor.judge import Finding

_EPILOG = """\b
Examples:
  harvest doctor
  harvest doctor --db /home/me/harvest.db
  harvest doctor --json | jq -r '.findings[] | select(.level != "ok") | .repair'

\b
Exit codes: 0 no problem (warnings do not count), 1 at least one problem.
"""


@click.command(epilog=_EPILOG)
@db_option
@json_option
@click.option("--min-free", type=click.IntRange(0), default=200, show_default=True, metavar="MB",
              envvar="HARVEST_MIN_FREE", help="The free disk space that a crawl wants.")  # fmt: skip
@click.option("--spiders", multiple=True, default=("spiders",), hidden=True, help="Packages of sources.")
def command(db: Path, as_json: bool, min_free: int, spiders: tuple[str, ...]) -> int:
    """Check the machine, the folder of the database and its state: a line for each, with a repair where one is due.

    Reads only, asks nobody on the network, and works before there is a database. Credentials are told by name, never
    by value. Whether stored texts are intact is what `harvest verify` checks.
    """
    from harvester.doctor import gather
    from harvester.doctor.judge import judge

    at = now()
    place = gather.place(db, min_free, at)
    findings = judge(gather.machine(at, os.environ, spiders, place.contents), place)
    problems = sum(finding.level == "problem" for finding in findings)
    if as_json:
        told = {"database": str(db), "problems": problems, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(line for finding in findings for line in _lines(finding)))
    return 1 if problems else 0


def _lines(finding: Finding) -> list[str]:
    from harvester.text import shown

    told = wrap(shown(finding.told), 100, break_long_words=False, break_on_hyphens=False)
    lines = [f"{finding.level:<8} {finding.subject:<16} {told[0]}", *(f"{'':25} {line}" for line in told[1:])]
    if finding.repair:
        lines.append(f"{'':25} -> {shown(finding.repair)}")
    return lines
