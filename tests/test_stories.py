"""Folding copies: what is one story, who represents it, what counts, and that order and reruns change nothing."""

import random
from contextlib import closing
from datetime import UTC, datetime

import pytest

from harvester.event import load
from harvester.model import Author, Draft
from harvester.normalise import normalise
from harvester.relate import alike, links, shingles
from harvester.relate.inputs import StoryInput
from harvester.relate.stories import fold, tally
from harvester.stages import classify_event
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.open import open_db
from harvester.store.posts import save_post
from harvester.store.runs import start_run

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


def english(seed, words=200):
    rng = random.Random(seed)
    letters = "etaoinshrdlucmfwyp"
    return " ".join("".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(words))


DAY = 86_400.0

# The rows of the table of what counts as one (measurement specification, §2) that no test above is about.


def test_a_series_of_three_days_is_three_stories():
    opening = prose(30, 80)
    found = told(*(
        post(f"https://a.example/day{n}", opening + prose(30 + n, 5), title=f"デモ参加記 {n}日目", who="p", at=n * DAY)
        for n in (1, 2, 3)
    ))  # fmt: skip
    assert [counted for _, _, counted, _ in found.values()] == [True] * 3


def test_an_updated_article_keeps_its_first_date_and_a_wire_story_its_latest_version():
    text = prose(34)
    versions = [(A, text, 0), (B.replace("b.ex", "a.ex") + "/v2", text + prose(35, 20), 8 * 3600)]
    blog = told(*(post(key, body, title="話", who="p", at=at) for key, body, at in versions))
    assert {story for story, *_ in blog.values()} == {A}
    news = told(*(post(key, body, title="話", kind="news", at=at) for key, body, at in versions))
    assert {story for story, *_ in news.values()} == {versions[1][0]}
    assert sum(counted for _, _, counted, _ in news.values()) == 1


def test_versions_of_a_wire_story_days_apart_and_copies_elsewhere_leave_the_first_in_front():
    text = prose(36)
    later = "https://a.example/post/1/later"
    found = told(
        post(A, text, kind="news", title="話"), post(B, text, kind="news", title="話", at=3600),
        post(later, text + "追記。", kind="news", title="話", at=3 * DAY),
    )  # fmt: skip
    assert {story for story, *_ in found.values()} == {A}


def test_a_round_up_counts_for_its_curator_and_takes_nothing_from_those_it_holds():
    texts = [prose(40 + n, 25) for n in range(3)]
    posts = [post(f"https://h{n}.example/1", text, at=n) for n, text in enumerate(texts)]
    found = told(*posts, post(A, "".join(texts), at=9 * DAY))
    assert [counted for _, _, counted, _ in found.values()] == [True] * 4


def test_a_liveblog_on_one_address_is_one():
    assert told(post(A, prose(44, 400), title="実況"))[A] == (A, "original", True, "")


def test_a_scraper_never_represents_nor_counts_alone_or_for_another():
    text = prose(45)
    copy, original = post(A, text, copyist=True), post(B, text, at=1)
    assert told(copy, original)[A] == (B, "syndicated", False, f"syndicated copy of {B}")
    assert told(copy)[A] == (A, "original", False, "kept on a site that only copies")
    assert not tally(fold([copy, original]), {A})[A][0]


@pytest.mark.parametrize(
    "declared",
    [
        {"relation": "translation", "target": A}, {"canonical_url": A},
        {"links": (A,), "text": "原文はこちら。" + prose(47)}, {"links": (A,), "title": "デモの話(翻訳)"},
    ],
)  # fmt: skip
def test_a_translation_counts_for_its_translator(declared):
    original = post(A, english(46), language="en")
    translated = post(B, at=1, language="ja", **{"text": prose(47), **declared})
    folded = {f.key: f for f in fold([original, translated])}
    assert (folded[B].story, folded[B].relation, folded[B].counted) == (B, "translation", True)
    assert folded[B].target in ("" if "target" in declared else A, A)


