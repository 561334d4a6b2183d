"""Strings that broke other people's programs: in and out of every face unharmed, and no more than strings there."""

import asyncio
import csv
import io
import json
import re
import unicodedata
from contextlib import closing
from datetime import UTC, datetime

import pytest

from harvester.browse.serve import application
from harvester.cells import inert
from harvester.classify import RULES_VERSION
from harvester.cli import run
from harvester.cli.report import FORMATS
from harvester.errors import ConfigError
from harvester.event import load, render
from harvester.model import Draft, DraftAuthor, Rejected
from harvester.normalise import normalise
from harvester.report import html as html_face
from harvester.report import markdown, sheet, terminal
from harvester.report.build import build
from harvester.report.layout import width
from harvester.report.rows import as_json, rows
from harvester.store import posts, runs
from harvester.store.connection import write_tx
from harvester.store.events import event_row, load_event, save_event
from harvester.store.items import load_frame, load_items, shelf_of
from harvester.store.open import open_db
from harvester.text import clean, tag_key
from harvester.urls import is_web_url
from tests import markup
from tests.conformance.data import files
from tests.markup import as_shown

NOW, STORED_NOW = datetime(2017, 1, 20, tzinfo=UTC), "2017-01-20T00:00:00Z"
FIXED = {"starts": "2016-12-21", "timezone": "Asia/Tokyo"}
OURS = (
    "plain", "", "\x1b]0;pwn\x07\x1b[2J", "\u202egpj.exe", "a\nERROR fake", "\x9b31m", "| a | b |",
    "**b** `c` [d](javascript:e)", "=1+1", "👩‍👩‍👧‍👦", "葛\U000e0100", "ﾊﾟｲｿﾝ", "\ufeffBOM", "NaN", "1e999",
    "' OR 1=1 --", "%s %(x)s {0} {x}", "\\", '"', "\u2028x",
)  # fmt: skip
THEIRS = [
    text for path in files("bad", "naughty_strings", pattern="blns.json") for text in json.loads(path.read_text())
]
STRINGS = tuple(dict.fromkeys((*OURS, *THEIRS, *markup.VECTORS, *markup.ADDRESSES)))


def faces(report):
    """The report in every format that is made from it."""
    return {
        "terminal": terminal.render(report) + terminal.lines_of(report, ("M01", "M02", "M22")),
        "json": as_json(rows(report), indent=2) + "\n",
        "csv": sheet.render(report),
        "markdown": markdown.render(report),
        "html": html_face.render(report),
    }


def report_of(conn, slug):
    row = event_row(conn, slug)
    frame = load_frame(conn, slug, as_of=NOW, rules=RULES_VERSION, shelf=shelf_of(conn))
    return build(load_items(conn, slug), frame, name=row["name"], city=row["city"] or "")


def deceives(character):
    """Whether a character steers a terminal, breaks a line or turns the direction of what follows."""
    turns = unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    steers = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character != "\n"
    return turns or steers or character in "\u200e\u200f\u061c"


def assert_safe(found, what):
    for form, text in found.items():
        assert [character for character in set(text) if deceives(character)] == [], (form, what)
    assert [line for line in found["terminal"].splitlines() if width(line) > 96 and ": " not in line[:40]] == [], what
    markup.assert_inert(found["html"])


@pytest.fixture
def conn(tmp_path):
    with closing(open_db(tmp_path / "n.db", "create")) as made:
        yield made


@pytest.mark.parametrize("part", range(4))
def test_as_an_event_s_name_and_as_values_of_its_file(conn, part):
    strings = STRINGS[part::4]
    refused = 0
    for number, text in enumerate(strings):
        values = {
            **FIXED,
            "slug": f"e{number}",
            "name": text,
            "city": text,
            "series": text,
            "names": [text],
            "negative": [text],
        }
        file = render(values)
        if not clean(text):
            with pytest.raises(ConfigError, match="empty"):
                load(file, "naughty.toml")
            refused += 1
            continue
        event = load(file, "naughty.toml")
        expected = (clean(text), clean(text), (clean(text),))
        assert (event.name, event.city, event.names) == expected
        with write_tx(conn):
            save_event(conn, event)
            run_id = runs.start_run(conn, "crawl", event.slug, now=STORED_NOW)
            runs.save_source(conn, run_id, f"s{text}", "", event=event.slug, status="failed", reason=text)
            runs.save_source(conn, run_id, "feeds", text or "-", event=event.slug, status="partial", reason=text)
        back = load_event(conn, event.slug)
        assert (back.name, back.city, back.names, back.negative) == (*expected, (clean(text),))
        found = faces(report_of(conn, event.slug))
        assert_safe(found, text)
        (heading,) = re.findall(r"^# (.*)$", found["markdown"].splitlines()[0])
        assert " ".join(markup.unescaped(heading).split()) == as_shown(clean(text))
        assert markup.text_of(found["html"]).count(as_shown(clean(text))) >= 3
        lines = next(r for r in json.loads(found["json"]) if r["metric"] == "M22.sources")["variants"]["lines"]
        assert {(line["source"], line["query"], line["reason"]) for line in lines} == {
            (f"s{text}", "", text), ("feeds", text or "-", text),
        }  # fmt: skip
        flags = {flag for row in csv.DictReader(io.StringIO(found["csv"])) for flag in json.loads(row["flags"])}
        assert {f"failed:s{text}", "truncated:feeds"} <= flags
    assert refused == sum(not clean(text) for text in strings)
    assert len(strings) > len(OURS) // 4


