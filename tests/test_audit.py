"""`harvest audit`: a blind random sample, answers that are never lost, and counts that are right because of them."""

import codecs
import csv
import json
import os
import pty
import random
import re
import select
import signal
import statistics
import subprocess
import sys
import termios
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.classify.rules import table
from harvester.cli import cli
from harvester.cli import run as harvest_run
from harvester.cli._audit_ask import ANSWERS, card_lines, legend
from harvester.errors import ConfigError
from harvester.measure import weights
from harvester.measure.audit import Stratum, correct, wilson
from harvester.measure.audit_sample import TRUTHS, Story, draw, plan, strata
from harvester.measure.weights import Audited
from harvester.report.layout import width
from harvester.store import audits
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.test_measures import item

ROOT = Path(__file__).parent.parent
EVENT = {"type": "event", "event": "E", "name": "FooConf", "starts_at": "2016-12-03T00:00:00Z",
         "ends_at": "2016-12-03T09:00:00Z", "timezone": "Asia/Tokyo", "media_outlets": 9}  # fmt: skip
# The worked example of the measurement specification: predicted → (stories, answers).
EXAMPLE = {
    "participant": (130, {"participant": 47, "media": 1, "owned": 2}),
    "media": (28, {"media": 24, "participant": 4}),
    "owned": (22, {"owned": 20, "participant": 2}),
    "unknown": (20, {"participant": 16, "media": 2, "owned": 2}),
}
KIND_OF = {"owned": "organiser"}


def post(number, kind, *, title="題名", written="article"):
    """The lines of one post by an author of a kind."""
    tie = {"event": "E", "relevance": "confirmed", "counted": 1, "decided_by": "import"}
    yield {"type": "author", "author": f"note:w{number}", "platform": "note", "handle": f"w{number}", "name": "青井 空"}
    url = f"https://note.com/w{number}/n/{number}"
    yield {"type": "post", "post": url, "url": url, "kind": written, "platform": "note", "author": f"note:w{number}",
           "title": f"{title} {number}", "text": "昨日のイベントに参加しました。" * 20, "events": [tie],
           "published_at": "2016-12-04T01:00:00Z"}  # fmt: skip
    if kind != "unknown":
        yield {"type": "label", "event": "E", "author": f"note:w{number}", "kind": kind, "decided_by": "import",
               "side": {"participant": "community", "media": "media"}.get(kind, "owned")}  # fmt: skip


def answer(number, predicted, truth, at="2017-01-03T00:00:00Z"):
    return {"type": "audit", "event": "E", "post": f"https://note.com/w{number}/n/{number}", "predicted": predicted,
            "truth": truth, "auditor": "aoi", "at": at}  # fmt: skip


def database(folder, lines):
    path, db = folder / "in.jsonl", folder / "h.db"
    path.write_text("".join(json.dumps(line) + "\n" for line in [EVENT, *lines]))
    assert harvest(db, "import", "E", str(path))[0] == 0
    return db


def harvest(db, *arguments):
    done = CliRunner().invoke(cli, [*arguments, "--db", str(db)], standalone_mode=False)
    if done.exception is not None and not hasattr(done.exception, "exit_code"):
        raise done.exception
    code = done.exception.exit_code if done.exception else done.return_value or 0
    return code, done.output


def stored(db):
    with closing(open_db(db, "ro")) as conn:
        rows = conn.execute("SELECT p.key, t.predicted, t.truth FROM audits t JOIN posts p ON p.id = t.post_id")
        return {row["key"].rpartition("/")[2]: (row["predicted"], row["truth"]) for row in rows}


def example_lines(example=None):
    number = 0
    for predicted, (n, found) in (example or EXAMPLE).items():
        truths = [truth for truth, k in found.items() for _ in range(k)]
        for place in range(n):
            number += 1
            yield from post(number, KIND_OF.get(predicted, predicted))
            if place < len(truths):
                yield answer(number, predicted, truths[place])


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    return database(tmp_path_factory.mktemp("worked"), example_lines())


@pytest.fixture
def small(tmp_path):
    """Six stories, two of a class; the tenth is a micropost, which no audit is about."""
    kinds = ["participant", "participant", "media", "media", "unknown", "organiser"]
    lines = [line for number, kind in enumerate(kinds) for line in post(number, kind)]
    return database(tmp_path, [*lines, *post(9, "participant", written="micropost")])


# The estimate.


