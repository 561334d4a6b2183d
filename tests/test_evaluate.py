"""`harvest evaluate`: the figures of hand-labelled pages, worked out by hand here, and what records may leave out."""

import json
import re

import pytest
from click.testing import CliRunner

from harvester.classify import gold, weights
from harvester.cli.evaluate import command
from harvester.errors import InputError
from harvester.event import Event
from tests.test_relevance import REINVENT

EVENT = """
slug = "aomori-2024"
name = "Aomori Days 2024"
names = ["Aomori Days", "青森デイズ"]
starts = 2024-05-11
timezone = "Asia/Tokyo"
vendor_names = ["Aomori Cloud"]
official_hosts = ["aomoricloud.example"]

[[media]]
name = "Ringo News"
hosts = ["ringo.example"]
"""
PAGE = """<!doctype html><html lang="ja"><head><title>先週の日記</title></head><body><article><h1>先週の日記</h1>
<p>土曜日に Aomori Days 2024 に参加してきました。会場は港の近くで、りんごの差し入れがありました。</p>
<p>午後の発表がとくに良く、帰りの電車でもその話をしていました。次回も行くつもりです。</p></article></body></html>"""


def record(url, label="", about="", **more):
    return {"url": url, "event": "aomori-2024", "label": label, "about_event": about, **more}


RECORDS = [
    record("https://aoi.hatenablog.com/entry/2024/05/12/090000", "participant", "yes",
           title="青森デイズ 2024 に参加してきました", author="aoi", published="2024-05-12"),
    record("https://ringo.example/articles/77", "media", "yes", title="Aomori Days 2024、300人が集う",
           author="記者 山田", published="2024-05-13"),
    record("https://www.aomoricloud.example/blog/1", "vendor", "partly", title="新しい機能", published="2024-05-11"),
    record("https://zenn.dev/midori/articles/0a1b2c3d", "other", "no", title="SQLite の索引を調べる",
           author="midori", published="2024-05-14"),
    record("https://qiita.com/kuro/items/00000000000000000001", "participant", "no",
           title="青森デイズ 2022 参加レポート", author="kuro", published="2022-05-12"),
    record("https://somewhere.example/p/9", "organiser", "yes", title="", published=""),
]  # fmt: skip


@pytest.fixture
def home(tmp_path):
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "aomori.toml").write_text(EVENT, encoding="utf-8")
    write(tmp_path / "gold.jsonl", RECORDS)
    return tmp_path


def write(path, records):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records), encoding="utf-8")


def run(home, *arguments, gold_file="gold.jsonl"):
    given = [str(home / gold_file), "--events", str(home / "events"), *arguments]
    return CliRunner().invoke(command, given, catch_exceptions=False, standalone_mode=False)


def found(home, *arguments, gold_file="gold.jsonl"):
    return json.loads(run(home, "--json", *arguments, gold_file=gold_file).output)


def test_every_figure_by_hand(home):
    scores = found(home)
    assert scores["n"] == 6
    label = scores["label"]
    assert label["confusion"] == {
        "participant": {"participant": 2}, "media": {"media": 1}, "vendor": {"vendor": 1}, "organiser": {"unknown": 1},
        "other": {"other": 1},
    }  # fmt: skip
    assert (label["decided"], label["decided_share"], label["decided_accuracy"]) == (5, 0.8333, 1.0)
    assert label["unknown_share"] == 0.1667
    assert label["macro_f1"] == 0.8  # four labels at 1, the organiser at 0
    assert label["classes"]["participant"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 2}
    # Confirmed: the first two. About the event: those and the page without evidence; `partly` is not.
    assert scores["relevance"] == {
        "n": 6, "confirmed": 2, "precision": 1.0, "recall": 0.6667, "f1": 0.8, "support": 3,
    }  # fmt: skip
    assert [(case["line"], sorted(set(case) - {"line", "url", "title"})) for case in scores["wrong"]] == [
        (6, ["label", "relevance"])
    ]
    assert scores["wrong"][0]["label"]["said"] == "unknown"


def test_the_events_own_sign_up_page_is_about_it_and_its_organisers(home):
    address, title = "https://demo-group.connpass.com/event/1234/", "Aomori Days 2024"
    write(home / "gold.jsonl", [record(address, "organiser", "yes", title=title, published="2024-05-10")])
    scores = found(home)
    assert scores["relevance"]["confirmed"] == 1
    assert scores["label"]["confusion"]["organiser"] == {"organiser": 1}


def test_a_report_on_an_event_nobody_declared_is_a_participants(home):
    report = record(
        "https://medium.com/@aoi/demo-1a2b3c4d5e6f", "participant", "no", title="Cloud Demo Next 2019 highlights"
    )
    write(home / "gold.jsonl", [report])
    assert found(home)["label"]["confusion"]["participant"] == {"participant": 1}


