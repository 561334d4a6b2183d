"""`harvest review`: the order of the queue, the screen, and a whole conversation through a real terminal."""

import contextlib
import fcntl
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.classify.queue import Case, Counts, doubt_of, ordered, outcomes, valued
from harvester.cli import run
from harvester.cli._review_cases import queue
from harvester.cli._review_screen import Place, View, draw, help_page
from harvester.cli._review_session import Session
from harvester.relate.unmerged import somewhat_alike
from harvester.report.layout import width
from harvester.stages import classify_event
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.open import open_db
from harvester.store.overrides import all_standing
from harvester.store.runs import start_run
from tests.test_stages import AT, DRAFTS, EVENT, NOW, article, store

ROOT = Path(__file__).parent.parent
EVIL = "\x1b[2J\x1b]0;title\x07\x9b31m\u202edeb"


def letters(count, seed):
    found = random.Random(seed)
    return "".join(found.choice("あいうえおかきくけこさしすせそ表資料内容話題時間今日明日") for _ in range(count))


MORE = (
    article("https://riddle.example/1", "Demo Meetup #2 について", letters(600, 1), name="謎の人"),
    article("https://riddle.example/2", "Demo Meetup #2 つづき", letters(600, 2), name="謎の人"),
    article(
        "https://other-riddle.example/3", "Demo Meetup #2 の件", letters(600, 1)[:480] + letters(120, 9), name="影"
    ),
)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    path = tmp_path_factory.mktemp("seed") / "h.db"
    with closing(open_db(path, "create")) as conn:
        with write_tx(conn):
            save_event(conn, EVENT)
            run_id = start_run(conn, "test", "demo-2", now=AT)
        store(conn, run_id, [*DRAFTS, *MORE])
        with write_tx(conn):
            conn.execute("UPDATE posts SET title = title || ? WHERE key = 'https://riddle.example/1'", (EVIL,))
        classify_event(conn, EVENT, now=NOW)
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return path


@pytest.fixture
def db(seeded, tmp_path):
    return Path(shutil.copy(seeded, tmp_path / "h.db"))


def rows(db, sql):
    with closing(open_db(db, "ro")) as conn:
        return [tuple(row) for row in conn.execute(sql)]


def kind_of(db, author):
    sql = "SELECT l.kind FROM labels l JOIN authors a ON a.id = l.author_id WHERE a.platform || ':' || a.handle = "
    return rows(db, f"{sql}'{author}'")[0][0]


def words(db):
    return rows(db, "SELECT field, value, why FROM overrides ORDER BY id")


def case(what="author", key="a", kind="unknown", stories=1, posts=1, doubt=1.0, **more):
    return Case(what=what, key=key, kind=kind, stories=stories, posts=posts, doubt=doubt, reasons=("why",), **more)


# The order.


def test_more_stories_and_more_doubt_come_first_and_ties_go_by_posts_and_key():
    counts = Counts(10, 4)
    cases = [case(key="few"), case(key="many", stories=3), case(key="sure", stories=3, kind="media", doubt=0.06)]
    cases += [case(key=key, stories=0, posts=posts) for key, posts in (("b", 2), ("a", 2), ("z", 9))]
    values = {c.key: valued(c, counts) for c in cases}
    queue = ordered(replace(c, value=values[c.key]) for c in reversed(cases))
    assert [c.key for c in queue] == ["many", "few", "sure", "z", "a", "b"]
    assert values["z"] == 0


def test_the_same_story_moves_a_small_ratio_more():
    assert valued(case(), Counts(3, 1)) > valued(case(), Counts(300, 100)) > 0


def test_what_an_answer_makes_of_the_ratio():
    assert dict(outcomes(case(kind="media", stories=2), Counts(5, 3))) == {
        "participant": Counts(7, 1), "media": Counts(5, 3), "other": Counts(5, 1),
    }  # fmt: skip
    assert dict(outcomes(case("post", kind="participant"), Counts(5, 3))) == {"yes": Counts(6, 3), "no": Counts(5, 3)}
    assert dict(outcomes(case("pair", kind="media"), Counts(5, 3))) == {"yes": Counts(5, 2), "no": Counts(5, 3)}


@pytest.mark.parametrize(
    ("label", "doubt"),
    [
        (("unknown", 0.5, "undecided"), 1.0),
        (("participant", 0.956, "conflict: community 20, owned 12"), 0.5),
        (("participant", 0.93, ""), 0.07),
        (("participant", 0.95, ""), 0.0),
        (("media", None, ""), 1.0),
    ],
)
def test_doubt(label, doubt):
    found, reasons = doubt_of(*label)
    assert found == pytest.approx(doubt)
    assert bool(reasons) == bool(doubt)


