"""The Japanese of reports: one term for one thing, whole sentences, dates and signs as they are written in Japanese."""

import re
import string
from datetime import date

import pytest
from click.testing import CliRunner

from harvester.cli import cli, run
from harvester.measure.metric import Bounds, Interval, Metric
from harvester.report import day_words, reasons, sections_time
from harvester.report.language import ENGLISH, language
from harvester.report.layout import width, wrapped
from tests import catalogue
from tests.test_report import FX

JA = language("ja")
FOUND = [
    (source, told)
    for message in catalogue.read("ja", catalogue.languages()["ja"])
    if message.id
    for source in ((message.id,) if isinstance(message.id, str) else message.id[:1])
    for told in ((message.string,) if isinstance(message.string, str) else message.string)
]
# What an English word is called, everywhere: the reader of a report must not wonder whether two words are two things.
TERMS = {
    r"attendees?\b": "来場者",
    r"attendance list": "来場者名簿",
    r"authors?\b|writers?\b": "書き手",
    r"(?i)\bbookmarks?\b": "ブックマーク",
    r"contributors?\b": "発信者",
    r"decks?\b": "登壇資料",
    r"(?i)\bfollowers\b": "フォロワー",
    r"(?i)\bgini\b": "ジニ",
    r"independent\b(?!,)": "参加未確認",
    r"luck|chance": "偶然",
    r"(?i)\bmedia\b|outlet": "媒体",
    r"microposts?\b": "短文投稿",
    r"(?i)organisers?\b": "主催",
    r"outlet list": "媒体リスト",
    r"owned": "主催側",
    r"(?i)participants?\b": "参加者",
    r"press releases?": "プレスリリース",
    r"(?i)\brecipes?\b": "測定条件",
    r"(?i)\brules\b(?! out)": "判定ルール",
    r"(?i)\bsources?\b": "収集元",
    r"speakers?\b": "登壇者",
    r"sponsors?\b": "スポンサー",
    r"unclassified": "区分不明",
    r"undated": "日付不明",
    r"(?i)vendors?\b": "ベンダー",
}
# Sentences of the measurement specification, which says them in its own way, and words that mean another thing there.
OTHERWISE = {
    "Media were not checked: no outlet list configured.",
    "{P} participant and {M} media stories; too few media to give a reliable ratio.",
    "{P} participant stories; no media story found in {n} checked outlet.",
    "{P} participant story; no media story found in {n} checked outlet.",
    "No clear change from {prev}.",
    "{n} writers",
    "writers of half of it",
    "If the sources were independent, which they are not: {n} stories.",
    "After day 7, at least three posts, and less than one chance in a thousand after the week before.",
}
# Names, commands and units that are written so in Japanese too.
LATIN = {
    "AUTHOR", "Facebook", "GDELT", "Issue", "LINE", "NPS", "Q", "A", "Slack", "URL", "UTC", "csv", "event", "explain",
    "export", "format", "harvest", "harvester", "insufficient", "k", "n", "not_applicable", "ok", "report", "robots",
    "status", "truncated", "txt", "unmeasured", "classify", "hatena_search", "x", "bluesky", "mastodon", "misskey",
    "review",
}  # fmt: skip
RETIRED = ("ソース", "著者", "レシピ", "参加者名簿", "媒体一覧", "過半数", "正解")


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def without_places(text):
    return re.sub(r"\{[^}]*\}", "", text)


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("fx") / "fx.db"
    assert run(["import", "E2", str(FX), "--db", str(path)]) == 0
    return path


def printed(db, *words):
    options = [*words, "--db", str(db), "--lang", "ja"]
    return CliRunner().invoke(cli, options, catch_exceptions=False, standalone_mode=False).output


@pytest.mark.parametrize("english", TERMS)
def test_a_thing_has_one_name(english):
    said = [
        (source, told)
        for source, told in FOUND
        if re.search(english, without_places(source)) and source not in OTHERWISE
    ]
    assert said
    assert [pair for pair in said if TERMS[english] not in pair[1]] == []


def test_no_number_of_a_sentence_is_lost():
    lost = [source for source, told in FOUND if places(source) - places(told) and source not in OTHERWISE]
    assert lost == []


def test_nothing_is_left_in_english():
    left = [(told, word) for _, told in FOUND
            for word in re.findall(r"[A-Za-z_]+", without_places(told)) if word not in LATIN]  # fmt: skip
    assert left == []
    bare = {told for _, told in FOUND if told.isascii() and re.search("[a-z]", without_places(told))}
    assert bare <= {"harvester", "{name}(n = {n})"}


def test_signs_are_those_of_one_hand():
    wrong = {
        "half-width kana": r"[\uff61-\uff9f]",
        "full-width letters, digits or brackets": r"[\uff01-\uff5e]",
        "another wave": "[\uff5e~]",
        "a dash between numbers": "–",
        "an English comma": r",(?!\d)",
        "a blank beside a Japanese sign": r"\s[、。)」]|[、。「]\s",
        "a blank before a bracket": r"[^\s:] \(",
        "two blanks": r"\S  \S(?!偶)",
        "an English quotation mark": '[“”"]',
        "a retired word": "|".join(RETIRED),
    }
    found = [(name, told) for name, sign in wrong.items() for _, told in FOUND
             if re.search(sign, told) and not (name == "two blanks" and "   " in told)]  # fmt: skip
    assert found == []


