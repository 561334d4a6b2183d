"""What a report says of the worked fixture, block by block, through `harvest import`; and what it says instead of a
number where one cannot be said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harvester.cli import run
from harvester.measure.metric import Bounds, Interval, Metric
from harvester.report import page as pages
from harvester.report import sections_time, sections_trend, terminal
from harvester.report.audience import visible
from harvester.report.build import build
from harvester.report.language import ENGLISH, language
from harvester.report.layout import beside, pad, sparkline, width
from harvester.store.events import event_row
from harvester.store.items import load_frame, load_items, shelf_of
from harvester.store.open import open_db
from tests.test_report import FX

JA = language("ja")


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("fx") / "fx.db"
    assert run(["import", "E2", str(FX), "--db", str(path)]) == 0
    return path


def built(db, event="E2", as_of=datetime(2017, 1, 20, tzinfo=UTC), **more):
    """The report of an event in a database at a moment; `more` changes its frame."""
    conn = open_db(db, "ro")
    try:
        row = event_row(conn, event)
        frame = replace(load_frame(conn, event, as_of=as_of, rules="2026.1", shelf=shelf_of(conn)), **more)
        return build(load_items(conn, event), frame, name=row["name"], city=row["city"] or "")
    finally:
        conn.close()


@pytest.fixture(scope="module")
def whole(db):
    return built(db)


def blocks(report, say=ENGLISH, *, plain=False):
    """Name of a terminal's block to its lines, blanks folded."""
    found, name = {}, "HEAD"
    for line in terminal.render(report, say, plain=plain).splitlines():
        name = line[:9].strip() if line[:1].strip() and "HEAD" in found and line[:9].strip().isupper() else name
        found.setdefault(name, []).append(" ".join(line.removeprefix(name).split()))
    return found


def section(report, name, say=ENGLISH):
    (found,) = [one for one in pages.page(report, say).sections if one.name == name]
    return found


def facts(report, name, say=ENGLISH):
    return dict(section(report, name, say).facts)


def with_rows(report, *rows):
    """The report with these rows instead of those of their metric, group and kind."""
    named = {(row.metric, row.group, row.kind) for row in rows}
    kept = tuple(row for row in report.metrics if (row.metric, row.group, row.kind) not in named)
    return replace(report, metrics=kept + rows)


def test_the_terminal_has_the_blocks_of_the_specification_in_order(whole):
    names = [name for name in blocks(whole) if name != "HEAD"]
    order = ["WHO", "HOW MUCH", "WHEN", "PEOPLE", "HOW FAR", "LEADERS", "TREND", "QUALITY"]
    assert names == order
    text = terminal.render(whole)
    assert text.splitlines()[-2].startswith("Next     harvest audit E2")
    for say in (ENGLISH, JA):
        for plain in (False, True):
            assert max(width(line) for line in terminal.render(whole, say, plain=plain).splitlines()) <= 96


def test_the_terminal_tells_the_numbers_of_the_specification(whole):
    told = {name: "\n".join(lines) for name, lines in blocks(whole).items()}
    for name, *parts in (
        ("HEAD", "Demo Meetup #2 · 2016-12-21 Tokyo", "28 of 28 days", "as of 2017-01-20"),
        ("WHO", "participant 7", "media 2", "3.5 : 1 chance 0.7–18.6 ! only 2 media stories",
         "1 unclassified: 2.3 if media, 4.0 if participant · broad (with 1 independent) 4.0", "placements 8 : 3",
         "not in the ratio: 2 owned", "1 press release"),
        ("HOW MUCH", "6 people spoke, 5 wrote (1.4 each) · 1 deck or video · 7 microposts",
         "half of the stories come from 2 writers", "6 of 12 attendees spoke (25–75 %), 5 wrote"),
        ("WHEN", "half out after 14.5 h", "2 of 6 after day 7 (29–43 % with 1 undated)",
         "half out before the doors closed", "nothing after day 7"),
        ("PEOPLE", "3 of 6 new", "3 of 4 of last time's came back",
         "attendees 7 of 12 new · 5 of 10 of last time's came back",
         "7 arrived (3 of them wrote at once) · 0 climbed · 5 stayed · 5 not seen"),
        ("HOW FAR", "5 people answered, 3 were not in the room · 2 of 6 articles answered within 72 h",
         "potential audience on X 5,000–7,920 accounts (not people reached)"),
        ("LEADERS", "candidate a01 2 events, article+post, picked up by 3, linked 1 peer",
         "rising a03 (picked up by 1) · a04 (linked 1 peer)", "for organisers"),
        ("TREND", "Articles by participants 3 → 7 ×2.3 (0.5–10.1) no clear change"),
        ("QUALITY", "1 of 24 undated · 2 of 24 unclassified · audit: none, labels unchecked",
         "not covered: closed Facebook groups, Slack"),
    ):  # fmt: skip
        assert [part for part in parts if part not in told[name]] == [], told[name]


