"""Who took part, ran it, reported it, was paid or is employed: sentences in two languages (`phrases/*.toml`)."""

import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest

from harvester.classify import attendance, relevance, reporters, role, staffing
from harvester.classify.rules import words
from harvester.event import Event
from harvester.model import Author, Post
from harvester.text import fold

EVENT = Event(
    slug="e", name="Demo Conf", timezone="Asia/Tokyo", report_timezone="Asia/Tokyo",
    starts=datetime(2016, 12, 1, tzinfo=UTC), ends=datetime(2016, 12, 2, tzinfo=UTC),
    vendor_names=("AWS", "Amazon Web Services", "アマゾン ウェブ サービス"),
)  # fmt: skip
EXPECTED = {
    "attendance": "claimed", "staff": "organised", "reporters": "reporter", "incentivised": "incentivised",
    "employment": "employed",
}  # fmt: skip
FILLER = "このあとは道具の話を書きます。\n\nThe rest is about tools.\n" * 20


def sentences(subject):
    with (Path(__file__).parent / "phrases" / f"{subject}.toml").open("rb") as file:
        return tomllib.load(file)["sentences"]


def given(subject):
    """Each sentence with what the code should answer: the truth, or its opposite where it is known to be wrong."""
    return [
        pytest.param(one, one[EXPECTED[subject]] is not one.get("known_wrong", False), id=one["text"])
        for one in sentences(subject)
    ]


def post(sentence):
    """A page by nobody known with the sentence where it belongs."""
    text, place = sentence["text"], sentence.get("place", "head")
    told = {
        "title": {"title": text, "text": FILLER},
        "byline": {"bylines": (text,), "text": FILLER},
        "foot": {"text": f"{FILLER}\n{text}"},
    }.get(place, {"text": f"{text}\n{FILLER}"})
    return Post(
        key="k", url="https://unknown.example/1", kind="article", platform="web", host="unknown.example",
        author=Author(platform="web", handle="unknown.example"), **told,
    )  # fmt: skip


def rules(one):
    return {e.rule: e for e in role.judge(role.AuthorView(author=one.author), [one], EVENT).evidence}


@pytest.mark.parametrize(("sentence", "claimed"), given("attendance"))
def test_presence(sentence, claimed):
    folded = fold(sentence["text"])
    assert bool(attendance.claimed(folded)) is claimed
    inside = fold(f"{FILLER}\n{sentence['text']}\n{FILLER}")
    shown = attendance.claimed(inside)
    assert bool(shown) is claimed
    assert shown.strip("…") in " ".join(inside.split())


@pytest.mark.parametrize(
    ("sentence", "claimed"), [case for case in given("attendance") if case.values[0]["who"] != "staff"]
)
def test_presence_gives_a_label_its_attendance(sentence, claimed):
    found = role.judge(role.AuthorView(author=post(sentence).author), [post(sentence)], EVENT)
    assert found.attendance == ("claimed" if claimed else "none")


@pytest.mark.parametrize(("sentence", "organised"), given("staff"))
def test_who_ran_it(sentence, organised):
    assert ("T3" in rules(post(sentence))) is organised


@pytest.mark.parametrize(("sentence", "reporter"), given("reporters"))
def test_who_reported_it(sentence, reporter):
    assert bool({"T2", "T6"} & rules(post(sentence)).keys()) is reporter


def test_a_writer_who_was_there_and_quotes_many_is_no_observer():
    sayings = "田中氏は新製品を紹介した。鈴木氏は課題を指摘した。佐藤氏は計画を語った。"
    assert reporters.observed(fold(sayings))
    assert not reporters.observed(fold(f"勉強会に参加しました。{sayings}"))
    assert not reporters.observed(fold(sayings[: sayings.index("佐藤")]))


@pytest.mark.parametrize(("sentence", "paid"), given("incentivised"))
def test_what_was_paid_for(sentence, paid):
    assert bool(relevance.incentivised(post(sentence), EVENT)) is paid


@pytest.mark.parametrize(("sentence", "employed"), given("employment"))
def test_who_is_employed_by_the_vendor(sentence, employed):
    author = Author(platform="x", handle="k", bio=sentence["text"])
    one = Post(key="k", url="https://x.com/k/status/1", kind="micropost", platform="x", host="x.com", author=author)
    assert ("B1" in rules(one)) is employed


def test_the_two_known_errors_of_the_bare_pattern_are_none_of_the_rule():
    for text in ("弊社の田中が登壇しました", "100名が参加しました"):
        assert attendance.claims(text)
        assert not attendance.claimed(fold(text))


def test_the_sentences_are_enough_and_each_stands_once():
    for subject, least in {
        "attendance": 120,
        "staff": 25,
        "reporters": 25,
        "incentivised": 20,
        "employment": 20,
    }.items():
        told = sentences(subject)
        languages = Counter(one["lang"] for one in told)
        answers = Counter(one[EXPECTED[subject]] for one in told)
        assert len({one["text"] for one in told}) == len(told) >= least
        assert min(languages["ja"], languages["en"], answers[True], answers[False]) >= 10
        assert sum(one.get("known_wrong", False) for one in told) <= len(told) // 25
    assert all(one["claimed"] is (one["who"] == "self") for one in sentences("attendance"))


HOSTILE = (
    "参加しました", "田中さんは参加しました", "「", "3人が", '"i attended ', "i gave a ", "my a ", "\n", "1", "十",
    "配信で",    "a氏はあ", "チケットを", "」と", ", said a ", "attending a ", "i spent a ", "by a ", "great meeting ",
)  # fmt: skip


@pytest.mark.parametrize("section", ["attend_more", "staff", "staff_title", "byline", "attributed", "incentivised"])
def test_no_pattern_is_slower_than_its_text_is_long(section):
    pattern = words(section)
    start = process_time()
    for piece in HOSTILE:
        sum(1 for _ in pattern.finditer((piece * 40_000)[:40_000]))
    assert process_time() - start < 3


@pytest.mark.parametrize("piece", ["弊社の田中が参加しました", '"i attended ', "\n", "i gave a "])
def test_a_megabyte_of_hostile_text_is_read_in_time(piece):
    text = (piece * 1_000_000)[:1_000_000]
    start = process_time()
    attendance.claimed(text)
    staffing.organised(text, text)
    reporters.byline((), text)
    reporters.observed(text)
    assert process_time() - start < 10
