"""The lookup behind `harvest comply x`: whether stored posts still stand at X, asked by id through the paid API v2.

A source like any other, so that limits, guards and the ledger hold here too, but no crawl runs it and no file lists
it: `crawl.comply` leaves the ids in the cursor `due` and starts it. Answers are not archived: they are about today.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from harvester.budget import price
from harvester.payloads import x_answer
from harvester.payloads.x import drafts_from_page, is_post
from harvester.payloads.x_fields import FIELDS, POST_FIELDS, SHAPE
from harvester.source import Source, Spend, Standing
from harvester.walks import x_walk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from harvester.source import Found

DUE: Final = "due"
BATCH: Final = 75  # of X's 100: an address may have 2,048 characters, and an id has 19


class XComply(Source):
    """Each stored post by its id; of an edited one the newest version."""

    name = "x-comply"
    label = "whether stored X posts still stand (API v2, paid by the post)"
    needs = ("X_BEARER_TOKEN",)
    origins = ("https://api.x.com", "https://api.twitter.com")
    policy = "api"
    platforms = ("x",)
    document = False
    nothing = "nothing to check"

    async def start(self) -> AsyncIterator[Request]:
        """As many posts a request as an address can name."""
        due = json.loads(self.checkpoint(DUE) or "[]")
        for first in range(0, len(due), BATCH):
            yield self.lookup({post_id: post_id for post_id in due[first : first + BATCH]})

    def lookup(self, asked: Mapping[str, str]) -> Request:
        """A request for posts; `asked` is the id to ask for → the id under which we hold it."""
        options = self.event.sources.get("x", {})
        fields = {"expansions": FIELDS["expansions"], "tweet.fields": FIELDS["tweet_fields"]}
        if options.get("naming") == "post":
            fields = dict(POST_FIELDS)
        told = urlencode({"ids": ",".join(asked), "user.fields": FIELDS["user_fields"], **fields}, safe=",")
        url = f"{options.get('base_url') or self.origins[0]}/2/tweets?{told}"
        return self.get(url, self.parse_lookup, state=dict(asked), dont_cache=True, handle_httpstatus_list=[400, 402])

    def authorize(self, request: Request) -> Request:
        """The bearer token."""
        request.headers["Authorization"] = f"Bearer {self.secret('X_BEARER_TOKEN')}"
        return request

    def parse_lookup(self, response: Response) -> Iterator[Found]:
        """What stands and what is gone. What the answer says nothing about is left as it is."""
        asked: dict[str, str] = response.meta["state"]
        answer = self.answer(response)
        standing = list(self.standing(answer, asked))
        if not standing:
            self.refused(response, x_answer.problem(answer), "http_error")
        yield from standing
        users = answer["includes"].get("users")
        paid = price(len(answer["data"]), len(users) if isinstance(users, list) else 0)
        yield from (Spend(name, amount) for name, amount in (("usd", paid.usd), ("posts", paid.posts)) if amount)

    def answer(self, response: Response) -> dict[str, Any]:
        """The answer with all parts of SHAPE. Errors about the request, and not about posts, are a failure."""
        if response.status == 402:
            self.refused(response, "HTTP 402, the X account has no credits left", "budget")
        found = self.json(response)
        if response.status == 400:
            self.refused(response, x_answer.problem(found), "http_error")
        if not isinstance(found, dict) or not all(
            isinstance(found.get(key, kind()), kind) for key, kind in SHAPE.items()
        ):
            self.refused(response, "no answer of API v2", "bad_json")
        return {key: kind() for key, kind in SHAPE.items()} | found

    def standing(self, answer: dict[str, Any], asked: Mapping[str, str]) -> Iterator[Found]:
        """A verdict on each post that the answer tells of, and the lookup of newer versions."""
        records = {str(record["id"]): record for record in answer["data"] if is_post(record)}
        drafts, _ = drafts_from_page(answer)
        newer: dict[str, str] = {}
        for draft in drafts:
            if draft.native_id not in asked:
                continue
            key, newest = asked[draft.native_id], _newest(records[draft.native_id])
            if newest not in ("", draft.native_id):
                newer[newest] = key
            elif draft.author.protected:
                yield Standing(key=f"x:{key}", gone="protected")
            else:
                yield Standing(key=f"x:{key}", draft=draft)
        for error in answer["errors"]:
            post_id, why = x_answer.gone(error)
            if why and post_id in asked and post_id not in records:
                yield Standing(key=f"x:{asked[post_id]}", gone=why)
        if newer:
            yield self.lookup(newer)


def _newest(record: Mapping[str, Any]) -> str:
    """The id of a post's last version, "" when it is not told."""
    history = record.get("edit_history_tweet_ids") or record.get("edit_history_post_ids")
    return x_walk.post_id(history[-1]) if isinstance(history, list) and history else ""
