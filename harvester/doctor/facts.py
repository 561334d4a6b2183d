"""What `harvest doctor` knows before it judges. Plain values: times are aware UTC, modes are those of stat(2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """The environment variables of a source by name, never by value. `wanted`: an event file has its table."""

    source: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    optional_missing: tuple[str, ...] = ()
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class CredentialsFile:
    """The file that HARVEST_CREDENTIALS names, its permissions (0 when it is not there), and why it is not used."""

    path: str
    mode: int
    trouble: str


@dataclass(frozen=True, slots=True)
class Private:
    """A file or folder that only its owner should read."""

    path: str
    mode: int
    folder: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock beside the database: whether somebody holds it, and whom it names."""

    path: str
    held: bool
    pid: int
    since: datetime | None
    alive: bool


@dataclass(frozen=True, slots=True)
class Run:
    """The newest crawl. `ended` is None while it runs, and for ever when it was killed."""

    event: str
    started: datetime
    ended: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What the database says about itself. `zones` and `sources` are those that its events name."""

    schema: int
    newest_schema: int
    journal: str
    log_warning: str
    newest: datetime | None
    last_crawl: Run | None
    tombstones: int
    dead: tuple[tuple[str, int], ...]
    resting: tuple[tuple[str, str], ...]
    zones: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """What is so without any database. `packages` are (name, version, "" when it is missing)."""

    now: datetime
    python: str
    packages: tuple[tuple[str, str], ...]
    sqlite: str
    wal_is_safe: bool
    missing_zones: tuple[str, ...]
    credentials: tuple[Credentials, ...]
    credentials_file: CredentialsFile | None
    broken_sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of the database and what lies in it, whether or not the database is there.

    key          the file that tells what was erased, "" when it is not there
    trouble      why the database cannot be read, "" when it can or is not there
    backups      when each backup was made, newest first
    leftovers    files with people's texts that no command cleans up
    """

    db: str
    exists: bool
    key: str
    trouble: str
    network: str
    free_mb: int
    wanted_mb: int
    private: tuple[Private, ...]
    leftovers: tuple[str, ...]
    lock: Lock | None
    backups: tuple[datetime, ...]
    contents: Contents | None