def read(**values):
    """The event of a file with these values, and what was wrong with it."""
    try:
        return load(render({**FIXED, "name": "n", "slug": "e", **values}), "naughty.toml"), ""
    except ConfigError as error:
        return None, str(error)


@pytest.mark.parametrize("key", ["hashtags", "feeds", "official_hosts", "organisers", "timezone", "slug"])
def test_as_a_tag_an_address_or_a_name_in_an_event_file_it_is_kept_or_refused_by_its_key(key):
    for text in STRINGS:
        event, problem = read(**{key: [text] if key not in ("timezone", "slug") else text})
        if event is None:
            assert f"[{key}]" in problem, text
        elif key == "hashtags":
            assert [tag_key(tag) for tag in event.hashtags] == [tag_key(clean(text))], text
        elif key == "feeds":
            assert event.feeds[0].startswith(("http://", "https://")), text
        elif key == "organisers":
            assert clean(text) in (event.organisers[0].name, *event.organisers[0].handles), text


def spoken(text):
    """The string, or a dash where nothing of it is left: a post without any words is none."""
    return text if clean(text) else "-"


def drafts():
    """Every string as title, text, author, tag and publisher of a post of its own, and as an address."""
    for number, text in enumerate(STRINGS):
        author = DraftAuthor(name=text, handle=f"h{number}", platform="web", bio=text, organisation=text, url=text)
        yield Draft(url=f"https://naughty.example/{number}", kind="article", title=text, text=spoken(text),
                    author=author, published="2016-12-21T11:00:00Z", published_origin="meta", hashtags=(text,),
                    publisher=text, mentions=(text,), links=(text,), raw=json.dumps({"title": text}))  # fmt: skip
        yield Draft(url=text, kind="article", title="an address", text="x")


@pytest.fixture(scope="module")
def naughty(tmp_path_factory):
    """(database, posts stored by key, queries asked) of one event, judged by `harvest classify`, then all counted."""
    db = tmp_path_factory.mktemp("naughty") / "n.db"
    # A real name, so that judging has something to look for.
    event = load(render({**FIXED, "name": "Naughty Meetup", "slug": "e", "hashtags": ["naughty"]}), "naughty.toml")
    kept, queries = {}, [text for text in STRINGS if text]
    with closing(open_db(db, "create")) as conn, write_tx(conn):
        save_event(conn, event)
        run_id = runs.start_run(conn, "crawl", "e", now=STORED_NOW)
        for number, draft in enumerate(drafts()):
            post = normalise(draft, event, now=NOW)
            if isinstance(post, Rejected):
                posts.save_rejected(conn, post, event="e", source="blog", run_id=run_id, now=STORED_NOW)
                continue
            query = queries[number % len(queries)]
            posts.save_post(conn, post, event="e", source="blog", query=query, run_id=run_id, now=STORED_NOW)
            kept[post.key] = post
        for query in queries:
            runs.save_source(conn, run_id, "blog", query, event="e", status="failed", reason=query)
    assert run(["classify", "e", "--db", str(db)]) == 0
    with closing(open_db(db, "rw")) as conn, write_tx(conn):
        conn.execute("UPDATE event_posts SET relevance = 'confirmed', counted = 1, local_day = '2016-12-21'")
    return db, kept, queries


def title_cells(item):
    """A title as HTML and as Markdown show it: with its host, or with its address where that is no link."""
    if not item.title:
        return as_shown(item.url), as_shown(item.url)
    note = item.host.removeprefix("www.") if is_web_url(item.url) else item.url
    return f"{as_shown(item.title)} {as_shown(note)}", f"{as_shown(item.title)} ({as_shown(note)})"


def written(db, *command):
    target = db.parent / "out"
    assert run([*command, "--db", str(db), "-o", str(target)]) == 0
    return target.read_bytes().decode("utf-8-sig")


