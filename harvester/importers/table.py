"""Any CSV or TSV of posts, by the names of its columns (`columns.py`) and what the user maps by hand.

A row with an address and nothing else is a page to fetch: a `Link`. An id that a spreadsheet turned into `1.25E+18`
is taken from the address instead, and refused as `mangled_id` where there is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester.errors import InputError
from harvester.importers import Found, Refused, columns
from harvester.importers.sheet import rows_of
from harvester.importers.x_payload import count
from harvester.model import KINDS, Draft, DraftAuthor, Link
from harvester.payloads.x import POST_PAGE, post_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_X_STATUS = re.compile(r"(?:x|twitter)\.com/(?:i/web|([^/?#]+))/status(?:es)?/(\d+)", re.IGNORECASE)
_MANGLED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_RETWEET = re.compile(r"RT @\w+:? ")
_X_NAMES = frozenset({"x", "twitter", "x.com", "twitter.com", "ツイッター", "x(twitter)", "x(旧twitter)"})
_RELATIONS = {
    "retweet": "repost", "repost": "repost", "rt": "repost", "リツイート": "repost", "リポスト": "repost",
    "reply": "reply", "返信": "reply", "リプライ": "reply", "quote": "quote", "引用": "quote",
}  # fmt: skip
_SEPARATORS = re.compile(r"[\s,、;|]+")


def read(path: Path, encoding: str, *, zone: str, mapping: dict[str, str]) -> Iterator[Found]:
    """Every row below the header. `zone` is the IANA zone of dates that name none."""
    if wrong := sorted(set(mapping.values()) - set(columns.FIELDS)):
        raise InputError(f"--map: no field {wrong[0]!r}; fields are {', '.join(columns.FIELDS)}")
    layout, rows = rows_of(path, encoding, lambda row: columns.score(row, mapping))
    fields = columns.fields_of(layout.header, mapping)
    if "published" in fields:
        zone = columns.zone_in(layout.header[fields["published"]]) or zone
    for where, row in rows:
        if isinstance(row, Refused):
            yield Refused(row.reason, where, row.detail)
        else:
            yield _found({name: row[i].strip() for name, i in fields.items() if i < len(row)}, where, zone)


def _found(row: dict[str, str], where: str, zone: str) -> Found:
    url = row.get("url", "")
    handle = row.get("handle", "").lstrip("@＠")
    status = _X_STATUS.search(url)
    native_id = status[2] if status else ""
    if not status and (x_id := _x_id(row, url)):
        if not x_id.isdecimal():
            return Refused("mangled_id", where, f"{x_id}: format the id column as text and export again")
        native_id, url = x_id, post_url(x_id, handle)
    if not url:
        return Refused("no_address", where)
    told = {name for name, value in row.items() if value} - {"url", "id", "x_id", "media", "language"}
    if not row.get("text") and native_id:
        return Refused("no_text", where, f"post {native_id}: its words are had from the X API only")
    if not told:
        return Link(url=url)
    return _draft(row, url, native_id, (status[1] or "") if status else handle, zone)


def _x_id(row: dict[str, str], url: str) -> str:
    """The id of an X post that has no address of its own: a column that says so, or a number as long as one."""
    if url and not POST_PAGE.match(url):
        return ""
    found = row.get("x_id", "") or (row.get("id", "") if not url else "")
    found = found.lstrip("'")
    if _MANGLED.fullmatch(found) or (found.isdecimal() and ("x_id" in row or 15 <= len(found) <= 20)):
        return found
    return ""


def _draft(row: dict[str, str], url: str, native_id: str, handle: str, zone: str) -> Draft:
    on_x = bool(native_id) or row.get("media", "").casefold().replace(" ", "") in _X_NAMES
    text = row.get("text", "")
    kind, relation, target = _relation(row, text, on_x=on_x)
    published = row.get("published", "")
    if (clock := row.get("clock", "")) and ":" not in published and "時" not in published:
        published = f"{published} {clock}".strip()
    return Draft(
        url=url,
        native_id=native_id,
        platform="x" if on_x else "",
        kind=kind,
        title=row.get("title", ""),
        text=text,
        language=row.get("language", "") if len(row.get("language", "")) <= 8 else "",
        author=_author(row, handle, on_x=on_x),
        published=published,
        published_origin="import" if published else "",
        updated=row.get("updated", ""),
        default_zone=zone,
        hashtags=tuple(tag.lstrip("#＃") for tag in _SEPARATORS.split(row.get("hashtags", "")) if tag.lstrip("#＃")),
        links=tuple(part for part in _SEPARATORS.split(row.get("links", "")) if part.startswith("http")),
        relation=relation,
        target=target,
        reactions=() if kind == "repost" else _reactions(row),
        publisher="" if on_x else row.get("media", ""),
    )


def _relation(row: dict[str, str], text: str, *, on_x: bool) -> tuple[str, str, str]:
    told = row.get("kind", "").casefold()
    relation = _RELATIONS.get(told, "")
    if on_x and not relation and _RETWEET.match(text):
        relation = "repost"
    target = row.get("target", "")
    target = f"x:{target}" if on_x and relation and target.isdecimal() else ""
    if relation == "repost":
        return "repost", "repost", target
    return (told if told in KINDS else "micropost" if on_x else ""), relation, target


def _author(row: dict[str, str], handle: str, *, on_x: bool) -> DraftAuthor:
    author = row.get("author", "")
    if on_x and not handle and re.fullmatch(r"[@＠]?\w{1,15}", author, re.ASCII):
        handle = author.lstrip("@＠")
    return DraftAuthor(
        platform="x" if on_x and handle else "",
        handle=handle,
        name=row.get("name", "") or author,
        url=row.get("author_url", "") or (f"https://x.com/{handle}" if on_x and handle else ""),
        bio=row.get("bio", ""),
        followers=count(row.get("followers", "")),
    )


def _reactions(row: dict[str, str]) -> tuple[tuple[str, int], ...]:
    found = ((name, count(row.get(name, ""))) for name in columns.REACTIONS)
    return tuple((name, value) for name, value in found if value is not None)
