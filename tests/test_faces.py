"""The same numbers on every face: terminal, Markdown, HTML with its links and drawings, JSON, CSV and Datasette."""

import asyncio
import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import lxml.html
import pytest
from click.testing import CliRunner

from harvester.browse.serve import application
from harvester.cli import cli
from tests.markup import assert_inert, tables_of, text_of

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
NUMBERS = "Every number of this report"


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("fx") / "fx.db"
    result = CliRunner().invoke(cli, ["import", "E2", str(FX), "--db", str(path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return path


def report(db, *options, event="E2"):
    words = ["report", event, "--db", str(db), "--no-snapshot", *options]
    result = CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)
    assert result.exception is None, result.output
    return result.stdout


@pytest.fixture(scope="module")
def rows(db):
    return json.loads(report(db, "--json", "--public"))


@pytest.fixture(scope="module")
def html(db):
    return report(db, "--format", "html")


def test_each_number_is_the_same_on_each_face(db, rows, html):
    sheet = list(csv.DictReader(io.StringIO(report(db, "--format", "csv", "--public"))))
    shown = tables_of(html)[NUMBERS]
    assert len(sheet) == len(shown) == len(rows) > 100
    for row, line, cells in zip(rows, sheet, shown, strict=True):
        assert line["metric"] == cells[0] == row["metric"]
        assert json.loads(line["value"] or "null") == row["value"]
        assert (line["status"], cells[6]) == (row["status"], row["status"])
        if isinstance(row["value"], int) and row["unit"] != "share" and row["status"] in ("ok", "truncated"):
            assert cells[2].removeprefix("≥").replace(",", "") == str(row["value"]), row
    terminal, page = report(db), text_of(html)
    for told in ("2 of 6 articles answered within 72 h", "7 of 12 new", "5,000–7,920", "6 of 12", "14.5 h"):
        assert told in " ".join(terminal.split()), told
    for told in ("7 participant and 2 media stories", "7 of 12 new", "5,000–7,920", "6 of 12", "14.5 h", "3.5 to 1"):
        assert told in page, told


def test_datasette_finds_the_posts_behind_each_number(db, rows):
    async def posts(row):
        asked = {"sql": row["query"], "event": row["event"], "group": row["group"], "kind": row["kind"]}
        answer = await application(db).client.get(f"/fx.json?{urlencode(asked | {'_shape': 'array', '_size': 'max'})}")
        assert answer.status_code == 200, (row, answer.text[:300])
        return answer.json()

    volumes = [row for row in rows if row["metric"] in ("M01.volume", "M05.timeline") and row["value"]]
    assert len(volumes) > 10
    for row in volumes:
        assert len(asyncio.run(posts(row))) == row["value"], row
    for row in rows:
        if row["query"]:
            asyncio.run(posts(row))


def test_each_link_leads_to_a_place_in_the_page_and_the_right_number_of_posts(html):
    tree = lxml.html.document_fromstring(html)
    names = [element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id")]
    assert len(names) == len(set(names))
    inside = [link for link in tree.iter("a") if link.get("href").startswith("#")]
    assert {link.get("href")[1:] for link in inside} <= set(names)
    assert len(inside) > 100
    table = next(
        t for t in tree.iter("table") if t.find("caption").text_content() == "Counted stories by kind and author"
    )
    linked = 0
    for cell in table.iter("td"):
        link = cell.find("a")
        if link is None or link.get("href").startswith("#stories"):
            continue
        place = tree.get_element_by_id(link.get("href")[1:])
        while place.tag != "tbody":
            place = place.getparent()
        assert len(place.findall("tr")) == int(link.text_content())
        linked += 1
    assert linked == 10
    for cell in (cell for t in tree.iter("table") if "Stories per day" in t.text_content() for cell in t.iter("td")):
        for link in cell.iter("a"):
            assert len(tree.get_element_by_id(link.get("href")[1:]).findall("tr")) == int(link.text_content())


def test_no_count_among_the_facts_is_without_a_link(html):
    tree = lxml.html.document_fromstring(html)
    facts = {
        dt.text_content(): dt.getnext() for dt in tree.iter("dt") if dt.getparent().getparent().getparent() is not None
    }
    loose = [name for name, dd in facts.items() if re.search(r"\d", dd.text_content()) and dd.find("a") is None]
    rules = {"Window", "Compares with", "Media list"}  # what is stated there is no count of posts
    assert set(loose) <= rules | {"Not in the ratio", "Since the event before", "Not covered at all"}, loose


def test_the_page_has_its_chapters_and_a_drawing_with_a_table_for_each_of_its_numbers(html):
    tree = lxml.html.document_fromstring(html)
    heads = [" ".join(h.text_content().split()) for h in tree.find("body").iter("h2")]
    assert heads == ["1 Who and how much", "2 When", "3 People", "4 How far", "5 Read these", "7 Topics", "8 Trend",
                     "9 How this was measured", "Behind the numbers"]  # fmt: skip
    drawn = {figure.get("id"): figure for figure in tree.iter("figure")}
    assert list(drawn) == [
        f"chart-{n}" for n in ("ratio", "volume", "timeline", "half-time", "people", "reach", "trend")
    ]
    for name, figure in drawn.items():
        assert len(figure.findall("svg")) == 2
        assert all(svg.get("aria-label") for svg in figure.iter("svg"))
        section = next(above for above in figure.iterancestors() if above.tag in ("section", "div"))
        assert section.find(".//table") is not None, name
    shown = tables_of(html)
    assert shown["In the chart: Articles"] == [["by participants", "7"], ["by media", "2"]]
    days = shown["In the chart: Articles per day, by author, and posts"]
    assert sum(int(cell) for line in days for cell in line[1:] if cell) == 13 + 9
    assert shown["In the chart: People who answered in public"] == [
        ["people who answered", "5"],
        ["not in the room", "3"],
    ]
    assert_inert(html)


def test_words_in_a_drawing_stay_words_and_no_colour_is_fixed(db):
    html = report(db, "--format", "html", "--lang", "ja")
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == 14
    texts = {text.text_content() for svg in drawings for text in lxml.html.fragment_fromstring(svg).iter("text")}
    assert {"参加者", "日付不明"} <= texts
    assert not re.search(r"#[0-9a-f]{6}|style=|font-family|rgb\(", "".join(drawings))


def test_two_runs_draw_the_same_bytes(db, tmp_path):
    from harvester.report.charts import draw

    report(db, "--charts", str(tmp_path / "a"))
    draw.svg.cache_clear()
    report(db, "--charts", str(tmp_path / "b"))
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "ab")
    assert first == second
    names = {"ratio", "volume", "timeline", "half-time", "people", "reach", "trend"}
    assert set(first) == {f"{name}.{form}" for name in names for form in ("svg", "png")}
    for name, contents in first.items():
        assert contents.startswith(b"\x89PNG" if name.endswith("png") else b"<svg xmlns=")
    lxml.html.fragment_fromstring(first["ratio.svg"].decode())


def told_the_same(text):
    """A report without its moment, which may tick between two of them."""
    return re.sub(r"\d\d:\d\d(:\d\dZ)?", "", text)


@pytest.mark.parametrize("form", ["terminal", "json", "csv", "markdown", "html"])
def test_rows_about_people_are_in_the_internal_report_only(db, form):
    public, internal = report(db, "--format", form, "--public"), report(db, "--format", form, "--internal")
    passed_on = form in ("markdown", "html")
    assert told_the_same(report(db, "--format", form)) == told_the_same(public if passed_on else internal)
    told = {"json": '"M14.leader"', "csv": "\nM14.leader"}.get(
        form, "worth a coffee" if form != "terminal" else "rising"
    )
    assert told in internal
    assert told not in public
    assert "M12.who" not in public
    if form == "html":
        assert "Reply to these" in internal
        assert "Reply to these" not in public
        assert "6 Leader candidates" in text_of(internal)


def test_a_report_without_posts_draws_nothing(tmp_path):
    db, event, folder = tmp_path / "n.db", tmp_path / "e.toml", tmp_path / "charts"
    event.write_text('name = "E"\nslug = "e"\nstarts = 2018-10-10\ntimezone = "UTC"\nhashtags = ["e"]\n', "utf-8")
    lines = tmp_path / "x.jsonl"
    lines.write_text('{"type": "author", "author": "x:a", "name": "A"}\n', "utf-8")
    result = CliRunner().invoke(cli, ["import", str(event), str(lines), "--db", str(db)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    html = report(db, "--format", "html", "--charts", str(folder), event="e")
    assert "<svg" not in html
    assert list(folder.iterdir()) == []
    assert_inert(html)
