"""The state of every number where something is missing, cut off, too early or elsewhere: through import and report.

Each case changes one thing of a well-measured event (`tests/state_worlds.py`) and says which rows stand otherwise then;
all others must stand as they did. So every row of every case is asserted.
"""

import csv
import io
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from harvester.cli import report as reporting
from harvester.cli import run
from harvester.measure.metric import STATES as STATUSES
from harvester.report.language import CODES
from harvester.report.states import _SAID_ELSEWHERE, _WHY
from tests import state_worlds as worlds
from tests.markup import markdown_tables, tables_of
from tests.test_report import FX

MEASURED = {"ok", "truncated"}
BASE = worlds.full()
NOBODY = BASE.without("posts", "labels")
# The edition before was asked in the same way, so that the two compare.
THEN = worlds.run(BASE, slug="before")
FAILED = worlds.run(BASE, status="failed", reason="http 500", found=0)
CUT = worlds.run(BASE, status="partial", truncated=1, returned=100, reported_total=250)
LOS_ANGELES = worlds.held("2016-11-06", datetime(2016, 11, 4, 1, tzinfo=UTC), "America/Los_Angeles")
BERLIN = worlds.held("2016-10-30", datetime(2016, 10, 27, 17, tzinfo=UTC), "Europe/Berlin")
SYDNEY = worlds.held("2016-10-02", datetime(2016, 9, 29, 8, tzinfo=UTC), "Australia/Sydney")
WORLDS = {
    "well measured": BASE,
    "empty, nobody looked": NOBODY.without("attendance"),
    "empty, the source failed": NOBODY.plus(FAILED),
    "empty, searched in vain": NOBODY.plus(worlds.run(BASE, status="ok", found=0)),
    "before day 28": worlds.at(BASE, worlds.START + timedelta(days=5)),
    "no media list": BASE.without("media").but(worlds.no_outlets),
    "zero media": BASE.without("media"),
    "all undated": BASE.but(worlds.undated),
    "one author": BASE.without("others"),
    "a failed source": BASE.plus(THEN, FAILED),
    "a truncated source": BASE.plus(THEN, CUT),
    "first edition": BASE.without("before"),
    "no attendance list": BASE.without("all attendance"),
    "Los Angeles, clocks go back": LOS_ANGELES,
    "Berlin, clocks go back": BERLIN,
    "Sydney, clocks go forward": SYDNEY,
}


def name_of(row):
    """`M06.t50:written:participant`; "-" where a row has no group or kind."""
    return ":".join((row["metric"], row["group"] or "-", row["kind"] or "-"))


