"""Lists of outlets that others publish, as rows of a registry: checked, compared, and written as TOML. Pure.

Wanted of a row: a name, and a host or any address of it; `outlet_forms` says in which forms a list may come.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from harvester import outlet_forms, outlets, urls
from harvester.outlets import Outlet
from harvester.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAID: Final = ("name", "hosts", "feed", "language", "kind", "provenance")


@dataclass(frozen=True, slots=True)
class Change:
    """What a refresh would do to one outlet: `added`, `changed` (with the fields that differ), `dropped`."""

    what: str
    outlet: Outlet
    fields: tuple[str, ...] = ()


def read(text: str, provenance: str, language: str = "") -> tuple[list[Outlet], list[str]]:
    """(outlets, what was left out and why) of a list in any of the forms.

    provenance  what each row will say it rests on
    language    of rows that name none; "" takes `ja` for hosts in .jp and `en` for others
    Raises ValueError for a text in none of the forms.
    """
    found: dict[str, Outlet] = {}
    left: list[str] = []
    taken: set[str] = set()
    for record in outlet_forms.records(text):
        row, problem = _outlet(record, provenance, language)
        if row is None:
            left.append(problem)
            continue
        known = found.get(fold(row.name))
        hosts = tuple(host for host in row.hosts if host not in taken)
        taken.update(hosts)
        if known:
            found[fold(row.name)] = replace(known, hosts=(*known.hosts, *hosts))
        elif hosts:
            found[fold(row.name)] = replace(row, hosts=hosts)
        else:
            left.append(f"{row.name}: {', '.join(row.hosts)} belongs to a row above")
    if not found:
        raise ValueError("; ".join(left[:3]) or "no outlet in it; wanted are columns (or keys) name and host")
    return list(found.values()), left


def _outlet(record: dict[str, Any], provenance: str, language: str) -> tuple[Outlet | None, str]:
    """A record as an outlet, or why it is none."""
    hosts = tuple(dict.fromkeys(host for value in _texts(record["hosts"]) if (host := _host(value))))
    name = clean(str(record["name"])) or (hosts[0] if hosts else "")
    if not hosts:
        return None, f"{name or 'a row'}: no host in {clean(str(record['hosts']))[:60] or 'it'}"
    if shared := [host for host in hosts if urls.identify(f"https://{host}/a/b").platform != "web"]:
        return None, f"{name}: {', '.join(shared)} belongs to many authors; name the account in the event file instead"
    spoken = clean(str(record["language"])).lower()[:2] or language or ("ja" if hosts[0].endswith(".jp") else "en")
    feed = str(record["feed"]).strip()
    row: dict[str, Any] = {
        "name": name, "hosts": list(hosts), "language": spoken, "confidence": "known", "provenance": provenance,
        "feed": feed if feed.startswith("https://") else "",
        "kind": record["kind"] if record["kind"] in outlets.KINDS else "",
    }  # fmt: skip
    if told := outlets.problem({key: value for key, value in row.items() if value}):
        return None, f"{name}: {told}"
    return Outlet(**{**row, "hosts": hosts}), ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value).replace(",", " ").split()


def _host(text: str) -> str:
    """The site of an address or host, without `www.`; "" when it is none."""
    host = urls.host_of(text) if "://" in text else urls.host_of(f"https://{text.strip('/')}/")
    host = urls.site_of(host)
    return host if outlets.is_host(host) else ""


def merged(
    present: Sequence[Outlet], lists: Sequence[tuple[str, Sequence[Outlet]]]
) -> tuple[list[Outlet], list[Change]]:
    """(rows after a refresh, what changes) when `lists`, each (name of the list, its outlets), are read again.

    A row belongs to the list that its provenance begins with: it is dropped when that list no longer has it. Rows of
    other lists, and rows written by hand, stay as they are and go first.
    """
    names = tuple(f"{name} " for name, _ in lists)
    mine = {fold(row.name): row for row in present if row.provenance.startswith(names)}
    kept = [row for row in present if not row.provenance.startswith(names)]
    claimed = {fold(row.name) for row in kept} | {host for row in kept for host in row.hosts}
    fresh: dict[str, Outlet] = {}
    for row in (row for _, rows in lists for row in rows):
        hosts = tuple(host for host in row.hosts if host not in claimed)
        if hosts and fold(row.name) not in claimed:
            fresh[fold(row.name)] = replace(row, hosts=hosts)
            claimed.update((fold(row.name), *hosts))
    changes = [_change(mine.get(name), row) for name, row in fresh.items()]
    changes += [Change("dropped", row) for name, row in mine.items() if name not in fresh]
    return [*kept, *fresh.values()], [change for change in changes if change.what != "same"]


def _change(was: Outlet | None, now: Outlet) -> Change:
    if was is None:
        return Change("added", now)
    differ = tuple(name for name in ("hosts", "feed", "language", "kind") if getattr(was, name) != getattr(now, name))
    return Change("changed" if differ else "same", now, differ)


def render(rows: Sequence[Outlet]) -> str:
    """A registry file of these rows, which `outlets.read` reads again."""
    lines = [
        "# Outlets of your own: whose pages are media's. Named in an event file by `outlets_file`.",
        "# `harvest outlets refresh` writes it; rows that you write yourself stay when their provenance is your own.",
        "",
        "outlet = [",
    ]
    for row in rows:
        said = [
            f"{key} = {_toml_value(getattr(row, key))}" for key in (*_SAID, "confidence", "search") if getattr(row, key)
        ]
        lines.append(f"  {{ {', '.join(said)} }},")
    return "\n".join([*lines, "]", ""])


def _toml_value(value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