def test_texts_that_are_somewhat_alike_are_paired_once():
    base = letters(600, 1)
    texts = [("first", base), ("same", base), ("near", base[:480] + letters(120, 3)), ("far", letters(600, 7)),
             ("short", base[:60])]  # fmt: skip
    found = somewhat_alike(texts)
    assert [(one, other) for one, other, _ in found] == [("first", "near")]
    assert 0.5 <= found[0][2] < 0.7


def listed(db, *words, capsys):
    capsys.readouterr()
    assert run(["review", "demo-2", "--db", str(db), *words]) == 0
    return capsys.readouterr().out


def test_the_queue_is_printed_with_its_reasons_and_nothing_is_written(db, capsys):
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("""UPDATE labels SET kind = 'media', posterior = 0.93, review = NULL WHERE author_id =
                     (SELECT id FROM authors WHERE handle = 'aoisora' AND platform = 'qiita')""")
        conn.execute("UPDATE labels SET review = 'conflict: community 26, owned 12' WHERE kind = 'organiser'")
        conn.execute(
            "UPDATE event_posts SET relevance = 'probable' WHERE post_id = (SELECT id FROM posts WHERE key = 'x:5')"
        )
    before = db.read_bytes()
    told = json.loads(listed(db, "--json", capsys=capsys))
    found = {(c["what"], c["key"]): c for c in told["cases"]}
    assert found["author", "qiita:aoisora"]["reasons"] == ["posterior 0.930 is below 0.95"]
    assert found["author", "qiita:hanako"]["reasons"] == ["conflict: community 26, owned 12"]
    assert found["post", "x:5"]["reasons"] == ["probably about the event"]
    pair = found["pair", "https://riddle.example/1"]
    assert pair["other"] == "https://other-riddle.example/3"
    assert [c["value"] for c in told["cases"]] == sorted((c["value"] for c in told["cases"]), reverse=True)
    assert told["cases"][0]["key"] == "web:riddle.example#謎の人"
    assert told["cases"][0]["stories"] == 2
    text = listed(db, "--list", "-n", "2", capsys=capsys)
    assert text.startswith(f"demo-2: {told['total']} to review; written stories, participant : media  ")
    assert len(text.splitlines()) == 4
    assert db.read_bytes() == before


def test_what_is_not_judged_yet_is_told(db, capsys):
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("UPDATE event_posts SET relevance = NULL")
        conn.execute("DELETE FROM labels")
    assert "not judged yet: 14 posts; run harvest classify demo-2 first" in listed(db, "--list", capsys=capsys)


def test_without_a_terminal_it_says_what_to_do_instead(db, capsys):
    assert run(["review", "demo-2", "--db", str(db)]) == 2
    told = capsys.readouterr().err
    assert "this is no terminal" in told
    assert "--list" in told
    assert "harvest label EVENT --from FILE" in told
    assert run(["review", "nothing", "--list", "--db", str(db)]) == 2


# The screen.

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)


@settings(max_examples=60)
@given(
    TEXT,
    TEXT,
    st.sampled_from(["author", "post", "pair"]),
    st.sampled_from([(80, 23), (40, 19), (24, 8), (200, 60), (20, 1)]),
)
def test_no_text_breaks_the_screen(title, text, what, size):
    post = {
        "title": title + EVIL,
        "text": text + EVIL,
        "url": f"https://a.example/{title}",
        "local_day": None,
        "kind": "article",
    }
    line = {"rule": "T1", "side": "community", "weight": 6.0, "snippet": text}
    label = {"kind": "unknown", "posterior": 0.5, "runner_up": "media", "attendance": "none", "decided_by": "rules",
             "evidence": [line] * 5}  # fmt: skip
    tie = {
        "relevance": "probable",
        "score": 3.0,
        "decided_by": "rules",
        "reasons": [{"rule": "R4", "weight": -2, "snippet": title}],
    }
    view = View(post=post, tie=tie, author={"author": "x:aoi", "name": title}, label=label, other=post)
    lines = draw(case(what, post="k", other="o"), view, Counts(1, 1), Place(1, 2, title, text), size)
    lines += help_page(size)
    assert all(width(drawn) <= size[0] for drawn in lines)
    assert len(lines) <= 2 * size[1]
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e\u2028]", "".join(lines))


# The conversation.


