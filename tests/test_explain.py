"""`harvest explain` and `harvest classify` on a seeded database: the whole output, JSON, and what is not there."""

import json

import pytest
from click.testing import CliRunner

from harvester.classify import RULES_VERSION
from harvester.cli import run
from harvester.cli.classify import command as classify
from harvester.cli.explain import command as explain
from harvester.stages import classify_event
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.open import open_db
from harvester.store.runs import start_run
from tests.test_stages import AT, DRAFTS, EVENT, NOW, override, store


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "h.db"
    conn = open_db(path, "create")
    with write_tx(conn):
        save_event(conn, EVENT)
        run_id = start_run(conn, "test", "demo-2", now=AT)
    store(conn, run_id, DRAFTS)
    classify_event(conn, EVENT, now=NOW)
    conn.close()
    return path


def told(db, *arguments):
    result = CliRunner().invoke(explain, ["--db", str(db), *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


HEADER = "qiita:00000000000000000001  https://qiita.com/aoisora/items/00000000000000000001"
POST = f"""\
{HEADER}   → participant (attendee)   posterior 1.000
  written by qiita:aoisora (aoisora)
  +20 community  declared  D3 attendee list: qiita "aoisora"                            run 1
  +10 community  host      H2 platform where people write about their own work: "qiita" run 1
  + 6 community  text      T1 says they took part: "demo meetup #2 に参加してきた"      run 1
  prior 0 / −3 / −6 / −10   runner-up media   attendance listed   rules 2026.2   decided by rules   no override
  demo-2: confirmed   score +28   counted
  +14 name                 R4 event name in the title or address: "demo meetup #2 に参… run 1
  + 8 edition              R8 title or address names this edition: "demo meetup #2 に…  run 1
  + 6 date                 R11 published in the event's weeks: "2016-12-22"             run 1
  story qiita:00000000000000000001 (2 texts), this one is its original
"""
AUTHOR = """\
web:technews.example#田中  田中  at demo-2   → media   posterior 0.997
  +20 media      host      H1 the host is in the outlet registry: "technews.example"    run 1
  +10 media      text      T2 reporter's byline at the head or foot: "取材・文:記者の…  run 1
  prior 0 / −3 / −6 / −10   runner-up community   attendance none   rules 2026.2   decided by rules   no override
  2016-12-22  confirmed, counted  Demo Meetup #2、200人が参加  https://technews.example/articles/1
    +14 R4 "demo meetup #2、200…"  +8 R8 "demo meetup #2、200…"  +6 R11 "2016-12-22"    run 1
"""


@pytest.mark.parametrize(
    "reference",
    ["qiita:00000000000000000001", "https://qiita.com/aoisora/items/00000000000000000001?utm_source=x"],
)
def test_a_post_by_key_or_by_any_of_its_addresses(db, reference):
    assert told(db, reference) == POST


@pytest.mark.parametrize(
    "reference", ["x:@bob", "x:bob", "@Bob", "https://x.com/Bob", "https://twitter.com/bob?lang=ja"]
)
def test_an_author_by_any_way_to_write_the_account(db, reference):
    assert told(db, reference) == told(db, "x:bob")


@pytest.mark.parametrize("reference", ["https://qiita.com/aoisora", "http://qiita.com/aoisora/"])
def test_an_author_by_the_profiles_address(db, reference):
    assert told(db, reference) == told(db, "qiita:aoisora")


def test_an_author_by_the_address_of_a_site_of_ones_own(db):
    assert json.loads(told(db, "https://aoisora.example", "--json")) == json.loads(
        told(db, "aoisora.example", "--json")
    )


@pytest.mark.parametrize("reference", ["web:technews.example#田中", "田中"])
def test_an_author_by_account_or_name(db, reference):
    assert told(db, reference) == AUTHOR


def test_a_copy_names_its_story(db):
    output = told(db, "https://aoisora.example/copy")
    assert "not counted: crosspost of qiita:00000000000000000001" in output
    assert "story qiita:00000000000000000001 (2 texts), this one is its crosspost" in output


def test_undecided_authors_say_so(db):
    output = told(db, "x:aoi")
    assert output.startswith("x:aoi  aoi  at demo-2   → unknown   posterior 0.540\n")
    assert "to review: undecided" in output


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("x:bob", "no label   only answers to others' posts, and nothing else is known of who wrote them"),
        ("other.example", "no label   no post about the event"),
    ],
)
def test_authors_without_a_label_say_why(db, who, why):
    assert told(db, who).splitlines()[0].endswith(f"at demo-2   → {why}")


