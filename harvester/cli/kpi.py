"""`harvest kpi`: numbers that somebody types in, because nobody harvests where they come from."""

from __future__ import annotations

import difflib
import json
import math
import re
import shlex
from contextlib import closing, suppress
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Final

import click

from harvester.cli._common import DEFAULT_DB, db_option, json_option, now, open_for, resolve_event, slug_of
from harvester.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.measure.item import Typed
    from harvester.store.connection import Connection

_EPILOG = """\b
Examples:
  harvest kpi add reinvent-2016 "Slack members" 412 --unit people --source "admin page"
  harvest kpi add reinvent-2016 NPS -5 --source "survey, 40 answers" --as-of 2016-12-20
  harvest kpi list reinvent-2016
  harvest kpi remove reinvent-2016 NPS
"""
_ADD = """\b
Examples:
  harvest kpi add reinvent-2016 "Facebook group posts" 58 --unit posts --as-of 2016-12-20
  harvest kpi add events/reinvent-2016.toml NPS -5 --source "survey, 40 answers"
"""
_LIST = """\b
Examples:
  harvest kpi list reinvent-2016
  harvest kpi list reinvent-2016 --json | jq '.[] | select(.name == "NPS")'
"""
_REMOVE = """\b
Examples:
  harvest kpi remove reinvent-2016 NPS
  harvest kpi remove reinvent-2016 "Slack members" --as-of 2016-12-20
"""
_NEGATIVE: Final = {"ignore_unknown_options": True}  # a survey's answer may be -5
_LONGEST: Final = 200
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")


@click.group(epilog=_EPILOG)
def command() -> None:
    """Keep numbers typed in by hand: Facebook group posts, Slack or LINE members, answers of a survey.

    They stand in the report in a block of their own, with where they come from, and enter no other number.
    """


@command.command(epilog=_ADD, context_settings=_NEGATIVE)
@click.argument("event")
@click.argument("name")
@click.argument("value")
@click.option("--unit", default="", help="What is counted, as people, posts or %.")
@click.option("--source", default="", help="Where the number was read, in your words.")
@click.option("--as-of", "as_of", default="", metavar="DAY", help="The day it is of, as 2016-12-20. [today]")
@db_option
def add(event: str, name: str, value: str, unit: str, source: str, as_of: str, db: Path) -> None:
    """Store VALUE as the number NAME of EVENT. One of the same name and day is replaced, and told."""
    from harvester.measure.item import Typed
    from harvester.store.connection import write_tx
    from harvester.store.kpis import save_kpi

    name, unit, source = (_words(text, what) for text, what in ((name, "NAME"), (unit, "--unit"), (source, "--source")))
    if not name:
        raise click.BadParameter("is empty; say what the number counts", param_hint="NAME")
    number, day = _number(value), _day(as_of)
    with closing(open_for(db, "create" if event.endswith(".toml") else "rw")) as conn:
        described = resolve_event(conn, event)
        today = described.day_of(now())
        if day[:10] > today:
            raise click.BadParameter(f"{day[:10]} has not come yet (today is {today})", param_hint="--as-of")
        kpi = Typed(name=name, value=number, unit=unit, source=source, as_of=day or today)
        with write_tx(conn):
            before = save_kpi(conn, described.slug, kpi)
    click.echo(f"{described.slug}: {_told(kpi)}")
    if before == kpi:
        click.echo("It stood there already.")
    elif before:
        click.echo(f"It was {_told(before)}. To go back:\n  {_add_again(described.slug, before, db)}")
    else:
        click.echo(f"To take it back:\n  {_line('remove', described.slug, kpi.name, as_of=kpi.as_of, db=db)}")


@command.command("list", epilog=_LIST)
@click.argument("event")
@db_option
@json_option
def list_(event: str, db: Path, as_json: bool) -> None:
    """Show the numbers typed in for EVENT, by name and day. Reads only."""
    from harvester.store.events import event_row
    from harvester.store.kpis import kpis_of

    slug = slug_of(event)
    with closing(open_for(db, "ro")) as conn:
        event_row(conn, slug)
        found = kpis_of(conn, slug)
    if as_json:
        click.echo(json.dumps([{"event": slug, **asdict(kpi)} for kpi in found], ensure_ascii=False, indent=2))
        return
    for kpi in found:
        click.echo(_told(kpi))
    if not found:
        click.echo(f"nothing typed in for {slug}; `harvest kpi add {slug} NAME VALUE` does")


