"""`harvest outlets`: who is known to publish, whose an address is, and a registry of one's own from lists of others."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvester.cli._common import json_option, now
from harvester.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.outlet_lists import Change
    from harvester.outlets import Outlet

_EPILOG = """\b
Examples:
  harvest outlets list 朝日
  harvest outlets list --json | jq '.[] | select(.language == "ja") | .name'
  harvest outlets check https://blogs.itmedia.co.jp/aoi/entry/1
  harvest outlets refresh my-outlets.toml --from list.csv
"""
_LIST = """\b
Examples:
  harvest outlets list
  harvest outlets list impress
  harvest outlets list --registry my-outlets.toml --json
"""
_CHECK = """\b
Examples:
  harvest outlets check tech.example.co.jp
  harvest outlets check https://www.example-times.com/news/123456 --json
"""
_REFRESH = """\b
Examples:
  harvest outlets refresh my-outlets.toml --from list.csv
  harvest outlets refresh my-outlets.toml --from feeds.opml --from list.json --write
"""
_SHOWN = 10  # rows that were left out are told one by one up to here

_registry = click.option(
    "--registry", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A registry file of your own, asked before the one that comes with harvester.",
)  # fmt: skip


@click.group(epilog=_EPILOG)
def command() -> None:
    """Outlets with an editorial desk, wires and aggregators: who is known, and what an address says of its owner.

    The registry that comes with harvester is never written. One of your own stands in a file that an event file names
    (`outlets_file = "my-outlets.toml"`).
    """


@command.command("list", epilog=_LIST)
@click.argument("word", default="")
@_registry
@json_option
def list_(word: str, registry: Path | None, as_json: bool) -> None:
    """The outlets known, or those with WORD in their name or a host."""
    from harvester import outlets
    from harvester.text import fold

    rows = [*(_own(registry) if registry else ()), *outlets.registry()]
    found = [row for row in rows if fold(word) in fold(" ".join((row.name, *row.hosts)))]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in found], ensure_ascii=False, indent=2))
        return
    if not found:
        raise NotFoundError(
            f"no outlet has {word!r} in its name or hosts; `harvest outlets check HOST` judges any host"
        )
    for row in found:
        feed = "feed" if row.feed else "-"
        click.echo(f"{row.name}  {' '.join(row.hosts)}  {row.language}  {row.kind or '-'}  {row.confidence}  {feed}")
    click.echo(f"{len(found)} outlet{'' if len(found) == 1 else 's'}", err=True)


@command.command(epilog=_CHECK)
@click.argument("address")
@_registry
@json_option
def check(address: str, registry: Path | None, as_json: bool) -> None:
    """What the registry and the form of ADDRESS (a host or URL) say about who writes there.

    It is judged as a post would be at an event whose file declares nobody, without its title and text.
    """
    from harvester import urls
    from harvester.classify.address import judged

    try:
        url = urls.canonical(address if "://" in address else f"https://{address}")
    except urls.BadUrl as error:
        raise InputError(f"{address!r} is no address ({error.reason}); write a host or an http(s) URL") from error
    said = judged(url, _own(registry) if registry else (), now())
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    click.echo(f"{said['url']}\n  {said['side']}  posterior {said['posterior']:.3f}")
    for key in ("outlet", "guest", "wire", "aggregator"):
        if said[key]:
            click.echo(f"  {key:<11}{said[key]}")
    for found in said["evidence"]:
        click.echo(f"  {found['weight']:+g} {found['side']}  {found['rule']} {found['reason']}: {found['snippet']}")
    if not said["evidence"]:
        click.echo("  nothing in the address says who writes there; declare it in the event file if you know")


@command.command(epilog=_REFRESH)
@click.argument("registry", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--from", "lists", multiple=True, required=True, metavar="FILE", help="A list that you downloaded; repeat."
)
@click.option("--language", default="", metavar="xx", help="Of rows that name none. [ja for .jp, else en]")
@click.option("--write", is_flag=True, help="Write REGISTRY; without it the changes are only shown.")
@json_option
def refresh(registry: Path, lists: tuple[str, ...], language: str, write: bool, as_json: bool) -> None:
    """Read lists of outlets from files into REGISTRY, a file of your own, and show what is added, changed or dropped.

    CSV with name and host columns, OPML, JSON with name and host or domain, or another registry. Nothing is fetched.
    Each row keeps the list's name, its SHA-256 and the day; a row whose list no longer has it is dropped, and rows of
    other lists and your own stay.
    """
    from harvester import outlet_lists
    from harvester.cli._output import put

    present = _own(registry) if registry.exists() else ()
    read, left = [], []
    for name in lists:
        file, rows, skipped = _list_of(name, language)
        read.append((file, rows))
        left += skipped
    rows, changes = outlet_lists.merged(present, read)
    if write and (changes or not registry.exists()):
        put(outlet_lists.render(rows), registry)
    if as_json:
        made = [{"what": c.what, "fields": c.fields, "outlet": asdict(c.outlet)} for c in changes]
        told = {"registry": str(registry), "outlets": len(rows), "changes": made, "left_out": left, "written": write}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    _tell(registry, len(rows), changes, left, write=write)


def _tell(registry: Path, total: int, changes: Sequence[Change], left: Sequence[str], *, write: bool) -> None:
    for change in changes:
        more = f"  ({', '.join(change.fields)})" if change.fields else ""
        click.echo(f"{change.what:<8} {change.outlet.name}  {' '.join(change.outlet.hosts)}{more}")
    for line in left[:_SHOWN]:
        click.echo(f"left out {line}", err=True)
    if len(left) > _SHOWN:
        click.echo(f"left out {len(left) - _SHOWN} more; --json names them", err=True)
    counts = ", ".join(f"{sum(c.what == what for c in changes)} {what}" for what in ("added", "changed", "dropped"))
    done = "written" if write else "nothing written; add --write"
    click.echo(f"{registry}: {total} outlets, {counts}; {done}")
    if write:
        click.echo(f'an event file uses it with outlets_file = "{registry.name}" when it lies beside it')


def _list_of(name: str, language: str) -> tuple[str, list[Outlet], list[str]]:
    """(the list's name, its outlets, what was left out) of a file that somebody downloaded."""
    import hashlib

    from harvester import outlet_lists
    from harvester.text import decode

    if "://" in name:
        raise InputError(f"{name}: this command fetches nothing; download the list and name the file")
    path = Path(name)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    provenance = f"{path.name} sha256 {hashlib.sha256(body).hexdigest()[:16]}, {now().date().isoformat()}"
    try:
        rows, left = outlet_lists.read(decode(body)[0], provenance, language)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
    return path.name, rows, left


def _own(path: Path) -> tuple[Outlet, ...]:
    """The outlets of somebody's own registry file."""
    from harvester import outlets

    try:
        return outlets.read(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}; repair it, or name another file") from error