class Terminal:
    """`harvest review` in a terminal of its own: `see` waits for words on the screen, `press` types."""

    def __init__(self, db, *options, columns=80, rows=24):
        self.main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")} | {"TERM": "xterm"}
        command = [sys.executable, "-m", "harvester.cli", "review", "demo-2", "--db", str(db), *options]
        self.process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, cwd=ROOT, env=environment, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(other)
        self.unseen = self.screen = ""

    def see(self, pattern, seconds=20):
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.unseen, re.DOTALL)):
            assert time.monotonic() < until, f"{pattern!r} does not come: {self.unseen!r}"
            if select.select([self.main], [], [], 0.1)[0]:
                try:
                    data = os.read(self.main, 1 << 16)
                except OSError:
                    data = b""
                if not data:
                    raise EOFError(f"ended without {pattern!r}: {self.unseen!r}")
                self.unseen += data.decode("utf-8", "replace")
        self.screen, self.unseen = self.unseen[: found.end()], self.unseen[found.end() :]
        return found

    def case(self, number):
        """Wait until a case stands on the screen as a whole."""
        self.see(rf"{number} of \d+   .*Enter: skip")
        return self.screen.rpartition("\x1b[2J\x1b[H")[2]

    def press(self, keys, *, raw=True):
        """Type when a key (or, raw=False, a line) is awaited."""
        until = time.monotonic() + 20
        while raw == bool(termios.tcgetattr(self.main)[3] & termios.ICANON):
            assert time.monotonic() < until, "no key is awaited"
            time.sleep(0.005)
        os.write(self.main, keys.encode())

    def end(self):
        """What the command ends with; `screen` is the rest of what it told."""
        with contextlib.suppress(EOFError):
            self.see("(?!)")
        self.screen = self.unseen
        return self.process.wait(20)

    def drop(self):
        """The window is closed."""
        os.close(self.main)
        self.main = None
        return self.process.wait(20)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)
        if self.main is not None:
            os.close(self.main)


@pytest.fixture
def terminal(db):
    """Opens terminals, and ends what still runs in them."""
    opened = []

    def make(*options, **size):
        opened.append(Terminal(db, *options, **size))
        return opened[-1]

    yield make
    for window in opened:
        window.close()


def test_keys_become_words_at_once_and_the_end_judges_again(db, terminal):
    window = terminal("--who", "me")
    screen = window.case(1)
    assert "謎の人" in screen
    assert "ratio  now 1 : 1 (1.00); participant 3 : 1 (3.00), media 1 : 3" in screen.replace("\r\n       ", " ")
    assert "why  unknown author; 2 written stories in the ratio" in screen
    assert "\\x1b[2J\\x1b]0;title\\x07\\x9b31m\\u202edeb" in screen.replace("\r\n", "")
    assert re.search(r"= unknown 0\.\d+, runner-up ", screen)
    window.press("?")
    window.see("Any key goes back")
    window.press("x")
    window.case(1)
    window.press("t")
    assert "R4 event name in the title or address" in window.see("(?s)(.*)Any key goes back")[1]
    window.press("x")
    window.case(1)
    window.press("z")
    window.see("no such key")
    window.see("Enter: skip")
    window.press("/")
    window.see("why: ")
    window.press("会場で会った\r", raw=False)
    window.see("note: 会場で会った.*Enter: skip")
    window.press("ｐ")  # full-width, as an input method types it
    window.case(2)
    assert words(db) == [("kind", "participant", "会場で会った")]
    assert kind_of(db, "web:riddle.example#謎の人") == "unknown"
    window.press("b")
    assert "taken back: participant: web:riddle.example#謎の人" in window.case(1)
    window.press("m")
    assert "ratio  now 1 : 3" in window.case(2)
    window.press("n")
    window.see("not about the event.*Enter: skip")
    window.press("\r")
    window.case(3)
    window.press("q")
    assert window.end() == 0
    assert [word[:2] for word in words(db)] == [
        ("kind", "participant"), ("kind", "withdrawn"), ("kind", "media"), ("relevance", "rejected"),
    ]  # fmt: skip
    assert kind_of(db, "web:riddle.example#謎の人") == "media"
    assert rows(db, "SELECT DISTINCT who FROM overrides") == [("me",)]
    assert rows(
        db, "SELECT relevance, decided_by FROM event_posts JOIN posts ON id = post_id WHERE key LIKE '%/3'"
    ) == [("rejected", "human")]


@pytest.mark.parametrize("how", ["key", "signal"])
def test_ctrl_c_in_the_middle_loses_nothing(db, terminal, how):
    window = terminal()
    window.case(1)
    window.press("v")
    window.case(2)
    if how == "key":
        window.press("\x03")
    else:
        window.process.send_signal(signal.SIGINT)
    assert window.end() == 130
    assert kind_of(db, "web:riddle.example#謎の人") == "vendor"
    assert "1 case decided" in window.screen


def test_a_lost_terminal_loses_nothing(db, terminal):
    window = terminal()
    window.case(1)
    window.press("v")
    window.case(2)
    assert window.drop() != 0
    assert words(db) == [("kind", "vendor", None)]
    assert run(["classify", "demo-2", "--db", str(db)]) == 0
    assert kind_of(db, "web:riddle.example#謎の人") == "vendor"