def test_what_is_stored_is_the_string_after_cleaning(naughty):
    _, kept, _ = naughty
    for number, text in enumerate(STRINGS):
        post = kept[f"https://naughty.example/{number}"]
        assert (post.title, post.text) == (clean(text).replace("\n", " "), clean(spoken(text)))
        assert post.publisher == clean(text)
        assert post.hashtags == (text,)
        assert post.author.name in " ".join(clean(text).split()), text  # bylines lose roles, addresses and "by"
    assert [post.url for post in kept.values() if not post.url.startswith("https://")] == []


def test_as_title_author_tag_and_query_in_every_report(naughty):
    db, kept, queries = naughty
    found = {form: written(db, "report", "e", "--format", form) for form in FORMATS}
    assert_safe(found, "all")
    with closing(open_db(db, "ro")) as conn:
        items = report_of(conn, "e").items
    assert len(items) == len(kept)
    caption = f"Articles: {len(items)} counted"
    in_html = markup.tables_of(found["html"])[caption]
    in_markdown = markup.markdown_tables(found["markdown"])[caption]
    assert sorted(line[1] for line in in_html) == sorted(title_cells(item)[0] for item in items)
    assert sorted(line[1] for line in in_markdown) == sorted(title_cells(item)[1] for item in items)
    authors = sorted(as_shown(item.author_name or item.author) for item in items)
    assert sorted(line[2] for line in in_html) == sorted(line[2] for line in in_markdown) == authors
    told = next(row for row in json.loads(found["json"]) if row["metric"] == "M22.sources")["variants"]["lines"]
    assert sorted(line["query"] for line in told) == sorted(line["reason"] for line in told) == sorted(queries)
    for form, tables in (("html", markup.tables_of), ("markdown", markup.markdown_tables)):
        (lines,) = [lines for name, lines in tables(found[form]).items() if name.startswith("Sources")]
        assert sorted(line[1] for line in lines) == sorted(as_shown(query) for query in queries), form
        assert sorted(line[3] for line in lines) == sorted(as_shown(query) for query in queries), form


def test_as_a_cell_of_the_exported_table_and_as_interchange(naughty, tmp_path):
    db, kept, _ = naughty
    table = list(csv.DictReader(io.StringIO(written(db, "export", "e", "--format", "csv"), newline="")))
    assert {row["key"]: (row["title"], row["text"]) for row in table} == {
        key: (inert(post.title), inert(post.text)) for key, post in kept.items()
    }
    lines = tmp_path / "e.jsonl"
    lines.write_text(written(db, "export", "e"), encoding="utf-8")
    other = tmp_path / "other.db"
    assert run(["import", "e", str(lines), "--db", str(other)]) == 0
    assert written(other, "export", "e") == lines.read_text(encoding="utf-8")


def asked(db, *paths):
    async def fetch():
        client = application(db).client
        return [await client.get(path) for path in paths]

    answers = asyncio.run(fetch())
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    return answers


def test_in_datasette(naughty):
    db, kept, queries = naughty
    size = "_size=1000"
    as_rows = [f"/n/{name}.json?_shape=array&{size}" for name in ("posts", "event_items", "gap_ledger")]
    stored, items, ledger = (answer.json() for answer in asked(db, *as_rows))
    assert {row["key"]: (row["title"] or "", row["text"] or "") for row in stored} == {
        key: (post.title, post.text) for key, post in kept.items()
    }
    assert {row["key"]: tuple(json.loads(row["hashtags"])) for row in stored} == {
        k: p.hashtags for k, p in kept.items()
    }
    assert {row["key"]: row["title"] or "" for row in items} == {key: post.title for key, post in kept.items()}
    assert sorted(row["query"] for row in ledger if row["source"] == "blog") == sorted(queries)
    pages = [f"/n/{name}?{size}" for name in ("posts", "event_items", "gap_ledger", "authors", "rejected")]
    for page, one in zip(asked(db, *pages), asked(db, *(page.replace(size, "_size=1") for page in pages)), strict=True):
        elements = markup.tags(page.text)
        assert len(elements) > len(markup.tags(one.text))
        for live in ("script", "style", "img", "svg", "iframe", "object", "base", "meta", "link", "video", "math"):
            assert [tag for tag, _ in elements].count(live) == [tag for tag, _ in markup.tags(one.text)].count(live), (
                live
            )
        for tag, attributes in elements:
            href = attributes.get("href", "")
            inside = href.startswith(("/", "#", "?", ".")) and not href.startswith("//")
            assert not href or inside or is_web_url(href), (tag, href)
            assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
    words = markup.text_of(asked(db, pages[1])[0].text)
    assert [p.title for p in kept.values() if " ".join(p.title[:160].split()) not in words] == []
