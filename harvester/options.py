"""What may stand in a `[source.<name>]` table, so that a misspelled or mistyped option is told and never ignored.

An ignored limit on money is money: every source declares its options, and a table is checked before any request.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Kind = Literal["text", "texts", "whole number", "amount", "yes/no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a source.

    kind     of its value in TOML: `text`, `texts` (a list of them), `whole number`, `amount` (a number), `yes/no`
    doc      what it does, one sentence
    default  None when `doc` says what happens without it
    minimum  the least number; of `texts` the least number of them
    choices  the only texts allowed; empty for any
    """

    kind: Kind
    doc: str
    default: Any = None
    minimum: int = 0
    choices: tuple[str, ...] = ()

    def problem(self, value: Any) -> str:
        """What is wrong with a value and how to write it, "" for a good one."""
        if not self._fits(value):
            return f"{_toml(value)} is {_NOT[self.kind]}"
        if isinstance(value, list | tuple) and len(value) < self.minimum:
            return "an empty list; name something or leave the line out"
        if isinstance(value, int | float) and not isinstance(value, bool) and value < self.minimum:
            return f"{_toml(value)} is less than {self.minimum}"
        if self.choices and value not in self.choices:
            return f"{_toml(value)} is none of {', '.join(map(_toml, self.choices))}"
        return ""

    def _fits(self, value: Any) -> bool:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        match self.kind:
            case "text":
                return isinstance(value, str) and bool(value.strip())
            case "texts":
                return isinstance(value, list | tuple) and all(isinstance(x, str) and x.strip() for x in value)
            case "whole number":
                return number and isinstance(value, int)
            case "amount":
                return number and math.isfinite(value)
            case "yes/no":
                return isinstance(value, bool)

    def shown_default(self) -> str:
        """The default as it would stand in the event file, "–" without one."""
        return "–" if self.default is None or self.default == () else _toml(self.default)


_NOT: Final[dict[Kind, str]] = {
    "text": 'no text; write it in quotes, as in "this"',
    "texts": 'no list of texts; write it as ["this", "that"]',
    "whole number": "no whole number; write digits without quotes, as in 100",
    "amount": "no amount; write a number without quotes, as in 2.5",
    "yes/no": "neither true nor false",
}
# Options that every source has.
COMMON: Final[Mapping[str, Option]] = {
    "enabled": Option(
        kind="yes/no",
        doc="`false` leaves the source out of a crawl that does not name it; `true` refuses a crawl without its key.",
    ),
    "max_pages": Option(
        kind="whole number",
        doc="Requests in one crawl. Without it 5000, of `blog` as many as `[crawl] max_pages` says.",
    ),
    "max_requests_month": Option(
        kind="whole number",
        minimum=1,
        doc="Requests in a calendar month (UTC), counted before they are made. Without it what the service grants.",
    ),
    "verify_tls": Option(
        kind="yes/no",
        default=True,
        doc="`false` also reads hosts whose certificate does not hold; never for a source of an API. See below.",
    ),
}


def problems(table: Mapping[str, Any], specs: Mapping[str, Option]) -> Iterator[tuple[str, str]]:
    """(key, what is wrong) for every option of a source's table that is unknown or has no good value."""
    for key, value in table.items():
        if key not in specs:
            yield key, f"no such option; {guess(key, specs)}"
        elif problem := specs[key].problem(value):
            yield key, problem


def guess(word: str, known: Iterable[str]) -> str:
    """What a misspelled name may have meant, or all there are."""
    names = sorted(known)
    close = get_close_matches(word.casefold(), names, 1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"


def _toml(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)
