"""What people and sites ask of those who read them, in the words they ask it in (docs/privacy.md).

Pure rules. What is shown to some people only is not stored; what asks not to be found is counted and not kept; what
asks not to be copied is kept for the count and never passed on. A word nobody here knows is taken for a no.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Reasons for which a draft leaves a number and nothing else: neither its address nor its author is written down.
UNNAMED: Final = frozenset({"private", "noindex", "forgotten", "expired", "gone"})
# Flags on a post that must never be published.
UNPUBLISHED: Final = frozenset({"noindex", "noarchive"})

# Mastodon, Misskey, Bluesky and people's own tables say so in these words; no word is no limit.
_PUBLIC: Final = frozenset({"", "public", "world", "everyone", "公開"})
_YES: Final = frozenset({"1", "true", "yes"})
_NO: Final = frozenset({"0", "false", "no"})
_US: Final = "harvester"
_DIRECTIVES: Final[Mapping[str, tuple[str, ...]]] = {
    "noindex": ("noindex",),
    "none": ("noindex",),
    "noarchive": ("noarchive",),
    "nocache": ("noarchive",),
}
_AGENT: Final = re.compile(r"\s*([a-z0-9_*-]+)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_WITH_VALUE: Final = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")


def is_public(visibility: object) -> bool:
    """Whether a post's own word for who may see it means everybody."""
    return visibility is None or (isinstance(visibility, str) and visibility.strip().casefold() in _PUBLIC)


def unsearchable(account: Mapping[str, object]) -> bool | None:
    """Whether an account's record opts out of being found: `noindex`, or `indexable` that is false; None says nothing.

    Either wish counts, whatever the other field says.
    """
    told = [_flag(account.get("noindex")), _opposite(_flag(account.get("indexable")))]
    if True in told:
        return True
    return False if False in told else None


def _opposite(flag: bool | None) -> bool | None:
    return None if flag is None else not flag


def _flag(value: object) -> bool | None:
    word = str(value).strip().casefold()
    return True if word in _YES else False if word in _NO else None


def robots_flags(metas: Iterable[str] = (), header: str = "") -> tuple[str, ...]:
    """The flags that robots meta elements and an `X-Robots-Tag` header put on a page, sorted.

    A directive for another robot (`googlebot: noindex`) is not for us. Header lines come joined by commas, so what
    follows such a directive may be for everybody again, and is taken so.
    """
    found: set[str] = set()
    for part in (*(word for meta in metas for word in meta.split(",")), *header.split(",")):
        agent = _AGENT.fullmatch(part)
        if agent and agent[1].casefold() not in _WITH_VALUE:
            if agent[1].casefold() not in (_US, "*"):
                continue
            part = agent[2]
        found.update(_DIRECTIVES.get(part.strip().casefold(), ()))
    return tuple(sorted(found))
