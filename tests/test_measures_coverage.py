"""M04: the worked numbers of missed posts, which sources are lists, and when nothing is said."""

import json
from pathlib import Path

import pytest

from harvester.cli import run
from harvester.measure import coverage, unseen
from harvester.measure.sighted import lists_of
from harvester.measure.world import Scope, World
from tests.test_measures import frame, item

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"


def event(*groups, scopes=(), **changes):
    """Rows of M04 for groups of (how many stories, sightings of each, platform)."""
    items, sighted = [], {}
    for number, lists, platform in groups:
        for _ in range(number):
            key = len(items) + 1
            items.append(item(key, platform=platform, **changes))
            sighted[key] = tuple(asked if isinstance(asked, tuple) else (asked, "q") for asked in lists)
    return rows_of(items, sighted, scopes)


def rows_of(items, sighted, scopes=()):
    world = World(sighted=sighted, scopes=tuple(scopes))
    rows = coverage.measure(items, frame(world=world))
    return {(row.metric, row.kind): row for row in rows}


TWO = ((22, ("a",), "web"), (12, ("b",), "web"), (18, ("a", "b"), "web"))


def test_two_lists_to_the_digits():
    found = unseen.two_lists(40, 30, 18)
    assert (found.seen, round(found.estimate, 4)) == (52, 65.8947)
    assert (round(found.at_least, 4), round(found.at_most, 4)) == (57.2706, 91.5517)
    assert {odds: round(n, 3) for odds, n in found.what_if.items()} == {"1": 66.667, "2": 81.333, "4": 110.667}


def test_three_lists_to_the_digits():
    found = unseen.many_lists((24, 15, 9))
    assert (found.seen, found.estimate) == (48, 59.5)
    assert (round(found.at_least, 4), round(found.at_most, 4)) == (52.0971, 80.2792)
    assert f"{found.seen / found.at_least:.1%}" == "92.1%"


def test_lists_that_agree_on_everything():
    found = unseen.many_lists((0, 0, 10))
    assert (found.at_least, found.estimate, found.at_most) == (10.0, None, None)


def test_without_a_story_on_exactly_two_lists_only_the_lower_end_is_told():
    found = unseen.many_lists((12, 0, 3))
    # f0 = 2/3·12·11/2 = 44, N = 59, v = 44 + 4/9·12·23²/4 − 4/9·12⁴/(4·59) = 710.2825
    assert (found.estimate, found.at_most) == (None, None)
    assert found.at_least == pytest.approx(29.708, abs=2e-3)
    assert unseen.many_lists((1, 0, 4)).at_least == 5.0


def test_two_lists_that_share_too_little():
    found = unseen.two_lists(8, 5, 0)
    assert (round(found.at_least, 1), round(found.at_most)) == (17.3, 1851)
    assert found.what_if == {}
    rows = event((8, ("a",), "web"), (5, ("b",), "web"))
    row = rows["M04.at_least", ""]
    assert (row.status, row.value, row.flags) == ("insufficient", None, ("few_shared",))
    assert rows["M04.found", ""].value is None
    assert "if_independent" not in row.variants


@pytest.mark.parametrize(("shared", "status"), [(6, "insufficient"), (7, "ok")])
def test_seven_shared_are_enough(shared, status):
    row = event((9, ("a",), "web"), (9, ("b",), "web"), (shared, ("a", "b"), "web"))["M04.at_least", ""]
    assert row.status == status


def test_the_published_statement_of_two_lists():
    rows = event(*TWO)
    exist, found = rows["M04.at_least", ""], rows["M04.found", ""]
    assert (exist.status, exist.num, exist.variants["at_least"]) == ("ok", 52, 57)
    assert exist.value == pytest.approx(57.2706, abs=5e-5)
    assert exist.ci is None
    assert f"{found.value:.1%}" == "90.8%"
    assert exist.variants["if_independent"]["estimate"] == pytest.approx(65.8947, abs=5e-5)
    assert exist.variants["if_sources_agree"]["4"] == pytest.approx(110.667, abs=5e-4)
    assert rows["M04.overlap", ""].by == {"a": 22, "a + b": 18, "b": 12}
    assert rows["M04.overlap", ""].variants["lists"] == {"a": 40, "b": 30}


