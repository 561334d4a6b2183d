"""The parsing processes as a crawl holds them: asked over pipes, watched by the clock, replaced when lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec

from harvester.crawl.parse_worker import Answer, Job, frame

DEADLINE = 5.0
_GRACE = 1.5  # a worker ends its own page at the deadline; later than this we end the worker
_START_LIMIT = 60.0  # seconds for a cold worker's imports on a busy machine
# A process that reads hostile bytes gets no secrets, so it gets a list of what it needs.
_ENVIRONMENT: Final = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
_ENVIRONMENT_PREFIXES: Final = ("LC_", "PYTHON", "COVERAGE_")
_decode_answer = msgspec.msgpack.Decoder(Answer).decode


class WorkerLost(Exception):
    """The worker process went away or kept silent; `late` tells which."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("silent" if late else "gone")
        self.late = late


class Worker:
    """One parsing process, asked by one thread at a time. Methods block."""

    def __init__(self) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in _ENVIRONMENT or name.startswith(_ENVIRONMENT_PREFIXES)
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harvester.crawl.parse_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)

    @property
    def pid(self) -> int:
        """The process id of the worker (its fork, which parses, has another)."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait for the imports. Raises WorkerLost."""
        self._receive(time.monotonic() + _START_LIMIT)

    def ask(self, job: Job) -> Answer:
        """Have one body read. Raises WorkerLost, after which the worker is of no use."""
        until = time.monotonic() + job.deadline + _GRACE
        self._send(frame(job), until)
        return self._receive(until)

    def _send(self, data: bytes, until: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._to, select.POLLOUT, until)
            try:
                view = view[os.write(self._to, view[: 1 << 16]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise WorkerLost(late=False) from error

    def _receive(self, until: float) -> Answer:
        size: int = struct.unpack(">I", self._read(4, until))[0]
        data = self._read(size, until)
        try:
            return _decode_answer(data)
        except msgspec.MsgspecError as error:  # a parser made something else than it should: one page's fault
            return Answer(state="parse_error", detail=f"not what a reading looks like ({error})"[:300])

    def _read(self, size: int, until: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._wait(self._from, select.POLLIN, until)
            try:
                part = os.read(self._from, size - len(parts))
            except BlockingIOError:
                continue
            if not part:
                raise WorkerLost(late=False)
            parts += part
        return bytes(parts)

    @staticmethod
    def _wait(fd: int, event: int, until: float) -> None:
        poll = select.poll()
        poll.register(fd, event)
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise WorkerLost(late=True)

    def close(self, patience: float = 0.0) -> None:
        """End the process: by closing its pipes, and after `patience` seconds by SIGKILL."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ParsePool:
    """At most `size` workers, started when first needed; `parse` may be awaited by any number of tasks."""

    def __init__(self, size: int = 1, deadline: float = DEADLINE) -> None:
        self.deadline = deadline
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="parse")
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._closed = False

    async def parse(self, job: Job) -> Answer:
        """Read one body in a worker; a lost worker is an answer too (`parse_timeout`, `parse_error`)."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.parse_blocking, job)

    def parse_blocking(self, job: Job) -> Answer:
        """The same for callers that may wait, such as `--offline` tools and benchmarks."""
        lost: WorkerLost | None = None
        for _ in range(2):  # a worker that died while idle is no fault of this page
            worker = self._take()
            try:
                answer = worker.ask(job)
            except WorkerLost as error:
                worker.close()
                lost = error
                if error.late:
                    break
            else:
                self._give_back(worker)
                return answer
        state = "parse_timeout" if lost and lost.late else "parse_error"
        return Answer(state=state, detail=f"the parsing process was {lost}")

    def _take(self) -> Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        worker = Worker()
        try:
            worker.wait_ready()
        except BaseException:
            worker.close()
            raise
        return worker

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        worker.close()

    def close(self) -> None:
        """End all workers; one that still reads a page ends with it."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close(patience=1.0)
        self._threads.shutdown(wait=False, cancel_futures=True)
