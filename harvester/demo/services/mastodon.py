"""The invented Mastodon: servers that show each other's posts, with tag timelines, descriptions and a search."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from harvester.demo.exchange import as_json
from harvester.demo.shorts import shorts
from harvester.text import tag_key

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.shorts import Short
    from harvester.demo.world import World

HOSTS = ("mstdn.jp", "mastodon.social", "mastodon-japan.net", "fosstodon.org", "pawoo.net")
_HOMES = HOSTS[:2]  # where people have their accounts; the others show what reached them
_CLOSED = HOSTS[4]
_LIMIT, _MOST = 20, 40
_RATE = {
    "X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "288", "X-RateLimit-Reset": "2099-01-01T00:00:00.000Z",
}  # fmt: skip
_TIMELINE = re.compile(r"/api/v1/timelines/tag/([^/]+)")


def home_of(short: Short) -> str:
    """The server that a post was written on."""
    return _HOMES[short.author.handle < "m"]


def id_of(short: Short) -> str:
    """The id of a post at its own server, and by good luck everywhere: it begins with the moment."""
    return str((int(short.created.timestamp() * 1000) << 16) + short.number)


def url_of(short: Short) -> str:
    """The address of a post."""
    return f"https://{home_of(short)}/@{short.author.handle}/{id_of(short)}"


def key_of(short: Short) -> str:
    """The key under which a post is stored."""
    return f"mastodon:{home_of(short)}/{id_of(short)}"


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What is true of them: post key → {relevant, counted, why}."""
    return {key_of(short): short.truth for short in shorts(world, "mastodon")}


class Service:
    """Answers `GET /api/v1/timelines/tag/:tag`, `/api/v2/instance` and `/api/v2/search` for every server."""

    def __init__(self, world: World) -> None:
        self._shorts = [short for short in shorts(world, "mastodon") if short.visibility in ("public", "unlisted")]

    def answer(self, asked: Asked) -> Reply | None:
        """JSON in the service's shape; 401 where it wants an account, 404 for what it does not have."""
        parts = urlsplit(asked.target)
        if parts.path == "/robots.txt":
            return None
        given = dict(parse_qsl(parts.query))
        known = [short for short in self._shorts if asked.host in _HOMES or short.number % 3]
        if parts.path == "/api/v2/instance":
            return as_json(_server(asked.host), 200, _RATE)
        if parts.path == "/api/v2/search":
            return self._search(asked, known, given)
        match = _TIMELINE.fullmatch(parts.path)
        if match is None:
            return as_json({"error": "Record not found"}, 404, _RATE)
        if asked.host == _CLOSED:
            return as_json({"error": "This method requires an authenticated user"}, 401, _RATE)
        wanted = tag_key(unquote(match[1]))
        found = [short for short in known if wanted in map(tag_key, short.tags)]
        return _page(asked.host, f"{parts.path}", found, given)

    def _search(self, asked: Asked, known: list[Short], given: dict[str, str]) -> Reply:
        if not asked.headers.get("authorization"):
            return as_json({"accounts": [], "statuses": [], "hashtags": []}, 200, _RATE)
        words, start, size = given.get("q", "").strip('"').casefold(), int(given.get("offset", "0")), _size(given)
        found = [_status(short, asked.host) for short in known if words in short.text.casefold()]
        return as_json({"accounts": [], "statuses": found[start : start + size], "hashtags": []}, 200, _RATE)


def _size(given: dict[str, str]) -> int:
    return min(_MOST, int(given.get("limit", str(_LIMIT))))


def _page(host: str, path: str, found: list[Short], given: dict[str, str]) -> Reply:
    """Newest first; `max_id` is where a page begins, and `min_id` where one ends."""
    below, above, size = int(given.get("max_id", "0")), int(given.get("min_id", "0")), _size(given)
    found = [s for s in found if (not below or int(id_of(s)) < below) and int(id_of(s)) > above]
    page = found[-size:] if above else found[:size]
    links = {} if not page else {"Link": ", ".join(_links(host, path, page, size, more=len(found) > size))}
    return as_json([_status(short, host) for short in page], 200, {**_RATE, **links})


