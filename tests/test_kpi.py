"""`harvest kpi`: numbers typed in are kept, shown in every face of the report, and every slip can be undone."""

import json
import shlex
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from harvester.cli import cli
from harvester.event import load
from harvester.measure.item import Typed
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.kpis import kpis_of, remove_kpi, save_kpi
from harvester.store.open import open_db

EVENT = """
name = "FooConf 2016"
slug = "fooconf"
starts = 2016-12-03
timezone = "Asia/Tokyo"
"""
MEMBERS = Typed(name="Slack members", value=412.0, unit="people", source="admin page", as_of="2016-12-20")


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "h.db"
    with closing(open_db(path, "create")) as conn, write_tx(conn):
        save_event(conn, load(EVENT, "fooconf.toml"))
    return path


def harvest(db, *arguments):
    """(exit code, output) of a command; of ours the errors are raised."""
    done = CliRunner().invoke(cli, [*arguments, "--db", str(db)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def add(db, name, value, *options):
    return harvest(db, "kpi", "add", "fooconf", name, value, *options)


def stored(db):
    with closing(open_db(db, "ro")) as conn:
        return kpis_of(conn, "fooconf")


def undo(output):
    """Run the command that an output offers."""
    line = shlex.split(output.splitlines()[-1])
    assert line[:2] == ["harvest", "kpi"]
    done = CliRunner().invoke(cli, line[1:])
    assert done.exit_code == 0, done.output


def test_a_number_is_kept_as_it_was_typed(db):
    code, output = add(
        db, " Slack  members", "412", "--unit", "people", "--source", "admin page", "--as-of", "2016-12-20"
    )
    assert code == 0
    assert "fooconf: Slack members = 412 people as of 2016-12-20 (admin page)" in output
    assert stored(db) == (MEMBERS,)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("-5", -5.0), ("\N{MINUS SIGN}5", -5.0), ("4.25", 4.25), ("1,234", 1234.0), ("1,234,567.5", 1234567.5), ("0", 0.0),
     ("412", 412.0), ("1e3", 1000.0)],
)  # fmt: skip
def test_numbers_are_read(db, typed, value):
    assert add(db, "n", typed)[0] == 0
    assert [kpi.value for kpi in stored(db)] == [value]


@pytest.mark.parametrize("typed", ["45%", "nan", "inf", "-inf", "many", "", "1,2", "12,34"])
def test_what_is_no_number_is_refused_with_its_repair(db, typed):
    code, output = add(db, "n", typed)
    assert code == 2
    assert "is no number; write digits alone" in output
    assert stored(db) == ()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["n", "1", "--as-of", "2999-01-01"], "has not come yet (today is 20"),
        (["n", "1", "--as-of", "2016-02-30"], "'2016-02-30' is no day; write it as 2016-12-20"),
        (["n", "1", "--as-of", "20/12/2016"], "is no day"),
        (["  ", "1"], "is empty; say what the number counts"),
        (["n" * 201, "1"], "is longer than 200 characters"),
        (["n", "1", "--untit", "people"], "extra arguments (--untit people)"),
        (["--name", "1"], "'--name' is no such option"),
    ],
)
def test_a_slip_is_named_and_stores_nothing(db, arguments, told):
    code, output = add(db, *arguments)
    assert (code, told in output) == (2, True), output
    assert stored(db) == ()


def test_the_day_is_today_where_none_is_given(db):
    add(db, "n", "1")
    (kpi,) = stored(db)
    assert abs(date.fromisoformat(kpi.as_of) - datetime.now(UTC).date()) <= timedelta(days=1)


def test_every_step_can_be_undone_with_the_line_it_prints(db):
    options = ("--unit", "people", "--source", "admin page", "--as-of", "2016-12-20")
    added = add(db, "Slack members", "412", *options)[1]
    replaced = add(db, "Slack members", "398.5", "--as-of", "2016-12-20")[1]
    assert stored(db) == (Typed(name="Slack members", value=398.5, as_of="2016-12-20"),)
    assert "It was Slack members = 412 people as of 2016-12-20 (admin page)." in replaced
    undo(replaced)
    assert stored(db) == (MEMBERS,)
    assert "It stood there already." in add(db, "Slack members", "412", *options)[1]
    removed = harvest(db, "kpi", "remove", "fooconf", "Slack members")[1]
    assert stored(db) == ()
    undo(removed)
    assert stored(db) == (MEMBERS,)
    undo(added)
    assert stored(db) == ()


def test_a_number_that_an_import_dated_to_the_second_is_put_back_as_it_was(db):
    kpi = Typed(name="NPS", value=20.0, source="survey", as_of="2016-12-02T21:00:00Z")
    with closing(open_db(db)) as conn, write_tx(conn):
        save_kpi(conn, "fooconf", kpi)
    undo(harvest(db, "kpi", "remove", "fooconf", "NPS", "--as-of", "2016-12-02")[1])
    assert stored(db) == (kpi,)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["slack member"], "no number 'slack member' typed in for fooconf; did you mean 'Slack members'?"),
        (["Visitors"], "no number 'Visitors' typed in for fooconf; there: 'NPS', 'Slack members'"),
        (["Slack members"], "numbers of several days; name one with --as-of: 2016-12-20, 2016-12-21"),
        (["NPS", "--as-of", "2016-12-25"], "'NPS' of fooconf has no number as of 2016-12-25; there: 2016-12-20"),
    ],
)
def test_what_is_not_there_or_not_clear_is_not_removed(db, arguments, told):
    for name, day in (("Slack members", "2016-12-20"), ("Slack members", "2016-12-21"), ("NPS", "2016-12-20")):
        add(db, name, "1", "--as-of", day)
    with pytest.raises(Exception, match=r"typed in|--as-of|has no number") as failed:
        harvest(db, "kpi", "remove", "fooconf", *arguments)
    assert told in str(failed.value)
    assert failed.value.exit_code == 2
    assert len(stored(db)) == 3


