"""P1 and P7 on social platforms, in whole crawls: no session is written, and of the hidden only a number stays."""

import json

import pytest

from tests.cases.erasing import left
from tests.servers import as_json, redirect

MASTODON, MISSKEY = "mastodon.social", "misskey.io"
AT = "2016-12-01T10:00:00.000Z"
LOGIN = ("bsky.social", "/xrpc/com.atproto.server.createSession")
SEARCH = "/xrpc/app.bsky.feed.searchPosts"


def status(number, words, *, visibility="public", **account):
    who = {"id": "1", "acct": f"p{number}", "url": f"https://{MASTODON}/@p{number}", "indexable": True, **account}
    return {
        "id": str(number), "uri": f"https://{MASTODON}/users/p{number}/statuses/{number}", "created_at": AT,
        "url": f"https://{MASTODON}/@p{number}/{number}", "content": f"<p>{words} #meetup2016</p>",
        "visibility": visibility, "account": who, "tags": [{"name": "meetup2016"}],
    }  # fmt: skip


def note(number, words, *, visibility="public", **user):
    who = {"id": "1", "username": f"p{number}", "name": f"P {number}", "host": None, **user}
    return {"id": f"9{number}", "createdAt": AT, "text": f"{words} #meetup2016", "visibility": visibility, "user": who}


def post(number, words, *labels):
    did = f"did:plc:p{number}"
    author = {"did": did, "handle": f"p{number}.example", "labels": [{"val": label} for label in labels]}
    record = {"text": f"{words} #meetup2016", "createdAt": AT}
    return {"uri": f"at://{did}/app.bsky.feed.post/3l{number}", "author": author, "record": record, "indexedAt": AT}


def notes(seen):
    return as_json([] if "untilId" in json.loads(seen.body) else [
        note(1, "w_kept_note"), note(2, "w_home", visibility="home"), note(3, "w_nocrawl", noCrawle=True),
        note(4, "w_elsewhere", host="far.example"),
    ])  # fmt: skip


@pytest.mark.case("P7")
def test_p7_of_hidden_posts_on_social_platforms_only_a_number_is_kept(site, tmp_path):
    statuses = [
        status(1, "w_kept_status"), status(2, "w_unlisted", visibility="unlisted"), status(3, "w_followers",
        visibility="private"), status(4, "w_shy", indexable=False), status(5, "w_refusing", note="<p>#nobot</p>"),
    ]  # fmt: skip
    posts = [post(1, "w_kept_post"), post(2, "w_guests", "!no-unauthenticated")]
    made = site(
        {
            (MASTODON, "/api/v1/timelines/tag/meetup2016"): as_json(statuses),
            (MISSKEY, "/api/notes/search-by-tag"): notes,
            ("api.bsky.app", SEARCH): as_json({"posts": posts}),
        },
        ("spiders",), hashtags=["meetup2016"], **{"source.mastodon": {"instances": [MASTODON]}},
    )  # fmt: skip
    done = made.crawl("--source", "mastodon", "--source", "misskey", "--source", "bluesky")
    assert done.code == 0, done
    kept = ["w_kept_status", "w_kept_note", "w_kept_post"]
    assert {text.split()[0] for (text,) in made.rows("SELECT text FROM posts")} == set(kept)
    words = ["w_unlisted", "w_followers", "w_shy", "w_refusing", "w_home", "w_nocrawl", "w_elsewhere", "w_guests"]
    assert left(tmp_path, words) == []
    assert set(left(tmp_path, kept)) == set(kept)
    details = made.rows("SELECT source, detail FROM run_sources WHERE query = ''")
    counts = {source: {k: n for k, n in json.loads(detail).items() if "rejected" in k} for source, detail in details}
    assert counts == {
        "mastodon": {"rejected/private": 2, "rejected/noindex": 2},
        "misskey": {"rejected/private": 1, "rejected/noindex": 2},
        "bluesky": {"rejected/noindex": 3},  # found by the tag and by two names
    }
    assert made.rows("SELECT count(*) FROM rejected") == [(0,)]
    again = made.crawl("--source", "mastodon", "--source", "misskey", "--source", "bluesky")
    assert again.code == 0, again
    assert made.rows("SELECT sum(new) FROM run_sources WHERE run_id = 2 AND query = ''") == [(0,)]


@pytest.mark.case("P1")
def test_p1_a_session_is_written_nowhere_and_goes_nowhere_else(site, tmp_path):
    secrets = {"BLUESKY_IDENTIFIER": "w.login.example", "BLUESKY_APP_PASSWORD": "wpass-wpass-wpass-wpass"}
    jwt = "w.access.token"
    tokens = {"accessJwt": jwt, "refreshJwt": "w.refresh.token"}

    def searched(seen):
        if seen.headers.get("authorization") != f"Bearer {jwt}":
            return as_json({"error": "AuthMissing"}, 401)
        return as_json({"posts": [post(1, "w_found")]})

    made = site(
        {LOGIN: as_json(tokens), ("bsky.social", SEARCH): searched}, ("spiders",), hashtags=["meetup2016"],
    )  # fmt: skip
    made.environment = secrets
    done = made.crawl("--source", "bluesky", "-vv")
    assert done.code == 0, done
    assert made.rows("SELECT text FROM posts") == [("w_found #meetup2016",)]
    (login,) = made.server.hits(LOGIN[1], LOGIN[0])
    assert json.loads(login.body) == {
        "identifier": secrets["BLUESKY_IDENTIFIER"], "password": secrets["BLUESKY_APP_PASSWORD"],
    }  # fmt: skip
    assert "authorization" not in login.headers
    told = done.out + done.err
    for secret in (*secrets.values(), *tokens.values()):
        assert secret not in told
        assert left(tmp_path, [secret]) == []


@pytest.mark.parametrize(
    "answer", [as_json({"error": "AuthenticationRequired"}, 401), redirect("https://x.example/", 307)]
)
@pytest.mark.case("P1")
def test_p1_a_login_that_fails_is_told_and_follows_no_redirect(site, answer):
    made = site({LOGIN: answer}, ("spiders",), hashtags=["meetup2016"])
    made.environment = {"BLUESKY_IDENTIFIER": "w.login.example", "BLUESKY_APP_PASSWORD": "wpass-wpass-wpass-wpass"}
    done = made.crawl("--source", "bluesky")
    assert done.code in (69, 77), done
    assert made.server.hits(host="x.example") == []
    assert made.server.hits(SEARCH) == []
