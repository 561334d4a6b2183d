"""H10, H16, H17, H18: broken links, sites without end, redirects that lead nowhere, pages that are not there."""

import pytest

from harvester import missing
from tests.cases.common import HEALTHY, page
from tests.evil import article
from tests.servers import Answer, html, redirect

WATCHED = ("tests.watching_source",)
SHARED = ("tests.graph_source", *WATCHED)
STORY = "We went to the meetup, sat in the third row and wrote down what every speaker said about the new clusters."
BREAD = "My bread rises over night; flour, water, salt and patience give a dark crust that my neighbours envy."
FRONT = "Browse recipes by season, subscribe for weekly baking letters, or visit our little shop beside Kyoto station."


def story(title, words=STORY):
    """Five kilobytes that a person might have written."""
    parts = words.split()
    body = "".join(f"<p>{' '.join(parts[n % 9 :] + parts[: n % 9])}</p>" for n in range(50))
    return html(f"<html lang=en><head><title>{title}</title></head><body><article>{body}</article></body></html>")


# H10: a broken link costs one link

BROKEN = ("javascript:void(0)", "http://[::1", "mailto:x", "http://h:99999/", "http://u:p@h/")


@pytest.mark.case("H10")
def test_h10_a_broken_link_costs_one_link(site):
    good = ["https://b.example/1", "https://b.example/2"]
    mixed = [good[0], *BROKEN, good[1]]
    made = site(
        {
            ("a.example", "/links"): page("links", *mixed),
            ("a.example", "/mentions"): page("mentions", mentions=mixed),
            ("b.example", "/1"): page(1),
            ("b.example", "/2"): page(2),
        },
        pages=["https://a.example/links", "https://a.example/mentions", HEALTHY],
    )
    done = made.crawl("-v")
    assert "Traceback" not in done.err, done
    assert made.titles() == {"Page links", "Page mentions", "Page 1", "Page 2", "Page healthy"}
    for source in ("graph", "blog"):
        states = made.states(source)
        assert {url: states[url] for url in BROKEN} == dict.fromkeys(BROKEN, ("refused", "bad_link"))
        assert {url: states[url][0] for url in good} == dict.fromkeys(good, "done")
    assert "10 unusable links (bad_link)" in made.sources()["graph"][1]
    made.server.forget()
    again = made.crawl()
    assert again.code == done.code, again
    assert not made.server.hits("/1", "b.example")


@pytest.mark.case("H10")
def test_h10_a_page_with_broken_links_is_read_like_any_other(site):
    anchors = "".join(f'<p><a href="{url}">x</a></p>' for url in ("/1", *BROKEN, "http://a b/", "/2"))
    opml = "".join(f'<outline xmlUrl="{url}"/>' for url in (*BROKEN, "https://b.example/feed"))
    made = site(
        {
            ("b.example", "/"): html(f"<title>The meetup</title><body><p>the meetup</p>{anchors}</body>"),
            ("b.example", "/1"): article("The meetup, one"),
            ("b.example", "/2"): article("The meetup, two"),
            ("b.example", "/opml"): Answer(f"<opml><body>{opml}</body></opml>".encode()),
            ("b.example", "/feed"): html(
                '<rss version="2.0"><channel><title>t</title><item><title>The meetup, a feed</title>'
                "<link>https://b.example/3</link></item></channel></rss>"
            ),
        },
        modules=("spiders",),
        pages=["https://b.example/"],
        opml=["https://b.example/opml"],
    )
    done = made.crawl("--source", "blog", "--source", "feeds")
    assert {"The meetup, one", "The meetup, two", "The meetup, a feed"} <= made.titles(), done
    feeds = made.states("feeds")
    assert {url: feeds[url] for url in BROKEN} == dict.fromkeys(BROKEN, ("refused", "bad_link"))
    others = {url: why for url, why in made.states("blog").items() if not url.startswith("https://b.example/")}
    # What is no web address at all (a script, a mailbox) is no link and needs no row.
    assert others == dict.fromkeys(("http://h:99999/", "http://u:p@h/", "http://a b/"), ("refused", "bad_link"))


# H16: spider traps end


@pytest.mark.case("H16")
def test_h16_sites_without_end_end(site):
    def calendar(seen):
        return page(f"day {seen.query['n']}", f"https://cal.example/cal?n={int(seen.query['n']) + 1}")

    def session(seen):
        number = seen.query.get("sid", "0")
        return page(f"session {number}", *(f"https://sid.example/?sid={number}{digit}" for digit in "abc"))

    long = "https://a.example/" + "x" * 2048
    nine = "https://a.example/?" + "&".join(f"k{number}=1" for number in range(9))
    deep = ["https://a.example/a/a/a/a/", long, nine]
    fine = ["https://a.example/a/a/", "https://a.example/?" + "&".join(f"k{number}=1" for number in range(8))]
    made = site(
        {
            ("cal.example", "/cal"): calendar,
            ("sid.example", "/"): session,
            ("a.example", "/traps"): page("traps", *deep, *fine, mentions=deep),
            ("a.example", "/a/a/"): page("twice the same"),
            ("a.example", "/"): page("eight keys"),
        },
        pages=["https://cal.example/cal?n=0", "https://sid.example/", "https://a.example/traps", HEALTHY],
    )
    done = made.crawl("-v")
    assert done.code == 0, done
    assert len(made.server.hits("/cal")) == 200
    assert 100 < len(made.server.hits("/", "sid.example")) <= 200
    assert {"Page traps", "Page twice the same", "Page eight keys", "Page healthy"} <= made.titles()
    assert not made.server.hits("/a/a/a/a/")
    assert made.states()[long[:2048]] == ("refused", "bad_link")
    assert nine not in made.states()
    for host in ("cal.example", "sid.example"):
        assert done.err.count(f"no more addresses like https://{host}/") == 1, done
    assert made.rows("SELECT status FROM runs") == [("ok",)]


