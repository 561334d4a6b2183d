"""The synthetic web answers as real hosts do: pages, conditions, faults, and the two APIs."""

import gzip
import http.client
import json
import subprocess
import sys
from urllib.parse import quote, urlsplit

import pytest

from harvester.demo import extras
from harvester.demo.build import build
from harvester.demo.server import Server, main
from harvester.demo.world import BEARER, HASHTAGS, Numbers
from harvester.demo.x_query import BadQuery, compile_query

SMALL = Numbers(
    participants=30, media=5, independents=5, unknowns=1, vendor=2, sponsors=2, organiser=1, releases=2, crossposts=2,
    syndicated=1, scraped=2, other_years=3, locals=2, offtopic=6, tweets=20, misses=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def served():
    world = build(7, SMALL)
    with Server(world) as server:
        yield world, server


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


def ask(server, url, method="GET", **headers):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(server.address, timeout=10)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, target, headers={"Host": parts.netloc, **named})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def test_every_page_of_a_healthy_host_is_there_and_says_that_it_is_synthetic(served):
    world, server = served
    for doc in world.docs:
        if not doc.site.failure:
            answer = ask(server, doc.url)
            assert answer.status == 200, doc.url
            text = answer.body.decode(doc.site.charset)
            assert doc.author.name in text or doc.author.handle in text or doc.site.title in text
            assert "架空のもの" in text or "This page is synthetic" in text, doc.url


def test_hosts_are_told_apart_by_name_and_unknown_ones_do_not_answer(served):
    world, server = served
    homes = {site.home: site for site in world.sites if not site.failure and site.look != "qiita"}
    for home, site in list(homes.items())[:12]:
        assert site.title in ask(server, home).body.decode(site.charset)
    with pytest.raises((ConnectionError, http.client.BadStatusLine)):
        ask(server, "https://nobody-lives-here.example.org/")


def test_a_connection_is_kept_for_several_requests(served):
    world, server = served
    doc = next(d for d in world.docs if not d.site.failure)
    connection = http.client.HTTPConnection(server.address, timeout=10)
    for _ in range(3):
        connection.request("GET", urlsplit(doc.url).path, headers={"Host": doc.site.host})
        assert connection.getresponse().read()
    connection.request("HEAD", urlsplit(doc.url).path, headers={"Host": doc.site.host})
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    connection.close()


