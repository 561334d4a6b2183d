"""Folding copies: what is one story, who represents it, what counts, and that order and reruns change nothing."""

import random

import pytest

from harvester.model import Author
from harvester.relate import links, shingles
from harvester.relate.stories import StoryInput, fold, tally

WORDS = (
    "会場", "発表", "資料", "技術", "運用", "失敗", "設計", "質問", "懇親", "登壇", "学び", "共有", "移行", "監視",
    "障害", "復旧",
)  # fmt: skip


def prose(seed, words=120):
    rng = random.Random(seed)
    return "".join(
        f"{rng.choice(WORDS)}{rng.choice('をがにはのと')}{rng.choice(WORDS)}{rng.randint(1, 999)}した。"
        for _ in range(words)
    )


def post(key, text="", *, at=0, kind="article", who="", **more):
    host = more.pop("host", key.split("/")[2] if "://" in key else "x.com")
    return StoryInput(
        key=key, url=more.pop("url", key), kind=kind, host=host, author=who, people=frozenset({who} if who else ()),
        title=more.pop("title", ""), text=text, published=None if at is None else float(at), **more,
    )  # fmt: skip


def told(*posts):
    return {f.key: (f.story, f.relation, f.counted, f.reason) for f in fold(posts)}


A, B, C = "https://a.example/post/1", "https://b.example/post/1", "https://c.example/post/1"


def test_a_cross_post_of_one_author():
    text = prose(1)
    found = told(post(A, text, who="p"), post(B, text + "ひとこと追記。", who="p", at=5))
    assert found[A] == (A, "original", True, "")
    assert found[B] == (A, "crosspost", False, f"crosspost of {A}")


def test_syndication_between_outlets():
    text = prose(2)
    found = told(post(A, text, at=1, who="a"), post(B, text[:-40] + prose(3, 2), at=2, who="b"))
    assert found[B] == (A, "syndicated", False, f"syndicated copy of {A}")


def test_an_excerpt_is_a_copy_and_two_reports_of_one_event_are_not():
    text = prose(4)
    found = told(post(A, text), post(B, text[200:700], at=1), post(C, prose(5), at=2))
    assert found[B][0] == A
    assert found[C] == (C, "original", True, "")


def test_shared_boilerplate_is_no_copy():
    notice = prose(6, 25)
    found = told(post(A, notice + prose(7)), post(B, notice + prose(8), at=1))
    assert found[B][0] == B


def test_a_short_excerpt_is_a_quotation():
    text = prose(9)
    assert told(post(A, text), post(B, text[:150], at=1))[B][0] == B


def test_a_release_represents_its_reprints_even_when_it_came_later():
    text = prose(10)
    found = told(post(A, text, at=1), post(B, text, at=2, kind="press_release"))
    assert found[A] == (B, "reprint", False, f"reprint of {B}")
    assert found[B] == (B, "original", True, "")


def test_an_article_that_holds_a_release_is_an_article():
    release = prose(11, 30)
    found = told(post(A, release, kind="press_release"), post(B, prose(12, 60) + release + prose(13, 60), at=1))
    assert found[B][0] == B


def test_copies_on_aggregators_never_represent():
    text = prose(14)
    found = told(post(A, text, at=1, copyist=True), post(B, text, at=2))
    assert found[A][0] == B


@pytest.mark.parametrize("canonical", [A, A + "/"])
def test_a_canonical_address_that_names_another_post(canonical):
    found = told(post(A, "x"), post(B, "y", at=1, canonical_url=canonical.rstrip("/")))
    assert found[B][:3] == (A, "syndicated", False)


def test_two_posts_that_name_one_canonical_address_unknown_to_us():
    found = told(post(B, canonical_url=A, who="p"), post(C, at=1, canonical_url=A, who="p"))
    assert found[C][:2] == (B, "crosspost")


def test_a_site_that_calls_every_page_the_same_is_not_believed():
    posts = [
        post(f"https://a.example/p/{n}", title=f"別々の話題その{n}", canonical_url="https://a.example/p/index")
        for n in range(9)
    ]
    assert {f.story for f in fold(posts)} == {p.key for p in posts}


def test_a_root_as_canonical_address_is_not_believed():
    found = told(
        post(A, canonical_url="https://a.example/"),
        post("https://a.example/post/2", canonical_url="https://a.example/"),
    )
    assert len({story for story, *_ in found.values()}) == 2


def test_pages_of_one_article():
    first = "https://ascii.example/elem/000/004/051/4051189"
    found = told(post(first, at=0), post(f"{first}/2", at=0), post(f"{first}?page=3", at=0))
    assert found[f"{first}/2"] == (first, "page_part", False, f"page of {first}")
    assert found[f"{first}?page=3"][1] == "page_part"