def test_a_sentence_is_polite_and_ends_and_a_label_does_not():
    sentences = [(source, told) for source, told in FOUND if source.endswith(".") and source[0].isupper()]
    assert len(sentences) > 25
    assert [told for _, told in sentences if not told.endswith("。")] == []
    told = [told for _, told in sentences if ": " not in told and told not in OTHERWISE]
    assert [one for one in told if not re.search("です|ます|ました|ません", one)] == []
    labels = [told for source, told in FOUND if len(source) < 25 and "." not in source and " · " not in source]
    assert [told for told in labels if re.search("です|ます$|。", told)] == []


def test_words_are_counted_by_their_counters():
    assert [JA.many("{n} story", "{n} stories", 3), JA.many("{n} micropost", "{n} microposts", 3)] == [
        "3 本", "短文投稿 3 件",
    ]  # fmt: skip
    assert [JA.many("{n} person", "{n} people", 2), JA("{n} days", n="4.2")] == ["2 人", "4.2 日"]


def test_a_day_is_written_as_the_language_writes_it():
    assert [day_words.day(at, JA) for at in ("2016-12-21", date(2017, 1, 5), "2016-12", "2016", "soon", "")] == [
        "2016年12月21日", "2017年1月5日", "2016年12月", "2016年", "soon", "",
    ]  # fmt: skip
    stored = ["2016-12-21", "2016-12", "2016"]
    assert [day_words.day(at, ENGLISH) for at in stored] == stored
    assert day_words.moment("2016-12-21T09:05:00Z", JA) == "2016年12月21日 09:05"
    assert [day_words.short(date(2016, 1, 5), say) for say in (ENGLISH, JA)] == ["01-05", "1/5"]
    gaps = [("2017-01-01", "2017-01-03"), ("2017-01-05", "2017-01-05")]
    assert day_words.spans(gaps, JA) == "2017年1月1日〜2017年1月3日、2017年1月5日"
    assert day_words.spans(gaps, ENGLISH) == "2017-01-01–2017-01-03, 2017-01-05"


def test_why_a_source_lacks_something_is_told_in_japanese():
    reason = ("page budget used up; 30 pages closed to crawlers by the terms of the site (terms); 1 page closed to "
              "crawlers (robots.txt); 1 page waits until 2026-11-23 06:49 UTC; window: back to 2016-12-01 only; "
              "something nobody foresaw")  # fmt: skip
    assert reasons.told(reason, JA) == (
        "ページ数の上限に到達、利用規約により取得せず 30、robots.txt により取得せず 1、"
        "待機中 1(2026年11月23日 06:49 UTC まで)、2016年12月1日までしかさかのぼれない、something nobody foresaw"
    )
    assert reasons.told(reason, ENGLISH) == reason
    assert reasons.told("", JA) == ""


def test_hours_share_their_unit():
    row = Metric(metric="M06.t50", value=15.0, ci=Interval(lo=0.0, hi=41.3))
    assert sections_time.half_out(row, JA) == "半数が出るまで 15.0 時間(0.0〜41.3 時間)"
    apart = Metric(metric="M06.t50", value=15.0, bounds=Bounds(lo=2.5, hi=100.8))
    assert sections_time.half_out(apart, JA) == "半数が出るまで 2.5 時間〜4.2 日"


def test_a_line_is_broken_whole():
    assert wrapped("日" * 5 + "、本", 10) == ["日" * 4, "日、本"]
    assert wrapped("aa bb cc", 5) == ["aa bb", "cc"]


def test_the_report_is_japanese_from_end_to_end(db):
    terminal = printed(db, "report", "E2")
    for phrase in (
        "Demo Meetup #2 · 2016年12月21日 Tokyo", "×2.3(0.5〜10.1)   明確な差なし",
        "新規は最大でも 6 人中 3 人 · 前回の 4 人中少なくとも 3 人が再来",
        "12 人中 7 人が新規 · 前回の 10 人中 5 人が再来",
    ):  # fmt: skip
        assert phrase in terminal
    assert "…" not in terminal
    written = printed(db, "report", "E2", "--format", "markdown", "--internal")
    assert "12 人中 7 人が新規、前回の来場者 10 人中 5 人が再来しました。" in written
    assert "a01 さんは 2 回のイベントで発信し、3 人が反応しました。一度お話を伺う価値があります。" in written
    compared = printed(db, "compare", "E1", "E2")
    assert compared.startswith("参加者の記事は E1 の 3 本に対し、E2 は 7 本です(明確な差なし)。")
    assert "…" not in compared
    assert max(map(width, compared.splitlines())) <= 96
    for text in (terminal, written.partition("## すべての数値")[0], compared):
        assert re.findall(r"\d{4}-\d\d-\d\d", text) == []
