"""Accounts of one person: suggested with evidence, decided by humans only, remembered, and counted as one."""

import itertools
import json
import os
import pty
import random
import subprocess
import sys
import time
from contextlib import closing
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from harvester.cli import run
from harvester.cli.merge import command as merge_command
from harvester.errors import InputError
from harvester.model import Author, Draft, DraftAuthor
from harvester.normalise import normalise
from harvester.relate.accounts import Handles, account
from harvester.relate.people import suggest, undecided
from harvester.stages import classify_event
from harvester.store import merges, people
from harvester.store.connection import sqlite3, write_tx
from harvester.store.events import load_event, save_event
from harvester.store.exchange import lines
from harvester.store.items import load_frame, load_items
from harvester.store.merges import Word
from harvester.store.open import open_db
from harvester.store.posts import save_post
from harvester.store.runs import start_run
from tests.test_stages import AT, EVENT, LONG, NOW


def author(platform, handle, **known):
    return Author(platform=platform, handle=handle, **known)


def suggested(*authors, **more):
    """{(key, key): suggestion}."""
    found = suggest([account(n, one) for n, one in enumerate(authors, 1)], **more)
    return {(s.a.key, s.b.key): s for s in found}


def rules(suggestion):
    return {clue.rule: clue.weight for clue in suggestion.evidence}


PAIR = ("qiita:aoi", "zenn:aoi_x")


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ({"website": "https://zenn.dev/aoi_x"}, {"bio": "書いています https://qiita.com/aoi"}, "P1"),
        ({"website": "http://zenn.dev/aoi_x/?utm_source=a"}, {}, "P2"),
        ({"bio": "SRE。 zenn.dev/aoi_x でもどうぞ"}, {}, "P2"),
        ({"name": "青井 空", "bio": "Zenn: @aoi_x"}, {"name": "青井 空"}, "P3"),
        (
            {"name": "青井 空", "website": "https://aoi.example/me"},
            {"name": "青井 空", "url": "https://aoi.example/me"},
            "P4",
        ),
        ({"name": "青井 空", "organisation": "株式会社アクメ"}, {"name": "青井空", "organisation": "アクメ"}, "W1"),
    ],
)
def test_each_kind_of_evidence_is_enough_and_named(first, second, rule):
    found = suggested(author("qiita", "aoi", **first), author("zenn", "aoi_x", **second))
    assert rule in rules(found[PAIR])
    assert found[PAIR].score >= 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (author("qiita", "tanaka"), author("zenn", "tanaka")),
        (author("qiita", "dev"), author("zenn", "dev")),
        (author("qiita", "aoi"), author("zenn", "aoi")),
        (author("qiita", "12345678"), author("zenn", "12345678")),
        (author("qiita", "taro_yamada"), author("zenn", "taro-yamada")),
        (author("qiita", "a", name="田中 太郎"), author("zenn", "b", name="田中 太郎")),
        (author("qiita", "a", name="空"), author("zenn", "b", name="空")),
        (
            author("qiita", "a", website="https://acme.co.jp/blog"),
            author("zenn", "b", website="https://acme.co.jp/blog"),
        ),
        (author("web", "aoi.example"), author("web", "ken.example")),
        (author("qiita", "a", bio="昔は @aoi_x と働いていました"), author("zenn", "aoi_x")),
    ],
)
def test_what_many_people_share_suggests_nothing(first, second):
    assert suggested(first, second) == {}


def test_a_rare_handle_is_enough_and_a_common_one_needs_more():
    assert rules(
        suggested(author("qiita", "kzmnbrs_qvx9"), author("zenn", "kzmnbrs_qvx9"))[
            "qiita:kzmnbrs_qvx9", "zenn:kzmnbrs_qvx9"
        ]
    ) == {"H1": 44}
    found = suggested(author("qiita", "tanaka", name="田中 葉月"), author("zenn", "tanaka", name="田中葉月@会社"))
    assert found == {}, "28 for the name and 4 for the handle are less than the odds against it"
    named = suggested(author("qiita", "hazkit", name="田中 葉月"), author("zenn", "hazkit", name="田中葉月@会社"))
    assert rules(named["qiita:hazkit", "zenn:hazkit"]) == {"N1": 28, "H1": 20}


