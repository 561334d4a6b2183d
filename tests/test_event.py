"""Event files: what they may say, and how they are told what is wrong."""
# ruff: noqa: E501 - one case a line

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.errors import ConfigError
from harvester.event import EVENT_KEYS, Crawl, Outlet, Person, faults, files_named, identity_of, load, render, slug_from

ROOT = Path(__file__).parent.parent
SMALL = 'name = "My Meetup"\nstarts = 2026-11-30\ntimezone = "Asia/Tokyo"\n'


def problems(text, path="my.toml", **files):
    with pytest.raises(ConfigError) as caught:
        load(text, path, files={name.replace("_", "."): body for name, body in files.items()})
    assert caught.value.exit_code == 2
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


def test_the_least_an_event_is():
    event = load(SMALL, "events/my-meetup.toml")
    assert (event.slug, event.name, event.report_timezone) == ("my-meetup", "My Meetup", "Asia/Tokyo")
    assert event.starts == datetime(2026, 11, 29, 15, tzinfo=UTC)
    assert event.ends == datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)
    assert event.window() == (event.starts, datetime(2026, 12, 28, 14, 59, 59, tzinfo=UTC))
    assert event.crawl == Crawl(max_depth=2, max_pages=2000, deadline_minutes=60, contact="")
    assert event.path == "events/my-meetup.toml"


def test_everything_it_can_be():
    event = load(
        """
        slug = "conf-2"
        name = " ＭｙConf  2 "
        names = ["MyConf 2", "マイカンファ 2", "MyConf 2"]
        hashtags = ["#MyConf", "＃ｍｙｃｏｎｆ", "マイカンファ"]
        negative = ["MyConf 1"]
        series = "myconf"
        edition = 2
        city = "東京"
        starts = 2026-11-30T10:00:00
        ends = "2026年12月1日"
        timezone = "America/Los_Angeles"
        report_timezone = "Asia/Tokyo"
        registered = 120
        attended = 99
        incentivised = true
        official_hosts = ["MyConf.example", "日本語.jp"]
        official_handles = ["x:@MyConf", "https://note.com/myconf"]
        vendor_names = ["Acme"]
        organisers = ["Aoi Sato", "qiita:aoi", "https://aoi.hatenablog.com/", { name = "B", handle = "x:@b", url = "https://b.example/" }]
        press = ["@reporter"]
        event_urls = ["https://myconf.example/2"]
        feeds = ["https://a.example/feed"]
        sponsor_hosts = ["sponsor.example"]
        [[speakers]]
        name = "C"
        handles = ["github:c", "x:@c"]
        organisation = "Acme"
        [[media]]
        name = "News"
        hosts = ["news.example"]
        feed = "https://news.example/rss"
        language = "ja"
        [crawl]
        max_depth = 1
        contact = "me@myconf.example"
        [source.x]
        queries = ["#myconf"]
        """,
        "any name.toml",
    )
    assert (event.slug, event.name, event.edition, event.names) == (
        "conf-2",
        "ＭｙConf 2",
        "2",
        ("MyConf 2", "マイカンファ 2"),
    )
    assert event.hashtags == ("MyConf", "マイカンファ")
    assert event.starts == datetime(2026, 11, 30, 18, tzinfo=UTC)
    assert event.ends == datetime(2026, 12, 2, 7, 59, 59, tzinfo=UTC)
    assert event.day_of(event.starts) == "2026-12-01"
    assert (event.registered, event.attended, event.incentivised) == (120, 99, True)
    assert event.official_hosts == ("myconf.example", "xn--wgv71a119e.jp")
    assert [identity_of(h) for h in event.official_handles] == [("x", "myconf"), ("note", "myconf")]
    assert event.organisers[0] == Person(name="Aoi Sato")
    assert [p.identities() for p in event.organisers] == [
        (), (("qiita", "aoi"),), (("hatenablog", "aoi"),), (("x", "b"), ("web", "https://b.example/")),
    ]  # fmt: skip
    assert event.press[0].identities() == (("x", "reporter"),)
    assert event.speakers == (Person(name="C", handles=("github:c", "x:@c"), organisation="Acme"),)
    assert event.media_outlets == (
        Outlet(name="News", hosts=("news.example",), feed="https://news.example/rss", language="ja"),
    )
    assert event.sources == {"x": {"queries": ["#myconf"]}}
    assert (event.crawl.max_depth, event.crawl.contact) == (1, "me@myconf.example")