def test_every_number_of_the_blocks_stands_in_the_sections_too(whole):
    people, reach, when = facts(whole, "people"), facts(whole, "reach"), facts(whole, "when")
    assert people["New attendees"] == "7 of 12 (58 %); luck alone 32–81 %"
    assert people["Of last time's attendees, came back"] == "5 of 10 (50 %); luck alone 24–76 %"
    assert people["Of last time's contributors, came back"].startswith("at least 3 of 4 ·")
    assert people["Of the room, spoke"].startswith("6 of 12 (50 %); luck alone 25–75 %")
    assert people["Of the room, wrote"].startswith("5 of 12 (42 %); luck alone 19–68 %")
    assert reach["Answered"] == "5 people answered, 3 were not in the room"
    assert reach["Articles answered within 72 h"] == "2 of 6 (33 %); luck alone 10–70 %"
    assert reach["Articles, median time to an answer"] == "97.0 h"
    assert reach["Posts, median time to an answer"].startswith("not reached")
    assert when["Articles after day 7"] == "2 of 6 (29–43 % with 1 undated)"
    assert when["Decks and videos"] == "too few to say (few posts) · i05 after 0.0 h"
    assert facts(whole, "self-running")["Articles by the community"].startswith("8 of 10 (80 %)")
    assert section(whole, "people").lead == "7 of 12 new, and 5 of 10 of last time's attendees returned."
    assert section(whole, "reach").lead == (
        "Between 5,000 and 7,920 accounts follow someone who posted; 5 people answered."
    )
    assert section(whole, "when").lead.endswith("Half of the articles of the first 28 days were out after 14.5 h.")
    assert section(whole, "trend").lead == "No clear change from E1."
    assert section(whole, "leaders").lead == "a01 wrote at 2 events and 3 people picked it up: worth a coffee."


def test_tables_of_people_leaders_and_heat(whole):
    cohorts, ladder = section(whole, "people").tables
    assert cohorts.rows == (("E1", "4", "3 of 4", "1 of 4"), ("E2", "3", "", ""))
    assert ("absent", "contributed", "3") in ladder.rows
    assert sum(int(row[-1]) for row in ladder.rows) == 17
    (candidates,) = section(whole, "leaders").tables
    by_name = {row[0]: row[1:8] for row in candidates.rows}
    assert by_name["a01"] == ("candidate", "fan", "2", "articles, posts", "3", "1", "800")
    assert by_name["a06"][:2] == ("steady", "role model")
    assert by_name["a05 (corporate)"] == ("", "unknown reach", "1", "articles", "0", "0", "unknown")
    heat = {row[0]: row[1:] for row in section(whole, "heat").tables[0].rows}
    assert heat["Kinds of things a contributor made"] == ("1.83 (11 / 6)", "1.00")
    assert heat["Answers among participants, for each contributor"][0] == "0.33 (2 / 6)"
    assert heat["Articles that say they want to come again"][0] == "not measured (no text is held)"


def test_a_report_for_everybody_names_no_leader_and_no_answerer(whole):
    public = visible(whole, internal=False)
    assert visible(whole, internal=True) == whole
    assert [row.metric for row in public.metrics if "internal" in row.flags] == []
    assert "LEADERS" not in blocks(public)
    shown = {one.name: one for one in pages.page(public).sections}
    assert "leaders" not in shown
    captions = {table.caption for one in shown.values() for table in one.tables}
    assert captions & {"Who answered whom", "Reply to these", "Who could run the next one"} == set()
    assert "5 people answered, 3 were not in the room" in "\n".join(blocks(public)["HOW FAR"])


def test_the_first_event_of_a_series_has_nobody_to_compare_with(db):
    first = built(db, "E1", as_of=datetime(2016, 12, 1, tzinfo=UTC))
    told = blocks(first)
    assert told["PEOPLE"][0] == "contributors does not apply (first event of its series here)"
    assert "TREND" not in told
    assert facts(first, "people")["New contributors"] == "does not apply (first event of its series here)"
    assert section(first, "people").lead == ""


