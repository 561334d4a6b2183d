"""Suggestions and decisions of `harvest merge`: gathered, told with their evidence, asked about one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli import _keyboard
from harvester.relate.people import prior, suggest, undecided
from harvester.store import people
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harvester.relate.clues import Pair
    from harvester.relate.people import Suggestion
    from harvester.store.connection import Connection
    from harvester.store.merges import Word

_MINUS = "\N{MINUS SIGN}"
_LOWEST = -1000.0
_HELP = (
    "y         the two accounts are one person's",
    "n         they are two people's, and not suggested again",
    "s, Enter  skip: nothing is said",
    "q, Ctrl-C end; every answer was stored at once",
)


def gather(conn: Connection, event: str = "") -> list[Suggestion]:
    """Every suggestion, decided on or not; with an event those of which an account wrote about it."""
    found = suggest(people.accounts(conn), lists=people.listed(conn), texts=people.texts(conn))
    if not event:
        return found
    there = people.writers_at(conn, event)
    return [suggestion for suggestion in found if not there.isdisjoint(suggestion.pair)]


def evidence_of(conn: Connection, one: int, other: int) -> str:
    """What speaks for and against two accounts being one person's, in one line; "" when nothing is known."""
    both = list(people.accounts(conn, (one, other)))
    found = suggest(both, lists=people.listed(conn), texts=people.texts(conn), threshold=_LOWEST)
    return in_a_line(found[0]) if found else ""


def in_a_line(suggestion: Suggestion) -> str:
    """The evidence as it is kept with a decision."""
    return "; ".join(f"{_signed(c.weight)} {c.reason}: {c.snippet}" for c in suggestion.evidence)


def open_ones(conn: Connection, found: list[Suggestion]) -> list[Suggestion]:
    """Those that nobody decided on."""
    return undecided(found, people.persons(conn), people.refused(conn))


def states(conn: Connection, found: list[Suggestion]) -> dict[Pair, str]:
    """What became of each: `open`, `one person`, `refused`, or `told by another` where a stronger one stands for it."""
    held, refused = people.persons(conn), people.refused(conn)
    left = {suggestion.pair for suggestion in undecided(found, held, refused)}
    told = {}
    for suggestion in found:
        a, b = suggestion.pair
        if a in held and held.get(b) == held[a]:
            told[suggestion.pair] = "one person"
        elif suggestion.pair in left:
            told[suggestion.pair] = "open"
        else:
            closed = not undecided([suggestion], held, refused)
            told[suggestion.pair] = "refused" if closed else "told by another"
    return told


def as_json(conn: Connection, found: list[Suggestion], *, every: bool) -> list[dict[str, Any]]:
    """The suggestions as JSON values, strongest first; with `every` also those that were decided on."""
    state = states(conn, found)
    return [
        {
            "accounts": [s.a.key, s.b.key], "names": [s.a.name, s.b.name], "score": s.score, "state": state[s.pair],
            "evidence": [
                {"rule": c.rule, "group": c.group, "weight": c.weight, "reason": c.reason, "snippet": c.snippet}
                for c in s.evidence
            ],
        }
        for s in found
        if every or state[s.pair] == "open"
    ]  # fmt: skip


def told(conn: Connection, found: list[Suggestion], event: str, *, every: bool, limit: int) -> str:
    """The suggestions as text, with the command that accepts each."""
    state = states(conn, found)
    chosen = [s for s in found if every or state[s.pair] == "open"]
    if not chosen:
        where = f" at {event}" if event else ""
        return f"no two accounts{where} look like one person's; `harvest merge A B` joins two that are"
    many = "1 suggestion" if len(chosen) == 1 else f"{len(chosen):,} suggestions, strongest first"
    lines = [f"{many}. Decibans: 0 is even odds, +10 ten to one; without evidence it would be {_signed(prior())}."]
    for suggestion in chosen[:limit]:
        lines += ["", *lines_of(suggestion)]
        if state[suggestion.pair] == "open":
            lines.append(f"     harvest merge {_quoted(suggestion)}    or --refuse")
        else:
            lines.append(f"     {state[suggestion.pair]}")
    if len(chosen) > limit:
        lines += ["", f"{len(chosen) - limit:,} more with -n {len(chosen)}"]
    return "\n".join(shown(line) for line in lines)


def lines_of(suggestion: Suggestion) -> list[str]:
    """A suggestion: its score and accounts, then a line for each clue."""
    a, b = (f"{x.key}{f' ({x.name})' if x.name else ''}" for x in (suggestion.a, suggestion.b))
    lines = [f"{_signed(suggestion.score)}  {a}  =  {b}"]
    return lines + [f"     {_signed(c.weight)} {c.reason}: {c.snippet}" for c in suggestion.evidence]


def decision_lines(entry: Mapping[str, Any]) -> list[str]:
    """A standing decision, who made it and what it rests on."""
    sign = " = " if entry["status"] == "confirmed" else " is not "
    lines = [sign.join(entry["accounts"])]
    by = " ".join(filter(None, ("by", entry["who"] or "unknown", f"at {entry['at']}" if entry["at"] else "")))
    return [*lines, f"     {by}: {entry['evidence'] or 'no reason given'}"]


def ask(
    conn: Connection, found: list[Suggestion], word: Callable[[str], Word], back: Callable[[list[str]], str],
    limit: int | None = None,
) -> None:  # fmt: skip
    """Ask about each open suggestion, at most `limit`, and write each answer at once; what is skipped stays open.

    word   a decision's word, made of its evidence      back   the command that takes a decision on accounts back
    """
    from harvester.store.connection import write_tx
    from harvester.store.merges import merge, refuse

    passed: set[Pair] = set()
    counts = {"y": 0, "n": 0, "s": 0}
    try:
        while left := [s for s in open_ones(conn, found) if s.pair not in passed][: _rest(limit, passed)]:
            suggestion = left[0]
            click.echo("\n".join(("", *map(shown, lines_of(suggestion)))))
            key = _answer(len(left))
            if key == "q":
                break
            passed.add(suggestion.pair)
            counts[key] += 1
            if key == "s":
                continue
            with write_tx(conn):
                (merge if key == "y" else refuse)(conn, *suggestion.pair, word(in_a_line(suggestion)))
            keys = [suggestion.a.key, suggestion.b.key]
            click.echo(f"     to take it back:  {shown(back(keys if key == 'n' else keys[1:]))}")
    finally:  # Ctrl-C, too: what was answered is kept
        click.echo(f"\n{counts['y']} joined, {counts['n']} refused, {counts['s']} left open")
        if counts["y"]:
            click.echo("Counts follow at once; `harvest classify EVENT` folds copies and judges with it.")


def _rest(limit: int | None, passed: set[Pair]) -> int | None:
    return None if limit is None else max(0, limit - len(passed))


def _answer(left: int) -> str:
    """y, n, s or q; Enter skips, as it does in `harvest review`, and what is no key tells those there are."""
    question = f"One person? [y]es  [n]o  [s]kip  [q]uit   ({left} left) "
    click.echo(question, nl=False)
    while True:
        key = _keyboard.key()
        key = "s" if key in ("\r", "\n") else key
        if key and key in "ynsq":
            click.echo(key)
            return key
        click.echo("\n" + "\n".join(_HELP))
        click.echo(question, nl=False)


def _quoted(suggestion: Suggestion) -> str:
    import shlex

    return shlex.join((suggestion.a.key, suggestion.b.key))


def _signed(weight: float) -> str:
    return f"{_MINUS if weight < 0 else '+'}{abs(weight):g}"
