"""What a source relies on in the records of an interface, so that a change over there is noticed and never guessed at.

The schema of the database is ours and fixed: a field that nobody declared stays in the record's own JSON. A field
that changed its kind is read as not there, one that everything hangs on ends the page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Kind = Literal["text", "whole number", "yes/no", "list", "object"]
_LARGEST: Final = 2**63  # of the database's whole numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The fields of a record.

    required  without one of these a record is none
    fields    what they and others hold when they hold something; `a.b` is field b of the object a
    unread    fields that are known and that nobody here reads
    """

    required: tuple[str, ...]
    fields: Mapping[str, Kind] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    def missing(self, record: Mapping[str, Any]) -> list[str]:
        """The required fields that a record lacks."""
        return [name for name in self.required if record.get(name) in (None, "")]

    def read(self, values: Iterable[Any]) -> Reading:
        """What a list of an answer holds."""
        values = list(values)
        found = [value for value in values if isinstance(value, dict)]
        whole = [record for record in found if not self.missing(record)]
        lacking = ""
        if values and not whole:
            lacking = f"records without {' and '.join(self.missing(found[0]))}" if found else "no records"
        told = Counter(told for record in whole for told in self._departures(record))
        if whole and len(whole) < len(values):
            told[f"no {' or no '.join(self.required)}"] = len(values) - len(whole)
        known = {path.partition(".")[0] for path in (*self.required, *self.fields)} | self.unread
        news = dict.fromkeys(name for record in whole for name in record if name not in known)
        return Reading(whole, told, list(news), lacking)

    def _departures(self, record: Mapping[str, Any]) -> Iterator[str]:
        for path, kind in self.fields.items():
            value = _at(record, path)
            if value is not None and not fits(value, kind):
                yield f"{path} is {_a(kind_of(value))} and no {kind}"


class Reading(NamedTuple):
    """A list of an answer as a contract has it.

    whole    the records that have what is required
    told     `likes_count is a text and no whole number`, and in how many records that is so
    news     fields that the contract does not know, each once
    lacking  why there is nothing whole though there is something, else ""
    """

    whole: list[dict[str, Any]]
    told: Counter[str]
    news: list[str]
    lacking: str


def fits(value: Any, kind: Kind) -> bool:
    """Whether a JSON value is of a kind."""
    return kind_of(value) == kind


def count(value: Any) -> int | None:
    """A JSON value where a count is expected; None for anything but a whole number from 0 up that a database holds."""
    return value if fits(value, "whole number") and 0 <= value < _LARGEST else None


def text(value: Any) -> str:
    """A JSON value where a text is expected; "" for anything else."""
    return value if isinstance(value, str) else ""


def kind_of(value: Any) -> str:
    """The kind of a JSON value; `number` for one with a fraction, `nothing` for null."""
    return next((name for kinds, name in _KINDS if isinstance(value, kinds)), "nothing")


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "object" else f"a {kind}"


def _at(record: Mapping[str, Any], path: str) -> Any:
    """The value at a path; None where it or an object on the way to it is not there."""
    value: Any = record
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


_KINDS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "yes/no"), (int, "whole number"), (float, "number"), (str, "text"), ((list, tuple), "list"),
    (dict, "object"),
)  # fmt: skip
