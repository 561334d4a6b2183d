"""The walk-through of docs/adding-a-source.md, taken literally."""

import importlib.util
import json
import re
from pathlib import Path

from tests.test_sources import Case, told_of

PAGE = Path(__file__).parent.parent / "docs" / "adding-a-source.md"


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def written(folder):
    """The files of the page, where it says they belong."""
    case, expected = blocks("json")
    source, body = blocks("python")[0], blocks("xml")[0]
    for name, text in (("substack.py", source), ("case.json", case), ("body.xml", body), ("expected.json", expected)):
        (folder / name).write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("substack", folder / "substack.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Substack


def row(name):
    """The answer and the expectation of one of the other cases, as the page's table has them."""
    line = next(line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{name}` |"))
    answer, expected = line.strip("| ").split(" | ")[1:]
    return answer, json.loads(expected.strip("`"))


def test_the_example_finds_what_the_page_says(tmp_path):
    kind = written(tmp_path)
    case = Case(tmp_path, kind)
    assert told_of(case.found()) == json.loads(case.expected.read_text("utf-8"))


def test_the_example_asks_for_the_newsletters_of_the_event_file(tmp_path):
    kind = written(tmp_path)
    (tmp_path / "case.json").write_text('{"callback": "start", "options": {"newsletters": ["a", "b"]}}', "utf-8")
    urls = [request["url"] for request in told_of(Case(tmp_path, kind).found())["requests"]]
    assert urls == ["https://a.substack.com/feed", "https://b.substack.com/feed"]
    (tmp_path / "case.json").write_text('{"callback": "start"}', "utf-8")
    assert told_of(Case(tmp_path, kind).found()) == {}


def test_the_other_cases_are_as_the_table_says(tmp_path):
    kind = written(tmp_path)
    body, case = (tmp_path / "body.xml").read_text("utf-8"), json.loads((tmp_path / "case.json").read_text("utf-8"))
    _, expected = row("empty")
    (tmp_path / "body.xml").write_text(re.sub(r"<item>.*</item>\n", "", body, flags=re.DOTALL), "utf-8")
    assert told_of(Case(tmp_path, kind).found()) == expected
    page, expected = row("broken")
    (tmp_path / "body.xml").write_text(page.split("`")[1], "utf-8")
    assert told_of(Case(tmp_path, kind).found()) == expected
    status, expected = row("throttled")
    assert '`"status": 429`' in status
    (tmp_path / "case.json").write_text(json.dumps(case | {"status": 429}), "utf-8")
    assert told_of(Case(tmp_path, kind).found()) == expected


def test_every_named_member_exists():
    from harvester import model, source

    text = PAGE.read_text("utf-8")
    for name in ("Draft", "Link", "Reaction", "Edge", "Attendance", "Parsed", "Note", "Cursor", "Spend", "Source",
                 "Drift", "Contract"):  # fmt: skip
        assert f"{name}" in text
        assert hasattr(model, name) or hasattr(source, name)
    for member in re.findall(r"`self\.(\w+)", text):
        assert hasattr(source.Source, member) or member in source.Source.__annotations__ or member == "used", member
