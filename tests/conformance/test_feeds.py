"""Every feed of the shared data through the door: nothing crashes or hangs, and what the files promise is met."""

from __future__ import annotations

import ast
import json
import re
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from harvester import dates, feed, feed_entry
from harvester import text as texts
from harvester.errors import ParseFailed
from harvester.model import Draft, Parsed
from tests.conformance.data import files

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:8097/feeds/it.xml"
FILES = files("feeds")
SECONDS = 5.0


class TooSlow(BaseException):
    """Not an Exception: no reader may swallow it."""


@contextmanager
def deadline() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def headers_of(body: bytes) -> dict[str, str]:
    """Response headers that a file states in its first comment."""
    head = body[:1500].decode("utf-8", "ignore").partition("-->")[0]
    found = re.findall(r"^Header:\s*([\w-]+):\s*(.+?)\s*$", head, re.MULTILINE)
    return {name.lower(): value for name, value in found}


@cache
def parsed(path: Path) -> Parsed | str:
    """What the feed reader made of a file, or the state it ended in."""
    body = path.read_bytes()
    headers = headers_of(body)
    with deadline():
        try:
            return feed.parse(body, headers, URL)
        except ParseFailed as failed:
            return failed.state


def test_all_files_end_well() -> None:
    ends = Counter()
    for path in FILES:
        result = parsed(path)
        ends[result if isinstance(result, str) else "feed"] += 1
        if isinstance(result, Parsed):
            assert all(isinstance(draft, Draft) for draft in result.drafts), path
            values = [value for draft in result.drafts for value in (draft.title, draft.text, draft.native_id)]
            assert not any(re.search("[\x00-\x08\x0e-\x1f\ud800-\udfff]", value) for value in values), path
            assert "entries_lost" not in result.flags, path
    print(f"\nfeeds: {len(FILES)} files, {dict(ends)}")
    assert set(ends) <= {"feed", "not_a_feed"}


def test_never_fewer_entries_than_the_tolerant_parser() -> None:
    import io

    import feedparser

    checked = 0
    for path in FILES:
        if path.suffix not in {".xml", ".atom", ".rss"}:
            continue
        body = path.read_bytes()
        try:
            theirs = len(feedparser.parse(io.BytesIO(body), response_headers=headers_of(body)).entries)
        except UnicodeEncodeError:
            continue
        result = parsed(path)
        ours = len(result.drafts) if isinstance(result, Parsed) else 0
        assert ours >= theirs, path
        checked += 1
    print(f"\nentry counts: {checked} files compared")


# What a comparison in an `Expect:` line says, as the model's field and the form in which it can be compared.
def entry_value(draft: Draft, key: str) -> str:
    return {
        "title": draft.title,
        "link": draft.url,
        "id": draft.native_id,
        "author": draft.author.name,
        "published": draft.published,
        "updated": draft.updated or draft.published,
    }[key]


def wanted_value(key: str, literal: str) -> str:
    if key == "title":
        return " ".join(texts.plain(literal).split())
    return feed_entry.person(literal) if key == "author" else literal


def expectations(path: Path) -> Iterator[tuple[int, str, Any]]:
    """(entry number, field, wanted) of the comparisons in a file's `Expect:` line that the model carries."""
    head = path.read_bytes()[:3000].decode("utf-8", "ignore").partition("-->")[0]
    line = re.search(r"^Expect:\s*(.+?)\s*$", head, re.MULTILINE)
    if line is None:
        return
    try:
        tree = ast.parse(line[1], mode="eval")
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)):
            continue
        left = re.fullmatch(r"""entries\[(\d+)\](?:\['(\w+)'\]|\.(\w+))""", ast.unparse(node.left))
        try:
            value = ast.literal_eval(node.comparators[0])
        except ValueError:
            continue
        key = left and (left[2] or left[3])
        text = key in {"title", "link", "id", "author", "published", "updated"} and isinstance(value, str)
        moment = key in {"published_parsed", "updated_parsed"} and isinstance(value, tuple) and len(value) == 9
        if left and (text or moment):
            yield int(left[1]), str(key), value


