"""Files made to break readers, through the doors a crawl reads with: in time, in bounds, with a named answer."""

from __future__ import annotations

import json
import re
import resource
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from protego import Protego

from harvester import urls
from harvester.crawl.compression import TooLarge, Truncated, decode
from harvester.crawl.parse_pool import ParsePool
from harvester.crawl.parse_worker import Job
from harvester.crawl.refused import Refused
from harvester.crawl.robots import LONGEST_DELAY, READ_BYTES, Rules, read
from harvester.model import FETCH_STATES
from tests.conformance.data import DATA, files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harvester.crawl.parse_worker import Answer

NOW = datetime(2016, 12, 10, tzinfo=UTC)
LIMIT = 8 << 20
SECONDS = 7.0
GROWTH = 64 << 10  # KiB
# What a server might claim such a file to be.
CLAIMS = (
    ("text/html; charset=utf-8", ""), ("text/html", ""), ("application/rss+xml", "feed"), ("application/json", "feed"),
)  # fmt: skip
CODINGS = {"br.bin": "br", "gzip.bin": "gzip"}


def bodies(path: Path) -> Iterator[tuple[str, bytes]]:
    """A file as it is, decoded if it is compressed, and each input of a file that holds many."""
    raw = path.read_bytes()
    coding = next((name for end, name in CODINGS.items() if path.name.endswith(end)), "")
    if coding:
        try:
            raw = decode(raw, [coding], LIMIT)
        except (TooLarge, Truncated):  # the crawl's `too_large` and `truncated`: nothing is left to read
            return
    yield path.name, raw[:LIMIT]
    if path.suffix == ".test":
        tests = json.loads(raw)
        inputs = [str(test.get("input", "")) for key in tests for test in tests[key] if isinstance(test, dict)]
        yield f"{path.name}: all inputs", "\n<p>".join(inputs).encode("utf-8", "surrogatepass")
    if path.suffix == ".dat":
        for number, part in enumerate(re.split(rb"^#data\n", raw, flags=re.MULTILINE)[1:]):
            yield f"{path.name}: input {number}", part.partition(b"#encoding")[0]


def largest() -> int:
    """The most memory this process ever held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_every_bad_file_is_read_or_refused_by_name_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    pool = ParsePool()
    told: dict[str, int] = {}
    slowest, before = ("", 0.0), largest()
    bad = [path for path in files("bad") if "robots" not in path.parent.name]
    try:
        for path in bad:
            for name, body in bodies(path):
                for kind, expect in CLAIMS:
                    began = time.monotonic()
                    answer: Answer = pool.parse_blocking(
                        Job("https://bad.example/page", body, {"content-type": kind}, expect, NOW, 5.0)
                    )
                    took = time.monotonic() - began
                    assert took < SECONDS, (name, kind, took)
                    assert answer.parsed is not None or answer.state in FETCH_STATES, (name, kind, answer)
                    state = "read" if answer.parsed is not None else answer.state
                    told[state] = told.get(state, 0) + 1
                    slowest = max(slowest, (f"{name} as {kind}", took), key=lambda pair: pair[1])
    finally:
        pool.close()
    grown = largest() - before
    assert grown <= GROWTH
    with capsys.disabled():
        print(f"\nbad files: {len(bad)} files, {sum(told.values())} bodies {told}; slowest {slowest[1]:.2f} s", end="")
        print(f" ({slowest[0]}); this process grew by {grown >> 10} MiB")


def test_external_entities_are_never_fetched_or_shown() -> None:
    pool = ParsePool()
    try:
        for path in files("bad", "xml"):
            body = path.read_bytes()[:LIMIT]
            answer = pool.parse_blocking(
                Job("https://bad.example/f", body, {"content-type": "text/xml"}, "feed", NOW, 5.0)
            )
            assert "root:" not in repr(answer), path.name
    finally:
        pool.close()


def asked(text: str) -> list[str]:
    """The paths a robots.txt speaks of, with its patterns filled in, and some it does not speak of."""
    named = re.findall(r"(?im)^\s*(?:dis)?allow\s*:\s*(/[^\s#]*)", text)
    return ["/", "/index.html", "/a/b?c=d", *(path.replace("*", "x").rstrip("$") for path in named[:200])]


@pytest.mark.parametrize("path", files("bad", "robots"), ids=lambda path: path.name)
def test_robots_as_protego_or_refused_by_name(path: Path) -> None:
    body = path.read_bytes()
    rules = read(200, body, "harvester")
    parser = Protego.parse(body[:READ_BYTES].decode("utf-8-sig", "ignore"))
    for target in asked(body.decode("utf-8", "ignore")):
        url = f"https://{path.name.split('_')[0]}{target}"
        refused = verdict(rules, url)
        if refused is None:
            assert parser.can_fetch(url, "harvester"), url
        else:
            assert refused.state == "robots"
            assert not parser.can_fetch(url, "harvester") or (parser.crawl_delay("harvester") or 0) > LONGEST_DELAY, url


def verdict(rules: Rules, url: str) -> Refused | None:
    try:
        rules.check(url, "harvester")
    except Refused as refused:
        return refused
    return None


def test_urls_of_the_standard_are_canonical_or_refused() -> None:
    path = DATA / "bad" / "wpt_urltestdata.json"
    cases = [case for case in json.loads(path.read_text("utf-8")) if isinstance(case, dict)] if path.is_file() else []
    for case in cases:
        base = case.get("base") or "https://base.example/dir/page"
        for ask in (urls.canonical, urls.fetchable):
            try:
                made = ask(case["input"], base)
            except urls.BadUrl:
                continue
            assert made.startswith(("http://", "https://")), case
            assert ask(made) == made, case
        assert isinstance(urls.is_web_url(case["input"]), bool)
