"""How far the Wayback Machine's index of one site is read in a crawl: so many pages of it, the rest in the next. Pure.

The state of such a reading travels with its requests and waits in the cursor:

- resume, skip   where a page of the index begins, and how many pages worth reading were taken from there before
- pages          those taken in this crawl (not in the cursor)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from harvester.payloads.wayback import Capture, worth_reading

if TYPE_CHECKING:
    from harvester.addresses import Window
    from harvester.payloads.wayback import Answer

SHARES: Final = 6  # one site gets at most such a share of a crawl's requests
_LEAST: Final = 25  # pages that it gets in any case


class Turn(NamedTuple):
    """What follows from a page of the index.

    taken   the pages to read now            pages   those taken from this site in this crawl
    cut     why the others wait              rest    where the next crawl goes on with them
    """

    taken: list[Capture]
    pages: int
    cut: str = ""
    rest: dict[str, Any] | None = None


def turn(answer: Answer, state: dict[str, Any], window: Window, *, left: int, most: int) -> Turn:
    """The pages to take, with `left` of a crawl's `most` requests to spend."""
    found = worth_reading(answer.captures, window)[state["skip"] :]
    share = max(_LEAST, most // SHARES) - state["pages"]
    taken = found[: max(0, min(left, share))]
    pages = state["pages"] + len(taken)
    if len(taken) < len(found):
        why = used_up(most) if left <= share else f"{pages} pages of one site in a crawl"
        cut = f"{len(found) - len(taken)} pages and more wait for the next run: {why}"
        return Turn(taken, pages, cut, {"resume": state["resume"], "skip": state["skip"] + len(taken)})
    if answer.resume and len(taken) >= left:
        cut = f"more wait for the next run: {used_up(most)}"
        return Turn(taken, pages, cut, {"resume": answer.resume, "skip": 0})
    return Turn(taken, pages)


def used_up(most: int) -> str:
    """Why a crawl goes no further."""
    return f"request budget of {most} used up"
