"""The HTML report as a browser shows and prints it: real Chromium, both widths, light and dark, both languages."""

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from harvester.cli import cli

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
WIDTHS = (1280, 390)
REPORTS = {
    "fx": ("--internal",),
    "fx-ja": ("--internal", "--lang", "ja"),
    "demo-like": (),
    "demo-like-ja": ("--lang", "ja"),
}
KINDS = ("participant", "media", "independent", "organiser", "unknown")


def written():
    """An event with many posts in long words and three languages, as a well harvested one has."""
    yield {"type": "event", "event": "e", "name": "クラウド勉強会 2016 – a meetup with rather a long name",
           "city": "東京", "starts_at": "2016-12-21T10:00:00Z", "ends_at": "2016-12-22T12:00:00Z",
           "timezone": "Asia/Tokyo", "media_outlets": 12}  # fmt: skip
    for number in range(40):
        author = f"web:a{number}"
        yield {
            "type": "author",
            "author": author,
            "platform": "web",
            "handle": f"a{number}",
            "name": f"書き手 {number}",
        }
        yield {"type": "label", "event": "e", "author": author, "kind": KINDS[number % 11 % len(KINDS)]}
    for number in range(130):
        day = 21 + number % 9 if number % 3 else 21
        when = None if number % 31 == 30 else f"2016-12-{day}T{number % 24:02}:{number % 60:02}:00Z"
        kind = ("article", "micropost", "micropost", "slides", "article")[number % 5]
        title = (
            f"参加レポート{number}：とても長い題名が続きます" * 2,
            "Averyverylongwordthatdoesnotbreak" * 4,
            "행사 후기",
        )[number % 3]
        yield {"type": "post", "post": f"p{number}", "url": f"https://blog{number % 17}.example/{'entry' * 9}/{number}",
               "kind": kind, "platform": "x" if kind == "micropost" else "web", "title": title, "text": title,
               "author": f"web:a{number % 40}", "published_at": when, "language": ("ja", "en", "ko")[number % 3],
               "events": [{"event": "e", "counted": number % 13 != 12, "not_counted_reason": "crosspost"}]}  # fmt: skip


