"""Reports of the worked fixture, through the real door: `harvest import` of interchange lines, `harvest report`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import cli, run
from harvester.report.layout import width

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("fx") / "fx.db"
    result = CliRunner().invoke(cli, ["import", "E2", str(FX), "--db", str(path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return path


def report(db, *options, event="E2"):
    result = CliRunner().invoke(
        cli, ["report", event, "--db", str(db), *options], catch_exceptions=False, standalone_mode=False
    )
    return result.output


@pytest.fixture(scope="module")
def rows(db):
    return json.loads(report(db, "--json"))


def one(rows, metric, group="", kind=""):
    found = [r for r in rows if r["metric"] == metric and group in ("", r["group"]) and kind in ("", r["kind"])]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("article", (7, 1, 0, 2, 0, 1, 11)),
        ("news", (0, 0, 2, 0, 0, 0, 2)),
        ("slides", (1, 0, 0, 0, 0, 0, 1)),
        ("micropost", (7, 0, 0, 1, 0, 1, 9)),
        ("press_release", (0, 0, 0, 0, 1, 0, 1)),
    ],
)
def test_volume(rows, kind, cells):
    row = one(rows, "M01.volume", kind=kind)
    found = [row["by"][c] for c in ("participant", "independent", "media", "owned", "aggregator", "unknown")]
    assert (*found, row["value"]) == cells
    assert row["status"] == "ok"


def test_what_was_seen_and_not_counted(rows):
    assert one(rows, "M01.not_counted")["by"] == {"crosspost": 1, "repost": 1, "syndicated": 1, "thread_part": 2}


def test_ratio(rows):
    row = one(rows, "M02.ratio")
    assert (row["value"], row["num"], row["den"], row["status"]) == (3.5, 7, 2, "ok")
    assert row["ci"]["lo"] == pytest.approx(0.6600, abs=5e-5)
    assert row["ci"]["hi"] == pytest.approx(18.5603, abs=6e-4)
    assert row["bounds"]["lo"] == pytest.approx(2.3333, abs=5e-5)
    assert row["bounds"]["hi"] == 4.0
    assert row["variants"]["placements"] == pytest.approx(2.6667, abs=5e-5)
    assert row["variants"]["broad"] == 4.0
    assert row["by"]["placements"] == [8, 3]
    assert row["flags"] == ["few_media"]
    assert one(rows, "M02.share")["value"] == pytest.approx(0.778, abs=5e-4)


def test_contributors(rows):
    people = {g: one(rows, "M03.contributors", g)["value"] for g in ("any", "written", "talk", "micro")}
    assert people == {"any": 6, "written": 5, "talk": 1, "micro": 5}
    assert one(rows, "M03.stories_per_writer")["value"] == 1.4


def test_timeline_in_the_events_zone(rows):
    row = one(rows, "M05.timeline", "written", "participant")
    days = {entry["day"]: entry["n"] for entry in row["series"]}
    assert days == {"2016-12-21": 1, "2016-12-22": 2, "2016-12-24": 1, "2016-12-28": 1, "2017-01-10": 1}
    assert row["by"]["undated"] == 1
    assert row["report_tz"] == "Asia/Tokyo"


def test_quality_says_what_is_unknown(rows):
    assert one(rows, "M22.unclassified")["num"] == 2
    assert one(rows, "M22.undated")["num"] == 1
    assert one(rows, "M22.audit")["status"] == "unmeasured"


def test_terminal_fits_96_columns_and_tells_the_same(db):
    text = report(db)
    assert max(width(line) for line in text.splitlines()) <= 96
    assert "3.5 : 1" in text
    assert "chance 0.7–18.6" in text
    assert "only 2 media stories" in text
    assert "2.3 if media, 4.0 if participant" in text
    assert not set(report(db, "--plain")) & set("█▁▂▃▄▅▆▇─")


def test_reading_twice_gives_the_same_and_writes_nothing(db):
    before = db.read_bytes()
    first = report(db, "--json")
    assert json.loads(report(db, "--json"))[0]["recipe"] == json.loads(first)[0]["recipe"]
    assert db.read_bytes() == before


def test_a_requested_measure_that_nobody_measured_exits_3(db, capsys):
    assert run(["report", "E1", "--db", str(db), "--metric", "M22.audit"]) == 3
    assert "unmeasured [labels_unchecked]" in capsys.readouterr().out
    assert run(["report", "E2", "--db", str(db), "--metric", "m02"]) == 0
    assert "M02.ratio written: 3.5 stories (7 of 2), 0.7 to 18.6 by chance, ok [few_media]" in capsys.readouterr().out


def test_unknown_event_and_metric_are_one_line(db, capsys):
    assert run(["report", "nope", "--db", str(db)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: no event 'nope'")
    assert error.count("\n") == 1
    assert run(["report", "E2", "--db", str(db), "--metric", "M99"]) == 2


def test_posts_that_nobody_judged_are_not_called_nothing(tmp_path, capsys):
    db, lines = tmp_path / "u.db", tmp_path / "tweets.jsonl"
    event = tmp_path / "e.toml"
    event.write_text(
        'name = "E"\nslug = "e"\nstarts = 2018-10-10\ntimezone = "UTC"\nhashtags = ["e"]\n', encoding="utf-8"
    )
    tweet = {"id_str": "1", "full_text": "hello #e", "created_at": "Wed Oct 10 20:19:24 +0000 2018",
             "user": {"screen_name": "a", "name": "A", "id_str": "9"}, "entities": {}}  # fmt: skip
    lines.write_text(json.dumps(tweet) + "\n", encoding="utf-8")
    assert run(["import", str(event), str(lines), "--db", str(db)]) == 0
    capsys.readouterr()
    assert run(["report", "e", "--db", str(db)]) == 0
    text = capsys.readouterr().out
    assert "1 post found and not judged yet: run `harvest classify e`" in text
    assert run(["classify", "e", "--db", str(db)]) == 0
    capsys.readouterr()
    assert run(["report", "e", "--db", str(db)]) == 0
    assert "not judged" not in capsys.readouterr().out
