"""`harvest init`: an event file from flags, or from a few questions. It never replaces a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli._questions import ask_for, name_of, outlet
from harvester.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

_EPILOG = """\b
Examples:
  harvest init my-event.toml                         asks what it needs
  harvest init cmc-3.toml --name "CMC Meetup vol.3" --starts 2017-03-10 \\
      --timezone Asia/Tokyo --hashtag CMC_Meetup
  harvest init reinvent.toml --name "AWS re:Invent 2016" --starts 2016-11-28 --ends 2016-12-02 \\
      --timezone America/Los_Angeles --report-timezone Asia/Tokyo --hashtag reInvent \\
      --organiser "x:@awscloud" --vendor-name "Amazon Web Services" \\
      --media "Publickey=www.publickey1.jp,https://www.publickey1.jp/atom.xml"
  harvest init - --name "My Meetup" --starts 2026-11-30 --timezone Asia/Tokyo   prints it
"""
_REQUIRED = ("name", "starts", "timezone")
# flag → (key of the event file, help)
_TEXTS = {
    "--name": ("name", "Its name as people write it, edition included."),
    "--starts": ("starts", "First day or moment, as 2026-11-30 or 2026-11-30T19:00:00."),
    "--ends": ("ends", "Last day, inclusive. Default: the first day."),
    "--timezone": ("timezone", "IANA zone of the venue, as Asia/Tokyo."),
    "--report-timezone": ("report_timezone", "IANA zone that reports count days in. Default: the venue's."),
    "--slug": ("slug", "Short name for commands, in ASCII. Default: the file's name."),
    "--series": ("series", "The same word for all editions."),
    "--edition": ("edition", "Which edition: a year or volume."),
    "--city": ("city", "Where, or `online`."),
}
_LISTS = {
    "--spelling": ("names", "Another spelling of the name; may be repeated."),
    "--hashtag": ("hashtags", "A hashtag; may be repeated."),
    "--negative": ("negative", "A word that means another event; may be repeated."),
    "--official-host": ("official_hosts", "A site of the organiser or vendor; may be repeated."),
    "--official-handle": ("official_handles", "An account of theirs, as x:@name; may be repeated."),
    "--vendor-name": ("vendor_names", "The company behind it; may be repeated."),
    "--organiser": ("organisers", "A name, platform:handle or address; may be repeated."),
    "--event-url": ("event_urls", "A page of the event; may be repeated."),
    "--feed": ("feeds", "A feed to read; may be repeated."),
    "--page": ("pages", "A page to start from; may be repeated."),
}


def _flags(function: Callable[..., Any]) -> Callable[..., Any]:
    """Every key that has a flag, in the order of the file."""
    for flags, multiple in ((_LISTS, True), (_TEXTS, False)):
        for flag, (key, text) in reversed(flags.items()):
            function = click.option(flag, key, multiple=multiple, help=text)(function)
    return function


@click.command(epilog=_EPILOG)
@click.argument("file", required=False, metavar="FILE")
@_flags
@click.option(
    "--media", "media", multiple=True, metavar="NAME=HOST[,FEED]",
    help="A news outlet, its hosts and its feed's address; may be repeated. Without any, the ratio is unmeasured.",
)  # fmt: skip
@click.option("--ask/--no-ask", default=None, help="Ask for what is missing. Default: on a terminal.")
def command(file: str | None, media: tuple[str, ...], ask: bool | None, **given: Any) -> int:
    """Write the event file FILE (`-` prints it), from flags or by asking.

    Nothing is written before the whole file was checked, and a file that exists is never replaced.
    """
    asking = sys.stdin.isatty() if ask is None else ask
    if file and file != "-":
        _free(Path(file))
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items() if value}
    if media:
        values["media"] = [outlet(entry) for entry in media]
    _refuse(values)
    if asking:
        file = ask_for(values, file, _free)
    missing = [f"--{key}" for key in _REQUIRED if not values.get(key)]
    if not file or missing:
        wanted = " ".join(["FILE"] * (not file) + missing)
        raise click.UsageError(f"missing {wanted}; give them, or run `harvest init --ask`")
    _settle_slug(values, file)
    text = _written(values, file)
    if file == "-":
        click.echo(text, nl=False)
        return 0
    _write(Path(file), text)
    if not values.get("media"):
        click.echo("no media outlet is listed: until [[media]] names some, the ratio is unmeasured", err=True)
    click.echo(f"wrote {file}; next: harvest crawl {file}", err=True)
    return 0


def _refuse(values: dict[str, Any]) -> None:
    """Raise ConfigError with everything that is wrong with the flags, each by its name."""
    from harvester.event import faults

    flags = {key: flag for flag, (key, _) in (_TEXTS | _LISTS).items()} | {"media": "--media"}
    found = tuple(f"{flags[key.partition('.')[0]]}: {problem}" for key, problem in faults(values))
    if found:
        raise ConfigError("\n".join(found), found)


def _free(path: Path) -> None:
    folder = path.absolute().parent
    if path.exists() or path.is_symlink():
        raise ConfigError(f"{path}: exists and is left as it is; choose another name or remove it")
    if not folder.is_dir():
        raise ConfigError(f"{path}: its folder does not exist; make it first")
    if not os.access(folder, os.W_OK):
        raise ConfigError(f"{path}: its folder is not writable; choose another one")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except FileExistsError as error:
        raise ConfigError(f"{path}: exists and is left as it is; choose another name or remove it") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error


def _settle_slug(values: dict[str, Any], file: str) -> None:
    """The slug that the flags or the file's name give; one that would be the next event's too is not made up."""
    from harvester.event import slug_from

    source = name_of(file) or values["name"]
    made = values.get("slug") or slug_from(source)
    if not made:
        hint = slug_from(values["name"]) or "osaka-2026"
        raise click.UsageError(
            f"no short name can be made of {source!r}; add --slug with letters a-z, digits and hyphens that no other "
            f"event of yours has, as --slug {hint}"
        )
    values["slug"] = made


def _written(values: dict[str, Any], file: str) -> str:
    """The file's text, checked; days and times are brought into the TOML form."""
    from harvester.event import load, render

    for key in ("starts", "ends"):
        if values.get(key):
            values[key] = _toml_date(values[key], values["timezone"])
    text = render(values, media=values.get("media", ()))
    load(text, file)
    return text


def _toml_date(written: str, zone: str) -> str:
    """`2016-12-21` or `2016-12-21T19:00:00` (local) of any date we read, else what was written."""
    from harvester import dates

    when = dates.parse(written, zone=zone)
    if when.at is None or when.precision not in ("day", "minute", "second"):
        return written
    local = when.at.astimezone(dates.zone_of(zone))
    return local.date().isoformat() if when.precision == "day" else local.strftime("%Y-%m-%dT%H:%M:%S")