def test_the_published_statement_of_three_lists():
    rows = event(
        (10, ("a",), "web"), (14, ("b",), "web"), (15, ("a", "c"), "web"), (9, ("a", "b", "c"), "web")
    )  # fmt: skip
    exist = rows["M04.at_least", ""]
    assert exist.value == pytest.approx(52.0971, abs=5e-5)
    assert exist.variants["seen_by"] == [24, 15, 9]
    assert "if_sources_agree" not in exist.variants
    assert rows["M04.found", ""].value == pytest.approx(0.921, abs=5e-4)


@pytest.mark.parametrize(
    ("groups", "flag"), [(((9, ("a",), "web"),), "one_source"), (((9, (), "web"),), "no_source"), ((), "no_source")]
)
def test_one_source_is_nothing_to_compare(groups, flag):
    row = event(*groups)["M04.at_least", ""]
    assert (row.status, row.value, row.flags) == ("not_applicable", None, (flag,))


def test_fewer_than_six_stories_are_no_statistic():
    row = event((3, ("a", "b"), "web"), (2, ("a", "c"), "web"))["M04.at_least", ""]
    assert (row.status, row.flags) == ("insufficient", ("few_stories",))


def test_a_source_that_copies_another_is_no_list():
    groups = ((22, ("a", "copy"), "web"), (12, ("b",), "web"), (18, ("a", "b", "copy"), "web"))
    assert event(*groups)["M04.at_least", ""].variants["lists"] == {"a": 40, "b": 30, "copy": 40}
    row = event(*groups, scopes=[Scope(source="copy", fed_by="a")])["M04.at_least", ""]
    assert row.variants["lists"] == {"a": 40, "b": 30}
    assert row.value == pytest.approx(57.2706, abs=5e-5)


def test_a_followed_page_is_on_no_list():
    groups = (
        (22, ("a", ("blog", "via a")), "web"), (12, ("b", ("blog", "via x")), "web"),
        (18, ("a", ("homes", ""), "b", ("blog", "")), "web"), (3, (("blog", "via x"),), "web"),
    )  # fmt: skip
    row = event(*groups, scopes=[Scope(source="homes", follows=True)])["M04.at_least", ""]
    assert row.variants["lists"] == {"a": 40, "b": 30}
    assert row.by == {"found": 55, "on_lists": 52, "on_no_list": 3}
    assert row.flags == ("some_on_no_list",)
    assert row.value == pytest.approx(57.2706, abs=5e-5)


def test_what_no_list_found_exists_all_the_same():
    rows = event(*TWO, (30, (("follower", ""),), "web"), scopes=[Scope(source="follower", follows=True)])
    assert (rows["M04.at_least", ""].value, rows["M04.found", ""].value) == (82.0, 1.0)


def test_a_copy_that_was_seen_is_its_story_that_was_seen():
    items = [item(n) for n in range(1, 31)]
    sighted = dict.fromkeys(range(1, 31), (("a", ""),))
    for n in range(1, 19):
        items.append(item(100 + n, story=f"k{n}", relation="crosspost", counted=False))
        sighted[100 + n] = (("b", ""),)
    lists = lists_of(items, frame(world=World(sighted=sighted)))
    assert (len(lists.stories), lists.sizes, lists.times) == (30, {"a": 30, "b": 18}, (12, 18))


def test_only_confirmed_written_stories_of_the_community_are_estimated():
    others = [
        item(1, "media"), item(2, "organiser"), item(3, group="micro"), item(4, relevance="probable"),
        item(5, counted=False), item(6, "independent"),
    ]  # fmt: skip
    lists = lists_of(others, frame(world=World(sighted=dict.fromkeys(range(1, 7), (("a", ""),)))))
    assert len(lists.stories) == 1


SCOPES = (Scope(source="qiita", platforms=("qiita",)), Scope(source="note", platforms=("note",)), Scope(source="open"))


