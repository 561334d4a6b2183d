"""`harvest merge`: which accounts are one person's, as a human says."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from harvester.cli._common import command_line, db_option, json_option, now, open_for, slug_of, who_option
from harvester.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harvester.store.connection import Connection, Row
    from harvester.store.merges import Word

_EPILOG = """\b
Examples:
  harvest merge reinvent-2016                      who of that event may be one person, with the evidence
  harvest merge reinvent-2016 --ask                one question for each suggestion
  harvest merge qiita:aoi https://x.com/aoi_x --why "told me at the meetup"
  harvest merge qiita:tanaka zenn:tanaka --refuse  two people: never suggested again
  harvest merge x:aoi_x --split                    take an account out of its person again
  harvest merge qiita:tanaka zenn:tanaka --split   take a refusal back
  harvest merge --list
"""
_MODES = ("refuse", "split", "ask", "list")
_LIMIT = 20


@click.command(epilog=_EPILOG)
@click.argument("references", nargs=-1, metavar="[EVENT | ACCOUNT ACCOUNT...]")
@click.option("--refuse", is_flag=True, help="The accounts are different people's; remembered for good.")
@click.option("--split", is_flag=True, help="Undo: take ACCOUNT out of its person, or a refusal of two back.")
@click.option("--ask", is_flag=True, help="Ask about each suggestion; ? tells the keys. Each answer is kept at once.")
@click.option("--list", "list_", is_flag=True, help="Show what was decided.")
@click.option("--all", "every", is_flag=True, help="Suggestions that were decided on too.")
@click.option(
    "-n", "--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N.  [20; all with --ask and --json]"
)
@click.option("--why", default="", metavar="TEXT", help="The reason, kept with the decision.")
@who_option
@db_option
@json_option
def command(
    references: tuple[str, ...], refuse: bool, split: bool, ask: bool, list_: bool, every: bool, limit: int | None,
    why: str, who: str, db: Path, as_json: bool,
) -> None:  # fmt: skip
    """Suggest accounts that may be one person's, and keep what you say. Nothing is ever merged by itself.

    Without ACCOUNTs: the suggestions (of EVENT), strongest first. With two or more: they are one person, unless
    --refuse. ACCOUNT is platform:handle, a profile's address or a name that only one account has.
    """
    mode = _mode(references, refuse=refuse, split=split, ask=ask, list=list_)
    if mode == "ask" and as_json:
        raise click.UsageError("--ask and --json do not go together; keep one")
    with closing(open_for(db, "ro" if mode in ("list", "suggest") else "rw")) as conn:
        if mode == "list":
            _list(conn, as_json=as_json)
        elif mode in ("suggest", "ask"):
            word = (lambda evidence: _word(why, evidence, who)) if ask else None
            _suggest(conn, references, limit=limit, every=every, ask=word, as_json=as_json, db=db)
        else:
            told = _decide(conn, mode, references, why, who, db)
            click.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else _said(told, db))


def _mode(references: tuple[str, ...], **flags: bool) -> str:
    """What is asked for; ClickException for what does not go together."""
    chosen = [name for name in _MODES if flags[name]]
    if len(chosen) > 1:
        raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} do not go together")
    mode = chosen[0] if chosen else "merge" if len(references) > 1 else "suggest"
    if mode == "refuse" and len(references) < 2:
        raise click.UsageError("--refuse needs two accounts, as qiita:tanaka zenn:tanaka")
    if mode == "split" and len(references) not in (1, 2):
        raise click.UsageError("--split needs one account, or the two of a refusal")
    if mode == "ask" and len(references) > 1:
        raise click.UsageError("--ask takes an event or nothing")
    if mode == "list" and references:
        raise click.UsageError("--list takes no event and no account: decisions hold everywhere")
    if mode == "ask" and not sys.stdin.isatty():
        raise InputError("--ask needs a terminal; `harvest merge EVENT` lists the suggestions, `harvest merge A B` and "
                         "`harvest merge A B --refuse` decide one")  # fmt: skip
    return mode


def _list(conn: Connection, *, as_json: bool) -> None:
    from harvester.cli._suggestions import decision_lines
    from harvester.store.people import decisions
    from harvester.text import shown

    found = decisions(conn)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for entry in found:
        click.echo("\n".join(shown(line) for line in decision_lines(entry)))
    if not found:
        click.echo("nothing decided yet; `harvest merge` lists suggestions")


def _suggest(
    conn: Connection, references: tuple[str, ...], *, limit: int | None, every: bool,
    ask: Callable[[str], Word] | None, as_json: bool, db: Path,
) -> None:  # fmt: skip
    """Show the suggestions, or ask about each; `ask` makes a decision's word of the evidence."""
    from harvester.cli import _suggestions as view
    from harvester.store.events import event_row

    slug = slug_of(references[0]) if references else ""
    if slug:
        try:
            event_row(conn, slug)
        except NotFoundError as error:
            if ":" in slug:
                raise InputError(f"{slug!r} is one account; name the other one too, or --split") from error
            raise
    found = view.gather(conn, slug)
    if ask is not None:
        view.ask(conn, found, ask, lambda keys: _line(keys, db), limit)
    elif as_json:
        click.echo(json.dumps(view.as_json(conn, found, every=every)[:limit], ensure_ascii=False, indent=2))
    else:
        click.echo(view.told(conn, found, slug, every=every, limit=limit or _LIMIT))


