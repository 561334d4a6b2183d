"""Files people hold: found out by content, read whole, every record accounted for, and nothing bad crashes."""

import json
import os
import zipfile
from datetime import UTC, datetime

import pytest

from harvester.cli import run
from harvester.crawl.lock import hold
from harvester.errors import InputError
from harvester.importers import Refused, detect
from harvester.model import Draft, Edge, Link
from harvester.store.open import open_db

EVENT = """slug = "fooconf"
name = "FooConf"
hashtags = ["fooconf"]
starts = 2016-12-21
timezone = "Asia/Tokyo"
"""
V1_DATE = "Wed Dec 21 10:05:00 +0000 2016"
USER_V1 = {"id_str": "77", "screen_name": "aoi_x", "name": "葵", "followers_count": 120, "description": "A &amp; B"}


def write(path, *lines, encoding="utf-8"):
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def read(path, wanted="auto", mapping=None, zone="Asia/Tokyo"):
    look = detect.look(path, wanted, mapping)
    return look.format, list(detect.read(look, zone=zone))


def drafts(path, **options):
    return [found for found in read(path, **options)[1] if isinstance(found, Draft)]


def one(path, **options):
    found = drafts(path, **options)
    assert len(found) == 1
    return found[0]


def v1(**fields):
    return {"id_str": "811111111111111111", "created_at": V1_DATE, "full_text": "行ってきた #fooconf", **fields}


def v2(number=1, **fields):
    return {
        "id": f"20490000000000000{number:02}",
        "text": "参加しました #fooconf",
        "author_id": "77",
        "created_at": "2016-12-21T10:05:00.000Z",
        **fields,
    }


def page(*posts):
    return {
        "data": list(posts),
        "includes": {"users": [{"id": "77", "username": "aoi_x"}]},
        "__twarc": {"version": "2"},
    }


# twarc


def test_twarc2_pages_and_flattened_posts_give_the_same_drafts(tmp_path):
    posts = [v2(1), v2(2, referenced_tweets=[{"type": "quoted", "id": "5"}])]
    whole = write(tmp_path / "a", json.dumps(page(*posts)))
    author = {"id": "77", "username": "aoi_x"}
    flat = write(tmp_path / "b", *(json.dumps({**post, "author": author, "__twarc": {}}) for post in posts))
    assert read(whole)[0] == read(flat)[0] == "twarc2"
    assert drafts(whole) == drafts(flat)
    assert len(drafts(whole)) == 2


def test_a_flattened_repost_finds_its_original_inside(tmp_path):
    inner = {"type": "retweeted", "id": "6", "text": "whole text #fooconf", "author": {"id": "88", "username": "v"}}
    draft = one(write(tmp_path / "a", json.dumps(v2(text="RT @v: who…", referenced_tweets=[inner]))))
    assert (draft.kind, draft.target, draft.text) == ("repost", "x:6", "whole text #fooconf")


def test_every_record_of_a_twarc_file_is_a_draft_or_refused(tmp_path):
    path = write(
        tmp_path / "a",
        json.dumps(page(v2(1), {"id": "9", "username": "only_a_user"}, {"start": "x", "tweet_count": 3})),
        json.dumps({"errors": [{"title": "Not Found", "detail": "no such thing"}]}),
        json.dumps({"meta": {"result_count": 0}, "data": None}),
        json.dumps([v2(2), v2(3)]),
        json.dumps({"delete": {"status": {"id": 5}}}),
        "",
        "{broken",
    )
    form, found = read(path)
    assert form == "twarc2"
    assert sum(isinstance(f, Draft) for f in found) == 3
    refused = [f for f in found if isinstance(f, Refused)]
    assert [(f.reason, f.where) for f in refused] == [
        ("not_a_post", "line 1"),
        ("not_a_post", "line 1"),
        ("api_error", "line 2"),
        ("not_a_post", "line 5"),
        ("bad_json", "line 7"),
    ]
    assert refused[2].detail == "no such thing"


