"""The classes of the set of copies: what each is made of, and which of its posts are one story."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from harvester.relate.pairs import ALIKE
from harvester.relate.shingles import grams, jaccard, reduced
from tests.conformance.copies import (
    BEGAN,
    DAY,
    HOUR,
    INTROS,
    Made,
    Source,
    edited,
    jumbled,
    part,
    pieces,
    sources,
    with_ads,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTICE = (
    "当サイトではクッキーを使用しています。引き続き閲覧する場合、使用に同意したものとみなします。詳しくはこちらをご覧ください。\n"
    "We use cookies to give you the best experience on our site. If you continue, we will assume that you agree.\n"
    "JavaScript is switched off in your browser. Please turn it on in order to read this page as was meant.\n"
)


def _each(name: str, step: int = 1, start: int = 0) -> Iterator[tuple[Made, random.Random, Source]]:
    made = Made(name)
    for number, source in enumerate(sources()[start::step]):
        yield made, random.Random(f"{name}{number}"), source


def _of(
    cases: Iterator[tuple[Made, random.Random, Source]], build: Callable[[Made, random.Random, Source], None]
) -> Made:
    made = Made("")
    for made, dice, source in cases:
        build(made, dice, source)
    return made


def exact() -> Made:
    def build(made: Made, dice: random.Random, source: Source) -> None:
        made.source(source)
        made.add(source.url, source.text, title=f"{source.title} | Copy")
        made.add(source.url, source.text.replace("\n", " "), published=None)

    return _of(_each("exact", 2), build)


def lightly_edited() -> Made:
    """An addendum of at most 15 %, another opening and closing, or up to 4 % of the words changed."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        made.source(source, people=frozenset({f"p{made.number}"}))
        other = jumbled(dice, len(source.text) // 6, japanese=source.japanese)
        found = pieces(source.text)
        cut = max(1, len(found) // 25)
        made.add(source.url, f"{source.text}\n{other[: len(source.text) // 8]}", title=source.title)
        made.add(source.url, other[: len(source.text) // 25] + "".join(found[cut:-cut]) + other[-90:], title="新装版")
        made.add(source.url, edited(dice, source.text, 0.035), title=source.title)

    return _of(_each("edited", 2), build)


def excerpts() -> Made:
    def build(made: Made, dice: random.Random, source: Source) -> None:
        made.source(source)
        made.add(source.url, part(dice, source.text, 0.2, 0.6), title=source.title)
        made.add(source.url, part(dice, source.text, 0.2, 0.6) + "\n続きを読む", published=None)

    return _of(_each("excerpts", 1), build)


def introduced() -> Made:
    """A line of one's own above an excerpt makes no story; a comment of its length does."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        made.source(source)
        taken = part(dice, source.text, 0.25, 0.5)
        intro = dice.choice(INTROS)[: len(taken) // 14]
        made.add(source.url, f"{intro}\n{taken}", title=f"紹介: {source.title}")
        comment = jumbled(dice, int(dice.uniform(0.5, 1.5) * len(taken)), japanese=source.japanese)
        made.add(f"comment {made.number}", f"{comment}\n{taken}", title=f"{source.title} を読んで")

    return _of(_each("introduced", 2), build)


def translated() -> Made:
    """Declared by the source, by the canonical address, by a note with a link; and not declared at all."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        code = "\n".join(pieces(source.text)[: len(pieces(source.text)) // 2])
        original = made.source(source, title="")
        words = [jumbled(dice, dice.randrange(300, 1500), japanese=not source.japanese) for _ in range(5)]
        language = "en" if source.japanese else "ja"
        note = dice.choice(
            ("この記事は下記の翻訳です。\n", "原文: ", "Translated from the original by me.\n", "（訳者注）")
        )
        ways = [
            {"text": words[0], "relation_": "translation", "target": original},
            {"text": words[1], "canonical_url": original},
            {"text": note + words[2], "links": (original,)},
        ]
        for number, way in enumerate(ways):
            text, declared = way.pop("text"), way.pop("relation_", "original")
            key = made.add(
                f"translation {original} {number}", text, relation="translation", counts=True, language=language, **way
            )
            made.posts[-1] = replace(made.posts[-1], relation=declared)
            assert made.posts[-1].key == key
        made.add(f"undeclared {original}", words[3], counts=True, language=language, relation="original")
        made.add(f"with code {original}", f"{code}\n{words[4][: len(code) // 4]}", language=language, title="x")

    return _of(_each("translated", 3), build)


def boilerplate() -> Made:
    """Six articles of one outlet share what stands around them; one of them is copied without it, one with it."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        around = source.around[-dice.randrange(500, 1500) :]
        host = f"outlet{made.number}.example"
        for number in range(6):
            own = jumbled(dice, dice.randrange(250, 1200), japanese=source.japanese)
            key, title = f"{host} {number}", jumbled(dice, 24, japanese=source.japanese)
            made.add(key, f"{own}\n{around}", host=host, title=title, kind="news")
            if number == 0:
                made.add(key, own, title=title)
            elif number == 1:
                made.add(key, f"{own}\n{around}", title=title)

    return _of(_each("boilerplate", 4), build)


def notices() -> Made:
    """Pages of which only the notice was extracted, and short pages below one notice."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        host = f"wall{made.number // 4}.example"
        for what, text in (("wall", NOTICE), ("short", NOTICE + jumbled(dice, 60, japanese=source.japanese)[:60])):
            title = jumbled(dice, 24, japanese=source.japanese)
            made.add(f"{what} {made.number}", text, title=title, **({"host": host} if what == "wall" else {}))

    return _of(_each("notices", 3), build)


def two_reports() -> Made:
    """Reports of one event by different people, who quote the same passages and paste its description."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        description, quote = part(dice, source.text, 0.1, 0.2)[:450], pieces(source.text)[-1][:200]
        made.add(f"page {made.number}", description, kind="event_page", host=f"event{made.number}.example")
        for number in range(4):
            own = jumbled(dice, (150, 400, 900, 2500)[number], japanese=source.japanese)
            text = (f"{description}\n{own}", f"{own}\n> {quote}\n{description}")[number % 2]
            made.add(
                f"report {made.number}",
                text,
                title=f"{'イベント' if source.japanese else 'Event'}レポート",
                counts=True,
            )

    return _of(_each("reports", 2), build)


def releases() -> Made:
    """A release, its reprints on portals, and articles that quote it as a whole."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        release = part(dice, source.text, 0.3, 0.5)[:1800]
        head = made.add(
            source.url, release, kind="press_release", title=source.title, counts=True, published=BEGAN + DAY
        )
        made.add(source.url, release, relation="reprint", counts=False, title=source.title, published=BEGAN)
        made.add(source.url, f"プレスリリース\n{release}\n提供元の発表による", relation="reprint", counts=False)
        made.add(source.url, release[: max(300, len(release) * 2 // 3)], relation="reprint")
        own = jumbled(dice, int(dice.uniform(1.3, 3) * len(release)), japanese=source.japanese)
        made.add(f"article {head}", f"{own[: len(own) // 2]}\n{release}\n{own[len(own) // 2 :]}", counts=True)

    return _of(_each("releases", 2), build)


def scrapers() -> Made:
    """Copies among advertisements, of sites known to copy and of others, dated before or after."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        made.source(source, counts=True)
        mirror = f"mirror{made.number % 3}.example"
        made.add(source.url, with_ads(dice, source.text), host=mirror, copyist=True, counts=False, published=BEGAN)
        made.add(source.url, with_ads(dice, source.text), title=source.title, counts=False)
        mine = made.add("", with_ads(dice, part(dice, source.text, 0.4, 0.6)), copyist=True, counts=False)
        made.story[mine] = source.url

    return _of(_each("scrapers", 2), build)


def paged() -> Made:
    """Articles in several pages, by the forms of address that are in use."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        found = pieces(source.text)
        third = max(1, len(found) // 3)
        base = f"https://paged.example/articles/{100_000 + made.number}"
        forms = dice.choice(("/{}", "?page={}", "/page/{}"))
        for number, at in enumerate(range(0, third * 3, third), 1):
            key = base if number == 1 else base + forms.format(number)
            made.add(
                source.url, "".join(found[at : at + third]), key=key, host="paged.example",
                title=source.title if number == 1 else f"{source.title} ({number}/3)",
                canonical_url=base if dice.random() < 0.5 else "", counts=number == 1,
            )  # fmt: skip

    return _of(_each("paged", 2), build)


def threads() -> Made:
    """A post that goes on in answers of its author to himself; an answer of somebody else is no part of it."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        who, last = f"x:writer{made.number}", ""
        for number, piece in enumerate(pieces(source.text)[:5]):
            more = {"relation": "thread_part"} if number else {}
            key = made.add(
                source.url, piece[:130], key=f"x:{7_000 + made.number}", host="x.com", kind="micropost", author=who,
                people=frozenset({who}), target=last, counts=not number, **more,
            )  # fmt: skip
            if number:
                made.posts[-1] = replace(made.posts[-1], relation="reply")
            last = key
        made.add(
            f"answer {last}", "いいですね", key=f"x:{9_000_000 + made.number}", host="x.com", kind="micropost",
            author="x:reader", people=frozenset({"x:reader"}), target=last, counts=False,
        )  # fmt: skip
        made.posts[-1] = replace(made.posts[-1], relation="reply")

    return _of(_each("threads", 3), build)


def cross_posts() -> Made:
    """Microposts and articles that one person put on two platforms, each with its own markup."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        person = frozenset({f"called:writer{made.number}"})
        for number, piece in enumerate([p for p in pieces(source.text) if 55 < len(reduced(p)) < 260][:3]):
            story = f"micro {source.url} {number}"
            made.add(story, f"{piece.strip()} #demo https://t.co/a1b2c3", host="x.com", kind="micropost", people=person)
            made.add(
                story, f"@demo@social.example {piece.strip()}\n\n#demo #イベント https://blog.example/{number}",
                host="social.example", kind="micropost", people=person, relation="crosspost",
            )  # fmt: skip
            other = frozenset({f"o{made.number}"})
            made.add(f"other {story}", f"{piece.strip()} #demo", host="x.com", kind="micropost", people=other)
        long, cut = jumbled(dice, 220, japanese=source.japanese), f"cut {source.url}"
        made.add(cut, long, host="social.example", kind="micropost", people=person)
        made.add(cut, long[:100] + "… https://t.co/xyz", host="x.com", kind="micropost", people=person)
        marked = "\n\n".join(f"**{line[:12]}**{line[12:]}" if line else "" for line in source.text.split("\n"))
        made.source(source, people=person, counts=True)
        note = f"> この記事は自分のブログと同じ内容です\n\n{marked}\n\n[元の記事]({source.url})"
        made.add(source.url, note, title=source.title, people=person, relation="crosspost", counts=False)

    return _of(_each("cross", 3), build)


def wire() -> Made:
    """Reports that their outlet updated within a day, run elsewhere too; and others of the same outlet that day."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        first = part(dice, source.text, 0.4, 0.55)
        at = BEGAN + DAY * made.number
        for number, text in enumerate(
            (first, edited(dice, first, 0.02), first + source.text[len(first) : int(1.25 * len(first))])
        ):
            made.add(
                source.url,
                text,
                host="wire.example",
                kind="news",
                title=f"{source.title} {number or ''}",
                published=at + 4 * HOUR * number,
                counts=number == 2,
            )
        made.add(source.url, first, kind="news", title=f"{source.title} - Daily", published=at + HOUR, counts=False)

    return _of(_each("wire", 2), build)


def short_texts() -> Made:
    """Too short to tell: microposts below 40 letters, one sentence typed by two people, stubs."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        piece = reduced(pieces(source.text)[0])
        for number, (size, kind, host) in enumerate(
            ((20, "micropost", "x.com"), (38, "micropost", "x.com"), (90, "article", ""))
        ):
            for who in ("a", "b") if size > 20 else ("a", "a"):
                more = {"host": host} if host else {}
                made.add(
                    f"short {made.number} {number}",
                    piece[:size],
                    kind=kind,
                    people=frozenset({who if host else ""}) - {""},
                    **more,
                )

    return _of(_each("short", 4), build)


def series() -> Made:
    """Three days of one author: much of each report is the same, and each is a story."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        opening = part(dice, source.text, 0.2, 0.3)[:700]
        for day in range(1, 4):
            own = jumbled(dice, len(opening) // 5, japanese=source.japanese)
            made.add(
                f"day {day} {source.url}", f"{opening}\n{own}", host="diary.example",
                title=f"{source.title[:40]} {day}日目" if source.japanese else f"Day {day}: {source.title[:60]}",
                people=frozenset({f"p{source.url}"}), published=BEGAN + DAY * day, counts=True,
            )  # fmt: skip

    return _of(_each("series", 4), build)


def round_ups() -> Made:
    """A curator's page with three whole texts of others, a week later: each text and the page are stories."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        found = [jumbled(dice, dice.randrange(260, 600), japanese=source.japanese) for _ in range(3)]
        for number, text in enumerate(found):
            made.add(f"{source.url} {number}", text, title=f"{source.title} {'abc'[number]}", counts=True)
        made.add(f"all of {source.url}", "\n\n".join(found), title="まとめ", counts=True, published=BEGAN + 90 * DAY)

    return _of(_each("roundups", 4), build)


def shared_host() -> Made:
    """Accounts of one service: a copy by somebody else is one; posts that only fill one form are not."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        form = jumbled(random.Random(source.url), 500, japanese=source.japanese)
        where = {"host": "notes.example"}
        made.source(source, author=f"note:a{made.number}", **where)
        made.add(source.url, part(dice, source.text, 0.5, 0.6), author=f"note:b{made.number}", title="抜粋", **where)
        for number in range(2):
            text = f"{form}\n{jumbled(dice, 90, japanese=source.japanese)}"
            title = f"定例会 vol.{number + 11} の記録" if source.japanese else f"Notes of our meeting no. {number + 11}"
            made.add(f"vol {number} {source.url}", text, author=f"note:c{made.number // 4}", title=title, **where)

    return _of(_each("shared", 4), build)


def false_claims() -> Made:
    """Pages that call somebody else's page, or the front page, their canonical address."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        true = made.source(source, counts=True)
        own = jumbled(dice, 600, japanese=source.japanese)
        made.add(f"false {true}", own, canonical_url=true, title=source.title[::-1], counts=True)
        made.add(
            source.url, source.text[: len(source.text) // 8] + "…", canonical_url=true, title=source.title, counts=False
        )
        for number in range(2):
            text = jumbled(dice, 300, japanese=source.japanese)
            host = f"front{made.number}.example" if not number else made.posts[-1].host
            made.add(f"front {number} {true}", text, host=host, canonical_url=f"https://{host}/", counts=True)

    return _of(_each("claims", 4), build)


def near_threshold() -> Made:
    """Edits of every weight; here the exact Jaccard of the specification is the truth, to a hundredth."""

    def build(made: Made, dice: random.Random, source: Source) -> None:
        other = edited(dice, source.text, dice.uniform(0.02, 0.09))
        alike = jaccard(grams(reduced(source.text)), grams(reduced(other)))
        if abs(alike - ALIKE) > 0.01:
            key = made.source(source)
            made.add(source.url if alike > ALIKE else f"rewritten {key}", other, title=source.title)

    return _of(_each("threshold"), build)


CLASSES = (
    exact, lightly_edited, excerpts, introduced, translated, boilerplate, notices, two_reports, releases, scrapers,
    paged, threads, cross_posts, wire, short_texts, series, round_ups, shared_host, false_claims, near_threshold,
)  # fmt: skip
