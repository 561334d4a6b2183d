"""Where the children of a crawl are born: a process that has Scrapy loaded and forks one child for each order.

Loading Scrapy costs more than half a second; a crawl asks thirty sources, and many of them have next to nothing to
do. The nursery itself crawls nothing: no thread, no reactor, no database, so a fork of it is as good as a fresh
process. It speaks over a socket pair, a line of JSON each way: an order is a child's command line, with its stdin and
stderr; back come the child's process id and, later, how it ended. It ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

MEMORY: Final = 1536 << 20
_LOOK: Final = 0.05  # seconds between two looks at the children while there are any
_LARGEST: Final = 1 << 16
# What every child needs whatever its source is. None of it may start a reactor: a fork would share its wires.
_LOADED: Final = (
    "scrapy.crawler", "scrapy.spiderloader", "scrapy.core.engine", "scrapy.core.downloader.handlers.http11",
    "scrapy.core.scraper", "harvester.settings", "harvester.source", "harvester.crawl.child",
    "harvester.crawl.scheduler", "harvester.crawl.archive", "harvester.crawl.commit", "harvester.crawl.handler",
    "harvester.crawl.parsing", "harvester.crawl.robots",
)  # fmt: skip


class Born:
    """A child that the nursery forked, watched like a `subprocess.Popen`."""

    def __init__(self, nursery: Nursery, pid: int, stdin: IO[bytes], stderr: IO[bytes]) -> None:
        self._nursery, self.pid = nursery, pid
        self.stdin, self.stderr = stdin, stderr
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = self._nursery.ended(self.pid)
        return self.returncode

    def terminate(self) -> None:
        """Ask for an end in order."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself; the news is under way
                os.kill(self.pid, number)


class Nursery:
    """The nursery as the supervisor sees it: started with the first order, started again should it be lost."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._ends: dict[int, int] = {}
        self._heard = b""

    def bear(self, arguments: Sequence[str]) -> Born:
        """Start a child with this command line. Raises OSError when no process can be started."""
        stdin, to = os.pipe()
        said, stderr = os.pipe()
        try:
            pid = self._order(arguments, (stdin, stderr))
        except BaseException:
            os.close(to)
            os.close(said)
            raise
        finally:
            os.close(stdin)
            os.close(stderr)
        return Born(self, pid, os.fdopen(to, "wb", 0), os.fdopen(said, "rb", 0))

    def _order(self, arguments: Sequence[str], files: tuple[int, int]) -> int:
        for _ in range(2):
            wire = self._open()
            try:
                socket.send_fds(wire, [_line(list(arguments))], files)
                while (told := self._hear(wire)) is not None:
                    if "born" in told:
                        return int(told["born"])
            except OSError:
                pass
            self.close()  # it has gone: children that it had are looked after by their pipes
        raise OSError("no process can be started for a source")

    def _open(self) -> socket.socket:
        if self._socket is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                    [sys.executable, "-m", "harvester.crawl.nursery", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    env=os.environ | {"MALLOC_ARENA_MAX": "2", "PYTHONUTF8": "1"},  # arenas of idle threads eat memory
                    start_new_session=True,
                )  # fmt: skip
            self._socket = ours
        return self._socket

    def _hear(self, wire: socket.socket) -> dict[str, int] | None:
        """The next news, None at the end; how children ended is kept."""
        while b"\n" not in self._heard:
            data = wire.recv(_LARGEST)
            if not data:
                return None
            self._heard += data
        line, self._heard = self._heard.split(b"\n", 1)
        told: dict[str, int] = json.loads(line)
        if "gone" in told:
            self._ends[told["gone"]] = told["code"]
        return told

    def ended(self, pid: int) -> int | None:
        """The exit code of a child, None while it runs; one whose nursery is lost is killed."""
        while self._socket is not None and pid not in self._ends:
            self._socket.setblocking(False)
            try:
                if self._hear(self._socket) is None:
                    break
            except BlockingIOError:
                return None
            except OSError:
                break
            finally:
                self._socket.setblocking(True)
        if pid not in self._ends:  # nobody can tell any more how it ends, or whether it has
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return self._ends.pop(pid, -signal.SIGKILL)

    def close(self) -> None:
        """End the nursery; children that still run go on."""
        if self._socket is not None:
            self._socket.close()
            self._socket, self._heard = None, b""
        if self._process is not None:
            self._process.wait()
            self._process = None


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def serve(wire: socket.socket) -> int:
    """Fork a child for every order until the other end is closed; in a child, its exit code is returned."""
    children: set[int] = set()
    while True:
        wire.settimeout(_LOOK if children else None)
        try:
            data, files, _, _ = socket.recv_fds(wire, _LARGEST, 2)
        except TimeoutError:
            _bury(wire, children)
            continue
        wire.settimeout(None)
        while data and not data.endswith(b"\n"):
            data += wire.recv(_LARGEST)
        if not data:
            return 0
        pid = os.fork()
        if not pid:
            wire.close()
            return _live(json.loads(data), files)
        for file in files:
            os.close(file)
        children.add(pid)
        wire.sendall(_line({"born": pid}))
        _bury(wire, children)


def _bury(wire: socket.socket, children: set[int]) -> None:
    """Tell of those that ended."""
    for pid in list(children):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            children.discard(pid)
            wire.sendall(_line({"gone": pid, "code": os.waitstatus_to_exitcode(status)}))


def _live(arguments: list[str], files: list[int]) -> int:
    """The life of a child, as if it had been started by itself."""
    from harvester.crawl.child import main

    os.setsid()
    for file, place in zip(files, (0, 2), strict=True):
        os.dup2(file, place)
        os.close(file)
    random.seed()
    # Address space, and no core file of other people's pages.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return main(arguments)


def run() -> int:
    """Load what children need, then serve the socket that stands on the command line."""
    import importlib

    wire = socket.socket(fileno=int(sys.argv[1]))
    for name in _LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is loaded stays shared: the collector of a child does not touch it
    return serve(wire)


if __name__ == "__main__":
    sys.exit(run())