@pytest.mark.parametrize(
    ("starts", "ends", "start", "end"),
    [
        ("2026-11-30", "2026-12-02", "2026-11-29T15:00", "2026-12-02T14:59:59"),
        ("2026-11-30T19:00:00", "2026-11-30T21:00:00", "2026-11-30T10:00", "2026-11-30T12:00"),
        ("2026-11-30T19:00:00-08:00", None, "2026-12-01T03:00", "2026-12-01T14:59:59"),
        ('"2026/11/30 19:00"', '"2026年11月30日 21時"', "2026-11-30T10:00", "2026-11-30T12:00"),
    ],
)
def test_days_and_moments(starts, ends, start, end):
    text = f'name = "a"\ntimezone = "Asia/Tokyo"\nstarts = {starts}\n' + (f"ends = {ends}\n" if ends else "")
    event = load(text, "a.toml")
    assert event.starts == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert event.ends == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.case("C10")
def test_all_problems_at_once_with_their_lines():
    text = """nam = "My Meetup"
starts = 2026-11-30
timezone = "JST"
feeds = [
  "https://ok.example/feed",
  "file:///etc/passwd",
  "ftp://a.example/",
]
pages = ["data:text/html,x", "s3://bucket/key", "https://u:p@a.example/", "no address"]
official_hosts = ["https://myconf.example/about"]
official_handles = ["twiter:myconf"]
attended = -1

[[media]]
name = "News"
hosts = ["news.example"]
[[media]]
name = "News"
hosts = ["news2.example"]
url = "https://news.example/"

[crawl]
max_pages = 0
max_dept = 3
"""
    found = problems(text)
    expected = [
        "my.toml: line 1: [nam]: unknown key; did you mean 'name'?",
        'my.toml: [name]: missing; add name = "My Conference 2026"',
        "my.toml: line 3: [timezone]: 'JST' is not an IANA time zone; did you mean 'Asia/Tokyo'?",
        "my.toml: line 6: [feeds]: 'file:///etc/passwd'; only http and https addresses are fetched; give an https address",
        "my.toml: line 7: [feeds]: 'ftp://a.example/'; only http and https addresses are fetched; give an https address",
        "my.toml: line 9: [pages]: 'https://u:p@a.example/'; user names and passwords in addresses are refused; remove them",
        "my.toml: line 9: [pages]: 'no address'; not an address; write it as https://example.com/page",
        "my.toml: line 10: [official_hosts]: 'https://myconf.example/about' is not a host name; write the host alone: 'myconf.example'",
        "my.toml: line 11: [official_handles]: 'twiter' in 'twiter:myconf' is not a platform harvester knows; did you mean 'twitter'?",
        "my.toml: line 12: [attended]: -1 is not a whole number from 0 to 10000000; change it",
        "my.toml: line 18: [media.name]: 'News' is listed twice; merge the blocks",
        "my.toml: line 23: [crawl.max_pages]: 0 is not a whole number from 1 to 1000000; change it",
        "my.toml: line 24: [crawl.max_dept]: unknown key; did you mean 'max_depth'?",
    ]  # fmt: skip
    assert [line for line in expected if line not in found] == []
    assert any(line.startswith("my.toml: line 20: [media.url]: unknown key") for line in found)
    assert sum("line 9: [pages]" in line for line in found) == 4


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('names = "one"', "line 4: [names]: a string where a list of strings belongs"),
        ("names = [1]", "line 4: [names]: a list where a list of strings belongs"),
        ('names = ["a", ""]', "line 4: [names]: an empty string in the list"),
        ("city = 3", "line 4: [city]: a number where a string belongs"),
        ('city = " "', "line 4: [city]: empty"),
        ('slug = "My Event!"', "line 4: [slug]: 'My Event!' is not a slug"),
        ('hashtags = ["my conf"]', "line 4: [hashtags]: 'my conf' is not a hashtag"),
        ('hashtags = ["#"]', "line 4: [hashtags]: '#' is not a hashtag"),
        ("incentivised = 1", "line 4: [incentivised]: a number where true or false belongs"),
        ('ends = "soon"', "line 4: [ends]: 'soon' is not a day or moment"),
        ("ends = 2026-11-29", "line 4: [ends]: is before the start"),
        ("ends = 2028-11-29", "line 4: [ends]: is more than a year after the start"),
        ("ends = 10:00:00", "line 4: [ends]: '10:00:00' is not a day or moment"),
        ('ends = "2026"', "line 4: [ends]: '2026' is not a day or moment"),
        ("ends = 9999-12-31", "line 4: [ends]: '9999-12-31' is not a day or moment"),
        ('report_timezone = "Asia/Tokio"', "did you mean 'Asia/Tokyo'?"),
        ('official_hosts = ["localhost"]', "line 4: [official_hosts]: 'localhost' is not a host name"),
        ('official_handles = ["myconf"]', "line 4: [official_handles]: 'myconf' names no account"),
        ('organisers = "Aoi"', "line 4: [organisers]: a string where a list belongs"),
        ("organisers = [3]", "line 4: [organisers]: 3 is not a person"),
        ('organisers = ["Aoi", "klingon:aoi"]', "Aoi"),
        ('organisers = [{ nam = "Aoi" }]', "unknown key 'nam'; did you mean 'name'?"),
        ('organisers = [{ organisation = "Acme" }]', "a person without name or handle"),
        ('attendees_file = "list.csv"', "line 4: [attendees_file]: 'list.csv' was not found beside the event file"),
        ('media = ["News"]', "line 4: [media]: a list where [[media]] blocks belong"),
        ("crawl = 3", "line 4: [crawl]: a number where a [crawl] table belongs"),
        ('[crawl]\ncontact = "nobody"', "line 5: [crawl.contact]: 'nobody' is not an address or e-mail"),
        ("[crawl]\nmax_depth = true", "line 5: [crawl.max_depth]: True is not a whole number"),
        ("[[media]]\nname = 3\nhosts = [4]", "line 4: [media]: name, feed and language are strings"),
        ('[[media]]\nname = "A"', "line 4: [media]: an outlet without hosts"),
        ('[[media]]\nname = "A"\nhosts = ["a.example"]\nfeeds = ["https://a.example/"]', "line 7: [media.feeds]: unknown key"),
        ("source.x = 3", "[source.x]: no source's options"),
        ('[[organisers]]\nname = "A"\n[[organisers]]\nhandle = "nobody"', "line 7: [organisers]: 'nobody' names no account"),
        ("max_pages = 3", "line 4: [max_pages]: unknown key"),
    ],
)  # fmt: skip
def test_one_clear_line_for_each_mistake(line, message):
    found = problems(SMALL + line)
    if message == "Aoi":  # a good neighbour is not blamed
        assert len(found) == 1
        assert "'klingon' in 'klingon:aoi'" in found[0]
        return
    assert any(message in problem for problem in found), found
    assert all(problem.startswith("my.toml: ") and "; " in problem for problem in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "a\n', "line 1: not valid TOML"),
        ("name = \n", "line 1: not valid TOML"),
        ('name = "a"\nname = "b"\n', "line 2: not valid TOML"),
        ("a = [", "line 1: not valid TOML"),
        ('name = "a"\ncity = “東京”\n', 'line 2: not valid TOML: Invalid value; use straight quotes (") instead of “'),
        ("names = [\n「集まり」\n]", 'use straight quotes (") instead of 「'),
        ('name = "東京”\n', 'use straight quotes (") instead of ”'),
        ("\x00\x01", "line 1: not valid TOML"),
        ("a = " + "[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_toml_is_one_line(text, message):
    found = problems(text) if "nested" not in message else None
    if found is None:
        with pytest.raises(ConfigError, match="nested too deep"):
            load(text, "my.toml")
    else:
        assert len(found) == 1
        assert message in found[0]
        assert "\n" not in found[0]


@pytest.mark.parametrize("stem", ["大阪", "第3回", "my meetup"])
def test_a_file_name_that_is_no_slug_asks_for_one(stem):
    (found,) = problems(SMALL.replace("My Meetup", "集まり"), f"events/{stem}.toml")
    assert f"[slug]: '{stem}', which the file's name would give, is not a slug" in found
    assert ("add slug = " + ('"my-meetup"' if stem == "my meetup" else '"…", a short name that no other')) in found
    assert load(f'slug = "osaka"\n{SMALL}', f"{stem}.toml").slug == "osaka"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("CMC Meetup vol.2", "cmc-meetup-vol-2"), ("ＣＭＣ＿2", "cmc-2"), ("大阪", ""), ("CMC 大阪", ""), ("第3回", ""),
     ("a1", ""), ("!!!", ""), ("x" * 80, "x" * 64)],
)  # fmt: skip
def test_slugs_are_made_only_where_they_tell_events_apart(name, slug):
    assert slug_from(name) == slug


