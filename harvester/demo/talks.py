"""Slides and videos that services add to a finished world, and the feeds of their accounts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from harvester.demo import feeds
from harvester.demo.exchange import Reply
from harvester.demo.words import Deck
from harvester.demo.world import Doc, Site

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from harvester.demo.people import Person
    from harvester.demo.world import World

_KINDS = {"atom": "application/atom+xml", "rss2": "application/rss+xml", "rss1": "application/rdf+xml"}
_POINTS = (
    "会場の歩き方", "基調講演で発表されたもの", "新しいデータベースの使いどころ", "サーバーレスの設計を見直す",
    "料金の考え方", "ハンズオンで詰まった所", "機械学習のセッションから", "監視と運用の話", "コンテナの最新動向",
    "セキュリティの発表まとめ", "英語が苦手でも楽しむには", "展示で聞いた裏話", "持ち帰った宿題", "来年行く人へ",
    "移行の事例三つ", "懇親会で出た質問",
)  # fmt: skip


def authors(world: World, rng: random.Random, size: int) -> list[Doc]:
    """A report each of participants on the attendee list who also talk about what they saw."""
    reports: dict[str, Doc] = {}
    for doc in world.stories("participant"):
        if doc.author.listed and not doc.author.organisation and doc.kind == "article" and not doc.missed:
            reports.setdefault(doc.author.id, doc)
    return Deck(list(reports.values()), rng).hand(size) if reports else []


def site_of(world: World, person: Person, host: str, prefix: str) -> Site:
    """Somebody's corner of a service, which the world now has."""
    made = Site(host=host, title=person.name, look="deck", owner=person, prefix=prefix, language=person.language)
    world.sites.append(made)
    return made


def talk(world: World, rng: random.Random, report: Doc, site: Site, url: str, kind: str) -> Doc:
    """Slides or a video of the talk that the author of a report gave at home, which the world now has."""
    points = Deck(_POINTS, rng).hand(6)
    made = Doc(
        url=url, site=site, author=site.owner, title=f"re:Invent 2016 報告会: {points[0]}と{points[1]}",
        blocks=("re:Invent 2016 #reinvent の報告会で話したことです。", *(f"- {point}" for point in points)),
        published=report.published + timedelta(days=rng.randint(2, 9), minutes=rng.randint(0, 600)), kind=kind,
        story=f"t{len(world.docs) + 1:04d}", relevant=True, why="a talk about the event by somebody who was there",
        likes=rng.randint(0, 60),
    )  # fmt: skip
    world.docs.append(made)
    return made


def feed(site: Site, docs: Sequence[Doc], shape: str, path: str) -> Reply:
    """The feed of a site in a format of `feeds.toml`, at a path below its own; it has an ETag."""
    body = feeds.render(replace(site, feed=shape, feed_path=path, feed_shape="summary"), docs).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return Reply(200, body, (("Content-Type", f"{_KINDS[shape]}; charset=utf-8"), ("ETag", tag)))
