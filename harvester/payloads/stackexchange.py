"""What a question of the Stack Exchange API says, as a draft, and what the API says of its own limits. Pure."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any, Final

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor
from harvester.payloads.answers import part
from harvester.text import plain

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_MARKUP: Final = 200_000  # of more, no text is read: markup is read on the event loop here
THROTTLED: Final = "throttle_violation"
_HREF: Final = re.compile(r'<a\s[^>]{0,500}?href="(https?://[^"]+)"')
_SECONDS: Final = re.compile(r"\bin (\d{1,6}) seconds")
_A_WHILE: Final = 600  # seconds to leave an API alone that throttles without saying for how long
_REACTIONS: Final = {"score": "like", "answer_count": "reply", "view_count": "view"}
QUESTIONS: Final = Contract(
    required=("question_id", "link"),
    fields={
        "question_id": "whole number", "link": "text", "title": "text", "body": "text", "tags": "list",
        "creation_date": "whole number", "last_edit_date": "whole number", "score": "whole number",
        "view_count": "whole number", "answer_count": "whole number", "owner": "object", "owner.display_name": "text",
        "owner.link": "text",
    },
    unread=frozenset({
        "accepted_answer_id", "bounty_amount", "bounty_closes_date", "closed_date", "closed_reason",
        "community_owned_date", "content_license", "is_answered", "last_activity_date", "locked_date", "migrated_from",
        "migrated_to", "posted_by_collectives", "protected_date", "collectives",
    }),
)  # fmt: skip


def draft_of(item: dict[str, Any]) -> Draft:
    """One question as found; its address tells site and number, and its author's address the account."""
    markup = text(item.get("body"))
    owner = part(item.get("owner"))
    reactions = ((name, count(item.get(key))) for key, name in _REACTIONS.items())
    tags = item["tags"] if isinstance(item.get("tags"), list) else []
    return Draft(
        url=str(item["link"]), kind="qa", title=html.unescape(text(item.get("title"))),
        text=plain(markup) if len(markup) <= LONGEST_MARKUP else "",
        author=DraftAuthor(name=html.unescape(text(owner.get("display_name"))), url=text(owner.get("link"))),
        published=_moment(item.get("creation_date")), published_origin="api",
        updated=_moment(item.get("last_edit_date")),
        hashtags=tuple(tag for tag in tags if isinstance(tag, str)),
        links=tuple(dict.fromkeys(html.unescape(url) for url in _HREF.findall(markup))),
        reactions=tuple((name, n) for name, n in reactions if n is not None),
        raw=json.dumps({key: value for key, value in item.items() if key != "body"}, ensure_ascii=False),
    )  # fmt: skip


def wait_of(answer: dict[str, Any], now: datetime) -> int:
    """The moment (seconds since 1970) before which the API wants no further question, 0 when it may be asked."""
    wish = count(answer.get("backoff"))
    if wish is None and answer.get("error_name") == THROTTLED:
        found = _SECONDS.search(text(answer.get("error_message")))
        wish = int(found[1]) if found else _A_WHILE
    return int(now.timestamp()) + wish if wish else 0


def _moment(value: Any) -> str:
    return str(value) if count(value) else ""
