"""Pages that lead to others: a list of reports, decks beside talks, and links that lead nowhere useful."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from harvester.demo.extras import ASIDE, ASIDES, SIGN_UP
from harvester.demo.prose_ja import Text
from harvester.demo.words import Deck, table
from harvester.demo.world import JST, WRITTEN

if TYPE_CHECKING:
    from harvester.demo.cast import Cast


def point(cast: Cast) -> None:
    """All of it."""
    _roundup(cast)
    _decks(cast)
    _asides(cast)


def _roundup(cast: Cast) -> None:
    """The organisers collect what they have seen; for some stories this list is the way in."""
    world = cast.world
    site = next(d.site for d in world.docs if d.author.kind == "organiser")
    known = [
        d for d in world.docs
        if d.counted and d.kind in WRITTEN and not d.site.listed and d.site.look != "qiita" and not d.missed
    ]  # fmt: skip
    chosen = sorted(Deck(known, cast.rng).hand(max(4, len(known) // 4)), key=lambda d: d.published)
    lines = "\n".join(f"- [[{doc.title.replace('[', '(').replace(']', ')')}|{doc.url}]]" for doc in chosen)
    text = Text(
        title="re:Invent 2016 参加者ブログのリンク集",
        blocks=(*table("news_ja")["curated"]["lines"], lines),
        subject="links",
    )
    when = datetime(2016, 12, 29, 12, 0, tzinfo=JST)
    why = "a list of links: may stand as its curator's story or not at all"
    doc = cast.publish(site, site.owner, text, when=when, relevant=True, why=why, route="page")
    doc.optional = True
    for found in chosen:
        found.route = "page"


def _decks(cast: Cast) -> None:
    """Those who spoke put up their slides."""
    for person in [p for p in cast.world.people if p.speaker]:
        report = next(d for d in cast.world.docs if d.author is person and d.counted)
        site = cast.places.company(person, "speakerdeck.com", person.name, "deck", prefix=f"/{person.handle}", feed="")
        person.homes.append(f"https://speakerdeck.com/{person.handle}")
        cast.add_site(site)
        text = Text(
            title=f"{report.title} 発表資料",
            blocks=("re:Invent 2016 #reinvent 発表資料", "自己紹介", "背景", "構成", "まとめ"),
            subject="slides",
        )
        deck = cast.publish(
            site, person, text, when=report.published - timedelta(hours=3), relevant=True,
            why="slides of a talk given there", kind="slides", route="link",
        )  # fmt: skip
        report.blocks = (*report.blocks, f"発表資料は[[こちら|{deck.url}]]に置きました。")


def _asides(cast: Cast) -> None:
    """Links to what has nothing to do with the event."""
    docs = [d for d in cast.world.docs if d.author.kind in ("participant", "independent") and d.kind == "article"]
    for index, doc in enumerate(Deck(docs, cast.rng).hand(ASIDES * 2)):
        url = ASIDE.format(index % (ASIDES + 1))  # one more than there are: somewhere a link is dead
        doc.blocks = (*doc.blocks, f"余談ですが、[[こちらの話|{url}]]も面白かったです。")
    for doc in [d for d in cast.world.docs if d.why == "about another meeting"][:2]:
        doc.blocks = (*doc.blocks, f"次回の申し込みは[[こちら|{SIGN_UP}]]から。")