def test_an_unknown_event_is_named(db):
    for verb in (["add", "nope", "n", "1"], ["list", "nope"], ["remove", "nope", "n"]):
        with pytest.raises(Exception, match="no event 'nope' in this database"):
            harvest(db, "kpi", *verb)


def test_they_are_listed_by_name_and_day(db):
    assert (
        "nothing typed in for fooconf; `harvest kpi add fooconf NAME VALUE` does"
        in harvest(db, "kpi", "list", "fooconf")[1]
    )
    add(db, "満足度", "4.25", "--unit", "of 5", "--as-of", "2016-12-20")
    add(db, "NPS", "-5", "--as-of", "2016-12-21")
    add(db, "NPS", "20", "--as-of", "2016-12-20")
    assert harvest(db, "kpi", "list", "fooconf")[1].splitlines() == [
        "NPS = 20 as of 2016-12-20", "NPS = -5 as of 2016-12-21", "満足度 = 4.25 of 5 as of 2016-12-20",
    ]  # fmt: skip
    told = json.loads(harvest(db, "kpi", "list", "fooconf", "--json")[1])
    assert told[2] == {
        "event": "fooconf", "name": "満足度", "value": 4.25, "unit": "of 5", "source": "", "as_of": "2016-12-20",
    }  # fmt: skip


def test_an_event_file_is_taken_too(tmp_path):
    file = tmp_path / "fooconf.toml"
    file.write_text(EVENT, encoding="utf-8")
    db = tmp_path / "new.db"
    assert harvest(db, "kpi", "add", str(file), "n", "1", "--as-of", "2016-12-20")[0] == 0
    assert stored(db) == (Typed(name="n", value=1.0, as_of="2016-12-20"),)
    assert "n = 1" in harvest(db, "kpi", "list", str(file))[1]


def test_every_face_of_a_report_shows_them(db):
    add(db, "Slack members", "1412", "--unit", "people", "--source", "admin page", "--as-of", "2016-12-20")
    add(db, "=1+1|<b>", "-5", "--as-of", "2016-12-21")
    report = {
        form: harvest(db, "report", "fooconf", "--format", form)[1]
        for form in ("terminal", "json", "csv", "markdown", "html")
    }
    assert "TYPED IN =1+1|<b>" in report["terminal"]
    assert "         Slack members                 1,412 people   as of 2016-12-20 · admin page" in report["terminal"]
    rows = [row for row in json.loads(report["json"]) if row["metric"] == "M21.typed_in"]
    assert [(row["kind"], row["value"], row["unit"]) for row in rows] == [
        ("=1+1|<b>", -5, ""), ("Slack members", 1412, "people"),
    ]  # fmt: skip
    assert rows[1]["by"] == {"as_of": "2016-12-20", "source": "admin page"}
    assert "M21.typed_in,fooconf,,'=1+1|<b>,,-5," in report["csv"]
    assert "| Slack members | 1,412 | people | 2016-12-20 | admin page |" in report["markdown"]
    assert "| =1+1\\|&lt;b&gt; | -5 |  | 2016-12-21 |  |" in report["markdown"]
    assert "1,412</td>" in report["html"]
    assert "<b>" not in report["html"]
    assert harvest(db, "report", "fooconf", "--metric", "m21.typed_in")[1].splitlines() == [
        "M21.typed_in =1+1|<b>: -5, ok", "M21.typed_in Slack members: 1,412 people, ok",
    ]  # fmt: skip


def test_without_any_a_report_says_nothing_of_them(db):
    for form in ("terminal", "json", "csv", "markdown", "html"):
        told = harvest(db, "report", "fooconf", "--format", form)[1]
        assert "M21.typed_in" not in told
        assert "typed in" not in told.lower()


def test_they_enter_no_other_number(db):
    before = json.loads(harvest(db, "report", "fooconf", "--json")[1])
    add(db, "posts", "5000", "--as-of", "2016-12-20")
    after = [
        row for row in json.loads(harvest(db, "report", "fooconf", "--json")[1]) if row["metric"] != "M21.typed_in"
    ]
    assert [row | {"as_of": ""} for row in after] == [row | {"as_of": ""} for row in before]


def test_the_store_tells_what_it_replaced_and_took_out(db):
    other = Typed(name="Slack members", value=1.0, as_of="2016-12-20")
    with closing(open_db(db)) as conn, write_tx(conn):
        assert save_kpi(conn, "fooconf", MEMBERS) is None
        assert save_kpi(conn, "fooconf", other) == MEMBERS
        assert remove_kpi(conn, "fooconf", "Slack members", "2016-12-21") is None
        assert remove_kpi(conn, "fooconf", "Slack members", "2016-12-20") == other
        assert kpis_of(conn, "fooconf") == ()
