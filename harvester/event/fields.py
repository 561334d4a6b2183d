"""The kinds of values in an event file: each read and checked by its key, every problem kept, none raised."""

from __future__ import annotations

import difflib
import re
from datetime import UTC, tzinfo
from typing import Any, Final

from harvester import urls
from harvester.event.keys import NUMBERS, keys_of
from harvester.event.lines import Lines
from harvester.event.people import reference_problem
from harvester.text import clean, tag_key

_BAD_URL: Final = {
    "scheme": "only http and https addresses are fetched; give an https address",
    "userinfo": "user names and passwords in addresses are refused; remove them",
    "too_long": "longer than 2,048 characters; shorten it",
    "empty": "empty; remove it",
}


class Fields:
    """A TOML document being read; `problems` grows with every key that is looked at.

    `told` holds the same as (full key, what is wrong and its repair), for those who name places in their own way.
    """

    def __init__(self, document: dict[str, Any], text: str, path: str, files: dict[str, str]) -> None:
        self.problems: list[str] = []
        self.told: list[tuple[str, str]] = []
        self._document = document
        self._text = text
        self._path = path
        self._files = files
        self._lines = Lines(text)
        self._zone: tzinfo = UTC

    def _tell(self, key: str, what: str, repair: str = "", *, table: str = "", block: int = 0, value: str = "") -> None:
        line = self._lines.of(key, table, block, value)
        full = f"{table}.{key}" if table and key else table or key
        where = f"{self._path}: line {line}" if line else self._path
        problem = f"{what}{'; ' + repair if repair else ''}"
        self.told.append((full, problem))
        self.problems.append(f"{where}: [{full}]: {problem}")

    def _unknown(self, table: dict[str, Any], name: str, block: int) -> None:
        """Refuse keys that nobody reads, with the one probably meant."""
        known = keys_of(name)
        for key in table:
            if key in known:
                continue
            close = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.6)
            if not close and name and key in keys_of():
                repair = f"{key!r} belongs above the first [table] of the file"
            else:
                repair = f"did you mean {close[0]!r}?" if close else f"keys here are: {', '.join(known)}"
            self._tell(key, "unknown key", repair, table=name, block=block)

    def _string(self, key: str) -> str:
        value = self._document.get(key, "")
        if isinstance(value, int | float) and not isinstance(value, bool) and key == "edition":
            value = str(value)
        if not isinstance(value, str):
            self._tell(key, f"{kind_of(value)} where a string belongs", f'write {key} = "…"')
            return ""
        if key in self._document and not clean(value):
            self._tell(key, "empty", "fill it in or remove the key")
        return clean(value)

    def _strings(self, key: str) -> tuple[str, ...]:
        """A list of strings as written, cleaned, each once."""
        value = self._document.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._tell(key, f"{kind_of(value)} where a list of strings belongs", f'write {key} = ["…", "…"]')
            return ()
        if not all(clean(item) for item in value):
            self._tell(key, "an empty string in the list", "remove it")
        return tuple(dict.fromkeys(cleaned for item in value if (cleaned := clean(item))))

    def _hashtags(self) -> tuple[str, ...]:
        """Tags without #, each key once."""
        tags: dict[str, str] = {}
        for raw in self._strings("hashtags"):
            tag = raw.lstrip("#＃").strip()
            if not tag_key(tag) or re.search(r"\s", tag):
                self._tell("hashtags", f"{raw!r} is not a hashtag", "tags have no spaces; split or join it", value=raw)
            tags.setdefault(tag_key(tag), tag)
        return tuple(tags.values())

    def _flag(self, key: str) -> bool:
        value = self._document.get(key, False)
        if not isinstance(value, bool):
            self._tell(key, f"{kind_of(value)} where true or false belongs", f"write {key} = true")
            return False
        return value

    def _number(self, key: str, table: dict[str, Any], name: str) -> int | None:
        value = table.get(key)
        low, high = NUMBERS[key]
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self._tell(key, f"{value!r} is not a whole number from {low} to {high}", "change it", table=name)
            return None
        return value

    def _hosts(self, key: str) -> tuple[str, ...]:
        return self._checked_hosts(self._strings(key), key, "", 0)

    def _checked_hosts(self, written: tuple[str, ...], key: str, table: str, block: int) -> tuple[str, ...]:
        found = []
        for raw in written:
            host = urls.host_of(f"https://{raw}/")
            if host and "." in host and not re.search(r"[/:@?#]", raw):
                found.append(host)
                continue
            inside = urls.host_of(raw) or urls.host_of("https://" + raw)
            repair = f"write the host alone: {inside!r}" if inside and "." in inside else "write it as example.com"
            self._tell(key, f"{raw!r} is not a host name", repair, table=table, block=block, value=raw)
        return tuple(dict.fromkeys(found))

    def _handles(self, key: str) -> tuple[str, ...]:
        for raw in (written := self._strings(key)):
            problem = reference_problem(raw)
            if problem:
                self._tell(key, problem, value=raw)
        return written

    def _urls(self, key: str) -> tuple[str, ...]:
        return tuple(self._url(raw, key) for raw in self._strings(key))

    def _url(self, raw: str, key: str, table: str = "", block: int = 0) -> str:
        try:
            return urls.fetchable(raw)
        except urls.BadUrl as error:
            repair = _BAD_URL.get(error.reason, "not an address; write it as https://example.com/page")
            self._tell(key, f"{raw!r}", repair, table=table, block=block, value=raw)
            return ""

    def _blocks(self, key: str) -> list[dict[str, Any]]:
        value = self._document.get(key, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        self._tell(key, f"{kind_of(value)} where [[{key}]] blocks belong", f"begin each with a line [[{key}]]")
        return []

    def _table(self, key: str) -> dict[str, Any]:
        value = self._document.get(key, {})
        if isinstance(value, dict):
            return value
        self._tell(key, f"{kind_of(value)} where a [{key}] table belongs", f"begin it with a line [{key}]")
        return {}


def kind_of(value: Any) -> str:
    """What a TOML value is, for people."""
    if isinstance(value, bool):
        return "true/false"
    kinds = ((str, "a string"), (int, "a number"), (float, "a number"), (list, "a list"), (dict, "a table"))
    return next((name for kind, name in kinds if isinstance(value, kind)), f"a {type(value).__name__}")
