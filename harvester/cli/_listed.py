"""How `harvest sources` shows what there is: a line for each source, or everything about some of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from harvester.cli import _budgets
from harvester.cli._table import folded, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harvester.options import Option
    from harvester.source import Source

_INDENT: Final = 12
# State → what it means; sources are listed in this order.
STATES: Final = {
    "on": "asked in every crawl, no key needed",
    "on +key": "asked in every crawl, and finds more with a key",
    "needs key": "skipped until its key is set",
    "opt-in": "asked when the event file has [source.NAME], or with --source NAME",
    "off": "switched off by the event file",
}


def state(kind: type[Source], left_out: Mapping[str, str]) -> str:
    """One of `STATES`. `left_out`: sources that a crawl leaves out on purpose."""
    if kind.name in left_out:
        return "opt-in" if left_out[kind.name].startswith("opt-in") else "off"
    if any(not _is_set(name) for name in kind.needs):
        return "needs key"
    return "on +key" if any(not _is_set(name) for name in kind.optional_keys) else "on"


def overview(rows: Sequence[dict[str, Any]], kinds: Mapping[str, type[Source]]) -> list[str]:
    """A line for each source, by state, then the keys and where they come from."""
    ordered = sorted(rows, key=lambda row: list(STATES).index(row["state"]))
    told = [(row["name"], row["state"], _budgets.short(row["budget"]) or f"{row['most']:,} requests",
             row["contributes"]) for row in ordered]  # fmt: skip
    states = {row["state"] for row in rows}
    lines = [*table(("source", "state", "a crawl may use", "adds"), told, fold=False), ""]
    lines += [f"{name}: {text}" for name, text in STATES.items() if name in states]
    keys = [(name, "set" if _is_set(name) else "not set", ", ".join(users), where)
            for name, users, where in keys_of(kinds.values())]  # fmt: skip
    if keys:
        lines += ["", "Keys stand in the environment or in a private file (docs/operating.md, Credentials):"]
        lines += table(("key", "", "for", "where to get it"), keys)
    return [*lines, "", "Everything about one: harvest sources NAME; about all: harvest sources --long"]


def keys_of(kinds: Iterable[type[Source]]) -> Iterator[tuple[str, list[str], str]]:
    """(environment variable, the sources that read it, where it is to be had), by name."""
    found: dict[str, tuple[list[str], str]] = {}
    for kind in kinds:
        for name in (*kind.needs, *kind.optional_keys):
            users, where = found.setdefault(name, ([], kind.key_from))
            users.append(kind.name)
            found[name] = (users, where or kind.key_from)
    yield from ((name, users, where) for name, (users, where) in sorted(found.items()))


def details(row: Mapping[str, Any], kind: type[Source]) -> list[str]:
    """Everything about one source: what it is, adds, needs, may use and has used, and its options."""
    lines = folded(row["label"], f"{row['name']:<{_INDENT - 2}}  ", _INDENT)
    if row["contributes"]:
        lines += _entry(f"adds: {row['contributes']}")
    lines += _entry(f"state: {row['state']}, {STATES[row['state']].replace('NAME', row['name'])}")
    if row["missing"]:
        lines += _entry(f"needs: {', '.join(row['missing'])} (not set: it will be skipped)")
    elif row["needs"]:
        lines += _entry(f"needs: {', '.join(row['needs'])} (set)")
    if unset := [name for name in row["optional_keys"] if not _is_set(name)]:
        lines += _entry(f"more with: {', '.join(unset)}")
    if row["key_from"]:
        lines += _entry(f"key from: {row['key_from']}")
    if told := _budgets.line(row["budget"]):
        lines += _entry(f"budget: {told}")
    return lines + options(kind.option_specs)


def options(specs: Mapping[str, Option]) -> list[str]:
    """A line for each option; the default stands as in the event file."""
    lines = []
    for name, spec in specs.items():
        default = spec.shown_default()
        lines += _entry(f"option {name}{f' = {default}' if default != '–' else ''}: {spec.doc}")
    return lines


def _entry(text: str) -> list[str]:
    return folded(text, " " * _INDENT, _INDENT + 2)


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name, "").strip())