def test_the_worked_example_to_its_digits():
    found = correct(Stratum(name, n - sum(x.values()), x) for name, (n, x) in EXAMPLE.items())
    assert {name: round(mean, 3) for name, mean in found.mean.items()} == {
        "participant": 143.563, "media": 28.942, "owned": 27.495,
    }  # fmt: skip
    assert sum(found.mean.values()) == pytest.approx(200)
    assert f"{found.ratio:.4f} ({found.ci.lo:.4f}–{found.ci.hi:.4f})" == "4.9604 (4.1420–5.9405)"
    assert next(iter(found.widest)) == "participant"
    assert sum(found.widest.values()) == pytest.approx(1)


def test_the_closed_form_is_what_drawing_the_open_stories_gives():
    """The Dirichlet-multinomial drawn 4,000 times, an independent way to the same means and deviations."""
    rng = random.Random(3)
    parts = [Stratum(name, n - sum(x.values()), x) for name, (n, x) in EXAMPLE.items()]
    found, classes = correct(parts), ["media", "owned", "participant"]
    drawn = {name: [] for name in classes}
    for _ in range(4000):
        counts = Counter()
        for part in parts:
            weights_of = [
                part.answers.get(c, 0) + (0.5 if part.predicted == "unknown" else 1.0 if c == part.predicted else 0.25)
                for c in classes
            ]
            shares = [rng.gammavariate(weight, 1) for weight in weights_of]
            counts.update(part.answers)
            counts.update(rng.choices(classes, shares, k=part.open) if part.open else ())
        for name in classes:
            drawn[name].append(counts[name])
    for name in classes:
        assert statistics.fmean(drawn[name]) == pytest.approx(found.mean[name], abs=0.3)
        assert statistics.stdev(drawn[name]) == pytest.approx(found.sd[name], rel=0.06)


@pytest.mark.parametrize(("share", "told"), [(0.72, "0.8312"), (0.05, "−0.0390")])
def test_rates_measured_elsewhere_may_be_impossible(share, told):
    sensitivity, specificity = 0.85, 0.92  # of Rogan and Gladen's formula, which the page says is not used, and why
    assert f"{(share + specificity - 1) / (sensitivity + specificity - 1):.4f}".replace("-", "−") == told
    text = " ".join((Path(__file__).parents[1] / "docs" / "measures.md").read_text(encoding="utf-8").split())
    assert told in text[text.index("Not used: error rates") :][:400]


def test_whoever_was_asked_about_whole_is_known():
    found = correct([Stratum("participant", 0, {"participant": 8, "media": 2}), Stratum("media", 0, {"media": 3})])
    assert found.mean == {"media": 5.0, "participant": 8.0}
    assert found.sd == {"media": 0.0, "participant": 0.0}
    assert (found.ci.lo, found.ci.hi) == pytest.approx((1.6, 1.6))
    assert correct([Stratum("participant", 3, {"participant": 9})]).ratio is None


@pytest.mark.parametrize(
    ("k", "n", "lo", "hi"), [(47, 50, 0.8378, 0.9794), (24, 28, 0.6851, 0.9430), (0, 10, 0, 0.2775), (5, 5, 0.5655, 1)]
)
def test_wilson(k, n, lo, hi):
    assert (wilson(k, n).lo, wilson(k, n).hi) == pytest.approx((lo, hi), abs=1e-4)


WORLDS = {
    # true class → stories, and how each true class is labelled
    "some wrong": ({"participant": 150, "media": 30, "owned": 20}, 0.80, 0.10),
    "few media": ({"participant": 120, "media": 12, "independent": 60, "owned": 25}, 0.78, 0.08),
    "many": ({"participant": 500, "media": 80, "independent": 150, "owned": 60, "aggregator": 15}, 0.80, 0.12),
}


@pytest.mark.parametrize("name", WORLDS)
def test_the_range_holds_where_labels_are_wrong(name):
    """Each world: the rules are right with `right`, leave `open` unknown, else confuse; then 50 or all are asked."""
    sizes, right, undecided = WORLDS[name]
    rng = random.Random(5)
    classes, worlds = list(sizes), 300
    inside = off = 0
    for _ in range(worlds):
        labelled = {}
        for truth, n in sizes.items():
            others = [c for c in classes if c != truth]
            for _ in range(n):
                chance = rng.random()
                label = truth if chance < right else "unknown" if chance < right + undecided else rng.choice(others)
                labelled.setdefault(label, []).append(truth)
        sampled = []
        for label, truths in labelled.items():
            rng.shuffle(truths)
            asked = len(truths) if label in ("media", "unknown") else min(50, len(truths))
            sampled.append(Stratum(label, len(truths) - asked, Counter(truths[:asked])))
        ratio = sizes["participant"] / sizes["media"]
        found = correct(sampled)
        inside += found.ci.lo <= ratio <= found.ci.hi
        off += abs(len(labelled["participant"]) / len(labelled["media"]) / ratio - 1) > 0.10
    assert inside / worlds >= 0.93
    assert off / worlds > 0.72


