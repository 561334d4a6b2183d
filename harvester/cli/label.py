"""`harvest label`: a human's word about an author or a post, which is final, kept, and in effect at once."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.classify.said import OF_AUTHORS, OF_POSTS
from harvester.cli._common import (
    command_line,
    db_option,
    json_option,
    now,
    open_for,
    resolve_event,
    slug_of,
    who_option,
)
from harvester.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harvester.cli._label_sheet import Told
    from harvester.event import Event
    from harvester.store.connection import Connection

_EPILOG = """\b
Examples:
  harvest label reinvent-2016 qiita:aoi --kind participant --why "met her there"
  harvest label reinvent-2016 https://blog.example/1 --relevance rejected
  harvest label reinvent-2016 qiita:aoi --undo              what was said last is taken back
  harvest label reinvent-2016 --list                        the words that stand
  harvest label reinvent-2016 --from labels.csv             many at once, all or none

\b
labels.csv, either of:
  subject,field,value,why              subject,kind,attendance,relevance,why
  qiita:aoi,kind,participant,met her   qiita:aoi,participant,claimed,,met her
"""
_HELP = {
    "kind": "What an author is at the event.", "side": "Their side; the kind follows from it and from attendance.",
    "subkind": "Which participant.", "attendance": "Whether they were there: on a list, by their own word, or not.",
    "relevance": "Whether a post is about the event.", "counted": "Whether a post counts as a story of its own.",
    "incentivised": "Whether a post was rewarded.",
}  # fmt: skip


def _field_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, values in reversed({**OF_AUTHORS, **OF_POSTS}.items()):
        function = click.option(f"--{name}", type=click.Choice(values, case_sensitive=False), help=_HELP[name])(
            function
        )
    return function


@click.command(epilog=_EPILOG)
@click.argument("event")
@click.argument("subject", required=False, default="", metavar="[POST|AUTHOR]")
@_field_options
@who_option
@click.option("--why", default="", metavar="TEXT", help="The reason, kept with the word.")
@click.option("--undo", is_flag=True, help="Take back what was said last about POST or AUTHOR.")
@click.option("--from", "sheet", type=click.Path(path_type=Path), metavar="FILE", help="Say what a CSV file says.")
@click.option("--list", "listed", is_flag=True, help="Print the words that stand, and change nothing.")
@db_option
@json_option
def command(
    event: str, subject: str, who: str, why: str, sheet: Path | None, db: Path, *, undo: bool, listed: bool,
    as_json: bool, **told: str | None,
) -> None:  # fmt: skip
    """Say what an author of EVENT is, or whether a post is about it, and judge EVENT again with that.

    Your word is final: no crawl, rerun, upgrade or import overrules it. It is added to a log and never overwritten;
    --undo adds that it no longer holds, and what held before it holds again.
    """
    fields = {name: value for name, value in told.items() if value}
    _check(subject, fields, sheet, undo=undo, listed=listed)
    if listed:
        _list(event, db, as_json=as_json)
        return
    with closing(open_for(db)) as conn:
        described = resolve_event(conn, event)
        if sheet is not None:
            from harvester.cli._label_sheet import read

            said = read(conn, described.slug, sheet)
        else:
            said = [_one(conn, described.slug, subject, fields)]
        _apply(conn, described, said, _text(who), _text(why), db, undo=undo, as_json=as_json)


def _check(subject: str, fields: dict[str, str], sheet: Path | None, *, undo: bool, listed: bool) -> None:
    """Refuse options that do not go together."""
    ways = [name for name, given in (("--from", sheet is not None), ("--list", listed), ("--undo", undo)) if given]
    if len(ways) > 1 or (ways and fields):
        others = [*ways, *(f"--{name}" for name in fields)]
        raise click.UsageError(f"{' and '.join(others[:2])} do not go together; keep one")
    if ways and ways[0] != "--undo":
        if subject:
            raise click.UsageError(f"{ways[0]} is about the whole event; leave out {subject!r}")
        return
    if not subject:
        raise click.UsageError("name a POST or an AUTHOR, or give --list or --from FILE")
    if not fields and not undo:
        raise click.UsageError(
            "say something of it: --kind or --attendance of an author, --relevance of a post, --undo"
        )


def _text(text: str) -> str:
    """A remark as it is stored: one clean line."""
    from harvester.text import clean

    return " ".join(clean(text).split())


def _one(conn: Connection, event: str, subject: str, fields: dict[str, str]) -> Told:
    from harvester.cli._label_sheet import Told
    from harvester.cli._subjects import fault, meant

    about = meant(conn, event, subject)
    if wrong := fault(conn, about, fields):
        raise InputError(wrong)
    return Told(about=about, fields=fields)


def _apply(
    conn: Connection, event: Event, said: list[Told], who: str, why: str, db: Path, *, undo: bool, as_json: bool
) -> None:
    """Store all words in one transaction, judge the event again, and tell what that changed."""
    from harvester import dates
    from harvester.cli._changed import difference, lines, look
    from harvester.stages import classify_event
    from harvester.store.connection import write_tx

    before, moment = look(conn, event.slug, now()), dates.iso(now())
    with write_tx(conn):
        words = [word for told in said for word in _written(conn, told, moment, who, why, undo=undo)]
    if undo and not words:
        raise InputError(f"nothing that was said of {said[0].about.key} stands; there is nothing to take back")
    classify_event(conn, event, now=now())
    after = look(conn, event.slug, now())
    changes = difference(before, after)
    answer = {
        "event": event.slug, "undo": undo, "words": words,
        "changed": [change._asdict() for change in changes],
        "ratio": {"before": before.counts._asdict(), "after": after.counts._asdict()},
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    spoken_of = [told.about.key for told in said]
    click.echo("\n".join([*_said(event.slug, words, said, undo=undo),
                          *lines(changes, before.counts, after.counts, spoken_of)]))  # fmt: skip
    if words and not undo and len(said) == 1:
        click.echo(f"To take it back:\n  {command_line(['label', event.slug, said[0].about.key, '--undo'], db)}")


def _written(conn: Connection, told: Told, moment: str, who: str, why: str, *, undo: bool) -> list[dict[str, str]]:
    from harvester.store import overrides

    remark = {"who": _text(told.who) or who, "why": _text(told.why) or why}
    if undo:
        gone = overrides.withdraw(conn, told.about, now=moment, **remark)
        return [{"subject": told.about.key, "field": word.field, "value": word.value} for word in gone]
    new = overrides.say(conn, told.about, told.fields, now=moment, **remark)
    return [{"subject": told.about.key, "field": name, "value": value} for name, value in new.items()]


def _said(event: str, words: list[dict[str, str]], said: list[Told], *, undo: bool) -> list[str]:
    from harvester.text import shown

    if len(said) > 1:
        stood = sum(len(told.fields) for told in said) - len(words)
        tail = f", {stood} stood already" if stood else ""
        return [f"{event}: {len(words)} words about {len(said)} authors and posts{tail}"]
    named = ", ".join(f"{word['field']} {word['value']}" for word in words)
    key = shown(said[0].about.key)
    if undo:
        return [f"{event}: {key}: taken back: {named}"]
    return [f"{event}: {key}: {named}" if words else f"{event}: {key}: this word stood already"]


def _list(event: str, db: Path, *, as_json: bool) -> None:
    """The words that stand, by the moment they were said."""
    from harvester.cli._table import table
    from harvester.store.events import event_row
    from harvester.store.overrides import all_standing

    with closing(open_for(db, "ro")) as conn:
        slug = str(event_row(conn, slug_of(event))["slug"])
        found = [
            {"subject": about.key, "of": "author" if about.post_id is None else "post", "field": word.field,
             "value": word.value, "who": word.who, "why": word.why, "at": word.at}
            for about, words in all_standing(conn, slug) for word in words.values()
        ]  # fmt: skip
    found.sort(key=lambda word: (word["at"], word["subject"], word["field"]))
    if as_json:
        click.echo(json.dumps({"event": slug, "words": found}, ensure_ascii=False, indent=2))
    elif not found:
        click.echo(f"{slug}: nobody said anything; `harvest review {slug}` shows what is doubtful")
    else:
        rows = [[word[name] for name in ("at", "subject", "field", "value", "who", "why")] for word in found]
        click.echo("\n".join(table(("said", "of", "field", "is", "by", "why"), rows)))