def test_text_and_pages_are_evidence_too(home):
    (home / "page.html").write_text(PAGE, encoding="utf-8")
    bare = record("https://diary.example/2024/05/13/", "participant", "yes", published="2024-05-13")
    write(home / "bare.jsonl", [bare])
    write(home / "page.jsonl", [bare | {"html_path": "page.html"}])
    write(home / "text.jsonl", [bare | {"text": "Aomori Days 2024 に参加してきました。りんごがおいしかった。"}])
    write(home / "lost.jsonl", [bare | {"html_path": "no-such-file.html"}])
    recall = {
        name: found(home, gold_file=f"{name}.jsonl")["relevance"]["recall"] for name in ("bare", "page", "text", "lost")
    }
    assert recall == {"bare": 0.0, "page": 1.0, "text": 1.0, "lost": 0.0}


def test_the_words_of_other_files(home):
    write(home / "other.jsonl", [
        {"url": "https://note.com/shiro/n/n1", "role": "organiser", "also_acceptable": ["participant"], "lang": "ja",
         "first_words": "青森デイズ 2024 参加レポート", "event": "Aomori Days 2024"},
    ])  # fmt: skip
    scores = found(home, gold_file="other.jsonl")
    assert scores["label"]["decided_accuracy"] == 1.0
    assert scores["relevance"]["n"] == 0
    assert scores["relevance"]["f1"] is None


def test_what_pages_are_nobodys_account_or_their_hosts(home):
    write(home / "forms.jsonl", [
        record("https://aomori.connpass.com/event/12345/", "organiser", title="青森もくもく会 #3"),
        record("https://ja.wikipedia.org/wiki/Aomori", "other", title="Aomori Days - Wikipedia"),
    ])  # fmt: skip
    assert found(home, gold_file="forms.jsonl")["label"]["decided_accuracy"] == 1.0
    assert found(home, gold_file="forms.jsonl")["label"]["decided"] == 2


def test_the_terminal_shows_figures_and_wrong_cases(home):
    plain = run(home).output
    assert "macro-F1 0.800   decided 0.833   right of decided 1.000   (6 labelled)" in plain
    assert "relevance  precision 1.000   recall 0.667   F1 0.800   (3 of 6 about the event)" in plain
    assert "1 page judged otherwise than labelled, 1 of them left unknown; --wrong N shows them" in plain
    assert "https://somewhere.example/p/9" not in plain
    shown = run(home, "--wrong", "5", "--by-event").output
    assert "\naomori-2024: 6 pages" in shown
    assert "https://somewhere.example/p/9\n  label: said unknown, labelled organiser" in shown


def test_a_file_without_a_label_we_know_says_so(home):
    write(home / "gold.jsonl", [{"url": "https://qiita.com/aoi/items/1", "title": "t", "label": "blogger"}])
    assert "nothing to score: no record has an `about_event` or a `label` that we know" in run(home).output


def test_one_left_out_is_scored_without_its_own_event(home):
    write(home / "two.jsonl", RECORDS + [row | {"event": "Someconf 2024", "about_event": ""} for row in RECORDS])
    usual, left = found(home, gold_file="two.jsonl"), found(home, "--leave-one-out", gold_file="two.jsonl")
    assert usual["n"] == left["n"] == 12
    assert left["relevance"] == usual["relevance"]  # no weight of relevance is estimated
    # One more page for its rule in the other event than here: 1 of 2 against 0 of 4 is 10·log10(0.5 / 0.1).
    assert weights.weight(1, 2, 0, 4) == pytest.approx(6.9897)
    assert weights.weight(500, 500, 0, 5000) == weights.LIMIT


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}\n", 'line 1: no record with a "url"'),
        ('{"url": "https://a.example/"}\n[1]\n', "line 2: no record"),
        ('{"url": "https://a.example/", "title": "x"}\nnonsense\n', "line 2: no JSON"),
        ('{"url": "mailto:a@b.example", "title": "x"}\n', "line 1: 'mailto:a@b.example' is no usable page"),
        ("\n", "no records"),
    ],
)
def test_a_line_that_is_no_record_is_named(home, text, told):
    (home / "bad.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(told)) as error:
        run(home, gold_file="bad.jsonl")
    assert "bad.jsonl" in str(error.value)


def test_which_event_a_record_means():
    series = Event(
        slug="kubecon", name="KubeCon", names=("CloudNativeCon",), starts=REINVENT.starts, ends=REINVENT.ends,
        timezone="UTC", report_timezone="UTC", edition="all",
    )  # fmt: skip
    known = [REINVENT, series]
    assert gold.event_for("reinvent-2016", known) is REINVENT
    assert gold.event_for("aws-reinvent-2016", known) is REINVENT
    assert gold.event_for("KubeCon NA 2020", known) is series
    other = gold.event_for("AWS re:Invent (2023)", known)
    assert (other.name, other.edition, other.vendor_names) == ("AWS re:Invent (2023)", "2023", ("AWS",))
    assert other.starts.year == other.ends.year == 2023
    alone = gold.event_for("第3回 りんごの会", known)
    assert (alone.name, alone.whole_series, alone.vendor_names) == ("第3回 りんごの会", True, ())
    assert gold.event_for("", known).name == "?"