def test_twarc1_full_text_by_age_of_the_format(tmp_path):
    path = write(
        tmp_path / "a",
        json.dumps(v1(user=USER_V1, full_text="long &lt;form&gt;", favorite_count=4, retweet_count=1)),
        json.dumps(v1(user=USER_V1, full_text=None, text="cut…", extended_tweet={"full_text": "whole"})),
        json.dumps(v1(user=USER_V1, full_text=None, text="old and short")),
    )
    form, found = read(path)
    assert form == "twarc1"
    assert [draft.text for draft in found] == ["long <form>", "whole", "old and short"]
    first = found[0]
    assert (first.author.handle, first.author.followers, first.author.bio) == ("aoi_x", 120, "A & B")
    assert (first.published, dict(first.reactions)) == (V1_DATE, {"like": 4, "repost": 1})
    assert first.url == "https://x.com/aoi_x/status/811111111111111111"


def test_twarc1_reposts_quotes_replies_links(tmp_path):
    original = v1(id_str="6", full_text="whole #fooconf", user={"id_str": "88", "screen_name": "v"})
    entities = {
        "hashtags": [{"text": "fooconf"}],
        "user_mentions": [{"screen_name": "v"}],
        "urls": [
            {"url": "https://t.co/1", "expanded_url": "https://qiita.com/a/items/1"},
            {"url": "https://t.co/2", "expanded_url": None},
        ],
        "media": [{"media_url_https": "https://pbs.example/1.jpg"}],
    }  # fmt: skip
    path = write(
        tmp_path / "a",
        json.dumps(v1(user=USER_V1, full_text="RT @v: wh…", retweeted_status=original, quoted_status_id_str="9")),
        json.dumps(v1(user=USER_V1, quoted_status_id_str="6", quoted_status=original, entities=entities)),
        json.dumps(v1(user=USER_V1, in_reply_to_status_id_str="4", in_reply_to_user_id_str="88")),
        json.dumps(v1(user=USER_V1, in_reply_to_status_id_str="4", in_reply_to_user_id_str="77")),
    )
    found = read(path)[1]
    assert [(d.kind, d.relation, d.target) for d in found] == [
        ("repost", "repost", "x:6"),
        ("micropost", "quote", "x:6"),
        ("micropost", "reply", "x:4"),
        ("micropost", "thread_part", "x:4"),
    ]
    assert found[0].text == "whole #fooconf"
    assert found[1].links == ("https://qiita.com/a/items/1", "https://t.co/2")
    assert (found[1].hashtags, found[1].mentions) == (("fooconf",), ("v",))


# X archive

ACCOUNT = (
    'window.YTD.account.part0 = [ {"account": {"username": "aoi_x", "accountId": "77", "accountDisplayName": "葵"}} ]'
)


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "/").replace("_js", ".js").replace("_part", "-part"), text)
    return path


def js(name, *tweets):
    return f"window.YTD.{name}.part0 = {json.dumps(list(tweets))};"


def test_an_archive_zip_with_parts_and_its_account(tmp_path):
    path = archive(
        tmp_path / "twitter.zip",
        data__account_js=ACCOUNT,
        data__tweets_js=js("tweets", {"tweet": v1(favorite_count="3", retweet_count="1")}),
        data__tweets_part1_js=js("tweets", {"tweet": v1(id_str="12", full_text="RT @v: words")}, {"note": 1}),
        **{"data__direct-messages_js": js("direct_messages", {"tweet": v1(id_str="13")})},
    )
    form, found = read(path)
    assert form == "x-archive"
    posts = [f for f in found if isinstance(f, Draft)]
    assert [draft.native_id for draft in posts] == ["12", "811111111111111111"]
    assert {draft.author.handle for draft in posts} == {"aoi_x"}
    assert posts[1].url == "https://x.com/aoi_x/status/811111111111111111"
    assert dict(posts[1].reactions) == {"like": 3, "repost": 1}
    assert (posts[0].kind, posts[0].relation, posts[0].target, posts[0].reactions) == ("repost", "repost", "", ())
    assert [f.reason for f in found if isinstance(f, Refused)] == ["not_a_post"]


