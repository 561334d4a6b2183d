"""Relevance and author kinds on hand-labelled pages of others: figures are printed, floors (`floors.toml`) hold.

Address, title, author and date are all the evidence these files hold. Real crawls have the page as well.
"""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.evaluate import command
from tests.conformance import data

FLOORS = tomllib.loads(Path(__file__).with_name("floors.toml").read_text("utf-8"))
EVENTS = Path(__file__).parents[2] / "events"


def figures(files, *arguments):
    """{name: figure} as floors name them, and the whole of what the command found."""
    given = [*map(str, files), "--events", str(EVENTS), "--json", *arguments]
    found = json.loads(CliRunner().invoke(command, given, catch_exceptions=False).output)
    wanted = {f"label.{key}": found["label"][key] for key in ("macro_f1", "decided_share", "decided_accuracy")}
    wanted |= {f"relevance.{key}": found["relevance"][key] for key in ("precision", "recall", "f1")}
    return {key: value for key, value in wanted.items() if value is not None}, found


def say(name, measured, found):
    lines = [f"\n{name}: {found['n']} pages"]
    lines += [f"  {key:<24} {value:.3f}" for key, value in measured.items()]
    lines += [
        f"  {label:<12} P {row['precision'] or 0:.2f}  R {row['recall'] or 0:.2f}  F1 {row['f1'] or 0:.2f}"
        f"  of {row['support']}"
        for label, row in found["label"]["classes"].items()
    ]
    print("\n".join(lines))


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_floors_hold_on_gold_pages(name, capsys):
    files = [path for wanted in FLOORS[name]["files"] for path in data.files("gold", pattern=wanted)]
    if not files:
        assert not data.files("gold"), f"{name}: no gold file of that name"
        return
    measured, found = figures(files, *FLOORS[name]["options"])
    with capsys.disabled():
        say(name, measured, found)
    floors = FLOORS[name]["at_least"]
    assert set(measured) == set(floors)
    assert {key: value for key, value in measured.items() if value < floors[key]} == {}


def test_every_event_of_the_gold_has_a_file(capsys):
    rows = data.jsonl("gold", "event_pages.jsonl")
    slugs = {path.stem for path in EVENTS.glob("*.toml")}
    named = {row["event"].removeprefix("aws-") for row in rows}
    with capsys.disabled():
        print(f"\nevents of the gold: {', '.join(sorted(named)) or 'none here'}")
    assert named <= slugs


def test_each_event_alone_is_not_carried_by_the_others(capsys):
    """Relevance by event: no event of ten pages and more is confirmed at random."""
    files = data.files("gold", pattern="event_pages.jsonl")
    if not files:
        return
    _, found = figures(files, "--by-event")
    with capsys.disabled():
        for name, one in found["events"].items():
            about, label = one["relevance"], one["label"]
            print(
                f"  {name:<20} {one['n']:>3} pages   relevance P {about['precision']} R {about['recall']}"
                f"   decided {label['decided_share']} right {label['decided_accuracy']}"
            )
    large = [one for one in found["events"].values() if one["n"] >= 10]
    assert all(one["relevance"]["precision"] >= 0.9 for one in large)
    assert all(one["label"]["decided_accuracy"] >= 0.85 for one in large)
