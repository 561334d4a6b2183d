"""D7, D8: hostile words in the files that people open in a spreadsheet or a browser, and in Datasette's pages."""

import asyncio
import csv
import io
import re
import shutil
import subprocess

import pytest

from harvester.browse.serve import application
from harvester.cells import inert, line
from harvester.cli import run
from harvester.urls import is_web_url
from tests import markup
from tests.markup import ADDRESSES, GOOD, VECTORS
from tests.servers import Server, html

# D7: spreadsheets do not execute our data

FORMULAS = (
    "=1+1", "+1", "-2+3", "@x", "\t=1", "\r=1", "\n=1", "＝1+1", " =1",
    "＋1", "－1", "＠x", "﹦1", "\u3000=1", "\u200b=1", "\ufeff=1", "\xa0 \u200e=1", "\x00=1", "\u202e=1",
    " \t1", "-x", "−2+3", "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-5;", "--5",
)  # fmt: skip
HARMLESS = ("-5", "-0.25", "−5", "5", "a=1", "x-1", "参加", "", "'=1", '["=1"]', "https://a.example/?a=1", "日=1")
# What a spreadsheet would take for a formula, said in another way than the code says it.
BLANK = "".join(map(chr, (*range(0x21), *range(0x7F, 0xA1), 0xAD, *range(0x2000, 0x2010), *range(0x2028, 0x2030),
                          *range(0x205F, 0x2070), 0x3000, 0xFEFF)))  # fmt: skip


def is_formula(cell):
    return cell[:1] in ("\t", "\r", "\n") or cell.lstrip(BLANK)[:1] in tuple("=+-@＝＋－＠﹦﹢﹣﹫")


@pytest.mark.case("D7")
@pytest.mark.parametrize("cell", FORMULAS)
def test_d7_what_could_be_a_formula_is_text(cell):
    assert inert(cell) == f"'{cell}"
    (read,) = next(csv.reader(io.StringIO(line([cell]) + "\n", newline="")))
    assert read == f"'{cell}"


@pytest.mark.case("D7")
@pytest.mark.parametrize("cell", [-5, 5, -0.5, None, *HARMLESS])
def test_d7_numbers_and_plain_words_are_untouched(cell):
    assert inert(cell) == cell


@pytest.mark.case("D7")
@pytest.mark.parametrize(
    "command", [["export", "--format", "csv"], ["report", "--format", "csv"]], ids=["posts", "numbers"]
)
def test_d7_no_csv_of_ours_holds_a_formula(tmp_path, command):
    db, target = markup.database(tmp_path, (*FORMULAS, *HARMLESS), FORMULAS), tmp_path / "out.csv"
    assert run([*command, "e", "--db", str(db), "-o", str(target)]) == 0
    rows = list(csv.reader(io.StringIO(target.read_bytes().decode("utf-8-sig"), newline="")))
    assert len(rows) > 10
    assert {len(row) for row in rows} == {len(rows[0])}
    number = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?", re.ASCII)
    assert [cell for row in rows for cell in row if is_formula(cell) and not number.fullmatch(cell)] == []
    if command[0] == "export":
        titles = {row[rows[0].index("title")] for row in rows[1:]}
        assert {f"'{cell}" for cell in FORMULAS} | set(HARMLESS) <= titles | {""}


