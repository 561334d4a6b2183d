"""The rules of `harvest doctor`: each looks at facts and says ok, warn or problem, the last two with a repair."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from harvester.doctor.facts import Contents, Machine, Place

Level = Literal["ok", "warn", "problem"]
_SKEW: Final = timedelta(minutes=5)
_OLD: Final = timedelta(days=8)  # a weekly job, and a day
_LONG: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `repair` is what to do, "" for ok."""

    subject: str
    level: Level
    told: str
    repair: str = ""


def judge(machine: Machine, place: Place) -> list[Finding]:
    """Every finding, the machine's first."""
    found = [finding for rule in _MACHINE for finding in rule(machine)]
    found += [finding for rule in _PLACE for finding in rule(place, machine.now)]
    if place.contents is not None:
        found += [finding for rule in _CONTENTS for finding in rule(place.contents, machine)]
        found += _last_crawl(place.contents, place, machine.now)
    return found


def _python(machine: Machine) -> Iterator[Finding]:
    missing = [name for name, version in machine.packages if not version]
    told = ", ".join(f"{name} {version}" for name, version in machine.packages if version)
    if missing:
        repair = "install harvester again in an environment of its own"
        yield Finding("python", "problem", f"{machine.python}; missing: {', '.join(missing)}", repair)
    else:
        yield Finding("python", "ok", f"{machine.python}; {told}")


def _sqlite(machine: Machine) -> Iterator[Finding]:
    if machine.wal_is_safe:
        yield Finding("sqlite", "ok", f"{machine.sqlite}, safe with a write-ahead log")
    else:
        yield Finding(
            "sqlite",
            "warn",
            f"{machine.sqlite} has the WAL-reset bug; a rollback journal is used, readers wait for writers",
            "pip install --upgrade pysqlite3",
        )


def _zones(machine: Machine) -> Iterator[Finding]:
    if machine.missing_zones:
        told = f"no time zone data for {', '.join(machine.missing_zones)}"
        yield Finding("time zones", "problem", told, "pip install --upgrade tzdata")
    else:
        yield Finding("time zones", "ok", "time zone data is there")


def _credentials(machine: Machine) -> Iterator[Finding]:
    for source in machine.credentials:
        if source.missing:
            told = f"{source.source}: {', '.join(source.missing)} not set, it will be skipped"
            if source.wanted:
                told, repair = f"{told}; an event asks for it", f"set {' and '.join(source.missing)} in the environment"
                yield Finding("credentials", "warn", told, repair)
            else:
                yield Finding("credentials", "ok", told)
        else:
            told = (
                f"{source.source}: {', '.join(source.needs)} set" if source.needs else f"{source.source}: none needed"
            )
            more = f"; more with {', '.join(source.optional_missing)}" if source.optional_missing else ""
            yield Finding("credentials", "ok", told + more)
    for broken in machine.broken_sources:
        yield Finding("sources", "problem", f"cannot be loaded: {broken}", "install harvester again, or mend that file")


def _credentials_file(machine: Machine) -> Iterator[Finding]:
    file = machine.credentials_file
    if file is None:
        return
    if file.mode & 0o077:
        told = f"others can read {file.path}, nothing but this command starts"
        yield Finding("credentials file", "problem", told, f"chmod 600 {shlex.quote(file.path)}")
    elif file.trouble:
        yield Finding("credentials file", "problem", file.trouble, "mend that file, or unset HARVEST_CREDENTIALS")
    else:
        yield Finding("credentials file", "ok", f"{file.path} is used, and its owner's alone")


def _database(place: Place, now: datetime) -> Iterator[Finding]:  # noqa: ARG001 - the rules of a place are called alike
    if place.trouble:
        told, _, repair = place.trouble.rpartition("; ")  # every error of ours ends with its repair
        yield Finding("database", "problem", told, repair)
    elif not place.exists:
        yield Finding("database", "ok", f"{place.db} does not exist yet: only the machine was checked")
    elif place.contents is None:
        yield Finding("database", "ok", f"{place.db} is empty: nothing is stored yet")


