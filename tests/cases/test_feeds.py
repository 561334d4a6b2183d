"""H5, H6: feeds with a bad entry, half a feed, and answers that are no feed at all."""

import json
import unicodedata

import pytest

from tests.evil import feed
from tests.servers import Answer

RSS = {"Content-Type": "application/rss+xml; charset=utf-8"}
DATE = "<pubDate>Fri, 02 Dec 2016 10:00:00 +0900</pubDate>"
FINE = "https://fine.example/feed"
FINE_FEED = feed(("The meetup in a feed", "https://fine.example/1"), host="fine.example")


def rss(*items):
    """A feed of these items, each as it stands in the document."""
    body = "<rss version='2.0'><channel><title>A feed</title><link>https://feed.example/</link>"
    body = '<?xml version="1.0" encoding="utf-8"?>' + body + "".join(items) + "</channel></rss>"
    return Answer(body.encode("utf-8", "surrogatepass"), 200, RSS)


def item(number, title, words="about the meetup"):
    link = f"https://feed.example/{number}"
    return f"<item><title>{title}</title><link>{link}</link>{DATE}<description>{words}</description></item>"


# H5: one bad entry does not lose the feed


@pytest.mark.case("H5")
def test_h5_one_bad_entry_does_not_lose_the_feed(site):
    titles = {
        "pair": ("a&#xD83D;&#xDE00;b", "a😀b"),
        "half": ("a&#xD83D;b", "ab"),
        "decimal": ("a&#55357;b&#56832;", "ab"),
        "nul": ("a\0b&#0;c", "abc"),
        "tab": ("a\x0bb&#11;c\x1b[2J", "abc[2J"),
        "raw": ("a\ud83db", None),  # a lone surrogate in UTF-8's own form: three bytes that are no UTF-8
        "beyond": ("a&#x110000;b&#99999999999;c", "abc"),
        "bidi": ("a\u202eb", "ab"),
        "open": ("a <b>b", None),
        "unknown": ("a &nosuch; b", "a &nosuch; b"),
    }
    routes = {
        (f"{name}.example", "/feed"): rss(item(1, "one"), item(2, bad), item(3, "three"))
        for name, (bad, _) in titles.items()
    }
    routes = {
        where: Answer(answer.body.replace(b"//feed.example", b"//" + where[0].encode()), 200, RSS)
        for where, answer in routes.items()
    }
    feeds = [f"https://{name}.example/feed" for name in titles]
    made = site(routes | {("fine.example", "/feed"): FINE_FEED}, modules=(), feeds=[*feeds, FINE])
    done = made.crawl("--source", "feeds")
    assert done.code == 0, done
    assert made.reasons() == dict.fromkeys([*feeds, FINE], "ok") | {
        url: reason for url, reason in made.reasons().items() if not url.endswith("/feed")
    }
    posts = {}
    for host, url, title, text in made.rows("SELECT host, url, title, text FROM posts"):
        posts.setdefault(host.partition(".")[0], {})[url.rpartition("/")[2]] = title
        odd = [c for c in title + text if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
        assert not odd, (host, odd)
    assert posts.pop("fine") == {"1": "The meetup in a feed"}
    for name, (_, wanted) in titles.items():
        assert set(posts[name]) == {"1", "2", "3"}, name
        assert (posts[name]["1"], posts[name]["3"]) == ("one", "three"), name
        assert wanted in (None, posts[name]["2"]), name
    assert "\u202e" not in posts["bidi"]["2"]


# H6: not a feed, or half a feed, is a failure and not "0 new items"


@pytest.mark.case("H6")
def test_h6_what_is_no_feed_changes_nothing_and_half_a_feed_is_asked_for_whole(site):
    no_feeds = {
        "login": Answer(b"<!doctype html><title>Log in</title><form>word</form>", 200, {"Content-Type": "text/html"}),
        "empty": Answer(b"", 200, RSS),
        "space": Answer(b" \n\n", 200, RSS),
        "json": Answer(b"{}", 200, {"Content-Type": "application/json"}),
        "sitemap": Answer(b"<?xml version='1.0'?><urlset><url><loc>https://x.example/</loc></url></urlset>", 200, RSS),
        "picture": Answer(b"\x89PNG\r\n\x1a\n" + bytes(200), 200, RSS),
    }  # fmt: skip

    def tagged(answer, tag):
        return Answer(answer.body, answer.status, answer.headers | {"ETag": f'"{tag}"'})

    def good(host, *names):
        return tagged(
            feed(*((f"{name} of {host}, the meetup", f"https://{host}.example/{name}") for name in names)), "good"
        )

    whole = good("half", "one", "two", "three")
    half = Answer(whole.body[:-60], 200, whole.headers | {"ETag": '"half"'})
    unchanged = Answer(b"", 304, {"ETag": '"good"'})
    routes = {
        (f"{name}.example", "/feed"): [good(name, "old"), tagged(answer, "bad"), unchanged]
        for name, answer in no_feeds.items()
    }
    routes[("half.example", "/feed")] = [half, whole, unchanged]
    hosts = [*no_feeds, "half"]
    feeds = [f"https://{name}.example/feed" for name in hosts]
    made = site(routes | {("fine.example", "/feed"): FINE_FEED}, modules=(), feeds=[*feeds, FINE])

    def crawl():
        made.server.forget()
        done = made.crawl("--source", "feeds")
        asked = {
            seen.host.partition(".")[0]: seen.headers.get("if-none-match")
            for seen in made.server.seen
            if seen.path == "/feed"
        }
        rows = made.rows("SELECT host, state, reason, detail FROM frontier WHERE url LIKE '%/feed' ORDER BY host")
        states = {host.partition(".")[0]: (state, reason, "partial" in (d or "")) for host, state, reason, d in rows}
        posts = made.rows(
            "SELECT key, title, text, revision, content_sha256 FROM posts WHERE host <> 'half.example' ORDER BY 1"
        )
        return done, asked, states, posts

    done, asked, states, before = crawl()
    assert done.code == 0, done
    assert asked == dict.fromkeys([*hosts, "fine"])
    assert states["half"] == ("done", "ok", True)
    flags = dict(made.rows("SELECT url, flags FROM posts WHERE host = 'half.example'"))
    assert {url: "partial" in json.loads(flag) for url, flag in flags.items()} == {
        "https://half.example/one": False, "https://half.example/two": False, "https://half.example/three": True,
    }  # fmt: skip
    done, asked, states, after = crawl()
    assert done.code == 1, done
    assert "6 answers without a feed (not_a_feed)" in made.sources()["feeds"][1]
    assert asked == dict.fromkeys(no_feeds, '"good"') | {"half": None, "fine": None}
    assert {name: states[name][1] for name in no_feeds} == dict.fromkeys(no_feeds, "not_a_feed")
    assert states["half"] == ("done", "ok", False)
    assert after == before
    assert len(made.rows("SELECT 1 FROM posts WHERE flags LIKE '%partial%'")) == 0
    done, asked, states, after = crawl()
    assert done.code == 0, done
    assert asked == dict.fromkeys(hosts, '"good"') | {"fine": None}  # what was no feed took no validator with it
    assert {states[name][:2] for name in hosts} == {("done", "not_modified")}
    assert after == before
