"""Author kinds: the adding-up of evidence to the digits, the phrases of presence, and each rule on posts."""

from datetime import UTC, datetime

import pytest

from harvester.classify import RULES_VERSION, attendance, hosts, role
from harvester.classify.evidence import decide, scores
from harvester.classify.rules import fire, table
from harvester.event import Event, Outlet, Person
from harvester.model import SIDES, Author, Evidence, Label, Post
from harvester.text import fold

EVENT = Event(
    slug="e", name="Demo Conf 2016", names=("Demo Conf",), hashtags=("democonf",), timezone="Asia/Tokyo",
    report_timezone="Asia/Tokyo", starts=datetime(2016, 12, 1, tzinfo=UTC), ends=datetime(2016, 12, 2, tzinfo=UTC),
    vendor_names=("Democorp", "Demo Web Services"), official_hosts=("democonf.example", "democorp.example"),
    official_handles=("x:@democorp_jp", "x:@democonf"), sponsor_hosts=("sponsor.example",),
    aggregator_hosts=("matome.example",), wire_hosts=("wire.example",),
    media_outlets=(Outlet(name="Tech News", hosts=("technews.example",)),),
    organisers=(Person(name="主催 花子", handles=("qiita:hanako",)),
                Person(name="社員 太郎", handles=("qiita:taro",), organisation="Democorp")),
    attendees=(Person(handles=("qiita:aoi", "https://aoi.example/")),),
    speakers=(Person(name="登壇 次郎", handles=("x:@jiro",)),), press=(Person(name="記者 三郎"),),
)  # fmt: skip


def post(url="https://qiita.com/aoi/items/1", author=None, **more):
    host = hosts.urlsplit(url).hostname
    known = {"qiita.com": "qiita", "x.com": "x", "note.com": "note", "speakerdeck.com": "speakerdeck"}
    author = author or Author(platform="web", handle=host)
    return Post(
        key=more.pop("key", url), url=url, kind=more.pop("kind", "article"), platform=known.get(host, "web"), host=host,
        author=author, **more,
    )  # fmt: skip


def judge(*posts, **view):
    return role.judge(role.AuthorView(author=posts[0].author, **view), posts, EVENT)


def rules(label):
    return {e.rule for e in label.evidence}


def found(*told):
    """Evidence as (group, side, weight)."""
    return [
        Evidence(rule=f"r{n}", group=group, side=side, weight=weight) for n, (group, side, weight) in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("evidence", "side", "posterior", "review"),
    [
        ([fire("H2", ""), fire("T1", "")], "community", 0.9790, ""),
        ([fire("H2", "")], "community", 0.9215, ""),
        ([], "unknown", 0.5398, "undecided"),
        ([fire("H1", ""), fire("M1", ""), fire("T1", "")], "media", 0.9667, ""),
        ([fire("H3", ""), fire("B1", "")], "unknown", 0.4649, "undecided"),
        (found(("text", "community", 6), ("text", "community", 4)), "unknown", 0.8237, "undecided"),
        ([fire("D2", ""), fire("D3", ""), fire("T1", "")], "owned", 0.9984, ""),
        ([fire("D4", ""), fire("B1", "")], "community", 0.9562, "conflict: community 20, owned 12"),
    ],
    ids=["H2 T1", "H2", "nothing", "H1 M1 T1", "H3 B1", "same group", "staff who registered", "vendor speaker"],
)
def test_worked_examples(evidence, side, posterior, review):
    verdict = decide(evidence)
    assert (verdict.side, round(verdict.posterior, 4), verdict.review) == (side, posterior, review)


def test_only_the_strongest_of_a_group_counts_for_each_side():
    told = found(("host", "media", 20), ("host", "media", 3), ("host", "community", 6), ("text", "media", 10))
    assert scores(told) == {"community": 6, "media": 30, "owned": 0, "aggregator": 0}


def test_evidence_in_any_order_is_the_same_verdict():
    told = [fire("H3", "a"), fire("T1", "b"), fire("B1", "c"), fire("H5", "d")]
    assert decide(told) == decide(reversed(told))


