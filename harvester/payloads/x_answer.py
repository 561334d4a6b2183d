"""What an answer of X's API v2 amounts to: whether it is one, what it cost, which posts it says are gone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from harvester.budget import price
from harvester.payloads.x_fields import SHAPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.budget import Used

# The ends of problem types, and the titles, with which X says of a post that nobody may see it any more.
_GONE: Final[Mapping[str, str]] = {
    "resource-not-found": "not found",
    "not-authorized-for-resource": "forbidden",
    "not found error": "not found",
    "not found": "not found",
    "authorization error": "forbidden",
    "forbidden": "forbidden",
}
_OF_POSTS: Final = frozenset({"", "tweet", "post", "tweets", "posts"})


def refusal(status: int, found: Any, *, lookup: bool = False) -> tuple[str, str]:
    """(what is wrong with an answer, the state its page ends in); ("", "") for a good one.

    Errors without data are a failure, an explicit zero is not; a `lookup` may hold nothing but errors about posts.
    """
    if status == 402:
        return "HTTP 402, the X account has no credits left", "budget"
    if not isinstance(found, dict) or not all(isinstance(found.get(key, kind()), kind) for key, kind in SHAPE.items()):
        return "no answer of API v2", "bad_json"
    told = "data" in found or found.get("meta", {}).get("result_count") == 0
    told = told or (lookup and any(gone(error)[1] for error in found.get("errors", ())))
    return ("", "") if told and status != 400 else (problem(found), "http_error")


def filled(found: Mapping[str, Any]) -> dict[str, Any]:
    """A good answer with all parts of SHAPE."""
    return {key: kind() for key, kind in SHAPE.items()} | dict(found)


def total(answer: Mapping[str, Any]) -> int | None:
    """How many posts a count tells of; None for anything but a whole number."""
    meta = answer["meta"]
    found = meta.get("total_tweet_count", meta.get("total_post_count"))
    return found if type(found) is int else None


def paid(answer: Mapping[str, Any]) -> Used:
    """The most that an answer can have cost, with all that came along."""
    came = {key: len(found) for key, found in answer["includes"].items() if isinstance(found, list)}
    return price(len(answer["data"]) + came.get("tweets", 0) + came.get("posts", 0), came.get("users", 0))


def problem(answer: Any) -> str:
    """What an error answer says in a line, in its newer or its older form."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    told = [answer, *(errors if isinstance(errors, list) else ())]
    parts = [part for part in told if isinstance(part, dict)]
    lines = [str(part[key]) for part in parts for key in ("title", "detail", "message") if part.get(key)]
    return "; ".join(dict.fromkeys(lines))[:200] or "neither posts nor a count"


def gone(error: object) -> tuple[str, str]:
    """(id, why it is gone) of an error about a post; ("", "") for an error about anything else."""
    if not isinstance(error, dict) or str(error.get("resource_type") or "") not in _OF_POSTS:
        return "", ""
    kind = str(error.get("type") or "").rpartition("/")[2]
    why = _GONE.get(kind) or _GONE.get(str(error.get("title") or "").strip().casefold(), "")
    return str(error.get("resource_id") or error.get("value") or ""), why
