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
    for name, text in (("zenn.py", source), ("case.json", case), ("body.xml", body), ("expected.json", expected)):
        (folder / name).write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("zenn", folder / "zenn.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Zenn


def test_the_example_finds_what_the_page_says(tmp_path):
    kind = written(tmp_path)
    case = Case(tmp_path, kind)
    assert told_of(case.found()) == json.loads(case.expected.read_text("utf-8"))


def test_the_example_asks_for_the_topics_of_the_event(tmp_path):
    kind = written(tmp_path)
    (tmp_path / "case.json").write_text('{"callback": "start"}', encoding="utf-8")
    urls = [request["url"] for request in told_of(Case(tmp_path, kind).found())["requests"]]
    assert urls[0] == "https://zenn.dev/topics/fooconf/feed"
    assert len(urls) == 2


def test_the_example_refuses_a_page(tmp_path):
    kind = written(tmp_path)
    (tmp_path / "body.xml").write_text("<!DOCTYPE html><html><title>ログイン</title><p>ログイン</p></html>", "utf-8")
    assert told_of(Case(tmp_path, kind).found())["error"].startswith("not_a_feed: the topic page")


def test_every_named_member_exists():
    from harvester import model, source

    text = PAGE.read_text("utf-8")
    for name in ("Draft", "Link", "Reaction", "Edge", "Attendance", "Parsed", "Note", "Cursor", "Spend", "Source",
                 "Drift", "Contract"):  # fmt: skip
        assert f"{name}" in text
        assert hasattr(model, name) or hasattr(source, name)
    for member in re.findall(r"`self\.(\w+)", text):
        assert hasattr(source.Source, member) or member in source.Source.__annotations__ or member == "used", member
