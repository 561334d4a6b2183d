"""Exports of other people's tools: every record stored or refused by a named reason, nothing added twice."""

import json
from itertools import islice

import pytest

from harvester.cli import run
from harvester.errors import InputError
from harvester.importers import Refused, detect
from harvester.model import Draft, Edge, Link
from harvester.store.open import open_db
from tests.conformance.data import DATA, files

EVENT = 'slug = "any"\nname = "Any"\nhashtags = ["any"]\nstarts = 2016-12-21\ntimezone = "Asia/Tokyo"\n'
X = [*files("api", "x_twarc2_jsonl"), *(path for path in [DATA / "api" / "x_archive" / "tweets.json"] if path.exists())]
TABLES = files("tweets", pattern="*.csv")
LISTS = files("urls", pattern="*.csv")
HOSTILE = [*files("bad"), *files("feeds", "w3c")[:200], *files("gold"), *files("events", "conference_data")]


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HARVEST_DB", str(tmp_path / "h.db"))
    event = tmp_path / "any.toml"
    event.write_text(EVENT, encoding="utf-8")

    def call(*paths):
        code = run(["import", str(event), *map(str, paths), "--json"])
        out = capsys.readouterr().out
        assert code == 0
        return json.loads(out)["files"]

    return call


def dump(path):
    conn = open_db(path, "ro")
    names = ("authors", "audience", "posts", "event_posts", "links", "reactions", "rejected", "frontier")
    found = {name: [tuple(row) for row in conn.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3")] for name in names}
    conn.close()
    return found


def complete(tally):
    ended = tally["new"] + tally["updated"] + tally["unchanged"] + tally["queued"] + sum(tally["rejected"].values())
    return tally["records"] == ended


def test_x_exports_lose_nothing_and_add_nothing_twice(cli, tmp_path, capsys):
    paths = [path for path in X if path.suffix in (".json", ".jsonl")]
    first = cli(*paths) if paths else []
    before = dump(tmp_path / "h.db") if paths else {}
    second = cli(*paths) if paths else []
    assert all(complete(tally) for tally in first + second)
    assert not any(tally["new"] or tally["updated"] or tally["queued"] for tally in second)
    assert not paths or dump(tmp_path / "h.db") == before
    by_name = {tally["file"]: tally for tally in first}
    if {"flat.jsonl", "noflat.jsonl"} <= by_name.keys():
        assert (by_name["flat.jsonl"]["new"], by_name["noflat.jsonl"]["unchanged"]) == (100, 100)
    with capsys.disabled():
        kept = sum(tally["new"] for tally in first)
        print(f"\nX exports: {len(paths)} files, {sum(t['records'] for t in first)} records, {kept} posts stored")


def test_tables_of_labelled_tweets_lose_nothing(cli, capsys):
    paths = [path for path in TABLES if "labeled" in path.name or "ontopic" in path.name][:6]
    tallies = cli(*paths) if paths else []
    assert all(complete(tally) and tally["format"] == "csv" for tally in tallies)
    kept = sum(tally["new"] + tally["updated"] + tally["unchanged"] for tally in tallies)
    records = sum(tally["records"] for tally in tallies)
    assert kept >= records * 0.99
    with capsys.disabled():
        print(f"\nlabelled tweets: {len(paths)} tables, {records} rows, {kept} kept")


def opened(path):
    """What the file is, or the one line that says why it is nothing."""
    try:
        file = detect.look(path)
        return file, list(islice(detect.read(file, zone="Asia/Tokyo"), 20_000))
    except InputError as error:
        return str(error), []


def test_lists_of_addresses_lose_nothing(capsys):
    found = [opened(path) for path in LISTS]
    read = [records for file, records in found if not isinstance(file, str)]
    assert all(isinstance(entry, Draft | Link | Edge | Refused) for records in read for entry in records)
    with capsys.disabled():
        print(f"\nlists of addresses: {len(read)} of {len(LISTS)} files read, {sum(map(len, read))} records")


def test_what_is_no_export_is_refused_in_one_line(capsys):
    found = [opened(path) for path in HOSTILE]
    refused = [file for file, _ in found if isinstance(file, str)]
    assert [text for text in refused if "\n" in text] == []
    assert len(refused) >= len(HOSTILE) * 0.95
    with capsys.disabled():
        print(f"\nfiles that are no export: {len(HOSTILE)} tried, {len(refused)} refused, no crash")
