"""`harvest init`: an event file from flags, or from a few questions. It never replaces a file."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
      --vendor-name "Amazon Web Services" --media "Publickey=www.publickey1.jp"
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
    "--slug": ("slug", "Short name for commands. Default: the file's name."),
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
@click.option("--media", "media", multiple=True, metavar="NAME=HOST", help="A news outlet; may be repeated.")
@click.option("--ask/--no-ask", default=None, help="Ask for what is missing. Default: on a terminal.")
def command(file: str | None, media: tuple[str, ...], ask: bool | None, **given: Any) -> int:
    """Write the event file FILE (`-` prints it), from flags or by asking.

    Nothing is written before the whole file was checked, and a file that exists is never replaced.
    """
    from harvester.event import load

    asking = sys.stdin.isatty() if ask is None else ask
    if file and file != "-":
        _free(Path(file))
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items() if value}
    if asking:
        _ask(values)
    file = file or (_ask_file(values) if asking else None)
    missing = [f"--{key}" for key in _REQUIRED if not values.get(key)]
    if not file or missing:
        wanted = " ".join(["FILE"] * (not file) + missing)
        raise click.UsageError(f"missing {wanted}; give them, or run `harvest init --ask`")
    text = _written(values, media, file)
    load(text, file)
    if file == "-":
        click.echo(text, nl=False)
        return 0
    _write(Path(file), text)
    click.echo(f"wrote {file}; next: harvest crawl {file}", err=True)
    return 0


def _free(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise ConfigError(f"{path}: exists and is left as it is; choose another name or remove it")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"{path}: its folder does not exist; make it first")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except FileExistsError as error:
        raise ConfigError(f"{path}: exists and is left as it is; choose another name or remove it") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error


def _written(values: dict[str, Any], media: tuple[str, ...], file: str) -> str:
    """The file's text; days and times are brought into the TOML form, a slug into its own."""
    from harvester.event import render

    for key in ("starts", "ends"):
        if values.get(key):
            values[key] = _toml_date(values[key], values["timezone"])
    stem = Path(file).stem if file != "-" else values["name"]
    values.setdefault("slug", re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:64].strip("-") or "my-event")
    blocks = [_outlet(entry) for entry in media]
    return render(values, media=blocks)


def _outlet(entry: str) -> dict[str, Any]:
    name, equals, hosts = entry.partition("=")
    if not (name.strip() and equals and hosts.strip()):
        raise click.BadParameter(f"{entry!r}; write NAME=HOST, as Publickey=www.publickey1.jp", param_hint="--media")
    return {"name": name.strip(), "hosts": [host.strip() for host in hosts.split(",") if host.strip()]}


def _toml_date(written: str, zone: str) -> str:
    """`2016-12-21` or `2016-12-21T19:00:00` (local) of any date we read, else what was written."""
    from harvester import dates

    when = dates.parse(written, zone=zone)
    if when.at is None or when.precision not in ("day", "minute", "second"):
        return written
    local = when.at.astimezone(dates.zone_of(zone))
    return local.date().isoformat() if when.precision == "day" else local.strftime("%Y-%m-%dT%H:%M:%S")


def _ask(values: dict[str, Any]) -> None:
    """Fill in what is missing: what is required until it is good, the most useful rest by Enter or not."""
    for key, question, check in (
        ("name", "Name of the event, edition included", _some),
        ("starts", "First day (2026-11-30)", _a_day),
        ("ends", "Last day (Enter: the same)", _a_day_or_nothing),
        ("timezone", "Time zone of the venue", _a_zone),
    ):
        if not values.get(key):
            default = {"timezone": "Asia/Tokyo", "ends": ""}.get(key)
            values[key] = click.prompt(
                question, default=default, value_proc=check, err=True, show_default=bool(default)
            )
    for key, question in (
        ("names", "Other spellings, separated by commas"),
        ("hashtags", "Hashtags, separated by commas"),
        ("official_hosts", "Sites of the organiser or vendor, separated by commas"),
        ("event_urls", "Pages of the event, separated by commas"),
        ("feeds", "Feeds to read, separated by commas"),
    ):
        if not values.get(key):
            answer = click.prompt(question, default="", show_default=False, err=True)
            values[key] = [part.strip() for part in re.split(r"[,、，]", answer) if part.strip()]
    for key in [key for key, value in values.items() if not value]:
        del values[key]


def _ask_file(values: dict[str, Any]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", str(values.get("slug") or values["name"]).lower()).strip("-") or "my-event"
    file: str = click.prompt("File", default=f"{stem}.toml", err=True)
    _free(Path(file))
    return file


def _some(answer: str) -> str:
    if not answer.strip():
        raise click.BadParameter("it needs one")
    return answer.strip()


def _a_day_or_nothing(answer: str) -> str:
    return _a_day(answer) if answer.strip() else ""


def _a_day(answer: str) -> str:
    from harvester import dates

    if dates.parse(answer).precision not in ("day", "minute", "second"):
        raise click.BadParameter("write a day as 2026-11-30")
    return answer.strip()


def _a_zone(answer: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(answer.strip())
    except (ValueError, OSError, LookupError) as error:
        raise click.BadParameter("write an IANA zone as Asia/Tokyo or Europe/Berlin") from error
    return answer.strip()
