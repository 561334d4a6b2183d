"""The state of every number where something is missing, cut off, too early or elsewhere: through import and report.

Each case changes one thing of a well-measured event (`tests/state_worlds.py`) and says which rows stand otherwise then;
all others must stand as they did. So every row of every case is asserted.
"""

import csv
import io
import json
import re
import sqlite3
from contextlib import closing, contextmanager
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
# Local day of the change, when the event began, the zone, its offset before and after, what the report counts.
CLOCKS = {
    "Los Angeles, clocks go back": (
        "2016-11-06", datetime(2016, 11, 4, 1, tzinfo=UTC), "America/Los_Angeles", (-7, -8),
        ("2016-11-03T07:00:00Z", "2016-12-02T03:30:00Z"),
    ),
    "Los Angeles, clocks go forward": (
        "2017-03-12", datetime(2017, 3, 10, 2, tzinfo=UTC), "America/Los_Angeles", (-8, -7),
        ("2017-03-09T08:00:00Z", "2017-04-07T04:30:00Z"),
    ),
    "London, clocks go back": (
        "2016-10-30", datetime(2016, 10, 27, 17, tzinfo=UTC), "Europe/London", (1, 0),
        ("2016-10-26T23:00:00Z", "2016-11-24T19:30:00Z"),
    ),
    "Berlin, clocks go back": (
        "2016-10-30", datetime(2016, 10, 27, 17, tzinfo=UTC), "Europe/Berlin", (2, 1),
        ("2016-10-26T22:00:00Z", "2016-11-24T19:30:00Z"),
    ),
    "Sydney, clocks go forward": (
        "2016-10-02", datetime(2016, 9, 29, 8, tzinfo=UTC), "Australia/Sydney", (10, 11),
        ("2016-09-28T14:00:00Z", "2016-10-27T10:30:00Z"),
    ),
}  # fmt: skip
WORLDS = {
    "well measured": BASE,
    "empty, nobody looked": NOBODY.without("attendance"),
    "empty, the source failed": NOBODY.plus(FAILED),
    "empty, searched in vain": NOBODY.plus(worlds.run(BASE, status="ok", found=0)),
    "attendance only": NOBODY,
    "before the event": worlds.at(BASE, worlds.START - timedelta(days=3)),
    "owned only": BASE.but(worlds.organised),
    "everything unknown": BASE.without("labels"),
    "before day 28": worlds.at(BASE, worlds.START + timedelta(days=5)),
    "no media list": BASE.without("media").but(worlds.no_outlets),
    "zero media": BASE.without("media"),
    "all undated": BASE.but(worlds.undated),
    "one author": BASE.without("others"),
    "a failed source": BASE.plus(THEN, FAILED),
    "a truncated source": BASE.plus(THEN, CUT),
    "first edition": BASE.without("before"),
    "no attendance list": BASE.without("all attendance"),
} | {case: worlds.held(*clock[:3]) for case, clock in CLOCKS.items()}


def name_of(row):
    """`M06.t50:written:participant`; "-" where a row has no group or kind."""
    return ":".join((row["metric"], row["group"] or "-", row["kind"] or "-"))


# Rows by state; a name stands for all rows that begin with it, `M06.{t50,t90}:micro` for each of the two. The first
# case names every row, the others what is otherwise than there, or than in the case they are `LIKE`.
LIKE = {
    "empty, the source failed": "empty, nobody looked", "attendance only": "empty, nobody looked",
    "before the event": "attendance only", "a truncated source": "a failed source",
}  # fmt: skip
_POSTS_GONE = """
            M01.volume:{written:article,written:news,talk:slides,micro:micropost}
            M05.timeline:{written:participant,written:media,written:owned,talk:participant,micro:participant}
            M06.{t50,t90,first_day,afterglow}:written:media M07.reignition:{written,talk,micro}:participant
            M11.{first_followers,unanswered} M12.{potential:any:x,who} M13.top M14.leader"""