def _word(why: str, evidence: str, who: str) -> Word:
    from harvester import dates
    from harvester.store.merges import Word

    return Word(evidence="; ".join(filter(None, (why, evidence))), who=who, at=dates.iso(now()))


def _decide(
    conn: Connection, mode: str, references: tuple[str, ...], why: str, who: str, db: Path
) -> dict[str, Any]:  # fmt: skip
    """Write one decision in one transaction; what it was, and how it is undone."""
    from harvester.cli._suggestions import evidence_of
    from harvester.store import merges
    from harvester.store.connection import write_tx

    with write_tx(conn):
        rows = [_account(conn, reference) for reference in references]
        first, keys = rows[0], [row["author"] for row in rows]
        if len(set(keys)) < len(keys):
            raise InputError(f"{max(keys, key=keys.count)} is named twice; name two accounts")
        told: dict[str, Any] = {"did": mode, "accounts": keys, "changed": False}
        if mode == "split":
            _split(conn, rows, told)
        for other in rows[1:] if mode != "split" else ():
            word = _word(why, evidence_of(conn, first["id"], other["id"]), who)
            write = merges.refuse if mode == "refuse" else merges.merge
            told["changed"] |= write(conn, first["id"], other["id"], word)
    told["events"] = _events(conn, rows)
    if mode != "split":
        undo = [keys[0], keys[1]] if mode == "refuse" else [keys[-1]]
        told["undo"] = _line(undo, db)
    return told


def _split(conn: Connection, rows: list[Row], told: dict[str, Any]) -> None:
    from harvester.store import merges
    from harvester.store.people import persons

    if len(rows) == 1:
        told |= {"from": merges.split(conn, rows[0]["id"]), "changed": True}
        return
    one, other = (row["id"] for row in rows)
    if merges.reopen(conn, one, other):
        told |= {"did": "reopen", "changed": True}
    elif (held := persons(conn)).get(one) is not None and held.get(one) == held.get(other):
        told |= {"from": merges.split(conn, other), "accounts": [rows[1]["author"]], "changed": True}
    else:
        both = " and ".join(told["accounts"])
        raise NotFoundError(f"nothing was decided on {both}; `harvest merge --list` shows all decisions")


def _account(conn: Connection, reference: str) -> Row:
    """The one account a reference means."""
    from harvester.store.trail import find_authors

    found = find_authors(conn, reference)
    if not found:
        raise NotFoundError(f"no account {reference!r} in this database; give platform:handle or a profile's address")
    if len(found) > 1:
        known = ", ".join(row["author"] for row in found[:5])
        raise NotFoundError(f"{reference!r} means {len(found)} accounts ({known}); write the one you mean")
    return found[0]


def _events(conn: Connection, rows: list[Row]) -> list[str]:
    from harvester.store.trail import events_of

    return sorted({event for row in rows for event in events_of(conn, author_id=row["id"])})


def _said(told: dict[str, Any], db: Path) -> str:
    from harvester.text import shown

    accounts = " and ".join(told["accounts"])
    done = {
        "merge": f"{accounts} are one person", "refuse": f"{accounts} are different people, and not suggested again",
        "split": f"{accounts} is a person of its own again, without {', '.join(told.get('from', ()))}",
        "reopen": f"{accounts} may be suggested again",
    }[told["did"]]  # fmt: skip
    lines = [f"{done}." if told["changed"] else f"{done}, as it was."]
    if told["changed"] and told["did"] != "refuse" and told["events"]:
        lines.append("Counts follow at once. To fold copies and judge with it:")
        lines += [f"  {command_line(['classify', event], db)}" for event in told["events"]]
    if told["changed"] and "undo" in told:
        lines.append(f"To take it back:\n  {told['undo']}")
    return "\n".join(shown(part) for line in lines for part in line.split("\n"))


def _line(accounts: list[str], db: Path) -> str:
    return command_line(["merge", *accounts, "--split"], db)
