"""How a report is asked for: the options and the format that `harvest report` and `harvest compare` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.report.language import CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    Option = Callable[[Any], Any]

json_option: Option = click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
output_option: Option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=None, help="A file instead of the terminal."
)


def lang_option(of: str) -> Option:
    """--lang; `of` names the formats that are in a language."""
    return click.option(
        "--lang", type=click.Choice(CODES), default="en", envvar="HARVEST_LANG", show_default=True, show_envvar=True,
        help=f"Language of {of}; json and csv have none.",
    )  # fmt: skip


def format_of(form: str | None, *, as_json: bool) -> str:
    """The format that --format and --json ask for. Raises BadParameter where they ask for two."""
    if as_json and form not in (None, "json"):
        raise click.BadParameter(f"{form} and --json are two formats; keep one", param_hint="--format")
    return "json" if as_json else form or "terminal"
