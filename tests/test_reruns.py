"""Judging again: what a human said stays, what evidence did not change stays, and the rest is told."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from harvester.classify import relevance
from harvester.classify.rules import table
from harvester.cli import run
from harvester.cli.classify import command as classify
from harvester.event import load
from harvester.model import Draft, DraftAuthor, Edge
from harvester.normalise import normalise
from harvester.stages import classify_event
from harvester.stages import ties as stage_ties
from harvester.stages import writes as stage_writes
from harvester.store import judgements
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.known import Stored
from harvester.store.open import open_db
from harvester.store.posts import save_edge
from harvester.store.runs import start_run
from tests.test_stages import AT, DRAFTS, EVENT, LONG, NOW, article, kinds, override, store, ties, tweet

LATER = datetime(2017, 1, 5, tzinfo=UTC)
TABLES = ("posts", "stories", "event_posts", "labels", "evidence", "decisions", "links", "overrides")
MORE = (
    article("https://qiita.com/umi/items/00000000000000000011", "Demo Meetup #2 で聞いた話", "楽しかったです。" * 9),
    article("https://zenn.dev/riku/articles/demo-meetup", "Demo Meetup #2 メモ", "発表の要点を書きました。" * 9),
    article("https://note.com/sora/n/n0000000000a1", "Demo Meetup #2 に行ってきた", "とてもよい一日でした。" * 9),
    article("https://blog.hoshi.example/entry/1", "Demo Meetup #2 と私", "運用の話がよかった。" * 9, name="星"),
)


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "h.db"
    conn = open_db(path, "create")
    with write_tx(conn):
        save_event(conn, EVENT)
        run_id = start_run(conn, "test", "demo-2", now=AT)
    store(conn, run_id, (*DRAFTS, *MORE))
    conn.close()
    return path


@pytest.fixture
def conn(db):
    conn = open_db(db)
    classify_event(conn, EVENT, now=NOW)
    yield conn
    conn.close()


def dump(conn):
    return {name: [tuple(row) for row in conn.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3")] for name in TABLES}


def raised(monkeypatch):
    for module in (stage_ties, stage_writes):
        monkeypatch.setattr(module, "RULES_VERSION", "2999.1")


def weigh(monkeypatch, rule, weight):
    rules = table("role").rules
    monkeypatch.setitem(rules, rule, replace(rules[rule], weight=weight))


def decisions(conn):
    return [dict(row) for row in conn.execute("SELECT * FROM decisions ORDER BY id")]


def told(db, *arguments):
    result = CliRunner().invoke(classify, ["demo-2", "--db", str(db), *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


# What a human said

OF_AUTHORS = {
    "qiita:aoisora": {"kind": "sponsor"},
    "qiita:umi": {"side": "media"},
    "zenn:riku": {"subkind": "speaker", "attendance": "listed"},
    "note:sora": {"attendance": "none"},
    "web:democorp.example": {"kind": "independent"},
}
OF_POSTS = {
    "https://other.example/2018": {"relevance": "confirmed"},
    "https://technews.example/articles/1": {"counted": "no"},
    "x:1": {"incentivised": "yes"},
    "qiita:00000000000000000002": {"relevance": "rejected"},
}


def ten_words(conn):
    for author, words in OF_AUTHORS.items():
        for field, value in words.items():
            override(conn, field, value, author=author)
    for post, words in OF_POSTS.items():
        for field, value in words.items():
            override(conn, field, value, post=post)


def assert_all_hold(conn):
    labels, posts = kinds(conn), ties(conn)
    assert {a: {field: labels[a][field] for field in words} for a, words in OF_AUTHORS.items()} == OF_AUTHORS
    assert {labels[a]["decided_by"] for a in OF_AUTHORS} == {"human"}
    assert (posts["https://other.example/2018"]["relevance"], posts["https://other.example/2018"]["counted"]) == (
        "confirmed",
        1,
    )
    assert posts["https://technews.example/articles/1"]["counted"] == 0
    assert posts["x:1"]["incentivised"] == 1
    assert posts["qiita:00000000000000000002"]["relevance"] == "rejected"
    assert conn.execute("SELECT count(*) FROM overrides").fetchone()[0] == 10


def test_ten_words_hold_through_reruns_new_rules_and_a_new_event_file(conn, monkeypatch):
    ten_words(conn)
    for _ in range(2):
        classify_event(conn, EVENT, now=NOW)
        assert_all_hold(conn)
    raised(monkeypatch)
    weigh(monkeypatch, "H2", 25.0)
    weigh(monkeypatch, "T1", -9.0)
    classify_event(conn, EVENT, now=LATER)
    assert_all_hold(conn)
    text = EVENT.text.replace('hashtags = ["demomeetup"]', 'hashtags = ["somethingelse"]')
    text = text.replace('names = ["Demo Meetup", "デモミートアップ"]', 'names = ["Quite Another Day"]')
    other = load(text.replace('name = "Demo Meetup #2"', 'name = "Quite Another Day"'), "demo-2.toml")
    classify_event(conn, other, now=LATER)
    assert ties(conn)["qiita:00000000000000000001"]["relevance"] == "rejected"
    assert_all_hold(conn)


@pytest.mark.parametrize("field", ["incentivised", "counted", "relevance"])
def test_a_word_on_an_imported_post_changes_only_what_it_names(conn, field):
    key = "https://other.example/2018"
    with write_tx(conn):
        conn.execute(
            """UPDATE event_posts SET relevance = 'confirmed', counted = 1, not_counted_reason = NULL, score = NULL,
                 incentivised = 0, decided_by = 'import', rules_version = NULL, config_hash = NULL
               WHERE post_id = (SELECT id FROM posts WHERE key = ?)""",
            (key,),
        )
    value = {"incentivised": "yes", "counted": "no", "relevance": "rejected"}[field]
    override(conn, field, value, post=key)
    expected = {
        "incentivised": ("confirmed", 1, 1),
        "counted": ("confirmed", 0, 0),
        "relevance": ("rejected", 0, 0),
    }[field]
    for _ in range(3):
        classify_event(conn, EVENT, now=NOW)
        row = ties(conn)[key]
        assert (row["relevance"], row["counted"], row["incentivised"]) == expected
        assert row["decided_by"] == "human"


def test_a_word_on_an_imported_label_changes_only_what_it_names(conn):
    with write_tx(conn):
        conn.execute(
            """UPDATE labels SET side = 'media', kind = 'media', subkind = NULL, attendance = 'none',
                 decided_by = 'import', rules_version = NULL, config_hash = NULL
               WHERE author_id = (SELECT id FROM authors WHERE handle = 'umi')"""
        )
    override(conn, "attendance", "claimed", author="qiita:umi")
    for _ in range(3):
        classify_event(conn, EVENT, now=NOW)
        row = kinds(conn)["qiita:umi"]
        assert (row["kind"], row["attendance"], row["decided_by"]) == ("media", "claimed", "human")


def test_what_a_human_says_while_we_judge_is_not_undone(conn, db):
    def speak(what, done, total):
        if what == "writing" and not spoken:
            spoken.append(what)
            second = open_db(db)
            override(second, "kind", "media", author="qiita:aoisora")
            second.close()

    spoken = []
    classify_event(conn, EVENT, now=NOW, tell=speak)
    assert spoken
    assert (kinds(conn)["qiita:aoisora"]["kind"], kinds(conn)["qiita:aoisora"]["decided_by"]) == ("media", "human")


# What changed and what did not


def test_new_rules_that_find_the_same_write_nothing(conn, monkeypatch):
    before, changes = dump(conn), conn.total_changes
    raised(monkeypatch)
    summary = classify_event(conn, load(f"{EVENT.text}\n# a remark\n", "demo-2.toml"), now=LATER)
    assert summary.changed == {"posts": 0, "labels": 0, "stories": 0, "links": 0}
    assert (summary.diff.first, summary.diff.authors, summary.diff.posts) == (False, (), ())
    assert dump(conn) == before
    assert conn.total_changes == changes


def test_one_changed_rule_changes_only_labels_whose_evidence_has_it(conn, monkeypatch):
    sql = "SELECT author_id FROM evidence WHERE rule = 'H2'"
    with_rule = {row["author_id"] for row in conn.execute(sql)}
    before, log = {r["author_id"]: tuple(r) for r in kinds(conn).values()}, decisions(conn)
    raised(monkeypatch)
    weigh(monkeypatch, "H2", 2.0)
    summary = classify_event(conn, EVENT, now=LATER)
    after = {row["author_id"]: row for row in kinds(conn).values()}
    changed = {author for author, row in after.items() if tuple(row) != before[author]}
    assert changed == with_rule
    assert len(with_rule) == 4
    assert {after[author]["rules_version"] for author in changed} == {"2999.1"}
    assert {row["rules_version"] for author, row in after.items() if author not in changed} == {stages_version()}
    new = decisions(conn)[len(log) :]
    assert decisions(conn)[: len(log)] == log
    assert {made["author_id"] for made in new} <= with_rule
    assert {(made["rules_version"], made["at"], made["post_id"]) for made in new} == {
        ("2999.1", "2017-01-05T00:00:00Z", None)
    }
    assert summary.changed["posts"] == 0
    assert {entry["author"] for entry in summary.diff.authors} == {
        "qiita:aoisora", "qiita:hanako", "qiita:umi", "zenn:riku"
    }  # fmt: skip
    umi = next(entry for entry in summary.diff.authors if entry["author"] == "qiita:umi")
    assert (umi["before"]["kind"], umi["after"]["kind"]) == ("independent", "unknown")
    assert umi["stories"] == {"written": 1, "talk": 0, "micro": 0, "other": 0}
    assert umi["evidence"] == {
        "came": [], "gone": [],
        "changed": [{"rule": "H2", "side": "community", "weight": 2.0, "snippet": "qiita", "weight_before": 10.0,
                     "snippet_before": "qiita"}],
    }  # fmt: skip


def stages_version():
    from harvester.classify import RULES_VERSION

    return RULES_VERSION


def test_a_changed_event_file_changes_the_posts_it_is_about(conn):
    text = EVENT.text.replace('names = ["Demo Meetup", ', 'negative = ["メモ"]\nnames = ["Demo Meetup", ')
    summary = classify_event(conn, load(text, "demo-2.toml"), now=LATER)
    (entry,) = summary.diff.posts
    assert entry["post"] == "zenn:demo-meetup"
    assert (entry["before"]["relevance"], entry["after"]["relevance"]) == ("confirmed", "rejected")
    assert [line["rule"] for line in entry["evidence"]["came"]] == ["R13"]
    (author,) = summary.diff.authors
    assert (author["author"], author["before"]["kind"], author["after"]) == ("zenn:riku", "independent", None)
    log = decisions(conn)[-2:]
    assert [made["value"] for made in log] == ["rejected, not counted", "no post about the event"]


# What the command prints


def test_the_first_time_lists_nothing(db):
    output = told(db)
    assert output.splitlines()[-1] == "  first time: nothing was judged before"
    assert "->" not in output
    assert told(db).splitlines()[-1] == "  nothing is judged otherwise than before"


def test_the_first_time_in_json(db):
    diff = json.loads(told(db, "--json"))["diff"]
    assert diff == {"first": True, "authors": [], "posts": []}


def test_the_diff_names_evidence_that_came_went_and_weighs_otherwise(db, monkeypatch):
    told(db)
    conn = open_db(db)
    with write_tx(conn):
        conn.execute("UPDATE posts SET title = title || ' に参加してきた' WHERE key = 'zenn:demo-meetup'")
    conn.close()
    weigh(monkeypatch, "H2", 6.0)
    lines = told(db).splitlines()
    assert "authors judged otherwise: 4" in lines
    riku = next(line for line in lines if line.startswith("  zenn:riku  "))
    assert riku.startswith('  zenn:riku  independent -> participant  (+T1 "')
    assert "に参加し" in riku
    assert "-T4" in riku
    assert "H2 +10 -> +6" in riku
    assert next(line for line in lines if "qiita:umi" in line) == "  qiita:umi  independent -> unknown  (H2 +10 -> +6)"
    order = [line.split()[0] for line in lines if line.startswith(("  qiita:", "  zenn:")) and "->" in line]
    assert order.index("qiita:umi") < order.index("qiita:aoisora")


def test_only_the_most_important_changes_are_shown_without_all(db, monkeypatch):
    conn = open_db(db)
    run_id = conn.execute("SELECT max(id) FROM runs").fetchone()[0]
    store(
        conn,
        run_id,
        [
            article(f"https://qiita.com/user{n}/items/{n:020x}", f"Demo Meetup #2 の感想 {n}", f"{n} 番です。" * 3)
            for n in range(100, 130)
        ],
    )
    conn.close()
    told(db)
    weigh(monkeypatch, "H2", 2.0)
    dry = told(db, "--dry-run").splitlines()
    assert sum("->" in line for line in dry) == 20
    assert "  … and 14 more; --all shows them" in dry
    assert sum(line.startswith("  qiita:user") for line in told(db, "--dry-run", "--all").splitlines()) == 30
    assert len(json.loads(told(db, "--json"))["diff"]["authors"]) == 34


def test_a_dry_run_tells_the_same_and_writes_nothing(db, tmp_path, monkeypatch):
    told(db)
    weigh(monkeypatch, "H2", 2.0)
    file = tmp_path / "demo-2.toml"
    file.write_text(EVENT.text.replace('names = ["Demo Meetup", ', 'negative = ["メモ"]\nnames = ["Demo Meetup", '))
    conn = open_db(db)
    before = dump(conn) | {"events": [tuple(row) for row in conn.execute("SELECT * FROM events")]}
    runner = CliRunner()
    dry = runner.invoke(classify, [str(file), "--db", str(db), "--dry-run"], catch_exceptions=False).output
    assert dump(conn) | {"events": [tuple(row) for row in conn.execute("SELECT * FROM events")]} == before
    conn.close()
    done = runner.invoke(classify, [str(file), "--db", str(db)], catch_exceptions=False).output
    assert dry.splitlines()[-1] == "Nothing was written (--dry-run)."
    assert dry.replace("to change  ", "changed    ").splitlines()[:-1] == done.splitlines()
    assert "zenn:demo-meetup  Demo Meetup #2 メモ  confirmed, counted -> rejected, not counted  (+R13 " in done


def test_a_dry_run_of_an_event_that_is_not_there_is_one_line(db, tmp_path, capsys):
    file = tmp_path / "other.toml"
    file.write_text(EVENT.text.replace('slug = "demo-2"', 'slug = "demo-9"'))
    assert run(["classify", str(file), "--db", str(db), "--dry-run"]) == 2
    assert "no event 'demo-9'" in capsys.readouterr().err


def test_an_interrupted_rerun_leaves_everything_as_it_was(conn, monkeypatch):
    before = dump(conn)
    weigh(monkeypatch, "H2", 2.0)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(judgements, "save_relations", interrupt)
    with pytest.raises(KeyboardInterrupt):
        classify_event(conn, EVENT, now=LATER)
    assert dump(conn) == before
    assert conn.execute("PRAGMA foreign_key_check").fetchall() == []


def test_control_c_while_judging_leaves_everything_as_it_was(conn, db):
    run_id = conn.execute("SELECT max(id) FROM runs").fetchone()[0]
    store(conn, run_id, [tweet(n, f"{n} 番目 #demomeetup " + "長い文章です。" * 400) for n in range(1000, 1600)])
    before = dump(conn)
    main, child = pty.openpty()
    command = [sys.executable, "-m", "harvester.cli", "classify", "demo-2", "--db", str(db)]
    process = subprocess.Popen(command, stderr=child, stdout=subprocess.DEVNULL)
    os.close(child)
    shown = b""
    limit = time.monotonic() + 20
    while b"judging posts" not in shown and time.monotonic() < limit:
        shown += os.read(main, 1000)
    process.send_signal(signal.SIGINT)
    code = process.wait(20)
    os.close(main)
    assert b"judging posts" in shown
    assert code == 130
    assert dump(conn) == before


# Answers


def add(conn, *drafts):
    run_id = conn.execute("SELECT max(id) FROM runs").fetchone()[0]
    store(conn, run_id, drafts)
    return classify_event(conn, EVENT, now=NOW)


def test_an_answer_follows_what_it_answers_one_step_deep(conn):
    add(
        conn,
        tweet(21, "@carol 同感です", "erin", relation="reply", target="4"),  # answers an answer
        tweet(22, "@x それは違う話", "frank", relation="reply", target="999"),  # answers what we do not hold
        tweet(23, "たしかに", "gina", relation="quote", target="1"),
    )
    found = ties(conn)
    assert (found["x:4"]["relevance"], found["x:4"]["counted"]) == ("confirmed", 0)
    assert {"rule": "R18", "weight": 15, "snippet": "x:1, confirmed"} in json.loads(found["x:4"]["reasons"])
    assert found["x:4"]["not_counted_reason"] == "reply to somebody else"
    assert [found[f"x:{n}"]["relevance"] for n in (21, 22)] == ["rejected", "rejected"]
    assert (found["x:23"]["relevance"], found["x:23"]["counted"]) == ("confirmed", 1)
    before, changes = dump(conn), conn.total_changes
    classify_event(conn, EVENT, now=NOW)
    assert dump(conn) == before
    assert conn.total_changes == changes


def test_parts_of_a_thread_follow_its_head_however_long_it_is(conn):
    parts = [
        tweet(30 + n, f"(続き{n}) まだあります", relation="reply", target=str(29 + n) if n else "1", conversation="1")
        for n in range(4)
    ]
    add(conn, *parts)
    found = ties(conn)
    assert [(found[f"x:{30 + n}"]["relevance"], found[f"x:{30 + n}"]["counted"]) for n in range(4)] == [
        ("confirmed", 0)
    ] * 4


@pytest.mark.parametrize(
    ("text", "at", "relevance"),
    [
        ("@aoi いいですね", "2016-12-21T10:30:00Z", "confirmed"),
        ("@aoi #demomeetup2018 が楽しみ", "2016-12-21T10:30:00Z", "rejected"),  # another edition
        ("@aoi 楽しみですね", "2016-05-01T10:00:00Z", "probable"),  # long before
    ],
)
def test_what_speaks_against_an_answer_still_does(conn, text, at, relevance):
    add(conn, replace(tweet(41, text, "hiro", relation="reply", target="1"), published=at))
    assert ties(conn)["x:41"]["relevance"] == relevance


def test_answers_to_what_is_not_about_the_event_do_not_follow(conn):
    override(conn, "relevance", "rejected", post="x:1")
    classify_event(conn, EVENT, now=NOW)
    assert ties(conn)["x:4"]["relevance"] == "rejected"
    override(conn, "relevance", "probable", post="x:1", at="2016-12-31T00:00:00Z")
    classify_event(conn, EVENT, now=NOW)
    assert ties(conn)["x:4"]["relevance"] == "probable"


def bookmark(target, handle, said):
    return Draft(
        native_id=f"9/{handle}", platform="hatena", kind="bookmark", text=said, target=target, published_origin="api",
        published="2016-12-23T00:00:00Z", author=DraftAuthor(platform="hatena", handle=handle),
    )  # fmt: skip


def test_bookmarks_follow_and_say_nothing_of_their_writers_host(conn):
    key = "qiita:00000000000000000001"
    page = replace(bookmark(key, "kai", "あとで読む"), url="https://b.hatena.ne.jp/entry/s/qiita.com/aoisora#kai")
    add(conn, bookmark(key, "jun", "よい記事"), page, bookmark(key, "hanako", "書いてくれてありがとう"))
    found = ties(conn)
    assert {found[f"hatena:9/{who}"]["relevance"] for who in ("jun", "kai", "hanako")} == {"confirmed"}
    assert {found[f"hatena:9/{who}"]["counted"] for who in ("jun", "kai", "hanako")} == {0}
    assert not {"hatena:jun", "hatena:kai", "hatena:hanako"} & set(kinds(conn))
    assert conn.execute("SELECT count(*) FROM evidence WHERE rule = 'H9'").fetchone()[0] == 0


def test_answers_are_known_to_sources_that_ask_for_reactions(conn):
    due = {post.key for post in Stored(conn, EVENT, "x_counts", LATER).due(platforms=("x",))}
    assert "x:4" in due
    assert "carol" in Stored(conn, EVENT, "x_counts", LATER).handles("x")


def test_those_who_run_the_event_are_told_apart_by_lists_although_they_only_answer(conn):
    key = "qiita:00000000000000000001"
    with write_tx(conn):
        for handle in ("hanako", "nobody"):
            actor = DraftAuthor(platform="qiita", handle=handle)
            save_edge(conn, Edge(type="bookmark", target=key, actor=actor), event="demo-2", now=AT)
        staff = DraftAuthor(platform="x", handle="staff", bio="Democorp の社員です", organisation="Democorp")
        save_edge(conn, Edge(type="bookmark", target=key, actor=staff), event="demo-2", now=AT)
    text = EVENT.text.replace('handle = "qiita:hanako"', 'handle = "qiita:hanako"\n[[organisers]]\nhandle = "x:staff"')
    summary = classify_event(conn, load(text, "demo-2.toml"), now=NOW)
    found = kinds(conn)
    assert found["x:staff"]["kind"] == "organiser"
    assert found["qiita:hanako"]["kind"] == "organiser"
    assert "qiita:nobody" not in found
    assert "x:carol" not in found
    assert summary.kinds["organiser"] == 2
    classify_event(conn, load(text, "demo-2.toml"), now=NOW)
    assert kinds(conn)["x:staff"]["kind"] == "organiser"


def test_whoever_answers_is_no_participant_for_it(conn):
    add(conn, tweet(51, "@aoi 私も参加してきました", "maki", relation="reply", target="1"))
    assert ties(conn)["x:51"]["relevance"] == "confirmed"
    assert "x:maki" not in kinds(conn)


# Verbs and pages of events

INVENT = load(
    """
