"""Look for bodies that break a reader: `python -m tests.fuzz --seconds 3600 [--seed 7] [--keep FOLDER]`.

Feeds and pages (those of the tests, and of the data made by others where it lies) are cut, spliced and sprinkled
with what readers stumble over, and read as a crawl reads: in the parsing process, under its deadline. A finding is
an error nobody foresaw, a reading that outlives its deadline, or a draft that does not become a post or a refusal.
Findings are kept as files; the same seed makes the same bodies. Exit code 1 when something was found.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.crawl.parse_pool import ParsePool
from harvester.crawl.parse_worker import Job
from harvester.event import load
from harvester.model import Post, Rejected
from harvester.normalise import normalise
from tests import evil
from tests.conformance.data import files
from tests.crawling import EVENT

if TYPE_CHECKING:
    from harvester.crawl.parse_worker import Answer

NOW = datetime(2026, 9, 1, tzinfo=UTC)
DEADLINE = 5.0
LONGEST = 200_000
FIXTURES = Path(__file__).parent / "fixtures"
CLAIMS = ("text/html", "text/html; charset=utf-8", "application/rss+xml", "application/atom+xml", "application/json",
          "text/html; charset=Shift_JIS", "text/xml; charset=euc-jp", "image/png", "")  # fmt: skip
SPRINKLE = (
    b"&#xD83D;", b"&#0;", b"\x00", b"\x0b", b"<!--", b"-->", b"<![CDATA[", b"]]>",
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"&x;", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B", b"\x82\xa0",
    b"\xa4\xa2", "〜①㈱".encode("cp932", "replace"), b"</", b"<item>", b"<entry>",
    b"<pubDate>Tue, 31 Feb 9999 25:61:61 JST</pubDate>", b"<link>javascript:1</link>", b"<guid>",
    b'{"items":[', b"[[[[[[", b"1e999", b"\\ud800", b"<div>" * 500, b"<a href='//", b"http://[::1",
    b"<script>", b'"@type":"BlogPosting"', b"<base href='data:,'>", b"<time datetime='0000-00-00'>",
    "2016年13月45日".encode(), b"<title>", b"xmlns:a=''",
)  # fmt: skip


@dataclass
class Tally:
    """What was read, by how it ended, and what was found (reason, file)."""

    bodies: int = 0
    states: dict[str, int] = field(default_factory=dict)
    findings: list[tuple[str, Path]] = field(default_factory=list)


def corpus() -> list[bytes]:
    """Bodies to start from, in one order on every machine that has the same files."""
    own = [path for path in sorted(FIXTURES.rglob("*")) if path.suffix in {".html", ".xml", ".json", ".atom", ".rss"}]
    others = files("feeds")[::7] + files("pages", pattern="*.html")[::5] + files("bad", "xml")
    made = [evil.article("a page").body, evil.feed(("one", "https://a.example/1"), ("two", "https://a.example/2")).body]
    return [*made, *(path.read_bytes()[:LONGEST] for path in own + others)]


def mutated(dice: random.Random, seeds: list[bytes]) -> bytes:
    """A body no server meant to send."""
    body = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 8)):
        at, length = dice.randrange(len(body) + 1), dice.randrange(1, 200)
        change = dice.randrange(6)
        if change == 0:
            body[at : at + length] = b""
        elif change == 1:
            body[at:at] = dice.choice(SPRINKLE) * dice.choice((1, 1, 1, 50))
        elif change == 2:
            other = dice.choice(seeds)
            start = dice.randrange(len(other) + 1)
            body[at:at] = other[start : start + length * 20]
        elif change == 3:
            body[at:at] = body[at : at + length] * dice.choice((2, 20))
        elif change == 4 and at < len(body):
            body[at] = dice.randrange(256)
        else:
            del body[max(at, 1) :]
    return bytes(body[:LONGEST])


def fault(answer: Answer) -> str:
    """What is wrong with an answer, "" when it is a reading or a refusal by name."""
    if answer.parsed is None:
        return answer.detail or answer.state if answer.state in {"parse_error", "parse_timeout"} else ""
    event = load(EVENT, "meetup.toml")
    for draft in answer.parsed.drafts:
        try:
            post = normalise(draft, event, now=NOW)
        except Exception as error:  # noqa: BLE001 - any exception is what is looked for
            return f"normalise: {type(error).__name__}: {error}"
        if not isinstance(post, Post | Rejected):
            return f"normalise made {type(post).__name__}"
    return ""


def fuzz(seconds: float, seed: int, keep: Path) -> Tally:
    """Read mutated bodies for so long; what breaks a reader is kept in the folder."""
    dice, seeds, tally, pool = random.Random(seed), corpus(), Tally(), ParsePool()
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            body, claim, expect = mutated(dice, seeds), dice.choice(CLAIMS), dice.choice(("", "", "feed", "page"))
            job = Job("https://fuzz.example/2016/12/01/entry", body, {"content-type": claim}, expect, NOW, DEADLINE)
            answer = pool.parse_blocking(job)
            state = "read" if answer.parsed is not None else answer.state
            tally.bodies += 1
            tally.states[state] = tally.states.get(state, 0) + 1
            if why := fault(answer):
                keep.mkdir(parents=True, exist_ok=True)
                path = keep / f"{state}-{hashlib.sha256(body).hexdigest()[:12]}.bin"
                path.write_bytes(f"{claim}\n{expect}\n{why}\n\n".encode("utf-8", "backslashreplace") + body)
                tally.findings.append((why, path))
    finally:
        pool.close()
    return tally


def main() -> int:
    """The command line: a line a minute would say nothing more than the end does."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="default: a new one, printed")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    told = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if told.seed is None else told.seed
    print(f"fuzz: seed {seed}, {told.seconds:g} s", flush=True)
    tally = fuzz(told.seconds, seed, told.keep)
    print(f"fuzz: {tally.bodies} bodies {tally.states}, {len(tally.findings)} findings")
    for why, path in tally.findings:
        print(f"  {path}: {why}")
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
