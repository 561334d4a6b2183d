"""A report as text that outlives its database, the rules and the vocabulary, and the same report again.

Two texts, as in the table `snapshots`: `numbers` (a JSON object: what froze it, the report without its posts) and
`items` (a JSON list of posts). Both are plain JSON up to `LONGEST` characters, above that
`zlib+base64:` and the compressed text. Left out is what measures read and no face needs: `frame.world` and
`frame.audits`.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from harvester.errors import Damaged, NewerDatabase
from harvester.measure.frame import Frame
from harvester.measure.item import Item
from harvester.measure.metric import Metric
from harvester.report.plain import plain, whole
from harvester.report.rows import as_json, day_of_28

if TYPE_CHECKING:
    from harvester.report.build import Report

# Raised when a text of today could not be read by the code of yesterday; `from_json` keeps reading every older one.
FORMAT: Final = 1
LONGEST: Final = 200_000
_PACKED: Final = "zlib+base64:"
_LEFT_OUT: Final = ("world", "audits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A report that was frozen; `version` is the harvester that did."""

    report: Report
    version: str


def to_json(report: Report, *, version: str) -> tuple[str, str]:
    """(numbers, items) as they are stored."""
    head = {
        "format": FORMAT,
        "version": version,
        "items": len(report.items),
        "day": day_of_28(report),
        "name": report.name,
        "city": report.city,
        "frame": plain(report.frame, Frame, without=_LEFT_OUT),
        "metrics": plain(report.metrics, tuple[Metric, ...]),
        "vocabulary": report.vocabulary,
    }
    items = plain(report.items, tuple[Item, ...])
    return pack(as_json(head)), pack(as_json(items))


def from_json(numbers: str, items: str, where: str = "this snapshot") -> Frozen:
    """The report again. Raises NewerDatabase for a later format, Damaged for what is none; `where` names it."""
    from harvester.report.build import Report

    try:
        head, posts = json.loads(unpack(numbers)), json.loads(unpack(items))
        if head["format"] > FORMAT:
            raise NewerDatabase(f"{where}: frozen by harvester {head['version']}; upgrade this one to print it")
        found = tuple(whole(post, Item) for post in posts)
        report = Report(
            name=head["name"], city=head["city"], frame=whole(head["frame"], Frame),
            metrics=whole(head["metrics"], tuple[Metric, ...]), items=found, vocabulary=head["vocabulary"],
            erased=head["items"] - len(found),
        )  # fmt: skip
        return Frozen(report=report, version=head["version"])
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise Damaged(f"{where}: cannot be read ({type(error).__name__}: {error}); `harvest verify`") from error


def bare(report: Report) -> Report:
    """The report without what is not frozen: `from_json(*to_json(report)).report` equals it."""
    empty = type(report.frame.world)()
    return replace(report, frame=replace(report.frame, world=empty, audits=()))


def says_the_same(numbers: str, items: str, other_numbers: str, other_items: str) -> bool:
    """Whether two frozen reports tell the same, at whatever hour; that another of the 28 days is over is news."""
    return unpack(items) == unpack(other_items) and _timeless(numbers) == _timeless(other_numbers)


def _timeless(numbers: str) -> Any:
    head = json.loads(unpack(numbers))
    if isinstance(head, dict):
        head.pop("version", None)
        head.get("frame", {}).pop("as_of", None)
    return head


def pack(text: str) -> str:
    """A text as it is, or compressed when it is long."""
    if len(text) <= LONGEST:
        return text
    return _PACKED + base64.b64encode(zlib.compress(text.encode(), 6)).decode("ascii")


def unpack(text: str) -> str:
    """What `pack` was given. Raises ValueError or zlib.error."""
    if not text.startswith(_PACKED):
        return text
    return zlib.decompress(base64.b64decode(text.removeprefix(_PACKED), validate=True)).decode()