@pytest.mark.parametrize(("say", "head", "sentence"), [
    (ENGLISH, "day 3 of 28, still counting", "so far"), (JA, "28 日中 3 日目、集計中", "現時点"),
])  # fmt: skip
def test_before_day_28_a_report_says_so(db, say, head, sentence):
    early = built(db, as_of=datetime(2016, 12, 21, 12, 30, tzinfo=UTC) + timedelta(days=3, hours=2))
    text = terminal.render(early, say)
    assert head in text
    assert sentence in text.partition(say("WHEN"))[2]
    assert "first 28 days" not in section(early, "when", say).lead


def test_an_event_without_posts_prints_states_and_no_numbers(db):
    whole = built(db)
    nothing = build([], replace(whole.frame, world=type(whole.frame.world)(), media_outlets=None), name="Empty")
    for say in (ENGLISH, JA):
        text = terminal.render(nothing, say)
        assert max(width(line) for line in text.splitlines()) <= 96
        assert "None" not in text
        shown = [part for one in pages.page(nothing, say).sections for fact in one.facts for part in fact]
        assert [part for part in shown if "None" in part] == []
    assert "Media were not checked: no outlet list configured." in terminal.render(nothing)
    assert "does not apply" in "\n".join(blocks(nothing)["PEOPLE"])
    assert "%" not in "\n".join(blocks(nothing)["HOW MUCH"])


def test_missing_measures_print_nothing(whole):
    """A report that was frozen by an earlier version has fewer rows."""
    old = replace(whole, metrics=tuple(row for row in whole.metrics if row.metric[:3] in ("M01", "M02", "M03", "M22")))
    told = blocks(old)
    assert {"PEOPLE", "HOW FAR", "LEADERS", "TREND"} & set(told) == set()
    names = [one.name for one in pages.page(old).sections]
    assert names == ["who", "volume", "quality", "stories", "left-out", "method", "numbers"]


@pytest.mark.parametrize(
    ("change", "word"), [("more", "more"), ("fewer", "fewer"), ("no_clear_change", "no clear change")]
)
def test_more_and_fewer_are_the_words_of_the_measure(whole, change, word):
    row = Metric(metric="M18.change", group="written", kind="participant", value=1.46, num=73, den=50,
                 ci=Interval(lo=1.02, hi=2.09), variants={"previous_event": "E1", "change": change})  # fmt: skip
    told = with_rows(whole, row)
    (line,) = [line for line in blocks(told)["TREND"] if line.startswith("Articles by participants")]
    assert line == f"Articles by participants 50 → 73 ×1.5 (1.0–2.1) {word}"
    assert section(told, "trend").tables[0].rows[-1][4] == f"73 after 50: {word}"


def test_other_recipes_are_a_break_and_no_rate(whole):
    row = Metric(
        metric="M18.change", group="written", kind="participant", num=73, den=50, status="not_applicable",
        flags=("new_source:zenn", "before:truncated:x"),
        variants={
            "previous_event": "E1",
            "same_recipe": {"value": 1.1, "change": "no_clear_change", "num": 55, "den": 50},
        },
    )  # fmt: skip
    lines = blocks(with_rows(whole, row))["TREND"]
    (at,) = [i for i, line in enumerate(lines) if line.startswith("Articles by participants")]
    assert lines[at : at + 3] == [
        "Articles by participants 50 → 73 does not apply · zenn is new", "last time: x was cut off",
        "by both recipes: 55 after 50, no clear change",
    ]  # fmt: skip
    assert "55 after 50, no clear change" in section(with_rows(whole, row), "trend").tables[0].rows[-1][4]


def test_coverage_is_at_least_and_never_a_factor(whole):
    row = Metric(metric="M04.at_least", group="written", value=52.0971, num=48,
                 variants={"lists": {"a": 30, "b": 40, "c": 20}})  # fmt: skip
    known = with_rows(whole, row)
    sentence = "At least 52 posts exist; we hold 48 (at most 92 %)."
    assert sentence in "\n".join(blocks(known)["QUALITY"])
    assert facts(known, "quality")["Posts that nobody found"] == sentence
    few = with_rows(whole, replace(row, value=None, status="insufficient", flags=("few_shared",)))
    assert facts(few, "quality")["Posts that nobody found"] == "too few to say (few in common)"
    alone = with_rows(whole, replace(row, value=None, status="not_applicable", flags=("one_source",)))
    assert "also crawl hatena_search, and x, bluesky" in facts(alone, "quality")["Posts that nobody found"]
    unlike = with_rows(whole, replace(row, flags=("lists_unlike",)))
    assert facts(unlike, "quality")["Posts that nobody found"].startswith(f"{sentence} Some sources found far more")
    assert "posts that nobody found: too few to say (few in common)" in "\n".join(blocks(few)["QUALITY"])