POSITIVE = (
    "CMC Meetupに参加しました",
    "参加してきました!",
    "勉強会に行ってきた",
    "JAWS DAYSで登壇してきました",
    "LTしました",
    "ＬＴしてきました",
    "【参加レポート】re:Invent",
    "参加記 - DemoConf",
    "オンラインで聴講しました",
    "登壇させていただきました",
    "昨日参加した勉強会のメモ",
)
NEGATIVE = (
    "参加者募集中です",
    "ぜひご参加ください",
    "参加できなかった",
    "参加しませんでした",
    "参加したかった",
    "次回は参加したい",
    "参加申込はこちら",
    "参加予定です",
    "参加しましょう",
    "参加した方はアンケートへ",
    "参加しましたか?",
    "参加記念品のお知らせ",
    "参加したことがない人向け",
)
SOMEBODY_ELSE = ("弊社の田中が登壇しました", "100名が参加しました")


@pytest.mark.parametrize("text", POSITIVE)
def test_phrases_of_presence(text):
    assert attendance.claims(text)
    assert attendance.claimed(fold(text))


@pytest.mark.parametrize("text", NEGATIVE)
def test_phrases_that_claim_nothing(text):
    assert not attendance.claims(text)
    assert not attendance.claimed(fold(text))


@pytest.mark.parametrize("text", SOMEBODY_ELSE)
def test_the_bare_pattern_is_wrong_about_third_persons_and_the_rule_is_not(text):
    assert attendance.claims(text)
    assert not attendance.claimed(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "大阪で公開壁打ちに参加いたしまして",
        "初参加!楽しかった",
        "オンラインに参加して思ったこと",
        "登壇して参りました",
        "JAWS DAYS 2024に参加したぞ!",
        "田中さんも参加しました。私も参加しました",
        "I attended Demo Conf last week",
        "We've just got back from Las Vegas",
        "I was lucky enough to attend",
        "My first Demo Conf experience",
        "I’ve recently attended a conference",
        "勉強会に行って来ました",
        "弊社ブースの隣で視聴しました",
    ],
)
def test_more_ways_to_say_it(text):
    assert attendance.claimed(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "初参加の方も歓迎",
        "スタッフとして参加しました",
        "鈴木さんが登壇しました",
        "学生たちが参加してきました",
        "I wish I had attended",
        "約300人以上が参加しました",
        "attendees will enjoy",
        "We will attend",
        "参加費は無料です",
        "当社の山田が登壇させていただきました",
    ],
)
def test_more_ways_to_say_nothing(text):
    assert not attendance.claimed(fold(text))


def test_a_participant_on_a_platform():
    label = judge(post(title="Demo Confに参加しました", author=Author(platform="qiita", handle="sora")))
    assert (label.side, label.kind, label.subkind, label.attendance) == (
        "community",
        "participant",
        "attendee",
        "claimed",
    )
    assert round(label.posterior, 4) == 0.9790


def test_an_independent_writer():
    label = judge(post(title="Demo Confの発表まとめ", author=Author(platform="qiita", handle="sora")))
    assert (label.kind, label.subkind, label.attendance) == ("independent", "", "none")


@pytest.mark.parametrize(
    "author", [Author(platform="qiita", handle="aoi"), Author(platform="web", handle="aoi.example")]
)
def test_an_attendee_by_account_or_by_own_page(author):
    url = "https://qiita.com/aoi/items/1" if author.platform == "qiita" else "https://aoi.example/blog/1"
    label = judge(post(url, author))
    assert (label.kind, label.attendance) == ("participant", "listed")
    assert "D3" in rules(label)


def test_an_attendee_by_a_profile_link():
    label = judge(post("https://note.com/x/n/n1", Author(platform="note", handle="x", website="https://qiita.com/aoi")))
    assert "D3" in rules(label)


def test_a_namesake_of_an_attendee_is_not_the_attendee():
    assert "D3" not in rules(judge(post("https://x.com/aoi/status/1", Author(platform="x", handle="aoi"))))


def test_a_speaker():
    label = judge(post("https://x.com/jiro/status/1", Author(platform="x", handle="jiro"), kind="micropost"))
    assert (label.kind, label.subkind, label.attendance) == ("participant", "speaker", "listed")


