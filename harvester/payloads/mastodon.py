"""Statuses of Mastodon's API as drafts. Pure.

- boost       kind and relation `repost`, target = the original; words and links of the original
- quote       relation `quote`; a reply that quotes is a `reply`, with the quote as an `Edge` beside it
- reply       its target is known where the answered account is at home on the server that was asked
- link        anchors of the content but mentions and hashtags, then the card's page
- what is inside a status, boosted or quoted, is looked at too before the page is kept (`fediverse.hidden`)
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor, Edge
from harvester.payloads.answers import Json, part, parts
from harvester.payloads.fediverse import hidden, numbers, platform_of
from harvester.text import plain
from harvester.walks.timeline import all_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.walks.timeline import Walk

LIMIT: Final = 40  # posts of a page, the most there are

STATUSES: Final = Contract(
    required=("id", "uri", "account"),
    fields={
        "id": "text", "uri": "text", "url": "text", "created_at": "text", "edited_at": "text", "content": "text",
        "spoiler_text": "text", "language": "text", "visibility": "text", "sensitive": "yes/no", "account": "object",
        "account.acct": "text", "account.url": "text", "account.note": "text", "account.display_name": "text",
        "account.indexable": "yes/no", "account.noindex": "yes/no", "account.followers_count": "whole number",
        "account.fields": "list", "replies_count": "whole number", "reblogs_count": "whole number",
        "favourites_count": "whole number", "quotes_count": "whole number", "tags": "list", "mentions": "list",
        "card": "object", "reblog": "object", "quote": "object", "in_reply_to_id": "text",
        "in_reply_to_account_id": "text",
    },
    unread=frozenset({
        "application", "bookmarked", "edit_history", "emojis", "favourited", "filtered", "media_attachments", "muted",
        "pinned", "poll", "quote_approval", "reblogged", "tagged_collections", "text",
    }),
)  # fmt: skip
LONGEST_MARKUP: Final = 200_000  # nothing of more is read: markup is read on the event loop here
_ANCHOR = re.compile(r"<a\s([^>]{0,4000})>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_NO_CONTENT = re.compile(r"""\bclass=["'][^"']*\b(?:mention|hashtag)\b""", re.IGNORECASE)
_COUNTS: Final = {
    "favourites_count": "like", "reblogs_count": "repost", "replies_count": "reply", "quotes_count": "quote",
}  # fmt: skip


def page_url(walk: Walk) -> str:
    """The address of a walk's next page: of a search for its `words`, else of the timeline of its `tag`."""
    if "words" in walk:
        asked = {"q": walk["words"], "type": "statuses", "limit": LIMIT, "offset": walk["page"] * LIMIT}
        return f"https://{walk['host']}/api/v2/search?{urlencode(asked)}"
    asked = {"limit": LIMIT} | ({"max_id": walk["until"]} if walk["until"] else {})
    return f"https://{walk['host']}/api/v1/timelines/tag/{quote(walk['tag'], safe='')}?{urlencode(asked)}"


def address_of(status: Json) -> str:
    """The address of a status at its own server."""
    return text(status.get("url")) or text(status.get("uri"))


def withheld(status: Json) -> tuple[list[Draft], bool]:
    """Wordless drafts of what must not be kept, in a status or inside it, and whether the status itself may be.

    A boost says what the boosted status says and shares its fate; who is quoted does not silence who quotes.
    """
    boosted, quoted = part(status.get("reblog")), part(part(status.get("quote")).get("quoted_status"))
    account = part(status.get("account"))
    found = hidden(address_of(status), status.get("visibility"), account, words_of(account.get("note")))
    inside, says = withheld(boosted) if boosted else ([], True)
    cited = withheld(quoted)[0] if quoted else []
    return [*([found] if found else []), *inside, *cited], found is None and says


def drafts_of(status: Json, host: str) -> Iterator[Draft | Edge]:
    """A status that may be kept, as `host` shows it, and the quote that does not fit in it."""
    account, boosted = part(status.get("account")), part(status.get("reblog"))
    said, url = boosted or status, address_of(status)
    local = "@" not in text(account.get("acct"))
    relation, target, quoted = _relation(status)
    words = "\n".join(filter(None, (text(said.get("spoiler_text")), words_of(said.get("content")))))
    counts = ((name, status.get(key)) for key, name in _COUNTS.items())
    kept = {key: value for key, value in status.items() if key not in ("reblog", "quote")}  # others' words
    flags = (("sensitive", status.get("sensitive") is True), ("edited", bool(status.get("edited_at"))))
    author = author_of(account, host, platform_of(url))
    yield Draft(
        url=url, platform=author.platform, kind="repost" if boosted else "micropost", text=words, author=author,
        language=text(said.get("language")), published=text(status.get("created_at")), published_origin="api",
        updated=text(status.get("edited_at")), relation=relation, target=target, links=links_of(said),
        hashtags=all_tags(words, (text(tag.get("name")) for tag in parts(said.get("tags")))),
        mentions=tuple(at_home(name, host) for who in parts(said.get("mentions")) if (name := text(who.get("acct")))),
        reactions=() if boosted else numbers(counts, whole=local), visibility=text(status.get("visibility")),
        flags=tuple(name for name, is_so in flags if is_so),
        raw=json.dumps(kept, ensure_ascii=False) if local else "",  # a copy's ids and counts differ on every server
    )  # fmt: skip
    if quoted and relation == "reply":
        yield Edge(type="quote", target=quoted, source=url, actor=author, at=text(status.get("created_at")))


def author_of(account: Json, host: str, platform: str) -> DraftAuthor:
    """Who wrote a status; how many follow somebody is known at home only."""
    acct = text(account.get("acct"))
    local = "@" not in acct
    fields = (href for field in parts(account.get("fields")) for href in _hrefs(text(field.get("value"))))
    return DraftAuthor(
        platform=platform, handle=at_home(acct, host) if acct else "", url=text(account.get("url")),
        name=text(account.get("display_name")) or text(account.get("username")), website=next(fields, ""),
        bio=words_of(account.get("note")), followers=count(account.get("followers_count")) if local else None,
    )  # fmt: skip


def at_home(acct: str, host: str) -> str:
    """An account as `name@server`, the way it is written everywhere but at home."""
    return acct if "@" in acct else f"{acct}@{host}"


def closed_feeds(server: object) -> str:
    """Whose tag timelines a server's own description says that it does not show to us, "" when it shows them."""
    access = part(part(part(server).get("configuration")).get("timelines_access")).get("hashtag_feeds")
    closed = [name for name, state in part(access).items() if state in ("authenticated", "disabled")]
    return f"no {' and '.join(sorted(closed))} tag timelines to guests" if closed else ""


def words_of(markup: object) -> str:
    """The plain text of a status or a profile."""
    told = text(markup)
    return plain(told) if len(told) <= LONGEST_MARKUP else ""


def links_of(status: Json) -> tuple[str, ...]:
    """What a status points to."""
    card = text(part(status.get("card")).get("url"))
    return tuple(dict.fromkeys([*_hrefs(text(status.get("content"))), *([card] if card else [])]))


def _hrefs(markup: str) -> Iterator[str]:
    for anchor in _ANCHOR.finditer(markup[:LONGEST_MARKUP]):
        href = _HREF.search(anchor[1])
        if href and not _NO_CONTENT.search(anchor[1]):
            yield html.unescape(href[1] or href[2] or "")


def _relation(status: Json) -> tuple[str, str, str]:
    """(relation, its target's address, the quoted address) of a status; "" for a target that nothing names."""
    if boosted := part(status.get("reblog")):
        return "repost", address_of(boosted), ""
    citation = part(status.get("quote"))
    cited = part(citation.get("quoted_status"))
    quoted = "" if withheld(cited)[0] else address_of(cited)  # nobody is led to who does not want to be found
    if status.get("in_reply_to_id"):
        return "reply", _answered(status), quoted
    return ("quote", quoted, quoted) if citation else ("original", "", "")


def _answered(status: Json) -> str:
    """The address of the answered status: only of a local account is this server's id its own server's too."""
    number, who = text(status.get("in_reply_to_id")), text(status.get("in_reply_to_account_id"))
    account = part(status.get("account"))
    asked = [account, *parts(status.get("mentions"))]
    found = next((one for one in asked if text(one.get("id")) == who and who), {})
    home = text(found.get("url"))
    local = bool(home) and "@" not in text(found.get("acct"))
    return f"{home}/{number}" if local and number.isascii() and number.isdigit() else ""
