"""The archive X gives to account holders: a zip, or its `tweets.js` (with its parts) taken out of it.

Only tweets and the account's name are read, never messages; nothing is unpacked or executed. The files are
assignments (`window.YTD.tweets.part0 = [ … ]`): what follows the first `=` is JSON. The author stands in `account.js`.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from harvester.errors import InputError
from harvester.importers import Found, Refused
from harvester.importers.files import MAX_DOCUMENT, loads, whole_text
from harvester.importers.x_payload import found_in, page_from_v1

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TWEETS = re.compile(r"(?:[^/]+/)?(?:data/)?tweets?(?:-part\d+)?\.js")
_ACCOUNT = re.compile(r"(?:[^/]+/)?(?:data/)?account\.js")
_MAX_MEMBERS = 200_000
_MAX_RATIO = 200  # tweets compress about tenfold
_ACCOUNT_SIZE = 1 << 20


def read(path: Path, encoding: str) -> Iterator[Found]:
    """Every tweet of a zip or of one `.js` file; a lone file looks for `account.js` beside it."""
    if zipfile.is_zipfile(path):
        yield from _read_zip(path)
        return
    beside = path.with_name("account.js")
    owner = _owner(whole_text(beside, "utf-8", _ACCOUNT_SIZE)) if beside.is_file() else None
    yield from _tweets(whole_text(path, encoding), owner, path.name)


def is_archive(path: Path) -> bool:
    """Whether a zip holds tweets. Raises InputError for a zip that is broken or another thing."""
    with _opened(path) as archive:
        names = [info.filename for info in _members(archive, path)]
    if any(_TWEETS.fullmatch(name) for name in names):
        return True
    kind = "an Excel workbook; save it as CSV" if "xl/workbook.xml" in names else "a zip without data/tweets.js"
    raise InputError(f"{path}: {kind}")


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise InputError(f"{path}: a damaged zip ({error})") from error


def _members(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS:
        raise InputError(f"{path}: a zip of {len(members):,} members; an X archive has fewer than {_MAX_MEMBERS:,}")
    for info in members:
        parts = info.filename.replace("\\", "/").split("/")
        if ".." in parts or info.filename.startswith(("/", "\\")) or ":" in parts[0]:
            raise InputError(f"{path}: a zip whose names leave its folder ({info.filename[:80]!r}); not an X archive")
    return members


def _read_zip(path: Path) -> Iterator[Found]:
    with _opened(path) as archive:
        members = _members(archive, path)
        account = next((info for info in members if _ACCOUNT.fullmatch(info.filename)), None)
        owner = _owner(_content(archive, account, path, _ACCOUNT_SIZE)) if account else None
        tweets = {info.filename: info for info in members if _TWEETS.fullmatch(info.filename)}
        for name in sorted(tweets):
            yield from _tweets(_content(archive, tweets[name], path, MAX_DOCUMENT), owner, name)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, limit: int) -> str:
    """A member's text, never more than `limit` bytes of it, whatever sizes the zip declares."""
    ratio = info.file_size / max(1, info.compress_size)
    if info.file_size > limit or (info.file_size > _ACCOUNT_SIZE and ratio > _MAX_RATIO):
        raise InputError(f"{path}: {info.filename} unpacks to {info.file_size >> 20:,} MiB; refused")
    try:
        with archive.open(info) as file:
            body = file.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise InputError(f"{path}: {info.filename} cannot be read ({error})") from error
    if len(body) > limit:
        raise InputError(f"{path}: {info.filename} is larger than it declares; refused")
    return body.decode("utf-8-sig", "replace")


def _tweets(text: str, owner: dict[str, Any] | None, name: str) -> Iterator[Found]:
    values = _assigned(text)
    if isinstance(values, Refused):
        yield Refused(values.reason, name, values.detail)
        return
    for number, value in enumerate(values if isinstance(values, list) else [values], 1):
        where = f"{name} record {number}"
        tweet = value.get("tweet", value) if isinstance(value, dict) else value
        if isinstance(tweet, dict) and ("full_text" in tweet or "text" in tweet):
            yield from found_in(page_from_v1(tweet, owner), where)
        else:
            yield Refused("not_a_post", where)


def _assigned(text: str) -> Any:
    body = text.lstrip("\ufeff \r\n\t")
    if not body.startswith(("[", "{")):
        body = body.partition("=")[2]
    return loads(body.strip().rstrip(";").encode("utf-8", "replace"))


def _owner(text: str) -> dict[str, Any] | None:
    """The account as a v1.1 user; None when the file is not what it should be."""
    values = _assigned(text)
    first = values[0] if isinstance(values, list) and values else None
    account = first.get("account") if isinstance(first, dict) else None
    if not isinstance(account, dict):
        return None
    return {
        "id_str": account.get("accountId"),
        "screen_name": account.get("username"),
        "name": account.get("accountDisplayName"),
    }