def test_a_speaker_known_by_name_where_no_account_is_told():
    label = judge(post("https://note.com/j/n/n1", Author(platform="note", handle="j", name="登壇 次郎")))
    assert "D4" in rules(label)


def test_corporate_blogs_by_the_form_of_their_address():
    author = Author(platform="web", handle="tech.acme.example#endo", name="endo")
    label = judge(post("https://tech.acme.example/entry/1", author, title="Demo Confに参加してきました"), bylines=14)
    assert (label.kind, label.subkind) == ("participant", "corporate")
    assert rules(label) == {"H7", "H5", "T1"}


@pytest.mark.parametrize(
    ("url", "author", "kind"),
    [
        ("https://technews.example/1", None, "media"),
        ("https://cloud.watch.impress.co.jp/docs/news/1.html", None, "media"),
        ("https://democorp.example/blog/1", None, "vendor"),
        ("https://democonf.example/", None, "organiser"),
        ("https://sponsor.example/blog/1", None, "sponsor"),
        ("https://matome.example/1", None, "aggregator"),
        ("https://qiita.com/hanako/items/1", Author(platform="qiita", handle="hanako"), "organiser"),
        ("https://qiita.com/taro/items/1", Author(platform="qiita", handle="taro"), "vendor"),
        ("https://x.com/democorp_jp/status/1", Author(platform="x", handle="democorp_jp"), "vendor"),
        ("https://x.com/democonf/status/1", Author(platform="x", handle="democonf"), "organiser"),
        ("https://note.com/dws/n/n1", Author(platform="note", handle="dws", name="Demo Web Services Japan"), "vendor"),
        ("https://blog.democorp.com/1", None, "vendor"),
    ],
)
def test_sides_that_lists_and_hosts_decide(url, author, kind):
    label = judge(post(url, author))
    assert (label.kind, label.review) == (kind, "")


def test_press_by_name_beats_the_attendee_list():
    label = judge(
        post("https://note.com/saburo/n/n1", Author(platform="note", handle="s", name="記者 三郎"), text="参加しました")
    )
    assert (label.kind, round(label.posterior, 2)) == ("media", 1.0)


def test_a_release_on_a_wire_is_owned():
    label = judge(post("https://wire.example/1", kind="press_release", text="弊社は参加しました"))
    assert (label.side, label.kind) == ("owned", "vendor")
    assert rules(label) == {"D6"}


def test_blogs_on_an_outlets_host_are_not_the_outlet():
    assert "H1" not in rules(judge(post("https://blogs.itmedia.co.jp/someone/2016/12/a.html")))


def test_an_employee_known_from_the_profile_goes_to_review():
    author = Author(platform="x", handle="jiro", bio="Solutions Architect at Democorp. Opinions are my own.")
    label = judge(post("https://x.com/jiro/status/1", author, kind="micropost"))
    assert (label.kind, label.review) == ("participant", "conflict: community 20, owned 12")


@pytest.mark.parametrize(
    ("bio", "employed"),
    [
        ("Works at Democorp", True),
        ("Democorp Japan ソリューションアーキテクト", True),
        ("Democorp所属。発言は個人のもの", True),
        ("Developer Advocate, Democorp", True),
        ("Democorp Hero / 料理好き", False),
        ("Democorp認定資格を全部取りました", False),
        ("ex-Democorp, now at Acme", False),
        ("Democorpユーザー会のメンバー", False),
        ("元Democorpのエンジニア", False),
        ("", False),
    ],
)
def test_who_a_profile_says_one_works_for(bio, employed):
    label = judge(post("https://x.com/k/status/1", Author(platform="x", handle="k", bio=bio), kind="micropost"))
    assert ("B1" in rules(label)) is employed


@pytest.mark.parametrize(
    "text", ["【取材・文:田中】会場では…", "文●大谷 会場では…", "会場では" + "あ" * 300 + "(編集部)"]
)
def test_a_reporters_byline(text):
    assert "T2" in rules(judge(post("https://unknown.example/1", text=text)))


