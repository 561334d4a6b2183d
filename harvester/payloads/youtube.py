"""YouTube's Data API v3: how it is asked, videos as drafts, their numbers, and what an error says. Pure.

A walk through a search is one of `harvester.walks.timeline` with more in it:

- token, pages   where the next page is, and how many were read since `before`
- before, until  the time below which results are asked for, "" for the walk's end; when the oldest met was published
- left, total    videos about other things; how many there are, as YouTube estimates
- more           whether there is anything left to ask for
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor
from harvester.payloads.answers import part
from harvester.walks import timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harvester.found import Note
    from harvester.walks.timeline import Walk

T = TypeVar("T")

VIDEOS: Final = Contract(
    required=("id", "snippet"),
    fields={
        "id": "text", "snippet": "object", "snippet.title": "text", "snippet.description": "text",
        "snippet.publishedAt": "text", "snippet.channelId": "text", "snippet.channelTitle": "text",
        "snippet.defaultAudioLanguage": "text", "snippet.defaultLanguage": "text",
        "snippet.liveBroadcastContent": "text", "statistics": "object", "statistics.viewCount": "text",
        "statistics.likeCount": "text", "statistics.commentCount": "text",
    },
    unread=frozenset({"kind", "etag", "contentDetails", "liveStreamingDetails"}),
)  # fmt: skip
NUMBERS: Final = {"viewCount": "view", "likeCount": "like", "commentCount": "comment"}
# Ends of the quota, which come back; everything else that is forbidden is about the key.
QUOTA: Final = frozenset({"quotaExceeded", "rateLimitExceeded", "dailyLimitExceeded", "userRateLimitExceeded"})
API: Final = "https://www.googleapis.com/youtube/v3"
AT_ONCE: Final = 50  # videos in one answer
PAGES: Final = 10  # of a search, which shows about 500 videos and then goes on below the oldest
NEW: Final[dict[str, Any]] = {"token": "", "pages": 0, "before": "", "left": 0, "total": None, "more": True}
CHANNEL: Final = re.compile(r"UC[\w-]{22}")
_ID: Final = re.compile(r"[\w-]{11}")
_LARGEST: Final = 2**63


def search_url(query: str, walk: Walk) -> str:
    """The address of the next page of a search, newest first."""
    asked = {
        "part": "snippet", "type": "video", "order": "date", "maxResults": AT_ONCE, "q": query,
        "publishedAfter": walk["stop"], "publishedBefore": walk["before"] or walk["end"],
    }  # fmt: skip
    return f"{API}/search?{urlencode(asked | ({'pageToken': walk['token']} if walk['token'] else {}))}"


def videos_url(ids: Sequence[str]) -> str:
    """The address of the records of up to 50 videos."""
    return f"{API}/videos?{urlencode({'part': 'snippet,statistics', 'id': ','.join(ids)})}"


def turned(walk: Walk, answer: dict[str, Any]) -> Walk:
    """The walk after a page of results; `more` says whether there is anything left to ask for."""
    told = answer.get("pageInfo")
    total = count(told.get("totalResults")) if isinstance(told, dict) else None
    token, pages = text(answer.get("nextPageToken")), walk["pages"] + 1
    walk = walk | {"token": token, "pages": pages, "until": oldest(answer["items"]) or walk["until"]}
    walk |= {"total": total if walk["total"] is None else walk["total"], "more": bool(token)}
    capped = pages >= PAGES and walk["until"] not in ("", walk["before"])
    return below(walk) | {"more": True} if capped else walk


def below(walk: Walk) -> Walk:
    """The walk that goes on below the oldest video met, because a page's token does not keep."""
    return walk | {"before": walk["until"] or walk["before"], "token": "", "pages": 0}


def note(query: str, walk: Walk, reason: str = "") -> Note:
    """Where a search stands, for the ledger; `reason` says why it does not go on."""
    told, left = timeline.note(query, walk, reason, total=walk["total"]), walk["left"]
    out = f"left out: {left} videos about other things" if left else ""
    return replace(told, reason="; ".join(filter(None, (told.reason, out))))


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many as one answer holds, at a time."""
    for first in range(0, len(values), AT_ONCE):
        yield values[first : first + AT_ONCE]


def watch(video: str) -> str:
    """The address of a video."""
    return f"https://www.youtube.com/watch?v={video}"


def found_ids(items: list[Any]) -> list[str]:
    """The videos of a page of search results, each once; channels and playlists are none."""
    ids = (item.get("id") for item in items if isinstance(item, dict))
    told = (text(each.get("videoId")) for each in ids if isinstance(each, dict))
    return list(dict.fromkeys(each for each in told if _ID.fullmatch(each)))


def oldest(items: list[Any]) -> str:
    """When the oldest result of a page was published, as it is told; "" when none tells."""
    snippets = (item.get("snippet") for item in items if isinstance(item, dict))
    return min((text(each.get("publishedAt")) for each in snippets if isinstance(each, dict)), default="")


def draft_of(item: dict[str, Any]) -> Draft:
    """One video of `videos.list`; a field of another kind than the contract's is not there."""
    told = part(item.get("snippet"))
    title, words = text(told.get("title")), text(told.get("description"))
    channel = text(told.get("channelId"))
    author = DraftAuthor(
        platform="youtube", handle=channel, name=text(told.get("channelTitle")),
        url=f"https://www.youtube.com/channel/{channel}" if channel else "",
    )  # fmt: skip
    return Draft(
        url=watch(str(item["id"])), native_id=str(item["id"]), platform="youtube", kind="video", title=title,
        text=words, author=author, published=text(told.get("publishedAt")), published_origin="api",
        language=text(told.get("defaultAudioLanguage")) or text(told.get("defaultLanguage")),
        reactions=tuple(numbers(item)),
        raw=json.dumps(item, ensure_ascii=False),
    )  # fmt: skip


def numbers(item: dict[str, Any]) -> list[tuple[str, int]]:
    """What is counted of a video. Counts are texts; one that its owner hides is not there, and that is no 0."""
    told = item.get("statistics")
    counts = {key: told.get(key) for key in NUMBERS} if isinstance(told, dict) else {}
    return [
        (NUMBERS[key], int(each))
        for key, each in counts.items()
        if isinstance(each, str) and each.isascii() and each.isdigit() and len(each) < 20 and int(each) < _LARGEST
    ]


def problem(answer: Any) -> tuple[str, str]:
    """(reason, message) of an error answer, both "" when it is none."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return "", ""
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    reason = text(first.get("reason")) or text(error.get("status")) or "error"
    return reason, text(error.get("message")) or reason
