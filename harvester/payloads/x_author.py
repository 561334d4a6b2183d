"""A user of X's API v2 as the author of posts. Pure."""

from __future__ import annotations

from harvester.contract import count
from harvester.model import DraftAuthor
from harvester.payloads.x_json import Json, dicts, told, unescaped


def author_of(user: Json) -> DraftAuthor:
    """One user object. A user whose name is not told is `id:<number>`, so that its posts stay together."""
    handle = told(user.get("username"))
    metrics, affiliation = user.get("public_metrics"), user.get("affiliation")
    followers = metrics.get("followers_count") if isinstance(metrics, dict) else None
    return DraftAuthor(
        platform="x",
        handle=handle or f"id:{user.get('id')}",
        name=told(user.get("name")),
        url=f"https://x.com/{handle}" if handle else "",
        bio=_bio(user),
        organisation=told(affiliation.get("description")) if isinstance(affiliation, dict) else "",
        website=_website(user),
        followers=count(followers),
        is_org=user.get("verified_type") in {"business", "government"},
        protected=user.get("protected") is True,
    )


def _bio(user: Json) -> str:
    """What people say of themselves, the sites they name there in full: short links tell nobody whose they are."""
    bio = unescaped(told(user.get("description")))
    for url in _urls(user, "description"):
        short, target = told(url.get("url")), told(url.get("unwound_url") or url.get("expanded_url"))
        if short and target:
            bio = bio.replace(short, target)
    return bio


def _urls(user: Json, part: str) -> list[Json]:
    """The links in a part of a profile."""
    entities = user.get("entities")
    found = entities.get(part) if isinstance(entities, dict) else None
    return dicts(found.get("urls") if isinstance(found, dict) else None)


def _website(user: Json) -> str:
    for url in _urls(user, "url"):
        if target := url.get("unwound_url") or url.get("expanded_url"):
            return told(target)
    return told(user.get("url"))
