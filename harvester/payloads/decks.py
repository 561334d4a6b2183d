"""What slide services tell of a deck in their oEmbed answers, and how its feed entry becomes a draft. Pure."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from harvester.contract import text
from harvester.found import Note
from harvester.model import Draft, DraftAuthor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FRAME: Final = re.compile(r"""<iframe\b[^>]{0,2000}?\bsrc\s*=\s*["']([^"']{1,2000})["']""", re.IGNORECASE)
_HANDLE: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_READ: Final = ("title", "author_name", "author_url", "url", "slideshow_id", "total_slides", "width", "height", "ratio")


def accounts(*handles: Iterable[str]) -> list[str]:
    """Account names, each once; what can be none is left out, an @ before one too."""
    names = (name.strip().removeprefix("@") for many in handles for name in many)
    return list({name.lower(): name for name in names if _HANDLE.fullmatch(name)}.values())


def waiting(todo: Sequence[object], most: int) -> Iterator[Note]:
    """What to tell of accounts and decks for which `most` requests are not enough."""
    if left := len(todo[most:]):
        why = f"request budget of {most} used up: {left} accounts and decks wait for the next run"
        yield Note(query="accounts and decks", truncated=True, reason=why)


def from_oembed(url: str, answer: Any) -> Draft | None:
    """The deck at `url` as an oEmbed answer has it; None when the answer is none. It tells neither date nor views.

    The player's address stays when a deck's title, and with it its own address, changes: it is the canonical one.
    """
    if not isinstance(answer, dict) or not text(answer.get("title")).strip():
        return None
    kept = {name: answer[name] for name in _READ if answer.get(name) not in (None, "")}
    author = DraftAuthor(name=text(answer.get("author_name")), url=text(answer.get("author_url")))
    return Draft(
        url=url, kind="slides", title=text(answer["title"]), author=author, canonical_url=player_of(answer),
        raw=json.dumps(kept, ensure_ascii=False),
    )  # fmt: skip


def with_feed(draft: Draft, known: Mapping[str, Any], *, player: bool) -> Draft:
    """A deck of an oEmbed answer with the words its feed had; without `player` its own address stays its identity."""
    canonical = draft.canonical_url if player else ""
    words, language = text(known.get("text")), text(known.get("language"))
    return replace(draft, text=words, language=language, canonical_url=canonical)


def player_of(answer: dict[str, Any]) -> str:
    """The address of the player that an answer embeds, "" without one."""
    found = _FRAME.search(text(answer.get("html")))
    address = html.unescape(found[1]) if found else ""
    return f"https:{address}" if address.startswith("//") else address if address.startswith("https://") else ""


def from_feed(draft: Draft, home: str, player: str = "") -> Draft:
    """An entry of the feed of the account at `home` as a deck; `player` is its canonical address, where it is known."""
    author = replace(draft.author, url=draft.author.url or home)
    return replace(draft, kind="slides", author=author, canonical_url=player or draft.canonical_url)