# Rows by state; a name stands for all rows that begin with it. The first case names every row, the others what differs.
STATES = {
    "well measured": """
        ok: M02.ratio M02.share M01.volume M01.not_counted M03.contributors M03.stories_per_writer
            M04.ratio_if_missed M05.timeline M06.t50:written M06.t90:written M06.first_day:written
            M06.afterglow:written M06.t50:micro M06.t90:micro M06.first_day:micro M06.afterglow:micro
            M07.reignition M08.new_share M08.return_rate M09.cohort M09.not_seen_since M10.contribution_rate
            M11.answered:written M11.median_hours:written M11.first_followers M11.unanswered M11.answered:micro
            M11.median_hours:micro M12.potential M12.unknown_followers M12.engaged M12.one_hop M12.who M13.top
            M14.tiers M14.leader M15.absence_factor M15.elephant_factor M15.effective_writers M15.top_share
            M17.contribution_rate M17.kinds_per_contributor M17.first_day_share M17.conversation M18.change
            M18.contributors M19.community_share M19.events_by_others M19.talks_by_others:talk M20.transitions
            M20.arrived M20.climbed M20.stayed M20.stepped_back M20.not_seen M21.events M21.cities M21.gap
            M22.undated M22.unclassified M22.off_topic M22.outside_window M22.merged M22.rejected
            M22.unlinked_handles M22.attendance_list M22.not_covered
        insufficient: M06.t50:talk M06.t90:talk M06.first_day:talk M06.afterglow:talk M06.baseline_lift:written
            M11.answered:talk M11.median_hours:talk M15.gini M16.topics
        unmeasured: M13.reactions M17.return_phrases M19.talks_by_others:- M22.audit M22.corrected
            M22.corrected_ratio
        not_applicable: M04.at_least M04.found M04.overlap M06.baseline_lift:talk M06.baseline_lift:micro
            M22.sources M22.fetches
    """,
    "empty, nobody looked": """
        unmeasured: M01.volume:written:- M01.volume:talk:- M01.volume:micro:- M03.contributors
            M03.stories_per_writer M05.timeline:written:- M05.timeline:talk:- M05.timeline:micro:-
            M06.t50:written:participant M06.t90:written:participant M06.first_day:written:participant
            M06.afterglow:written:participant M06.t50:talk M06.t90:talk M06.first_day:talk M06.afterglow:talk
            M06.t50:micro M06.t90:micro M06.first_day:micro M06.afterglow:micro M06.baseline_lift
            M07.reignition:written:earned M07.reignition:talk:earned M07.reignition:micro:earned M08.new_share
            M08.return_rate M09.cohort:-:now M11.answered M11.median_hours M12.engaged M12.one_hop M14.tiers
            M15.absence_factor M15.elephant_factor M15.effective_writers M15.top_share M15.gini M16.topics
            M17.kinds_per_contributor M17.first_day_share M17.conversation M18.change M18.contributors
            M19.community_share M19.events_by_others M19.talks_by_others:talk M20.transitions
        not_applicable: M02.ratio M04.ratio_if_missed M10.contribution_rate M12.potential:any:-
            M12.unknown_followers M13.reactions M17.contribution_rate M22.undated M22.unclassified
        gone: M02.share M01.volume:written:article M01.volume:written:news M01.volume:talk:slides
            M01.volume:micro:micropost M05.timeline:written:participant M05.timeline:written:media
            M05.timeline:written:owned M05.timeline:talk:participant M05.timeline:micro:participant
            M06.t50:written:media M06.t90:written:media M06.first_day:written:media M06.afterglow:written:media
            M07.reignition:written:participant M07.reignition:talk:participant M07.reignition:micro:participant
            M09.not_seen_since M11.first_followers M11.unanswered M12.potential:any:x M12.who M13.top M14.leader
            M20.arrived M20.climbed M20.stayed M20.stepped_back M20.not_seen
    """,
    "empty, the source failed": """
        ok: M22.sources
        unmeasured: M02.ratio M01.volume:written:- M01.volume:talk:- M01.volume:micro:- M03.contributors
            M03.stories_per_writer M04.ratio_if_missed M05.timeline:written:- M05.timeline:talk:-
            M05.timeline:micro:- M06.t50:written:participant M06.t90:written:participant
            M06.first_day:written:participant M06.afterglow:written:participant M06.t50:talk M06.t90:talk
            M06.first_day:talk M06.afterglow:talk M06.t50:micro M06.t90:micro M06.first_day:micro
            M06.afterglow:micro M06.baseline_lift M07.reignition:written:earned M07.reignition:talk:earned
            M07.reignition:micro:earned M08.new_share:-:contributors M08.return_rate:-:contributors
            M09.cohort:-:now M10.contribution_rate M11.answered M11.median_hours M12.engaged M12.one_hop
            M14.tiers M15.absence_factor M15.elephant_factor M15.effective_writers M15.top_share M15.gini
            M16.topics M17.contribution_rate M17.kinds_per_contributor M17.first_day_share M17.conversation
            M18.change M18.contributors M19.community_share M19.events_by_others M19.talks_by_others:talk
            M20.transitions
        not_applicable: M12.potential:any:- M12.unknown_followers M13.reactions M22.undated M22.unclassified
        gone: M02.share M01.volume:written:article M01.volume:written:news M01.volume:talk:slides
            M01.volume:micro:micropost M05.timeline:written:participant M05.timeline:written:media
            M05.timeline:written:owned M05.timeline:talk:participant M05.timeline:micro:participant
            M06.t50:written:media M06.t90:written:media M06.first_day:written:media M06.afterglow:written:media
            M07.reignition:written:participant M07.reignition:talk:participant M07.reignition:micro:participant
            M09.not_seen_since M11.first_followers M11.unanswered M12.potential:any:x M12.who M13.top M14.leader
            M20.arrived M20.climbed M20.stayed M20.stepped_back M20.not_seen
    """,
    "empty, searched in vain": """
        ok: M01.volume:written:- M05.timeline:written:- M22.sources
        unmeasured: M01.volume:talk:- M01.volume:micro:- M03.contributors:talk M03.contributors:micro
            M05.timeline:talk:- M05.timeline:micro:- M06.t50:talk M06.t90:talk M06.first_day:talk
            M06.afterglow:talk M06.t50:micro M06.t90:micro M06.first_day:micro M06.afterglow:micro
            M06.baseline_lift:talk M06.baseline_lift:micro M07.reignition:talk:earned
            M07.reignition:micro:earned M11.answered:talk M11.median_hours:talk M11.answered:micro
            M11.median_hours:micro M12.engaged M12.one_hop M18.change:talk M18.change:micro M19.events_by_others
            M19.talks_by_others:talk
        not_applicable: M02.ratio M03.stories_per_writer M04.ratio_if_missed M06.t50:written:participant
            M06.t90:written:participant M06.first_day:written:participant M06.afterglow:written:participant
            M06.baseline_lift:written M08.new_share:-:contributors M11.answered:written M11.median_hours:written
            M12.potential:any:- M12.unknown_followers M13.reactions M14.tiers M15.absence_factor
            M15.elephant_factor M15.effective_writers M15.top_share M15.gini M16.topics
            M17.kinds_per_contributor M17.first_day_share M17.conversation M17.return_phrases M18.change:written
            M18.contributors M19.community_share M22.undated M22.unclassified
        gone: M02.share M01.volume:written:article M01.volume:written:news M01.volume:talk:slides
            M01.volume:micro:micropost M05.timeline:written:participant M05.timeline:written:media
            M05.timeline:written:owned M05.timeline:talk:participant M05.timeline:micro:participant
            M06.t50:written:media M06.t90:written:media M06.first_day:written:media M06.afterglow:written:media
            M07.reignition:written:participant M07.reignition:talk:participant M07.reignition:micro:participant
            M11.first_followers M11.unanswered M12.potential:any:x M12.who M13.top M14.leader
    """,
    "before day 28": """
        not_applicable: M06.afterglow:written M06.afterglow:micro M06.baseline_lift:written M07.reignition
        gone: M14.leader:any:id:a7
    """,
    "no media list": """
        unmeasured: M02.ratio M04.ratio_if_missed M16.topics M18.change:written:media
        gone: M02.share M01.volume:written:news M05.timeline:written:media M06.t50:written:media
            M06.t90:written:media M06.first_day:written:media M06.afterglow:written:media
    """,
    "zero media": """
        not_applicable: M04.ratio_if_missed
        gone: M01.volume:written:news M05.timeline:written:media M06.t50:written:media M06.t90:written:media
            M06.first_day:written:media M06.afterglow:written:media
    """,
    "all undated": """
        insufficient: M06.t50:written:participant M06.t90:written:participant M06.first_day:written:participant
            M06.afterglow:written:participant M06.t50:micro M06.t90:micro M06.first_day:micro
            M06.afterglow:micro M06.baseline_lift:talk M06.baseline_lift:micro M07.reignition
            M11.answered:written M11.median_hours:written M11.answered:micro M11.median_hours:micro
            M17.first_day_share
        gone: M06.t50:written:media M06.t90:written:media M06.first_day:written:media
            M06.afterglow:written:media
    """,
    "one author": """
        ok: M01.volume:talk:- M05.timeline:talk:-
        insufficient: M06.t50:written:participant M06.t90:written:participant M06.first_day:written:participant
            M06.afterglow:written:participant M06.t50:micro M06.t90:micro M06.first_day:micro
            M06.afterglow:micro M17.first_day_share
        unmeasured: M11.answered:written M11.median_hours:written M11.answered:micro M11.median_hours:micro
            M12.engaged M12.one_hop M14.tiers M17.conversation M19.events_by_others
        not_applicable: M04.ratio_if_missed M06.t50:talk M06.t90:talk M06.first_day:talk M06.afterglow:talk
            M06.baseline_lift:written M11.answered:talk M11.median_hours:talk M15.gini M18.change:talk
            M19.talks_by_others:talk
        gone: M01.volume:written:news M01.volume:talk:slides M05.timeline:written:media
            M05.timeline:written:owned M05.timeline:talk:participant M06.t50:written:media M06.t90:written:media
            M06.first_day:written:media M06.afterglow:written:media M07.reignition:talk:participant
            M11.first_followers M11.unanswered M12.who M13.top M14.leader
    """,
    "a failed source": """
        ok: M22.sources
        truncated: M02.ratio M02.share M01.volume:written M03.contributors:any M03.contributors:written
            M03.stories_per_writer M04.ratio_if_missed M05.timeline:written M06.t50:written M06.t90:written
            M06.first_day:written M06.afterglow:written M07.reignition:written M08.new_share:-:contributors
            M08.return_rate:-:contributors M09.cohort M09.not_seen_since M10.contribution_rate
            M11.answered:written M11.median_hours:written M12.engaged M12.one_hop M15.absence_factor
            M15.elephant_factor M15.effective_writers M15.top_share M17.contribution_rate
            M17.kinds_per_contributor M17.first_day_share M17.conversation M18.change:written M18.contributors
            M19.community_share M20.transitions M20.arrived M20.climbed M20.stayed M20.stepped_back M20.not_seen
        unmeasured: M06.baseline_lift:talk M06.baseline_lift:micro M18.change:talk M18.change:micro
    """,
    "a truncated source": """
        ok: M22.sources
        truncated: M02.ratio M02.share M01.volume:written M03.contributors:any M03.contributors:written
            M03.stories_per_writer M04.ratio_if_missed M05.timeline:written M06.t50:written M06.t90:written
            M06.first_day:written M06.afterglow:written M07.reignition:written M08.new_share:-:contributors
            M08.return_rate:-:contributors M09.cohort M09.not_seen_since M10.contribution_rate
            M11.answered:written M11.median_hours:written M12.engaged M12.one_hop M15.absence_factor
            M15.elephant_factor M15.effective_writers M15.top_share M17.contribution_rate
            M17.kinds_per_contributor M17.first_day_share M17.conversation M18.change:written M18.contributors
            M19.community_share M20.transitions M20.arrived M20.climbed M20.stayed M20.stepped_back M20.not_seen
        unmeasured: M06.baseline_lift:talk M06.baseline_lift:micro M18.change:talk M18.change:micro
    """,
    "first edition": """
        not_applicable: M08.new_share M08.return_rate M09.cohort:-:- M18.change M18.contributors M20.transitions
            M21.gap
        gone: M09.cohort:-:before M09.cohort:-:now M09.not_seen_since M20.arrived M20.climbed M20.stayed
            M20.stepped_back M20.not_seen
    """,
    "no attendance list": """
        unmeasured: M08.new_share:-:attendees M08.return_rate:-:attendees M12.one_hop
        not_applicable: M10.contribution_rate M17.contribution_rate
    """,
    "Los Angeles, clocks go back": """
        ok: M14.leader:any:id:a9
    """,
    "Berlin, clocks go back": """
        ok: M14.leader:any:id:a9
    """,
    "Sydney, clocks go forward": """
        ok: M14.leader:any:id:a9
    """,
}


