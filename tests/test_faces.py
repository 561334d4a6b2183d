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
from harvester.report.html_links import numbered, prose
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
    by_day = [row.find("th").text_content() for row in tree.get_element_by_id("by-day").iter("tr")]
    for cell in (cell for t in tree.iter("table") if "Stories per day" in t.text_content() for cell in t.iter("td")):
        for link in cell.iter("a"):
            place = tree.get_element_by_id(link.get("href")[1:])
            found = len(place.findall("tr")) if place.tag == "tbody" else by_day.count(link.get("href")[5:])
            assert found == int(link.text_content())


# A number on its own, as a reader sees one: no day, no part of a name, an address or a version.
DAY = re.compile(r"\d{4}-\d\d(-\d\d)?([ T]\d\d:\d\d)?|\d{4}年(\d+月)?(\d+日)?|\b20\d\d\.\d\b")
COUNTED = re.compile(r"(?<![\w#/.-])\d[\d,.]*(?![A-Za-z_/-])")
# Parts of a page whose numbers need no link, and why.
UNLINKED = (
    ("svg", "an image; the table below it holds its numbers, linked"),
    ("nav", "numbers of chapters"),
    ("h1", "a name"),
    ("h2", "numbers of chapters"),
    ("thead", "names of columns"),
    ("caption", "the name of a list with how long it is"),
    ("th", "the name of a line"),
    ("dt", "the name of a number, which is linked beside it (after day 7, within 72 h)"),
    ("small", "the address of a post"),
    ("footer", "what the report is"),
    ("#method", "how it was measured: where a link without a list ends"),
    ("#quality", "the lines of sources and pages are themselves the list"),
    ("#numbers", "where a link without a list ends"),
    ("#editions", "what the editions are"),
    ("#stories", "a list of posts"),
    ("#left-out", "a list of posts"),
    ("#by-day", "a list of posts"),
)


def loose(html):
    """(Number, place) of each number that nothing says where it leads to; none leads from zero."""
    names, found = {name for name, _ in UNLINKED}, []
    for element in lxml.html.document_fromstring(html).find("body").iter():
        for text, inside in ((element.text, element), (element.tail, element.getparent())):
            above = [] if inside is None or not text else [inside, *inside.iterancestors()]
            if not above or any(one.tag in names | {"a"} or f"#{one.get('id')}" in names for one in above):
                continue
            numbers = [n for n in COUNTED.findall(DAY.sub("", text)) if n != "0"]
            found += [(number, inside.get("class"), text) for number in numbers]
    return found


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("audience", ["--public", "--internal"])
def test_each_number_of_the_page_leads_to_its_posts_or_to_what_it_means(db, audience, language):
    assert loose("<body><p>Page 7</p>") == [("7", None, "Page 7")]
    page = report(db, "--format", "html", audience, "--lang", language)
    # How a list is made, and what English says in words: "one score", "five behaviours".
    rules = {"最大 10", "つ"} if language == "ja" else set()
    assert [found for found in loose(page) if not any(rule in found[2] for rule in rules)] == []
    tree = lxml.html.document_fromstring(page)
    for name, linked in (("Who stays beyond", 4), ("Steps on the", 7), ("Since the event", 10)) * (language == "en"):
        (table,) = (t for t in tree.iter("table") if t.find("caption").text_content().startswith(name))
        assert len(list(table.iter("a"))) >= linked, name


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_number_of_a_comparison_leads_to_the_numbers_of_the_editions(db, language):
    words = ["compare", "E1", "E2", "--db", str(db), "--format", "html", "--lang", language]
    result = CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)
    assert result.exception is None
    tree = lxml.html.document_fromstring(result.stdout)
    inside = {link.get("href")[1:] for link in tree.iter("a") if link.get("class") == "to"}
    assert "n-M01.volume-written-participant" in inside
    assert inside <= {element.get("id") for element in tree.get_element_by_id("numbers").iter("tbody")}
    assert [found for found in loose(result.stdout) if found[1] != "note"] == []  # "where it leaves out 1"
    assert_inert(result.stdout)


def test_what_nobody_looked_for_is_not_called_none(tmp_path):
    db, event = tmp_path / "n.db", tmp_path / "e.toml"
    event.write_text('name = "E"\nslug = "e"\nstarts = 2018-10-10\ntimezone = "UTC"\nhashtags = ["e"]\n', "utf-8")
    lines = tmp_path / "x.jsonl"
    lines.write_text('{"type": "author", "author": "x:a", "name": "A"}\n', "utf-8")
    result = CliRunner().invoke(cli, ["import", str(event), str(lines), "--db", str(db)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    shown = tables_of(report(db, "--format", "html", event="e"))["Counted stories by kind and author"]
    assert [(line[0], line[7]) for line in shown] == [
        (name, "not measured") for name in ("articles", "decks and videos", "posts")
    ]


def test_a_list_of_thousands_is_whole_and_no_name_stands_twice(tmp_path):
    lines, db = tmp_path / "e.jsonl", tmp_path / "e.db"
    event = {"type": "event", "event": "e", "name": "E", "starts_at": "2016-12-21T10:00:00Z",
             "ends_at": "2016-12-21T12:00:00Z", "timezone": "Asia/Tokyo"}  # fmt: skip
    posts = ({"type": "post", "post": f"p{n}", "url": f"https://a{n % 40}.example/{n}", "kind": "micropost",
              "platform": "x", "title": f"投稿 {n}", "author": f"x:a{n % 300}", "language": "ja",
              "published_at": f"2016-12-{21 + n % 8}T12:00:00Z", "events": [{"event": "e"}]}
             for n in range(3000))  # fmt: skip
    lines.write_text("".join(json.dumps(line) + "\n" for line in (event, *posts)), "utf-8")
    result = CliRunner().invoke(cli, ["import", "e", str(lines), "--db", str(db)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    page = report(db, "--format", "html", event="e")
    tree = lxml.html.document_fromstring(page)
    names = [element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id")]
    assert len(names) == len(set(names))
    for place in ("stories", "by-day"):
        assert len(tree.get_element_by_id(place).findall(".//tbody/tr")) == 3000
    assert len(page.encode()) < 4_000_000


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


@pytest.mark.parametrize(
    ("name", "text", "linked"),
    [
        ("PyCon JP 2016", "12 more than at PyCon JP 2016, of 2016", ["12", "2016"]),
        ("24 Hour Blog", "24 Hour Blog: 24 stories", ["24"]),
        ("", "2016-12-21 · 3.5 h · 66 % · v2 · #3 · 7〜9", ["3.5 h", "66 %", "7〜9"]),
        ("", "2016年12月21日に 7 本", ["7"]),
    ],
)
def test_a_number_in_a_sentence_is_a_link_and_one_in_a_name_is_none(name, text, linked):
    made = prose(text, {"there"}, "there", numbered([name]))
    assert re.findall(r'<a class="to" href="#there">([^<]+)</a>', made.replace("\N{NO-BREAK SPACE}", " ")) == linked
    assert made.striptags().replace("\N{NO-BREAK SPACE}", " ") == text
