"""H1 to H4: bodies, heads, trees and entities without end, and what they cost."""

import json
import time
from itertools import pairwise

import pytest

from harvester.crawl.compression import TooLarge, decode
from harvester.text import clean, fold, plain
from tests.cases.common import HEALTHY, page
from tests.cases.costs import MB, measured
from tests.crawling import Site
from tests.evil import (
    LIMIT,
    Endless,
    Evil,
    article,
    attribute_bomb,
    attribute_feed,
    bomb,
    comment_feed,
    encoded,
    feed,
    many_headers,
    many_paragraphs,
    one_entry_feed,
    packed,
)
from tests.servers import Answer, as_json, html, serving

CODINGS = ("br", "gzip", "deflate", "zstd", "gzip, gzip")
RSS = {"Content-Type": "application/rss+xml"}
FINE_FEED = feed(("The meetup in a feed", "https://fine.example/1"))


@pytest.fixture(scope="session")
def ordinary(tmp_path_factory):
    """What a crawl of one page, one article and one feed costs."""
    routes = {
        ("healthy.example", "/1"): page("healthy", mentions=["https://fine.example/post"]),
        ("fine.example", "/post"): article("A post on the meetup"),
        ("fine.example", "/feed"): FINE_FEED,
    }
    server = Evil(routes).start()
    made = Site(tmp_path_factory.mktemp("ordinary"), server.address)
    made.event(pages=[HEALTHY], feeds=["https://fine.example/feed"])
    done, costs = measured(made)
    server.stop()
    assert done.code == 0, done
    assert made.titles() == {"Page healthy", "A post on the meetup", "The meetup in a feed"}
    assert all(cost.memory > 20 * MB for cost in costs.values()), costs
    return costs


# H1: a bomb or an endless body costs megabytes


@pytest.mark.case("H1")
def test_h1_bombs_endless_bodies_and_floods_of_headers_cost_megabytes(site, ordinary):
    hosts = {f"bomb{n}.example": packed(bomb(coding), coding) for n, coding in enumerate(CODINGS)}
    hosts |= {"endless.example": Endless(), "headers.example": many_headers(page("headers").body)}
    pages = [f"https://{host}/1" for host in hosts]
    routes = {(host, "/1"): answer for host, answer in hosts.items()}
    # Long heads below the limit, one after the other over one connection: each answer has a count of its own.
    long = {"Content-Type": "application/json"} | {f"X-{n}": "h" * 990 for n in range(180)}
    fine = [HEALTHY, *(f"https://long.example/{number}" for number in range(3))]
    routes |= {("long.example", f"/{number}"): Answer(page(number).body, 200, long) for number in range(3)}
    made = site(routes, pages=[*pages, *fine])
    done, costs = measured(made)
    assert done.code == 1, done
    assert made.reasons() == dict.fromkeys(pages, "too_large") | dict.fromkeys(fine, "ok")
    assert made.titles() == {"Page healthy", "Page 0", "Page 1", "Page 2"}
    assert costs["child"].memory - ordinary["child"].memory < 64 * MB
    assert costs["child"].seconds - ordinary["child"].seconds < 3  # of processor time, for all seven
    assert costs["supervisor"].memory - ordinary["supervisor"].memory < 16 * MB
    (why,) = made.rows("SELECT detail FROM frontier WHERE host = 'headers.example'")[0]
    assert why == "more than 262144 bytes of headers"
    assert sum(path.stat().st_size for path in made.folder.iterdir()) < 4 * MB


@pytest.mark.case("H1")
@pytest.mark.parametrize("coding", CODINGS)
def test_h1_a_bomb_is_given_up_at_the_limit(coding):
    body, began = bomb(coding), time.process_time()
    assert len(body) < 3 * MB
    with pytest.raises(TooLarge, match="more than 8388608 bytes"):
        decode(body, [part.strip() for part in coding.split(",")], LIMIT)
    assert time.process_time() - began < 3


@pytest.mark.case("H1")
def test_h1_a_body_may_have_8_mib_and_not_a_byte_more(site):
    def sized(name, size):
        bare = len(json.dumps({"id": name, "links": [], "pad": ""}))
        return as_json({"id": name, "links": [], "pad": "x" * (size - bare)})

    routes = {}
    for name, size in (("whole", LIMIT), ("over", LIMIT + 1)):
        plain_answer = sized(name, size)
        assert len(plain_answer.body) == size
        routes[(f"{name}.example", "/plain")] = plain_answer
        routes[(f"{name}.example", "/br")] = packed(encoded(sized(f"{name} packed", size).body, "br"), "br")
        # No Content-Length: the end of the connection ends it.
        routes[(f"{name}.example", "/close")] = Answer(sized(f"{name} closed", size).body, length=-1)
    pages = {f"https://{host}{path}" for host, path in routes}
    made = site(routes, pages=[*pages, HEALTHY])
    done = made.crawl()
    assert done.code == 1, done
    assert made.reasons() == {url: "too_large" if "over" in url else "ok" for url in (*pages, HEALTHY)}
    assert made.titles() == {"Page healthy", "Page whole", "Page whole packed", "Page whole closed"}