@pytest.mark.case("H16")
def test_h16_pages_that_lead_to_pages_end_at_the_depth_and_at_the_budget(site):
    def deeper(seen):
        number = int(seen.path.rpartition("-")[2])
        return article(f"The meetup, page {number}", links=(f"https://deep.example/post-{number + 1}",))

    wide = [f"https://wide.example/{number}-a-post" for number in range(30)]
    made = site(
        {
            ("a.example", "/1"): page(1, mentions=["https://deep.example/post-0", *wide]),
            **{("deep.example", f"/post-{number}"): deeper for number in range(9)},
            **{("wide.example", f"/{number}-a-post"): article("The meetup, wide") for number in range(30)},
        },
        pages=["https://a.example/1", HEALTHY],
        crawl={"max_depth": 3, "max_pages": 20},
    )
    done = made.crawl()
    assert done.code == 0, done
    assert len(made.server.hits(host="deep.example")) <= 3
    assert len(made.server.hits(host="deep.example")) + len(made.server.hits(host="wide.example")) == 20
    assert "Page healthy" in made.titles()
    assert made.sources()["blog"] == ("partial", "page budget used up")


# H17: redirect loops are cheap


@pytest.mark.case("H17")
def test_h17_redirects_that_lead_nowhere_cost_six_requests_at_most(site):
    def onwards(seen):
        return redirect(f"/loop?n={int(seen.query['n']) + 1}")

    itself = '<meta http-equiv="refresh" content="0;url=/refresh"><title>A meetup page</title>'
    made = site(
        {
            ("a.example", "/self"): redirect("/self", 301),
            ("a.example", "/loop"): onwards,
            ("a.example", "/ping"): redirect("https://b.example/pong", 307),
            ("b.example", "/fine"): article("A fine meetup"),
            ("b.example", "/pong"): redirect("https://a.example/ping", 308),
            ("a.example", "/refresh"): html(f"{itself}<body><p>{STORY}</p></body>"),
            ("a.example", "/broken"): redirect("http://[::1"),
            ("a.example", "/many"): Answer(b"", 302, {"Location": "/" + "x" * 5000}),
        },
        modules=WATCHED,
        **{"source.watched": {"pages": [
            "https://b.example/fine",
            *(f"https://a.example/{name}" for name in ("self", "loop?n=0", "ping", "refresh", "broken", "many")),
        ]}},
    )  # fmt: skip
    done = made.crawl()
    assert "Traceback" not in done.err, done
    states = made.states()
    for name in ("self", "loop?n=0", "ping"):
        assert states[f"https://a.example/{name}"] == ("failed", "redirect_loop"), name
    assert len(made.server.hits("/self")) == 1
    assert len(made.server.hits("/loop")) == 6
    assert len(made.server.hits("/ping")) == len(made.server.hits("/pong")) == 1
    # An instruction inside a page is not followed at all, so there is no loop to name.
    assert len(made.server.hits("/refresh")) == 1
    assert states["https://a.example/refresh"] == ("done", "ok")
    assert {states[f"https://a.example/{name}"][0] for name in ("broken", "many")} <= {"failed", "refused"}
    assert "A fine meetup" in made.titles()


# H18: a page that only says it is not there is no content


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        ("ページが見つかりません", "お探しのページは見つかりませんでした。", "plainly"),
        ("404 Not Found | Their blog", "", "plainly"),
        ("お探しのページが見つかりませんでした - 誰かのブログ", "トップへ", "plainly"),
        ("Oops! That page can’t be found. – My Blog", "Nothing was found at this location.", "plainly"),
        ("誰かのブログ", "この記事は削除されました。", "plainly"),
        ("ページが見つかりませんと出たときの対処法", STORY * 10, ""),
        ("How to fix 404 Not Found", STORY * 10, "perhaps"),
        ("The meetup", f"We lost the page you were looking for. {STORY * 10}", "perhaps"),
        ("The meetup at room 404", STORY, ""),
    ],
)
@pytest.mark.case("H18")
def test_h18_what_a_page_says_of_itself(title, text, said):
    assert missing.says(title, text) == said