@pytest.mark.parametrize(
    "text", ["記者会見が開かれた", "あ" * 300 + "取材・文:田中" + "あ" * 300, "編集部さんありがとう"]
)
def test_no_reporters_byline(text):
    assert "T2" not in rules(judge(post("https://unknown.example/1", text=text)))


def test_news_markup_needs_a_publisher():
    assert "M1" in rules(judge(post(page_type="NewsArticle", publisher="Tech News")))
    assert "M1" not in rules(judge(post(page_type="NewsArticle")))


def test_many_bylines_are_evidence_for_media_and_few_are_not():
    assert "H5" in rules(judge(post("https://unknown.example/1"), bylines=3))
    assert "H5" not in rules(judge(post("https://unknown.example/1"), bylines=2))


def test_staff_say_so():
    label = judge(post("https://unknown.example/1", title="Demo Confに当日スタッフとして参加しました"))
    assert (label.kind, label.attendance) == ("organiser", "none")


@pytest.mark.parametrize(
    "title",
    [
        "Demo Conf 2016: 5 trends I saw in the halls", "What we learned in Las Vegas", "My week at Demo Conf",
        "Our engineers’ week at Demo Conf", "My Demo Conf 2016 experience",
        "Demo Conf: what a trip", "Greetings from Demo Conf",
        "Notes from Kyoto: Demo Conf 2016", "Speaking at Demo Conf", "Attending Demo Conf as a student",
        "Demo Conf 2016: a first-timer's story", "Demo Conf 2016 – ein Rückblick", "Demo Conf 2016 – Tag 2",
        "Demo Conf 2016 : le compte-rendu", "Demo Conf 2016 – Jour 3", "Demo Conf 2016 참석기",
        "Demo Conf 2016 参会随笔",
    ],
)  # fmt: skip
def test_titles_of_personal_reports(title):
    assert "T4" in rules(judge(post("https://unknown.example/1", title=title)))


@pytest.mark.parametrize(
    "title",
    [
        "Everything announced at Demo Conf", "Demo Conf draws 50,000 to the city", "The notebook market in 2016",
        "Democorp unveils its own chips at Demo Conf", "Tagging resources", "Ein Tag in der Cloud",
    ],
)  # fmt: skip
def test_titles_that_are_no_personal_report(title):
    assert "T4" not in rules(judge(post("https://unknown.example/1", title=title)))


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("How we ran DemoCon 2016", "organiser"), ("Behind the scenes: organizing Demo Conf", "organiser"),
        ("Lessons from organising a meetup", "organiser"), ("How we ran Postgres for a year", "unknown"),
        ("How I organized my notes on the summit of data", "independent"),
        ("Behind the scenes of our database", "unknown"),
    ],
)  # fmt: skip
def test_titles_of_those_who_ran_it(title, kind):
    assert judge(post("https://unknown.example/1", title=title)).kind == kind


@pytest.mark.parametrize(
    ("name", "host", "own"),
    [
        ("Mary Example", "maryexample.net", True), ("Jeff Q. Sample", "www.jeffsample.com", True),
        ("Eat What Tonight", "eatwhattonight.com", False), ("Cloud Weekly", "cloudweekly.example", False),
    ],
)  # fmt: skip
def test_a_site_called_by_a_whole_name(name, host, own):
    label = judge(post(f"https://{host}/1", Author(platform="web", handle=host, name=name)))
    assert ("H10" in rules(label)) is own


def test_a_channel_called_like_an_outlet_is_the_outlets():
    channel = Author(platform="youtube", handle="UC1", name="TechCrunch")
    fan = Author(platform="youtube", handle="UC2", name="TechCrunch fan")
    address = "https://www.youtube.com/watch?v=a"
    assert judge(post(address, channel, kind="video", title="Demo Conf")).kind == "media"
    assert "M2" not in rules(judge(post(address, fan, kind="video", title="Demo Conf")))


def test_a_vendors_desk_signs_with_its_name():
    for name, fires in (("Democorp Developers", True), ("Democorp Engineering", True), ("Democorp developer", False)):
        label = judge(post("https://unknown.example/1", Author(platform="web", handle="u", name=name)))
        assert ("B2" in rules(label)) is fires