# H2: one page or feed cannot stall the run


@pytest.mark.case("H2")
def test_h2_bombs_time_out_and_the_rest_is_stored(site):
    made = site(
        {
            ("bomb.example", "/b"): html(attribute_bomb().decode()),
            ("big.example", "/p"): html(many_paragraphs().decode()),
            ("blog.example", "/post"): article("A post on the meetup"),
            ("feed.example", "/bad"): Answer(attribute_feed(), 200, RSS),
            ("feed.example", "/comments"): Answer(comment_feed(), 200, RSS),
            ("fine.example", "/feed"): FINE_FEED,
            ("a.example", "/1"): page(
                1,
                mentions=["https://bomb.example/b", "https://big.example/p", "https://blog.example/post"],
            ),
        },
        pages=["https://a.example/1", HEALTHY],
        feeds=["https://feed.example/bad", "https://feed.example/comments", "https://fine.example/feed"],
    )
    done = made.crawl()
    assert done.code == 1, done
    assert done.seconds < 40
    reasons = made.reasons()
    assert reasons["https://bomb.example/b"] == reasons["https://feed.example/bad"] == "parse_timeout"
    # Nobody here reads comments the way that takes a minute: the feed is read like any other.
    assert reasons["https://feed.example/comments"] == "ok"
    assert reasons["https://big.example/p"] == "ok"
    long = "A long transcript of re:Invent 2016"
    assert {"one", long, "A post on the meetup", "The meetup in a feed", "Page healthy"} <= made.titles()
    ((flags, length, end),) = made.rows(
        "SELECT flags, length(text), text LIKE '%99999 of it' FROM posts WHERE title = ?", long
    )
    assert json.loads(flags) == ["extract_fallback"]
    assert (length > 1_000_000, end) == (True, 1)
    bombed = made.rows("SELECT host, charset FROM frontier WHERE reason = 'parse_timeout' ORDER BY host")
    assert bombed == [("bomb.example", None), ("feed.example", None)]


@pytest.mark.case("H2")
@pytest.mark.parametrize("made", ["a" + "\u0301" * 400_000 + "\u0316" * 400_000, "\u0301\u0316" * 400_000])
def test_h2_towers_of_marks_are_cut_instead_of_sorted(made):
    """Unicode's normal form of 160 KB of them takes six seconds, and on texts of an interface no deadline watches."""
    began = time.process_time()
    assert len(clean(made)) <= 32
    assert len(fold(made)) <= 32
    assert time.process_time() - began < 2
    assert clean("か\u3099" * 100) == "が" * 100


# H3: depth does not crash or silently lie


@pytest.mark.case("H3")
def test_h3_a_tree_that_was_cut_says_so(site):
    def nested(levels, title):
        body = f"<h1>{title}</h1>" + "<div>" * levels + "END"
        return html(f"<html lang=en><head><title>{title}</title></head><body>{body}</body></html>")

    scripts = b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>"
    made = site(
        {
            ("deep.example", "/1"): nested(100_000, "Deep"),
            ("fine.example", "/1"): nested(200, "Not so deep"),
            ("json.example", "/1"): Answer(
                b"<html><title>Brackets</title><body><p>END" + scripts, 200, html("").headers
            ),
            ("feed.example", "/deep"): Answer(one_entry_feed(b"<div>" * 100_000 + b"END"), 200, RSS),
            ("feed.example", "/nested"): Answer(
                b"<rss><channel><title>t</title>" + b"<item><title>inner</title>" * 5000 + b"</channel></rss>", 200, RSS
            ),
            ("a.example", "/1"): page(1, mentions=[f"https://{h}.example/1" for h in ("deep", "fine", "json")]),
        },
        pages=["https://a.example/1", HEALTHY],
        feeds=["https://feed.example/deep", "https://feed.example/nested"],
    )
    done = made.crawl()
    assert "RecursionError" not in done.out + done.err
    assert "nested too deeply" not in str(made.rows("SELECT detail FROM frontier"))
    posts = {
        title: (json.loads(flags), text) for title, flags, text in made.rows("SELECT title, flags, text FROM posts")
    }
    assert {"Page 1", "Page healthy"} < set(posts), done
    flags, text = posts["Deep"]
    assert "tree_truncated" in flags
    assert text.endswith("END")  # what hung below the cut is not lost: the text is read without the tree
    flags, text = posts["Not so deep"]
    assert "tree_truncated" not in flags
    assert text.endswith("END")
    assert posts["Brackets"][1] == "END"
    assert posts["one"] == ([], "END")  # a feed's body needs no tree, so nothing of it is cut
    details = dict(made.rows("SELECT host, detail FROM frontier WHERE host IN ('deep.example', 'fine.example')"))
    assert "tree_truncated" in details["deep.example"]
    assert "tree_truncated" not in (details["fine.example"] or "")