def test_an_archive_file_of_its_own_old_and_new(tmp_path):
    old = write(tmp_path / "tweet.js", js("tweet", v1(), v1(id_str="12")))
    assert [(d.native_id, d.author.handle) for d in drafts(old)] == [("811111111111111111", ""), ("12", "")]
    write(tmp_path / "account.js", ACCOUNT)
    assert {d.author.handle for d in drafts(old)} == {"aoi_x"}
    bare = write(tmp_path / "tweets.json", json.dumps([v1(user=USER_V1), v1(id_str="12", user=USER_V1)], indent=2))
    assert [d.author.handle for d in drafts(bare)] == ["aoi_x", "aoi_x"]


def test_an_archived_repost_with_a_picture_still_tells_its_original(tmp_path):
    tweet = v1(full_text="RT @v: words", entities={"media": [{"source_status_id_str": "6"}]})
    assert one(write(tmp_path / "tweets.js", js("tweets", {"tweet": tweet}))).target == "x:6"


@pytest.mark.parametrize("name", ["../tweets.js", "/etc/tweets.js", "data\\..\\..\\x", "C:/x/tweets.js"])
def test_a_zip_whose_names_leave_its_folder_is_refused(tmp_path, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("data/tweets.js", js("tweets"))
        info = zipfile.ZipInfo("x")
        info.filename = name
        file.writestr(info, "x")
    with pytest.raises(InputError, match="leave its folder"):
        detect.look(path)


def test_zip_bombs_cost_nothing(tmp_path):
    path = archive(tmp_path / "a.zip", data__tweets_js="window.YTD.tweets.part0 = [" + " " * 50_000_000 + "]")
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match="unpacks to"):
        read(path)


def test_a_zip_that_declares_too_little_is_not_believed(tmp_path):
    text = "x = [" + "1, " * 500 + "1]"
    path = archive(tmp_path / "a.zip", data__tweets_js=text)
    honest, lie = len(text).to_bytes(4, "little"), (10).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(honest, lie))
    with pytest.raises(InputError, match="cannot be read"):
        read(path)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"PK\x03\x04 and then nothing", "damaged zip"),
        (b"\x1f\x8b\x08 gzip", "gunzip"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\0", "SQLite"),
        (b"", "empty file"),
        (b" \n\n ", "nothing but blanks"),
        (b"<!doctype html><title>x</title>", "a page"),
        (b"<?xml version='1.0'?><rss version='2.0'></rss>", "a feed"),
        (b'{"some": "json"}', "JSON of no format"),
        (b"[1, 2, 3]", "JSON of no format"),
        ("ただの文章です。\n表ではありません。".encode(), "no format known"),
        (b"url,text\nhttps://a.jp/1,\xfd\xff x\n" * 3, "neither UTF-8"),
        ("url,text\nhttps://a.jp/1,na\xefve caf\xe9 \xa0\n".encode("latin-1"), "neither UTF-8"),
    ],
)
def test_what_nobody_reads_is_one_clear_line(tmp_path, body, says):
    path = tmp_path / "file"
    path.write_bytes(body)
    with pytest.raises(InputError, match=says) as caught:
        detect.look(path)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        detect.look(tmp_path / "gone")
    with pytest.raises(InputError, match="is a folder"):
        detect.look(tmp_path)


def test_an_excel_workbook_is_named(tmp_path):
    with pytest.raises(InputError, match="Excel"):
        detect.look(archive(tmp_path / "a.xlsx", **{"xl__workbook.xml": "<x/>"}))


# tables of X

TAGS = (
    "id_str,from_user,text,created_at,time,in_reply_to_user_id_str,from_user_id_str,in_reply_to_status_id_str,"
    "user_followers_count,status_url,entities_str"
)
STATUS_URL = "http://twitter.com/aoi_x/statuses/811111111111111111"


