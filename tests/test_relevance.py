"""Is it about the event: names, tags, dates, editions, addresses, and what speaks against."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harvester.classify import relevance
from harvester.classify.evidence import strongest
from harvester.event import Event, Person
from harvester.model import Author, Post, When

REINVENT = Event(
    slug="reinvent-2016", name="AWS re:Invent 2016", names=("AWS re:Invent", "re:Invent", "リインベント"),
    hashtags=("reinvent", "reinvent2016"), negative=("reinvent yourself",), edition="2016", city="Las Vegas",
    starts=datetime(2016, 11, 28, 16, tzinfo=UTC), ends=datetime(2016, 12, 3, tzinfo=UTC),
    timezone="America/Los_Angeles", report_timezone="Asia/Tokyo", vendor_names=("AWS",), event_urls=("https://reinvent.awsevents.com/",),
)  # fmt: skip
VOL2 = Event(
    slug="cmc-2", name="CMC Meetup vol.2", names=("CMC Meetup", "CMC_Meetup"), hashtags=("cmc_meetup",), edition="2",
    starts=datetime(2016, 12, 21, 10, tzinfo=UTC), ends=datetime(2016, 12, 21, 13, tzinfo=UTC), timezone="Asia/Tokyo",
    report_timezone="Asia/Tokyo", event_urls=("https://cmc-meetup.connpass.com/event/12345/",),
)  # fmt: skip
DAYS = Event(
    slug="jaws-days-2017", name="JAWS DAYS 2017", hashtags=("jawsdays",), starts=datetime(2017, 3, 11, tzinfo=UTC),
    ends=datetime(2017, 3, 11, 12, tzinfo=UTC), timezone="Asia/Tokyo", report_timezone="Asia/Tokyo",
)  # fmt: skip
CES = Event(
    slug="ces-2016", name="CES", starts=datetime(2016, 1, 6, tzinfo=UTC), ends=datetime(2016, 1, 9, tzinfo=UTC),
    timezone="America/Los_Angeles", report_timezone="America/Los_Angeles",
)  # fmt: skip


def post(title="", text="", *, day="2016-12-05", url="https://a.example/entry/1", kind="article", **more):
    at = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
    precision = more.pop("precision", "day" if at else "unknown")
    return Post(
        key=url, url=url, kind=kind, platform="web", host="a.example",
        author=Author(platform="web", handle="a.example"),
        title=title, text=text, published=When(at=at, precision=precision, origin="feed"), **more,
    )  # fmt: skip


def judged(event, *args, **more):
    return relevance.judge(post(*args, **more), event).relevance


@pytest.mark.parametrize(
    "title",
    [
        "AWS re:Invent 2016 に参加しました",
        "re:Invent 初日",
        "ＡＷＳ　ｒｅ：Ｉｎｖｅｎｔのまとめ",
        "リインベント見聞録",
        "AWS re-Invent report",
        "reinvent2016 の歩き方",
        "aws reinvent days",
    ],
)
def test_a_name_in_the_title_in_the_events_weeks(title):
    assert judged(REINVENT, title) == "confirmed"


@pytest.mark.parametrize(
    "title",
    ["How to reinvent the wheel", "Reinventing marketing", "AWS入門", "preinvent notes", "re:Inventory of things"],
)
def test_words_that_only_look_like_the_name(title):
    assert judged(REINVENT, title) == "rejected"


def test_the_address_stands_in_for_a_title():
    assert judged(REINVENT, url="https://a.example/2016/12/05/aws-reinvent-2016-recap/") == "confirmed"


@pytest.mark.parametrize(
    ("title", "day", "expected"),
    [
        ("AWS re:Invent 2018 Recap", "2018-12-01", "rejected"),
        ("AWS re:Invent 2018 Recap", "", "rejected"),
        ("AWS re:Invent 2018 Recap", "2016-12-05", "rejected"),
        ("AWS re:Invent 2016 を振り返る", "2018-05-01", "confirmed"),
        ("AWS re:Invent 2016 を振り返る", "", "confirmed"),
        ("re:Invent '16 notes", "2017-04-01", "confirmed"),
        ("2016年のre:Invent", "2017-04-01", "confirmed"),
        ("re:Invent notes", "2017-11-30", "rejected"),
        ("re:Invent notes", "", "probable"),
    ],
)
def test_editions_by_year(title, day, expected):
    assert judged(REINVENT, title, day=day) == expected


@pytest.mark.parametrize(
    ("title", "day", "expected"),
    [
        ("CMC_Meetup Vol.2 レポート", "2016-12-22", "confirmed"),
        ("CMC_Meetup Vol.16 に参加", "2016-12-22", "rejected"),
        ("第2回 CMC Meetup", "2016-12-22", "confirmed"),
        ("第3回CMC Meetup", "2016-12-22", "rejected"),
        ("CMC Meetup #2", "", "confirmed"),
        ("CMC Meetupに行ってきた", "2016-12-22", "confirmed"),
        ("CMC Meetupに行ってきた", "2019-12-22", "rejected"),
    ],
)
def test_editions_by_number(title, day, expected):
    assert judged(VOL2, title, day=day) == expected


def test_a_sister_event_is_another_event():
    assert judged(DAYS, "JAWS FESTA 2017に参加してきました", "楽しかった。", day="2017-03-20") == "rejected"
    assert judged(DAYS, "JAWSDAYS2017に参加してきました", day="2017-03-12") == "confirmed"
    passing = "まつりの話。" * 60 + "先日のJAWS DAYSに続いて。" + "まつりの話。" * 20
    assert judged(DAYS, "JAWS FESTA 2017に参加してきました", passing, day="2017-03-20") == "probable"


def test_a_short_name_counts_in_capitals_only():
    assert judged(CES, "CES 初日レポート", day="2016-01-07") == "confirmed"
    assert judged(CES, "Tous ces gadgets", day="2016-01-07") == "rejected"
    assert judged(CES, "Access to processes", day="2016-01-07") == "rejected"


def test_the_place_of_a_name_matters():
    opening = relevance.judge(post("日記", "re:Inventに来ています。"), REINVENT)
    deep = relevance.judge(post("日記", "買い物の話。" * 80 + "re:Inventの話。"), REINVENT)
    twice = relevance.judge(post("日記", "買い物の話。" * 80 + "re:Inventの話。re:Inventはよい。"), REINVENT)
    there = relevance.judge(post("日記", "買い物の話。" * 80 + "re:Invent に参加しました。"), REINVENT)
    found = [label.relevance for label in (opening, deep, twice, there)]
    assert found == ["confirmed", "probable", "confirmed", "confirmed"]


def test_a_word_in_passing_is_not_enough_even_with_its_year():
    text = "買い物の話。" * 20 + "来月は re:Invent 2016 の話を聞く予定です。" + "買い物の話。" * 20
    assert judged(REINVENT, "週末に本棚を作った", text) == "probable"


@pytest.mark.parametrize(
    ("tags", "day", "expected"),
    [
        (("reinvent",), "2016-12-01", "confirmed"),
        (("ＲｅＩｎｖｅｎｔ",), "2016-12-01", "confirmed"),
        (("reinvent",), "2018-12-01", "rejected"),
        (("reinvent2016",), "2018-12-01", "confirmed"),
        (("reinvent",), "", "probable"),
        (("reinvent2018",), "2016-12-01", "rejected"),
        (("aws",), "2016-12-01", "rejected"),
    ],
)
def test_tags_of_microposts(tags, day, expected):
    assert judged(REINVENT, "", "キーノート始まった", day=day, kind="micropost", hashtags=tags) == expected


def test_a_link_to_the_events_page():
    assert (
        judged(VOL2, "行ってきます", links=("https://cmc-meetup.connpass.com/event/12345/participation/",))
        == "confirmed"
    )
    assert judged(VOL2, "行ってきます", links=("connpass:12345",)) == "confirmed"
    assert judged(VOL2, "行ってきます", links=("https://cmc-meetup.connpass.com/event/99/",)) == "rejected"


def test_words_that_the_event_file_rules_out():
    assert judged(REINVENT, "re:Invent and reinvent yourself: a coach writes") == "rejected"


def test_job_advertisements_and_listings():
    assert judged(REINVENT, "re:Inventに行けるエンジニアを募集") == "rejected"
    assert judged(REINVENT, "re:Invent", url="https://a.example/category/reinvent/") == "rejected"
    assert judged(REINVENT, "re:Invent", url="https://a.example/page/2") == "rejected"
    assert judged(REINVENT, "re:Invent", url="https://a.example/2016/12/") == "rejected"
    assert judged(REINVENT, "re:Invent", url="https://a.example/2016/12/05/reinvent") == "confirmed"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/advent-calendar/2016/reinvent", "rejected"),
        ("https://a.example/t/reinvent", "rejected"),
        ("https://a.example/topics/reinvent", "rejected"),
        ("https://ja.wikipedia.org/wiki/ReInvent", "rejected"),
        ("https://www.shop.example/reinvent-2016/dp/4000000000", "rejected"),
        ("https://play.shop.example/store/apps/details?id=com.demo.reinvent", "rejected"),
        ("https://apps.example/reinvent/com.demo.reinvent", "rejected"),
        ("https://a.example/topics/reinvent-2016-report", "confirmed"),
        ("https://a.example/2016/advent-calendar-day-5-reinvent", "confirmed"),
    ],
)
def test_lists_of_many_and_entries_of_shops_and_encyclopedias(address, expected):
    assert judged(REINVENT, "AWS re:Invent 2016", url=address) == expected


@pytest.mark.parametrize(
    ("day", "precision", "rules"),
    [
        ("2016-12-01", "month", {"R11"}), ("2016-11-01", "month", {"R11"}), ("2017-02-01", "month", set()),
        ("2016-01-01", "year", set()), ("2018-01-01", "year", {"R12"}), ("2014-01-01", "month", {"R12"}),
    ],
)  # fmt: skip
def test_vague_dates(day, precision, rules):
    label = relevance.judge(post("x", day=day, precision=precision), REINVENT)
    assert {e.rule for e in label.evidence if e.group == "date"} == rules


def test_a_date_alone_says_nothing():
    assert judged(REINVENT, "日記") == "rejected"


def test_evidence_is_kept_with_its_weight_and_words():
    label = relevance.judge(post("AWS re:Invent 2016 に参加"), REINVENT)
    assert [(e.rule, e.weight, e.snippet) for e in strongest(label.evidence)] == [
        ("R16", 2, "aws re:invent 2016…"),
        ("R4", 14, "aws re:invent 2016 に参加"), ("R8", 8, "aws re:invent 2016 に参加"),
        ("R11", 6, "2016-12-05"),
    ]  # fmt: skip
    assert label.score == 30


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AWS re:Invent 2016に参加", True),
        ("#ReInvent 楽しい", True),
        ("＃reinvent2016", True),
        ("/2016/12/reinvent-2016", True),
        ("reinvent the wheel", False),
        ("", False),
        ("AWSの請求", False),
    ],
)
def test_the_cheap_gate(text, expected):
    assert relevance.mentions(REINVENT, text) is expected


def test_the_gate_of_a_short_name():
    assert relevance.mentions(CES, "CESの会場から")
    assert not relevance.mentions(CES, "ces gadgets")


@pytest.mark.parametrize(
    ("title", "text", "tags", "expected"),
    [
        ("【PR】デモの話", "", (), True),
        ("デモの話", "提供:デモ社\n本文", (), True),
        ("デモの話", "", ("ad",), True),
        ("デモの話", "この記事はデモ社の提供です", (), True),
        ("PRTIMESの話", "", (), False),
        ("機能を提供します", "", (), False),
        ("", "#advent calendar", ("advent",), False),
        ("デモの話", "本" * 500 + "#PR", (), False),
    ],
)
def test_posts_that_say_they_were_paid_for(title, text, tags, expected):
    assert bool(relevance.incentivised(post(title, text, hashtags=tags), REINVENT)) is expected


SERIES = replace(
    REINVENT, slug="reinvent", name="AWS re:Invent", edition="all", starts=datetime(2012, 11, 1, tzinfo=UTC),
    ends=datetime(2030, 12, 31, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize(
    ("title", "day", "expected"),
    [
        ("AWS re:Invent 2018 Recap", "2018-12-01", "confirmed"),
        ("AWS re:Invent Recap", "", "confirmed"),
        ("re:Invent '16 notes", "", "confirmed"),
        ("AWS入門", "2018-12-01", "rejected"),
        ("reinvent yourself", "2018-12-01", "rejected"),
    ],
)
def test_an_event_file_for_the_whole_series_has_every_edition(title, day, expected):
    assert judged(SERIES, title, day=day) == expected


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("AWS re:Invent 2016 出展のお知らせ", "R20"),
        ("re:Invent 2016 報告会の参加者募集", "R20"),
        ("re:Invent 2016: registration is now open", "R20"),
        ("See you at AWS re:Invent 2016", "R20"),
        ("What to expect at AWS re:Invent 2016", "R20"),
        ("AWS re:Invent 2016 に参加しました", ""),
        ("re:Invent 2016 で何が発表されたのか", ""),
        ("What we saw at AWS re:Invent 2016", ""),
        ("開催レポート AWS re:Invent 2016", ""),
    ],
)
def test_what_is_still_to_come_is_told_apart(title, rule):
    found = {e.rule for e in relevance.judge(post(title, day="2016-11-10"), REINVENT).evidence}
    assert ("R20" in found) is bool(rule)


def test_a_curated_list_in_a_code_repository_is_no_report():
    address = "https://github.com/aoi/awesome-reinvent-2016"
    assert judged(REINVENT, "awesome-reinvent-2016: a list of talks", url=address, kind="repo") == "rejected"
    report = "https://github.com/aoi/reinvent-2016-notes"
    assert judged(REINVENT, "re:Invent 2016 notes", url=report, kind="repo") == "confirmed"


def test_paperwork_of_a_code_repository_is_no_report():
    for path, expected in [
        ("pull/413", "rejected"), ("issues/12", "rejected"), ("-/merge_requests/3", "rejected"),
        ("blob/main/reinvent-2016.md", "confirmed"),
    ]:  # fmt: skip
        url = f"https://github.com/aoi/notes/{path}"
        assert judged(REINVENT, "Notes on AWS re:Invent 2016", url=url) == expected, path


STAGE = replace(REINVENT, organisers=(Person(name="Werner Vogels"), Person(name="アンディ・ジャシー")))


@pytest.mark.parametrize(
    ("title", "day", "expected"),
    [
        ("AWS CTO Vogels on pain", "2016-12-06", "confirmed"),
        ("AWSのアンディ・ジャシーCEOが語った", "2016-12-01", "confirmed"),
        ("AWS CTO Vogels on pain", "2017-02-01", "rejected"),
        ("AWS CTO Vogels on pain", "2016-11-01", "rejected"),
        ("AWS CTO Vogels on pain", "", "rejected"),
        ("Vogels on pain", "2016-12-06", "rejected"),
        ("AWS on pain", "2016-12-06", "rejected"),
    ],
)
def test_a_name_of_the_stage_and_the_vendor_speak_in_the_events_days(title, day, expected):
    assert judged(STAGE, title, day=day) == expected


@pytest.mark.parametrize(
    ("title", "day", "kind", "expected"),
    [
        ("Introducing a database (DAT206)", "2016-12-01", "slides", "confirmed"),
        ("Introducing a database (DAT206)", "2016-12-20", "slides", "rejected"),
        ("Introducing a database (DAT206)", "2016-12-01", "article", "rejected"),
        ("Introducing a database (RFC 2616)", "2016-12-01", "slides", "rejected"),
    ],
)
def test_a_session_code_on_a_deck_speaks_in_the_events_days(title, day, kind, expected):
    assert judged(STAGE, title, day=day, kind=kind) == expected


def test_a_sister_named_in_passing_rules_nothing_out():
    ours = replace(DAYS, negative=("JAWS FESTA", "JAWS DAYS 2018"))
    passing = "JAWS DAYS 2017 に行った。前回の JAWS FESTA より広い。JAWS DAYS はよい。"
    assert judged(ours, "日記", passing, day="2017-03-12") == "confirmed"
    about = "JAWS FESTA に行った。JAWS FESTA はよい。JAWS DAYS も。"
    assert judged(ours, "日記", about, day="2017-03-12") == "rejected"
    assert judged(ours, "JAWS FESTA の日記", passing, day="2017-03-12") == "rejected"
    # A name inside a ruled-out term is no name of ours.
    assert judged(ours, "日記", "JAWS DAYS 2018 の準備。JAWS DAYS 2018 は来年。", day="2017-03-12") == "rejected"