def _file_system(place: Place, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    if place.network:
        told = f"{place.db} lies on {place.network}; SQLite's locks are not safe there"
        yield Finding("file system", "problem", told, "move the database to a local disk")
    else:
        yield Finding("file system", "ok", "a local disk")


def _disk(place: Place, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    told = f"{place.free_mb:,} MB free"
    if place.free_mb < place.wanted_mb:
        repair = "free space, or lower HARVEST_MIN_FREE"
        yield Finding("disk", "problem", f"{told}, no crawl starts below {place.wanted_mb:,}", repair)
    elif place.free_mb < 5 * place.wanted_mb:
        yield Finding("disk", "warn", f"{told}, no crawl starts below {place.wanted_mb:,}", "free space soon")
    else:
        yield Finding("disk", "ok", told)


def _permissions(place: Place, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    open_files = [entry for entry in place.private if entry.mode & 0o077]
    for folder, mode in ((True, "700"), (False, "600")):
        paths = [entry.path for entry in open_files if entry.folder is folder]
        if paths:
            told = f"others on this machine can get at {', '.join(paths)}"
            yield Finding("permissions", "problem", told, f"chmod {mode} {shlex.join(paths)}")
    if place.private and not open_files:
        yield Finding("permissions", "ok", f"{len(place.private)} files and folders, their owner's alone")


def _erasures(place: Place, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    count = place.contents.tombstones if place.contents else 0
    if count and not place.key:
        told = f"{count:,} are remembered, and {place.db}.key is missing: nothing new can be stored"
        yield Finding("erasures", "problem", told, "put the file back from where you keep it")
    elif count:
        yield Finding("erasures", "ok", f"{count:,} are remembered; keep a copy of {place.key}, apart from the backups")


def _leftovers(place: Place, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    at_work = place.lock is not None and place.lock.held
    if place.leftovers and not at_work:
        told = f"people's texts that `harvest forget` does not reach: {', '.join(place.leftovers)}"
        yield Finding("leftovers", "warn", told, f"rm -r {shlex.join(place.leftovers)}")


def _lock(place: Place, now: datetime) -> Iterator[Finding]:
    lock = place.lock
    if lock is None or not lock.held:
        if place.exists:
            yield Finding("lock", "ok", "free")
        return
    since = f" since {_stamp(lock.since)}" if lock.since else ""
    if not lock.alive:
        told = f"held by what process {lock.pid} left running{since}"
        yield Finding("lock", "problem", told, f"`fuser {shlex.quote(lock.path)}` names it; end that process")
    elif lock.since and now - lock.since > _LONG:
        told = f"process {lock.pid} has worked{since}, that is {_age(now - lock.since)}"
        yield Finding("lock", "warn", told, f"if it hangs: kill {lock.pid} (nothing stored is lost)")
    else:
        yield Finding("lock", "ok", f"held by process {lock.pid}{since}")


def _backups(place: Place, now: datetime) -> Iterator[Finding]:
    if place.contents is None:
        return
    if not place.backups:
        yield Finding("backup", "warn", "there is none", "harvest backup")
    elif now - place.backups[0] > _OLD:
        told = f"the newest of {len(place.backups)} is {_age(now - place.backups[0])} old"
        yield Finding("backup", "warn", told, "harvest backup, every night (docs/operating.md)")
    else:
        told = f"{len(place.backups)}, the newest {_age(now - place.backups[0])} old"
        yield Finding("backup", "ok", told)


def _schema(contents: Contents, machine: Machine) -> Iterator[Finding]:
    told = f"schema {contents.schema}, journal {contents.journal}"
    if contents.schema > contents.newest_schema:
        told = f"written by a newer harvester (schema {contents.schema}, we know {contents.newest_schema})"
        yield Finding("database", "problem", told, "upgrade harvester")
    elif contents.schema < contents.newest_schema:
        yield Finding("database", "warn", f"{told}: older than this harvester", "any writing command upgrades it")
    elif contents.journal == "wal" and not machine.wal_is_safe:
        repair = "run any writing command with this harvester: it changes the journal"
        yield Finding("database", "problem", f"{told}, with a SQLite that can lose rows so", repair)
    else:
        yield Finding("database", "ok", told)
    if contents.log_warning:
        yield Finding("write-ahead log", "warn", contents.log_warning, "end what keeps reading the database")


def _clock(contents: Contents, machine: Machine) -> Iterator[Finding]:
    if contents.newest is not None and contents.newest - machine.now > _SKEW:
        behind = _age(contents.newest - machine.now)
        told = f"it says {_stamp(machine.now)}, the newest stored time is {behind} later"
        yield Finding("clock", "warn", told, "set the system clock (`timedatectl`), or wait until it has caught up")
    else:
        yield Finding("clock", "ok", _stamp(machine.now))


def _frontier(contents: Contents, machine: Machine) -> Iterator[Finding]:
    if contents.dead:
        told = ", ".join(f"{source} {count:,}" for source, count in contents.dead)
        repair = "`harvest status` says why; pages that are gone need nothing"
        yield Finding("pages", "warn", f"given up after five tries: {told}", repair)
    else:
        yield Finding("pages", "ok", "none was given up")
    if contents.resting:
        hosts = ", ".join(f"{host} until {until}" for host, until in contents.resting[:5])
        more = f" and {len(contents.resting) - 5} more" if len(contents.resting) > 5 else ""
        far = max(until for _, until in contents.resting) > _stamp(machine.now + _LONG)
        repair = "they asked for that; a crawl before then leaves them alone"
        yield Finding("hosts at rest", "warn" if far else "ok", hosts + more, repair if far else "")


def _last_crawl(contents: Contents, place: Place, now: datetime) -> Iterator[Finding]:
    run = contents.last_crawl
    if run is None:
        yield Finding("last crawl", "ok", "none yet")
        return
    told = f"{run.event}, {_stamp(run.started)}, {run.status}"
    running = place.lock is not None and place.lock.held
    if run.ended is None and not running:
        yield Finding("last crawl", "warn", f"{told}: it was killed", f"harvest crawl {run.event} (it continues)")
    elif run.status == "failed":
        yield Finding("last crawl", "warn", told, "`harvest status` says why")
    elif now - run.started > _OLD:
        repair = "if it should run by itself, look at `crontab -l`"
        yield Finding("last crawl", "warn", f"{told}, {_age(now - run.started)} ago", repair)
    else:
        yield Finding("last crawl", "ok", told)


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _age(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    if hours < 1:
        return f"{max(0, int(span.total_seconds() // 60))} minutes"
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


_MACHINE: Final[tuple[Callable[[Machine], Iterator[Finding]], ...]] = (
    _python, _sqlite, _zones, _credentials_file, _credentials,
)  # fmt: skip
_PLACE: Final[tuple[Callable[[Place, datetime], Iterator[Finding]], ...]] = (
    _database, _file_system, _disk, _permissions, _erasures, _leftovers, _lock, _backups,
)  # fmt: skip
_CONTENTS: Final[tuple[Callable[[Contents, Machine], Iterator[Finding]], ...]] = (_schema, _clock, _frontier)