name = "re:Invent 2016"
slug = "demo-2"
names = ["re:Invent 2016", "reinvent 2016"]
hashtags = ["reinvent"]
starts = 2016-12-20T08:00:00-08:00
ends = 2016-12-22T13:00:00-08:00
timezone = "America/Los_Angeles"
""",
    "demo-2.toml",
)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Time to #reinvent yourself before New Year!", "rejected"),
        ("7 days to #reinvent your kitchen", "rejected"),
        ("#reinvent your morning routine with one lemon", "rejected"),
        ("How not to #reinvent the wheel", "rejected"),
        ("Standing in line at #reinvent your badge in hand", "confirmed"),
        ("#reinvent yourself, they say. I went to #reinvent instead", "confirmed"),
        ("Off to #reinvent tomorrow", "confirmed"),
        ("日本から #reinvent の発表を眺めている", "confirmed"),
    ],
)
def test_a_tag_that_is_a_verb_is_no_tag(text, about):
    post = normalise(tweet(61, text), INVENT, now=NOW)
    label = relevance.judge(post, INVENT)
    assert label.relevance == about
    assert ("R19" in {found.rule for found in label.evidence}) == (about == "rejected")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://connpass.com/event/123/", "event_page"),
        ("https://cmc.connpass.com/event/123/participation/?x=1", "event_page"),
        ("https://cmc.connpass.com/", "article"),
        ("https://devrel.doorkeeper.jp/events/12?locale=en", "event_page"),
        ("https://techplay.jp/event/80001/report", "event_page"),
        ("https://techplay.jp/column/12", "article"),
        ("https://peatix.com/event/12/view", "event_page"),
        ("https://cmcmeetup.peatix.com/", "event_page"),
        ("https://blog.peatix.com/post/12", "article"),
        ("https://www.meetup.com/ja-JP/devrel/events/12/attendees/", "event_page"),
        ("https://www.eventbrite.com/e/devrelcon-tickets-12?aff=x", "event_page"),
        ("https://www.eventbrite.com/blog/how-to-host", "article"),
        ("https://lu.ma/devrelcon", "event_page"),
        ("https://lu.ma/blog/news", "article"),
        ("https://ti.to/hoopy/devrelcon", "event_page"),
        ("https://lanyrd.com/2013/devrelcon/", "event_page"),
        ("https://meetup.democorp.example/2/", "event_page"),
        ("https://meetup.democorp.example/2/timetable", "event_page"),
        ("https://meetup.democorp.example/20/", "article"),
    ],
)
def test_pages_of_events_are_no_articles(url, kind):
    for told_kind in ("", "article"):
        draft = article(url, "Demo Meetup #2", "申し込みはこちら", kind=told_kind)
        assert normalise(draft, EVENT, now=NOW).kind == kind


def test_a_page_that_was_stored_as_an_article_stops_counting_when_it_is_the_events_own(conn):
    url = "https://venue.example/demo-meetup-2"
    add(conn, article(url, "Demo Meetup #2", LONG[::-1] * 3, name="会場"))
    assert ties(conn)[url]["counted"] == 1
    text = EVENT.text.replace("meetup.democorp.example/2/", "venue.example/demo-meetup-2")
    for _ in range(2):
        summary = classify_event(conn, load(text, "demo-2.toml"), now=LATER)
        assert (ties(conn)[url]["counted"], ties(conn)[url]["not_counted_reason"]) == (0, "event page")
    assert summary.changed["posts"] == 0
