"""The services of the invented web: one module each, found by being here. What a module may hold:

HOSTS            the hosts that it answers for
Service(world)   with `answer(asked) -> Reply | None`; None leaves the answer to the host's ordinary pages. Its `hosts`,
                 if it has some, are those of this world that it answers for too
extend(world)    adds its own sites and pages to the finished world, drawn by its own dice
posts(world)     truth about what is no page: post key → {relevant, counted, why}
event(world)     TOML for the end of the demo's event file, as a [source.NAME] table
KEYS             credentials that it accepts, by the name of their environment variable
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.world import World


@cache
def modules() -> tuple[ModuleType, ...]:
    """All of them, in the order of their names."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def extend(world: World) -> None:
    """Everything that the services add to a finished world."""
    for module in modules():
        if hasattr(module, "extend"):
            module.extend(world)


def posts(world: World) -> dict[str, dict[str, Any]]:
    """The truth about what the services hold besides pages."""
    return {key: told for module in modules() if hasattr(module, "posts") for key, told in module.posts(world).items()}


def event(world: World) -> str:
    """What the services want said in the event file."""
    return "".join(f"\n{module.event(world).strip()}\n" for module in modules() if hasattr(module, "event"))


def keys() -> dict[str, str]:
    """The credentials of the invented web; no secrets, and good for nothing else."""
    return {name: value for module in modules() for name, value in getattr(module, "KEYS", {}).items()}


class Services:
    """The services of one world, by host."""

    def __init__(self, world: World) -> None:
        self._of: dict[str, list[Any]] = {}
        for module in modules():
            service = module.Service(world) if hasattr(module, "Service") else None
            for host in (*module.HOSTS, *getattr(service, "hosts", ())) if service is not None else ():
                self._of.setdefault(host, []).append(service)

    def __contains__(self, host: object) -> bool:
        return host in self._of

    def answer(self, asked: Asked) -> Reply | None:
        """What the first service of the host says that says anything."""
        answers = (service.answer(asked) for service in self._of.get(asked.host.lower(), ()))
        return next((reply for reply in answers if reply is not None), None)
