"""The demo from end to end: invent a web, serve it, crawl it with the real commands, compare with what is true."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harvester.demo import event_file, services, truth
from harvester.demo.build import build
from harvester.demo.compare import Comparison, compare
from harvester.demo.gathered import gathered
from harvester.demo.gathered import lines as gathered_lines
from harvester.demo.server import Server
from harvester.demo.table import WIDTH, lines
from harvester.demo.world import SLUG
from harvester.errors import HarvestError, InputError
from harvester.store.open import open_db

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harvester.demo.world import Numbers, World

MARKER = ".harvest-demo"  # a folder that holds it is ours to empty
_SECRETS = ("_TOKEN", "_KEY", "_SECRET", "_PASSWORD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Where a demo run keeps its things."""

    seed: int
    folder: Path
    db: Path

    @property
    def event(self) -> Path:
        """The event file."""
        return self.folder / "event.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run showed. `crawl` is the crawl's own JSON summary, `report` the report's rows."""

    setup: Setup
    comparison: Comparison
    crawl: dict[str, Any]
    report: list[dict[str, Any]]
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 when precision and recall reach the goal, for stories and for kinds; else 1."""
        return 0 if self.comparison.good else 1

    def as_json(self) -> str:
        """For `--json`."""
        told = {
            "synthetic": True, "seed": self.setup.seed, "event": SLUG, "db": str(self.setup.db),
            "seconds": round(self.seconds, 1), "crawl": self.crawl, "report": self.report,
            "comparison": self.comparison.as_dict(),
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, indent=2)


def prepare(seed: int, db: Path | None, *, keep: bool) -> Setup:
    """The folder of a seed, made anew unless `keep`. InputError for a folder of that name that is not ours."""
    folder = Path(f"harvest-demo-{seed}").absolute()
    if folder.exists() and not (folder / MARKER).is_file():
        raise InputError(f"{folder}: exists and is no demo folder; move it or start the demo elsewhere")
    if folder.exists() and not keep:
        shutil.rmtree(folder)
    try:
        folder.mkdir(exist_ok=True)
        (folder / MARKER).write_text("Made by `harvest demo`, which empties this folder when it runs again.\n")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); start the demo in another folder") from error
    return Setup(seed=seed, folder=folder, db=db.absolute() if db else folder / "harvest.db")


def write(setup: Setup, world: World) -> dict[str, Any]:
    """The event file and the truth; the truth is returned."""
    document = truth.describe(world)
    setup.event.write_text(event_file.render(world), encoding="utf-8")
    (setup.folder / "truth.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return document


def run(
    setup: Setup, say: Callable[[str], None], *, quiet: bool = False, size: Numbers | None = None, pause: float = 0.0
) -> tuple[Outcome, Server]:
    """Crawl, judge, report, compare. The server is returned running; the caller stops it.

    `say` gets the lines for people; `quiet` keeps the commands' own output away; `size` as in `build.build`,
    `pause` as in `Server`.
    """
    started, world = time.monotonic(), build(setup.seed, size)
    document = write(setup, world)
    say(_introduction(setup, world, document))
    server = Server(world, pause=pause).start()
    try:
        crawled = crawl(setup, server.address, quiet=quiet)
        rows = json.loads(_harvest("report", SLUG, "--db", str(setup.db), "--json"))
        if not quiet:
            say(_harvest("report", SLUG, "--db", str(setup.db)))
        conn = open_db(setup.db, "ro")
        try:
            comparison = compare(conn, document, as_of=datetime.now(UTC))
            brought = gathered(conn, crawled)
        finally:
            conn.close()
        for line in (*gathered_lines(brought, WIDTH), "", *lines(comparison, document)):
            say(line)
    except BaseException:
        server.stop()
        raise
    seconds = time.monotonic() - started
    return Outcome(setup=setup, comparison=comparison, crawl=crawled, report=rows, seconds=seconds), server


def _introduction(setup: Setup, world: World, document: dict[str, Any]) -> str:
    expected = document["expected"]
    hosts = len({site.host for site in world.sites})
    return (
        f"A synthetic web around AWS re:Invent 2016, invented from seed {setup.seed}: {hosts} hosts,\n"
        f"{len(world.docs)} pages with an author, {len(world.tweets)} short posts. People, companies and texts are\n"
        "made up; nothing leaves this machine.\n"
        f"In it participants wrote {expected['participant']} stories and media {expected['media']}.\n"
    )


def crawl(setup: Setup, address: str, *, quiet: bool) -> dict[str, Any]:
    """The real crawl against the replica; its JSON summary."""
    command = ("crawl", str(setup.event), "--db", str(setup.db), "--connect-to", address, "--json")
    done = _call(command, quiet=quiet)
    if done.returncode not in (0, 1):  # 1: some source had failures, which the dirt may cause
        told = (done.stderr or done.stdout).strip()
        raise HarvestError(f"the crawl ended with {done.returncode}{': ' if told else ''}{told}")
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def _harvest(*arguments: str) -> str:
    done = _call(arguments, quiet=True)
    if done.returncode != 0:
        raise HarvestError(f"harvest {arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def _call(arguments: Sequence[str], *, quiet: bool) -> subprocess.CompletedProcess[str]:
    """`harvest …` in a process of its own; its progress goes through to the terminal unless `quiet`."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith(_SECRETS)}
    environment |= services.keys() | {"PYTHONUTF8": "1"}
    return subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, "-m", "harvester.cli", *arguments], env=environment, encoding="utf-8", check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE if quiet else None,
    )  # fmt: skip