# Words of a drawing that lie on others.
COLLISIONS = """[...document.querySelectorAll('svg.drawn')].filter(e => e.checkVisibility()).flatMap(svg => {
  const found = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()])
  return found.flatMap(([a, p], i) => found.slice(i + 1)
    .filter(([_, q]) => Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1
                     && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 4)
    .map(([b]) => [svg.parentElement.id, a, b]))
})"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    lines = folder / "e.jsonl"
    lines.write_text("".join(json.dumps(line) + "\n" for line in written()), encoding="utf-8")
    made = {}
    for event, source in (("E2", FX), ("e", lines)):
        result = CliRunner().invoke(cli, ["import", event, str(source), "--db", str(folder / f"{event}.db")])
        assert result.exit_code == 0, result.output
    for name, options in REPORTS.items():
        event, made[name] = "E2" if name.startswith("fx") else "e", folder / f"{name}.html"
        words = ["report", event, "--db", str(folder / f"{event}.db"), "--no-snapshot", "--format", "html", *options]
        result = CliRunner().invoke(cli, [*words, "-o", str(made[name])], standalone_mode=False, catch_exceptions=False)
        assert result.exception is None, result.output
    made["compare"], made["empty"] = folder / "compare.html", folder / "empty.html"
    nobody = folder / "nobody.toml"
    nobody.write_text('name = "N"\nslug = "n"\nstarts = 2018-10-10\ntimezone = "UTC"\nhashtags = ["n"]\n', "utf-8")
    author = folder / "author.jsonl"
    author.write_text('{"type": "author", "author": "x:a", "name": "A"}\n', "utf-8")
    for words in (
        ["compare", "E1", "E2", "--db", str(folder / "E2.db"), "--format", "html", "-o", str(made["compare"])],
        ["import", str(nobody), str(author), "--db", str(folder / "n.db")],
        ["report", "n", "--db", str(folder / "n.db"), "--no-snapshot", "--format", "html", "-o", str(made["empty"])],
    ):
        result = CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)
        assert result.exception is None, result.output
    return made


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium")
    assert found, "`make browser` installs Chromium"
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


class Opened:
    """A page of a report in a window of its own, and everything that it said or asked for."""

    def __init__(self, browser, path, width, scheme="light", **more):
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
        self.page, self.said, self.asked = self.context.new_page(), [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*REPORTS, "compare", "empty"])
def test_a_page_is_quiet_asks_for_nothing_and_fits(browser, pages, name, width):
    with Opened(browser, pages[name], width, java_script_enabled=True) as seen:
        assert (seen.said, seen.asked) == ([], [pages[name].as_uri()])
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not seen.page.evaluate(wide)
        drawn = seen.page.locator("svg.drawn:visible")
        least = {"compare": 2, "empty": 0}.get(name, 4)
        assert drawn.count() == len(seen.page.locator("figure").all()) >= least
        for shape in drawn.all():
            box = shape.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        sizes = "[...document.querySelectorAll('svg.drawn')].filter(e => e.checkVisibility()).map("
        sizes += "e => e.getBoundingClientRect().width / e.viewBox.baseVal.width)"
        assert min(seen.page.evaluate(sizes), default=1) > 0.84  # words of 12 pixels stay readable
        assert seen.page.evaluate(COLLISIONS) == []


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("fx", 1280, "light"),
        ("fx-ja", 390, "dark"),
        ("demo-like", 390, "light"),
        ("demo-like-ja", 1280, "dark"),
        ("compare", 390, "dark"),
        ("empty", 1280, "light"),
    ],
)
def test_no_serious_finding_of_axe(browser, pages, name, width, scheme):
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    # The page's own policy lets no script run, not even this one.
    with Opened(browser, pages[name], width, scheme, bypass_csp=True) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        # Rows of one table are alike, and their number is what the time goes into.
        seen.page.evaluate(
            "document.querySelectorAll('table').forEach(t => [...t.rows].slice(5).forEach(r => r.remove()))"
        )
        seen.page.evaluate(axe)
        found = seen.page.evaluate("axe.run({resultTypes: ['violations', 'incomplete']})")
        assert len(found["passes"]) > 20
        worst = [
            (v["id"], v["nodes"][0]["html"]) for v in found["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert worst == []


def test_the_dark_page_is_dark_and_the_printed_one_is_light(browser, pages):
    ground = "getComputedStyle(document.body).backgroundColor"
    label = "getComputedStyle(document.querySelector('svg.drawn text')).fill"
    with Opened(browser, pages["fx"], 1280, "dark") as seen:
        assert seen.page.evaluate(ground) == "rgb(20, 23, 27)"
        assert seen.page.evaluate(label) == "rgb(230, 233, 237)"
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(ground) == "rgb(255, 255, 255)"
        assert seen.page.evaluate(label) == "rgb(0, 0, 0)"


@pytest.mark.parametrize("name", ["fx", "demo-like-ja"])
def test_it_prints_on_a4(browser, pages, name):
    with Opened(browser, pages[name], 1280, "dark") as seen:
        printed = seen.page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF-")
    boxes = {box.split(b"]")[0] for box in printed.split(b"/MediaBox [")[1:]}
    assert boxes == {b"0 0 594.95996 841.91998"}  # 210 by 297 mm in points, as this browser rounds them


def test_a_number_leads_to_its_posts_without_a_script(browser, pages):
    with Opened(browser, pages["fx"], 1280, java_script_enabled=False) as seen:
        seen.page.get_by_role("link", name="7", exact=True).first.click()
        assert seen.page.url.endswith("#written-participant")
        rows = seen.page.locator("tbody:has(:target) tr, tbody:target tr")
        assert rows.count() == 7
        assert rows.first.is_visible()


def test_a_narrow_page_shows_the_values_of_its_plain_tables(browser, pages):
    """The value beside a long name starts on the page, not beyond its edge."""
    second = """[...document.querySelectorAll('table:not(.stacks)')].filter(t => t.checkVisibility())
      .map(t => [t.caption.textContent, t.rows[1]?.cells[1]?.getBoundingClientRect().right ?? 0])"""
    for name in ("fx", "demo-like-ja"):
        with Opened(browser, pages[name], 390) as seen:
            beyond = [caption for caption, right in seen.page.evaluate(second) if right > 390]
            assert beyond == []


def test_a_chosen_ground_reaches_the_drawings(browser, pages):
    with Opened(browser, pages["fx"], 1280, "dark", forced_colors="active") as seen:
        fill = "getComputedStyle(document.querySelector('svg.drawn .f-paper')).fill"
        assert seen.page.evaluate(fill) == seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