@pytest.mark.parametrize("links", [(), (A,), (A, C)])
def test_a_link_alone_makes_no_translation(links):
    text = prose(48) if links != (A, C) else "この記事は翻訳です。" + prose(48)
    posts = (post(A, english(49), language="en"), post(C, english(50), language="en"))
    assert told(*posts, post(B, text, links=links, language="ja", at=1))[B][1:3] == ("original", True)


def test_a_text_in_another_language_is_no_copy_for_the_code_that_both_show():
    code = english(51, 150)
    found = told(post(A, code + english(52, 20), language="en"), post(B, code + prose(53, 6), language="ja", at=1))
    assert found[B][0] == B


def test_a_translation_found_by_its_link_is_told_in_the_database_and_stays_so(tmp_path):
    event = load(
        'name = "Demo"\nslug = "demo"\nstarts = 2016-12-21T19:00:00+09:00\ntimezone = "Asia/Tokyo"\n', "demo.toml"
    )
    now, at = datetime(2016, 12, 30, tzinfo=UTC), "2016-12-30T00:00:00Z"
    note = "原文は英語の記事です。" + prose(91)
    drafts = (
        Draft(
            url=A, title="Lessons of the Demo", text="We met at the Demo, and it was good. " * 9, published="2016-12-21"
        ),
        Draft(url=B, title="デモの学び", text=note, published="2016-12-22", links=(A,)),
    )
    with closing(open_db(tmp_path / "h.db", "create")) as conn:
        with write_tx(conn):
            save_event(conn, event)
            run = start_run(conn, "test", "demo", now=at)
            for draft in drafts:
                made = normalise(draft, event, now=now)
                save_post(conn, made, event="demo", source="feeds", run_id=run, now=at)
        for _ in range(2):
            classify_event(conn, event, now=now)
            rows = conn.execute(
                "SELECT p.relation, o.key FROM posts p LEFT JOIN posts o ON o.id = p.parent_id ORDER BY p.id"
            )
            assert [tuple(row) for row in rows] == [("original", None), ("translation", A)]


def test_every_placement_is_kept_beside_its_story():
    text = prose(54)
    folded = fold([post(key, text, at=n) for n, key in enumerate((A, B, C))])
    assert ([f.key for f in folded], {f.story for f in folded}) == ([A, B, C], {A})


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/post/1?utm_source=x", "http://a.example/post/1/", "https://a.example/post/1#top",
        "https://a.example/post/1/amp", "https://a.example/post/1?amp=1",
        "https://web.archive.org/web/20240101000000/https://a.example/post/1",
    ],
)  # fmt: skip
def test_one_page_by_any_address_is_one_post(address):
    assert links.target_key("web", address) == A


@pytest.mark.parametrize("host", ["m.a.example", "print.a.example", "a-example.cdn.example"])
def test_mobile_print_and_cached_pages_fold_by_what_they_call_their_own_address_or_by_their_text(host):
    text = prose(55)
    for more in ({"canonical_url": A, "text": ""}, {"text": text}):
        assert (
            told(post(A, text, title="話"), post(f"https://{host}/1", title="話", at=1, **more))[f"https://{host}/1"][0]
            == A
        )


def test_a_canonical_address_is_no_proof_against_the_texts():
    found = told(
        post(A, prose(56)), post(B, prose(57), canonical_url=A, at=1), post(C, prose(58), canonical_url=A, at=2)
    )
    assert [counted for _, _, counted, _ in found.values()] == [True] * 3


def test_a_teaser_that_names_the_whole_is_folded():
    text = prose(59)
    assert told(post(A, text), post(B, text[:160], canonical_url=A, at=1))[B][0] == A


# The five pairs measured there (Jaccard; containment) keep their verdicts: 1.00, 0.77 (0.93), 0.05, 0.25 (0.43) and
# an excerpt of 40 % at 0.37 (1.00).


def measured(one, other):
    a, b = (shingles.grams(shingles.reduced(text)) for text in (one, other))
    return round(shingles.jaccard(a, b), 2), round(shingles.containment(a, b), 2)


