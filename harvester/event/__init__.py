"""Event files: TOML that says what an event is, who runs it and where to look. Read, checked as a whole, written.

`load` is the only way in: it reports every problem at once, each with file, line, key and repair.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from harvester.errors import ConfigError
from harvester.event import toml
from harvester.event.check import Judge, Reader, slug_from
from harvester.event.data import AFTERMATH, Crawl, Event, Outlet, Person, identity_of
from harvester.event.keys import EVENT_KEYS, LISTS_OF_PEOPLE
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "AFTERMATH", "EVENT_KEYS", "Crawl", "Event", "Judge", "Outlet", "Person", "faults", "files_named", "identity_of",
    "load", "render", "slug_from",
]  # fmt: skip

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SECTIONS: Final = (
    ("What it is", ("name", "slug", "names", "hashtags", "negative", "series", "edition", "city")),
    ("When", ("starts", "ends", "timezone", "report_timezone")),
    ("Whose it is", ("official_hosts", "official_handles", "vendor_names", "sponsor_hosts", "organisers")),
    ("Who came", ("speakers", "attendees", "press", "registered", "attended", "incentivised")),
    ("Where to look", ("event_urls", "feeds", "pages", "opml", "aggregator_hosts", "wire_hosts", "outlets")),
    ("How long it is kept", ("keep_days",)),
    ("How it is measured", ("reach_threshold",)),
)
_EXAMPLES: Final = {
    "hashtags": '["MyConf", "マイカンファ"]',
    "names": '["MyConf 2026", "マイカンファレンス"]',
    "negative": '["MyConf 2025"]',
    "official_hosts": '["myconf.example"]',
    "official_handles": '["x:@myconf"]',
    "organisers": '["Aoi Sato", "x:@aoi", "https://aoi.example/"]',
    "attendees": '["qiita:aoi"]  # or: attendees_file = "attendees.csv"',
    "feeds": '["https://aoi.example/feed"]',
    "incentivised": "false",
    "registered": "0",
    "attended": "0",
    "keep_days": "365",
    "reach_threshold": "3000",
    "outlets": '[{ name = "Example News", hosts = ["news.example"] }]  # or: outlets_file = "my-outlets.toml"',
}


def load(text: str, path: str, files: Mapping[str, str] | None = None, judge: Judge | None = None) -> Event:
    """The event that a TOML text describes.

    path   named in messages; its stem is the slug when the file gives none
    files  texts of the lists beside the file (`attendees_file = "attendees.csv"`), by name
    judge  tells what is wrong inside a `[source.NAME]` table, which only those who know the sources can
    Raises ConfigError with all problems, `path: line N: [key] what is wrong; repair` each.
    """
    document, problems = toml.read(text, path)
    reader = Reader(document, text, path, dict(files or {}), judge)
    reader.problems += problems
    event = reader.event()
    if reader.problems or event is None:
        raise ConfigError("\n".join(reader.problems), tuple(reader.problems))
    return event


def faults(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with some values for `render`, each (key, what is wrong and its repair).

    Keys that are not there yet are not missed; `media` may be among the values. A file may escape a control character
    (it is then cleaned away); a value given by hand may not hold one, nor half a character.
    """
    controls = [
        (key, f"{text!r} holds the control character U+{ord(found[0]):04X}; remove it")
        for key, value in values.items()
        for text in _texts(value)
        if (found := _CONTROL.search(text))
    ]
    if controls:
        return controls
    others = {"name": "-", "slug": "any", "timezone": "UTC", "starts": values.get("ends", "2026-11-30")}
    reader = Reader({**others, **values}, "", "", {})
    reader.event()
    return [(key, problem) for key, problem in reader.told if key.partition(".")[0] in values]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict | list | tuple):
        return [text for item in (value.values() if isinstance(value, dict) else value) for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def files_named(text: str) -> tuple[str, ...]:
    """Names of the list files that an event file asks for; nothing when it is no TOML (`load` says so)."""
    try:
        document, _ = toml.read(text, "")
    except ConfigError:
        return ()
    wanted = (document.get(f"{key}_file") for key in (*LISTS_OF_PEOPLE, "outlets"))
    return tuple(name for name in wanted if isinstance(name, str) and name)


def render(values: Mapping[str, Any], media: Sequence[Mapping[str, Any]] = ()) -> str:
    """An event file with these values, every other key there as a commented example, one line on each.

    Values are strings, numbers, booleans or lists of strings; dates are strings and written as TOML dates.
    `media` are blocks of name, hosts, feed and language. What comes out is TOML; `load` checks what it says.
    """
    lines = [f"# {shown(values.get('name', 'An event'))}: what `harvest` looks for and how it judges what it finds."]
    for title, keys in _SECTIONS:
        lines += ["", f"# {title}", ""]
        for key in keys:
            lines.append(f"# {EVENT_KEYS[key]}")
            if key in values:
                lines.append(f"{key} = {_toml(key, values[key])}")
            else:
                lines.append(f"# {key} = {_EXAMPLES.get(key, '[]' if _is_list(key) else _toml(key, ''))}")
    lines += ["", "# Media whose articles count as media. One block each."]
    for outlet in media or ():
        lines += ["[[media]]", *(f"{key} = {_toml(key, value)}" for key, value in outlet.items()), ""]
    return "\n".join([*lines, _OUTLET, _TABLES])


def _is_list(key: str) -> bool:
    return key.endswith(("s", "press", "opml")) and key not in ("starts", "ends", "series", "keep_days")


def _is_toml_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return re.fullmatch(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d)?", text) is not None


def _toml(key: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml("", item) for item in value) + "]"
    if key in ("starts", "ends") and _is_toml_date(str(value)):
        return str(value)
    if isinstance(value, bool | int):
        return str(value).lower()
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


_OUTLET: Final = """\
# [[media]]
# name = "Example News"
# hosts = ["news.example"]
# feed = "https://news.example/rss"
# language = "ja"
"""
_TABLES: Final = """\
# How far one crawl goes.
# [crawl]
# max_depth = 2
# max_pages = 2000
# deadline_minutes = 60
# contact = "https://myconf.example/contact"

# Options of one source; `harvest sources` names them.
# [source.x]
# max_posts = 500
"""