@command.command(epilog=_REMOVE)
@click.argument("event")
@click.argument("name")
@click.option("--as-of", "as_of", default="", metavar="DAY", help="Which one, when there are several days.")
@db_option
def remove(event: str, name: str, as_of: str, db: Path) -> None:
    """Take the number NAME of EVENT out again; the command that puts it back is printed."""
    from harvester.store.connection import write_tx
    from harvester.store.events import event_row
    from harvester.store.kpis import remove_kpi

    slug, day = slug_of(event), _day(as_of)
    with closing(open_for(db)) as conn:
        event_row(conn, slug)
        with write_tx(conn):
            kpi = _meant(conn, slug, _words(name, "NAME"), day)
            remove_kpi(conn, slug, kpi.name, kpi.as_of)
    click.echo(f"{slug}: taken out: {_told(kpi)}. To put it back:\n  {_add_again(slug, kpi, db)}")


def _meant(conn: Connection, slug: str, name: str, day: str) -> Typed:
    """The one number of that name (and day); an error that names the others when there is none or more than one."""
    from harvester.store.kpis import kpis_of
    from harvester.text import fold

    there = kpis_of(conn, slug)
    named = [kpi for kpi in there if kpi.name == name]
    found = [kpi for kpi in named if day in ("", kpi.as_of, kpi.as_of[:10])]
    if not named:
        spelled = {fold(kpi.name): kpi.name for kpi in there}
        close = [spelled[key] for key in difflib.get_close_matches(fold(name), spelled, n=1)]
        known = ", ".join(dict.fromkeys(repr(kpi.name) for kpi in there)) or "none"
        raise NotFoundError(
            f"no number {name!r} typed in for {slug}; {f'did you mean {close[0]!r}?' if close else f'there: {known}'}"
        )
    days = ", ".join(kpi.as_of for kpi in named)
    if not found:
        raise NotFoundError(f"{name!r} of {slug} has no number as of {day}; there: {days}")
    if len(found) > 1:
        raise InputError(f"{name!r} of {slug} has numbers of several days; name one with --as-of: {days}")
    return found[0]


def _words(text: str, what: str) -> str:
    """A text as it is stored."""
    from harvester.text import clean

    found = " ".join(clean(text).split())
    if len(found) > _LONGEST:
        raise click.BadParameter(f"is longer than {_LONGEST} characters; shorten it", param_hint=what)
    if found.startswith("--"):
        raise click.BadParameter(f"{found!r} is no such option; see `harvest kpi add --help`", param_hint=what)
    return found


def _number(text: str) -> float:
    """VALUE as a number; thousands may have commas between them."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        found = float(plain)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        repair = "write digits alone, as 412 or -5.5, and what is counted with --unit"
        raise click.BadParameter(f"{text!r} is no number; {repair}", param_hint="VALUE")
    return found


def _day(text: str) -> str:
    """A day (or a moment, as an import may have left it) as stored; "" when none is given."""
    plain = text.strip()
    if not plain:
        return ""
    if _DAY.fullmatch(plain):
        with suppress(ValueError):
            return date.fromisoformat(plain[:10]).isoformat() + plain[10:]
    raise click.BadParameter(f"{text!r} is no day; write it as 2016-12-20", param_hint="--as-of")


def _told(kpi: Typed) -> str:
    unit = f" {kpi.unit}" if kpi.unit else ""
    source = f" ({kpi.source})" if kpi.source else ""
    return f"{kpi.name} = {_digits(kpi.value)}{unit} as of {kpi.as_of[:10]}{source}"


def _digits(value: float) -> str:
    """A number as it is typed: the shortest digits that mean it."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _add_again(slug: str, kpi: Typed, db: Path) -> str:
    return _line("add", slug, kpi.name, _digits(kpi.value), unit=kpi.unit, source=kpi.source, as_of=kpi.as_of, db=db)


def _line(verb: str, *words: str, db: Path, as_of: str, unit: str = "", source: str = "") -> str:
    """A command to copy into a shell."""
    told = {"--unit": unit, "--source": source, "--as-of": as_of, "--db": "" if str(db) == DEFAULT_DB else str(db)}
    options = [part for name, value in told.items() if value for part in (name, value)]
    return shlex.join(["harvest", "kpi", verb, *words, *options])
