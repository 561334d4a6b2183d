"""What the Wayback Machine's index answers, and how a captured page stands for the one it was made of. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote_plus, urlencode, urljoin

from harvester import addresses, urls
from harvester.payloads import listing
from harvester.text import safe_json_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harvester.model import Draft

INDEX: Final = "https://web.archive.org/cdx/search/cdx"
ROWS: Final = 1000
_CAPTURE: Final = re.compile(r"https?://web\.archive\.org/web/(\d{4,14})(?:[a-z]{2}_)?/(.+)\Z", re.DOTALL)
_OWN: Final = "https://web.archive.org/"
_ONE_SLASH: Final = re.compile(r"^(https?):/+")


class Capture(NamedTuple):
    """One copy of one address."""

    timestamp: str
    original: str

    @property
    def url(self) -> str:
        """Where its bytes are, as they came: without the archive's frame and with links as they were."""
        return f"https://web.archive.org/web/{self.timestamp}id_/{self.original}"


class Answer(NamedTuple):
    """Captures, and the mark from which the index goes on ("" at its end)."""

    captures: list[Capture]
    resume: str


def question(url: str, *, filters: Iterable[str] = ("statuscode:200",), **more: Any) -> str:
    """The address of a question to the index; `first` in place of its word `from`, other parameters by their names."""
    told = {"from" if name == "first" else name: value for name, value in more.items() if value not in ("", None)}
    fields = [("url", url), ("output", "json"), ("fl", "timestamp,original")]
    return f"{INDEX}?{urlencode([*fields, *(('filter', told) for told in filters), *told.items()])}"


def read(body: bytes) -> Answer | None:
    """The captures of an answer, None when it is none. An empty body is the answer that there are none."""
    try:
        rows = safe_json_value(json.loads(body or b"[]"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return None
    head, *rest = rows or [["timestamp", "original"]]
    if not {"timestamp", "original"} <= {name for name in head if isinstance(name, str)}:
        return None
    stamp, original, resume = head.index("timestamp"), head.index("original"), ""
    if [] in rest:  # an empty row, then the mark
        at = rest.index([])
        mark, rest = rest[at + 1 : at + 2], rest[:at]
        if mark and not (mark[0] and isinstance(mark[0][0], str)):
            return None
        resume = unquote_plus(mark[0][0]) if mark else ""  # it comes as for a URL
    whole = [row for row in rest if len(row) == len(head) and all(isinstance(value, str) for value in row)]
    if rest and not whole:
        return None
    return Answer([Capture(row[stamp], row[original]) for row in whole if row[stamp].isdigit()], resume)


def capture_of(url: str) -> Capture | None:
    """The capture that an address of the archive names."""
    found = _CAPTURE.match(url)
    return Capture(found[1], _ONE_SLASH.sub(r"\1://", found[2])) if found else None


def worth_reading(captures: Iterable[Capture], window: addresses.Window) -> list[Capture]:
    """Those that look like one piece of writing and may be of the window, each page once, the likely ones first."""
    found: dict[str, tuple[int, Capture]] = {}
    for capture in captures:
        try:
            page = urls.canonical(capture.original)
        except urls.BadUrl:
            continue
        rank = addresses.chance(page, window) if addresses.is_single(page) else addresses.IMPOSSIBLE
        if rank and page not in found:
            found[page] = rank, capture
    return [capture for _, capture in sorted(found.values(), key=lambda item: -item[0])]


def listed(body: bytes, feed: Capture, window: addresses.Window, about: Callable[[str], bool]) -> list[Capture]:
    """The pages that a captured feed listed which may be of those weeks, or whose title is `about` the event."""
    found = []
    for entry in listing.read(body).entries:
        likely = addresses.chance(entry.url, window, published=entry.published, changed=entry.changed)
        if entry.url.startswith(("http://", "https://")) and (likely or about(entry.title)):
            found.append(Capture(feed.timestamp, entry.url))
    return found


def spread(captures: list[Capture], most: int) -> list[Capture]:
    """At most so many of some captures, evenly over their time, the last one among them."""
    if len(captures) <= most:
        return captures
    step = len(captures) / most
    return [captures[int((number + 1) * step) - 1] for number in range(most)]


def original_of(url: str, capture: Capture) -> str:
    """An address found in a capture as it was in the page: the reader took the archive's for its own."""
    if not url.startswith(_OWN):
        return url
    inner = capture_of(url)
    return inner.original if inner else urljoin(capture.original, "/" + url.removeprefix(_OWN))


def restored(draft: Draft, capture: Capture, url: str = "") -> Draft:
    """The draft of a captured page, or of an entry of a captured feed (`url`), with the capture told in `raw`."""
    told = json.dumps({"capture": capture.url, "captured": capture.timestamp})
    author = draft.author
    return replace(
        draft, url=url or capture.original, canonical_url=original_of(draft.canonical_url, capture),
        author=replace(author, url=original_of(author.url, capture), website=original_of(author.website, capture)),
        links=tuple(original_of(link, capture) for link in draft.links), raw=told,
    )  # fmt: skip