def test_faults_are_told_by_key_and_missing_ones_are_not():
    assert faults({}) == faults({"ends": "2026-12-01"}) == faults({"name": "A", "media": []}) == []
    assert faults({"timezone": "JST", "ends": "soon"}) == [
        ("timezone", "'JST' is not an IANA time zone; did you mean 'Asia/Tokyo'?"),
        ("ends", "'soon' is not a day or moment; write it as 2026-11-30"),
    ]
    assert faults({"starts": "2026-11-30", "ends": "2026-11-29"}) == [("ends", "is before the start; check both dates")]
    assert faults({"media": [{"name": "N", "hosts": ["n"]}]})[0][0] == "media.hosts"


@pytest.mark.parametrize("handle", ["x:hide@", "x:@", "@hide-oz", "github:a.b", "qiita:a b", "mastodon:a @b.example"])
def test_handles_that_cannot_be_are_refused(handle):
    (found,) = problems(f'{SMALL}official_handles = ["{handle}"]')
    assert "line 4: [official_handles]" in found
    assert "has no such handles" in found or "names no account" in found


def test_a_table_of_people_may_say_that_they_have_no_account():
    listed = "名前,X,qiita\n佐藤,なし,aoi\n鈴木,-,\n,@hide@oz,\n"
    event = load(SMALL + 'attendees_file = "list.csv"\n', "my.toml", files={"list.csv": listed})
    assert event.attendees == (Person(name="佐藤", handles=("qiita:aoi",)), Person(name="鈴木"))