_NO_MEDIA = "M05.timeline:written:media M06.{t50,t90,first_day,afterglow}:written:media"
STATES = {
    "well measured": """
        ok: M01.{volume,not_counted} M02.{ratio,share} M03.{contributors,stories_per_writer} M04.ratio_if_missed
            M05.timeline M06.{t50,t90,first_day,afterglow}:{written,micro} M07.reignition M08.{new_share,return_rate}
            M09.{cohort,not_seen_since} M10.contribution_rate M11.{answered,median_hours}:{written,micro}
            M11.{first_followers,unanswered} M12.{potential,unknown_followers,engaged,one_hop,who} M13.top
            M14.{tiers,leader} M15.{absence_factor,elephant_factor,effective_writers,top_share}
            M17.{contribution_rate,kinds_per_contributor,first_day_share,conversation} M18.{change,contributors}
            M19.{community_share,events_by_others,talks_by_others:talk}
            M20.{transitions,arrived,climbed,stayed,stepped_back,not_seen} M21.{events,cities,gap}
            M22.{undated,unclassified,off_topic,outside_window,merged,rejected,unlinked_handles,attendance_list}
            M22.not_covered
        insufficient: M06.{t50,t90,first_day,afterglow}:talk M06.baseline_lift:written
            M11.{answered,median_hours}:talk M15.gini M16.topics
        unmeasured: M13.reactions M17.return_phrases M19.talks_by_others:- M22.{audit,corrected,corrected_ratio}
        not_applicable: M04.{at_least,found,overlap} M06.baseline_lift:{talk,micro} M22.{sources,fetches}
    """,
    "empty, nobody looked": f"""
        unmeasured: M01.volume:{{written,talk,micro}}:- M03.{{contributors,stories_per_writer}}
            M05.timeline:{{written,talk,micro}}:- M06.{{t50,t90,first_day,afterglow}}:written:participant
            M06.{{t50,t90,first_day,afterglow}}:{{talk,micro}} M06.baseline_lift
            M07.reignition:{{written,talk,micro}}:earned M08.{{new_share,return_rate}} M09.cohort:-:now
            M11.{{answered,median_hours}} M12.{{engaged,one_hop}} M14.tiers
            M15.{{absence_factor,elephant_factor,effective_writers,top_share,gini}} M16.topics
            M17.{{kinds_per_contributor,first_day_share,conversation}} M18.{{change,contributors}}
            M19.{{community_share,events_by_others,talks_by_others:talk}} M20.transitions
        not_applicable: M02.{{ratio,share}} M04.ratio_if_missed M10.contribution_rate M12.potential:any:-
            M12.unknown_followers M13.reactions M17.contribution_rate M22.{{undated,unclassified}}
        gone: M09.not_seen_since M20.{{arrived,climbed,stayed,stepped_back,not_seen}} {_POSTS_GONE}
    """,
    "empty, the source failed": """
        ok: M08.{new_share,return_rate}:-:attendees M22.sources
        unmeasured: M02.{ratio,share} M04.ratio_if_missed M10.contribution_rate M17.contribution_rate
    """,
    "attendance only": """
        ok: M08.{new_share,return_rate}:-:attendees
        unmeasured: M10.contribution_rate M17.contribution_rate
    """,
    "before the event": """
        ok: M19.events_by_others
        not_applicable: M06.baseline_lift M07.reignition:{written,talk,micro}:earned M18.{change,contributors}
    """,
    "empty, searched in vain": f"""
        ok: M01.volume:written:- M05.timeline:written:- M22.sources
        unmeasured: M01.volume:{{talk,micro}}:- M03.contributors:{{talk,micro}} M05.timeline:{{talk,micro}}:-
            M06.{{t50,t90,first_day,afterglow,baseline_lift}}:{{talk,micro}} M07.reignition:{{talk,micro}}:earned
            M11.{{answered,median_hours}}:{{talk,micro}} M12.{{engaged,one_hop}} M18.change:{{talk,micro}}
            M19.{{events_by_others,talks_by_others:talk}}
        not_applicable: M02.{{ratio,share}} M03.stories_per_writer M04.ratio_if_missed
            M06.{{t50,t90,first_day,afterglow}}:written:participant M06.baseline_lift:written
            M08.new_share:-:contributors M11.{{answered,median_hours}}:written M12.{{potential:any:-,unknown_followers}}
            M13.reactions M14.tiers M15.{{absence_factor,elephant_factor,effective_writers,top_share,gini}} M16.topics
            M17.{{kinds_per_contributor,first_day_share,conversation,return_phrases}} M18.change:written
            M18.contributors M19.community_share M22.{{undated,unclassified}}
        gone: {_POSTS_GONE}
    """,
    "owned only": f"""
        ok: M05.timeline:{{talk,micro}}:owned M06.{{t50,t90,first_day,afterglow}}:{{written,micro}}:owned
        not_applicable: M02.{{ratio,share}} M03.stories_per_writer M04.ratio_if_missed
            M06.{{t50,t90,first_day,afterglow}}:{{written,micro}}:participant M06.baseline_lift:written
            M06.{{t50,t90,first_day,afterglow}}:talk M08.new_share:-:contributors M11.{{answered,median_hours}}
            M12.{{potential:any:-,unknown_followers}} M13.reactions M14.tiers
            M15.{{absence_factor,elephant_factor,effective_writers,top_share,gini}} M16.topics
            M17.{{kinds_per_contributor,first_day_share,conversation,return_phrases}} M18.change:{{talk,micro}}
        gone: M05.timeline:{{written,talk,micro}}:participant {_NO_MEDIA}
            M07.reignition:{{written,talk,micro}}:participant M11.{{first_followers,unanswered}} M12.potential:any:x
            M13.top M14.leader
    """,
    "everything unknown": f"""
        ok: M05.timeline:{{written,talk,micro}}:unknown M06.{{t50,t90,first_day,afterglow}}:{{written,micro}}:unknown
        insufficient: M02.{{ratio,share}} M04.ratio_if_missed M19.{{community_share,talks_by_others:talk}}
        unmeasured: M19.events_by_others
        not_applicable: M03.stories_per_writer M06.{{t50,t90,first_day,afterglow}}:{{written,micro}}:participant
            M06.{{t50,t90,first_day,afterglow}}:talk M06.baseline_lift:written M08.new_share:-:contributors
            M11.{{answered,median_hours}} M13.reactions M14.tiers
            M15.{{absence_factor,elephant_factor,effective_writers,top_share,gini}} M16.topics
            M17.{{kinds_per_contributor,first_day_share,conversation,return_phrases}} M18.change:{{talk,micro}}
        gone: M05.timeline:{{written,talk,micro}}:participant M05.timeline:written:owned {_NO_MEDIA}
            M07.reignition:{{written,talk,micro}}:participant M11.{{first_followers,unanswered}} M13.top M14.leader
    """,
    "before day 28": """
        not_applicable: M06.afterglow:{written,micro} M06.baseline_lift:written M07.reignition
        gone: M14.leader:any:id:a7
    """,
    "no media list": f"""
        unmeasured: M02.{{ratio,share}} M04.ratio_if_missed M16.topics M18.change:written:media
        gone: M01.volume:written:news {_NO_MEDIA}
    """,
    "zero media": f"""
        not_applicable: M04.ratio_if_missed
        gone: M01.volume:written:news {_NO_MEDIA}
    """,
    "all undated": """
        insufficient: M06.{t50,t90,first_day,afterglow}:{written:participant,micro} M06.baseline_lift:{talk,micro}
            M07.reignition M11.{answered,median_hours}:{written,micro} M17.first_day_share
        gone: M06.{t50,t90,first_day,afterglow}:written:media
    """,
    "one author": f"""
        ok: M01.volume:talk:- M05.timeline:talk:-
        insufficient: M06.{{t50,t90,first_day,afterglow}}:{{written:participant,micro}} M17.first_day_share
        unmeasured: M11.{{answered,median_hours}}:{{written,micro}} M12.{{engaged,one_hop}} M14.tiers M17.conversation
            M19.events_by_others
        not_applicable: M04.ratio_if_missed M06.{{t50,t90,first_day,afterglow}}:talk M06.baseline_lift:written
            M11.{{answered,median_hours}}:talk M15.gini M18.change:talk M19.talks_by_others:talk
        gone: M01.volume:{{written:news,talk:slides}} M05.timeline:{{written:owned,talk:participant}} {_NO_MEDIA}
            M07.reignition:talk:participant M11.{{first_followers,unanswered}} M12.who M13.top M14.leader
    """,
    "a failed source": """
        ok: M22.sources
        truncated: M01.volume:written M02.{ratio,share} M03.{contributors:any,contributors:written,stories_per_writer}
            M04.ratio_if_missed M05.timeline:written M06.{t50,t90,first_day,afterglow}:written M07.reignition:written
            M08.{new_share,return_rate}:-:contributors M09.{cohort,not_seen_since} M10.contribution_rate
            M11.{answered,median_hours}:written M12.{engaged,one_hop}
            M15.{absence_factor,elephant_factor,effective_writers,top_share}
            M17.{contribution_rate,kinds_per_contributor,first_day_share,conversation} M18.{change:written,contributors}
            M19.community_share M20.{transitions,arrived,climbed,stayed,stepped_back,not_seen}
        unmeasured: M06.baseline_lift:{talk,micro} M18.change:{talk,micro}
    """,
    "a truncated source": "",
    "first edition": """
        not_applicable: M08.{new_share,return_rate} M09.cohort:-:- M18.{change,contributors} M20.transitions M21.gap
        gone: M09.{cohort:-:before,cohort:-:now,not_seen_since} M20.{arrived,climbed,stayed,stepped_back,not_seen}
    """,
    "no attendance list": """
        unmeasured: M08.{new_share,return_rate}:-:attendees M12.one_hop
        not_applicable: M10.contribution_rate M17.contribution_rate
    """,
} | dict.fromkeys(CLOCKS, "        ok: M14.leader:any:id:a9")


