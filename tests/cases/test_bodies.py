"""H1 to H7, H11, H12: what arrives as a page or a feed, and what it costs to read it."""

import pytest

from tests.cases.common import HEALTHY, page
from tests.evil import article, attribute_bomb, attribute_feed, comment_feed, feed, many_paragraphs
from tests.servers import Answer, html

# H2: one page or feed cannot stall the run


@pytest.mark.case("H2")
def test_h2_bombs_time_out_and_the_rest_is_stored(site):
    rss = {"Content-Type": "application/rss+xml"}
    made = site(
        {
            ("bomb.example", "/b"): html(attribute_bomb().decode()),
            ("big.example", "/p"): html(many_paragraphs().decode()),
            ("blog.example", "/post"): article("A post on the meetup"),
            ("feed.example", "/bad"): Answer(attribute_feed(), 200, rss),
            ("feed.example", "/comments"): Answer(comment_feed(), 200, rss),
            ("good.example", "/feed"): feed(("The meetup in a feed", "https://good.example/1")),
            ("a.example", "/1"): page(
                1,
                mentions=["https://bomb.example/b", "https://big.example/p", "https://blog.example/post"],
            ),
        },
        pages=["https://a.example/1", HEALTHY],
        feeds=["https://feed.example/bad", "https://feed.example/comments", "https://good.example/feed"],
    )
    done = made.crawl()
    assert done.code == 1, done
    assert done.seconds < 40
    reasons = made.reasons()
    assert reasons["https://bomb.example/b"] == reasons["https://feed.example/bad"] == "parse_timeout"
    assert reasons["https://feed.example/comments"] in ("ok", "parse_timeout")
    assert reasons["https://big.example/p"] == "ok"
    assert "extract_fallback" in made.rows("SELECT detail FROM frontier WHERE host = 'big.example'")[0][0]
    assert {"A post on the meetup", "The meetup in a feed", "Page healthy"} <= made.titles()
