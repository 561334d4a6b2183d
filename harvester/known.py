"""What the database knows of an event already, for sources that ask about what others have found.

`harvester.store.known.Stored` answers from the file; `NOTHING` is what a source knows without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

# How often the reactions of a post are asked for, by its age: (younger than, again after).
AGEING: Final = (
    (timedelta(days=3), timedelta(hours=1)),
    (timedelta(days=30), timedelta(days=1)),
    (timedelta.max, timedelta(days=30)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """A stored post, in the words of a draft; `published` is stored text, "" when nobody knows."""

    key: str
    url: str
    native_id: str = ""
    platform: str = ""
    kind: str = ""
    handle: str = ""
    published: str = ""


class Known(Protocol):
    """What is known of the event of a source; posts that were judged to be about something else are left out."""

    def due(self, *, platforms: tuple[str, ...] = (), limit: int = 1000) -> list[KnownPost]:
        """Posts whose reactions this source should ask for now (`AGEING`), those never asked for first.

        A source says that it has asked by yielding `Refreshed(keys)`. `platforms` limits it to some.
        """

    def homes(self, *, limit: int = 1000) -> list[str]:
        """Sites of people: those of the event file's lists, then of authors of stored posts."""

    def handles(self, platform: str, *, limit: int = 1000) -> list[str]:
        """Accounts on a platform: of the event file's people, then of authors of posts and their profiles."""

    def lost(self, *, limit: int = 1000) -> list[str]:
        """Addresses that were asked for and are not there, or whose host has gone."""

    def pointed(self, host: str, *, limit: int = 1000) -> list[str]:
        """Addresses on a host that others pointed to and whose terms let no crawler read them as pages."""


class Nothing:
    """Nobody has found anything yet."""

    def due(self, **_: Any) -> list[KnownPost]:
        """None."""
        return []

    def homes(self, **_: Any) -> list[str]:
        """None."""
        return []

    def handles(self, platform: str, **_: Any) -> list[str]:  # noqa: ARG002 - the protocol names it
        """None."""
        return []

    def lost(self, **_: Any) -> list[str]:
        """None."""
        return []

    def pointed(self, host: str, **_: Any) -> list[str]:  # noqa: ARG002 - the protocol names it
        """None."""
        return []


NOTHING: Final[Known] = Nothing()
