"""Reports of the worked fixture, through the real door: `harvest import` of interchange lines, `harvest report`."""

import asyncio
import csv
import io
import json
import os
import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.browse.serve import application
from harvester.cli import cli, run
from harvester.measure.names import METRICS
from harvester.model import FETCH_STATES
from harvester.report import listing
from harvester.report.layout import width
from harvester.report.words import number
from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests import markup
from tests.markup import markdown_tables, tables_of

ROOT = Path(__file__).parents[1]
FX = ROOT / "tests" / "fixtures" / "interchange" / "fx.jsonl"


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
    first = report(db, "--json", "--no-snapshot")
    assert json.loads(report(db, "--json", "--no-snapshot"))[0]["recipe"] == json.loads(first)[0]["recipe"]
    assert db.read_bytes() == before


def test_a_requested_measure_that_nobody_measured_exits_3(db, capsys):
    assert run(["report", "E1", "--db", str(db), "--metric", "M22.audit"]) == 3
    assert "unmeasured [labels_unchecked]" in capsys.readouterr().out
    assert run(["report", "E2", "--db", str(db), "--metric", "m02"]) == 0
    assert "M02.ratio written: 3.5 to 1 (7 : 2), 0.7 to 18.6 by chance, ok [few_media]" in capsys.readouterr().out


