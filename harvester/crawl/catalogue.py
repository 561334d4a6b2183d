"""Which sources there are: every `Source` in the modules of SPIDER_MODULES, each file loaded by itself."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrapy.utils.spider import iter_spider_classes

from harvester import options
from harvester.errors import ConfigError
from harvester.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

    from harvester.event import Event


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Source classes by name, and the files that cannot be imported with the reason."""

    sources: dict[str, type[Source]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


def load(modules: Iterable[str]) -> Catalogue:
    """Every source below `modules`, in the order of their names. A broken file costs that source only."""
    found = Catalogue()
    for module in modules:
        for name in _names(module):
            try:
                loaded = importlib.import_module(name)
            except Exception as error:  # noqa: BLE001 - whatever a source's file does wrong, the others run
                found.broken[name.rpartition(".")[2]] = f"{name}: {type(error).__name__}: {error}"
            else:
                found.sources.update({kind.name: kind for kind in _sources(loaded)})
    return Catalogue(dict(sorted(found.sources.items())), found.broken)


def _names(module: str) -> Iterator[str]:
    root = importlib.import_module(module)
    yield module
    for info in pkgutil.walk_packages(getattr(root, "__path__", ()), f"{module}."):
        yield info.name


def _sources(module: ModuleType) -> Iterator[type[Source]]:
    for kind in iter_spider_classes(module):
        if issubclass(kind, Source):
            yield kind


def missing_keys(kind: type[Source], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The environment variables that a source needs and that are not set."""
    return tuple(name for name in kind.needs if not environment.get(name, "").strip())


def check(known: Catalogue, event: Event) -> None:
    """Raise ConfigError with all that is wrong with the `[source.<name>]` tables of an event file.

    A source whose file does not load may have any options: it does not run.
    """
    problems = []
    for name, table in event.sources.items():
        if kind := known.sources.get(name):
            problems += [f"[source.{name}] {problem}" for problem in options.problems(table, kind.all_options())]
        elif name not in known.broken:
            problems.append(f"[source.{name}]: no such source; {options.guess(name, known.sources)}")
    if problems:
        told = tuple(f"{event.path}: {problem}" for problem in problems)
        raise ConfigError("\n".join(told), told)


def chosen(catalogue: Catalogue, event: Event, named: tuple[str, ...]) -> list[str]:
    """The sources that a crawl of `event` runs: those `named`, else all that are not switched off.

    `[source.<name>] enabled = false` switches one off; one that is opt-in runs when the event file has its table.
    """
    if named:
        return [name for name in catalogue.sources if name in named]
    return [
        name
        for name, kind in catalogue.sources.items()
        if event.sources.get(name, {}).get("enabled", not kind.opt_in or name in event.sources)
    ]