@pytest.mark.case("H18")
def test_h18_a_fingerprint_knows_the_same_page_at_another_address_and_no_other():
    def shown(address, words):
        return missing.fingerprint(
            "Not here", f"{words} {address} is not on this shelf.", f"https://a.example/{address}"
        )

    notice = shown("entry/0123abcd", FRONT)
    assert missing.alike(notice, shown("entry/zyxw9876", FRONT))
    assert missing.alike(notice, shown("entry/zyxw9876", FRONT.replace("Kyoto", "Osaka")))
    assert not missing.alike(notice, shown("entry/0123abcd", STORY))
    assert len(missing.fingerprint("", STORY * 50, "")) < 600
    assert not missing.another(STORY * 9, STORY * 9 + "An afterthought, and then another one.")
    assert missing.another(STORY * 9, FRONT * 9)
    assert not missing.another("a summary", FRONT * 9)


NOT_THERE = "<html lang=ja><head><title>ページが見つかりません</title></head><body><p>{}</p></body></html>"


@pytest.mark.case("H18")
def test_h18_a_page_that_says_it_is_not_there_replaces_nothing(site):
    address = "https://blog.example/2016/12/a-story"
    missing = html(NOT_THERE.format("お探しのページは見つかりませんでした。URLをご確認ください。"))
    english = html("<title>404 Not Found | Their blog</title><body><p>The page could not be found.</p></body>")
    made = site(
        {
            ("blog.example", "/2016/12/a-story"): story("The meetup, a story"),
            ("blog.example", "/missing-0f8fad5b"): missing,
            ("new.example", "/missing-7d444840"): english,
            ("blog.example", "/2016/12/about-404"): story("How to fix 404 Not Found at the meetup"),
            ("a.example", "/1"): page(1, mentions=[
                "https://blog.example/missing-0f8fad5b", "https://new.example/missing-7d444840",
                "https://blog.example/2016/12/about-404",
            ]),
        },
        modules=SHARED,
        pages=["https://a.example/1", HEALTHY],
        **{"source.watched": {"pages": [address]}},
    )  # fmt: skip
    done = made.crawl()
    assert done.code == 0, done
    fine = {"The meetup, a story", "How to fix 404 Not Found at the meetup", "Page 1", "Page healthy"}
    assert made.titles() == fine
    reasons = made.reasons()
    assert reasons["https://blog.example/missing-0f8fad5b"] == "soft_404"
    assert reasons["https://new.example/missing-7d444840"] == "soft_404"
    assert "2 pages that only say they are not there (soft_404)" in made.sources()["blog"][1]
    before = made.rows("SELECT key, title, text, revision, content_sha256 FROM posts ORDER BY key")
    made.server.routes[("blog.example", "/2016/12/a-story")] = missing
    again = made.crawl("--source", "watched")
    assert again.code == 0, again
    assert made.reasons()[address] == "soft_404"
    assert made.rows("SELECT key, title, text, revision, content_sha256 FROM posts ORDER BY key") == before
    assert made.rows("SELECT key FROM posts WHERE gone_count = 1") == [(address,)]
    offline = made.crawl("--offline", "--source", "watched")
    assert offline.code == 0, offline
    assert made.rows("SELECT key, title, text, revision, content_sha256 FROM posts ORDER BY key") == before


@pytest.mark.case("H18")
def test_h18_a_host_is_asked_for_what_cannot_exist_once_a_day_and_only_when_a_page_has_changed(site):
    hosts = ("same.example", "soft.example", "hard.example")
    routes = {(host, f"/{number}"): story(f"{host} {number}") for host in hosts for number in (1, 2)}
    watched = [f"https://{host}{path}" for host, path in routes]
    made = site(routes, modules=WATCHED, **{"source.watched": {"pages": watched}})

    def wondered():
        return sorted(seen.host for seen in made.server.seen if "no-such-page" in seen.target)

    first = made.crawl()
    assert first.code == 0, first
    assert wondered() == []
    # One host shows its front page for whatever it does not have; at the other somebody wrote something new.
    front = story("Our shop", FRONT)
    made.server.routes |= {("soft.example", "*"): front, ("soft.example", "/robots.txt"): Answer(b"", 404)}
    for number in (1, 2):
        del made.server.routes[("soft.example", f"/{number}")]
        made.server.routes[("hard.example", f"/{number}")] = story(f"Bread {number}", BREAD)
    for run in (1, 2):
        again = made.crawl()
        assert again.code == 0, again
        assert wondered() == ["hard.example", "soft.example"]
        assert [made.reasons()[f"https://soft.example/{number}"] for number in (1, 2)] == ["soft_404"] * 2
        told = made.rows("SELECT title, gone_count, revision FROM posts ORDER BY title")
        assert told == [
            ("Bread 1", 0, 2), ("Bread 2", 0, 2), ("same.example 1", 0, 1), ("same.example 2", 0, 1),
            ("soft.example 1", run, 1), ("soft.example 2", run, 1),
        ]  # fmt: skip
    assert made.rows("SELECT host, missing_page IS NOT NULL FROM hosts WHERE missing_at IS NOT NULL ORDER BY host") == [
        ("hard.example", 0), ("soft.example", 1),
    ]  # fmt: skip