def test_unknown_event_and_metric_are_one_line(db, capsys):
    assert run(["report", "nope", "--db", str(db)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: no event 'nope'")
    assert error.count("\n") == 1
    assert run(["report", "E2", "--db", str(db), "--metric", "M99"]) == 2
    assert "M99: no such measure; there are\n  M01  volume: how much was written" in capsys.readouterr().err


def test_measures_are_named_singly_or_together_and_a_wrong_name_is_told_with_what_there_is(db, capsys):
    def asked(*words):
        code = run(["report", "E2", "--db", str(db), *words])
        return code, *capsys.readouterr()

    both = asked("--metric", "M02.ratio", "--metric", "M03")
    assert both[0] == 0
    assert asked("--metric", "m02.ratio, M03") == both
    code, out, error = asked("--metric", "M02.odds")
    assert (code, out) == (2, "")
    assert "M02.odds: no such number; M02 has M02.ratio, M02.share" in error
    assert asked("--metric", "M21.nps") == (0, "", "M21.nps: this event has no such row\n")
    assert asked("--metric", "M14.leader", "--public") == (0, "", "M14.leader: names people; --internal prints it\n")
    assert asked("--metric", "M14.leader")[2] == ""
    assert asked("--metric", "M17.return_phrases")[:2] == (3, "M17.return_phrases written: unmeasured [no_text]\n")


def test_every_number_has_a_name_that_can_be_asked_for(rows):
    page = (ROOT / "docs" / "measures.md").read_text("utf-8").partition("## Every number")[2]
    assert re.findall(r"^\| `(M\d\d\.\w+)` \|", page, re.MULTILINE) == sorted(METRICS)
    assert [row["metric"] for row in rows if row["metric"] not in METRICS] == []


def test_where_nobody_looked_the_first_sentence_counts_nothing_and_says_how_to_begin(tmp_path, capsys):
    event, lines, db = tmp_path / "e.toml", tmp_path / "e.jsonl", tmp_path / "h.db"
    event.write_text('name = "E"\nslug = "e"\nstarts = 2018-10-10\ntimezone = "UTC"\nhashtags = ["e"]\n', "utf-8")
    lines.write_text('{"type": "author", "author": "x:a"}\n', "utf-8")
    assert run(["import", str(event), str(lines), "--db", str(db)]) == 0
    capsys.readouterr()
    assert run(["report", "e", "--db", str(db)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Nobody has looked for articles yet: no source on record. Media were not checked" in told
    assert "harvest crawl e harvest import e FILE" in told
    assert "participant stories" not in told


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


def of_csv(text):
    """The rows of the output contract back out of their CSV."""
    for line in csv.DictReader(io.StringIO(text)):
        row = {}
        for column, cell in line.items():
            key, _, inner = column.partition(".")
            free = key in ("variants", "by", "flags", "series", "window", "value", "num", "den", "day_of_28") or inner
            is_text = inner in ("why", "method", "meaning") or not free
            value = cell if is_text else json.loads(cell) if cell else None
            if inner:
                row.setdefault(key, {})[inner] = value
            else:
                row[key] = value
        for key in ("ci", "bounds"):
            row[key] = row[key] if any(value not in (None, "") for value in row[key].values()) else None
        yield row


def without_moment(rows):
    return [{key: value for key, value in row.items() if key not in ("as_of", "day_of_28")} for row in rows]


def test_who_sees_people_unless_told(db):
    for form, people in (("terminal", 1), ("json", 1), ("csv", 1), ("markdown", 0), ("html", 0)):
        told = report(db, "--format", form)
        assert bool(re.search(r"M14\.leader|LEADERS|Leader candidates", told)) is bool(people), form
        assert not re.search(r"M14\.leader|LEADERS|Leader candidates", report(db, "--format", form, "--public")), form
        assert re.search(r"M14\.leader|LEADERS|Leader candidates", report(db, "--format", form, "--internal")), form


@pytest.mark.parametrize("event", ["E1", "E2"])
def test_every_face_tells_the_same_numbers(db, event):
    rows = json.loads(report(db, "--json", event=event))
    assert without_moment(json.loads(report(db, "--format", "json", event=event))) == without_moment(rows)
    brief = [row | {"variants": {k: v for k, v in row["variants"].items() if k != "lines"}} for row in rows]
    assert without_moment(of_csv(report(db, "--format", "csv", event=event))) == without_moment(brief)
    html = report(db, "--format", "html", "--internal", event=event)
    markdown = report(db, "--format", "markdown", "--internal", event=event)
    shown = tables_of(html)
    told = markdown_tables(markdown)
    assert {caption: shown[caption] for caption in told} == told
    assert [c for c in shown if c not in told and not c.startswith(("In the chart: ", "By day in "))] == []
    numbers = shown["Every number of this report"]
    assert [line[0] for line in numbers] == [row["metric"] for row in rows]
    for line, row in zip(numbers, rows, strict=True):
        share = row["unit"] == "share" and row["value"] is not None
        digits = 1 if (row["den"] or 0) >= 100 else 0
        value = f"{100 * row['value']:.{digits}f} %" if share else number(row["value"])
        if row["status"] not in ("ok", "truncated"):
            value = "n/a"  # a state, and no value
        assert line[2].removeprefix("≥") == value, row
        assert line[4] == ("" if row["den"] is None else f"{number(row['num'])} / {number(row['den'])}")
        assert (line[6], line[7]) == (row["status"], ", ".join(row["flags"]))
        made_of = [f"{name} {number(n)}" for name, n in row["by"].items() if isinstance(n, int | float) and n]
        assert line[8] == " · ".join(made_of)
    kinds = {row["kind"]: row for row in rows if row["metric"] == "M01.volume" and row["kind"]}
    terminal = report(db, event=event).splitlines()
    for line in shown["Counted stories by kind and author"]:
        row = kinds.get(line[0].replace(" ", "_"))
        if row:
            assert [int(cell) for cell in line[1:8]] == [*row["by"].values(), row["value"]]
            (printed,) = [told.split() for told in terminal if told.split()[:1] == [row["kind"]]]
            assert printed[1:] == line[1:8]
    listed = [caption for caption in shown if caption.endswith("counted") and ":" in caption]
    assert sum(len(shown[caption]) for caption in listed) == sum(row["value"] for row in kinds.values())
    days = sum(entry["n"] for row in rows if row["metric"] == "M05.timeline" for entry in row["series"])
    assert sum(int(line[-1]) for line in shown["Stories per day in Asia/Tokyo"]) == days


def test_the_page_says_why_each_post_counts_or_does_not(db):
    shown = tables_of(report(db, "--format", "html"))
    articles = shown["Articles: 13 counted"]
    assert [line[0] for line in articles[:7:6]] == ["2016-12-21", "undated"]
    assert [line[3].split()[0] for line in articles[6:8]] == ["participant", "independent"]
    assert {line[-1] for line in articles} == {"a human said so"}
    assert {line[3].split()[0] for line in articles} >= {"participant", "media", "unknown"}
    left = shown["5 posts found and not counted"]
    assert sorted(line[-1] for line in left) == ["crosspost", "repost", "syndicated", "thread part", "thread part"]


def test_a_judged_post_shows_the_rules_that_fired(tmp_path, capsys):
    db, lines, event = tmp_path / "j.db", tmp_path / "urls.jsonl", tmp_path / "e.toml"
    event.write_text(
        'name = "Foo Meetup"\nslug = "e"\nstarts = 2018-10-10\ntimezone = "Asia/Tokyo"\nhashtags = ["foomeetup"]\n',
        encoding="utf-8",
    )
    tweet = {"id_str": "1", "full_text": "hello #FooMeetup", "created_at": "Wed Oct 10 20:19:24 +0000 2018",
             "user": {"screen_name": "a", "name": "A", "id_str": "9"}, "entities": {}}  # fmt: skip
    lines.write_text(json.dumps(tweet) + "\n", encoding="utf-8")
    assert run(["import", str(event), str(lines), "--db", str(db)]) == run(["classify", "e", "--db", str(db)]) == 0
    capsys.readouterr()
    html = report(db, "--format", "html", event="e")
    (line,) = tables_of(html)["Posts: 1 counted"]
    assert line[0] == "2018-10-11"
    assert "hashtag" in line[-1]
    assert "#FooMeetup" in line[-1]
    assert "2018-10-09 15:00 UTC to" in markup.text_of(html)


def test_a_page_is_cut_where_it_would_get_too_long(db, monkeypatch):
    monkeypatch.setattr(listing, "LONGEST", 3)
    html = report(db, "--format", "html")
    assert len(tables_of(html)["Articles: 13 counted"]) == 3
    assert "10 more: `harvest export E2 --format csv` lists them." in markup.text_of(html)


def test_people_who_opted_out_are_on_no_page(tmp_path):
    path = tmp_path / "o.db"
    told = tmp_path / "opted.jsonl"
    told.write_text('{"type": "author", "author": "a01", "name": "Aoi Optout", "opted_out": 1}\n', encoding="utf-8")
    assert run(["import", "E2", str(FX), str(told), "--db", str(path)]) == 0
    for form in ("terminal", "json", "csv", "markdown", "html"):
        assert "Optout" not in report(path, "--format", form)
    assert len(tables_of(report(path, "--format", "html"))["Articles: 11 counted"]) == 11


def test_formats_that_contradict_and_files_that_cannot_be_written(db, tmp_path, capsys):
    assert run(["report", "E2", "--db", str(db), "--json", "--format", "csv"]) == 2
    assert "keep one" in capsys.readouterr().err
    assert run(["report", "E2", "--db", str(db), "--format", "html", "--metric", "M02"]) == 2
    assert "with --metric" in capsys.readouterr().err
    assert run(["report", "E2", "--db", str(db), "-o", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err
    assert run(["report", "E2", "--db", str(db), "-o", str(tmp_path / "no" / "r.txt")]) == 2
    assert list(tmp_path.iterdir()) == []
    assert (
        run(["report", "E2", "--db", str(db), "--format", "csv", "-o", str(tmp_path / "r.csv"), "--metric", "M02"]) == 0
    )
    assert capsys.readouterr().out == ""
    (written,) = tmp_path.iterdir()
    assert written.read_bytes().startswith(b"\xef\xbb\xbfmetric,event")
    assert written.stat().st_mode & 0o077 == 0
    assert [row["metric"] for row in of_csv(written.read_text(encoding="utf-8-sig"))] == ["M02.ratio", "M02.share"]


def test_a_link_stays_a_link_and_what_is_no_file_is_written_to_and_not_replaced(db, tmp_path):
    link, target, pipe = tmp_path / "latest.txt", tmp_path / "kept.txt", tmp_path / "pipe"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    words = ["report", "E2", "--db", str(db), "--no-snapshot", "--metric", "M02", "-o"]
    assert run([*words, str(link)]) == 0
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith("M02.ratio written: 3.5 to 1")
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, "utf-8")
        assert run([*words, str(pipe)]) == 0
        assert read.result(timeout=10) == target.read_text("utf-8")
    assert pipe.is_fifo()
    assert {one.name for one in tmp_path.iterdir()} == {"latest.txt", "kept.txt", "pipe"}


def test_two_leaders_of_one_name_are_told_apart_and_those_left_out_are_counted(tmp_path):
    db, lines = tmp_path / "h.db", tmp_path / "l.jsonl"
    post = {"type": "post", "kind": "article", "platform": "qiita", "published_at": "2016-12-22T01:00:00Z"}
    records = [{"type": "event", "event": "e", "name": "E", "starts_at": "2016-12-21T10:00:00Z", "media_outlets": 3}]
    for n in range(7):
        name = "Aoi" if n in (0, 1) else f"Writer {n}"
        records += [
            {"type": "author", "author": f"qiita:w{n}", "name": name},
            {"type": "label", "event": "e", "author": f"qiita:w{n}", "kind": "participant"},
            post | {"post": f"p{n}", "url": f"https://qiita.example/{n}", "author": f"qiita:w{n}", "event": "e"},
            {"type": "edge", "event": "e", "edge_type": "bookmark", "actor": f"x:r{n}", "target": f"p{n}",
             "at": "2016-12-22T02:00:00Z"},
        ]  # fmt: skip
    lines.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    assert run(["import", "e", str(lines), "--db", str(db)]) == 0
    text = report(db, "--no-snapshot", event="e")
    assert "Aoi qiita:w0 (picked up by 1)" in text
    assert "Aoi qiita:w1 (picked up by 1)" in text
    assert "Writer 2 (picked up by 1)" in text
    assert " · and 2 more\n" in text
    assert "harvest report e --format html -o e.html\n" in text, "a page is no text for a terminal"


def test_named_fetch_states_stand_in_status_in_every_report_and_in_datasette(tmp_path, capsys):
    path = tmp_path / "f.db"
    assert run(["import", "E2", str(FX), "--db", str(path)]) == 0
    rows = [("E2", "blog", str(n), f"https://h.example/{n}", "h.example", "done" if s == "ok" else "failed", s)
            for n, s in enumerate(FETCH_STATES)]  # fmt: skip
    rows.append(("E2", "feeds", "w", "https://h.example/w", "h.example", "todo", None))
    with closing(open_db(path, "rw")) as conn, write_tx(conn):
        conn.executemany(
            "INSERT INTO frontier (event, source, fingerprint, url, host, state, reason, added_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'x')",
            rows,
        )
    capsys.readouterr()
    for command in (["status"], ["status", "E2", "--json"]):
        run([*command, "--db", str(path)])
        told = capsys.readouterr().out
        assert [state for state in FETCH_STATES if state not in told] == [], command
    quality = report(path).partition("QUALITY")[2]
    assert [state for state in (*FETCH_STATES, "waiting") if f"{state} 1" not in quality] == []
    assert max(width(line) for line in quality.splitlines()) <= 96
    row = one(json.loads(report(path, "--json")), "M22.fetches")
    assert row["by"] == dict.fromkeys((*FETCH_STATES, "waiting"), 1)
    for form in ("markdown", "html", "csv"):
        told = report(path, "--format", form).replace("\\", "")
        assert [state for state in FETCH_STATES if state not in told] == [], form
    html = tables_of(report(path, "--format", "html"))
    (pages,) = [lines for caption, lines in html.items() if caption.startswith("Pages by what became of them")]
    assert {tuple(line) for line in pages} >= {("blog", "failed", "soft_404", "1"), ("feeds", "todo", "", "1")}

    async def fetch():
        return await application(path).client.get("/f/fetch_states.json?_shape=array&_size=max")

    found = {row["reason"] for row in asyncio.run(fetch()).json()}
    assert set(FETCH_STATES) <= found


def test_what_the_page_is_made_of_is_in_the_wheel():
    root = Path(__file__).parent.parent
    patterns = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    packed = {path for pattern in patterns["harvester"] for path in (root / "harvester").glob(pattern)}
    templates = set((root / "harvester" / "report" / "templates").iterdir())
    assert {path.name for path in templates} == {"report.html", "report.css"}
    assert templates <= packed


def test_the_reasons_of_a_source_are_told_once_and_the_first_of_them():
    from harvester.report.language import ENGLISH
    from harvester.report.terminal_quality import cut_short

    lines = [
        {"source": "m", "status": "partial", "reason": reason} for reason in ("a", "", "a", "b", "", "c", "d", "e")
    ]
    assert cut_short(lines, ENGLISH) == [
        "  m: partial a", "  m: partial b", "  m: partial c", "  m: 2 more reasons, see `harvest status`",
        "  m: 2 questions not read to the end",
    ]  # fmt: skip
