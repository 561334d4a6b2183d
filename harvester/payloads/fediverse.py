"""What servers of the fediverse have in common: whose post it is, what may be kept of it, which numbers are whole.

- identity    a post's address at its own server; a server's own id of a post from elsewhere means nothing outside it
- hidden      not public, or by somebody who does not want to be found: a draft that says so and holds no word, so
              that it is counted and its page is not archived
- numbers     only a post's own server knows all its reactions; a copy elsewhere tells those that are not 0, as the
              least there are
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from harvester import privacy
from harvester.contract import count
from harvester.model import Draft, DraftAuthor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.payloads.answers import Json

_REFUSAL: Final = re.compile(r"(?:^|\s)#(?:nobots?|noindex|noarchive)\b", re.IGNORECASE)
_NOTE_PAGE: Final = re.compile(r"https?://[^/]+/notes/\w+$")


def platform_of(url: str) -> str:
    """`misskey` or `mastodon`, by the form of a post's address: servers of both kinds show each other's posts."""
    return "misskey" if _NOTE_PAGE.match(url) else "mastodon"


def host_of(told: str) -> str:
    """The server in what somebody wrote for one, with or without a scheme and a slash."""
    return told.strip().rpartition("://")[2].strip("/").lower()


def hidden(url: str, visibility: object, account: Json, bio: str = "") -> Draft | None:
    """The wordless draft of a post that must not be kept; None for one that may be.

    `visibility` is the service's word, `account` the record of who wrote it, `bio` what they say of themselves.
    """
    opted_out = privacy.unsearchable(account) is True or bool(_REFUSAL.search(bio))
    if not opted_out and privacy.is_public(visibility):
        return None
    word = "" if privacy.is_public(visibility) else visibility if isinstance(visibility, str) else "unknown"
    author = DraftAuthor(platform=platform_of(url), noindex=opted_out)
    return Draft(url=url, platform=author.platform, visibility=word, author=author)


def numbers(found: Iterable[tuple[str, object]], *, whole: bool) -> tuple[tuple[str, int], ...]:
    """Reactions by name; `whole` when the post's own server tells them."""
    counted = ((name, count(value)) for name, value in found)
    return tuple((name, n) for name, n in counted if n is not None and (n or whole))
