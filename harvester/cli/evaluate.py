"""`harvest evaluate`: score the judging against pages that humans labelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harvester.cli._common import json_option, now, read_event
from harvester.errors import InputError, ParseFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.classify.evaluate import Case
    from harvester.classify.gold import Record
    from harvester.event import Event
    from harvester.model import Draft

_EPILOG: Final = """\b
Examples:
  harvest evaluate gold.jsonl
  harvest evaluate gold.jsonl --wrong 20
  harvest evaluate a.jsonl b.jsonl --json | jq .label.macro_f1
  harvest evaluate gold.jsonl --leave-one-out --by-event

\b
A line of GOLD: {"url", "title", "author", "published", "event", "label", "about_event"}, and the page as "html_path"
(relative to the file) or "text" where there is one. Labels: participant, media, vendor, organiser, other.
"""
_CHECKOUT: Final = Path(__file__).parents[2] / "events"


@click.command(epilog=_EPILOG)
@click.argument("gold", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="GOLD...")
@click.option(
    "--events",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of the event files that records name.  [default: ./events, else those of this checkout]",
)
@click.option("--by-event", is_flag=True, help="The figures of each event alone, too.")
@click.option(
    "--leave-one-out",
    is_flag=True,
    help="Score each event with weights estimated from the other events only.",
)
@click.option(
    "--wrong", "show", type=click.IntRange(0), default=0, metavar="N", help="Print N wrong cases with their evidence."
)
@json_option
def command(
    gold: tuple[Path, ...], folder: Path | None, by_event: bool, leave_one_out: bool, show: int, as_json: bool
) -> None:
    """Score labels and relevance on the hand-labelled pages of GOLD: confusion, precision, recall, F1, wrong cases.

    Nothing is fetched or stored. `unknown` is never right; a page that is about the event only partly should not be
    confirmed.
    """
    from harvester.classify import evaluate
    from harvester.cli._scores import lines

    events = _events(folder)
    cases = [case for path in gold for case in _cases(path, events)]
    if not cases:
        raise InputError(f"{', '.join(map(str, gold))}: no records")
    if leave_one_out:
        cases = evaluate.left_out(cases)
    found = evaluate.scored(cases)
    if by_event:
        found["events"] = {
            name: evaluate.scored([case for case in cases if case.record.event == name])
            for name in sorted({case.record.event for case in cases})
        }
    wrong = evaluate.wrong(cases)
    if as_json:
        click.echo(json.dumps({**found, "wrong": wrong}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines(found, wrong, show)))


def _events(folder: Path | None) -> list[Event]:
    """The event files of a folder, single editions before series."""
    where = folder or (Path("events") if Path("events").is_dir() else _CHECKOUT)
    if folder is not None and not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give one with event files, or leave --events out")
    found = [read_event(path) for path in sorted(where.glob("*.toml"))]
    return sorted(found, key=lambda event: event.whole_series)


def _cases(path: Path, events: list[Event]) -> Iterable[Case]:
    from harvester.classify import evaluate, gold, relevance, role
    from harvester.model import Author

    at = now()
    for record in _records(path):
        event = gold.event_for(record.event, events)
        try:
            post = gold.post_of(record, _page(record, path.parent), event, now=at)
        except ValueError as error:
            raise InputError(f"{path}: line {record.line}: {error}") from error
        about = relevance.judge(post, event)
        author = post.author or Author(platform="web", handle=post.host)
        label = role.judge(role.AuthorView(author=author), [post], event)
        yield evaluate.Case(record=record, post=post, event=event, label=label, relevance=about)


def _records(path: Path) -> list[Record]:
    from harvester.classify import gold

    try:
        return list(gold.read(path.read_text(encoding="utf-8-sig").splitlines()))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text, so no JSON lines") from error
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _page(record: Record, home: Path) -> Draft | None:
    """The page of a record as the crawl would read it, None when there is none or it cannot be read."""
    from harvester import parse

    if not record.html_path:
        return None
    try:
        parsed = parse.parse((home / record.html_path).read_bytes(), {}, record.url, now=now())
    except (OSError, ParseFailed):
        return None
    return parsed.drafts[0] if parsed.drafts else None