def expected(case, rows):
    """Row → state of a case: those of the well-measured event, as the case changes them."""
    base = {} if case == "well measured" else expected("well measured", NAMES)
    states, known = dict(base), {*rows, *base}
    for state, names in re.findall(r"^ {8}(\w+): (.*?)(?=^ {8}\w+:|\Z)", STATES[case], re.DOTALL | re.MULTILINE):
        for name in names.split():
            chosen = [row for row in known if row == name or row.startswith(f"{name}:")]
            assert chosen, f"{case}: no row {name}"
            for row in chosen:
                states.pop(row, None)
                states |= {} if state == "gone" else {row: state}
    return states


NAMES = set()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Case → its rows, its database and every face of its report, made once and through the command line."""
    made = {}

    def tell(case):
        if case not in made:
            made[case] = _told(WORLDS[case], tmp_path_factory.mktemp("state"))
        return made[case]

    NAMES.update(name_of(row) for row in tell("well measured")["rows"])
    return tell


def _told(world, folder):
    db, lines = folder / "h.db", folder / "world.jsonl"
    lines.write_text(world.lines(), encoding="utf-8")
    faces = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "now", lambda: world.now)
        assert run(["import", "now", str(lines), "--db", str(db)]) == 0
        out = folder / "public.json"
        assert run(["report", "now", "--db", str(db), "--no-snapshot", "--public", "--json", "-o", str(out)]) == 0
        public = json.loads(out.read_text("utf-8"))
        for form in reporting.FORMATS:
            for lang in CODES if form in ("terminal", "markdown", "html") else CODES[:1]:
                out = folder / f"{lang}.{form}"
                words = ["report", "now", "--db", str(db), "--format", form, "--lang", lang, "-o", str(out)]
                assert run([*words, "--no-snapshot", "--internal"]) == 0, (form, lang)
                faces[form, lang] = out.read_text("utf-8-sig")
    return {"db": db, "faces": faces, "rows": json.loads(faces["json", "en"]), "public": public}


@pytest.fixture(params=WORLDS)
def case(request):
    return request.param


def test_every_row_stands_in_its_state(told, case):
    found = {name_of(row): row["status"] for row in told(case)["rows"]}
    assert len(found) == len(told(case)["rows"]), "two rows of one name"
    assert found == expected(case, found)


def test_a_public_report_is_the_same_without_rows_about_people(told, case):
    report = told(case)
    assert report["public"] == [row for row in report["rows"] if "internal" not in row["flags"]]


def test_a_row_that_was_not_measured_has_no_value_and_says_why(told, case):
    for row in told(case)["rows"]:
        name = name_of(row)
        if row["status"] not in MEASURED:
            assert (row["value"], row["ci"]) == (None, None), name
        if row["status"] != "ok":
            assert row["flags"], name
        for flag in row["flags"]:
            assert flag.partition(":")[0] in {*_WHY, *_SAID_ELSEWHERE}, f"{name}: no words for {flag}"


def test_no_face_prints_a_number_that_was_not_measured(told, case):
    rows, faces = told(case)["rows"], told(case)["faces"]
    for lang, caption in zip(CODES, ("Every number of this report", "このレポートのすべての数値"), strict=True):
        tables = tables_of(faces["html", lang])
        assert caption in tables, list(tables)
        for shown in (tables[caption], markdown_tables(faces["markdown", lang])[caption]):
            for line, row in zip(shown, rows, strict=True):
                measured = row["status"] in MEASURED
                assert measured or not re.search(r"\d", line[2]), (lang, line)
                assert measured or not line[5], (lang, line)
    for line, row in zip(csv.DictReader(io.StringIO(faces["csv", "en"])), rows, strict=True):
        assert row["status"] in MEASURED or (line["value"], line["ci.lo"], line["ci.hi"]) == ("", "", ""), line


# What the terminal says of it, and the first sentence of the report.
SAID = {
    "empty, nobody looked": ("Articles and news: does not apply (no story, no source on record)", "? people spoke"),
    "empty, the source failed": ("Articles and news: not measured (qiita failed)", "talk            not measured"),
    "empty, searched in vain": ("No written story by participants or media was found", "written         none found"),
    "before day 28": ("day 4 of 28, still counting", "half out after 12.0 h so far"),
    "no media list": ("Media were not checked: no outlet list configured.", "WHO      not measured"),
    "zero media": ("no media story found in 12 checked outlets", "At least 1.7 to 1"),
    "all undated": ("too few to say (none has a date) · 8 undated", "22 of 22 undated"),
    "one author": ("1 person spoke, 1 wrote", "too few to say (few posts)"),
    "a failed source": ("≥8 wrote", "qiita: failed http 500"),
    "a truncated source": ("! incomplete: qiita did not get everything", "half out after 30.0 h (incomplete)"),
    "first edition": ("contributors  does not apply (first event of its series here)", "one event is not enough"),
    "no attendance list": ("not measured (no attendance list)", "in the room: not measured"),
}


@pytest.mark.parametrize("case", SAID)
def test_the_terminal_says_so(told, case):
    text = told(case)["faces"]["terminal", "en"]
    assert [words for words in SAID[case] if words not in text] == []


def test_before_day_28_every_number_that_grows_says_so(told):
    rows = told("before day 28")["rows"]
    assert {row["day_of_28"] for row in rows} == {4}
    growing = [row for row in rows if row["metric"].startswith(("M05", "M06", "M07", "M18"))]
    assert [name_of(row) for row in growing if "so_far" not in row["flags"]] == []
    early = {row["metric"]: row["flags"][0] for row in growing if row["status"] == "not_applicable"}
    assert early == {"M06.afterglow": "before_day_7", "M06.baseline_lift": "before_day_7",
                     "M07.reignition": "before_day_8"}  # fmt: skip


def test_a_source_that_failed_or_was_cut_is_named_in_each_row_it_lessens(told):
    for case, flag in (("a failed source", "failed:qiita"), ("a truncated source", "truncated:qiita")):
        cut = [row for row in told(case)["rows"] if row["status"] == "truncated"]
        assert [name_of(row) for row in cut if flag not in row["flags"]] == []


@pytest.mark.parametrize(
    ("case", "zone", "offsets", "window"),
    [
        ("Los Angeles, clocks go back", "America/Los_Angeles", (-7, -8),
         ("2016-11-03T07:00:00Z", "2016-12-02T03:30:00Z")),
        ("Berlin, clocks go back", "Europe/Berlin", (2, 1), ("2016-10-26T22:00:00Z", "2016-11-24T19:30:00Z")),
        ("Sydney, clocks go forward", "Australia/Sydney", (10, 11), ("2016-09-28T14:00:00Z", "2016-10-27T10:30:00Z")),
    ],
)  # fmt: skip
def test_days_are_local_and_ages_are_real_hours_where_clocks_change(told, case, zone, offsets, window):
    rows = {name_of(row): row for row in told(case)["rows"]}
    row = rows["M05.timeline:written:participant"]
    assert (row["report_tz"], tuple(row["window"])) == (zone, window)
    posts = [r for r in WORLDS[case].records if r.get("author", "")[:1] == "a" and r.get("kind") == "article"]
    moments = [datetime.fromisoformat(p["published_at"]) for p in posts if p["events"][0]["event"] == "now"]
    late = next(datetime.fromisoformat(p["published_at"]) for p in posts if p["post"] == "late")
    change = date.fromisoformat({-7: "2016-11-06", 2: "2016-10-30", 10: "2016-10-02"}[offsets[0]])
    midnight = datetime.combine(change + timedelta(days=1), datetime.min.time(), UTC) - timedelta(hours=offsets[1])
    assert late == midnight - timedelta(minutes=30), "half an hour before the day ends by the new clock"
    # Before the change the old offset, after it the new one; nothing was published while clocks were being set.
    days = [(at + timedelta(hours=offsets[at >= late - timedelta(hours=20)])).date().isoformat() for at in moments]
    assert {one["day"]: one["n"] for one in row["series"]} == {day: days.count(day) for day in sorted(set(days))}
    assert change.isoformat() in days
    ends = WORLDS[case].now - timedelta(days=60) + worlds.LENGTH
    ages = sorted((at - ends) / timedelta(hours=1) for at in moments)
    half, late_ones = rows["M06.t50:written:participant"], rows["M06.afterglow:written:participant"]
    assert half["value"] == pytest.approx(ages[(len(ages) + 1) // 2 - 1])
    assert (late_ones["num"], late_ones["den"]) == (sum(age > 7 * 24 for age in ages), 9)


@pytest.mark.parametrize("case", [case for case in WORLDS if case != "all undated"])
def test_the_query_of_a_day_lists_the_posts_behind_its_number(told, case):
    with closing(sqlite3.connect(f"file:{told(case)['db']}?mode=ro", uri=True)) as conn:
        for row in told(case)["rows"]:
            if row["metric"] == "M05.timeline" and row["value"]:
                assert len(conn.execute(row["query"], {"event": "now"}).fetchall()) == row["value"], name_of(row)


# The output contract, with the keys of the specification's example and those that this report adds.
KEYS = (
    "metric", "event", "group", "kind", "unit", "value", "num", "den", "ci", "bounds", "variants", "by", "status",
    "flags", "query", "series", "window", "report_tz", "day_of_28", "recipe", "rules", "as_of",
)  # fmt: skip


def test_each_row_has_the_keys_of_the_contract(told, case):
    for row in told(case)["rows"]:
        assert tuple(row) == KEYS
        assert row["ci"] is None or set(row["ci"]) == {"lo", "hi", "level", "method", "meaning"}
        assert row["bounds"] is None or set(row["bounds"]) == {"lo", "hi", "why"}
        assert row["status"] in STATUSES


def test_the_ratio_of_the_worked_fixture_is_the_row_of_the_contract(tmp_path):
    db, out = tmp_path / "fx.db", tmp_path / "fx.json"
    assert run(["import", "E2", str(FX), "--db", str(db)]) == 0
    words = ["report", "E2", "--metric", "M02.ratio", "--format", "json", "--db", str(db), "-o", str(out)]
    assert run(words) == 0
    (row,) = json.loads(out.read_text("utf-8"))
    wanted = {
        "metric": "M02.ratio", "event": "E2", "group": "written", "unit": "stories", "value": 3.5, "num": 7, "den": 2,
        "variants": {"placements": pytest.approx(8 / 3), "broad": 4.0}, "status": "ok", "flags": ["few_media"],
        "report_tz": "Asia/Tokyo", "day_of_28": 28,
        "bounds": {"lo": pytest.approx(7 / 3), "hi": 4.0, "why": "1 unclassified story"},
        "window": ["2016-12-20T15:00:00Z", "2017-01-18T12:30:00Z"],
        "ci": {"lo": pytest.approx(0.6600, abs=5e-5), "hi": pytest.approx(18.5603, abs=6e-4), "level": 0.95,
               "method": "cluster-robust-log", "meaning": "chance"},
    }  # fmt: skip
    assert {key: row[key] for key in wanted} == wanted
    assert (round(row["ci"]["lo"], 2), round(row["ci"]["hi"], 2)) == (0.66, 18.56)
    assert re.fullmatch(r"[0-9a-f]{6}", row["recipe"])
    assert row["rules"]
    assert row["as_of"].endswith("Z")