def test_a_part_that_many_handles_share_becomes_a_common_word():
    ordinary = [
        account(n, author("zenn", f"{word}_jawszzq")) for n, word in enumerate(("alpha", "bravo", "carol", "delta"))
    ]
    assert Handles(ordinary[:2]).weight(("jawszzq",)) == 25
    assert Handles(ordinary).weight(("jawszzq",)) == 4


def test_a_common_first_and_last_name_written_together_is_no_rare_word():
    weights = Handles([])
    assert weights.weight(("takahashikazunari",)) == 4
    assert weights.weight(("qwzrtplkmn",)) == 40


def test_one_entry_of_a_list_and_one_text_name_two_accounts():
    pair = (author("qiita", "aoi"), author("zenn", "sora"))
    listed = suggested(*pair, lists=[("qiita:aoi", "zenn:sora", "web:aoi.example")])
    assert rules(listed["qiita:aoi", "zenn:sora"]) == {"L1": 60}
    tanakas = (author("qiita", "tanaka"), author("zenn", "tanaka"))
    assert suggested(*tanakas) == {}
    text = suggested(*tanakas, texts=[(1, 2, "https://zenn.dev/tanaka/articles/a")])
    assert rules(text["qiita:tanaka", "zenn:tanaka"]) == {"T1": 36, "H1": 4}


def test_contradictions_lower():
    link = {"website": "https://zenn.dev/aoi_x"}
    plain = suggested(author("qiita", "aoi", **link), author("zenn", "aoi_x"))[PAIR].score
    two_names = suggested(author("qiita", "aoi", name="青井 空", **link), author("zenn", "aoi_x", name="田中 花子"))
    company = suggested(author("qiita", "aoi", **link), author("zenn", "aoi_x", is_org=True))
    assert plain == 5
    assert two_names == company == {}
    same_service = suggested(author("zenn", "aoi", **link), author("zenn", "aoi_x", website="https://zenn.dev/aoi"))
    assert rules(same_service["zenn:aoi", "zenn:aoi_x"]) == {"P1": 60, "C1": -20}
    scripts = suggested(author("qiita", "aoi", name="青井 空", **link), author("zenn", "aoi_x", name="Sora Aoi"))
    assert scripts[PAIR].score == plain, "names in two scripts contradict nothing"


def test_a_page_that_a_crowd_links_is_an_employer_or_a_community():
    crowd = [author("zenn", f"u{n}", website="https://github.com/jawsug") for n in range(9)]
    assert suggested(*crowd, author("github", "jawsug")) == {}
    assert suggested(crowd[0], author("github", "jawsug")) != {}


def test_a_site_where_several_sign_names_none_of_them():
    bylines = [author("web", f"tech.acme.co.jp#{name}", name=name) for name in ("青井 空", "田中 花子")]
    writer = author("zenn", "aoi_x", name="青井空", website="https://tech.acme.co.jp/")
    found = suggested(*bylines, writer)
    assert list(found) == [("web:tech.acme.co.jp#青井 空", "zenn:aoi_x")]
    assert rules(found["web:tech.acme.co.jp#青井 空", "zenn:aoi_x"]) == {"N1": 28, "W2": 14}


def test_what_was_decided_is_suggested_no_more_and_each_two_people_once():
    authors = [author(p, "kzmnbrsqvx") for p in ("qiita", "note", "zenn")]
    found = suggest([account(n, one) for n, one in enumerate(authors, 1)])
    pairs = [s.pair for s in found]
    assert sorted(pairs) == [(1, 2), (1, 3), (2, 3)]
    assert len(undecided(found, {}, [])) == 3
    assert len(undecided(found, {1: 7, 2: 7}, [])) == 1, "with either account it is the same person"
    assert undecided(found, {1: 7, 2: 7}, [(1, 3)]) == [], "a refusal holds for all accounts of a person"
    assert undecided(found, {1: 7, 2: 7, 3: 7}, []) == []


def test_time_grows_with_the_accounts_and_not_with_their_pairs():
    def seconds(count):
        chance = random.Random(1)
        made = [
            account(n, author(chance.choice(("note", "qiita", "zenn")), f"h{chance.randrange(count)}", name="田中 太郎",
                              website="https://acme.co.jp/", bio="@acme")) for n in range(count)
        ]  # fmt: skip
        start = time.perf_counter()
        suggest(made)
        return time.perf_counter() - start

    small, large = min(seconds(1_000) for _ in range(3)), min(seconds(8_000) for _ in range(2))
    assert large < 30 * max(small, 0.005), (small, large)