def test_tags_ids_come_back_from_the_address(tmp_path):
    entities = json.dumps({"hashtags": [{"text": "fooconf"}], "urls": []}).replace('"', '""')
    path = write(
        tmp_path / "tags.csv",
        TAGS,
        f'8.11111E+17,aoi_x,"行ってきた, #fooconf",{V1_DATE},21/12/2016 19:05:00,,77,,120,{STATUS_URL},"{entities}"',
        f"811111111111111112,ken,RT @aoi_x: hi,{V1_DATE},x,,,,,,",
        f"8.11111E+17,ken,lost,{V1_DATE},x,,,,,,",
        f",ken,nothing,{V1_DATE},x,,,,,,",
    )
    form, found = read(path)
    assert form == "tags"
    assert (found[0].native_id, found[0].text, found[0].hashtags) == (
        "811111111111111111",
        "行ってきた, #fooconf",
        ("fooconf",),
    )
    assert (found[0].author.followers, found[0].published) == (120, V1_DATE)
    assert (found[1].kind, found[1].author.handle) == ("repost", "ken")
    assert [f.reason for f in found[2:]] == ["mangled_id", "no_address"]


def test_twarc_csv(tmp_path):
    header = (
        "id,conversation_id,referenced_tweets.replied_to.id,referenced_tweets.quoted.id,author_id,in_reply_to_user_id,"
        "created_at,text,lang,public_metrics.like_count,entities.urls,entities.hashtags,author.username,author.name,"
        "author.public_metrics.followers_count"
    )
    urls = json.dumps([{"url": "https://t.co/1", "expanded_url": "https://a.jp/1"}]).replace('"', '""')
    tags = json.dumps([{"tag": "fooconf"}]).replace('"', '""')
    path = write(
        tmp_path / "a.csv",
        header,
        f'2049,2049,,5.0,77,,2016-12-21T10:05:00.000Z,"a ""b"" c",ja,4,"{urls}","{tags}",aoi_x,葵,120',
        "8.1E+17,,,,77,,2016-12-21T10:05:00.000Z,mangled,ja,,,,aoi_x,葵,",
    )
    form, found = read(path)
    assert form == "twarc-csv"
    first = found[0]
    assert (first.native_id, first.relation, first.target, first.text) == ("2049", "quote", "x:5", 'a "b" c')
    assert (first.links, first.hashtags) == (("https://a.jp/1",), ("fooconf",))
    assert (first.author.handle, first.author.followers, first.reactions) == ("aoi_x", 120, (("like", 4),))
    assert found[1].reason == "mangled_id"


def test_snscrape_old_and_new(tmp_path):
    user = {"username": "aoi_x", "displayname": "葵", "id": 77, "followersCount": 120}
    new = {
        "_type": "snscrape.modules.twitter.Tweet",
        "url": "https://twitter.com/aoi_x/status/2049",
        "date": "2016-12-21T10:05:00+00:00",
        "rawContent": "行ってきた",
        "id": 2049,
        "user": user,
        "likeCount": 4,
        "viewCount": 10,
        "lang": "ja",
        "conversationId": 2049,
        "links": [{"url": "https://a.jp/1", "tcourl": "https://t.co/1"}],
        "hashtags": ["fooconf"],
        "quotedTweet": {"id": 5},
    }
    old = {
        "url": "https://twitter.com/aoi_x/status/2050",
        "date": "2016-12-21T10:06:00+00:00",
        "content": "old",
        "user": user,
        "outlinks": ["https://a.jp/2"],
        "inReplyToTweetId": 2049,
        "inReplyToUser": {"id": 77, "username": "aoi_x"},
    }
    person = {"_type": "snscrape.modules.twitter.User", "username": "x"}
    form, found = read(write(tmp_path / "a", *map(json.dumps, (new, old, person))))
    assert form == "snscrape"
    first, second = found[:2]
    assert (first.native_id, first.relation, first.target) == ("2049", "quote", "x:5")
    assert (first.links, dict(first.reactions)) == (("https://a.jp/1",), {"like": 4, "view": 10})
    assert (second.native_id, second.text, second.relation) == ("2050", "old", "thread_part")
    assert second.links == ("https://a.jp/2",)
    assert found[2] == Refused("not_a_post", "line 3")


# any table

