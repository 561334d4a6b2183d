"""One post is one row whoever finds it: a source's own record and a mere link to the same page have the same key."""

from datetime import UTC, datetime

import pytest

from harvester.model import Draft, Post
from harvester.normalise import normalise
from tests.test_sources import FIXTURES, SOURCES, case_of

NOW = datetime(2026, 5, 10, 3, tzinfo=UTC)
# Sources whose records say more than an address can, and why.
BY_THE_RECORD = {
    "bluesky": "an address may name the account by its handle, which changes; the record has its lasting id",
    "google_news": "an address at Google leads nowhere a reader of the page could tell; the feed tells its id",
}


def keys(name):
    """(key of a draft, key of its address alone) of all that a case finds."""
    case, found = case_of(name), []
    for draft in case.found().get("found", ()):
        if isinstance(draft, Draft) and draft.url:
            told = normalise(draft, case.spider.event, now=NOW)
            alone = normalise(Draft(url=draft.url, title="x"), case.spider.event, now=NOW)
            if isinstance(told, Post) and isinstance(alone, Post):
                found.append((told.key, alone.key))
    return found


@pytest.mark.parametrize("source", sorted(set(SOURCES) - set(BY_THE_RECORD)))
def test_a_draft_has_the_key_that_its_address_has(source):
    for folder in sorted((FIXTURES / source).glob("*/case.json")):
        for told, alone in keys(f"{source}/{folder.parent.name}"):
            assert told == alone


@pytest.mark.parametrize("source", sorted(BY_THE_RECORD))
def test_only_where_the_address_does_not_tell_it_the_record_has_a_key_of_its_own(source):
    assert any(told != alone for told, alone in keys(f"{source}/normal"))


@pytest.mark.parametrize(
    "addresses",
    [
        ["https://lobste.rs/s/abc124/who_goes", "https://lobste.rs/s/abc124", "https://lobste.rs/s/abc124/new_title"],
        [
            "https://www.reddit.com/r/u_aoi/comments/1abc01/x/", "https://www.reddit.com/user/aoi/comments/1abc01/x/",
            "https://old.reddit.com/comments/1abc01",
        ],
        ["https://serverfault.com/questions/12/old-title", "https://serverfault.com/q/12/77"],
        ["https://unix.stackexchange.com/questions/12/old-title", "https://unix.stackexchange.com/questions/12"],
        ["https://medium.com/@aoi/report-0a1b2c3d4e5f", "https://aoi.medium.com/report-0a1b2c3d4e5f?source=rss----1"],
        ["https://qiita.com/aoi/items/0a1b2c3d4e5f60718293", "https://qiita.com/items/0a1b2c3d4e5f60718293"],
    ],
)  # fmt: skip
def test_two_addresses_of_one_post_have_one_key(addresses):
    event = case_of("blog/normal").spider.event
    found = {normalise(Draft(url=url, title="x"), event, now=NOW).key for url in addresses}
    assert len(found) == 1
    assert not found.pop().startswith("http")


def test_a_person_on_lobsters_is_one_in_the_feed_and_in_the_lists():
    def authors(name):
        case = case_of(name)
        drafts = [item for item in case.found()["found"] if isinstance(item, Draft)]
        posts = [normalise(draft, case.spider.event, now=NOW) for draft in drafts]
        return {(post.author.platform, post.author.handle) for post in posts}

    assert authors("lobsters/normal") == authors("lobsters/site") == {("lobsters", "ren")}
