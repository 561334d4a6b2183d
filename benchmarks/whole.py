"""Whole made-up events through a real database: what `harvest report --json` says, and what is true."""

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import worlds
from harvester.cli import run
from harvester.dates import iso
from harvester.measure import coverage, halflife, ratio
from harvester.measure.frame import Frame
from harvester.measure.item import Item
from harvester.measure.metric import Metric
from harvester.measure.world import Scope, World

# Chance that each list finds a story; the last one copies the first and says so.
LISTS = {"a": 0.5, "b": 0.4, "c": 0.3}
COPY = "d"
EACH = 3  # stories by one writer
TRUE_RATIO = 6.0
PUBLISHED = (("M04.at_least", ""), ("M02.ratio", ""), ("M06.t50", "participant"))


@dataclass(frozen=True)
class Whole:
    """One event: what was found of it, and how many stories participants wrote."""

    items: list[Item]
    sighted: dict[int, tuple[tuple[str, str], ...]]
    exist: int

    @property
    def frame(self) -> Frame:
        """As a report's, with the lists and what one of them copies."""
        scopes = (*(Scope(source=name) for name in LISTS), Scope(source=COPY, fed_by="a"))
        return worlds.frame(World(sighted=self.sighted, scopes=scopes))

    def measured(self) -> list[Metric]:
        """The three published rows, by the measures alone."""
        rows = [row for family in (coverage, ratio, halflife) for row in family.measure(self.items, self.frame)]
        return [_one(rows, metric, kind) for metric, kind in PUBLISHED]

    def records(self, slug: str) -> Iterator[dict[str, Any]]:
        """The event as lines of interchange, under this slug."""
        yield {"type": "event", "event": slug, "name": "E", "starts_at": iso(worlds.START), "ends_at": iso(worlds.END),
               "timezone": "UTC", "media_outlets": 48}  # fmt: skip
        crawl = {"type": "run", "run": slug, "command": "crawl", "event": slug, "status": "ok"}
        crawl["started_at"] = iso(worlds.END + timedelta(days=40))
        yield from (crawl | {"source": name} | ({"fed_by": "a"} if name == COPY else {}) for name in (*LISTS, COPY))
        yield from (
            {"type": "label", "event": slug, "author": f"{author}-{slug}", "kind": kind}
            for author, kind in dict.fromkeys((item.author, item.author_kind) for item in self.items)
        )
        for item in self.items:
            yield {"type": "post", "post": f"{slug}-{item.key}", "kind": "article", "platform": "web",
                   "author": f"{item.author}-{slug}",
                   "published_at": iso(item.published_at), "published_precision": "second",
                   "events": [{"event": slug, "relevance": "confirmed", "counted": 1}]}  # fmt: skip
            for source, query in self.sighted.get(item.post_id, ()):
                seen = {"type": "sighting", "event": slug, "post": f"{slug}-{item.key}", "run": slug}
                yield seen | {"source": source, "query": query}


def whole(seed: int) -> Whole:
    """About 200 stories by participants, of which the lists find four in five, and 25 by media, all found."""
    random = Random(seed)
    items, sighted, number, exist = [], {}, 0, 0
    found = 1 - math.prod(1 - p for p in LISTS.values())
    media = 200 * found / TRUE_RATIO
    for kind, expected, each in (("participant", 200, EACH), ("media", media, 1)):
        for author, count in enumerate(worlds.sizes(random, expected, each)):
            for _ in range(count):
                number += 1
                lists = [name for name, p in LISTS.items() if random.random() < p] if kind == "participant" else []
                at = worlds.END + timedelta(seconds=round(worlds.age(random) * 86_400))
                exist += kind == "participant"
                if lists or kind == "media":
                    items.append(replace(worlds.item(number, kind, author), published_at=at))
                    copied = [COPY] if "a" in lists else []
                    sighted[number] = tuple((name, "") for name in lists + copied)
    return Whole(items, sighted, exist)


def reported(events: Sequence[Whole], folder: Path) -> list[list[dict[str, Any]]]:
    """The three published rows of each event as `harvest report --json` prints them after one `harvest import`."""
    lines, db = folder / "worlds.jsonl", str(folder / "worlds.db")
    slugs = [f"e{number}" for number in range(len(events))]
    told = (json.dumps(record) for slug, event in zip(slugs, events, strict=True) for record in event.records(slug))
    lines.write_text("\n".join(told), encoding="utf-8")
    _printed("import", slugs[0], str(lines), "--db", db)
    reports = (json.loads(_printed("report", slug, "--db", db, "--json")) for slug in slugs)
    return [[_row(rows, metric, kind) for metric, kind in PUBLISHED] for rows in reports]


def _printed(*arguments: str) -> str:
    """What a command prints. Raises RuntimeError when it fails."""
    with redirect_stdout(StringIO()) as told:
        code = run(list(arguments))
    if code:
        raise RuntimeError(f"harvest {' '.join(arguments)} ended with {code}")
    return told.getvalue()


def _row(rows: list[dict[str, Any]], metric: str, kind: str) -> dict[str, Any]:
    return next(r for r in rows if (r["metric"], r["group"], r["kind"]) == (metric, "written", kind))


def _one(rows: list[Metric], metric: str, kind: str) -> Metric:
    return next(r for r in rows if (r.metric, r.group, r.kind) == (metric, "written", kind))


def agree(rows: list[dict[str, Any]], metrics: list[Metric]) -> bool:
    """Whether a report prints what the measures say, to the last digit."""
    return all(
        (row["value"], row["status"]) == (metric.value, metric.status)
        and (row["ci"] or {}).get("lo") == (metric.ci and metric.ci.lo)
        and (row["ci"] or {}).get("hi") == (metric.ci and metric.ci.hi)
        for row, metric in zip(rows, metrics, strict=True)
    )


def true(rows: list[dict[str, Any]], event: Whole) -> list[bool]:
    """Whether each of the three statements is true of the world."""
    exist, share, half = rows
    return [
        exist["value"] <= event.exist,
        share["ci"]["lo"] <= TRUE_RATIO <= share["ci"]["hi"],
        half["ci"]["lo"] <= worlds.half() <= half["ci"]["hi"],
    ]