def meets(draft: Draft, key: str, wanted: Any) -> bool:
    if key.endswith("_parsed"):
        raw = entry_value(draft, key.removesuffix("_parsed"))
        return dates.parse(raw).at == datetime(*wanted[:6], tzinfo=UTC)
    return entry_value(draft, key) in {wanted, wanted_value(key, wanted)}


def test_expectations_of_the_feedparser_files() -> None:
    total, met = Counter(), Counter()
    for path in files("feeds", "feedparser", pattern="*.xml"):
        result = parsed(path)
        for number, key, wanted in expectations(path):
            total[key] += 1
            drafts = result.drafts if isinstance(result, Parsed) else ()
            met[key] += number < len(drafts) and meets(drafts[number], key, wanted)
    print("\nexpectations met: " + ", ".join(f"{key} {met[key]}/{total[key]}" for key in sorted(total)))
    assert met["title"] >= 0.95 * total["title"]
    assert met["link"] >= 0.9 * total["link"]


def pairs() -> Iterator[tuple[Path, dict[str, Any]]]:
    """gofeed's documents with what they should give."""
    for path in files("feeds", "gofeed", pattern="*.xml"):
        expected = path.with_suffix(".json")
        if expected.is_file():
            yield path, json.loads(expected.read_text("utf-8"))
    for path in files("feeds", "gofeed", pattern="*_expected.json"):
        source = path.with_name(path.name.replace("_expected", ""))
        if source.is_file():
            yield source, json.loads(path.read_text("utf-8"))


def gofeed_entry(entry: dict[str, Any]) -> dict[str, str]:
    """Title, link and author of one expected entry; Atom's own form keeps its links in a list."""
    links = entry.get("links") or []
    alternate = [link.get("href", "") for link in links if isinstance(link, dict) and link.get("rel") == "alternate"]
    author = entry.get("author") or (entry.get("authors") or [{}])[0]
    name = author.get("name", "") if isinstance(author, dict) else feed_entry.person(author)
    link = entry.get("link") or entry.get("url") or (alternate[0] if alternate else "")
    return {"title": entry.get("title", ""), "link": link, "author": name}


def feed_level(result: Parsed, expected: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, wanted, ours) of the feed itself."""
    wanted = gofeed_entry(expected)
    yield "feed title", wanted_value("title", wanted["title"]), " ".join(result.title.split())
    yield "feed link", wanted["link"] or expected.get("home_page_url", ""), result.canonical_url


def entry_level(drafts: Sequence[Draft], expected: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for number, entry in enumerate(expected.get("items") or expected.get("entries") or ()):
        for key, value in gofeed_entry(entry).items():
            ours = entry_value(drafts[number], key) if number < len(drafts) else ""
            yield key, ours if ours and ours in {value, wanted_value(key, value)} else value, ours


def test_gofeed_pairs() -> None:
    total, met, missed = Counter(), Counter(), []
    for path, expected in pairs():
        result = parsed(path)
        assert isinstance(result, Parsed), path
        for key, wanted, ours in (*feed_level(result, expected), *entry_level(result.drafts, expected)):
            if wanted:
                total[key] += 1
                met[key] += wanted == ours
                if wanted != ours:
                    missed.append((path.name, key, wanted, ours))
    print("\ngofeed pairs: " + ", ".join(f"{key} {met[key]}/{total[key]}" for key in sorted(total)))
    both = [key for key in total if "title" in key or "link" in key]
    share = sum(met[key] for key in both) / max(1, sum(total[key] for key in both))
    print(f"gofeed title and link: {share:.3f}; not met: {missed}")
    assert not total or share >= 0.97


@pytest.mark.parametrize("name", ["billion_laughs_atom.xml", "billion_laughs_rss.xml", "external_entity_file_rss.xml"])
def test_entity_attacks_cost_nothing(name: str) -> None:
    for path in files("bad", "xml", pattern=name):
        with deadline():
            result = feed.parse(path.read_bytes(), {}, URL)
        assert sum(len(draft.text) + len(draft.title) for draft in result.drafts) < 200_000