def test_before_anything_is_judged_it_says_so(tmp_path):
    conn = open_db(tmp_path / "h.db", "create")
    with write_tx(conn):
        save_event(conn, EVENT)
        run_id = start_run(conn, "test", "demo-2", now=AT)
    store(conn, run_id, DRAFTS)
    conn.close()
    assert "→ unknown   not judged yet" in told(tmp_path / "h.db", "x:bob")


def test_history_tells_each_judgement_with_its_rules(db):
    assert "judged" not in told(db, "qiita:aoisora").splitlines()[-1]
    conn = open_db(db)
    override(conn, "kind", "media", author="qiita:aoisora")
    override(conn, "relevance", "rejected", post="x:5")
    classify_event(conn, EVENT, now=NOW.replace(year=2017))
    conn.close()
    lines = told(db, "qiita:aoisora", "--history").splitlines()
    stamp = f"rules {RULES_VERSION}   event file {EVENT.config_hash()[:8]}"
    assert lines[-3] == "  judged 2 times:"
    assert lines[-2].startswith("    2016-12-30T00:00:00Z  participant/attendee, attendance listed   posterior 1.000")
    assert lines[-1] == f"    2017-12-30T00:00:00Z  media, attendance listed   posterior 1.000   {stamp}"
    post = told(db, "x:5", "--history")
    assert f"2016-12-30T00:00:00Z  confirmed, counted   {stamp}" in post
    assert f"2017-12-30T00:00:00Z  rejected, not counted   {stamp}" in post
    (entry,) = json.loads(told(db, "x:5", "--history", "--json"))
    assert [made["value"] for made in entry["history"]["post"]] == ["confirmed, counted", "rejected, not counted"]


def test_a_humans_word_is_shown(db):
    conn = open_db(db)
    override(conn, "kind", "media", author="qiita:aoisora")
    classify_event(conn, EVENT, now=NOW)
    conn.close()
    output = told(db, "qiita:aoisora")
    assert "→ media   posterior 1.000" in output
    assert "decided by human" in output
    assert "override kind = media by me at 2016-12-30T00:00:00Z\n" in output


def test_json_carries_the_trail(db):
    (entry,) = json.loads(told(db, "qiita:aoisora", "--event", "demo-2", "--json"))
    assert (entry["event"], entry["label"]["kind"], entry["author"]["author"]) == (
        "demo-2",
        "participant",
        "qiita:aoisora",
    )
    assert [(e["rule"], e["weight"], e["run"]) for e in entry["label"]["evidence"]] == [
        ("D3", 20, 1),
        ("H2", 10, 1),
        ("T1", 6, 1),
    ]
    (post,) = json.loads(told(db, "qiita:00000000000000000001", "--json"))
    assert [(r["rule"], r["weight"]) for r in post["post"]["reasons"]] == [("R4", 14), ("R8", 8), ("R11", 6)]


def test_hostile_titles_cannot_move_the_cursor(db):
    conn = open_db(db)
    with write_tx(conn):
        conn.execute("UPDATE posts SET title = char(27) || '[2J' || title WHERE key = 'qiita:00000000000000000001'")
        conn.execute("UPDATE authors SET name = char(27) || ']0;x' WHERE handle = 'aoisora' AND platform = 'qiita'")
    conn.close()
    assert "\x1b" not in told(db, "qiita:aoisora") + told(db, "qiita:00000000000000000001")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody"],
        ["https://a.example/x"],
        ["qiita:aoisora", "--event", "other"],
        ["http://["],
        ["https://x.com/bob/status/999"],
    ],
)
def test_what_is_not_there_is_one_line(db, arguments, capsys):
    assert run(["explain", "--db", str(db), *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("Error: ")
    assert captured.err.count("\n") == 1


def test_classify_prints_what_it_found_and_then_changes_nothing(db):
    first = CliRunner().invoke(classify, ["demo-2", "--db", str(db)], catch_exceptions=False)
    assert first.output.startswith("demo-2: 11 posts, 6 counted, 2 copies folded\n")
    assert "relevance  confirmed 10 · rejected 1" in first.output
    second = CliRunner().invoke(classify, ["demo-2", "--db", str(db), "--json"], catch_exceptions=False)
    assert json.loads(second.output)["changed"] == {"posts": 0, "labels": 0, "stories": 0, "links": 0}


def test_classify_an_unknown_event_is_one_line(db, capsys):
    assert run(["classify", "other", "--db", str(db)]) == 2
    assert "no event 'other'" in capsys.readouterr().err
