"""Read pages or feeds from files, offline, into JSON lines."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harvester.errors import InputError, ParseFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.model import Draft, Parsed

_ZONE_AT_END: Final = re.compile(r"\s*(?:Z|[A-Z]{2,5}|[+-]\d{2}:?\d{2})\s*$")
_PATH_KEYS: Final = ("html_path", "path", "html")
_REASONS: Final = {
    "not_html": "is neither a page nor a feed",
    "not_a_feed": "is no feed that can be read",
    "parse_error": "cannot be parsed",
}


_EPILOG: Final = """\b
Examples:
  harvest extract page.html --url https://blog.example.jp/entry/1
  harvest extract feed.xml
  harvest extract --jsonl pages.jsonl > drafts.jsonl

Keys: url kind title author published published_precision published_origin language canonical_url text
"""


@click.command(epilog=_EPILOG)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--jsonl",
    "listing",
    type=click.Path(path_type=Path),
    help="A file of {url, html_path} lines; paths are relative to it.",
)
@click.option("--url", default="", help="The address FILE was fetched from.")
@click.option(
    "--now", "at", default="", metavar="TIME", help="Dates after this moment are not believed (default: now)."
)
def command(files: tuple[Path, ...], listing: Path | None, url: str, at: str) -> None:
    """Read saved pages or feeds, offline, and print one JSON object a page or feed entry."""
    moment = _moment(at)
    if listing is None and not files:
        raise InputError("nothing to read: name a FILE, or --jsonl FILE with {url, html_path} lines")
    if url and len(files) != 1:
        raise InputError("--url belongs to exactly one FILE; use --jsonl for many")
    for path in files:
        for row in rows(_read(path), url, moment, str(path)):
            _print(row)
    if listing is not None:
        failed, total = _listed(listing, moment)
        if failed:
            click.echo(f'{failed} of {total} lines of {listing} could not be read; each says why in "error"', err=True)


def rows(body: bytes, url: str, now: datetime, name: str = "") -> Iterator[dict[str, Any]]:
    """The output rows of one body. InputError names the file when there is nothing in it."""
    from harvester import parse

    if not body.strip():
        raise InputError(f"{name or url}: is empty")
    try:
        parsed = parse.parse(body, {}, url, now=now)
    except ParseFailed as failed:
        raise InputError(f"{name or url}: {_REASONS.get(failed.state, failed.state)}") from failed
    if parsed.kind == "other":
        raise InputError(f"{name or url}: holds data of another kind, neither a page nor a feed")
    for draft in parsed.drafts:
        yield _row(draft, parsed, now)


def _row(draft: Draft, parsed: Parsed, now: datetime) -> dict[str, Any]:
    from harvester import text as texts

    published, precision, origin = shown_date(draft, now, str(parsed.meta.get("shown_day") or ""))
    return {
        "url": draft.url,
        "kind": "entry" if parsed.kind == "feed" else parsed.kind,
        "title": draft.title,
        "author": draft.author.name,
        "published": published,
        "published_precision": precision,
        "published_origin": origin,
        "language": texts.language(draft.text or draft.title, draft.language or parsed.language),
        "canonical_url": draft.canonical_url,
        "text": draft.text,
    }


def shown_date(draft: Draft, now: datetime, shown_day: str = "") -> tuple[str, str, str]:
    """(date, precision, origin): ISO 8601 with the offset it was written in, cut to what is known.

    The day is always the page's own: a moment written in UTC on a Japanese page is shown in Japanese time, and
    where a page shows another day (`shown_day`) than its UTC moment, that day is the answer.
    """
    from harvester import dates

    when = dates.parse(draft.published, zone=draft.default_zone, origin=draft.published_origin or "unknown", now=now)
    if when.at is None:
        return "", "unknown", "unknown"
    if shown_day:
        return shown_day, "day", when.origin
    if when.precision in {"day", "month", "year"}:
        length = {"day": 10, "month": 7, "year": 4}[when.precision]
        return dates.local_day(when.at, draft.default_zone or "UTC")[:length], when.precision, when.origin
    bare = _ZONE_AT_END.sub("", draft.published.strip())
    local = dates.parse(bare, now=None).at if bare != draft.published.strip() else None
    offset = local - when.at if local is not None else timedelta(0)
    if not offset and draft.default_zone:
        shown = when.at.astimezone(dates.zone_of(draft.default_zone))
    else:
        shown = when.at.astimezone(timezone(offset) if abs(offset) < timedelta(hours=24) else UTC)
    return shown.isoformat(timespec="seconds").replace("+00:00", "Z"), when.precision, when.origin


def _listed(listing: Path, now: datetime) -> tuple[int, int]:
    """Print the rows of every line of a listing; (lines that failed, lines)."""
    lines = [(number, line) for number, line in enumerate(_lines(listing), start=1) if line.strip()]
    records = [(number, _record(line)) for number, line in lines]
    if not any(isinstance(record, dict) for _, record in records):
        raise InputError(f"{listing}: is no list of {{url, html_path}} JSON lines")
    failed = 0
    for number, record in records:
        url = str(record.get("url") or "") if isinstance(record, dict) else ""
        try:
            if isinstance(record, str):
                raise InputError(f"{listing}: line {number}: {record}")
            path = listing.parent / next(str(record[key]) for key in _PATH_KEYS if record.get(key))
            for row in rows(_read(path), url, now, str(path)):
                _print(row)
        except InputError as error:
            failed += 1
            _print({"url": url, "line": number, "error": str(error)})
    return failed, len(lines)


def _lines(listing: Path) -> list[str]:
    try:
        return _read(listing).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{listing}: not UTF-8 text, so no JSON lines") from error


def _record(line: str) -> dict[str, Any] | str:
    """The object in a line, or what is wrong with it."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return "no JSON"
    if not isinstance(record, dict) or not any(record.get(key) for key in _PATH_KEYS):
        return 'no "html_path"'
    return record


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r}: no usable path") from error


def _moment(at: str) -> datetime:
    from harvester import dates
    from harvester.cli._common import now

    if not at:
        return now()
    moment = dates.parse(at).at
    if moment is None:
        raise InputError(f"--now {at}: no date; write it as 2016-12-31 or 2016-12-31T12:00:00Z")
    return moment


def _print(row: dict[str, Any]) -> None:
    click.echo(json.dumps(row, ensure_ascii=False))
