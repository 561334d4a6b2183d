"""X's search grammar, as much of it as an event is asked for: words, tags, phrases, operators, OR, brackets, minus."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from harvester.demo.world import Tweet

Test = "Callable[[Tweet], bool]"
_TOKEN = re.compile(r'\s*(\(|\)|-?[\w.]+:"[^"]*"|-?"[^"]*"|-?[^\s()]+)')
_OPERATORS = ("from", "to", "lang", "has", "is", "url", "conversation_id", "retweets_of", "quotes_of_tweet_id")


class BadQuery(ValueError):
    """A query the service would refuse with 400."""


def compile_query(query: str) -> Callable[[Tweet], bool]:
    """A test for posts. Raises BadQuery for unbalanced brackets, unknown operators and empty queries."""
    tokens = _tokens(query)
    if not tokens:
        raise BadQuery("the query is empty")
    test, rest = _either(tokens)
    if rest:
        raise BadQuery(f"unbalanced parenthesis near {rest[0]!r}")
    return test


def _tokens(query: str) -> list[str]:
    found, end = [], 0
    query = query.strip()
    while end < len(query):
        match = _TOKEN.match(query, end)
        if match is None:
            raise BadQuery(f"cannot read {query[end:]!r}")
        found.append(match[1])
        end = match.end()
    return found


def _either(tokens: list[str]) -> tuple[Callable[[Tweet], bool], list[str]]:
    sides = []
    test, tokens = _all(tokens)
    sides.append(test)
    while tokens and tokens[0] == "OR":
        test, tokens = _all(tokens[1:])
        sides.append(test)
    return (lambda tweet: any(side(tweet) for side in sides)), tokens


def _all(tokens: list[str]) -> tuple[Callable[[Tweet], bool], list[str]]:
    tests = []
    while tokens and tokens[0] not in (")", "OR"):
        if tokens[0] == "(":
            test, tokens = _either(tokens[1:])
            if not tokens or tokens[0] != ")":
                raise BadQuery("unbalanced parenthesis")
            tokens = tokens[1:]
        else:
            test, tokens = _term(tokens[0]), tokens[1:]
        tests.append(test)
    if not tests:
        raise BadQuery("an empty group")
    return (lambda tweet: all(test(tweet) for test in tests)), tokens


def _term(token: str) -> Callable[[Tweet], bool]:
    if token.startswith("-") and len(token) > 1:
        inner = _term(token[1:])
        return lambda tweet: not inner(tweet)
    name, colon, value = token.partition(":")
    if colon and name in _OPERATORS:
        return _operator(name, value.strip('"').lower())
    if colon and re.fullmatch(r"min_\w+", name):
        raise BadQuery(f"unknown operator {name}")
    if token.startswith("#"):
        wanted = _fold(token[1:])
        return lambda tweet: any(_fold(tag) == wanted for tag in tweet.hashtags)
    words = _fold(token.strip('"'))
    return lambda tweet: words in _fold(tweet.text)


def _operator(name: str, value: str) -> Callable[[Tweet], bool]:
    tests: dict[str, Callable[[Tweet], bool]] = {
        "from": lambda t: t.author.x_handle.lower() == value.removeprefix("@"),
        "to": lambda t: t.text.lower().startswith("@" + value),
        "lang": lambda t: t.language == value,
        "has": lambda t: bool(t.links if value == "links" else t.hashtags if value == "hashtags" else ()),
        "is": lambda t: any(kind == _KINDS.get(value) for kind, _ in t.referenced),
        "url": lambda t: any(value in target.lower() for link in t.links for target in link),
        "conversation_id": lambda t: t.conversation == value,
        "retweets_of": lambda t: any(kind == "retweeted" for kind, _ in t.referenced) and f"@{value}" in t.text.lower(),
        "quotes_of_tweet_id": lambda t: ("quoted", value) in t.referenced,
    }
    return tests[name]


_KINDS = {"retweet": "retweeted", "quote": "quoted", "reply": "replied_to"}


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