@pytest.mark.case("H3")
def test_h3_the_text_of_a_deep_body_is_whole_and_has_no_scripts():
    hidden = '<script>if (a<b) "<div>"</script><style>p{}</style>'
    for levels in (100, 249, 250, 251, 252, 253, 254, 255, 256, 300, 100_000):
        assert plain("<div>" * levels + "END") == "END"
        words = plain(f"<p>start</p>{hidden}" + "<div>" * levels + f"END{hidden} tail" + "</div>" * levels).split()
        assert words == ["start", "END", "tail"]
    began = time.process_time()
    assert plain("<div>" * 300 + "<script>" * 200_000) == ""
    assert time.process_time() - began < 2


# H4: XML entities cost nothing and fetch nothing


def declared(declarations, use, link="https://entity.example/1"):
    """A feed with a document type of its own whose entry uses what that declares."""
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [{declarations}]><rss version="2.0"><channel><title>t</title>'
        f"<item><title>{use}</title><link>{link}</link><description>{use}</description></item></channel></rss>"
    ).encode()


@pytest.mark.case("H4")
def test_h4_entities_cost_nothing_and_fetch_nothing(site, ordinary, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("zzqx-local-words", encoding="utf-8")
    letters = "abcdefghij"
    laughs = '<!ENTITY a "haha">' + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in pairwise(letters))
    with serving({"*": Answer(b'<!ENTITY y "zzqx-remote-words">')}) as outside:
        there = f"http://{outside.address}/"
        bad = {
            "laughs": declared(laughs, "&j;"),
            "long": declared(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 10_000),
            "file": declared(
                f'<!ENTITY x SYSTEM "{secret.as_uri()}"> <!ENTITY h SYSTEM "file:///etc/passwd">', "e &x; &h;"
            ),
            "public": declared(f'<!ENTITY x PUBLIC "-//x" "{secret.as_uri()}">', "e &x;"),
            "parameter": declared(f'<!ENTITY % p SYSTEM "{there}p.dtd"> %p;', "e &y;"),
            "dtd": declared("", "e &y;").replace(b"[]", f'SYSTEM "{there}d.dtd"'.encode()),
            # Behind such a line no strict parser goes on; the tolerant one meets the declarations.
            "warning": b"Warning: x in y.php\n"
            + declared(laughs + f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&j;&x;"),
            "include": declared("", "e").replace(
                b"<item>",
                f'<item><x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}"/>'.encode(),
            ),
            "style": b'<?xml-stylesheet type="text/xsl" href="%ss.xsl"?>' % there.encode() + declared("", "e")[21:],
        }
        routes = {("entity.example", f"/{name}"): Answer(body, 200, RSS) for name, body in bad.items()}
        xhtml = declared(f'<!ENTITY x SYSTEM "{secret.as_uri()}"> <!ENTITY y "z"> ', "")[:-60].partition(b"<rss")[0]
        routes[("page.example", "/1")] = Answer(
            xhtml.replace(b"DOCTYPE rss", b"DOCTYPE html")
            + b'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>XHTML on the meetup</title></head>'
            b"<body><p>Words and &x;&y;.</p></body></html>",
            200,
            {"Content-Type": "application/xhtml+xml"},
        )
        routes[("a.example", "/1")] = page(1, mentions=["https://page.example/1"])
        routes[("fine.example", "/feed")] = FINE_FEED
        feeds = [f"https://entity.example/{name}" for name in bad]
        made = site(routes, pages=["https://a.example/1", HEALTHY], feeds=[*feeds, "https://fine.example/feed"])
        done, costs = measured(made)
        assert outside.connections == 0
    assert {"XHTML on the meetup", "The meetup in a feed", "Page healthy"} <= made.titles(), done
    reasons = made.reasons()
    assert {reasons[url] for url in feeds if not url.endswith("warning")} == {"ok"}
    assert reasons["https://entity.example/warning"] in ("ok", "not_a_feed")
    assert costs["parser"].seconds - ordinary["parser"].seconds < 5  # of processor time, for all of them
    assert costs["parser"].memory - ordinary["parser"].memory < 150 * MB
    assert costs["child"].memory - ordinary["child"].memory < 64 * MB
    everything = done.out + done.err
    everything += "".join(path.read_bytes().decode("latin-1") for path in made.folder.glob("test.db*"))
    assert not [words for words in ("zzqx-local", "zzqx-remote", "root:x:", "root:*:") if words in everything]
