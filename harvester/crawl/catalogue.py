"""Which sources there are: every `Source` in the modules of SPIDER_MODULES, each file loaded by itself."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapy.utils.spider import iter_spider_classes

from harvester import options
from harvester.errors import ConfigError
from harvester.model import NO_KEY
from harvester.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

    from harvester.event import Event, Judge


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


def lacking(kind: type[Source], environment: Mapping[str, str]) -> str:
    """Why a source is skipped for its credentials, "" when they are set."""
    missing = missing_keys(kind, environment)
    return f"{NO_KEY}set {' and '.join(missing)}" if missing else ""


def judge(known: Catalogue, environment: Mapping[str, str] | None) -> Judge:
    """What is wrong with a `[source.<name>]` table of an event file, for those who read one.

    A source whose file does not load may have any options: it does not run. One that is asked for in so many words
    (`enabled = true`) must have its credentials in `environment`, unless that is None because nobody will be asked;
    others are left out without them, and that is told.
    """

    def problems(name: str, table: dict[str, Any]) -> Iterator[tuple[str, str]]:
        if kind := known.sources.get(name):
            yield from options.problems(table, kind.all_options())
            insists = table.get("enabled") is True and environment is not None
            if insists and (missing := missing_keys(kind, environment or {})):
                names = " and ".join(missing)
                yield "enabled", f"true, but {names} is not set; set it in the environment, or remove this line"
            if table.get("verify_tls") is False and kind.keyed():
                yield "verify_tls", "false is only for sources without a key: whoever answered would be given it"
        elif name not in known.broken:
            yield "", f"no such source; {options.guess(name, known.sources)}"

    return problems


def check(known: Catalogue, event: Event, environment: Mapping[str, str] | None) -> None:
    """Raise ConfigError with all that is wrong with the `[source.<name>]` tables of an event read long ago."""
    tell = judge(known, environment)
    told = tuple(
        f"{event.path}: [source.{name}{'.' if key else ''}{key}]: {problem}"
        for name, table in event.sources.items()
        for key, problem in tell(name, table)
    )
    if told:
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


def selected(catalogue: Catalogue, event: Event, named: tuple[str, ...]) -> list[str]:
    """`chosen`, and those whose file does not load: a crawl tells of them. Raises ConfigError for an unknown name."""
    there = (*catalogue.sources, *catalogue.broken)
    if unknown := sorted(set(named) - set(there)):
        raise ConfigError(f"no source {', '.join(unknown)}; there are {', '.join(sorted(there))}")
    broken = [name for name in catalogue.broken if not named or name in named]
    return sorted((*chosen(catalogue, event, named), *broken))


def off(catalogue: Catalogue, event: Event) -> dict[str, str]:
    """The sources that a crawl leaves out on purpose, and what would switch them on."""
    asked = chosen(catalogue, event, ())
    return {
        name: "switched off by the event file" if name in event.sources else f"opt-in: add [source.{name}]"
        for name in catalogue.sources
        if name not in asked
    }
