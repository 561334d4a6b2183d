"""Where a database file lies: whether it can be opened there, and how it is named to SQLite."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harvester.errors import ForeignDatabase, Unopenable

if TYPE_CHECKING:
    from pathlib import Path

_NETWORK_FILE_SYSTEMS = {
    0x6969: "NFS", 0x517B: "SMB", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x01021997: "9p", 0x65735546: "FUSE",
}  # fmt: skip


def check(path: Path, *, write: bool, create: bool = False) -> None:
    """Raise ForeignDatabase or Unopenable for a file that cannot be used so, before SQLite touches it."""
    if path.is_dir():
        raise ForeignDatabase(f"{path}: is a folder, not a database; name a file with --db")
    if not path.exists():
        if not create:
            raise ForeignDatabase(f"{path}: no such database; `harvest crawl` or `harvest import` makes one")
        if not path.absolute().parent.is_dir():
            raise Unopenable(f"{path}: its folder does not exist; create {path.absolute().parent} first")
    elif not os.access(path, os.R_OK):
        raise Unopenable(f"{path}: not readable by this user; change its permissions")
    elif write and not os.access(path, os.W_OK):
        raise Unopenable(f"{path}: not writable by this user; change its permissions or name another --db")
    if write and (name := network_file_system(path)):
        raise ForeignDatabase(f"{path}: on {name}; SQLite locks are not safe there, use a local disk")


def network_file_system(path: Path) -> str:
    """The name of the network file system `path` lies on, "" for a local one or where we cannot tell."""
    from harvester.store.statfs import file_system_type  # ctypes only when a file is opened

    return _NETWORK_FILE_SYSTEMS.get(file_system_type(path.absolute().parent), "")


def address(path: Path, how: str) -> str:
    """The URI that names a file to SQLite; `how` is its query, as in mode=ro."""
    escaped = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{escaped}?mode={how}"


def for_reading(path: Path) -> str:
    """How to open a file only to read it: in a folder that we may not write to, and without a log, as it lies.

    A database in WAL mode cannot be opened at all there unless SQLite is told that nobody changes it.
    """
    return "ro" if os.access(path.absolute().parent, os.W_OK) or has_log(path) else AS_IT_LIES


AS_IT_LIES = "ro&immutable=1"


def has_log(path: Path) -> bool:
    """Whether something beside the file has to be heard too: a write-ahead log or a rollback journal."""
    beside = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return any(log.exists() and log.stat().st_size for log in beside)