def replaced(text, at, count):
    """The text with `count` of its sentences, from `at` on, written by somebody else."""
    found = text.split("。")
    other = prose(99, 200).split("。")
    return "。".join([*found[:at], *other[:count], *found[at + count :]])


@pytest.mark.parametrize(
    ("other", "alike", "held", "same"),
    [
        (lambda text: text, 1.00, 1.00, True),
        (lambda text: replaced(text, 30, 7) + prose(98, 21), 0.77, 0.93, True),
        (lambda text: prose(97), 0.05, 0.10, False),
        (lambda text: replaced(text, 0, 68), 0.25, 0.43, False),
        (lambda text: text[: len(text) * 2 // 5], 0.37, 1.00, True),
    ],
)  # fmt: skip
def test_the_measured_pairs(other, alike, held, same):
    text = prose(60)
    made = other(text)
    found = measured(text, made)
    assert found == (pytest.approx(alike, abs=0.1), pytest.approx(held, abs=0.13))
    assert (told(post(A, text), post(B, made, at=1))[B][0] == A) == same


def test_what_recurs_on_a_site_makes_no_copy_and_hides_none():
    footer = prose(61, 40)
    posts = [
        post(f"https://a.example/{n}", f"{prose(62 + n, 25)}\n{footer}", title=f"話{'いろは'[n]}", at=n)
        for n in range(3)
    ]
    bare = post(B, posts[0].text.split("\n")[0], title="話い", at=9)
    whole = post(C, posts[1].text, title="話ろ", at=9)
    found = told(*posts, bare, whole)
    assert [found[key][0] for key in (B, C)] == [posts[0].key, posts[1].key]
    assert len({story for story, *_ in found.values()}) == 3


def test_a_passage_that_two_texts_hold_ties_them_not_to_each_other():
    passage = prose(66, 30)
    whole, other = prose(67) + passage, prose(68, 60) + passage
    found = told(post(A, whole), post(B, other, at=1), post(C, passage, at=2))
    assert (found[A][0], found[B][0], found[C][0]) == (A, B, A)


def test_the_start_of_a_micropost_is_a_copy_for_one_person_on_another_platform():
    text = prose(69, 12)
    cut = post("bluesky:1", text[:80] + "…", kind="micropost", who="x:aoi", host="bsky.app", at=1)
    stranger = post("bluesky:2", text[:80] + "…", kind="micropost", who="x:b", host="bsky.app", at=1)
    found = told(micro(1, text), cut, stranger)
    assert [found[key][0] for key in ("bluesky:1", "bluesky:2")] == ["x:1", "bluesky:2"]


def test_texts_are_read_when_needed_and_need_not_be_held():
    texts = {f"https://h{n}.example/1": prose(n % 20) for n in range(60)}
    held = [post(key, text, at=n) for n, (key, text) in enumerate(texts.items())]
    bare = [post(key, at=n) for n, key in enumerate(texts)]
    assert fold(bare, texts.__getitem__) == fold(held)
    assert len({f.story for f in fold(bare, texts.__getitem__)}) == 20


@pytest.mark.parametrize("count", [400])
def test_a_form_that_many_fill_in_is_compared_with_few(count, monkeypatch):
    """Neither one form nor one passage nor one person's microposts make folding compare all with all."""
    form, asked = prose(70, 30), []
    judge = alike.verdict
    monkeypatch.setattr(alike, "verdict", lambda *pair: asked.append(pair) or judge(*pair))
    posts = [
        post(f"https://h{n}.example/1", form + prose(1000 + n, 20), title=f"t{prose(n, 2)}", at=n) for n in range(count)
    ]
    posts += [micro(n, prose(5000 + n, 6), at=n) for n in range(count)]
    posts.append(post(A, posts[count // 2].text, title=posts[count // 2].title, at=count))
    found = told(*posts)
    assert found[A][0] == posts[count // 2].key
    assert len({story for story, *_ in found.values()}) == 2 * count
    assert len(asked) <= 20 * count


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
