"""The architecture as a test: who may import whom, and what only the edges may do."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted([*ROOT.glob("harvester/**/*.py"), *ROOT.glob("spiders/*.py")])
PURE = (
    "model", "errors", "event", "urls", "platforms", "dates", "date_forms", "text", "language", "charset", "feed",
    "article", "parse", "normalise", "relate", "classify", "bylines", "measure", "report", "budget", "options",
    "payloads", "walks", "cells", "contract", "missing", "found", "doctor.facts", "doctor.judge", "privacy", "traces",
    "outlets", "outlet_lists", "outlet_forms", "addresses", "known",
)  # fmt: skip
FOR_SPIDERS = (
    "source", "payloads", "walks", "contract", "model", "feed", "article", "text", "urls", "budget", "event", "errors",
    "outlets", "addresses", "deck_source",
)  # fmt: skip
# Each outside library lives in one place.
HOMES = {
    "charset_normalizer": ("harvester.charset",),
    "feedparser": ("harvester.feed",),
    "trafilatura": ("harvester.article",),
    "htmldate": ("harvester.article",),
    "ada_url": ("harvester.urls",),
    "sqlite_utils": ("harvester.store",),
    "pysqlite3": ("harvester.store.connection",),
    "click": ("harvester.cli",),
    "datasette": ("harvester.browse",),
    "jinja2": ("harvester.report.html",),
    "matplotlib": ("harvester.report.charts",),
    "matplotlib_fontja": ("harvester.report.charts",),
    "tweepy": ("harvester.walks.x_calls",),
    "scrapy": ("harvester.source", "harvester.settings", "harvester.crawl", "spiders"),
    "twisted": ("harvester.crawl",),
}
NEVER = {"requests", "httpx", "urllib3", "aiohttp", "pickle", "shelve", "dateparser"}


def dotted(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree):
    """(module imported, whether only for types) for every import anywhere in the file."""
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in typing_only) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, id(node) in typing_only
            yield from ((f"{node.module}.{alias.name}", id(node) in typing_only) for alias in node.names)


def within(name, homes):
    return any(name == home or name.startswith(home + ".") for home in homes)


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_follow_the_plan(path):
    name, tree = dotted(path), ast.parse(path.read_text(encoding="utf-8"))
    for target, typing_only in imports(tree):
        top = target.split(".")[0]
        if top in HOMES and not typing_only:
            assert within(name, HOMES[top]), f"{name} imports {target}; {top} belongs to {HOMES[top]}"
        assert top not in NEVER, f"{name} imports {target}"
        assert not (top == "sqlite3" and not typing_only), f"{name} imports sqlite3; use harvester.store.connection"
        if name.startswith("harvester"):
            assert top != "spiders", f"{name} imports {target}"
        if not name.startswith("harvester.cli"):
            assert not within(target, ("harvester.cli",)), f"{name} imports {target}"
        if name.startswith("spiders."):
            allowed = tuple(f"harvester.{m}" for m in FOR_SPIDERS)
            assert top != "harvester" or target == "harvester" or within(target, allowed), f"{name} imports {target}"
            assert top != "spiders", f"{name} imports another spider"
        if within(name, tuple(f"harvester.{m}" for m in PURE)) and not typing_only:
            forbidden = ("harvester.store", "harvester.crawl", "harvester.source", "harvester.settings", "os", "socket")
            assert not within(target, forbidden), f"{name} is pure and imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_only_the_edges_read_the_clock_or_sleep(path):
    name = dotted(path)
    if within(name, ("harvester.cli", "harvester.crawl", "harvester.demo")):
        return
    calls = {
        ast.unparse(n.func) for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)
    }
    assert not calls & {"datetime.now", "datetime.utcnow", "date.today", "time.time", "time.sleep"}, name


def test_nobody_sleeps_on_the_event_loop():
    for path in MODULES:
        assert "time.sleep(" not in path.read_text(encoding="utf-8"), path


def test_sql_lives_in_the_store():
    statements = ("SELECT ", "INSERT INTO", "DELETE FROM", "UPDATE ")
    for path in MODULES:
        name = dotted(path)
        if within(
            name,
            ("harvester.store", "harvester.browse", "harvester.measure", "harvester.crawl.archive", "harvester.demo"),
        ):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not node.value.lstrip().startswith(statements), f"{name}: {node.value[:60]}"
