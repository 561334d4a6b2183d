"""The key of what was erased: a file beside the database, of its owner only, in no copy and no backup of it."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harvester.errors import ConfigError, Unopenable
from harvester.store.backup import file_of

if TYPE_CHECKING:
    from harvester.store.connection import Connection

_BYTES: Final = 32
_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def key_path(db: str | Path) -> Path:
    """The key file of a database; links are followed, as for its lock."""
    real = Path(os.path.realpath(db))
    return real.with_name(real.name + ".key")


def read_key(path: Path) -> bytes:
    """The key. Raises ConfigError for a file that is missing, open to others or no key; each names the repair."""
    try:
        about = path.stat()
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: the key of what was erased is missing, so nobody can tell what must not come back;"
            " put the file back from where it is kept (docs/privacy.md: what to do when it is lost)"
        ) from None
    if about.st_mode & _OPEN_TO_OTHERS:
        raise ConfigError(f"{path}: other users can read the key; run: chmod 600 {path}")
    return _read(path, about.st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise Unopenable(f"{path}: {error.strerror}; it must be readable by this user") from error
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise ConfigError(f"{path}: no key of harvester's; put the right file back from where it is kept")
    return key


def make_key(path: Path) -> bytes:
    """The key, made when there is none yet: 32 random bytes in hex, readable by its owner only, on disk on return."""
    if not path.exists():
        part = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(_BYTES) + "\n")
                file.flush()
                os.fsync(handle)
            with contextlib.suppress(FileExistsError):  # somebody was faster: theirs holds
                path.hardlink_to(part)
        finally:
            part.unlink()
    return read_key(path)


def key_for(conn: Connection) -> bytes:
    """The key to write tombstones with: made for the first, never again, since the others would mean nothing then."""
    path = key_path(file_of(conn))
    held = conn.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is not None
    return read_key(path) if held else make_key(path)
