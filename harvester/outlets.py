"""The registry of media outlets (`outlets.toml`) as values: who they are, where they publish, how sure that is. Pure.

Read once, on first use, and refused as a whole when a row of it is not as it should be: it is shipped with the code.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Final

from harvester.text import fold

CONFIDENCE: Final = ("checked", "listed", "doubtful")
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One row; the head of `outlets.toml` says what its fields hold."""

    name: str
    hosts: tuple[str, ...]
    feed: str
    language: str
    confidence: str
    provenance: str
    search: str = ""

    @property
    def trusted(self) -> bool:
        """Whether its feed may be read without being asked for by name."""
        return self.confidence != "doubtful"

    def keeps(self, host: str) -> bool:
        """Whether a host is one of its own or below one."""
        return any(host == own or host.endswith("." + own) for own in self.hosts)

    def called(self, word: str) -> bool:
        """Whether a word of an event file means this outlet: its name in any spelling, or a host."""
        return fold(word).strip() in {fold(self.name), *self.hosts}


@cache
def registry() -> tuple[Outlet, ...]:
    """The shipped registry, in its order."""
    return read(files("harvester").joinpath("outlets.toml").read_text("utf-8"))


def read(text: str) -> tuple[Outlet, ...]:
    """The outlets in a TOML text. Raises ValueError naming every row that is wrong and how."""
    rows: list[dict[str, Any]] = tomllib.loads(text).get("outlet", [])
    wrong = [f"{row.get('name', 'a row without a name')}: {told}" for row in rows if (told := _problem(row))]
    if not wrong:
        wrong = [f"{value} stands twice" for value in _twice(rows)]
    if wrong or not rows:
        raise ValueError("; ".join(wrong) or "no outlets")
    return tuple(Outlet(**{**row, "hosts": tuple(row["hosts"])}) for row in rows)


def _problem(row: dict[str, Any]) -> str:
    """What is wrong with a row, "" when nothing is."""
    known = {field.name for field in fields(Outlet)}
    if strange := sorted(set(row) - known):
        return f"nobody reads {', '.join(strange)}"
    if lacking := sorted(name for name in known - {"search"} if not row.get(name)):
        return f"no {', '.join(lacking)}"
    hosts, texts = row["hosts"], [row[name] for name in row if name != "hosts"]
    if not isinstance(hosts, list) or not all(isinstance(text, str) for text in [*hosts, *texts]):
        return "hosts is a list of texts, everything else a text"
    if bad := [host for host in hosts if not _HOST.fullmatch(host)]:
        return f"{', '.join(bad)} is no host in lower-case ASCII"
    if bad := [row[name] for name in ("feed", "search") if not row.get(name, "https://").startswith("https://")]:
        return f"{', '.join(bad)} does not begin with https://"
    if "{tag}" not in row.get("search", "{tag}"):
        return "search has no {tag}"
    if not _LANGUAGE.fullmatch(row["language"]):
        return f"language {row['language']} is no two letters"
    return "" if row["confidence"] in CONFIDENCE else f"confidence is one of {', '.join(CONFIDENCE)}"


def _twice(rows: list[dict[str, Any]]) -> list[str]:
    """Names, hosts and feeds that more than one row claims."""
    names, feeds = [fold(row["name"]) for row in rows], [row["feed"] for row in rows]
    counted = (Counter(names), Counter(host for row in rows for host in row["hosts"]), Counter(feeds))
    return [value for counts in counted for value, times in counts.items() if times > 1]
