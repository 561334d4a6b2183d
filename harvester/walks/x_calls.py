"""The addresses that X's API v2 is asked at: built by tweepy, which makes no request and knows no credential here."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import tweepy

from harvester.payloads.x_fields import FIELDS, METRICS, POST_FIELDS
from harvester.walks import x_walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.walks.x_walk import Walk

logging.getLogger("tweepy").setLevel(logging.WARNING)  # at DEBUG it prints the bearer token


class Call(NamedTuple):
    """A call that tweepy prepared."""

    route: str
    params: dict[str, Any]

    def json(self) -> Call:
        """What tweepy gives its caller in place of an answer."""
        return self


class Builder(tweepy.Client):  # type: ignore[misc]
    """tweepy without a network and without credentials."""

    def request(self, method: str, route: str, params: Any = None, json: Any = None, user_auth: bool = False) -> Call:  # noqa: ARG002
        """Hand the prepared call back instead of making it."""
        return Call(route, params)


class Calls:
    """Every request of ours, at `base_url`, in one of X's two sets of names (`naming`: tweet or post)."""

    def __init__(self, base_url: str, naming: str) -> None:
        self._base_url, self._renamed, self._builder = base_url, naming == "post", Builder(return_type=dict)

    def count(self, question: str, walk: Walk, token: str = "") -> str:
        """How many posts a walk will meet."""
        archive = walk["route"] == "all"
        called = self._builder.get_all_tweets_count if archive else self._builder.get_recent_tweets_count
        paging = {"next_token": token} if token else {}
        return self._address(called(question, granularity="day", **x_walk.window(walk), **paging))

    def page(self, question: str, walk: Walk) -> str:
        """The next page of a walk."""
        archive = walk["route"] == "all"
        called = self._builder.search_all_tweets if archive else self._builder.search_recent_tweets
        paging = {"next_token": walk["token"]} if walk["token"] else {}
        made = called(question, max_results=walk["size"], **x_walk.window(walk), **paging, **FIELDS)
        if self._renamed:
            made.params.pop("tweet.fields")
            made.params.update(POST_FIELDS)
        return self._address(made)

    def lookup(self, ids: Iterable[str]) -> str:
        """The numbers of posts, and nothing else: their authors would be charged."""
        made = self._builder.get_tweets(",".join(ids), tweet_fields=METRICS)
        if self._renamed:
            made.params["post.fields"] = made.params.pop("tweet.fields")
        return self._address(made, safe=",")

    def _address(self, made: Call, safe: str = "") -> str:
        return f"{self._base_url}{made.route}?{urlencode(made.params, safe=safe)}"
