"""The facts that `harvest doctor` judges, read from the machine, the folder and the database. Writes nothing."""

from __future__ import annotations

import fcntl
import os
import platform
import re
import shutil
import tomllib
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from harvester import credentials as credentials_of
from harvester import dates
from harvester.crawl import catalogue
from harvester.crawl.lock import lock_path
from harvester.doctor.facts import Contents, Credentials, CredentialsFile, Lock, Machine, Place, Private, Run
from harvester.errors import ConfigError, HarvestError
from harvester.store import backup, crawl_state, health, secret, wal
from harvester.store.connection import open_as_is
from harvester.store.place import network_file_system
from harvester.store.version import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from harvester.store.connection import Connection

_LOGS: Final = ("", "-wal", "-shm", "-journal")
_HOLDER: Final = re.compile(r"pid (\d+) since (\S+Z)")


def machine(
    now: datetime, environment: Mapping[str, str], modules: Iterable[str], contents: Contents | None
) -> Machine:
    """What is so on this machine; `contents` tells which zones and credentials are needed."""
    known_keys = dict(environment)
    file = _credentials_file(known_keys)
    zones, wanted = (contents.zones, contents.sources) if contents else ((), ())
    version, safe = health.sqlite_version()
    known = catalogue.load(modules)
    credentials = tuple(
        Credentials(
            name,
            kind.needs,
            catalogue.missing_keys(kind, known_keys),
            tuple(key for key in kind.optional_keys if not known_keys.get(key, "").strip()),
            name in wanted,
        )
        for name, kind in known.sources.items()
    )
    return Machine(
        now=now,
        python=f"Python {platform.python_version()}",
        packages=tuple((name, _version(name)) for name in _requirements()),
        sqlite=version,
        wal_is_safe=safe,
        missing_zones=tuple(zone for zone in sorted({"Asia/Tokyo", *zones}) if not _has_zone(zone)),
        credentials=credentials,
        credentials_file=file,
        broken_sources=tuple(known.broken.values()),
    )


def _credentials_file(environment: dict[str, str]) -> CredentialsFile | None:
    """The file that the environment names, whose credentials join it; None when it names none."""
    if not (named := environment.get(credentials_of.VARIABLE, "")):
        return None
    path, trouble = Path(named).expanduser(), ""
    try:
        credentials_of.adopt(environment, path)
    except ConfigError as error:
        trouble = str(error)
    return CredentialsFile(str(path), path.stat().st_mode & 0o777 if path.exists() else 0, trouble)


def _requirements() -> list[str]:
    """The packages harvester was installed with, itself first; those of extras are left out."""
    try:
        told = metadata.requires("harvester") or []
    except metadata.PackageNotFoundError:
        return ["harvester"]
    names = [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in told if "extra ==" not in line]
    return ["harvester", *sorted(names)]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _has_zone(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def place(db: Path, wanted_mb: int, now: datetime) -> Place:
    """What lies at `db` and beside it."""
    real = Path(os.path.realpath(db))
    contents, trouble = None, ""
    if real.exists():
        try:
            with closing(open_as_is(real)) as conn:
                contents = _contents(conn, real, now)
        except HarvestError as error:
            trouble = str(error)
    folder = real.parent
    return Place(
        db=str(db),
        exists=real.exists(),
        key=str(key) if (key := secret.key_path(db)).exists() else "",
        trouble=trouble,
        network=network_file_system(real) if folder.is_dir() else "",
        free_mb=shutil.disk_usage(_nearest(folder)).free >> 20,
        wanted_mb=wanted_mb,
        private=tuple(_private(db, real)),
        leftovers=tuple(str(path) for path in _leftovers(real)),
        lock=_lock(lock_path(db)),
        backups=tuple(backup.taken_at(path) for path in backup.existing(backup.folder_for(db), real.stem)),
        contents=contents,
    )


def _nearest(folder: Path) -> Path:
    """The folder, or the closest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def _contents(conn: Connection, real: Path, now: datetime) -> Contents | None:
    version = health.schema(conn)
    if not version:
        return None
    run = health.last_crawl(conn)
    newest = health.newest_time(conn)
    return Contents(
        schema=version,
        newest_schema=LATEST,
        journal=health.journal(conn),
        log_warning=wal.warning(real),
        newest=dates.parse_iso(newest) if newest else None,
        last_crawl=None
        if run is None
        else Run(
            event=run["event"] or "",
            started=dates.parse_iso(run["started_at"]),
            ended=dates.parse_iso(run["ended_at"]) if run["ended_at"] else None,
            status=run["status"] or "",
        ),
        tombstones=health.tombstones(conn),
        dead=tuple((source, count) for source, count in health.dead_pages(conn)),
        resting=tuple((row["host"], row["not_before"]) for row in crawl_state.resting_hosts(conn, dates.iso(now))),
        zones=tuple(health.zones(conn)),
        sources=tuple(sorted({name for text in health.event_files(conn) for name in _sources_in(text)})),
    )


def _sources_in(event_file: str) -> Iterable[str]:
    """The sources that an event file has a table for."""
    try:
        tables = tomllib.loads(event_file).get("source", {})
    except tomllib.TOMLDecodeError:
        return ()
    return tables if isinstance(tables, dict) else ()


def _private(db: Path, real: Path) -> Iterator[Private]:
    """What only its owner should read, as far as it is there."""
    names = [f"{real}{log}" for log in _LOGS] + [f"{db}.archive{log}" for log in _LOGS] + [f"{real}.key"]
    paths = [Path(name) for name in dict.fromkeys(names)]
    folder = backup.folder_for(db)
    for path in (*paths, folder, *backup.existing(folder, real.stem), *_leftovers(real)):
        if path.exists():
            yield Private(str(path), path.stat().st_mode & 0o777, path.is_dir())


def _leftovers(real: Path) -> list[Path]:
    """Damaged files that a restore set aside, and what a restore or an erasure left when it was killed."""
    beginnings = (f"{real.name}.damaged-", f"{real.name}.restoring", f".{real.name}.rewrite")
    if not real.parent.is_dir():
        return []
    return sorted(path for path in real.parent.iterdir() if path.name.startswith(beginnings))


def _lock(path: Path) -> Lock | None:
    """Who holds the lock. A shared lock is tried for a moment: there is no other way to ask for flock's holder."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        told = _HOLDER.search(os.pread(fd, 200, 0).decode("utf-8", "replace"))
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            held = False
        except BlockingIOError:
            held = True
    finally:
        os.close(fd)
    pid = int(told[1]) if told else 0
    return Lock(str(path), held, pid, dates.parse_iso(told[2]) if told else None, alive=_is_alive(pid))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process
        return True
    return pid > 0