def test_numbered_posts_of_a_blog_are_no_pages():
    found = told(post("https://a.example/blog/30"), post("https://a.example/blog/31"), post("https://a.example/blog"))
    assert len({story for story, *_ in found.values()}) == 3


def test_one_deck_in_two_places():
    deck = {"kind": "slides", "title": "初めてのコミュニティ運営", "who": "p"}
    found = told(
        post(A, **deck), post(B, at=9e9, **deck), post(C, kind="slides", title="初めてのコミュニティ運営", who="q")
    )
    assert found[B] == (A, "crosspost", False, f"crosspost of {A}")
    assert found[C][0] == C


def test_a_title_alone_joins_only_within_a_week_and_without_text():
    title = {"title": "デモミートアップに行ってきた話", "who": "p"}
    assert told(post(A, prose(15), **title), post(B, at=86_400, **title))[B][0] == A
    assert told(post(A, prose(15), **title), post(B, at=30 * 86_400, **title))[B][0] == B
    assert told(post(A, prose(15), **title), post(B, prose(16), at=86_400, **title))[B][0] == B


def micro(number, text, *, who="x:aoi", at=0, **more):
    return post(f"x:{number}", text, kind="micropost", who=who, at=at, url=f"https://x.com/i/status/{number}", **more)


def test_a_thread_is_one():
    found = told(
        micro(1, "一つ目", at=1), micro(2, "二つ目", at=2, relation="reply", target="x:1"),
        micro(3, "三つ目", at=3, relation="reply", target="x:2"),
    )  # fmt: skip
    assert found["x:1"] == ("x:1", "thread", True, "")
    assert found["x:3"] == ("x:1", "thread_part", False, "part of thread x:1")


def test_a_thread_whose_start_we_do_not_hold():
    parts = [micro(n, f"{n}つ目", at=n, relation="thread_part", target="x:1") for n in (2, 3)]
    found = told(*parts)
    assert found["x:2"][:3] == ("x:2", "thread", True)
    assert found["x:3"][:3] == ("x:2", "thread_part", False)


def test_replies_and_reposts():
    found = told(
        micro(1, "始まった"), micro(2, "いいね", who="x:b", relation="reply", target="x:1"),
        micro(3, "私も #demo", who="x:c", relation="reply", target="x:1", tagged=True),
        micro(4, "始まった", who="x:d", relation="repost", target="x:1"),
        micro(5, "これ", who="x:e", relation="quote", target="x:1"),
    )  # fmt: skip
    assert [found[f"x:{n}"][1:3] for n in range(1, 6)] == [
        ("original", True), ("reply", False), ("reply", True), ("repost", False), ("quote", True),
    ]  # fmt: skip
    assert found["x:4"][3] == "repost is a derivative"


@pytest.mark.parametrize(("kind", "reason"), [("event_page", "event page"), ("bookmark", "bookmark is a derivative")])
def test_kinds_that_never_count(kind, reason):
    assert told(post(A, kind=kind))[A] == (A, "original", False, reason)


def test_short_microposts_are_never_clustered():
    found = told(micro(1, "始まった!"), micro(2, "始まった!", who="x:b", at=1), micro(3, "始まった!", at=2))
    assert len({story for story, *_ in found.values()}) == 3


def test_long_microposts_fold_for_one_person_only():
    text = prose(17, 6)
    found = told(micro(1, text), micro(2, text, who="x:b", at=1), micro(3, text + " #demo https://t.co/x", at=2))
    assert [found[f"x:{n}"][0] for n in (1, 2, 3)] == ["x:1", "x:2", "x:1"]


def test_tags_and_addresses_alone_make_no_copy():
    tail = " #demomeetup #コミュニティマーケティング #勉強会メモ @demo_official https://example.com/very/long/address"
    assert told(micro(1, "受付を済ませた" + tail), micro(2, "懇親会が楽しい" + tail, at=1))["x:2"][0] == "x:2"


def test_declared_copies_are_believed():
    found = told(
        post(A),
        post(B, relation="crosspost", target=A),
        post(C, relation="syndicated", target="https://gone.example/1"),
    )
    assert found[B] == (A, "crosspost", False, f"crosspost of {A}")
    assert found[C] == (C, "original", True, "")


def test_order_and_reruns_change_nothing():
    text = prose(18)
    posts = [
        post(A, text, who="p", at=3), post(B, text + "追記", who="p", at=1), post(C, text[100:900], at=2),
        post("https://d.example/x", prose(19), at=1), micro(1, "一つ目", at=1),
        micro(2, "二つ目", at=2, relation="reply", target="x:1"),
    ]  # fmt: skip
    first = fold(posts)
    for seed in range(6):
        shuffled = posts[:]
        random.Random(seed).shuffle(shuffled)
        assert fold(shuffled) == first