def test_an_earlier_side_adds_to_the_same_side():
    label = judge(
        post("https://x.com/k/status/1", Author(platform="x", handle="k"), kind="micropost"), earlier=("media", "e1")
    )
    assert [(e.rule, e.side, e.weight) for e in label.evidence] == [("S1", "media", 6)]


@pytest.mark.parametrize(
    ("address", "company"),
    [
        ("https://tech.acme.example/entry/1", True),
        ("https://developers.acme.co.jp/blog/1", True),
        ("https://acme-dev.jp/entry/1", True),
        ("https://slack.engineering/x", True),
        ("https://blog.acme.co.jp/x", True),
        ("https://www.acme.co.jp/blog/x", True),
        ("https://aoi.example/blog/1", False),
        ("https://technews.example/1", False),
        ("https://www.acme.co.jp/", False),
        ("https://devil.example/", False),
    ],
)
def test_company_blogs_by_address(address, company):
    parts = hosts.urlsplit(address)
    assert bool(hosts.company(parts.hostname, parts.path)) is company


def test_company_blogs_by_handle():
    assert hosts.company("note.com", "/", "acme-techblog") == "acme-techblog"
    assert hosts.company("keep-up-with-tech.blogspot.com", "/", "keep-up-with-tech") == ""


@pytest.mark.parametrize(
    ("address", "copied"),
    [
        ("https://megalodon.jp/ref/2018-0512/aoi.example.com/entry/1", True),
        ("https://x.example/host-https-www.slideshare.net/deck", True),
        ("https://blog.acme.com.rproxy.mirror.example/x", True),
        ("https://www.smh.com.au/technology/x", False),
        ("https://aoi.example/2016/12/05/demo.html", False),
        ("https://aoi.example/posts/node.js-memo/", False),
    ],
)
def test_mirrors_by_address(address, copied):
    assert bool(hosts.mirror(address)) is copied


LABEL = Label(
    side="community", kind="participant", subkind="attendee", attendance="claimed", posterior=0.97, review="x"
)


@pytest.mark.parametrize(
    ("fields", "side", "kind", "subkind", "attendance"),
    [
        ({"kind": "media"}, "media", "media", "", "claimed"),
        ({"kind": "sponsor"}, "owned", "sponsor", "", "claimed"),
        ({"side": "owned"}, "owned", "organiser", "", "claimed"),
        ({"attendance": "none"}, "community", "independent", "", "none"),
        ({"attendance": "listed"}, "community", "participant", "attendee", "listed"),
        ({"subkind": "speaker"}, "community", "participant", "speaker", "claimed"),
    ],
)
def test_a_humans_word(fields, side, kind, subkind, attendance):
    changed = role.overridden(LABEL, fields)
    assert (changed.side, changed.kind, changed.subkind, changed.attendance) == (side, kind, subkind, attendance)
    assert (changed.decided_by, changed.review, changed.posterior) == ("human", "", 1.0)


def test_words_about_other_fields_change_no_label():
    assert role.overridden(LABEL, {"counted": "0"}) is LABEL


def test_the_tables_are_whole():
    assert RULES_VERSION == "2026.2"
    role_table = table("role")
    assert {r.side for r in role_table.rules.values()} <= {*SIDES, "same"}
    assert {"H1", "H2", "H3", "H4", "H5", "M1", "T1", "T2", "B1", "D1", "D2", "D3", "D4", "D5", "D6", "S1"} <= set(
        role_table.rules
    )
    assert role_table.prior == {"community": 0, "media": -3, "owned": -6, "aggregator": -10}
    weights = {rule.id: rule.weight for rule in role_table.rules.values()}
    told = {
        "H1": 20,
        "H2": 10,
        "H3": 6,
        "H4": 4,
        "H5": 3,
        "M1": 4,
        "T1": 6,
        "T2": 10,
        "B1": 12,
        "D1": 60,
        "D2": 60,
        "D3": 20,
    }
    assert {rule: weights[rule] for rule in told} == told
