"""The order in which a world is filled; the same seed gives the same world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.demo import chatter, dirt, pointers, press, services
from harvester.demo.cast import Cast
from harvester.demo.people import Registry
from harvester.demo.words import dice
from harvester.demo.world import DEFAULT_SEED, Numbers, World, numbers

if TYPE_CHECKING:
    import random

_SILENT = 40  # people on the attendee list who wrote nothing


def build(seed: int = DEFAULT_SEED, size: Numbers | None = None) -> World:
    """The world of a seed, in its own size or in another (tests want small ones)."""
    world = World(seed=seed, registry=Registry(dice(f"names {seed}")))
    _populate(world, size or numbers(seed), dice(f"world {seed}"))
    services.extend(world)
    return world


def _populate(world: World, size: Numbers, rng: random.Random) -> None:
    """Stage by stage; each deals from the same decks."""
    cast = Cast(world, size, rng)
    cast.participants()
    cast.readers()
    press.publish(cast)
    dirt.spread(cast)
    pointers.point(cast)
    chatter.talk(cast)
    for _ in range(_SILENT):
        world.registry.person("participant", listed=True)