def test_across_the_border_of_x_only_peoples_own_words_suggest():
    alike = {"name": "青井 空", "organisation": "アクメ"}
    assert suggested(author("qiita", "kzmnbrsqvx", **alike), author("zenn", "kzmnbrsqvx", **alike)) != {}
    assert suggested(author("qiita", "kzmnbrsqvx", **alike), author("x", "kzmnbrsqvx", **alike)) == {}
    said = suggested(author("qiita", "kzmnbrsqvx", website="https://x.com/kzmnbrsqvx"), author("x", "kzmnbrsqvx"))
    assert rules(said["qiita:kzmnbrsqvx", "x:kzmnbrsqvx"]) == {"P2": 45}
    told = suggested(author("qiita", "a", bio="Twitter: @aoi_x", name="青井 空"), author("x", "aoi_x", name="青井 空"))
    assert rules(told["qiita:a", "x:aoi_x"]) == {"P3": 42}, "the name beside it counts for nothing"


# In a database.

ONE = ("https://qiita.com/sora_kzm/items/00000000000000000001", "Demo Meetup #2 に参加してきた", LONG * 4)
TWO = (
    "https://zenn.dev/sora_kzm/articles/0123456789abcd",
    "Demo Meetup #2 で登壇しました",
    "別の話です。" + LONG[30:] * 3,
)
THREE = ("https://zenn.dev/tanaka/articles/0123456789abce", "Demo Meetup #2 参加レポート", "三人目。" + LONG[9:] * 2)


def draft(url, title, text):
    return Draft(url=url, title=title, text=text, published="2016-12-22T10:00:00+09:00", published_origin="feed",
                 author=DraftAuthor(website="https://zenn.dev/sora_kzm" if "qiita" in url else ""))  # fmt: skip


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "h.db"
    with closing(open_db(path, "create")) as conn:
        with write_tx(conn):
            save_event(conn, EVENT)
            run_id = start_run(conn, "test", "demo-2", now=AT)
            for one in (ONE, TWO, THREE):
                made = normalise(draft(*one), EVENT, now=NOW)
                save_post(conn, made, event="demo-2", source="feeds", run_id=run_id, now=AT)
        classify_event(conn, EVENT, now=NOW)
    return path