def test_what_a_client_holds_is_not_sent_again(served):
    world, server = served
    doc = next(d for d in world.docs if d.site.validators and not d.site.failure)
    first = ask(server, doc.url)
    tag, stamp = first.headers["ETag"], first.headers["Last-Modified"]
    again = ask(server, doc.url, If_None_Match=f'W/{tag}, "other"')
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert ask(server, doc.url, If_None_Match='"other"', If_Modified_Since=stamp).status == 200
    assert ask(server, doc.url, If_Modified_Since=stamp).status == 304
    assert ask(server, doc.url, If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200


def test_bodies_are_packed_only_for_those_who_can_unpack(served):
    world, server = served
    doc = next(d for d in world.docs if d.site.look == "hatena" and not d.site.failure)
    plain, packed = ask(server, doc.url), ask(server, doc.url, Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_faults_are_those_of_the_world(served):
    world, server = served
    for site in world.sites:
        if site.failure == "dead":
            with pytest.raises((ConnectionError, http.client.BadStatusLine)):
                ask(server, site.home)
        elif site.failure == "busy":
            answer = ask(server, site.home)
            assert (answer.status, answer.headers["Retry-After"]) == (429, "3600")
    refusing = [site for site in world.sites if site.robots == "User-agent: *\nDisallow: /\n"]
    assert {doc.missed for doc in world.docs if doc.site in refusing} == {
        "its robots.txt forbids crawling, and no feed is advertised"
    }
    assert b"Disallow: /\n" in ask(server, f"https://{refusing[0].host}/robots.txt").body
    assert ask(server, extras.ASIDE.format(extras.ASIDES)).status == 404


def test_short_links_lead_in_steps_to_the_page(served):
    world, server = served
    for short in [url for url in world.redirects if "//t.co/" in url]:
        url, steps = short, 0
        while (answer := ask(server, url)).status == 301:
            url, steps = answer.headers["Location"], steps + 1
            assert steps < 5, short
            host = urlsplit(url).netloc
            if any(site.host == host and site.failure for site in world.sites):
                break
        else:
            assert answer.status == 200, (short, url)


def test_charsets_lie_as_planned():
    world = build(2016)
    handmade = {(site.charset, site.declared): site for site in world.sites if site.look == "plain"}
    assert {("utf-8", "Shift_JIS"), ("euc_jp", "EUC-JP"), ("cp932", "utf-8"), ("cp932", "-")} <= set(handmade)
    with Server(world) as server:
        lie, silence = handmade["utf-8", "Shift_JIS"], handmade["cp932", "-"]
        answer = ask(server, lie.home)
        assert answer.headers["Content-Type"] == "text/html; charset=Shift_JIS"
        assert b'<meta charset="Shift_JIS">' in answer.body
        assert lie.title in answer.body.decode("utf-8")
        answer = ask(server, silence.home)
        assert answer.headers["Content-Type"] == "text/html"
        assert b"charset" not in answer.body
        assert silence.title in answer.body.decode("cp932")


def test_feeds_have_their_formats_and_faults():
    world = build(2016)
    listed = [site for site in world.sites if site.listed]
    assert {site.feed for site in listed} == {"atom", "rss1", "rss2"}
    assert {site.feed_shape for site in listed} >= {"full", "summary", "jst", "broken", "build_time"}
    with Server(world) as server:
        for site in listed:
            text = ask(server, site.feed_url).body.decode(site.charset, "replace")
            assert text.startswith("<?xml")
            if site.feed_shape == "broken":
                assert " & more</title>" in text
                assert not text.rstrip().endswith(("</rss>", "</feed>", "</rdf:RDF>"))
            elif site.feed_shape == "jst" and site.feed == "rss2":
                assert " JST</pubDate>" in text
            elif site.feed_shape == "build_time":
                assert "2017" in text


def test_qiita_searches_pages_and_counts(served):
    world, server = served
    mine = sorted((d for d in world.docs if d.site.look == "qiita"), key=lambda d: d.published, reverse=True)
    base = "https://qiita.com/api/v2/items?query="
    window = [d for d in mine if "2016-11-27" <= f"{d.published:%Y-%m-%d}" < "2017-01-01"]
    asked = quote("created:>=2016-11-27 created:<2017-01-01")
    first = ask(server, f"{base}{asked}&per_page=2&page=1")
    assert first.headers["Total-Count"] == str(len(window))
    assert 'rel="next"' in first.headers["Link"]
    assert int(first.headers["Rate-Remaining"]) < int(first.headers["Rate-Limit"]) == 60
    pages = [ask(server, f"{base}{asked}&per_page=2&page={n + 1}").json for n in range(-(-len(window) // 2))]
    assert [item["id"] for page in pages for item in page] == [d.native_id for d in window]
    tagged = ask(server, base + quote("tag:REINVENT")).json
    assert {item["id"] for item in tagged} == {d.native_id for d in mine if "reinvent" in d.tags}
    phrase = ask(server, base + quote('"re:Invent 2016" -tag:reinvent')).json
    assert phrase
    assert not {"reinvent"} & {tag["name"] for item in phrase for tag in item["tags"]}
    assert ask(server, f"https://qiita.com/api/v2/items/{mine[0].native_id}").json["title"] == mine[0].title
    assert ask(server, "https://qiita.com/api/v2/items/00000000000000000000").json["type"] == "not_found"
    assert ask(server, f"{base}x&per_page=101").status == 400


def test_qiita_ends_an_hours_allowance():
    with Server(build(7, SMALL)) as server:
        answers = [ask(server, "https://qiita.com/api/v2/items?per_page=1") for _ in range(61)]
        assert [a.status for a in answers] == [200] * 60 + [429]
        assert answers[-1].json["type"] == "rate_limit_exceeded"
        assert ask(server, "https://qiita.com/api/v2/items?per_page=1", Authorization="Bearer any").status == 200


def x(server, path, **fields):
    query = "&".join(f"{name}={quote(str(value))}" for name, value in fields.items())
    return ask(server, f"https://api.x.com/2/tweets/{path}?{query}", Authorization=f"Bearer {BEARER}")


WINDOW = {"start_time": "2016-11-01T00:00:00Z", "end_time": "2017-02-01T00:00:00Z"}


def test_x_counts_what_it_then_shows_page_by_page(served):
    world, server = served
    query = " OR ".join(f"#{tag}" for tag in HASHTAGS)
    total = x(server, "counts/all", query=query, granularity="day", **WINDOW).json["meta"]["total_tweet_count"]
    seen, token = [], None
    while True:
        more = {"next_token": token} if token else {}
        page = x(server, "search/all", query=query, max_results=10, expansions="author_id", **WINDOW, **more).json
        seen += [post["id"] for post in page["data"]]
        assert {user["id"] for user in page["includes"]["users"]} >= {post["author_id"] for post in page["data"]}
        token = page["meta"].get("next_token")
        if token is None:
            break
    assert len(seen) == total == len(set(seen)) > 20
    assert seen == sorted(seen, key=int, reverse=True)
    assert set(seen) <= {tweet.id for tweet in world.tweets}


def test_x_links_are_not_always_unwound(served):
    _, server = served
    page = x(server, "search/all", query="has:links", max_results=500, **{"tweet.fields": "entities"}, **WINDOW).json
    links = [url for post in page["data"] for url in post["entities"]["urls"]]
    assert {("unwound_url" in url) for url in links} == {True, False}
    assert all(url["url"].startswith("https://t.co/") for url in links)


def test_x_refuses_as_the_service_does(served):
    _, server = served
    bare = ask(server, "https://api.x.com/2/tweets/search/all?query=a")
    assert (bare.status, bare.json["title"]) == (401, "Unauthorized")
    assert x(server, "search/all", query="(#reinvent").status == 400
    assert x(server, "search/all", query="min_faves:3").status == 400
    assert x(server, "search/all", query="#reinvent", max_results=9).status == 400
    assert x(server, "search/recent", query="#reinvent", **WINDOW).status == 400
    assert x(server, "search/recent", query="#reinvent").json == {"meta": {"result_count": 0}}
    assert x(server, "nothing", query="a").status == 404


def test_x_answers_in_the_names_it_is_asked_in(served):
    world, server = served
    quoting = next(tweet for tweet in world.tweets if any(kind == "quoted" for kind, _ in tweet.referenced))
    (quoted,) = (other for kind, other in quoting.referenced if kind == "quoted")
    query = {"query": f"quotes_of_tweet_id:{quoted}", "max_results": 10, **WINDOW}
    old = x(server, "search/all", **query, **{"tweet.fields": "referenced_tweets", "expansions": "author_id"}).json
    new = x(server, "search/all", **query, **{"post.fields": "lang", "expansions": "author_id,referenced_posts"}).json
    ties = old["data"][0]["referenced_tweets"], new["data"][0]["referenced_posts"]
    assert ties == ([{"type": "quoted", "id": quoted}],) * 2
    assert (set(old["includes"]), set(new["includes"])) == ({"users", "tweets"}, {"users", "posts"})
    counted = x(server, "counts/all", query=f"quotes_of_tweet_id:{quoted}", **WINDOW, **{"post.fields": "id"}).json
    assert counted["meta"] == {"total_post_count": 1}


def test_x_looks_posts_up_and_tells_which_are_not_there(served):
    world, server = served
    known = world.tweets[0].id
    told = ask(server, f"https://api.x.com/2/tweets?ids={known},17&tweet.fields=public_metrics",
               Authorization=f"Bearer {BEARER}").json  # fmt: skip
    assert set(told["data"][0]) == {"id", "text", "edit_history_tweet_ids", "public_metrics"}
    assert [error["resource_id"] for error in told["errors"]] == ["17"]
    many = ",".join(str(n) for n in range(101))
    assert ask(server, f"https://api.x.com/2/tweets?ids={many}", Authorization=f"Bearer {BEARER}").status == 400


def test_x_shows_a_single_post_to_everybody(served):
    world, server = served
    tweet = next(tweet for tweet in world.tweets if tweet.links)
    found = ask(server, f"https://publish.x.com/oembed?url=https://x.com/i/status/{tweet.id}&omit_script=1").json
    assert found["url"] == f"https://twitter.com/{tweet.author.x_handle}/status/{tweet.id}"
    assert f'<a href="{tweet.links[0][0]}">' in found["html"]
    assert ask(server, "https://publish.x.com/oembed?url=https://x.com/i/status/17").status == 404


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("#REINVENT", lambda t: "reinvent" in [tag.lower() for tag in t.hashtags]),
        ("-is:retweet has:links", lambda t: t.links and not any(k == "retweeted" for k, _ in t.referenced)),
        ("is:quote OR is:reply", lambda t: any(k in ("quoted", "replied_to") for k, _ in t.referenced)),
        ('"書きました" (#reinvent OR #reinvent2016)', lambda t: "書きました" in t.text and t.hashtags),
        ("lang:en", lambda t: t.language == "en"),
        ('url:"t.co"', lambda t: bool(t.links)),
    ],
)
def test_x_grammar(served, query, wanted):
    world, _ = served
    test = compile_query(query)
    found = [tweet.id for tweet in world.tweets if test(tweet)]
    assert found == [tweet.id for tweet in world.tweets if wanted(tweet)]
    assert found


@pytest.mark.parametrize("query", ["", "   ", "a )", "( )", "a OR"])
def test_x_grammar_refuses_broken_queries(query):
    with pytest.raises(BadQuery):
        compile_query(query)


def test_the_log_tells_every_request_and_no_secret():
    with Server(build(7, SMALL)) as server:
        x(server, "counts/all", query="#reinvent", **WINDOW)
        ask(server, "https://qiita.com/robots.txt", User_Agent="harvester test", If_None_Match='"x"')
        assert [(seen.host, seen.method, seen.status) for seen in server.log] == [
            ("api.x.com", "GET", 200), ("qiita.com", "GET", 200),
        ]  # fmt: skip
        assert server.log[1].headers["if-none-match"] == '"x"'
        assert server.log[1].headers["user-agent"] == "harvester test"
        assert BEARER not in repr(server.log)


def test_a_taken_port_is_an_error_and_nonsense_ends_only_its_connection(served):
    world, server = served
    with pytest.raises(OSError, match="address already in use"):
        Server(world, port=int(server.address.rpartition(":")[2])).start()
    connection = http.client.HTTPConnection(server.address, timeout=10)
    connection.connect()
    connection.sock.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
    assert connection.sock.recv(100) == b""
    connection.close()
    assert ask(server, "https://qiita.com/robots.txt").status == 200


def test_it_serves_from_the_command_line():
    command = [sys.executable, "-m", "harvester.demo.server", "--seed", "3", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("127.0.0.1:")
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("GET", "/robots.txt", headers={"Host": "note.com"})
        assert b"Disallow: /api/*" in connection.getresponse().read()
        connection.close()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    with pytest.raises(SystemExit):
        main(["--seed", "many"])


# Mastodon, Misskey and Bluesky


def post_json(server, url, value, **headers):
    parts, body = urlsplit(url), json.dumps(value).encode()
    connection = http.client.HTTPConnection(server.address, timeout=10)
    try:
        connection.request("POST", parts.path, body, {"Host": parts.netloc, **headers})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def test_mastodon_pages_its_tag_timelines_and_servers_know_different_posts(served):
    _, server = served
    url, known = "https://mstdn.jp/api/v1/timelines/tag/reinvent?limit=40", []
    while url:
        answer = ask(server, url)
        assert answer.headers["X-RateLimit-Remaining"]
        known += answer.json
        links = dict(part.strip(" <").split(">; rel=") for part in (answer.headers["Link"] or "").split(",") if part)
        url = next((target for target, rel in links.items() if rel == '"next"'), "")
    ids = [int(status["id"]) for status in known]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) > 40
    newer = ask(server, f"https://mstdn.jp/api/v1/timelines/tag/reinvent?min_id={ids[10]}&limit=5").json
    assert [int(status["id"]) for status in newer] == ids[5:10], "min_id walks forward without a hole"
    assert {status["visibility"] for status in known} == {"public", "unlisted"}
    assert False in {status["account"]["indexable"] for status in known}
    there = {
        status["uri"] for status in ask(server, "https://fosstodon.org/api/v1/timelines/tag/ReInvent?limit=40").json
    }
    assert there
    assert len(there - {status["uri"] for status in known}) == 0
    assert ask(server, "https://pawoo.net/api/v1/timelines/tag/reinvent").status == 401
    access = ask(server, "https://pawoo.net/api/v2/instance").json["configuration"]["timelines_access"]
    assert access["hashtag_feeds"] == {"local": "disabled", "remote": "disabled"}


def test_mastodon_searches_words_only_for_accounts(served):
    _, server = served
    url = "https://mastodon.social/api/v2/search?q=%22reinvent%22&type=statuses&limit=40"
    assert ask(server, url).json["statuses"] == []
    assert ask(server, url, Authorization="Bearer any").json["statuses"]


def test_misskey_searches_a_tag_by_post(served):
    _, server = served
    url = "https://misskey.io/api/notes/search-by-tag"
    first = post_json(server, url, {"tag": "ＲＥＩＮＶＥＮＴ", "limit": 30}).json
    then = post_json(server, url, {"tag": "reinvent", "limit": 30, "untilId": first[-1]["id"]}).json
    times = [note["createdAt"] for note in first + then]
    assert (len(first), times) == (30, sorted(times, reverse=True))
    assert then
    assert "home" in {note["visibility"] for note in first + then}
    assert post_json(server, url, {"limit": 3}).json["error"]["code"] == "INVALID_PARAM"
    assert post_json(server, url, {"tag": "a", "limit": 101}).status == 400
    assert ask(server, url).status == 404


def test_bluesky_shows_a_first_page_to_guests_and_all_to_those_who_log_in(served):
    _, server = served
    search = "/xrpc/app.bsky.feed.searchPosts?q=%23reinvent&sort=latest&limit=30"
    first = ask(server, f"https://api.bsky.app{search}").json
    assert (len(first["posts"]), first["cursor"]) == (30, "30")
    refused = ask(server, f"https://api.bsky.app{search}&cursor=30")
    assert (refused.status, b"administrative rules" in refused.body) == (403, True)
    assert ask(server, f"https://bsky.social{search}").status == 401
    login = "https://bsky.social/xrpc/com.atproto.server.createSession"
    assert post_json(server, login, {"identifier": "a"}).status == 401
    token = post_json(server, login, {"identifier": "a.example", "password": "any"}).json["accessJwt"]
    then = ask(server, f"https://bsky.social{search}&cursor=30", Authorization=f"Bearer {token}").json
    assert then["posts"]
    assert not {post["uri"] for post in then["posts"]} & {post["uri"] for post in first["posts"]}
    for post in (*first["posts"], *then["posts"]):
        text = post["record"]["text"].encode()
        for facet in post["record"]["facets"]:
            piece = text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
            assert piece.startswith("#") or "..." in piece or "." in piece
    window = ask(server, f"https://api.bsky.app{search}&since=2016-11-01T00:00:00Z&until=2016-12-31T00:00:00Z").json
    assert {post["indexedAt"][:4] for post in window["posts"]} == {"2016"}
    assert ask(server, "https://api.bsky.app/xrpc/app.bsky.feed.searchPosts").status == 400