def test_half_times_with_a_range_of_days_of_chance_and_of_long(whole):
    row = whole.get("M06.t50", "written", "participant")
    says = lambda **more: sections_time.half_out(replace(row, **more), ENGLISH)  # noqa: E731 - a sentence each
    assert says(bounds=Bounds(lo=2.5, hi=11.0)) == "half out after 2.5 h to 11.0 h"
    assert says(ci=Interval(lo=6.0, hi=100.8)) == "half out after 14.5 h (6.0 h to 4.2 days)"
    assert says(value=96.0, flags=("so_far",)) == "half out after 4.0 days so far"
    assert says(status="truncated", flags=("not_reached:x",)) == "half out after 14.5 h (incomplete)"
    assert says(status="insufficient", value=None, flags=("few_posts",)) == "too few to say (few posts)"


def test_days_that_were_lit_again_are_told_with_their_posts(whole):
    day = {"day": "2017-01-04", "number": 14, "stories": 9, "mean_before": 0.4, "chance": 1e-9, "posts": ["p1", "p2"]}
    row = replace(whole.get("M07.reignition", "written", "earned"), value=1, series=(("2017-01-04", 9),),
                  variants={"days": [day], "not_looked": []})  # fmt: skip
    told = with_rows(whole, row)
    assert "lit again on 2017-01-04 (9)" in " ".join(blocks(told)["WHEN"])
    assert section(told, "when").tables[1].rows == (("2017-01-04", "articles", "9", "0.4", "p1, p2"),)


def test_a_net_promoter_score_comes_with_its_range_or_not_at_all(whole):
    row = Metric(metric="M21.nps", unit="points", value=20.0, den=40, ci=Interval(lo=-5.1, hi=45.1),
                 by={"as_of": "2016-12-22", "answers": 40, "attendees": 100})  # fmt: skip
    typed = Metric(metric="M21.typed_in", kind="NPS", value=20, by={"as_of": "2016-12-22", "source": "form"})
    told = facts(with_rows(whole, row, typed), "typed-in")
    assert told == {"Net promoter score of 2016-12-22": "+20 (-5 to +45 by chance) · 40 answers of 100 attendees"}
    few = replace(row, value=None, ci=None, status="insufficient", flags=("few_answers",))
    assert facts(with_rows(whole, few, typed), "typed-in") == {
        "Net promoter score of 2016-12-22": "too few to say (few answers)"
    }


def test_topics_are_words_or_the_titles_of_too_few(whole):
    term = {"term": "lambda", "documents": 30, "elsewhere": 5, "writers": 22, "z": 2.919}
    rows = [Metric(metric="M16.topics", group="written", kind=side, value=1, by={"lambda": 30},
                   variants={"documents": 40, "other_documents": 12, "terms": [term]})
            for side in ("participant", "media")]  # fmt: skip
    ours, theirs = section(with_rows(whole, *rows), "topics").tables
    assert ours.caption == "Participants say"
    assert ours.rows == theirs.rows == (("lambda", "30 of 40", "5 of 12", "22", "2.9"),)
    few = section(whole, "topics")
    assert few.facts == (("Topics", "too few to say (few texts)"),)
    assert [len(table.rows) for table in few.tables] == [7, 2]


def test_sparklines_of_a_group_share_a_scale():
    days = ["1", "2", "3"]
    assert sparkline({"1": 8, "3": 1}, days, plain=False, top=8) == "█ ▁"
    assert sparkline({"1": 2}, days, plain=False, top=8) == "▂  "
    assert set(sparkline({"1": 8, "3": 1}, days, plain=True, top=8)) <= set(" .:-=+*%#")


def test_lines_beside_something_keep_to_their_columns():
    lines = beside("記事", ["a" * 50, "日" * 33 + "、" + "日" * 6], 20)
    assert all(width(line) <= 87 for line in lines)
    assert lines[0].startswith(pad("記事", 20))
    assert [line[:20] for line in lines[1:]] == [" " * 20] * 2
    # What does not fit goes on below, whole, and no line begins with a comma.
    assert [line.strip() for line in lines[1:]] == ["日" * 32, "日、" + "日" * 6]


def test_a_change_without_anything_before_has_a_lower_end_only(whole):
    (row,) = [row for row in sections_trend.changes(whole) if row.group == "micro"]
    assert sections_trend.times(row, ENGLISH) == "at least ×0.8"
