"""Whether every face of one report tells the same numbers: each row of the JSON, looked for in all the others.

Nothing of the printing code is used here: what a face shows is read as a number with so many digits, and must be the
JSON's value rounded to them.
"""

import asyncio
import csv
import io
import json
import re
from urllib.parse import quote

from click.testing import CliRunner

from harvester.browse.serve import application
from harvester.cli import cli
from harvester.report.build import MEASURES
from tests.markup import markdown_tables, tables_of

NUMBERS = "Every number of this report"
OBJECTS = ("variants", "by", "flags", "series", "window")
MEASURED = ("ok", "truncated")
A_NUMBER = re.compile(r"[-+−]?\d[\d,]*(?:\.\d+)?")
# M02.ratio written: 3.5 to 1 (7 : 2), 0.7–18.6 by chance, ok [few_media]
LINE = re.compile(r"(?P<name>M\d\d\.\w+)(?P<of>.*?): (?:(?P<value>.*), )?(?P<status>[a-z_]+)(?: \[(?P<flags>.*)\])?")


def printed(*words):
    result = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False, standalone_mode=False)
    assert result.exception is None, result.output
    return result.stdout


def numbers_in(text):
    """(number, worth of its last digit) of each number in a text."""
    found = [match.replace(",", "").replace("−", "-") for match in A_NUMBER.findall(text)]
    return [(float(one), 10.0 ** -len(one.partition(".")[2])) for one in found]


def tells(text, wanted):
    """Whether the numbers of a text are these, rounded."""
    told = numbers_in(text)
    return len(told) == len(wanted) and all(
        abs(number - exact) <= digit / 2 + 1e-9 for (number, digit), exact in zip(told, wanted, strict=True)
    )


def value_of(row):
    """[The value] as it is told, a share in percent; [] where the state allows none."""
    if row["status"] not in MEASURED or row["value"] is None:
        return []
    return [row["value"] * 100 if row["unit"] == "share" else row["value"]]


def parts_of(row):
    return [n for n in (row["num"], row["den"]) if n is not None and row["den"] is not None]


def ends_of(row):
    ends = [row["ci"]["lo"], row["ci"]["hi"]] if row["ci"] else []
    return [end * 100 if row["unit"] == "share" else end for end in ends if end is not None]


def assert_faces_agree(db, event):
    """Freeze a report, and compare what each face says of it, number by number; the rows of the JSON."""
    options = ("--db", db, "--internal")
    printed("report", event, *options)
    listed = json.loads(printed("report", event, "--db", db, "--snapshots", "--json"))
    again = ("report", "--snapshot", listed[0]["number"], *options)
    rows = json.loads(printed(*again, "--json"))
    assert rows
    _in_csv(rows, printed(*again, "--format", "csv"))
    page, wiki = (printed(*again, "--format", form) for form in ("html", "markdown"))
    for table in (tables_of(page)[NUMBERS], markdown_tables(wiki)[NUMBERS]):
        _in_table(rows, table)
    asked = [word for name in MEASURES for word in ("--metric", name)]
    _in_terminal(rows, printed(*again, "--format", "terminal", *asked).splitlines())
    _in_datasette(rows, db, event)
    return rows


def _in_csv(rows, text):
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        for name, cell in line.items():
            key, _, inner = name.partition(".")
            wanted = (row[key] or {}).get(inner) if inner else row[key]
            if key in OBJECTS:
                wanted = {k: v for k, v in wanted.items() if k != "lines"} if key == "variants" else wanted
                assert json.loads(cell) == wanted, (row["metric"], name)
            elif isinstance(wanted, int | float):
                assert float(cell) == wanted, (row["metric"], name)
            else:
                assert cell.removeprefix("'") == (wanted or "").removeprefix("'"), (row["metric"], name)


def _in_table(rows, table):
    assert len(table) == len(rows)
    for row, (name, of, value, unit, parts, spread, status, flags, _) in zip(rows, table, strict=True):
        where = (row["metric"], row["group"], row["kind"])
        assert (name, status, flags) == (row["metric"], row["status"], ", ".join(row["flags"])), where
        assert of == " ".join(p.replace("_", " ") for p in (row["group"], row["kind"]) if p), where
        assert unit == row["unit"], where
        assert tells(value, value_of(row)), (where, value)
        at_least = row["status"] == "truncated" and isinstance(row["value"], int)  # of a rate either side may lack some
        assert value.startswith("≥") == at_least, (where, value)
        assert tells(parts, parts_of(row)), (where, parts)
        assert tells(spread, ends_of(row)), (where, spread)


def _in_terminal(rows, lines):
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        found = LINE.fullmatch(line)
        assert found, line
        assert found["name"] == row["metric"]
        assert found["status"] == row["status"], line
        assert (found["flags"] or "") == ", ".join(row["flags"]), line
        value, text = value_of(row), found["value"] or ""
        if row["status"] in ("unmeasured", "not_applicable"):
            assert not text, line
            continue
        text = text.replace(" to 1 (", " (") if row["metric"].endswith("ratio") and value else text
        assert tells(text, [*value, *parts_of(row), *(ends_of(row) if value else [])]), line


def _in_datasette(rows, db, event):
    async def fetched():
        return await application(db).client.get(f"/{db.stem}/event.json?event={quote(event)}&_shape=array&_size=max")

    answer = asyncio.run(fetched())
    assert answer.status_code == 200, answer.text[:300]
    lines = answer.json()
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        ci, bounds = row["ci"] or {}, row["bounds"] or {}
        wanted = {
            "grp": row["group"], "chance_from": ci.get("lo"), "chance_to": ci.get("hi"),
            "bounds_from": bounds.get("lo"), "bounds_to": bounds.get("hi"),
            **{name: row[name] for name in ("metric", "kind", "value", "unit", "num", "den", "status", "as_of")},
        }  # fmt: skip
        assert {name: line[name] for name in wanted} == wanted
        assert (json.loads(line["flags"]), json.loads(line["by_part"])) == (row["flags"], row["by"])
