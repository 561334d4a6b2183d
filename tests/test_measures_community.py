"""Concentration, topics, heat and self-running (M15, M16, M17, M19): the worked numbers and the states around them."""

import json
import tomllib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli import cli
from harvester.measure import concentration, heat, selfrunning, topics
from harvester.measure.people import chance
from harvester.measure.world import Edition, Tie, World
from harvester.store.open import open_db
from tests.test_measures import END, START, frame, item

FX = Path(__file__).parent / "fixtures" / "interchange" / "fx.jsonl"
PHRASES = Path(__file__).parent / "phrases" / "returning.toml"
CHAOSS = [1000, 202, 90, 33, 332, 343, 42, 433]
EMPTY_SOURCE = {
    "source": "x", "query": "", "status": "skipped", "reason": "no credentials", "found": 0, "returned": None,
    "reported_total": None, "truncated": False, "groups": ("written", "talk", "micro"),
}  # fmt: skip


def imported(path, lines):
    source = path / "fx.jsonl"
    source.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    told = CliRunner().invoke(cli, ["import", "E2", str(source), "--db", str(path / "fx.db")], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return path / "fx.db"


def rows_of(db, event="E2"):
    told = CliRunner().invoke(
        cli, ["report", event, "--db", str(db), "--json"], catch_exceptions=False, standalone_mode=False
    )
    return json.loads(told.output)


def lines():
    return [json.loads(line) for line in FX.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    return imported(tmp_path_factory.mktemp("fx"), lines())


@pytest.fixture(scope="module")
def fx(db):
    return rows_of(db)


def test_every_query_lists_what_is_behind_its_number(db, fx):
    listed = {}
    with closing(open_db(db, "ro")) as conn:
        for row in fx:
            if row["metric"][:3] in ("M15", "M16", "M17", "M19") and row["query"]:
                values = {"event": "E2", "group": row["group"], "kind": row["kind"]}
                listed[row["metric"], row["kind"]] = len(conn.execute(row["query"], values).fetchall())
    assert listed["M15.absence_factor", ""] == listed["M17.return_phrases", ""] == 7
    assert listed["M16.topics", "participant"] == 7
    assert listed["M17.contribution_rate", ""] == listed["M17.kinds_per_contributor", ""] == 6
    assert listed["M17.conversation", ""] == 2
    assert listed["M19.community_share", ""] == 10
    assert listed["M19.events_by_others", ""] == 2
    assert listed["M19.talks_by_others", "found"] == 1


def one(rows, metric, kind=""):
    (found,) = [r for r in rows if r["metric"] == metric and kind in ("", r["kind"])]
    return found


def told(rows, metric, kind=""):
    (found,) = [row for row in rows if row.metric == metric and kind in ("", row.kind)]
    return found


def edition(**changes):
    return Edition(**{"event": "e", "name": "E", "starts": START, "ends": END} | changes)


def series(*editions, **changes):
    return frame(world=World(editions=editions, **changes))


# M15


def test_concentration_of_the_fixture(fx):
    factor = one(fx, "M15.absence_factor")
    assert (factor["value"], factor["status"]) == (2, "ok")
    assert factor["by"] == {"stories": 7, "writers": 5, "unknown": 1}
    assert one(fx, "M15.effective_writers")["value"] == pytest.approx(4.4545, abs=5e-5)
    top = one(fx, "M15.top_share")
    assert (round(top["value"], 3), top["num"], top["den"]) == (0.286, 2, 7)
    gini = one(fx, "M15.gini")
    assert (gini["status"], gini["value"]) == ("insufficient", None)
    assert gini["variants"]["too_few_writers"] == pytest.approx(0.2143, abs=5e-5)
    elephant = one(fx, "M15.elephant_factor")
    assert (elephant["value"], elephant["by"], elephant["flags"]) == (2, {}, ["employer_unknown"])


def test_concentration_of_plain_counts():
    assert concentration.absence_factor(CHAOSS) == 2
    assert concentration.gini(CHAOSS) == pytest.approx(0.5549, abs=5e-5)
    assert concentration.effective_writers(CHAOSS) == pytest.approx(4.1753, abs=5e-5)
    assert concentration.absence_factor([2, 1, 2, 1, 1]) == 2
    assert concentration.gini([2, 1, 2, 1, 1]) == pytest.approx(0.2143, abs=5e-5)
    assert concentration.gini([3] * 12) == pytest.approx(0.0, abs=1e-12)
    assert concentration.gini([0] * 11 + [5]) == pytest.approx(1.0)
    assert concentration.absence_factor([1, 1, 1, 1]) == 2


def test_a_company_beside_forty_single_writers_is_named():
    company = [
        item(n, author=f"web:c{n % 50}", author_subkind="corporate", organisation="Acme Inc.") for n in range(2499)
    ]
    other = item(2600, author="web:z", author_subkind="corporate", organisation="Acme, Inc.")
    single = [item(3000 + n) for n in range(40)]
    rows = concentration.measure([*company, other, *single], frame())
    row = told(rows, "M15.elephant_factor")
    assert (row.value, row.by, row.flags) == (1, {"Acme Inc.": 2500}, ("one_company",))
    assert row.variants["effective"] == pytest.approx(1.03, abs=5e-3)
    assert row.variants["employers"] == 41
    assert told(rows, "M15.absence_factor").value > 20  # its fifty writers are fifty writers
    alone = concentration.measure([item(n, author="web:c") for n in range(2500)] + single, frame())
    assert told(alone, "M15.absence_factor").value == 1
    assert told(alone, "M15.effective_writers").value == pytest.approx(1.03, abs=5e-3)
    assert (told(alone, "M15.gini").status, round(told(alone, "M15.gini").value, 3)) == ("ok", 0.984)


def test_an_employer_counts_only_for_those_who_write_for_it():
    speaker = [item(n, author_subkind="speaker", organisation="Acme") for n in range(6)]
    row = told(concentration.measure(speaker, frame()), "M15.elephant_factor")
    assert (row.value, row.by) == (3, {})


def test_one_writer_few_stories_and_none():
    rows = concentration.measure([item(1), item(2, author="web:1")], frame())
    assert told(rows, "M15.absence_factor").value == 1
    assert told(rows, "M15.absence_factor").flags == ("few_stories",)
    assert (told(rows, "M15.gini").status, told(rows, "M15.gini").value) == ("not_applicable", None)
    none = concentration.measure([item(1, "media")], frame())
    assert {(row.status, row.value) for row in none} == {("not_applicable", None)}
    assert [row.metric for row in none] == [row.metric for row in rows]
    unasked = concentration.measure([], frame(asked=(_asked(),)))
    assert {row.status for row in unasked} == {"unmeasured"}


def _asked(**changes):
    from harvester.measure.item import Asked

    return Asked(**EMPTY_SOURCE | changes)


def test_two_accounts_of_one_person_are_one_writer():
    items = [item(n, person="person 1") for n in range(4)] + [item(n) for n in range(10, 13)]
    assert told(concentration.measure(items, frame()), "M15.absence_factor").by["writers"] == 4


# M16


def test_topics_to_the_digits():
    found = topics.log_odds({"lambda": 30, "keynote": 10, "aws": 60}, {"lambda": 5, "keynote": 25, "aws": 70})
    assert {term: round(z, 4) for term, z in found.items()} == {"lambda": 2.9190, "keynote": -1.7662, "aws": -1.4471}


def test_a_prior_from_elsewhere_and_odds_that_are_not_defined():
    background = {"a": 100.0, "b": 100.0}
    assert topics.log_odds({"a": 5, "b": 5}, {"a": 5, "b": 5}, background) == {"a": 0.0, "b": 0.0}
    assert topics.log_odds({"only": 3}, {}) == {}
    assert topics.log_odds({"new": 3, "b": 3}, {"b": 3, "c": 2}, {"b": 6.0, "c": 2.0}).keys() == {"b", "c"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("サーバーレスを本番環境で使う", {"サーバーレス", "本番環境"}),
        ("Lambda と ＥＣ２ の話 https://a.example/lambda-x", {"lambda", "ec2"}),
        ("ｻｰﾊﾞｰ 2016 16 人 ア", {"サーバー"}),
        ("We love Node.js, C++ and C# at the CI/CD desk", {"love", "node.js", "c++", "c#", "ci/cd", "desk"}),
        ("Тесты и 테스트 déjà", {"тесты", "테스트", "déjà"}),
        ("今回は自分の感想です", set()),
        ("", set()),
    ],
)
def test_terms_without_a_tokenizer(text, found):
    assert topics.terms_of(text) == found


def corpus(sides):
    """Items and their texts: (kind, text) in order, each by an author of its own."""
    items = [item(n, kind, title=f"t{n}", language="ja") for n, (kind, _) in enumerate(sides)]
    return items, {n: f"t{n}\n{text}" for n, (_, text) in enumerate(sides)}


FILLER = "設計 運用 監視 費用 移行 検証 性能 認証 通信 記憶"


def test_topics_of_both_sides_without_the_events_own_words():
    theirs = [("media", f"{FILLER} 市場 プレスリリース Demo 山田太郎氏 山田") for _ in range(20)]
    ours = [("participant", f"{FILLER} {'ラムダ ' * (50 if n == 0 else 1)} 東京支部 山田太郎") for n in range(20)]
    items, texts = corpus([*ours, *theirs])
    own = edition(name="Demo Conf 東京支部", speakers=(("山田 太郎", ""),))
    rows = topics.measure(items, series(own, texts=texts, stop=("Demo Conf", "山田 太郎")))
    assert [(row.kind, row.status) for row in rows] == [("participant", "ok"), ("media", "ok")]
    assert rows[0].by == {"ラムダ": 20}
    assert rows[1].by == {"プレスリリース": 20, "市場": 20}
    (term,) = rows[0].variants["terms"]
    assert (term["elsewhere"], term["writers"], term["z"] > 1.96) == (0, 20, True)


def test_a_term_needs_three_documents_and_ten_are_told():
    shared = frozenset(f"base{n}" for n in range(100))
    many = [shared | {f"ours{n}" for n in range(15)}] * 40
    other = [shared | {f"theirs{n}" for n in range(15)}] * 40
    assert len(topics.salient(many, other)) == topics.LOUDEST
    assert all(term.term.startswith("ours") for term in topics.salient(many, other))
    rare = [frozenset({"rare", "base"})] * 2 + [frozenset({"base"})] * 10
    assert all(term.term != "rare" for term in topics.salient(rare, [frozenset({"y"})] * 2000))


def test_too_few_documents_list_their_titles(fx):
    row = one(fx, "M16.topics", "participant")
    assert (row["status"], row["value"]) == ("insufficient", None)
    assert len(row["variants"]["titles"]) == 7
    assert len(one(fx, "M16.topics", "media")["variants"]["titles"]) == 2
    items, texts = corpus([("participant", FILLER)] * 10 + [("media", FILLER)] * 9)
    assert {row.status for row in topics.measure(items, series(texts=texts))} == {"insufficient"}
    headline_only = texts | {0: "t0\n"}
    row = topics.measure(items, series(texts=headline_only))[0]
    assert (row.variants["documents"], row.variants["without_text"], len(row.variants["titles"])) == (9, 1, 10)


def test_topics_without_outlets_or_stories():
    assert {row.status for row in topics.measure([item(1)], frame(media_outlets=None))} == {"unmeasured"}
    assert {row.status for row in topics.measure([], frame())} == {"not_applicable"}


def test_sides_of_two_languages_are_told():
    items, texts = corpus([("participant", FILLER)] * 12 + [("media", FILLER)] * 12)
    items = [*items[:12], *(item(n, "media", language="en") for n in range(12, 24))]
    assert topics.measure(items, series(texts=texts))[0].flags == ("languages_differ",)


# M17


def test_heat_of_the_fixture(fx):
    rate, first = one(fx, "M17.contribution_rate"), one(fx, "M17.first_day_share")
    assert (rate["value"], rate["num"], rate["den"]) == (0.5, 6, 12)
    assert [round(100 * rate["ci"][end]) for end in ("lo", "hi")] == [25, 75]
    kinds, talk = one(fx, "M17.kinds_per_contributor"), one(fx, "M17.conversation")
    assert (round(kinds["value"], 2), kinds["num"], kinds["den"]) == (1.83, 11, 6)
    assert (first["value"], first["num"], first["den"]) == (0.5, 3, 6)
    assert (round(talk["value"], 2), talk["num"], talk["den"], talk["by"]) == (0.33, 2, 6, {"link": 2})
    assert {row["status"] for row in (rate, kinds, first, talk)} == {"ok"}
    silent = one(fx, "M17.return_phrases")
    assert (silent["status"], silent["value"], silent["flags"]) == ("unmeasured", None, ["no_text"])
    assert not [row for row in fx if row["metric"] in ("M17.score", "M17.heat")]


def test_the_edition_before_stands_beside(fx):
    before = {row["metric"]: row["variants"].get("previous") for row in fx if row["metric"].startswith("M17.")}
    rate = before["M17.contribution_rate"]
    assert (rate["event"], rate["value"], rate["num"], rate["den"]) == ("E1", 0.4, 4, 10)
    assert before["M17.kinds_per_contributor"]["value"] == 1.0
    assert before["M17.first_day_share"] is None  # three articles are listed, not told as a share
    assert before["M17.conversation"] is None  # nobody's answers of then are known


def test_three_of_seven_want_to_come_again(tmp_path):
    said = {
        "i01": "とても楽しかったのでまた参加したいです。", "i02": "Lambdaの話を聞きました。", "i03": "次は登壇します!",
        "i04": "来年も行きます。", "i06": "また参加者全員に記念品が配られました。", "i07": "資料はこちらです。",
        "i17": "次回もご参加ください、とのことです。",
    }  # fmt: skip
    texts = [line | ({"text": said[line["post"]]} if line.get("post") in said else {}) for line in lines()]
    before = [line | ({"text": "次回も参加します。"} if line.get("post") == "e1" else {}) for line in texts]
    rows = rows_of(imported(tmp_path, before))
    row = one(rows, "M17.return_phrases")
    assert (row["num"], row["den"], row["status"]) == (3, 7, "ok")
    assert [round(100 * row["ci"][end]) for end in ("lo", "hi")] == [16, 75]
    assert sorted(match["phrase"] for match in row["variants"]["matches"]) == ["また参加", "来年も", "次は登壇"]
    previous = row["variants"]["previous"]
    assert (previous["event"], previous["value"], previous["num"], previous["den"]) == ("E1", 1.0, 1, 1)


def test_the_interval_of_three_in_seven():
    found = chance(3, 7)
    assert (round(100 * found.lo), round(100 * found.hi)) == (16, 75)


@pytest.mark.parametrize(
    "case", tomllib.loads(PHRASES.read_text(encoding="utf-8"))["sentences"], ids=lambda c: c["text"]
)
def test_wishes_to_come_again(case):
    assert bool(heat.wish(f"レポート\n{case['text']} それでは。")) is case["wish"]


def test_stories_without_text_are_in_the_bounds():
    items = [item(1), item(2), item(3)]
    rows = heat.measure(items, series(edition(), texts={1: "t\n次回も参加します", 2: "t\n終わり", 3: "t\n"}))
    row = told(rows, "M17.return_phrases")
    assert (row.value, row.num, row.den) == (0.5, 1, 2)
    assert (round(row.bounds.lo, 4), round(row.bounds.hi, 4)) == (0.3333, 0.6667)
    assert row.variants["matches"][0]["post"] == "k1"


def tie(actor, target, post, **changes):
    values = {"event": "e", "type": "reply", "actor": actor, "source_post": None, "target_post": post,
              "target_person": target, "at": END}  # fmt: skip
    return Tie(**values | changes)


def test_only_answers_among_participants_count_as_conversation():
    items = [item(1), item(2), item(3, "media")]
    kinds = {"web:1": ("participant", ""), "web:2": ("participant", ""), "web:9": ("participant", ""),
             "web:3": ("media", ""), "web:8": ("independent", "")}  # fmt: skip
    ties = (
        tie("web:2", "web:1", 1), tie("web:9", "web:1", 1, type="bookmark"),  # a quiet participant answers too
        tie("web:1", "web:1", 1), tie("web:3", "web:1", 1), tie("web:1", "web:3", 3), tie("web:8", "web:1", 1),
        tie("web:2", "web:1", 1, type="mention"), tie("web:2", "web:1", 1, at=END + timedelta(days=60)),
        tie("web:2", "web:1", 1, event="other"),
    )  # fmt: skip
    row = told(heat.measure(items, series(edition(kinds=kinds), ties=ties)), "M17.conversation")
    assert (row.value, row.num, row.den, row.by) == (1.0, 2, 2, {"reply": 1, "bookmark": 1})
    unknown = told(heat.measure(items, series(edition(kinds=kinds))), "M17.conversation")
    assert (unknown.status, unknown.value, unknown.flags) == ("unmeasured", None, ("no_answers_known",))


def test_heat_of_an_event_that_nobody_wrote_about():
    rows = {row.metric: row for row in heat.measure([], series(edition(items=(item(1, "media"),))))}
    assert {row.value for row in rows.values()} == {None}
    assert {row.status for row in rows.values()} == {"not_applicable"}
    unasked = heat.measure([], frame(asked=(_asked(),), world=World(editions=(edition(),))))
    assert told(unasked, "M17.kinds_per_contributor").status == "unmeasured"
    unjudged = heat.measure([item(1, relevance="")], series(edition()))
    assert told(unjudged, "M17.conversation").status == "unmeasured"


# M19


def test_self_running_of_the_fixture(fx):
    row = one(fx, "M19.community_share")
    assert (row["value"], row["num"], row["den"], row["status"]) == (0.8, 8, 10, "ok")
    assert (row["bounds"]["lo"], row["bounds"]["hi"]) == (pytest.approx(8 / 11), pytest.approx(9 / 11))
    assert row["by"] == {"participant": 7, "independent": 1, "owned": 2, "unknown": 1}
    events = one(fx, "M19.events_by_others")
    assert (events["value"], events["num"], events["den"]) == (0.5, 1, 2)
    assert (events["bounds"]["lo"], events["bounds"]["hi"]) == (0.5, 1.0)
    assert events["variants"]["events"] == {"E1": None, "E2": True}
    talks = one(fx, "M19.talks_by_others", "found")
    assert (talks["value"], talks["num"], talks["den"]) == (1.0, 1, 1)
    assert one(fx, "M19.talks_by_others", "programme")["status"] == "unmeasured"


def test_unknown_authors_media_and_nobody():
    unknown = told(selfrunning.measure([item(1, "unknown")], frame()), "M19.community_share")
    assert (unknown.status, unknown.value, unknown.bounds.lo, unknown.bounds.hi) == ("insufficient", None, 0.0, 1.0)
    media = told(selfrunning.measure([item(1, "media")], frame()), "M19.community_share")
    assert (media.status, media.value) == ("not_applicable", None)
    unasked = told(selfrunning.measure([], frame(asked=(_asked(),))), "M19.community_share")
    assert (unasked.status, unasked.variants["sources"]) == ("unmeasured", ["x"])


def test_nothing_owned_is_doubted_where_no_owner_is_named():
    stories = [item(1), item(2)]
    told_of = (edition(), edition(vendors=("Acme",)), edition(kinds={"x:v": ("vendor", "")}))
    flags = [told(selfrunning.measure(stories, series(own)), "M19.community_share").flags for own in told_of]
    assert flags == [("no_owner_named",), (), ()]


@pytest.mark.parametrize(
    ("employer", "answer"),
    [
        ("AWS", True), ("aws", True), ("AWS Japan", True), ("AWSジャパン", True),
        ("アマゾン ウェブ サービス ジャパン株式会社", True),
        ("Amazon Web Services, Inc.", True), ("Awsome Inc.", False), ("クラスメソッド株式会社", False), ("", None),
    ],
)  # fmt: skip
def test_who_is_of_the_company_behind_the_event(employer, answer):
    assert selfrunning.vendor_employed(employer, ("AWS", "Amazon Web Services", "アマゾンウェブサービス")) is answer
    assert selfrunning.vendor_employed(employer, ()) is False


def test_events_of_twelve_months_by_their_organisers():
    def at(days, slug, **changes):
        return edition(event=slug, starts=START + timedelta(days=days), vendors=("Acme",), **changes)

    rows = selfrunning.measure([], series(
        at(-400, "old", organisers=(("A", "Other"),)),
        at(-300, "vendor", organisers=(("B", "Acme Japan"),)),
        at(-200, "mixed", organisers=(("B", "Acme"), ("C", "Other Ltd."))),
        at(-100, "silent", organisers=(("B", "Acme"), ("D", ""))),
        at(0, "e", kinds={"x:o": ("organiser", "")}),
        at(90, "next", organisers=(("A", "Other"),)),
    ))  # fmt: skip
    row = told(rows, "M19.events_by_others")
    assert row.variants["events"] == {"vendor": False, "mixed": True, "silent": None, "e": True}
    assert (row.num, row.den, row.value, row.bounds.lo, row.bounds.hi) == (2, 4, 0.5, 0.5, 0.75)
    nobody = told(selfrunning.measure([], series(edition())), "M19.events_by_others")
    assert (nobody.status, nobody.value, nobody.flags) == ("unmeasured", None, ("organisers_unknown",))
    assert told(selfrunning.measure([], frame()), "M19.events_by_others").status == "not_applicable"


def test_talks_of_the_programme_and_decks_that_were_found():
    speakers = (("A", "Acme"), ("B", "Other"), ("C", "Third"), ("D", ""))
    decks = [item(n, kind, group="talk") for n, kind in
             enumerate(["participant", "vendor", "vendor", "organiser", "media", "unknown"])]  # fmt: skip
    rows = selfrunning.measure(decks, series(edition(vendors=("Acme",), speakers=speakers)))
    programme, found = (told(rows, "M19.talks_by_others", kind) for kind in ("programme", "found"))
    assert (programme.num, programme.den, programme.bounds.lo, programme.bounds.hi) == (2, 3, 0.5, 0.75)
    assert (found.num, found.den, found.bounds.lo, found.bounds.hi) == (2, 4, 0.4, 0.6)
    only_media = edition(vendors=("Acme",), speakers=(("D", ""),), items=(item(1, "media"),))
    nameless = selfrunning.measure([], series(only_media))
    assert told(nameless, "M19.talks_by_others", "programme").flags == ("employers_unknown",)
    assert told(nameless, "M19.talks_by_others", "found").status == "not_applicable"


def test_undated_and_late_stories_follow_the_window():
    late = item(9, published_at=datetime(2018, 1, 1, tzinfo=UTC))
    rows = selfrunning.measure([item(1), item(2, "vendor"), late], frame())
    assert told(rows, "M19.community_share").num == 1