def _links(host: str, path: str, page: list[Short], size: int, *, more: bool) -> list[str]:
    base = f"<https://{host}{path}?limit={size}&"
    older = [f'{base}max_id={id_of(page[-1])}>; rel="next"'] if more else []
    return [*older, f'{base}min_id={id_of(page[0])}>; rel="prev"']


def _server(host: str) -> dict[str, Any]:
    state = "disabled" if host == _CLOSED else "public"
    feeds = {"local": state, "remote": state}
    return {"domain": host, "title": host, "version": "4.5.2", "source_url": "", "description": "Synthetic",
            "configuration": {"timelines_access": {"live_feeds": feeds, "hashtag_feeds": feeds}}}  # fmt: skip


def _status(short: Short, host: str) -> dict[str, Any]:
    """A post as a server shows it; one from elsewhere has none of its reactions here."""
    home, local = home_of(short), home_of(short) == host
    quote = {"state": "accepted", "quoted_status": _status(short.quotes, host)} if short.quotes else None
    answered = short.answers
    number = int(id_of(short)) % 97
    return {
        "id": id_of(short), "created_at": short.stamp, "in_reply_to_id": id_of(answered) if answered else None,
        "in_reply_to_account_id": answered.author.id if answered else None, "sensitive": False, "spoiler_text": "",
        "visibility": short.visibility, "language": "ja", "url": url_of(short), "edited_at": None, "reblog": None,
        "uri": f"https://{home}/users/{short.author.handle}/statuses/{id_of(short)}",
        "replies_count": number % 3 if local else 0, "reblogs_count": number % 5 if local else 0,
        "favourites_count": number % 17 if local else 0, "quotes_count": 0, "content": _markup(short, home),
        "account": _account(short, host), "media_attachments": [], "emojis": [], "card": None, "poll": None,
        "mentions": [_mention(answered, host)] if answered else [], "quote": quote, "filtered": [],
        "tags": [{"name": tag.lower(), "url": f"https://{home}/tags/{tag.lower()}"} for tag in short.tags],
    }  # fmt: skip


def _mention(short: Short, host: str) -> dict[str, str]:
    home = home_of(short)
    acct = short.author.handle if home == host else f"{short.author.handle}@{home}"
    return {"id": short.author.id, "username": short.author.handle, "acct": acct,
            "url": f"https://{home}/@{short.author.handle}"}  # fmt: skip


def _account(short: Short, host: str) -> dict[str, Any]:
    person = short.author
    return _mention(short, host) | {
        "display_name": person.name, "locked": False, "bot": False, "group": False, "discoverable": not short.shy,
        "indexable": not short.shy, "created_at": "2017-04-14T00:00:00.000Z", "note": "<p>Synthetic</p>",
        "followers_count": int(person.id[1:]) % 300, "fields": [], "emojis": [],
    }  # fmt: skip


def _markup(short: Short, home: str) -> str:
    """The words as Mastodon marks them: links in pieces, tags as links."""
    words = []
    for word in short.text.split(" "):
        if word.startswith("#"):
            tag = escape(word[1:])
            words.append(f'<a href="https://{home}/tags/{tag.lower()}" class="mention hashtag">#<span>{tag}</span></a>')
        elif word == short.link and word:
            rest = escape(word.partition("://")[2])
            words.append(
                f'<a href="{escape(word)}" rel="nofollow noopener" target="_blank"><span class="invisible">https://</span>'
                f'<span class="ellipsis">{rest[:30]}</span><span class="invisible">{rest[30:]}</span></a>'
            )
        else:
            words.append(escape(word, quote=False))
    return f"<p>{' '.join(words)}</p>"