def test_nothing_at_all_names_what_is_needed():
    found = problems("", "my.toml")
    assert [re.search(r"\[(\w+)\]: missing", line)[1] for line in found] == ["name", "timezone", "starts"]


LISTS = {
    "csv": "名前,X,qiita,会社\n佐藤 葵,@Aoi,aoi,Acme\n鈴木,,suzuki,\n,,,\n",
    "tsv": "name\turl\nAoi\thttps://aoi.example/\n",
    "connpass": "ユーザー名,表示名,コメント\naoi,佐藤 葵,よろしく\n",
    "lines": "# who came\nAoi Sato\nx:@aoi\nhttps://qiita.com/aoi\n",
}


@pytest.mark.parametrize(
    ("kind", "people"),
    [
        ("csv", (Person(name="佐藤 葵", handles=("x:@Aoi", "qiita:aoi"), organisation="Acme"),
                 Person(name="鈴木", handles=("qiita:suzuki",)))),
        ("tsv", (Person(name="Aoi", handles=("https://aoi.example/",)),)),
        ("connpass", (Person(name="佐藤 葵", handles=("connpass:aoi",)),)),
        ("lines", (Person(name="Aoi Sato"), Person(handles=("x:@aoi",)), Person(handles=("https://qiita.com/aoi",)))),
    ],
)  # fmt: skip
def test_lists_beside_the_file_are_read_and_kept_in_the_text(kind, people):
    text = SMALL + 'attendees_file = "list.csv"  # from the desk\ncity = "東京"\n[crawl]\nmax_depth = 1\n'
    assert files_named(text) == ("list.csv",)
    event = load(text, "my.toml", files={"list.csv": "\ufeff" + LISTS[kind]})
    assert event.attendees == people
    again = load(event.text, "my (stored)")
    assert again.attendees == people
    assert (again.slug, again.city, again.config_hash()) == ("my", "東京", event.config_hash())
    assert files_named(event.text) == ()


