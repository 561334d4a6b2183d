"""Documentation that cannot rot: every command, source, table, event key and metric is described."""

import ast
import re
from pathlib import Path

import pytest

from harvester.cli import COMMANDS, _budgets, _listed
from harvester.crawl import catalogue
from harvester.event import EVENT_KEYS
from harvester.model import DATE_ORIGINS, FETCH_STATES
from harvester.report.build import MEASURES
from harvester.settings import HARVEST_PAGES
from harvester.store.open import open_db

ROOT = Path(__file__).parent.parent
PAGES = {path.name: path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]}
ALL = "\n".join(PAGES.values())
SOURCES = catalogue.load(("spiders",)).sources


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_and_helps_with_examples(name):
    import importlib

    command = importlib.import_module(f"harvester.cli.{COMMANDS[name][0]}").command
    assert f"harvest {name}" in ALL
    assert command.help, name
    assert "harvest " in (command.epilog or ""), f"{name} has no examples"


def test_every_table_and_view_is_described(tmp_path):
    conn = open_db(tmp_path / "h.db", "create")
    names = [r[0] for r in conn.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
    conn.close()
    ours = [n for n in names if not n.startswith(("posts_fts_", "sqlite_", "_sqlite"))]
    assert [n for n in ours if f"`{n}`" not in PAGES["schema.md"]] == []


def test_every_event_key_is_described():
    page = PAGES["event-file.md"]
    assert [key for key, meaning in EVENT_KEYS.items() if f"| `{key}` | {meaning} |" not in page] == []


def test_every_metric_and_state_is_described():
    names = set()
    for path in ROOT.glob("harvester/measure/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"M\d\d\.\w+", node.value)
            ):
                names.add(node.value)
    assert [n for n in sorted(names) if f"`{n}`" not in PAGES["measures.md"]] == []
    assert [m for m in MEASURES if f"## {m} " not in PAGES["measures.md"]] == []


def test_every_fetch_state_and_date_origin_is_described():
    assert [s for s in FETCH_STATES if f"`{s}`" not in PAGES["schema.md"]] == []
    assert [o for o in DATE_ORIGINS if f"`{o}`" not in PAGES["schema.md"]] == []


def described():
    """The sources in the tables of the page."""
    return re.findall(r"^\| `(\w+)` \| ", PAGES["sources.md"].partition("## Options of")[0], re.MULTILINE)


def test_every_source_that_the_demo_serves_is_described():
    """Others document themselves: `harvest sources` prints their label, what they add and their options."""
    served = {path.stem for path in ROOT.glob("harvester/demo/services/*.py")}
    sources = {path.stem for path in ROOT.glob("spiders/*.py")} & served - {"__init__"}
    rows = described()
    sections = re.findall(r"^## Options of (\w+)$", PAGES["sources.md"], re.MULTILINE)
    assert sorted(rows) == sorted(sections)
    assert sorted(sources - set(rows)) == []
    assert {"feeds", "blog"} <= set(rows)


def test_every_key_of_a_source_is_listed_with_where_to_get_it():
    section = PAGES["operating.md"].partition("## Credentials")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| .+ \| (.+) \|$", section, re.MULTILINE))
    assert rows == {name: where for name, _, where in _listed.keys_of(SOURCES[name] for name in described())}


def test_every_source_stands_under_its_state_with_its_budget():
    headings = {"on": "On: no key needed", "on +key": "On, and more with a key", "needs key": "Needs a key",
                "opt-in": "Opt-in"}  # fmt: skip
    for state, heading in headings.items():
        section = PAGES["sources.md"].partition(f"## {heading}\n")[2].partition("\n## ")[0]
        told = set()
        for line in re.findall(r"^\| `.+$", section, re.MULTILINE):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            told.add((cells[0].strip(" `"), *([cells[1]] if state != "on" else []), cells[-2]))
        kinds = [kind for kind in SOURCES.values() if state_of(kind) == state and kind.name in described()]
        assert told == {(kind.name, *([keys(kind)] if state != "on" else []), budget(kind)) for kind in kinds}


def state_of(kind):
    if kind.opt_in or kind.needs:
        return "opt-in" if kind.opt_in else "needs key"
    return "on +key" if kind.optional_keys else "on"


def keys(kind):
    return " and ".join(f"`{name}`" for name in (*kind.needs, *kind.optional_keys)) or "–"


def budget(kind):
    own = _budgets.short(_budgets.budget(kind, {}, None))
    return own or ("`[crawl] max_pages`" if kind.follows else f"{HARVEST_PAGES:,} requests")


def test_every_file_named_in_the_documents_exists():
    named = set(re.findall(r"`((?:harvester|spiders|tests|docs|events|benchmarks)/[\w/.-]+\.(?:py|md|toml))`", ALL))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_no_machine_path_or_index_host_is_committed():
    import subprocess

    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    bad = re.compile(r"--(?:extra-)?index|--find|--trusted|(?<![\w.])/(?:work|farm|root)/[a-z]")
    for name in files:
        path = ROOT / name
        if (
            path.suffix in (".py", ".toml", ".md", ".txt", ".cfg", ".in", "")
            and path.is_file()
            and path != Path(__file__)
        ):
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not bad.search(text), f"{name}: {bad.search(text)}"
