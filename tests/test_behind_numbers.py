"""The list behind a number holds what the number counts, and who opted out is on no face, in no list and on no page of
Datasette: through `harvest import`, with posts outside the window and a person of two accounts."""

import asyncio
import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from harvester.browse.serve import application
from harvester.cli import cli
from harvester.store.open import open_db
from tests.test_report import FX

LINES = [json.loads(line) for line in FX.read_text("utf-8").splitlines()]
NAMED = "zq-handle"  # in no text of ours
BEFORE = {"event": "E2", "relevance": "confirmed", "counted": 1, "decided_by": "human"}
EARLY = [  # somebody's only story, three weeks ahead, and one of a month that the event lies in
    {"type": "post", "post": f"early{n}", "kind": "article", "platform": "qiita", "author": author,
     "published_at": at, "published_precision": precision, "events": [BEFORE]}
    for n, (author, at, precision) in enumerate([
        ("a77", "2016-12-01T00:00:00Z", "second"), ("a01", "2016-12-01T00:00:00Z", "second"),
        ("a02", "2016-12-01T00:00:00Z", "month"),
    ])
] + [{"type": "label", "event": "E2", "author": "a77", "kind": "participant", "side": "community"}]  # fmt: skip


def printed(*words):
    result = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False, standalone_mode=False)
    assert result.exception is None, result.output
    return result.stdout


def imported(folder, *records, name="in.jsonl"):
    lines, db = folder / name, folder / "h.db"
    lines.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    printed("import", "E2", lines, "--db", db)
    return db


def called(value, person):
    """The records with another handle for one person."""
    if isinstance(value, dict):
        return {key: called(entry, person) for key, entry in value.items()}
    if isinstance(value, list):
        return [called(entry, person) for entry in value]
    return NAMED if value == person else value


# What each row of a list counts towards, for numbers that count one by one.
ONE_BY_ONE = {
    "M01.volume": "value", "M03.contributors": "value", "M05.timeline": "value", "M08.new_share": "num",
    "M08.return_rate": "num", "M09.cohort": "value", "M10.contribution_rate": "num", "M12.potential": "den",
    "M12.who": "value", "M15.top_share": "den", "M20.transitions": "value",
}  # fmt: skip


@pytest.mark.parametrize("more", [(), EARLY], ids=["fixture", "with posts ahead of the event"])
def test_the_list_behind_a_number_is_as_long_as_the_number(tmp_path, more):
    db = imported(tmp_path, *LINES, *more)
    rows, checked = json.loads(printed("report", "E2", "--db", db, "--json", "--no-snapshot")), set()
    with closing(open_db(db, "ro")) as conn:
        for row in rows:
            if row["metric"] in ONE_BY_ONE and row["query"] and row["value"]:
                found = conn.execute(row["query"], {name: row[name] for name in ("event", "group", "kind")}).fetchall()
                assert len(found) == row[ONE_BY_ONE[row["metric"]]], (row["metric"], row["group"], row["kind"])
                checked.add(row["metric"])
    assert checked >= set(ONE_BY_ONE) - {"M12.potential"}
    if more:
        (volume,) = [row for row in rows if (row["metric"], row["kind"]) == ("M01.volume", "article")]
        assert volume["value"] == 12


def faces(db):
    """Name → text of everything that is printed about the event."""
    for form in ("terminal", "json", "csv", "markdown", "html"):
        yield form, printed("report", "E2", "--db", db, "--no-snapshot", "--format", form, "--internal")
        yield f"{form} again", printed("report", "--snapshot", 2, "--db", db, "--format", form, "--internal")
    yield "japanese", printed("report", "E2", "--db", db, "--no-snapshot", "--internal", "--lang", "ja")
    for form in ("terminal", "json", "csv", "html"):
        yield f"compare {form}", printed("compare", "E1", "E2", "--db", db, "--format", form)
    printed("report", "E2", "--db", db)
    yield "diff", printed("diff", 2, 3, "--db", db)
    yield "snapshots", printed("report", "E2", "--snapshots", "--db", db)
    yield "search", printed("search", "e", "--db", db)
    yield "posts", printed("export", "E2", "--format", "csv", "--db", db)


def pages(db):
    """The same of every page, list and canned query of Datasette, and of the list behind each number."""

    async def fetched():
        client, found = application(db).client, {}
        known = (await client.get("/h.json")).json()
        tables = [table["name"] for table in known["tables"] + known["views"]]
        for path in [f"/h/{table}{form}" for table in tables for form in ("", ".json?_size=max", ".csv")]:
            found[path] = (await client.get(path)).text
        for query in known["queries"]:
            found[query["name"]] = (await client.get(f"/h/{query['name']}?event=E2&author=x&words=x")).text
        for line in (await client.get("/h/event.json?event=E2&_shape=array")).json():
            if line["posts"]:
                answer = await client.get(line["posts"].replace("?", ".json?", 1))
                assert answer.status_code == 200, line
                found[line["posts"]] = answer.text
        assert (await client.get("/h/snapshots")).status_code == 403  # whole texts of before the wish
        return found

    return asyncio.run(fetched()).items()


@pytest.mark.parametrize("person", ["a01", "m01", "o01", "x11"])
def test_who_opts_out_is_on_no_face_and_no_page(tmp_path, person):
    who = {"type": "author", "author": NAMED, "name": "Zq-Name"}
    db = imported(tmp_path, *called(LINES, person), who)
    printed("report", "E1", "--db", db), printed("report", "E2", "--db", db)
    assert any(NAMED in text for _, text in pages(db))
    imported(tmp_path, who | {"opted_out": True}, name="wish.jsonl")
    told = [name for name, text in [*faces(db), *pages(db)] if "zq-" in text.lower()]
    assert told == []


def test_who_opts_out_with_one_account_is_gone_with_the_other(tmp_path):
    one = {"person": "P", "status": "confirmed"}
    who = {"type": "author", "author": NAMED, "people": [one]}
    other = {"type": "author", "author": "x:other", "people": [one]}
    db = imported(tmp_path, *called(LINES, "a01"), who, other)
    printed("report", "E1", "--db", db), printed("report", "E2", "--db", db)
    imported(tmp_path, other | {"opted_out": True}, name="wish.jsonl")
    told = [name for name, text in [*faces(db), *pages(db)] if NAMED in text]
    assert told == []