def test_many_edited_copies_are_one_story():
    text = prose(20)
    posts = [post(f"https://h{n}.example/p/1", text + prose(100 + n, 5), at=n) for n in range(150)]
    assert {f.story for f in fold(posts)} == {posts[0].key}


def test_tally_counts_the_first_copy_that_may_count():
    text = prose(21)
    folded = fold([post(A, text, who="p"), post(B, text, who="p", at=1), post(C, text, who="p", at=2)])
    assert tally(folded, {A, B, C}) == {
        A: (True, ""), B: (False, f"crosspost of {A}"), C: (False, f"crosspost of {A}"),
    }  # fmt: skip
    assert tally(folded, {B, C}) == {
        A: (False, "not confirmed to be about the event"), B: (True, ""), C: (False, f"crosspost of {B}"),
    }  # fmt: skip


def test_tally_never_counts_a_reprint_or_a_repost():
    text = prose(22)
    folded = fold(
        [post(A, text, kind="press_release"), post(B, text, at=1), micro(4, "RT", relation="repost", target="x:1")]
    )
    assert {key for key, (counted, _) in tally(folded, {B, "x:4"}).items() if counted} == set()


def test_likeness_as_measured():
    text = shingles.reduced(prose(23))
    assert shingles.jaccard(shingles.grams(text), shingles.grams(text)) == 1.0
    part = text[: len(text) * 2 // 5]
    assert shingles.containment(shingles.grams(part), shingles.grams(text)) == 1.0
    assert shingles.jaccard(shingles.grams(part), shingles.grams(text)) == pytest.approx(0.4, abs=0.05)
    assert shingles.jaccard(shingles.grams("始まった"), shingles.grams("終わった")) == 0.0
    assert shingles.jaccard(set(), set()) == shingles.containment(set(), set()) == 0.0


def test_reduced_text_keeps_letters_and_digits_only():
    assert shingles.reduced("ＡＷＳ の「新機能」を見た! https://a.example/x #tag") == "awsの新機能を見たtag"
    assert shingles.reduced("見た #tag @aoi_dev", tags=False) == "見た"


def test_sketches_are_the_same_everywhere():
    assert shingles.sketch("abcdefgh") == (1468298526, 1653381828, 3472322558, 4240633786)
    assert shingles.sketch("abc") == shingles.sketch("abc")
    assert shingles.sketch("") == ()
    assert len(shingles.sketch(shingles.reduced(prose(24)))) == shingles.SKETCH


@pytest.mark.parametrize("seed", range(5))
def test_sketches_estimate_likeness(seed):
    left = shingles.reduced(prose(seed))
    right = left[: len(left) * 4 // 5] + shingles.reduced(prose(seed + 50, 24))
    true = shingles.jaccard(shingles.grams(left), shingles.grams(right))
    assert shingles.estimate(shingles.sketch(left), shingles.sketch(right))[0] == pytest.approx(true, abs=0.12)


def test_people_are_recognised_by_account_profile_and_name():
    qiita = links.identities(Author(platform="qiita", handle="aoi_dev", website="https://blog.aoi.example/"))
    blog = links.identities(Author(platform="web", handle="blog.aoi.example", name="青井 空"))
    note = links.identities(Author(platform="note", handle="aoidev", name="青井 空"))
    assert qiita & blog == {"web:blog.aoi.example"}
    assert qiita & note == {"called:aoidev"}
    assert blog & note == {"called:青井空"}
    assert links.identities(None) == frozenset()


def test_common_handles_tell_nobody():
    assert not links.identities(Author(platform="note", handle="admin")) & links.identities(
        Author(platform="qiita", handle="admin")
    )


@pytest.mark.parametrize(
    ("platform", "target", "key"),
    [
        ("x", "123", "x:123"), ("x", "https://twitter.com/a/status/123", "x:123"), ("x", "x:123", "x:123"),
        ("x", "", ""),
        ("web", "https://a.example/b/?utm_source=x", "https://a.example/b"), ("web", "https://[::bad", ""),
    ],
)  # fmt: skip
def test_targets_become_keys(platform, target, key):
    assert links.target_key(platform, target) == key


def test_links_resolve_through_canonical_addresses():
    pages = [("https://a.example/p?id=1", "https://a.example/post"), ("x:1", "")]
    assert links.resolve(["https://a.example/post", "https://b.example/"], pages) == {
        "https://a.example/post": "https://a.example/p?id=1"
    }
