"""What Hatena's interfaces are asked for many pages at once, and what their answers say. Pure.

Counts belong to an exact address: http and https, with and without the last slash, are pages of their own there,
while a post is stored under one address. A question is a list of (key of the post, its address, addresses to ask for).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor, Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.known import KnownPost

Question = tuple[str, str, tuple[str, ...]]
COUNTS: Final = "https://bookmark.hatenaapis.com/count/entries?"
ENTRY: Final = "https://b.hatena.ne.jp/entry/jsonlite/?"
MOST: Final = 50  # addresses in one request for counts
LONGEST: Final = 2000  # characters of a request's address
UNASKED: Final = frozenset({"micropost", "repost", "bookmark"})  # nobody looks there for their bookmarks
BOOKMARKS = Contract(
    required=("user",),
    fields={"user": "text", "timestamp": "text", "comment": "text", "tags": "list"},
)


def questions(posts: Iterable[KnownPost]) -> list[Question]:
    """The posts that are worth a question, each by its own address."""
    return [(post.key, post.url, (post.url,)) for post in posts if post.url and post.kind not in UNASKED]


def packed(asked: Iterable[Question]) -> list[list[Question]]:
    """Questions in as few requests as they fit into; one that fits into none is left out."""
    batches: list[list[Question]] = []
    room = addresses = 0
    for question in asked:
        length = len(counts_url([question])) - len(COUNTS) + 1
        if length > LONGEST - len(COUNTS):
            continue
        if length > room or addresses + len(question[2]) > MOST:
            batches.append([])
            room, addresses = LONGEST - len(COUNTS), 0
        batches[-1].append(question)
        room, addresses = room - length, addresses + len(question[2])
    return batches


def counts_url(batch: Iterable[Question]) -> str:
    """The request for the counts of a batch."""
    return COUNTS + "&".join(f"url={quote(url, safe='')}" for _, _, urls in batch for url in urls)


def entry_url(url: str) -> str:
    """The request for the bookmarks of a page."""
    return ENTRY + urlencode({"url": url})


def variants(key: str, url: str) -> tuple[str, ...]:
    """Other addresses under which people may have bookmarked a page: by http, and with the last slash.

    Where the key is a platform's id the form of its addresses is fixed.
    """
    plain = "http://" + url.removeprefix("https://")
    parts = urlsplit(url)
    if not key.startswith("http") or parts.query or parts.path.endswith("/"):
        return (plain,)
    return plain, f"{url}/", f"{plain}/"


def best(answer: dict[str, Any], urls: Iterable[str]) -> tuple[int, str] | None:
    """The largest count among some addresses, and whose it is; None when none was told, which is no 0."""
    told = [(value, url) for url in urls if (value := count(answer.get(url))) is not None]
    return max(told, key=lambda found: found[0]) if told else None


def ties(bookmarks: Iterable[dict[str, Any]], key: str, eid: str, *, comments: bool) -> Iterator[Edge | Draft]:
    """Each public bookmark of the post `key` as an act of its user, with `comments` also what it says."""
    for bookmark in bookmarks:
        user, said, at = text(bookmark["user"]), text(bookmark.get("comment")), text(bookmark.get("timestamp"))
        if not user:
            continue
        at = f"{at} +09:00" if at else ""  # told in Japan's time, without a zone
        who = DraftAuthor(platform="hatena", handle=user, url=f"https://b.hatena.ne.jp/{quote(user)}/")
        yield Edge(type="bookmark", target=key, actor=who, at=at)
        if comments and said.strip() and eid:
            tags = bookmark["tags"] if isinstance(bookmark.get("tags"), list) else []
            yield Draft(  # no address: how one is made of these is documented nowhere
                native_id=f"{eid}/{user}", platform="hatena", kind="bookmark", text=said, author=who, published=at,
                published_origin="api", target=key, hashtags=tuple(tag for tag in tags if text(tag)),
            )  # fmt: skip