def test_platforms_of_one_list_each_are_no_comparison():
    rows = event((20, ("qiita",), "qiita"), (20, ("note",), "note"), scopes=SCOPES)
    assert (rows["M04.at_least", ""].status, rows["M04.at_least", ""].flags) == ("not_applicable", ("sources_apart",))
    assert rows["M04.stratum", "qiita"].flags == ("one_source",)


def test_platforms_are_taken_apart_when_most_stories_have_one_list_only():
    rows = event(
        (22, ("qiita",), "qiita"), (12, ("open",), "qiita"), (18, ("qiita", "open"), "qiita"),
        (60, ("note",), "note"), scopes=(*SCOPES[:2], Scope(source="open", platforms=("qiita",))),
    )  # fmt: skip
    exist = rows["M04.at_least", ""]
    assert exist.flags == ("by_platform", "not_estimated:note")
    assert exist.value == pytest.approx(60 + 57.2706, abs=5e-5)
    assert rows["M04.stratum", "qiita"].value == pytest.approx(57.2706, abs=5e-5)
    assert rows["M04.stratum", "note"].status == "not_applicable"
    assert "if_independent" not in exist.variants


def test_half_of_the_stories_may_have_one_list_only_and_say_nothing_of_the_others():
    scopes = (Scope(source="a", platforms=("qiita",)), Scope(source="b", platforms=("qiita", "web")))
    groups = [(n, lists, "qiita") for n, lists, _ in TWO]
    rows = event(*groups, (52, ("b",), "web"), scopes=scopes)
    assert rows["M04.at_least", ""].value == pytest.approx(52 + 57.2706, abs=5e-5)
    assert rows["M04.at_least", ""].flags == ("some_on_one_list_only",)
    assert ("M04.stratum", "web") not in rows
    rows = event(*groups, (53, ("b",), "web"), scopes=scopes)
    assert rows["M04.at_least", ""].value == pytest.approx(53 + 57.2706, abs=5e-5)
    assert rows["M04.stratum", "web"].flags == ("one_source",)


def test_without_a_declaration_a_source_reaches_where_it_saw_something():
    groups = [(n, lists, "qiita") for n, lists, _ in TWO]
    row = event(*groups, (30, ("b",), "web"))["M04.at_least", ""]
    assert row.value == pytest.approx(30 + 57.2706, abs=5e-5)


CRAWLED = (
    (10, ("qiita", "shared"), "qiita"), (30, ("qiita",), "qiita"), (2, ("listed",), "qiita"),
    (18, ("shared", "listed"), "web"), (22, ("shared",), "web"), (12, ("listed",), "web"), (9, (), "web"),
    (4, ("listed",), "note"), (3, (), "note"),
)  # fmt: skip


def test_who_asked_a_platform_stands_against_those_who_pointed_there():
    """Where nobody asked, what was shared against what was listed; each platform by itself, what is held at least."""
    rows = event(*CRAWLED, scopes=SCOPES[:1])
    qiita, web, exist = rows["M04.stratum", "qiita"], rows["M04.stratum", "web"], rows["M04.at_least", ""]
    assert qiita.value == pytest.approx(unseen.two_lists(40, 12, 10).at_least)
    assert web.value == pytest.approx(unseen.two_lists(40, 30, 18).at_least)
    assert rows["M04.stratum", "note"].flags == ("one_source",)
    assert exist.value == pytest.approx(qiita.value + 61 + 7)
    assert exist.flags == ("by_platform", "not_estimated:note", "some_on_no_list")
    assert (exist.status, exist.num) == ("ok", 110)


def test_what_pointed_to_too_little_says_so():
    row = event((9, ("shared",), "web"), (9, ("listed",), "web"), (6, ("shared", "listed"), "web"))["M04.at_least", ""]
    assert (row.status, row.value, row.flags) == ("insufficient", None, ("few_shared",))


