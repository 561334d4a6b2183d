"""Sources that misbehave in every way a child process can, beside one that works."""

from __future__ import annotations

import ctypes
import os
import signal
import threading

from harvester.model import Draft
from harvester.source import Option, Source


class Base(Source):
    document = False

    async def start(self):
        yield self.get(f"https://{self.name}.example/")


class Fine(Base):
    name = "fine"

    def parse(self, response):
        yield Draft(url=response.url, title="Fine", text="all is well at the meetup", published="2016-12-02")


class Raises(Base):
    name = "raises"

    def parse(self, response):
        raise RuntimeError("a bug in a source")


class Hangs(Base):
    name = "hangs"

    def parse(self, response):
        threading.Event().wait(600)


class Greedy(Base):
    name = "greedy"

    def parse(self, response):
        hoard = [bytearray(64 << 20) for _ in range(32)]
        yield Draft(url=response.url, title=str(len(hoard)), text="two gigabytes")


class Segfault(Base):
    name = "segfault"

    def parse(self, response):
        ctypes.string_at(0)


class Killed(Base):
    name = "killed"

    def parse(self, response):
        os.kill(os.getpid(), signal.SIGKILL)


class Locked(Base):
    """Needs a credential that nobody sets."""

    name = "locked"
    needs = ("HARVEST_TEST_KEY_NOBODY_SETS",)


class Keyed(Base):
    """An interface with a credential, asked for ways to make it say its key."""

    name = "keyed"
    policy = "api"
    needs = ("HARVEST_TEST_KEY",)
    origins = ("https://keyed.example",)
    option_specs = {"paths": Option(kind="texts", default=("/",), doc="What to ask for.")}  # noqa: RUF012

    async def start(self):
        for number, path in enumerate(self.option("paths")):
            yield self.get(f"https://keyed.example{path}", priority=-number)

    def authorize(self, request):
        request.headers["Authorization"] = f"Bearer {self.secret('HARVEST_TEST_KEY')}"
        request.headers["X-Api-Key"] = self.secret("HARVEST_TEST_KEY")
        return request

    def parse(self, response):
        if b"trace" in response.body:
            raise RuntimeError(f"sent {response.request.headers} with {self.secret('HARVEST_TEST_KEY')}")
        yield Draft(url=response.url, title="Keyed", text="all is well at the meetup", published="2016-12-02")