def test_nobody_waits_for_the_human(db, terminal):
    window = terminal()
    window.case(1)
    with closing(open_db(db, busy_timeout_ms=200)) as other:
        with write_tx(other):
            other.execute("UPDATE posts SET title = 'new' WHERE key = 'x:5'")
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        window.press("p")
        window.case(2)
        with write_tx(other):
            other.execute("DELETE FROM posts WHERE 0")
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    window.press("q")
    assert window.end() == 0


def test_a_narrow_window_and_typing_ahead(db, terminal):
    window = terminal(columns=40, rows=20)
    screen = window.case(1)
    lines = screen.rstrip("\r\n").split("\r\n")
    assert all(width(line) <= 40 for line in lines)
    assert len(lines) < 20
    window.press("\x1b[A")  # an arrow
    window.case(1)
    window.press("pppp")  # one key a screen: what was typed before a case was seen decides nothing
    window.case(2)
    window.press("q")
    assert window.end() == 0
    assert len(words(db)) == 1


def test_pairs_posts_that_vanish_and_the_end_of_the_queue(db, terminal):
    told = subprocess.run(
        [sys.executable, "-m", "harvester.cli", "review", "demo-2", "--list", "--json", "--db", str(db)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    cases = json.loads(told.stdout)["cases"]
    place = next(n for n, c in enumerate(cases, 1) if c["what"] == "pair")
    window = terminal("-n", str(place + 1))
    for number in range(1, place):
        window.case(number)
        window.press("\r")
    assert "Is it the same text as the other one?" in window.case(place)
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute(
            "DELETE FROM event_posts WHERE post_id = (SELECT id FROM posts WHERE key = ?)", (cases[place]["post"],)
        )
    window.press("y")
    assert window.end() == 0
    assert words(db) == [("counted", "no", "the same text as https://other-riddle.example/3")]
    sql = "SELECT counted, not_counted_reason FROM event_posts JOIN posts ON id = post_id WHERE key = "
    assert rows(db, f"{sql}'https://riddle.example/1'") == [(0, "a human decided")]


@pytest.fixture
def session(db):
    """A conversation without a terminal, about a post that is probably about the event and one by nobody."""
    with closing(open_db(db, busy_timeout_ms=1)) as conn:
        with write_tx(conn):
            conn.execute("UPDATE event_posts SET relevance = 'probable' WHERE post_id IN "
                         "(SELECT id FROM posts WHERE key IN ('x:5', 'x:4'))")  # fmt: skip
            conn.execute("UPDATE posts SET author_id = NULL WHERE key = 'x:4'")
        found = queue(conn, "demo-2", NOW)
        asked = [c for key in ("x:5", "x:4") for c in found.cases if c.key == key]
        yield Session(conn=conn, event="demo-2", cases=asked, counts=found.counts, clock=lambda: NOW)


def test_the_author_may_be_told_beside_a_post_and_the_post_stays_the_question(session, db):
    session.pressed("i")
    assert session.case.key == "x:5"
    assert session.case.kind == "independent"
    session.pressed("y")
    assert session.case.key == "x:4"
    session.pressed("m")
    assert session.message == "nobody is named as its author"
    session.pressed("u")
    assert session.case is None
    assert session.decided == 1
    assert [word[:2] for word in words(db)] == [("kind", "independent"), ("relevance", "confirmed")]
    for _ in range(3):
        session.pressed("b")
    assert session.case.key == "x:5"
    assert session.decided == 0
    session.pressed("b")
    assert session.message == "this is the first case"
    with closing(open_db(db)) as conn:
        assert all(not held for _, held in all_standing(conn, "demo-2"))


def test_a_kind_that_is_taken_back_no_longer_moves_the_ratio(session):
    before, kind = session.counts, session.case.kind
    session.pressed("i" if kind != "independent" else "m")
    assert session.case.kind != kind
    session.pressed("b")
    assert (session.case.kind, session.counts) == (kind, before)


def test_what_cannot_be_stored_is_said_and_asked_again(session, db):
    with closing(open_db(db)) as other, write_tx(other):
        session.pressed("y")
        assert session.message.startswith("not stored: ")
    assert words(db) == []
    assert session.case.key == "x:5"
    session.pressed("y")
    assert session.case.key == "x:4"
    with closing(open_db(db)) as other, write_tx(other):
        session.pressed("b")
        assert session.message.startswith("not taken back: ")
        other.execute("DELETE FROM event_posts WHERE post_id = (SELECT id FROM posts WHERE key = 'x:4')")
    assert session.view() is None
    session.pressed("n")
    assert "no longer in the database" in session.message