# Who is asked.


def stories_of(*kinds, first=0):
    return [
        Story(item(number, kind, key=f"k{number}"), kind, (kind, kind))
        for number, kind in enumerate((k for kind, n in kinds for k in [kind] * n), first)
    ]


def test_media_and_unknown_whole_and_fifty_of_the_others():
    found = stories_of(("participant", 130), ("media", 80), ("unknown", 60), ("aggregator", 3))
    assert plan(found) == {
        "participant": (50, 130), "media": (80, 80), "aggregator": (3, 3), "unknown": (60, 60),
    }  # fmt: skip
    drawn = draw(found, "1")
    assert Counter(story.now for story in drawn) == {"participant": 50, "media": 80, "unknown": 60, "aggregator": 3}
    half = Counter(story.now for story in drawn[: len(drawn) // 2])
    assert half["participant"] in (24, 25, 26)
    assert half["media"] in (39, 40, 41)


def test_the_sample_is_the_seeds_and_goes_on_in_a_database_that_grew():
    found = stories_of(("participant", 200))
    keys = [story.item.key for story in draw(found, "1")]
    assert keys == [story.item.key for story in draw(found[::-1], "1")]
    assert set(keys) != {story.item.key for story in draw(found, "2")}
    grown = {story.item.key for story in draw([*found, *stories_of(("participant", 20), first=500)], "1")}
    assert len(grown) == 50
    assert {key for key in grown if int(key[1:]) < 500} <= set(keys)


def test_every_story_has_the_same_chance():
    found = stories_of(("participant", 20))
    drawn = Counter(story.item.key for seed in range(2000) for story in draw(found, str(seed), size=5))
    assert len(drawn) == 20
    assert max(abs(n - 500) for n in drawn.values()) < 5 * (2000 * 0.25 * 0.75) ** 0.5


def test_what_was_repaired_after_the_answer_does_not_make_the_rest_look_right():
    """Ten of 50 were wrong; all ten are overruled. The 80 that nobody looked at are as wrong as before."""
    found = stories_of(("participant", 80))
    for number in range(50):
        wrong = number < 10
        truth = "media" if wrong else "participant"
        found.append(Story(item(1000 + number), truth, ("participant",) * 2, "participant", truth, told=wrong))
    parts, known = strata(found)
    assert parts == [Stratum("participant", 80, {"media": 10, "participant": 40})]
    assert not known
    assert correct(parts).mean["media"] == pytest.approx(10 + 80 * 10.25 / 51.25)


def test_stories_that_people_decided_are_known_and_not_asked_about():
    found = [*stories_of(("participant", 10)), Story(item(50, "media"), "media", ("media",) * 2, told=True)]
    assert len(draw(found, "1")) == 10
    assert strata(found)[1] == {"media": 1}
    assert correct(*strata(found)).sd["media"] == pytest.approx(correct(strata(found)[0], {"media": 9}).sd["media"])


def test_stories_whose_label_changed_between_answers_are_a_stratum_of_their_own():
    moved = [Story(item(n), "media", ("participant", "media"), "participant", "media") for n in range(6)]
    still = [Story(item(n), "media", ("participant", "media")) for n in range(20, 25)]
    asked = [Story(item(n), "media", ("media", "media"), "media", "participant") for n in range(40, 46)]
    parts, _ = strata([*moved, *still, *asked])
    assert parts == [Stratum("media", 0, {"participant": 6}), Stratum("media", 5, {"media": 6})]
    parts, _ = strata([*moved[:2], *still, *asked])
    assert parts == [Stratum("media", 5, {"participant": 6, "media": 2})]


# The result, in its command and in the report.


def test_the_result_of_the_worked_example(worked):
    code, told = harvest(worked, "audit", "E", "--result")
    assert code == 0
    for words in (
        "120 of 200 counted written stories asked about", "47 of 50  83.8% to 97.9%", "24 of 28  68.5% to 94.3%",
        "participant        130    143.563", "media               28     28.942", "owned               22     27.495",
        "participant : media   4.9604 (4.1420–5.9405, 95 %); 4.6429 by the labels",
    ):  # fmt: skip
        assert words in told, told
    assert max(width(line) for line in told.splitlines()) <= 100
    code, told = harvest(worked, "audit", "E", "--result", "--json")
    rows = {(row["metric"], row["kind"]): row for row in json.loads(told)}
    assert code == 0
    assert rows["M22.corrected_ratio", ""]["value"] == pytest.approx(4.9604, abs=5e-5)
    assert rows["M22.corrected_ratio", ""]["variants"]["uncorrected"] == pytest.approx(4.6429, abs=5e-5)
    assert rows["M22.corrected", "owned"]["variants"] == {"sd": pytest.approx(2.893, abs=5e-4), "uncorrected": 22}
    audit = rows["M22.audit", ""]
    assert (audit["value"], audit["num"], audit["den"]) == (120, 91, 100)
    assert audit["variants"]["confusion"]["media"] == {"media": 24, "participant": 4}


def test_the_report_tells_the_audit(worked):
    told = harvest(worked, "report", "E")[1]
    assert "audit: 91 of 100 labels right, 120 of 200 written stories asked about" in told
    assert "ratio corrected by the audit: 5.0 to 1 (4.1 to 5.9); by the labels 4.6" in told
    assert max(width(line) for line in told.splitlines()) <= 96
    told = harvest(worked, "report", "E", "--metric", "M22")[1]
    assert re.search(r"M22.agreement written media: 86 % share \(24 of 28\), 69 % to 94 % by labels, ok", told), told
    assert re.search(r"M22.corrected_ratio written: 5.0 to 1 .*4.1 to 5.9 by labels", told), told
    for form in ("markdown", "html"):
        assert "4.1 to 5.9" in harvest(worked, "report", "E", "--format", form)[1]


def test_without_an_audit_there_is_a_state_and_no_value(small):
    code, told = harvest(small, "audit", "E", "--result")
    assert (code, "no audit yet" in told) == (3, True)
    rows = json.loads(harvest(small, "audit", "E", "--result", "--json")[1])
    assert {(row["metric"], row["value"], row["status"]) for row in rows} == {
        (name, None, "unmeasured") for name in ("M22.audit", "M22.corrected", "M22.corrected_ratio")
    }
    assert "audit: none, labels unchecked" in harvest(small, "report", "E")[1]


def test_too_few_answers_are_too_few(tmp_path):
    example = {name: (n, dict.fromkeys(found, 1)) for name, (n, found) in EXAMPLE.items()}
    db = database(tmp_path, example_lines(example))
    code, told = harvest(db, "audit", "E", "--result")
    assert code == 3
    assert "Too few answers to correct the counts: 2 more taken for participant, 3 more taken for media" in told
    assert "1 of 3  too few" in told
    rows = json.loads(harvest(db, "audit", "E", "--result", "--json")[1])
    ratio = next(row for row in rows if row["metric"] == "M22.corrected_ratio")
    assert (ratio["status"], ratio["value"], ratio["by"]["owned"]) == ("insufficient", None, 3)
    assert "few_audited:owned" in ratio["flags"]


def test_a_label_that_the_rules_changed_later_stays_in_its_stratum(worked, tmp_path):
    """All media become participants at a later judging: what is true has not changed, and neither has the estimate."""
    db = tmp_path / "h.db"
    db.write_bytes(worked.read_bytes())
    with closing(open_db(db)) as conn, write_tx(conn):
        for at, kind in (("2017-01-01T00:00:00Z", "media"), ("2017-02-01T00:00:00Z", "participant")):
            conn.execute(
                """INSERT INTO decisions (event, author_id, value, at)
                   SELECT event, author_id, ? || ', attendance none', ? FROM labels WHERE kind = 'media'""", (kind, at)
            )  # fmt: skip
        conn.execute("UPDATE labels SET kind = 'participant' WHERE kind = 'media'")
    told = harvest(db, "audit", "E", "--result")[1]
    assert "4.9604 (4.1420–5.9405, 95 %); no ratio by the labels" in told
    assert "28 answers are about labels that changed since." in told


def test_labels_that_were_overruled_after_the_audit(worked, tmp_path):
    """The four media that were participants are overruled; the others of their class stand as they were answered."""
    db = tmp_path / "h.db"
    db.write_bytes(worked.read_bytes())
    with closing(open_db(db)) as conn, write_tx(conn):
        wrong = conn.execute(
            """SELECT p.author_id FROM audits t JOIN posts p ON p.id = t.post_id
               WHERE predicted = 'media' AND truth = 'participant'"""
        ).fetchall()
        for row in wrong:
            conn.execute("UPDATE labels SET kind = 'participant', decided_by = 'human' WHERE author_id = ?", tuple(row))
            conn.execute("INSERT INTO overrides (event, author_id, field, value, at)"
                         " VALUES ('E', ?, 'kind', 'participant', '2017-02-01T00:00:00Z')", tuple(row))  # fmt: skip
    told = harvest(db, "audit", "E", "--result")[1]
    assert len(wrong) == 4
    assert "4.9604 (4.1420–5.9405, 95 %); 5.5833 by the labels" in told


# The sheet.


def sheet(db, path):
    assert harvest(db, "audit", "E", "--export", str(path))[0] == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path, rows, encoding="utf-8-sig", delimiter=","):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


TRUTH = f"truth ({', '.join(TRUTHS)})"


def test_the_sheet_is_blind_and_comes_back(small, tmp_path):
    rows = sheet(small, tmp_path / "s.csv")
    assert list(rows[0]) == ["post", "title", "address", "author", "published", TRUTH, "drawn"]
    assert len(rows) == 6
    assert rows[0]["author"].startswith("青井 空 (note:w")
    body = "".join(value for row in rows for value in row.values())
    assert not any(kind in body for kind in ("participant", "media", "organiser", "unknown"))
    for row, truth in zip(rows, ("participant", "Media", "主催", "?", "off topic", ""), strict=True):
        row[TRUTH] = truth
    fill(tmp_path / "s.csv", rows, "cp932", ";")
    code, told = harvest(small, "audit", "E", "--import", str(tmp_path / "s.csv"), "--who", "Aoi")
    assert (code, "E: 5 new, 1 without an answer" in told) == (0, True), told
    with closing(open_db(small, "ro")) as conn:
        assert {row[0] for row in conn.execute("SELECT auditor FROM audits")} == {"Aoi"}
    assert sorted(truth for _, truth in stored(small).values()) == [
        "media", "off_topic", "owned", "participant", "unknown",
    ]  # fmt: skip
    assert {number: predicted for number, (predicted, _) in stored(small).items()}.items() <= {
        "0": "participant", "1": "participant", "2": "media", "3": "media", "4": "unknown", "5": "owned",
    }.items()  # fmt: skip
    assert "5 unchanged" in harvest(small, "audit", "E", "--import", str(tmp_path / "s.csv"))[1]
    assert len(sheet(small, tmp_path / "rest.csv")) == 1


def test_a_sheet_with_problems_stores_nothing_and_names_every_line(small, tmp_path, capsys):
    path = tmp_path / "s.csv"
    rows = sheet(small, path)
    for row, truth in zip(rows, ("participant", "blog", "media", "media", "media", "owned"), strict=True):
        row[TRUTH] = truth
    rows[2]["post"] = "https://elsewhere.example/"
    rows[3]["drawn"] = "yesterday"
    fill(path, [*rows, rows[0] | {TRUTH: "media"}])
    assert harvest_run(["audit", "E", "--import", str(path), "--db", str(small)]) == 2
    told = capsys.readouterr().err
    assert "s.csv: line 3: 'blog' is no answer; write one of participant, independent" in told
    assert "s.csv: line 4: no post 'https://elsewhere.example/' in this database" in told
    assert "s.csv: line 5: 'yesterday' is no moment" in told
    assert "s.csv: line 8: answers a post a second time, and differently" in told
    assert "Nothing was stored; mend the file and give it again." in told
    assert stored(small) == {}


def test_an_earlier_answer_is_replaced_only_when_told_so(small, tmp_path):
    path = tmp_path / "s.csv"
    rows = sheet(small, path)
    fill(path, [row | {TRUTH: "media"} for row in rows])
    assert harvest(small, "audit", "E", "--import", str(path))[0] == 0
    before = stored(small)
    fill(path, [row | {TRUTH: "owned"} for row in rows])
    assert harvest(small, "audit", "E", "--import", str(path))[0] == 2
    assert stored(small) == before
    assert "0 new, 6 replaced" in harvest(small, "audit", "E", "--import", str(path), "--replace")[1]
    assert {truth for _, truth in stored(small).values()} == {"owned"}
    assert [p for p, _ in stored(small).values()] == [p for p, _ in before.values()]


def test_an_answer_is_about_the_label_of_when_the_sheet_was_written(small, tmp_path):
    path = tmp_path / "s.csv"
    rows = sheet(small, path)
    with closing(open_db(small)) as conn, write_tx(conn):
        for at, kind in (("2016-12-05T00:00:00Z", "media"), ("2999-01-01T00:00:00Z", "organiser")):
            conn.execute("INSERT INTO decisions (event, author_id, value, at) SELECT event, author_id, ?, ?"
                         " FROM labels WHERE kind = 'media'", (f"{kind}, attendance none", at))  # fmt: skip
        conn.execute("UPDATE labels SET kind = 'organiser' WHERE kind = 'media'")
    fill(path, [row | {TRUTH: "media"} for row in rows])
    assert harvest(small, "audit", "E", "--import", str(path))[0] == 0
    assert {number: p for number, (p, _) in stored(small).items() if number in "23"} == {"2": "media", "3": "media"}


def test_a_sheet_is_never_written_over_and_a_wrong_file_is_told(small, tmp_path, capsys):
    path = tmp_path / "s.csv"
    path.write_text("answers of a week")
    assert harvest_run(["audit", "E", "--export", str(path), "--db", str(small)]) == 2
    assert path.read_text() == "answers of a week"
    assert harvest_run(["audit", "E", "--import", str(path), "--db", str(small)]) == 2
    path.write_text("url,title\nhttps://a.example/,t\n")
    assert harvest_run(["audit", "E", "--import", str(path), "--db", str(small)]) == 2
    assert "may hold answers" in capsys.readouterr().err
    path.write_text("subject,kind\nx:aoi,media\n")
    assert harvest_run(["audit", "E", "--import", str(path), "--db", str(small)]) == 2
    assert "needs the columns truth and post" in capsys.readouterr().err


def test_a_dash_is_no_file_of_that_name(small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words in (["audit", "E", "--export", "-"], ["report", "E", "-o", "-"], ["export", "E", "-o", "-"]):
        assert harvest_run([*words, "--db", str(small)]) == 2
        assert "-: is no file here" in capsys.readouterr().err
    assert not Path("-").exists()


# The dialogue.


class Terminal:
    """A `harvest audit` behind a pseudo-terminal of some width. Keys are sent when it reads them, not before."""

    def __init__(self, db, columns, *options):
        self.main, self.other = pty.openpty()
        termios.tcsetwinsize(self.other, (24, columns))
        command = [sys.executable, "-m", "harvester.cli", "audit", "E", "--db", str(db), *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=self.other, stdout=self.other, stderr=self.other, start_new_session=True
        )
        self.seen, self.decoder = "", codecs.getincrementaldecoder("utf-8")()

    def until(self, ready):
        end = time.monotonic() + 30
        while not ready():
            assert time.monotonic() < end, self.seen
            if select.select([self.main], [], [], 0.02)[0]:
                self.seen += self.decoder.decode(os.read(self.main, 1 << 16))

    def drain(self, wait):
        while select.select([self.main], [], [], wait)[0]:
            self.seen += self.decoder.decode(os.read(self.main, 1 << 16))

    def press(self, *keys):
        """Each key once the program waits for one, in raw mode; a typed-ahead key would be dropped."""
        for key in keys:
            self.until(lambda: not termios.tcgetattr(self.other)[3] & termios.ICANON)
            self.drain(0)
            at = len(self.seen)
            os.write(self.main, key.encode())
            self.until(lambda at=at: len(self.seen) > at and self.seen[at:].strip(" >\r\n"))

    def end(self):
        self.until(lambda: self.process.poll() is not None)
        self.drain(0.1)
        os.close(self.main)
        os.close(self.other)
        return self.process.returncode


@pytest.mark.parametrize("columns", [80, 40])
def test_a_human_answers_with_keys(small, columns):
    terminal = Terminal(small, columns)
    terminal.press("?", "z", "p", "m", "b", "ｏ", "e", "t", "\x1b[A", "\r", "u")
    terminal.press("q")
    assert terminal.end() == 0
    before, _, after = terminal.seen.partition("> owned")
    assert "E: 6 stories to ask about, 0 answered so far (seed 1)" in before
    assert "prior 0" not in before, "evidence was shown before anybody asked"
    assert "→ " in after
    lines = [line for line in terminal.seen.replace("\r\n", "\n").split("\n") if "harvest audit" not in line]
    card = [line.rpartition("\r")[2] for line in lines if not line.startswith("E: ")]
    assert max(width(line) for line in card) <= columns, card
    assert sorted(truth for _, truth in stored(small).values()) == ["owned", "participant", "unknown"]
    assert "3 answered and stored; `harvest audit E` goes on with 3" in terminal.seen


def test_ctrl_c_loses_nothing_and_the_audit_goes_on(small):
    terminal = Terminal(small, 80, "--who", "Aoi")
    terminal.press("p", "x")
    terminal.press("\x03")
    assert terminal.end() == 130
    first = stored(small)
    assert len(first) == 2
    terminal = Terminal(small, 80)
    terminal.press("m", "m", "m", "m")
    assert terminal.end() == 0
    assert "4 stories to ask about, 2 answered so far" in terminal.seen
    assert stored(small).items() >= first.items()
    assert len(stored(small)) == 6
    told = harvest(small, "audit", "E", "--export", "never-written.csv")[1]
    assert told == "E: all 6 stories of the sample are answered; see `harvest audit E --result`\n"
    assert not Path("never-written.csv").exists()


def test_a_terminal_that_goes_away_keeps_what_was_answered(small):
    terminal = Terminal(small, 80)
    terminal.press("p")
    terminal.until(lambda: not termios.tcgetattr(terminal.other)[3] & termios.ICANON)
    os.kill(terminal.process.pid, signal.SIGTERM)
    terminal.end()
    assert len(stored(small)) == 1
    assert harvest(small, "verify")[0] == 0


def test_a_strangers_title_cannot_steer_the_terminal(small):
    with closing(open_db(small)) as conn:
        post_id = conn.execute("SELECT min(id) FROM posts").fetchone()[0]
        card = audits.card(conn, "E", post_id)
    hostile = card | {"title": "\x1b[2Jgone\u202e", "text": "a\x07b" * 500, "bio": "\x9b31m", "publisher": "\rlie"}
    for columns in (20, 40, 80):
        lines = card_lines(hostile, columns)
        assert not [line for line in lines if not line.isprintable()]
        assert max(width(line) for line in lines) <= max(columns, 30)
    assert {part for line in legend(40) for part in line.split("  ")} >= {f"{k} {m}" for k, (_, m) in ANSWERS.items()}


def test_without_a_terminal_the_sheet_is_offered(small):
    with pytest.raises(ConfigError, match="--export FILE` writes the sample for a spreadsheet"):
        cli.main(["audit", "E", "--db", str(small)], standalone_mode=False)
    for options in (["--export", "a", "--result"], ["--json"], ["--replace"]):
        assert harvest(small, "audit", "E", *options)[0] == 2
    assert harvest(small, "audit", "nowhere", "--result")[0] == 2
    assert stored(small) == {}


# What becomes of answers.


def test_answers_survive_judging_again_backup_and_interchange(worked, tmp_path):
    db = tmp_path / "h.db"
    db.write_bytes(worked.read_bytes())
    before = stored(db)
    assert harvest(db, "classify", "E")[0] == 0
    assert stored(db) == before
    assert harvest(db, "backup", "--to", str(tmp_path / "copies"))[0] == 0
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("DELETE FROM audits")
    (copy,) = (tmp_path / "copies").glob("*.db*")
    assert harvest(db, "restore", str(copy), "--yes")[0] == 0
    assert stored(db) == before
    assert harvest(db, "export", "E", "-o", str(tmp_path / "e.jsonl"))[0] == 0
    other = tmp_path / "other.db"
    assert harvest(other, "import", "E", str(tmp_path / "e.jsonl"))[0] == 0
    assert stored(other) == before
    assert "4.9604 (4.1420–5.9405" in harvest(other, "audit", "E", "--result")[1]


def test_answers_go_with_the_post_that_is_forgotten(worked, tmp_path):
    db = tmp_path / "h.db"
    db.write_bytes(worked.read_bytes())
    before = stored(db)
    assert harvest(db, "forget", "note:w1", "--yes")[0] == 0
    assert before.keys() - stored(db).keys() == {"1"}
    assert "119 of 199 counted written stories" in harvest(db, "audit", "E", "--result")[1]


def test_a_story_that_is_no_longer_counted_leaves_the_result(worked, tmp_path):
    db = tmp_path / "h.db"
    db.write_bytes(worked.read_bytes())
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute("UPDATE event_posts SET counted = 0 WHERE post_id IN (SELECT post_id FROM audits LIMIT 3)")
    told = harvest(db, "audit", "E", "--result")[1]
    assert "117 of 197 counted written stories asked about" in told
    assert "3 answers are about stories that are not counted any more" in told


# Weights.


@pytest.mark.parametrize(
    ("k1", "n1", "k0", "n0", "worth"),
    [
        (40, 50, 5, 50, 8.67), (0, 30, 0, 30, 0.0), (30, 30, 0, 30, 17.85), (400, 400, 0, 400, 20.0),
        (0, 400, 400, 400, -20.0),
    ],
)  # fmt: skip
def test_a_weight_from_counts(k1, n1, k0, n0, worth):
    assert weights.weight(k1, n1, k0, n0) == pytest.approx(worth, abs=5e-3)


def test_weights_are_compared_for_sides_with_enough_answers():
    rules = table("role").rules
    items = [Audited("community", 1.0, frozenset({("H2", "community")} if n < 36 else ())) for n in range(40)]
    items += [Audited("media", 1.0, frozenset({("H1", "media"), ("D5", "media")} if n < 25 else ())) for n in range(30)]
    items += [Audited("owned", 1.0, frozenset({("H2", "community"), ("S1", "owned")})) for n in range(10)]
    found = {(e.rule, e.side): e for e in weights.estimates(items, rules)}
    assert found["H2", "community"].weight == pytest.approx(weights.weight(36, 40, 10, 40))
    assert found["H1", "media"].weight == pytest.approx(weights.weight(25, 30, 0, 50))
    assert (found["D5", "media"].state, found["D5", "media"].weight) == ("fixed", None)
    assert (found["H11", "owned"].state, found["S1", "owned"].state) == ("few", "few")
    assert found["H3", "community"].state == "silent"
    assert weights.enough(items) == {"community": 40, "media": 30}
    assert weights.enough(items[40:]) == {}


def test_a_story_weighs_as_many_as_it_was_drawn_from():
    """A rule that decides the class of what is drawn whole must not look commoner than it is among the others."""
    items = [Audited("community", 1.0, frozenset({("H1", "media")})) for _ in range(10)]
    items += [Audited("community", 4.5, frozenset()) for _ in range(20)]
    items += [Audited("media", 1.0, frozenset({("H1", "media")})) for _ in range(30)]
    (found,) = (e for e in weights.estimates(items, table("role").rules) if e.rule == "H1")
    assert found.outside == (pytest.approx(3.0), 30)
    assert found.inside == (pytest.approx(30.0), 30)


def test_weights_of_an_event(worked, tmp_path):
    db = tmp_path / "h.db"
    db.write_bytes(worked.read_bytes())
    code, told = harvest(db, "audit", "E", "--weights")
    assert (code, "(community 69, media 27, owned 24)" in told) == (0, True), told
    (line,) = (line for line in told.splitlines() if line.startswith("H1 "))
    assert "too few" in line
    with closing(open_db(db)) as conn, write_tx(conn):
        conn.execute(
            """INSERT INTO evidence (event, author_id, rule, grp, side, weight)
               SELECT 'E', p.author_id, 'H3', 'host', 'community', 6 FROM posts p JOIN audits t ON t.post_id = p.id
               WHERE t.truth = 'participant'"""
        )
        conn.execute("UPDATE audits SET truth = 'media' WHERE truth = 'owned'")
    code, told = harvest(db, "audit", "E", "--weights")
    assert code == 0, told
    (line,) = (line for line in told.splitlines() if line.startswith("H3 "))
    assert line.split()[:6] == ["H3", "community", "69.0/69", "0.0/51", "+6.0", "+20.0"]
    assert "Nothing is applied" in told
    found = json.loads(harvest(db, "audit", "E", "--weights", "--json")[1])
    assert (found["status"], found["per_side"]) == ("ok", {"community": 69, "media": 51})


def test_weights_are_refused_with_few_answers(small):
    code, told = harvest(small, "audit", "E", "--weights")
    assert code == 3
    assert "30 of a side and 30 of the others are needed" in " ".join(told.split())
    assert json.loads(harvest(small, "audit", "E", "--weights", "--json")[1])["status"] == "insufficient"


def test_the_clock_of_an_answer_is_utc(small, tmp_path):
    path = tmp_path / "s.csv"
    rows = sheet(small, path)
    fill(path, [row | {TRUTH: "media", "drawn": ""} for row in rows])
    assert harvest(small, "audit", "E", "--import", str(path))[0] == 0
    with closing(open_db(small, "ro")) as conn:
        (at,) = {row["at"] for row in conn.execute("SELECT at FROM audits")}
    assert abs((datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds()) < 60