def test_a_list_of_another_platform_is_none_of_a_stratum():
    """What `note` saw is a copy over there: three lists would be an estimate of another kind."""
    items = [item(n, platform="qiita") for n in range(1, 53)]
    sighted = {n: tuple((name, "") for name in held) for n, held in enumerate(_held(TWO), 1)}
    items += [item(100 + n, story=f"k{n}", platform="note", relation="crosspost", counted=False) for n in range(1, 4)]
    sighted |= {100 + n: (("note", ""),) for n in range(1, 4)}
    items += [item(200 + n, platform="note") for n in range(60)]
    sighted |= {200 + n: (("note", ""),) for n in range(60)}
    rows = rows_of(items, sighted)
    assert rows["M04.stratum", "qiita"].variants["lists"] == {"a": 40, "b": 30}
    assert rows["M04.stratum", "qiita"].value == pytest.approx(57.2706, abs=5e-5)


def _held(groups):
    return [lists for number, lists, _ in groups for _ in range(number)]


def test_lists_that_are_not_alike_are_told():
    """Were they independent, three lists that find 85, 30 and 10 % would give a limit above the truth nearly always."""
    unlike = event((48, ("a",), "w"), (8, ("b",), "w"), (22, ("a", "b"), "w"), (6, ("a", "c"), "w"), (3, ("c",), "w"))
    assert unlike["M04.at_least", ""].flags == ("lists_unlike",)
    alike = event((10, ("a",), "w"), (14, ("b",), "w"), (15, ("a", "c"), "w"), (9, ("a", "b", "c"), "w"))
    assert alike["M04.at_least", ""].flags == ()


def test_how_much_unlike_lists_overstate():
    found = unseen.many_lists((24, 15, 9))
    assert unseen.overstated((29, 29, 29), found) == pytest.approx(1.0)
    # shares 0.8, 0.4, 0.4 of 59.5 are odds of 4, 2/3 and 2/3, whose sum is 16/3 and whose products make 52/9
    assert unseen.overstated((47.6, 23.8, 23.8), found) == pytest.approx(2 / 3 * (16 / 3) ** 2 / (2 * (16 / 3 + 4 / 9)))


def test_the_ratio_is_shown_as_it_would_be_and_never_corrected():
    items = [item(n) for n in range(1, 8)] + [item(20 + n, "media") for n in range(2)]
    row = rows_of(items, {})["M04.ratio_if_missed", ""]
    assert row.value == 3.5
    assert row.by["70% of participants', 100% of media's"] == pytest.approx(5.0)
    assert row.by["70% of participants', 90% of media's"] == pytest.approx(4.5)
    assert rows_of(items[:7], {})["M04.ratio_if_missed", ""].status == "not_applicable"


def test_through_import_and_report(tmp_path, capsys):
    """The fixture has no sightings: nothing to compare. With some, the report says what the measure says."""
    db, more = tmp_path / "m.db", tmp_path / "more.jsonl"
    assert run(["import", "E2", str(FX), "--db", str(db)]) == 0
    capsys.readouterr()
    assert run(["report", "E2", "--db", str(db), "--json"]) == 0
    rows = {row["metric"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["M04.at_least"]["status"], rows["M04.at_least"]["value"]) == ("not_applicable", None)
    assert rows["M04.at_least"]["by"] == {"found": 8, "on_lists": 0, "on_no_list": 8}
    seen = {"i01": "ab", "i02": "a", "i08": "b", "i03": "ab", "i04": "ac", "i06": "abc", "i07": "c", "i17": "a"}
    lines = [
        {"type": "run", "run": "r", "event": "E2", "source": "c", "fed_by": "a", "started_at": "2017-02-01T00:00:00Z"}
    ]
    lines += [
        {"type": "sighting", "event": "E2", "post": post, "source": name, "run": "r"}
        for post, names in seen.items()
        for name in names
    ]
    more.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert run(["import", "E2", str(more), "--db", str(db)]) == 0
    capsys.readouterr()
    assert run(["report", "E2", "--db", str(db), "--json"]) == 0
    rows = {row["metric"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["M04.overlap"]["by"] == {"a + b": 4, "a": 2}
    assert (rows["M04.at_least"]["status"], rows["M04.at_least"]["flags"]) == ("insufficient", ["few_stories"])
    assert rows["M04.ratio_if_missed"]["value"] == 3.5