# D8: the HTML report is inert


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return markup.database(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def harmless(tmp_path_factory):
    """The same with a plain word for every vector and address."""
    words = [f"word{n}" for n in range(len(VECTORS))]
    return markup.database(tmp_path_factory.mktemp("harmless"), words, [f"place{n}" for n in range(len(ADDRESSES))])


def face(db, form):
    target = db.parent / f"report.{form}"
    assert run(["report", "e", "--db", str(db), "--format", form, "-o", str(target)]) == 0
    return target.read_text(encoding="utf-8")


@pytest.mark.case("D8")
def test_d8_hostile_words_make_no_element_and_are_all_there_to_read(hostile, harmless):
    page = face(hostile, "html")
    markup.assert_inert(page)
    assert markup.skeleton(page) == markup.skeleton(face(harmless, "html"))
    words = markup.text_of(page)
    assert [vector for vector in VECTORS if words.count(markup.as_shown(vector)) < 5] == []
    assert [address for address in ADDRESSES if markup.as_shown(address) not in words] == []


@pytest.mark.case("D8")
def test_d8_the_page_is_one_file_whose_policy_allows_styles_and_nothing_else(hostile):
    page = face(hostile, "html")
    policy = next(a["content"] for _, a in markup.tags(page) if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert page.index("Content-Security-Policy") < page.index("<title>") < page.index("<style>")
    assert '<html lang="en">' in page
    assert "prefers-color-scheme: dark" in page
    assert "@page { size: A4" in page
    elements = markup.tags(page)
    assert sum(tag == "table" for tag, _ in elements) == sum(tag == "caption" for tag, _ in elements) > 3
    links = [attributes for tag, attributes in elements if tag == "a" and not attributes["href"].startswith("#")]
    assert links == 2 * [{"href": GOOD, "rel": "noreferrer noopener", "lang": "ja"}]  # among all, and by day


@pytest.mark.case("D8")
def test_d8_markdown_holds_no_markup_either(hostile):
    text = face(hostile, "markdown")
    assert re.findall(r"\]\((.*?)\)", text.replace("\\[", "").replace("\\]", "")) == [f"<{GOOD.replace('&', '&amp;')}>"]
    bare = text.replace(f"](<{GOOD.replace('&', '&amp;')}>)", "")
    bare = re.sub(r"^(#+ |> |- |\*\*(?=.*\*\*$))|\*\*$", "", bare, flags=re.MULTILINE)
    bare = re.sub(r"^\| | \| | \|$", " ", bare, flags=re.MULTILINE).replace("[good", "good")
    assert set(re.sub(r"\\.|&(amp|lt|gt|quot);", "", bare)) & set('<>&"[]`*_|$#\\') == set()
    assert not re.search(r"(?<!\\)(://|www(?<!\\)\.)", bare)


@pytest.mark.case("D8")
def test_d8_the_terminal_prints_no_control_character(hostile, capsys):
    for options in (
        [],
        ["--json"],
        ["--format", "csv"],
        ["--metric", "M22"],
        ["--metric", "M02"],
        ["--format", "markdown"],
    ):
        run(["report", "e", "--db", str(hostile), *options])
        assert [c for c in capsys.readouterr().out if not c.isprintable() and c != "\n"] == [], options


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--virtual-time-budget=2000", "--dump-dom",
)  # fmt: skip


def opened(address, server, folder):
    """What a browser makes of a page; every host the page would ask leads to the server, those of its maker to none."""
    makers = "".join(
        f"MAP *.{host} ~NOTFOUND, " for host in ("google.com", "googleapis.com", "gstatic.com", "gvt1.com")
    )
    options = [f"--user-data-dir={folder}", f"--host-resolver-rules={makers}MAP * {server.address}"]
    done = subprocess.run(
        [BROWSER, *FLAGS, *options, address], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.case("D8")
def test_d8_opening_it_asks_nobody_for_anything(hostile, tmp_path):
    """Without a browser on the machine this asks the parsers alone, which the tests above do for every element."""
    page = face(hostile, "html")
    markup.assert_inert(page)
    if BROWSER is None:
        return
    server = Server({"/report.html": html(page)}).start()
    try:
        trap = tmp_path / "trap.html"
        trap.write_text("<title>t</title><img src=http://evil.example/x>", encoding="utf-8")
        opened(trap.as_uri(), server, tmp_path / "a")
        assert "/x" in [seen.path for seen in server.seen]  # so a request would be seen
        server.forget()
        seen = opened((hostile.parent / "report.html").as_uri(), server, tmp_path / "b")
        assert server.connections == 0
        assert markup.tree_tags(seen) == markup.tree_tags(page)  # no script has changed anything
        opened("http://report.example/report.html", server, tmp_path / "c")
        assert [asked.path for asked in server.seen] == ["/report.html"]
    finally:
        server.stop()


# Datasette: links lead to clean web addresses, everything else is text

PAGES = (
    "/h/events", "/h/event_items?_size=200", "/h/posts?_size=200", "/h/authors?_size=200", "/h/labels", "/h/gap_ledger",
    "/h/fetch_states", "/h/review_queue", "/h/posts/1", "/h/events/e",
    "/h/not_counted?event=e", "/h/explain?event=e", "/h/search?words=alert", "/h/frontier",
)  # fmt: skip


def pages(db):
    async def fetch():
        client = application(db).client
        return {path: await client.get(path) for path in PAGES}

    return {path: answer.text for path, answer in asyncio.run(fetch()).items() if answer.status_code == 200}


@pytest.mark.case("D8")
def test_datasette_shows_hostile_words_as_text(hostile, harmless):
    found, plain = pages(hostile), pages(harmless)
    assert list(found) == list(plain) == list(PAGES)
    for path, page in found.items():
        if "search" not in path:  # nothing is found among harmless words
            assert markup.skeleton(page) == markup.skeleton(plain[path]), path
        for tag, attributes in markup.tags(page):
            assert not [name for name in attributes if name.startswith("on")], (path, tag, attributes)
            href = attributes.get("href", "")
            inside = href.startswith(("/", "#", "?", ".")) and not href.startswith("//")
            assert not href or inside or is_web_url(href), (path, href)
    words = markup.text_of(found["/h/event_items?_size=200"])
    assert [vector for vector in VECTORS if markup.as_shown(vector) not in words] == []
    hrefs = [a for _, a in markup.tags(found["/h/event_items?_size=200"]) if a.get("href") == GOOD]
    assert hrefs == [{"href": GOOD, "rel": "noreferrer noopener"}]


@pytest.mark.case("D8")
@pytest.mark.parametrize("address", [a for a in ADDRESSES if a.startswith("http") and " " not in a])
def test_datasette_does_not_link_what_only_looks_like_an_address(tmp_path, address):
    db = markup.database(tmp_path, ["w1", "w2", "w3"], [address])
    page = pages(db)["/h/posts?_size=200"]
    ours = ("http://localhost/", "https://datasette.io/", GOOD)
    hrefs = [attributes.get("href", "") for _, attributes in markup.tags(page)]
    assert [href for href in hrefs if href.startswith("http") and not href.startswith(ours)] == []
    assert markup.as_shown(address) in markup.text_of(page)
