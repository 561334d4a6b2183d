"""The mapping of X API v2 payloads: old and new field names, relations, links, and odd shapes."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.model import Draft, Edge
from harvester.payloads.x import drafts_from_page, is_post
from harvester.payloads.x_author import author_of

USERS = [
    {
        "id": "77",
        "username": "aoi_x",
        "name": "葵",
        "description": "A &amp; B",
        "url": "https://t.co/me",
        "entities": {"url": {"urls": [{"url": "https://t.co/me", "expanded_url": "https://aoi.example/"}]}},
        "public_metrics": {"followers_count": 120},
    },
    {"id": "88", "username": "vendor", "name": "Vendor", "verified_type": "business", "protected": False},
]


def post(**fields: object) -> dict[str, object]:
    return {"id": "2049000000000000001", "text": "Wrote up #fooconf", "author_id": "77", **fields}


def one(*posts: dict[str, object], **includes: object) -> Draft:
    drafts, _ = drafts_from_page({"data": list(posts), "includes": {"users": USERS, **includes}})
    return drafts[0]


def test_a_search_page_as_documented() -> None:
    draft = one(
        post(
            created_at="2026-05-03T12:00:00.000Z",
            lang="en",
            conversation_id="2049000000000000001",
            public_metrics={
                "retweet_count": 1,
                "reply_count": 0,
                "like_count": 4,
                "quote_count": 0,
                "bookmark_count": 2,
                "impression_count": 210,
            },
            entities={
                "hashtags": [{"start": 9, "end": 17, "tag": "fooconf"}],
                "urls": [
                    {
                        "url": "https://t.co/abc",
                        "expanded_url": "https://bit.ly/x",
                        "unwound_url": "https://blog.example.jp/fooconf",
                    }
                ],
                "mentions": [{"username": "vendor"}, {"username": "vendor"}],
            },
        )
    )
    assert draft.url == "https://x.com/aoi_x/status/2049000000000000001"
    assert (draft.native_id, draft.platform, draft.kind, draft.relation) == (
        "2049000000000000001",
        "x",
        "micropost",
        "original",
    )
    assert draft.links == ("https://blog.example.jp/fooconf",)
    assert draft.hashtags == ("fooconf",)
    assert draft.mentions == ("vendor",)
    assert (draft.published, draft.published_origin) == ("2026-05-03T12:00:00.000Z", "api")
    assert draft.language == "en"
    assert dict(draft.reactions) == {"repost": 1, "reply": 0, "like": 4, "quote": 0, "bookmark": 2, "view": 210}
    author = draft.author
    assert (author.handle, author.name, author.followers, author.bio) == ("aoi_x", "葵", 120, "A & B")
    assert (author.url, author.website, author.is_org) == ("https://x.com/aoi_x", "https://aoi.example/", False)


def rename(value: object) -> object:
    """The same JSON with the names of 2026."""
    text = json.dumps(value)
    for old, new in {
        "note_tweet": "note_post",
        "referenced_tweets": "referenced_posts",
        "edit_history_tweet_ids": "edit_history_post_ids",
        "retweet_count": "repost_count",
        '"tweets"': '"posts"',
    }.items():
        text = text.replace(old, new)
    return json.loads(text)


def test_both_namings_give_the_same_drafts() -> None:
    page = {
        "data": [
            post(
                note_tweet={"text": "long"},
                edit_history_tweet_ids=["1", "2049000000000000001"],
                public_metrics={"retweet_count": 3},
                referenced_tweets=[{"type": "quoted", "id": "5"}],
            ),
            post(id="9", referenced_tweets=[{"type": "retweeted", "id": "6"}]),
        ],
        "includes": {"users": USERS, "tweets": [{"id": "6", "text": "whole", "author_id": "88"}]},
    }
    renamed = rename(page)
    assert renamed != page
    assert drafts_from_page(renamed) == drafts_from_page(page)  # type: ignore[arg-type]
    drafts, _ = drafts_from_page(page)
    assert (drafts[0].text, drafts[0].flags, drafts[0].reactions) == ("long", ("edited",), (("repost", 3),))


def test_a_repost_takes_the_originals_text_and_keeps_its_id() -> None:
    draft = one(
        post(
            text="RT @vendor: We are …",
            public_metrics={"retweet_count": 410, "like_count": 0},
            referenced_tweets=[{"type": "retweeted", "id": "6"}],
        ),
        tweets=[{"id": "6", "text": "We are open #fooconf", "entities": {"hashtags": [{"tag": "fooconf"}]}}],
    )
    assert (draft.kind, draft.relation, draft.target) == ("repost", "repost", "x:6")
    assert (draft.text, draft.hashtags, draft.reactions) == ("We are open #fooconf", ("fooconf",), ())
    assert draft.author.handle == "aoi_x"


def test_a_repost_without_its_original_keeps_what_it_has() -> None:
    draft = one(post(text="RT @vendor: We are …", referenced_tweets=[{"type": "retweeted", "id": "6"}]))
    assert (draft.text, draft.target) == ("RT @vendor: We are …", "x:6")


def test_quote_reply_and_both() -> None:
    quote = one(post(referenced_tweets=[{"type": "quoted", "id": "5"}]))
    assert (quote.kind, quote.relation, quote.target) == ("micropost", "quote", "x:5")
    reply = one(post(in_reply_to_user_id="88", referenced_tweets=[{"type": "replied_to", "id": "4"}]))
    assert (reply.relation, reply.target) == ("reply", "x:4")
    both = post(
        in_reply_to_user_id="88",
        created_at="2026-05-03T12:00:00.000Z",
        referenced_tweets=[{"type": "quoted", "id": "5"}, {"type": "replied_to", "id": "4"}],
    )
    drafts, edges = drafts_from_page({"data": [both], "includes": {"users": USERS}})
    assert (drafts[0].relation, drafts[0].target) == ("reply", "x:4")
    assert edges == [
        Edge(
            type="quote",
            target="https://x.com/i/status/5",
            source="https://x.com/aoi_x/status/2049000000000000001",
            actor=drafts[0].author,
            at="2026-05-03T12:00:00.000Z",
        )
    ]


@pytest.mark.parametrize(
    ("text", "head", "relation", "target"),
    [
        ("second part", None, "thread_part", "x:100"),
        ("@aoi_x second part", None, "thread_part", "x:100"),
        ("@vendor I mean", None, "reply", "x:101"),
        ("I mean", {"id": "100", "text": "head", "author_id": "88"}, "reply", "x:101"),
        ("@vendor see", {"id": "100", "text": "head", "author_id": "77"}, "thread_part", "x:100"),
    ],
)
def test_a_self_reply_is_a_thread_part_only_in_ones_own_conversation(
    text: str, head: dict[str, str] | None, relation: str, target: str
) -> None:
    draft = one(
        post(
            text=text,
            in_reply_to_user_id="77",
            conversation_id="100",
            referenced_tweets=[{"type": "replied_to", "id": "101"}],
        ),
        tweets=[head] if head else [],
    )
    assert (draft.relation, draft.target, draft.conversation) == (relation, target, "100")


def test_links_to_media_and_to_x_posts_are_no_links() -> None:
    draft = one(
        post(
            entities={
                "urls": [
                    {"url": "https://t.co/1", "expanded_url": "https://x.com/a/status/1/photo/1", "media_key": "3_1"},
                    {"url": "https://t.co/2", "expanded_url": "https://twitter.com/vendor/status/55"},
                    {"url": "https://t.co/3", "expanded_url": "https://x.com/i/web/status/56"},
                    {"url": "https://t.co/4", "expanded_url": "https://x.com/vendor"},
                    {"url": "https://t.co/5", "expanded_url": "https://qiita.com/aoi/items/1"},
                    {"url": "https://t.co/5", "expanded_url": "https://qiita.com/aoi/items/1"},
                    {"url": "https://t.co/6"},
                ]
            }
        )
    )
    assert draft.links == ("https://x.com/vendor", "https://qiita.com/aoi/items/1", "https://t.co/6")


def test_a_long_post_gives_its_whole_text_and_the_unwound_link() -> None:
    draft = one(
        post(
            text="cut…",
            entities={
                "urls": [{"url": "https://t.co/a", "expanded_url": "https://bit.ly/a", "unwound_url": "https://a.jp/"}]
            },
            note_tweet={
                "text": "the whole &lt;text&gt; &copy=1 https://t.co/a https://t.co/b",
                "entities": {
                    "hashtags": [{"tag": "fooconf"}],
                    "urls": [
                        {"url": "https://t.co/a", "expanded_url": "https://bit.ly/a"},
                        {"url": "https://t.co/b", "expanded_url": "https://b.jp/"},
                    ],
                },
            },
        )
    )
    assert draft.text == "the whole <text> &copy=1 https://t.co/a https://t.co/b"
    assert draft.links == ("https://a.jp/", "https://b.jp/")
    assert draft.hashtags == ("fooconf",)


@pytest.mark.parametrize(("lang", "expected"), [("ja", "ja"), ("und", ""), ("qme", ""), ("in", "id"), (None, "")])
def test_languages(lang: str | None, expected: str) -> None:
    assert one(post(lang=lang)).language == expected


def test_authors_who_are_unknown_protected_or_organisations() -> None:
    assert one(post(author_id="999")).author.handle == "id:999"
    assert one(post(author_id="999")).url == "https://x.com/i/status/2049000000000000001"
    assert one(post(author_id=None)).author.handle == ""
    assert one(post(author_id="88")).author.is_org
    page = {"data": post(), "includes": {"users": [{**USERS[0], "protected": True}]}}
    assert drafts_from_page(page)[0][0].author.protected


def test_included_posts_come_only_on_request_and_are_flagged() -> None:
    page = {
        "data": [post(referenced_tweets=[{"type": "quoted", "id": "6"}])],
        "includes": {"users": USERS, "tweets": [{"id": "6", "text": "origin", "author_id": "88"}]},
    }
    assert len(drafts_from_page(page)[0]) == 1
    found = drafts_from_page(page, context=True)[0]
    assert [(draft.native_id, draft.flags) for draft in found] == [
        ("2049000000000000001", ()),
        ("6", ("context",)),
    ]


def test_odd_counts_are_missing_and_not_zero() -> None:
    odd = {"like_count": "1.2k", "reply_count": -1, "quote_count": True, "retweet_count": None, "bookmark_count": 2**63}
    assert one(post(public_metrics={**odd, "impression_count": 0})).reactions == ()


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"data": None},
        {"data": []},
        {"errors": [{"title": "Not Found"}]},
        {"data": [{"id": "1", "username": "aoi"}]},
        {"data": [{"start": "2021", "end": "2021", "tweet_count": 3}]},
        {"data": "x", "includes": []},
        {"data": [None, 3, "x", []]},
    ],
)
def test_what_is_no_post_gives_no_draft(page: dict[str, object]) -> None:
    assert drafts_from_page(page) == ([], [])


def test_withheld_and_sensitive_are_flags() -> None:
    assert one(post(withheld={"country_codes": ["JP"]}, possibly_sensitive=True)).flags == ("withheld", "sensitive")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
FIELDS = (
    "author_id", "in_reply_to_user_id", "conversation_id", "entities", "note_tweet", "public_metrics", "lang",
    "referenced_tweets", "created_at", "article", "edit_history_tweet_ids", "withheld",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.dictionaries(st.sampled_from(("users", "tweets")), JSON))
def test_no_json_value_in_any_field_raises(fields: dict[str, object], includes: dict[str, object]) -> None:
    drafts, _ = drafts_from_page({"data": [{"id": 5, "text": "t", **fields}], "includes": includes})
    assert len(drafts) == 1
    assert drafts[0].native_id == "5"


def test_is_post() -> None:
    assert is_post({"id": "1", "text": ""})
    assert not is_post({"id": "1", "username": "aoi"})
    assert not is_post([])


def test_a_profile_names_sites_and_employers_in_full() -> None:
    user = USERS[0] | {
        "description": "Writes at https://t.co/b &amp; speaks",
        "affiliation": {"description": "Foo Inc.", "url": "https://foo.example"},
        "entities": {"description": {"urls": [{"url": "https://t.co/b", "expanded_url": "https://blog.aoi.example/"}]}},
    }
    author = author_of(user)
    assert (author.bio, author.organisation) == ("Writes at https://blog.aoi.example/ & speaks", "Foo Inc.")
    assert author.website == "https://t.co/me"
    assert author_of(USERS[0] | {"affiliation": "no object", "entities": {"description": []}}).organisation == ""