def each(name):
    """The names that one with braces stands for."""
    found = re.search(r"\{([^{}]*)\}", name)
    if found is None:
        return [name]
    return [one for part in found[1].split(",") for one in each(name[: found.start()] + part + name[found.end() :])]


def expected(case, rows):
    """Row → state of a case: those of the well-measured event (or of the case it is like), as the case changes them."""
    base = {} if case == "well measured" else expected(LIKE.get(case, "well measured"), {*NAMES, *rows})
    states, known = dict(base), {*rows, *base, *NAMES}
    for state, names in re.findall(r"^ {8}(\w+): (.*?)(?=^ {8}\w+:|\Z)", STATES[case], re.DOTALL | re.MULTILINE):
        for name in (one for word in names.split() for one in each(word)):
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
    faces = {}
    with reported(world, folder) as report:
        public = json.loads(report("--public", "--json"))
        for form in reporting.FORMATS:
            for lang in CODES if form in ("terminal", "markdown", "html") else CODES[:1]:
                faces[form, lang] = report("--format", form, "--lang", lang, "--internal")
    return {"db": folder / "h.db", "faces": faces, "rows": json.loads(faces["json", "en"]), "public": public}


@contextmanager
def reported(world, folder):
    """A world imported into `h.db` of the folder, and what gives its report by the options of the command."""
    db, lines, out = folder / "h.db", folder / "world.jsonl", folder / "report"
    lines.write_text(world.lines(), encoding="utf-8")

    def report(*options):
        assert run(["report", "now", "--db", str(db), "--no-snapshot", *options, "-o", str(out)]) == 0, options
        return out.read_text("utf-8-sig")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reporting, "now", lambda: world.now)
        assert run(["import", "now", str(lines), "--db", str(db)]) == 0
        yield report


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
    "attendance only": ("WHEN     not measured (no source on record)", "attendees     3 of 12 new"),
    "before the event": ("before the event, counting", "? people spoke, ? wrote"),
    "owned only": ("WHO      does not apply (no story) · 15 owned", "WHEN     no dated story by participants or media"),
    "everything unknown": ("15 written stories found, by authors of unknown kind.",
                           "! all authors are of unknown kind, so numbers about participants read 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_the_terminal_says_so(told, case):
    text = told(case)["faces"]["terminal", "en"]
    assert [words for words in SAID[case] if words not in text] == []


def test_a_count_of_what_nobody_looked_at_is_no_zero_for_a_reader(told):
    terminal = {case: told(case)["faces"]["terminal", "en"] for case in WORLDS}
    assert "Articles by media        1 → ?   not measured · no outlet list" in terminal["no media list"]
    assert "article                    8            0      ?      1" in terminal["no media list"]
    assert "article                    8            0      0      1" in terminal["zero media"], "twelve were checked"
    assert "Posts                    0 → ?   not measured · qiita" not in terminal["attendance only"]
    assert "Articles by participants 5 → ?   not measured · now was not harvested" in terminal["attendance only"]
    assert "Posts                    ? → 6   not measured · last time: no source" in terminal["a failed source"]
    for form in ("html", "markdown"):
        text = told("no media list")["faces"][form, "en"]
        assert "? means that media were not checked: no outlet list configured." in text
        assert "? means" not in told("zero media")["faces"][form, "en"]
    ja = told("no media list")["faces"]["terminal", "ja"]
    assert re.search(r"媒体の記事 +1 → \?   未調査", ja)


def test_a_range_that_has_one_end_says_so_and_never_times_zero(told):
    text = told("owned only")["faces"]["terminal", "en"]
    assert "Articles by participants 5 → 0   ×0.0 (at most 1.1)   no clear change" in text
    assert (
        "Decks and videos         0 → 1   at least ×0.03   no clear change"
        in told("zero media")["faces"]["terminal", "en"]
    )


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


@pytest.mark.parametrize("case", CLOCKS)
def test_days_are_local_and_ages_are_real_hours_where_clocks_change(told, case):
    day, _, zone, offsets, window = CLOCKS[case]
    rows = {name_of(row): row for row in told(case)["rows"]}
    row = rows["M05.timeline:written:participant"]
    assert (row["report_tz"], tuple(row["window"])) == (zone, window)
    posts = [r for r in WORLDS[case].records if r.get("author", "")[:1] == "a" and r.get("kind") == "article"]
    moments = [datetime.fromisoformat(p["published_at"]) for p in posts if p["events"][0]["event"] == "now"]
    late = next(datetime.fromisoformat(p["published_at"]) for p in posts if p["post"] == "late")
    change = date.fromisoformat(day)
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
