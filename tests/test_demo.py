"""The demo's world is repeatable, true to itself and findable; the real commands find it; the comparison is fair."""

import itertools
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from click.testing import CliRunner

from harvester import event, urls
from harvester.cli.demo import command
from harvester.demo import event_file, run, truth
from harvester.demo.build import build
from harvester.demo.compare import Comparison, Finding, compare
from harvester.demo.exchange import Asked
from harvester.demo.markup import links, to_html, to_markdown, to_words
from harvester.demo.table import WIDTH, lines
from harvester.demo.web import Web
from harvester.demo.words import Deck, Slots, dice
from harvester.demo.world import ENDS, SLUG, STARTS, WRITTEN, Numbers, numbers
from harvester.errors import InputError
from harvester.model import AUTHOR_KINDS, KINDS, RELATIONS, Author, Label, Post, When
from harvester.relate.shingles import grams, jaccard, reduced
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.open import open_db
from harvester.store.posts import save_post
from tests.agreement import assert_faces_agree

SMALL = Numbers(
    participants=30, media=5, independents=5, unknowns=1, vendor=2, sponsors=2, organiser=1, releases=2, crossposts=2,
    syndicated=1, scraped=2, other_years=3, locals=2, offtopic=6, tweets=20, misses=1,
)  # fmt: skip
SEEDS = (2016, 1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def worlds():
    return {seed: build(seed) for seed in SEEDS}


def test_the_default_world_has_the_numbers_of_the_story():
    document = truth.describe(build())
    assert document["expected"]["participant"] == 123
    assert document["expected"]["media"] == 20
    assert sum(bool(story["missed"]) for story in document["stories"].values()) == 3


def test_a_seed_repeats_itself_and_others_differ(worlds):
    again = build(3)
    assert truth.describe(again) == truth.describe(worlds[3])
    assert event_file.render(again) == event_file.render(worlds[3])
    assert [tweet.text for tweet in again.tweets] == [tweet.text for tweet in worlds[3].tweets]
    counts = {(numbers(seed).participants, numbers(seed).media) for seed in range(40)}
    assert len(counts) > 35
    assert all(60 <= p <= 200 and 8 <= m <= 40 for p, m in counts)
    hosts = [{site.host for site in world.sites if "example" in site.host} for world in worlds.values()]
    assert all(len(one & other) < len(one) / 2 for one, other in itertools.combinations(hosts, 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_world_agrees_with_its_numbers_and_with_the_model(worlds, seed):
    world, planned = worlds[seed], numbers(seed)
    assert len(world.stories("participant")) == planned.participants
    assert len(world.stories("media")) == planned.media
    assert len(world.stories("independent")) == planned.independents
    assert len({doc.url for doc in world.docs}) == len(world.docs)
    assert len({tweet.id for tweet in world.tweets}) == len(world.tweets)
    assert {doc.kind for doc in world.docs} <= set(KINDS)
    assert {doc.relation for doc in world.docs} <= set(RELATIONS)
    assert {doc.author.kind for doc in world.docs} <= set(AUTHOR_KINDS)
    assert all(person.handle.endswith("sim") and len(person.x_handle) <= 15 for person in world.people)
    assert sum(bool(doc.missed) for doc in world.docs) == planned.misses
    for doc in world.docs:
        assert urls.canonical(doc.url)
        if doc.counted and doc.kind in WRITTEN and not doc.optional:
            assert STARTS <= doc.published <= ENDS.replace(day=30), doc.url


@pytest.mark.parametrize("seed", SEEDS)
def test_the_event_file_is_valid_and_names_what_its_organisers_know(worlds, seed):
    world = worlds[seed]
    made = event.load(event_file.render(world), "event.toml")
    assert (made.slug, made.report_timezone) == (SLUG, "Asia/Tokyo")
    assert (made.starts, made.ends) == (STARTS, ENDS)
    assert len(made.media_outlets) == len(world.outlets)
    assert len(made.attendees) == sum(person.listed for person in world.people) + len(world.registered)
    unlisted = [p for p in world.people if p.kind == "participant" and not p.listed and not p.speaker]
    names = {person.name for person in made.attendees}
    assert not names & {person.name for person in unlisted}


def words_of(doc):
    return to_words(doc.blocks)


def test_two_authors_never_write_the_same_text(worlds):
    own = [d for d in worlds[2016].docs if d.counted and d.kind in WRITTEN and not d.optional]
    pairs = ((a, b) for a, b in itertools.combinations(own, 2) if a.author is not b.author)
    owned = ("vendor", "sponsor", "organiser")
    letters = {doc.url: grams(reduced(words_of(doc))) for doc in own}
    alike = {(a.url, b.url): jaccard(letters[a.url], letters[b.url]) for a, b in pairs if a.author.kind not in owned}
    assert max(alike.values()) < 0.3, max(alike, key=alike.get)
    assert len({doc.title for doc in own}) > 0.9 * len(own)


def test_participants_say_or_are_listed_and_those_at_home_do_neither(worlds):
    was_there = re.compile(r"参加|行ってき|I attended|I went|I was at")
    for world in worlds.values():
        for doc in world.stories("participant"):
            assert was_there.search(words_of(doc)) or doc.author.listed or doc.author.speaker, doc.url
        for kind in ("independent", "unknown"):
            for doc in world.stories(kind):
                assert not doc.author.listed
                assert not re.search(r"参加して|行ってき", words_of(doc)), doc.url


class Walker:
    """An ideal reader: follows the event file, both APIs and every link in a text, two steps deep."""

    def __init__(self, world):
        self.world, self.web, self.seen = world, Web(world), set()

    def get(self, url):
        for _ in range(6):
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            answer = self.web.answer(Asked("GET", parts.netloc, target))
            if answer.status != 301:
                break
            url = answer.header("Location")
        if answer.hang_up or answer.status != 200 or self.refused(urlsplit(url).netloc):
            return url, ""
        return url, answer.body.decode("utf-8", "replace")

    def refused(self, host):
        return self.web.answer(Asked("GET", host, "/robots.txt")).body == b"User-agent: *\nDisallow: /\n"

    def walk(self, starts):
        todo = [(url, 1) for url in starts]
        while todo:
            url, depth = todo.pop()
            landed, page = self.get(url)
            own = re.search(r'<link rel="canonical" href="([^"]+)"', page)
            key = urls.canonical(own[1] if own else landed)
            if not page or (key, depth) in self.seen:
                continue
            self.seen.add((key, depth))
            if depth < 2:
                article = re.split("<aside|<footer", page)[0]
                todo += [
                    (urljoin(landed, unescape(u)), depth + 1) for u in re.findall(r'<a [^>]*href="([^"]+)"', article)
                ]

    def found(self):
        return {key for key, _ in self.seen}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_story_can_be_found_by_an_honest_way_but_those_admitted(worlds, seed):
    world, known = worlds[seed], event.load(event_file.render(worlds[seed]), "event.toml")
    walker = Walker(world)
    feeds = [walker.get(url)[1] for url in (*known.feeds, *(o.feed for o in known.media_outlets if o.feed))]
    entries = re.findall(r"https://[^\s<>\"\]]+", " ".join(feed for feed in feeds if " & more</title>" not in feed))
    tweets = [short for tweet in world.tweets for short, _, _ in tweet.links]
    lists = [url for page in known.pages for url in re.findall(r'href="(https://[^"]+)"', walker.get(page)[1])]
    walker.walk([*entries, *tweets, *lists])
    found = walker.found() | {urls.canonical(d.url) for d in world.docs if d.site.look == "qiita"}
    for doc in world.docs:
        if doc.counted and doc.kind in WRITTEN and not doc.optional:
            assert (urls.canonical(doc.url) in found) is not bool(doc.missed), (doc.url, doc.route, doc.missed)


def test_the_truth_speaks_of_every_address(worlds):
    world = worlds[2016]
    document = json.loads(json.dumps(truth.describe(world)))
    forms = truth.index(document)
    for doc in world.docs:
        assert document["urls"][doc.url]["relevant"] is doc.relevant
        assert forms[urls.key_for(doc.url)] in document["urls"]
        for alias in doc.aliases:
            assert document["urls"][forms[urls.canonical(alias)]]["story"] == doc.story
    on_x = {key for key in document["posts"] if key.startswith("x:")}
    assert on_x == {f"x:{tweet.id}" for tweet in world.tweets}
    kinds = Counter(s["author_kind"] for s in document["stories"].values() if not s["optional"])
    assert document["expected"] == dict(kinds)


def test_words_are_dealt_evenly_and_slots_filled():
    deck = Deck("abcd", dice("x"))
    assert sorted(deck.deal() for _ in range(4)) == list("abcd")
    assert len(set(deck.hand(3))) == 3
    assert sorted(deck.hand(9)) == list("abcd")
    slots = Slots(dice("x"), {"a": "1"})
    assert re.fullmatch(r"1 \d\d \d", slots.fill("{a} {n} {d}"))
    with pytest.raises(KeyError):
        slots.fill("{nobody}")
    with pytest.raises(ValueError, match="a deck needs a card"):
        Deck((), dice("x"))


def test_blocks_as_markup():
    blocks = ("# A & B", "before [[a [b] c|https://x.example/?a=1&b=2]] after", "- one\n- [[two|https://y.example/]]")
    assert to_html(blocks, "h3") == (
        '<h3>A &amp; B</h3>\n<p>before <a href="https://x.example/?a=1&amp;b=2">a [b] c</a> after</p>\n'
        '<ul><li>one</li><li><a href="https://y.example/">two</a></li></ul>'
    )
    assert to_markdown(blocks[1:2]) == "before [a [b] c](https://x.example/?a=1&b=2) after"
    assert to_words(blocks) == "A & B\nbefore a [b] c after\n- one\n- two"
    assert links(blocks) == ["https://x.example/?a=1&b=2", "https://y.example/"]


# The comparison, on a database filled by hand.

NOW = datetime(2017, 3, 1, tzinfo=UTC)


def post_of(doc, **more):
    given = {
        "key": urls.key_for(doc.url), "url": urls.canonical(doc.url), "kind": doc.kind, "platform": "web",
        "title": doc.title, "text": words_of(doc), "author": Author(platform="web", handle=doc.author.id),
        "host": doc.site.host, "published": When(at=doc.published.astimezone(UTC), precision="second", origin="meta"),
    }  # fmt: skip
    return Post(**(given | more))


@pytest.fixture
def filled(tmp_path):
    """A small world stored perfectly, and what is needed to spoil it."""
    world = build(7, SMALL)
    conn = open_db(tmp_path / "demo.db", "create")
    made = event.load(event_file.render(world), "event.toml")
    with write_tx(conn):
        save_event(conn, made)
        conn.execute("INSERT INTO runs (id, command, event, started_at) VALUES (1, 'crawl', ?, '2017-01-01')", (SLUG,))
        for doc in world.docs:
            if doc.counted and doc.kind in WRITTEN and not doc.optional:
                keep(conn, made, doc)
    yield world, conn, made, truth.describe(world)
    conn.close()


def keep(conn, made, doc, *, kind="", counted=1, relevance="confirmed", **more):
    saved = save_post(
        conn, post_of(doc, **more), event=SLUG, source="blog", query="", run_id=1, now="2017-01-01T00:00:00Z"
    )
    conn.execute(
        "UPDATE event_posts SET relevance = ?, counted = ?, local_day = ? WHERE post_id = ?",
        (relevance, counted, made.day_of(doc.published), saved.post_id),
    )
    author = conn.execute("SELECT author_id FROM posts WHERE id = ?", (saved.post_id,)).fetchone()[0]
    label = Label(side="community", kind=kind or doc.author.kind)
    conn.execute(
        "INSERT OR REPLACE INTO labels (author_id, event, side, kind, decided_by) VALUES (?, ?, ?, ?, 'rules')",
        (author, SLUG, label.side, label.kind),
    )
    return saved.post_id


def test_a_perfect_database_is_perfect(filled):
    _, conn, _, document = filled
    outcome = compare(conn, document, as_of=NOW)
    assert (outcome.precision, outcome.recall, outcome.kind_precision, outcome.kind_recall) == (1, 1, 1, 1)
    assert outcome.good
    assert outcome.missed == outcome.wrong == outcome.mislabelled == outcome.misdated == []
    assert outcome.kinds["participant"] == (30, 30, 30, 30)
    assert outcome.kinds["media"] == (5, 5, 5, 5)
    assert outcome.true == sum(document["expected"].values())


def test_every_difference_is_named_with_its_reason(filled):
    world, conn, made, document = filled
    lost, judged, folded, taken, early = [d for d in world.stories("participant") if not d.missed][:5]
    admitted = next(doc for doc in world.docs if doc.missed)
    other = next(doc for doc in world.docs if not doc.relevant)
    copy = next(doc for doc in world.docs if doc.relation == "crosspost")
    with write_tx(conn):
        for doc in (lost, admitted):
            conn.execute("DELETE FROM posts WHERE key = ?", (urls.key_for(doc.url),))
        conn.execute(
            "INSERT INTO frontier (event, source, fingerprint, url, host, state, reason, http_status, added_at)"
            " VALUES (?, 'blog', 'f', ?, 'h', 'failed', 'http_error', 404, '2017-01-01')",
            (SLUG, lost.url),
        )
        keep(conn, made, judged, relevance="probable")
        keep(conn, made, folded, counted=0)
        keep(conn, made, taken, kind="media")
        keep(conn, made, other, author=Author(platform="web", handle="nobody"), kind="unknown",
             published=When(at=STARTS, precision="second", origin="meta"))  # fmt: skip
        keep(conn, made, copy, author=Author(platform="web", handle=copy.author.id))
        day = "UPDATE event_posts SET local_day = '2016-11-29' WHERE post_id = (SELECT id FROM posts WHERE key = ?)"
        conn.execute(day, (urls.key_for(early.url),))
    outcome = compare(conn, document, as_of=NOW)
    missed = {finding.url: finding for finding in outcome.missed}
    assert missed[lost.url].why == "blog: failed http_error 404"
    assert missed[admitted.url].why == f"admitted: {admitted.missed}"
    assert outcome.admitted == 1
    assert "judged probable" in missed[judged.url].why
    assert "not counted" in missed[folded.url].why
    assert {finding.what for finding in outcome.wrong} == {"wrongly counted", "counted twice"}
    assert other.why in {finding.why for finding in outcome.wrong}
    assert any("taken for media" in finding.why for finding in outcome.mislabelled)
    assert [finding.url for finding in outcome.misdated] == [urls.canonical(early.url)]
    assert outcome.found == outcome.true - 4
    assert outcome.counted == outcome.found + 2
    assert not outcome.good


def test_the_table_fits_a_terminal_and_leaves_no_control_characters():
    bad = Finding(what="missed", url="https://a.example/" + "x" * 200, title="日本語\x1b[2J" * 30, why="because " * 40)
    outcome = Comparison(true=10, found=9, counted=9, kind_right=9, kinds={"media": (1, 1, 1, 1)}, missed=[bad] * 15)
    printed = list(lines(outcome, {"seed": 3}))
    assert all(len(line) <= WIDTH for line in printed)
    assert "\x1b" not in "".join(printed)
    assert "stories  precision 1.000  recall 0.900" in "\n".join(printed)
    assert printed[-1] == "  and 3 more: `harvest demo --json` has them all"


# The whole way, with the real commands.


def test_nobody_outside_knows_the_demo():
    root = Path(__file__).parent.parent
    for path in [*root.glob("harvester/**/*.py"), *root.glob("spiders/*.py")]:
        if "demo" not in path.relative_to(root).parts and path.name != "demo.py":
            assert "harvester.demo" not in path.read_text(encoding="utf-8"), path


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "harvest-demo-5").mkdir()
    (tmp_path / "harvest-demo-5" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="no demo folder"):
        run.prepare(5, None, keep=False)
    assert (tmp_path / "harvest-demo-5" / "thesis.txt").exists()
    first = run.prepare(6, None, keep=False)
    first.event.write_text("old")
    assert run.prepare(6, None, keep=True).event.exists()
    assert not run.prepare(6, None, keep=False).event.exists()


IGNORED = (
    "runs",
    "run_sources",
    "sightings",
    "reactions",
    "frontier",
    "hosts",
    "checkpoints",
    "sources",
    "decisions",
    "spending",
    "reaction_checks",
)


def tables(path):
    conn = open_db(path, "ro")
    try:
        names = [
            row[0]
            for row in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%fts%'")
            if row[0] not in IGNORED and not row[0].startswith("sqlite")
        ]
        return {name: sorted(map(repr, map(tuple, conn.execute(f"SELECT * FROM {name}")))) for name in names}
    finally:
        conn.close()


def harvest_demo(folder, *options):
    command = [sys.executable, "-m", "harvester.cli", "demo", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=170)


def test_the_demo_finds_its_world(tmp_path):
    done = harvest_demo(tmp_path, "--json")
    assert done.returncode == 0, done.stderr or done.stdout
    told = json.loads(done.stdout)
    shown = told["comparison"]
    assert told["synthetic"] is True
    assert min(shown["recall"], shown["precision"], shown["kind_recall"], shown["kind_precision"]) >= 0.97
    assert shown["kinds"]["participant"][0] == 123
    assert shown["kinds"]["media"] == [20, 20, 20, 20]
    ratio = next(row for row in told["report"] if row["metric"] == "M02.ratio")
    assert abs(ratio["num"] - 123) <= len(shown["missed"]) + len(shown["wrong"])
    assert ratio["den"] == 20
    exist = next(row for row in told["report"] if row["metric"] == "M04.at_least")
    assert (exist["status"], set(exist["variants"]["lists"])) == ("ok", {"qiita", "shared", "listed"})
    assert exist["num"] <= exist["value"] <= 137  # so many there are by participants and independents
    assert (tmp_path / "harvest-demo-2016" / "truth.json").exists()
    assert len(assert_faces_agree(tmp_path / "harvest-demo-2016" / "harvest.db", SLUG)) > 200


def test_another_seed_in_words(tmp_path):
    done = harvest_demo(tmp_path, "--seed", "4", "--db", "mine.db")
    assert done.returncode == 0, done.stderr or done.stdout
    assert done.stdout.startswith("A synthetic web around AWS re:Invent 2016, invented from seed 4")
    for part in ("WHO ", "Compared with the truth of this synthetic web (seed 4)", "harvest browse --db mine.db"):
        assert part in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "blog: " in done.stderr  # the crawl's own progress


class Stopped:
    def wait(self):
        raise KeyboardInterrupt


def test_serving_ends_with_ctrl_c(tmp_path, monkeypatch):
    stopped, setup = [], run.Setup(seed=7, folder=tmp_path, db=tmp_path / "harvest.db")
    outcome = run.Outcome(setup=setup, comparison=Comparison(), crawl={}, report=[], seconds=3.2)

    class Web:
        address = "127.0.0.1:1"

        def stop(self):
            stopped.append(True)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "run", lambda *given, **named: (outcome, Web()))
    monkeypatch.setattr("harvester.cli.demo.threading.Event", Stopped)
    shown = CliRunner().invoke(command, ["--seed", "7", "--serve"])
    assert (shown.exit_code, stopped) == (0, [True])
    assert "harvest report demo-reinvent-2016 --db harvest.db" in shown.output
    assert "harvest crawl event.toml --db harvest.db --connect-to 127.0.0.1:1" in shown.output
    assert "stopped" in shown.output