def harvest(db, *arguments, code=0):
    done = CliRunner().invoke(merge_command, [*arguments, "--db", str(db)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


def rows(db, sql):
    with closing(open_db(db, "ro")) as conn:
        return [tuple(row) for row in conn.execute(sql)]


def writers(db):
    """(people, unlinked handles, rows of the view) by what every report and browser reads."""
    from harvester.measure import ratio, volume

    with closing(open_db(db, "ro")) as conn:
        items, frame = load_items(conn, "demo-2"), load_frame(conn, "demo-2", as_of=NOW, rules="1")
    metrics = {(m.metric, m.group): m for m in volume.contributors(items, frame)}
    counted = metrics["M03.contributors", "any"]
    assert (
        counted.value
        == metrics["M03.contributors", "written"].value
        == metrics["M03.stories_per_writer", "written"].den
    )
    assert len(ratio.per_author([i for i in items if i.counted], "participant")) == counted.value
    return (
        counted.value,
        counted.variants["unlinked_handles"],
        rows(db, "SELECT accounts, stories FROM contributors ORDER BY 1"),
    )


A, B, C = "qiita:sora_kzm", "zenn:sora_kzm", "zenn:tanaka"


def test_suggestions_are_told_with_their_evidence_and_change_nothing(db):
    before = db.read_bytes()
    output = harvest(db, "demo-2")
    assert output.startswith("1 suggestion. Decibans: 0 is even odds")
    assert f"+45 a profile links the other account: {A} → {B}" in output
    assert f"harvest merge {A} {B}    or --refuse" in output
    (entry,) = json.loads(harvest(db, "--json"))
    assert entry["accounts"] == [A, B]
    assert entry["state"] == "open"
    assert {clue["rule"] for clue in entry["evidence"]} == {"P2", "H1"}
    assert entry["score"] == sum(clue["weight"] for clue in entry["evidence"]) - 40
    assert db.read_bytes() == before
    assert rows(db, "SELECT count(*) FROM people") == [(0,)], "nobody is merged by being suggested"
    assert writers(db)[0] == 3


def test_a_merge_counts_at_once_as_one_person_and_a_split_undoes_it(db):
    assert writers(db) == (3, 3, [(A, 1), (B, 1), (C, 1)])
    output = harvest(db, A, "https://zenn.dev/sora_kzm", "--why", "told me", "--who", "me")
    assert f"{A} and {B} are one person." in output
    assert f"judge with it:\n  harvest classify demo-2 --db {db}\n" in output
    assert writers(db) == (2, 1, [(f"{A},{B}", 2), (C, 1)])
    assert "no two accounts at demo-2 look like one person's" in harvest(db, "demo-2")
    (stored, *_) = rows(db, "SELECT DISTINCT status, evidence, who FROM person_authors")
    assert stored[0] == "confirmed"
    assert stored[1].startswith("told me; +45 a profile links the other account")
    assert stored[2] == "me"
    assert "as it was." in harvest(db, B, A)
    harvest(db, B, "--split")
    assert writers(db) == (3, 3, [(A, 1), (B, 1), (C, 1)])
    assert rows(db, "SELECT count(*) FROM people") == [(0,)]
    assert len(json.loads(harvest(db, "--json"))) == 1, "undone is open again"


def test_merging_is_transitive_and_a_refusal_that_contradicts_is_told(db):
    harvest(db, A, C, "--refuse")
    harvest(db, A, B)
    with pytest.raises(InputError, match=f"{A} and {C} were refused as one person.*--split` takes the refusal back"):
        harvest(db, B, C)
    assert writers(db)[0] == 2
    assert "may be suggested again" in harvest(db, C, A, "--split")
    harvest(db, B, C)
    assert writers(db) == (1, 0, [(f"{A},{B},{C}", 3)])
    with pytest.raises(InputError, match="are one person here"):
        harvest(db, A, C, "--refuse")
    harvest(db, C, "--split")
    assert writers(db)[2] == [(f"{A},{B}", 2), (C, 1)]


def test_three_accounts_at_once_and_two_persons_become_one(db):
    harvest(db, A, B, C)
    assert writers(db)[0] == 1
    with closing(open_db(db)) as conn, write_tx(conn):
        ids = {row["handle"] + row["platform"]: row["id"] for row in conn.execute("SELECT * FROM authors")}
        one, two, three = ids["sora_kzmqiita"], ids["sora_kzmzenn"], ids["tanakazenn"]
        conn.execute("DELETE FROM people")
        conn.execute("INSERT INTO authors (id, platform, handle) VALUES (90, 'x', 'four')")
        merges.merge(conn, one, two, Word(at=AT))
        merges.merge(conn, three, 90, Word(at=AT))
        assert merges.merge(conn, two, 90, Word(evidence="the same", at=AT))
        assert len(set(people.persons(conn).values())) == 1
        assert len(people.persons(conn)) == 4
        assert conn.execute("SELECT count(*) FROM people").fetchone()[0] == 1


def test_a_refusal_is_remembered_for_good(db):
    output = harvest(db, A, B, "--refuse", "--why", "brothers")
    assert "are different people, and not suggested again" in output
    assert "no two accounts" in harvest(db, "demo-2")
    assert "     refused\n" in harvest(db, "--all")
    assert [entry["state"] for entry in json.loads(harvest(db, "--all", "--json"))] == ["refused"]
    with closing(open_db(db)) as conn:
        classify_event(conn, load_event(conn, "demo-2"), now=NOW)
    assert json.loads(harvest(db, "--json")) == []
    (entry,) = json.loads(harvest(db, "--list", "--json"))
    assert (entry["status"], entry["accounts"]) == ("refused", [A, B])
    assert entry["evidence"].startswith("brothers; ")
    assert f"{A} is not {B}" in harvest(db, "--list")
    assert writers(db) == (3, 3, [(A, 1), (B, 1), (C, 1)]), "whoever was refused is not known any better"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--refuse", A], "--refuse needs two accounts"),
        (["--refuse", "--split", A, B], "do not go together"),
        (["--split"], "--split needs one account"),
        (["--list", "demo-2"], "--list takes no event"),
        (["nowhere"], "no event 'nowhere'"),
        ([A], "is one account; name the other one too"),
        ([A, "x:nobody"], "no account 'x:nobody'"),
        (["sora_kzm", C], "means 2 accounts (qiita:sora_kzm, zenn:sora_kzm)"),
        ([C, "--split"], "is joined with no other account"),
        ([A, C, "--split"], "nothing was decided on"),
        (["demo-2", "--ask"], "--ask needs a terminal"),
        ([A, A, "--refuse"], "is named twice; name two accounts"),
        ([A, A], "is named twice; name two accounts"),
        (["demo-2", "--ask", "--json"], "--ask"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_repair(db, capsys, arguments, told):
    before = rows(db, "SELECT count(*) FROM person_authors")
    assert run(["merge", *arguments, "--db", str(db)]) == 2
    assert told in capsys.readouterr().err
    assert rows(db, "SELECT count(*) FROM person_authors") == before


def in_terminal(db, keys, options=("--who", "me")):
    """What `--ask` shows at a terminal where these keys are pressed, and its exit code."""
    ours, theirs = pty.openpty()
    asked = [sys.executable, "-m", "harvester.cli", "merge", "demo-2", "--ask", *options, "--db", str(db)]
    with subprocess.Popen(asked, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        pressed, deadline = itertools.cycle(keys), time.monotonic() + 20
        while child.poll() is None and time.monotonic() < deadline:
            # Again: what was typed before the terminal is set to single keys is thrown away.
            os.write(ours, next(pressed))
            time.sleep(0.1)
        child.kill()
        shown, code = child.stdout.read().decode(), child.wait()
    os.close(theirs)
    os.close(ours)
    return shown, code


def test_asked_one_by_one_each_answer_is_kept_at_once(db):
    shown, code = in_terminal(db, [b"?", b"n"], ("--who", "me", "--why", "asked her", "-n", "5"))
    assert code == 0, shown
    assert "One person? [y]es  [n]o  [s]kip  [q]uit   (1 left) n" in shown
    assert f"to take it back:  harvest merge {A} {B} --split --db " in shown
    assert rows(db, "SELECT DISTINCT substr(evidence, 1, 10) FROM person_authors") == [("asked her;",)]
    assert shown.endswith("0 joined, 1 refused, 0 left open\n")
    assert rows(db, "SELECT DISTINCT status, who FROM person_authors") == [("refused", "me")]
    harvest(db, A, B, "--split")
    shown, code = in_terminal(db, [b"\r"])
    assert shown.endswith("0 joined, 0 refused, 1 left open\n")
    assert rows(db, "SELECT count(*) FROM person_authors") == [(0,)]
    shown, code = in_terminal(db, [b"y"])
    assert "`harvest classify EVENT` folds copies and judges with it" in shown
    assert rows(db, "SELECT DISTINCT status FROM person_authors") == [("confirmed",)]
    assert code == 0
    harvest(db, A, "--split")
    shown, code = in_terminal(db, [b"\x03"])
    assert (code, rows(db, "SELECT count(*) FROM person_authors")) == (130, [(0,)]), shown
    assert "0 joined, 0 refused, 0 left open" in shown


def test_a_key_that_means_nothing_tells_those_that_do(db, capsys, monkeypatch):
    pressed = iter("?\r")
    monkeypatch.setattr("harvester.cli._keyboard.key", lambda: next(pressed))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    assert run(["merge", "demo-2", "--ask", "--db", str(db)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("One person? [y]es  [n]o  [s]kip  [q]uit   (1 left) ") == 2
    assert "they are two people's, and not suggested again" in shown
    assert shown.endswith(") s\n\n0 joined, 0 refused, 1 left open\n")


def exported(db):
    with closing(open_db(db, "ro")) as conn:
        return list(lines(conn, ["demo-2"]))


def test_decisions_travel_with_an_export_and_yield_to_those_made_here(db, tmp_path):
    harvest(db, A, B, "--who", "me")
    harvest(db, A, C, "--refuse")
    file = tmp_path / "demo.jsonl"
    file.write_text("\n".join(exported(db)))
    other = tmp_path / "other.db"
    for _ in range(2):
        assert run(["import", "demo-2", str(file), "--db", str(other)]) == 0
        assert exported(other) == exported(db)
    assert writers(other)[2] == writers(db)[2]
    told = [{k: v for k, v in e.items() if k != "name"} for e in json.loads(harvest(other, "--list", "--json"))]
    assert told == [{k: v for k, v in e.items() if k != "name"} for e in json.loads(harvest(db, "--list", "--json"))]
    harvest(other, B, "--split")
    harvest(other, A, B, "--refuse")
    assert run(["import", "demo-2", str(file), "--db", str(other)]) == 0
    assert writers(other)[0] == 3, "what a human refused here is not joined by a file"


def test_two_files_do_not_join_people_by_the_numbers_of_their_databases(db, tmp_path):
    harvest(db, A, B)
    first = [json.loads(line) for line in exported(db)]
    persons = {entry["person"] for line in first for entry in line.get("people", ())}
    assert persons == {A}


def test_an_erased_account_leaves_nothing_of_a_merge_behind(db):
    harvest(db, A, B, C, "--why", "sora_kzm told me", "--who", "me")
    assert run(["forget", A, "--yes", "--db", str(db)]) == 0
    assert rows(db, "SELECT evidence FROM person_authors WHERE evidence LIKE '%qiita%'") == []
    assert writers(db)[2] == [(f"{B},{C}", 2)]
    harvest(db, C, "--split")
    harvest(db, B, C, "--refuse")
    assert run(["forget", B, "--yes", "--db", str(db)]) == 0
    assert rows(db, "SELECT count(*) FROM people") == rows(db, "SELECT count(*) FROM person_authors") == [(0,)]


def test_a_decision_survives_backup_restore_and_a_second_crawl(db):
    harvest(db, A, B)
    assert run(["backup", "--db", str(db)]) == 0
    harvest(db, A, "--split")
    assert run(["restore", "latest", "--yes", "--db", str(db)]) == 0
    assert writers(db)[0] == 2
    with closing(open_db(db)) as conn:
        with write_tx(conn):
            made = normalise(draft(*ONE), EVENT, now=NOW)
            save_post(conn, made, event="demo-2", source="feeds", run_id=1, now=AT)
        classify_event(conn, load_event(conn, "demo-2"), now=NOW)
    assert writers(db)[0] == 2


def test_an_account_on_a_list_speaks_for_the_persons_other_accounts(db):
    from harvester.event import load

    listed = load(EVENT.text.replace("qiita:aoisora", "zenn:tanaka"), "demo-2.toml")
    with closing(open_db(db)) as conn:
        with write_tx(conn):
            save_event(conn, listed)
        classify_event(conn, listed, now=NOW)
    attendance = (
        "SELECT attendance FROM labels l JOIN authors a ON a.id = author_id WHERE handle = 'sora_kzm' ORDER BY 1"
    )
    assert rows(db, attendance) == [("claimed",), ("claimed",)]
    harvest(db, A, C)
    with closing(open_db(db)) as conn:
        classify_event(conn, listed, now=NOW)
    assert rows(db, attendance) == [("claimed",), ("listed",)]
    assert rows(db, "SELECT snippet FROM evidence WHERE snippet LIKE '%one person%'") == [
        ('zenn "tanaka", one person with zenn:tanaka',)
    ]


def test_a_newer_schema_takes_over_what_an_older_one_held(db):
    with closing(sqlite3.connect(str(db), isolation_level=None)) as conn:
        conn.execute("DROP INDEX person_authors_one")
        conn.execute("DROP INDEX person_authors_author")
        conn.execute("DROP INDEX authors_opted_out")
        for view in ("organisations", "contributors", "event_items", "review_queue", "opted_out"):
            conn.execute(f"DROP VIEW {view}")
        for table, column in (("labels", "organisation"), ("events", "window_from"), ("events", "window_until")):
            conn.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        from harvester.store import views

        for sql in views.V1[:3]:
            conn.execute(sql)
        conn.execute("DELETE FROM _sqlite_migrations WHERE name IN ('m004_people', 'm005_behind_numbers')")
        conn.execute("PRAGMA user_version = 3")
        ids = [row[0] for row in conn.execute("SELECT id FROM authors ORDER BY platform, handle")]
        conn.execute("INSERT INTO people VALUES (1, 'a'), (2, 'b')")
        said = [(1, ids[0]), (1, ids[1]), (2, ids[1]), (2, ids[2])]
        conn.executemany("INSERT INTO person_authors VALUES (?, ?, 'confirmed', NULL, NULL, NULL)", said)
    open_db(db).close()
    assert writers(db)[2] == [(f"{A},{B}", 2), (C, 1)]
    assert rows(db, "SELECT 1 FROM events WHERE window_from < starts_at AND window_until > ends_at") == [(1,)]
    assert rows(db, "SELECT status FROM person_authors ORDER BY person_id, author_id") == [
        ("confirmed",), ("confirmed",), ("suggested",), ("confirmed",)
    ]  # fmt: skip