# Headings as the platforms and forms write them; the people are invented.
EXPORTS = {
    "connpass": (
        ("参加枠名,ユーザー名,表示名,利用開始日,コメント,参加ステータス,出欠ステータス,出席日時,"
        "Xのアカウントを教えてください,X ID,更新日時,受付番号\n"
        "一般,aoi,佐藤 葵,2015-01-01,よろしく,参加,出席,2026-05-03 09:50,はい,@aoi_x,2026-05-01,1001\n"
        "一般,bo,ぼー,2016-01-01,,参加,未入力,,,なし,2026-05-01,1002\n"
        "一般,chika,ちか,2016-01-01,,参加,欠席,,,,2026-05-01,1003\n"
        "一般,dai,だい,2016-01-01,,補欠,,,,,2026-05-01,\n"
        "一般,emi,えみ,2016-01-01,,参加キャンセル,,,,,2026-05-01,\n"),
        (Person(name="佐藤 葵", handles=("connpass:aoi", "x:@aoi_x")), Person(name="ぼー", handles=("connpass:bo",))),
    ),
    "doorkeeper": (
        ("Ticket,First name,Last name,Email,Company name,Status,Website URL\n"
        "Free,Aoi,Sato,aoi@example.jp,Acme,Attending,aoi.example/blog\n"
        "Free,Bo,Ito,bo@example.jp,,Cancelled,\n"
        "Free,Chika,Mori,chika@example.jp,,Waitlisted,\n"),
        (Person(name="Aoi Sato", handles=("https://aoi.example/blog",), organisation="Acme"),),
    ),
    "peatix": (
        ("注文番号\t姓\t名\tメールアドレス\tチケット名\t申込状況\t会社名・団体名\n"
        "1\t佐藤\t葵\taoi@example.jp\t一般\t申込済\tアクメ\n2\t伊藤\t凡\tbo@example.jp\t一般\tキャンセル済\t\n"),
        (Person(name="佐藤 葵", organisation="アクメ"),),
    ),
    "speakers": (
        ("登壇者名,所属,ブログURL,X（旧Twitter）アカウント,Qiita ID,GitHub アカウント（任意）,noteのURL\n"
        "佐藤 葵,アクメ,https://aoi.example/ blog2.example.jp,@aoi_x,aoi,aoi-gh,note.com/aoi\n"
        "伊藤 凡,,準備中です,-,なし,https://github.com/bo,\n"),
        (
            Person(name="佐藤 葵", organisation="アクメ", handles=(
                "https://aoi.example/", "https://blog2.example.jp", "x:@aoi_x", "qiita:aoi", "github:aoi-gh",
                "https://note.com/aoi",
            )),
            Person(name="伊藤 凡", handles=("https://github.com/bo",)),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXPORTS)
def test_exports_of_event_platforms_are_read_by_their_headings(kind):
    listed, people = EXPORTS[kind]
    event = load(SMALL + 'attendees_file = "list.csv"\n', "my.toml", files={"list.csv": listed})
    assert event.attendees == people
    assert "@example.jp" not in event.text


@pytest.mark.parametrize(
    ("status", "came"),
    [
        ("参加", True), ("出席", True), ("参加(キャンセル不可)", True), ("Going", True), ("checked in", True), ("", True),
        ("キャンセル", False), ("参加キャンセル", False), ("強制キャンセル", False), ("補欠", False), ("欠席", False),
        ("取消済", False), ("Not going", False), ("No-show", False), ("CANCELED", False), ("Waiting list", False),
    ],
)  # fmt: skip
def test_who_cancelled_waits_or_did_not_come_is_left_out(status, came):
    listed = f'名前,参加状況\n佐藤,"{status}"\n鈴木,参加\n'
    event = load(SMALL + 'attendees_file = "list.csv"\n', "my.toml", files={"list.csv": listed})
    assert [person.name for person in event.attendees] == (["佐藤"] if came else []) + ["鈴木"]


def test_an_unknown_platform_in_a_column_of_accounts_is_told():
    listed = "名前,アカウント\n佐藤,klingon:a\n"
    assert "list.csv: 'klingon' in 'klingon:a'" in problems(SMALL + 'attendees_file = "list.csv"\n', list_csv=listed)[0]


def test_a_quoted_key_is_a_key():
    event = load(SMALL + '"attendees_file" = "list.csv"\n', "my.toml", files={"list.csv": "Aoi\n"})
    assert load(event.text, "my.toml").attendees == (Person(name="Aoi"),)


def test_a_list_file_with_a_header_alone_is_an_empty_list():
    event = load(SMALL + 'press_file = "list.csv"\n', "my.toml", files={"list.csv": "name,x\n"})
    assert event.press == load(event.text, "my.toml").press == ()


def test_bad_list_files_name_the_file():
    text = SMALL + 'attendees_file = "list.csv"\n'
    assert "list.csv is empty" in problems(text, list_csv="\n")[0]
    assert "list.csv: 'klingon' in 'klingon:a'" in problems(text, list_csv="Aoi\nklingon:a\n")[0]
    assert "keep one of the two" in problems(text + 'attendees = ["A"]\n', list_csv="Aoi\n")[0]


def test_the_hash_sees_meaning_and_not_form():
    one = load(SMALL + 'names = ["a", "b"]\n', "my.toml")
    other = load("# note\n" + SMALL.replace("2026-11-30", '"2026/11/30"') + 'names = ["b", "a"]\n', "x/my.toml")
    assert one.config_hash() == other.config_hash()
    assert re.fullmatch(r"[0-9a-f]{12}", one.config_hash())
    assert one.config_hash() != load(SMALL + 'names = ["a"]\n', "my.toml").config_hash()


@pytest.mark.parametrize(
    ("reference", "identity"),
    [
        ("x:@Aoi", ("x", "aoi")),
        ("twitter:Aoi", ("x", "aoi")),
        ("@Aoi", ("x", "aoi")),
        ("https://twitter.com/Aoi", ("x", "aoi")),
        ("qiita: Aoi", ("qiita", "aoi")),
        ("medium:@aoi", ("medium", "aoi")),
        ("https://medium.com/@Aoi", ("medium", "aoi")),
        ("youtube:@Aoi", ("youtube", "@Aoi")),
        ("mastodon:@aoi@mstdn.jp", ("mastodon", "aoi@mstdn.jp")),
        ("https://aoi.hateblo.jp/about", ("hatenablog", "aoi.hateblo.jp")),
        ("http://blog.aoi.example/?utm_source=x", ("web", "https://blog.aoi.example/")),
        ("https://qiita.com/tags/aws", ("web", "https://qiita.com/tags/aws")),
        ("Aoi Sato", ("", "")),
        ("Dr. Sato: keynote", ("", "")),
        ("https://", ("", "")),
        ("@", ("", "")),
        ("", ("", "")),
    ],
)
def test_references_to_accounts(reference, identity):
    assert identity_of(reference) == identity


def test_a_rendered_file_says_what_it_was_given_and_explains_every_key():
    values = {"name": 'My "Conf"\\ 2026', "slug": "mine", "starts": "2026-11-30", "ends": "2026-12-01T18:00:00",
              "timezone": "Asia/Tokyo", "hashtags": ["タグ"], "attended": 3, "incentivised": True}  # fmt: skip
    text = render(values, media=[{"name": "News", "hosts": ["news.example"]}])
    event = load(text, "mine.toml")
    assert (event.name, event.hashtags, event.attended, event.incentivised) == ('My "Conf"\\ 2026', ("タグ",), 3, True)
    assert event.ends == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert event.media_outlets == (Outlet(name="News", hosts=("news.example",)),)
    top = [key for key in EVENT_KEYS if "." not in key and not key.endswith("_file")]
    assert [key for key in top if not re.search(rf"(?m)^(?:# )?\[*{key}\b", text)] == []
    # What is commented out is right too.
    examples = re.sub(r"(?m)^# (?=(?:\w+ = |\[))", "", render({**values, "slug": "mine"}))
    examples = re.sub(r'(?m)^\w+ = ""\n', "", examples)
    assert load(examples, "mine.toml").crawl.contact == "https://myconf.example/contact"


@pytest.mark.parametrize("path", sorted(ROOT.glob("events/*.toml")), ids=lambda path: path.stem)
def test_the_examples_are_good_and_commented(path):
    text = path.read_text(encoding="utf-8")
    event = load(text, str(path))
    assert event.slug == path.stem
    assert event.day_of(event.starts) <= event.day_of(event.ends)
    assert sum(line.startswith("#") for line in text.splitlines()) >= 5
    scripts = "".join((event.name, *event.names))
    assert re.search("[a-zA-Z]", scripts)
    assert re.search("[ァ-ヺ]", scripts)


def test_there_are_three_examples_with_known_dates():
    found = {path.stem: load(path.read_text(encoding="utf-8"), path.name) for path in ROOT.glob("events/*.toml")}
    assert found["reinvent-2016"].starts == datetime(2016, 11, 28, 8, tzinfo=UTC)
    assert found["reinvent-2016"].ends == datetime(2016, 12, 3, 7, 59, 59, tzinfo=UTC)
    assert found["cmc-meetup-2"].day_of(found["cmc-meetup-2"].starts) == "2016-12-21"
    assert found["jaws-days-2019"].day_of(found["jaws-days-2019"].ends) == "2019-02-23"