JAPANESE = [
    "投稿日時(JST),媒体,タイトル,本文,ユーザー名,URL,いいね数",
    '2016/12/22 09:00,はてなブログ,参加レポート,行ってきました。,葵,https://aoi.hatenablog.com/entry/1,"1,234"',
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "euc-jp"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_japanese_table_in_every_encoding_and_shape(tmp_path, encoding, delimiter):
    lines = [line.replace(",", delimiter) if delimiter != "," else line for line in JAPANESE]
    preamble = ["集計レポート", "期間: 2016-12-01 - 2016-12-31", ""]
    draft = one(write(tmp_path / "a.csv", *preamble, *lines, "", encoding=encoding), zone="UTC")
    assert (draft.title, draft.text) == ("参加レポート", "行ってきました。")
    assert (draft.url, draft.publisher, draft.author.name) == (
        "https://aoi.hatenablog.com/entry/1",
        "はてなブログ",
        "葵",
    )
    assert (draft.published, draft.published_origin, draft.default_zone) == ("2016/12/22 09:00", "import", "Asia/Tokyo")
    if delimiter == ",":
        assert draft.reactions == (("like", 1234),)


TABLES = [
    (
        "Date,Url,Title,Full Text,Author,Domain,Likes",
        "2016-12-22,https://a.jp/1,T,body,Aoi,a.jp,3",
        {"title": "T", "publisher": "a.jp", "reactions": (("like", 3),)},
    ),
    (
        "id,tweet_url,created_at,user_screen_name,text,tweet_type,hashtags,favorite_count,retweet_or_quote_id",
        f"6,https://twitter.com/aoi/status/6,{V1_DATE},aoi,RT @v: x,retweet,fooconf a,2,5",
        {"kind": "repost", "relation": "repost", "target": "x:5", "hashtags": ("fooconf", "a"), "reactions": ()},
    ),
    (
        "tweet id, tweet, label",
        "'262596552399396864', I was there, on",
        {"native_id": "262596552399396864", "text": "I was there"},
    ),
    (
        "Tweet ID,Tweet Text",
        '"1850000000000000001","x y"',
        {"native_id": "1850000000000000001", "url": "https://x.com/i/status/1850000000000000001"},
    ),
    (
        "Date,Time,Permalink,Message",
        "2016-12-22,09:30,https://a.jp/1,hello",
        {"published": "2016-12-22 09:30"},
    ),
    (
        "URL,本文,投稿者,媒体",
        "https://x.com/aoi_x/status/12,参加した,葵,X",
        {"platform": "x", "kind": "micropost", "publisher": ""},
    ),
    ("Link,Headline,kind", "https://a.jp/1,T,slides", {"kind": "slides"}),
]


@pytest.mark.parametrize(("header", "row", "expected"), TABLES)
def test_tables_by_their_headers(tmp_path, header, row, expected):
    draft = one(write(tmp_path / "a.csv", header, row))
    assert {name: getattr(draft, name) for name in expected} == expected


def test_a_table_row_without_words_is_a_page_to_fetch_or_refused(tmp_path):
    path = write(
        tmp_path / "a.csv",
        "url,text,id",
        "https://a.jp/1,,",
        "https://x.com/aoi/status/5,,",
        ",words only,",
        ",mangled,8.1E+17",
        ",,",
        "https://a.jp/2,words,",
    )
    found = read(path)[1]
    assert found[0] == Link(url="https://a.jp/1")
    assert [f.reason for f in found[1:4]] == ["no_text", "no_address", "mangled_id"]
    assert found[4].text == "words"
    assert len(found) == 5


def test_columns_mapped_by_hand(tmp_path):
    path = write(tmp_path / "a.csv", "どこ,何を,いつ", "https://a.jp/1,書いた,2016-12-22")
    with pytest.raises(InputError, match="--map"):
        detect.look(path)
    draft = one(path, mapping={"どこ": "url", "何を": "text", "いつ": "published"})
    assert (draft.url, draft.text, draft.published) == ("https://a.jp/1", "書いた", "2016-12-22")
    with pytest.raises(InputError, match="no field 'colour'"):
        read(path, wanted="csv", mapping={"どこ": "colour"})


def test_a_quote_that_never_closes_costs_rows_and_not_the_run(tmp_path):
    path = write(
        tmp_path / "a.csv", "url,text", "https://a.jp/1,fine", 'https://a.jp/2,"never closed', "https://a.jp/3,x"
    )
    assert [d.url for d in drafts(path)] == ["https://a.jp/1", "https://a.jp/2"]


# lists


def test_a_list_of_addresses(tmp_path):
    path = write(
        tmp_path / "urls.txt",
        "\ufeff# pages to read",
        "https://aoi.hatenablog.com/entry/1",
        "- <https://qiita.com/aoi/items/1>",
        "",
        "https://x.com/aoi/status/5",
        "see above",
        "http://a.jp/?q=日本",
    )
    form, found = read(path)
    assert form == "urls"
    assert [f.url for f in found if isinstance(f, Link)] == [
        "https://aoi.hatenablog.com/entry/1",
        "https://qiita.com/aoi/items/1",
        "http://a.jp/?q=日本",
    ]
    assert [f.reason for f in found if isinstance(f, Refused)] == ["no_text", "bad_link"]


OPML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<opml version="2.0"><head><title>t</title></head><body>
 <outline text="folder"><outline type="rss" text="葵 &amp; 健" xmlUrl="https://aoi.hatenablog.com/feed?a=1&amp;b=2" htmlUrl="https://aoi.hatenablog.com/"/>
 <outline type="link" text="page" url="https://a.jp/"/><outline text="&x;" xmlUrl="javascript:alert(1)"/></outline>
</body></opml>"""


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_opml(tmp_path, encoding):
    form, found = read(write(tmp_path / "a.opml", OPML, encoding=encoding))
    assert form == "opml"
    assert found[0] == Link(url="https://aoi.hatenablog.com/feed?a=1&b=2", text="葵 & 健", as_feed=True)
    assert found[1] == Link(url="https://a.jp/", text="page")
    assert found[2] == Refused("bad_link", "line 5", "javascript:alert(1)")


def test_an_opml_without_feeds(tmp_path):
    path = write(tmp_path / "a.opml", "<opml version='2.0'><body></body></opml>")
    with pytest.raises(InputError, match="without outlines"):
        read(path)


# odd values


def test_odd_json_never_loses_a_neighbour(tmp_path):
    big = 2**63
    path = write(
        tmp_path / "a",
        json.dumps(v2(1)),
        json.dumps(v2(2)).replace("参加", "\\ud83d"),
        json.dumps(v2(3)).replace("参加", "a\\u0000b"),
        json.dumps(v2(4, public_metrics={"like_count": big, "reply_count": 1})),
        json.dumps(v2(5)).replace('"author_id": "77"', '"author_id": "77", "score": NaN, "x": 1e999'),
        json.dumps(v2(6, entities=[[[]]], public_metrics=[1])),
        json.dumps(v2(7, text="長" * 3_000_000)),
        "[" * 100_000,
        '{"id": 1, "text": "t", "n": ' + "9" * 5000 + "}",
        "<html>not json</html>",
        json.dumps(v2(8)),
    )
    found = read(path)[1]
    assert [f.native_id for f in found if isinstance(f, Draft)][:7] == [f"204900000000000000{n}" for n in range(1, 8)]
    assert [f.where for f in found if isinstance(f, Refused) and f.reason == "bad_json"] == [
        "line 8",
        "line 9",
        "line 10",
    ]
    assert found[-1].native_id == "2049000000000000008"


# the command


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HARVEST_DB", str(tmp_path / "h.db"))
    event = tmp_path / "fooconf.toml"
    event.write_text(EVENT, encoding="utf-8")

    def call(*words):
        code = run([str(word) for word in words])
        out = capsys.readouterr()
        return code, out.out, out.err

    call.event = event
    call.db = tmp_path / "h.db"
    return call


def tables(path, *names):
    conn = open_db(path, "ro")
    found = {name: [tuple(row) for row in conn.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3")] for name in names}
    conn.close()
    return found


KEPT = ("authors", "audience", "posts", "event_posts", "links", "reactions", "rejected", "frontier", "stories")


def test_import_counts_every_record_and_a_second_one_adds_nothing(cli, tmp_path):
    tweets = write(
        tmp_path / "t.jsonl",
        json.dumps(page(v2(1, public_metrics={"like_count": 4}), v2(2), {"id": "9", "username": "u"})),
    )
    table = write(tmp_path / "t.csv", *JAPANESE, "2016-12-22,note,題,文,健,,")
    urls = write(tmp_path / "u.txt", "https://aoi.jp/1", "https://aoi.jp/2", "http://127.0.0.1/")
    files = (tweets, table, urls)
    code, out, err = cli("import", cli.event, *files, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)["files"]
    assert [(f["records"], f["new"], f["queued"], f["rejected"]) for f in found] == [
        (3, 2, 0, {"not_a_post": 1}),
        (2, 1, 0, {"no_address": 1}),
        (3, 0, 2, {"blocked_address": 1}),
    ]
    before = tables(cli.db, *KEPT)
    code, out, _ = cli("import", "fooconf", *files, "--json")
    for file in json.loads(out)["files"]:
        assert file["new"] == file["updated"] == file["queued"] == 0
        assert file["records"] == file["unchanged"] + sum(file["rejected"].values())
    assert tables(cli.db, *KEPT) == before
    sightings = tables(cli.db, "sightings")["sightings"]
    assert len(sightings) == 2 * 3
    assert [row[1] for row in tables(cli.db, "run_sources")["run_sources"]][:3] == ["csv", "twarc2", "urls"]


def test_import_speaks_plainly(cli, tmp_path):
    tweets = write(tmp_path / "t.jsonl", json.dumps(page(v2(1), {"id": "9", "username": "u"})))
    code, out, _ = cli("import", cli.event, tweets)
    assert code == 0
    assert out.splitlines() == [
        "t.jsonl: twarc2, 2 records in",
        "  stored   1 new, 0 updated, 0 unchanged",
        "  rejected 1 · not_a_post 1",
        "Next: harvest classify fooconf, then harvest report fooconf",
    ]


def test_feeds_of_an_opml_are_polled_in_every_crawl(cli, tmp_path):
    code, out, _ = cli("import", cli.event, write(tmp_path / "a.opml", OPML), "--json")
    assert (code, json.loads(out)["files"][0]["queued"]) == (0, 2)
    conn = open_db(cli.db, "ro")
    rows = conn.execute("SELECT source, url, each_run, state FROM frontier ORDER BY id").fetchall()
    conn.close()
    assert [tuple(row) for row in rows] == [
        ("feeds", "https://aoi.hatenablog.com/feed?a=1&b=2", 1, "todo"),
        ("blog", "https://a.jp/", 0, "todo"),
    ]


def test_a_dry_run_counts_and_stores_nothing(cli, tmp_path):
    tweets = write(tmp_path / "t.jsonl", json.dumps(page(v2(1), v2(2))))
    code, out, _ = cli("import", cli.event, tweets, tweets, "--dry-run", "--json")
    assert (code, [f["new"] for f in json.loads(out)["files"]]) == (0, [2, 0])
    assert not cli.db.exists()
    cli("import", cli.event, tweets)
    before = tables(cli.db, *KEPT, "runs", "events", "sightings")
    more = write(tmp_path / "m.jsonl", json.dumps(page(v2(3))))
    cli.event.write_text(EVENT.replace("FooConf", "Renamed"), encoding="utf-8")
    code, out, _ = cli("import", cli.event, more, "--dry-run")
    assert (code, "nothing was stored" in out) == (0, True)
    assert tables(cli.db, *KEPT, "runs", "events", "sightings") == before


@pytest.mark.parametrize(
    "words",
    [
        ("import", "nobody", "{file}"),
        ("import", "gone.toml", "{file}"),
        ("import", "{event}", "{folder}/gone.jsonl"),
        ("import", "{event}", "{folder}"),
        ("import", "{event}", "{file}", "--map", "x"),
        ("import", "{event}", "{file}", "--map", "x=colour"),
        ("import", "{event}", "{file}", "--zone", "Mars/Base"),
        ("import", "{event}", "{file}", "--format", "word"),
        ("import", "{event}"),
        ("import", "{file}", "{file}"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_database(cli, tmp_path, words):
    file = write(tmp_path / "t.jsonl", json.dumps(page(v2(1))))
    code, out, err = cli(*(word.format(file=file, event=cli.event, folder=tmp_path) for word in words))
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    assert len([line for line in err.splitlines() if line.startswith("Error")]) >= 1
    assert not cli.db.exists() or not open_db(cli.db, "ro").execute("SELECT count(*) FROM posts").fetchone()[0]


def test_a_file_that_breaks_half_way_leaves_nothing_of_itself(cli, tmp_path):
    good = write(tmp_path / "t.jsonl", json.dumps(page(v2(1))))
    bomb = archive(
        tmp_path / "a.zip",
        data__tweets_js=js("tweets", {"tweet": v1()}),
        data__tweets_part1_js="x = [" + " " * 50_000_000 + "]",
    )
    code, _, err = cli("import", cli.event, good, bomb)
    assert code == 2
    assert "refused" in err
    keys = [row[1] for row in tables(cli.db, "posts")["posts"]]
    assert keys == ["x:2049000000000000001"]


def test_forced_formats_are_believed(cli, tmp_path):
    path = write(tmp_path / "a", "address", "https://a.jp/1")
    code, out, _ = cli("import", cli.event, path, "--format", "urls", "--json")
    assert (code, json.loads(out)["files"][0]["rejected"]) == (0, {})
    code, out, _ = cli("import", cli.event, path, "--format", "csv", "--map", "address=url", "--json")
    assert (code, json.loads(out)["files"][0]["unchanged"]) == (0, 1)


def test_numbers_are_dated_by_the_file_and_not_by_the_import(cli, tmp_path):
    tweets = write(tmp_path / "t.jsonl", json.dumps(page(v2(1, public_metrics={"like_count": 4}))))
    os.utime(tweets, (1482400000, 1482400000))
    cli("import", cli.event, tweets)
    assert [row[3] for row in tables(cli.db, "reactions")["reactions"]] == ["2016-12-22T09:46:40Z"]


def test_an_import_waits_for_nobody_and_says_who_holds_the_database(cli, tmp_path):
    tweets = write(tmp_path / "t.jsonl", json.dumps(page(v2(1))))
    with hold(cli.db, now=datetime(2017, 1, 1, tzinfo=UTC)):
        code, out, err = cli("import", cli.event, tweets)
    assert (code, out) == (75, "")
    assert "another harvest command" in err
    assert cli("import", cli.event, tweets)[0] == 0


def test_progress_is_for_terminals_only(cli, tmp_path, monkeypatch):
    tweets = write(tmp_path / "t.jsonl", *(json.dumps(page(*(v2(n % 90) for n in range(100)))) for _ in range(25)))
    assert cli("import", cli.event, tweets)[2] == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert cli("import", cli.event, tweets)[2] == "\r\x1b[Kt.jsonl: 1,000 records\r\x1b[Kt.jsonl: 2,000 records\r\x1b[K"
    assert cli("import", cli.event, tweets, "--json")[2] == ""


def test_a_line_in_another_encoding_costs_only_itself(tmp_path):
    good = json.dumps(v2(1), ensure_ascii=False).encode()
    (tmp_path / "a").write_bytes(good + b"\n" + json.dumps(v2(2), ensure_ascii=False).encode("cp932") + b"\n" + good)
    form, found = read(tmp_path / "a")
    assert (form, [getattr(f, "reason", "post") for f in found]) == ("twarc2", ["post", "bad_json", "post"])


def test_json_lines_in_utf_16_as_powershell_writes_them(tmp_path):
    path = write(
        tmp_path / "a", json.dumps(page(v2(1)), ensure_ascii=False), json.dumps(page(v2(2))), encoding="utf-16"
    )
    assert [draft.text for draft in drafts(path)] == ["参加しました #fooconf"] * 2


def test_edges_beside_posts_are_kept(cli, tmp_path):
    both = v2(
        1,
        in_reply_to_user_id="88",
        referenced_tweets=[{"type": "quoted", "id": "5"}, {"type": "replied_to", "id": "4"}],
    )
    path = write(tmp_path / "t.jsonl", json.dumps(page(both)))
    assert sum(isinstance(found, Edge) for found in read(path)[1]) == 1
    cli("import", cli.event, path)
    assert sorted((row[2], row[6]) for row in tables(cli.db, "links")["links"]) == [("quote", "x:5"), ("reply", "x:4")]
