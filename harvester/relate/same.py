"""The ways in which two posts are found to be one story without comparing all texts, each by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester.relate.links import target_key
from harvester.relate.pairs import ARTICLE_LETTERS, EXCERPT_LETTERS, other_language, titles_alike
from harvester.relate.shingles import containment, reduced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.relate.groups import Groups
    from harvester.relate.inputs import StoryInput
    from harvester.relate.texts import Texts

_TITLE_LETTERS = 8
_WEEK = 7 * 86400.0
_CLAIMS = 5  # titles that one canonical address may carry before it is a mistake of the site
_UNRELATED = 0.5  # containment below which a canonical address is not believed; long texts hold much of any other
_STARTS = 3  # posts under one address that a further one is compared with
_RECENT = 4  # posts of one person under one title and host that a further one is compared with
_DECLARED = ("crosspost", "syndicated", "reprint", "page_part", "thread_part")
_DECKS = ("slides", "video", "podcast")
_PAGE = re.compile(r"(?<=\d{5})/\d{1,2}$|(?:/page/|[?&](?:page|p|pg)=)(?:[1-9]|[12]\d)$|[-_](?:[2-9]|1\d)(?=\.html?$)")


def join_declared(posts: Sequence[StoryInput], groups: Groups) -> None:
    """Copies and thread parts that the source itself called so; parts of a thread whose start is unknown, too."""
    first_part: dict[tuple[str, str], StoryInput] = {}
    for post in posts:
        if post.relation not in _DECLARED or not post.target:
            continue
        target = groups.get(post.target)
        if target is None and post.relation == "thread_part":
            target = first_part.setdefault((post.author, post.target), post)
        if target is not None and target.key != post.key:
            groups.join(target, post, post.relation)


def join_threads(posts: Sequence[StoryInput], groups: Groups) -> None:
    """Replies of an author to himself."""
    for post in posts:
        if post.relation == "reply" and (target := groups.get(post.target)) and target.author == post.author != "":
            groups.join(target, post, "thread_part")


def join_addresses(posts: Sequence[StoryInput], groups: Groups, texts: Texts) -> None:
    """Posts that name one canonical address, or that are pages of one article.

    A canonical address is a claim: it is not believed of a text that has nothing in common with the other, nor of
    one in another language.
    """
    claims: dict[str, list[StoryInput]] = {}
    for post in posts:
        if not post.derivative:
            for address in _addresses(post):
                claims.setdefault(address, []).append(post)
    for address, claiming in claims.items():
        if len({reduced(post.title) for post in claiming}) > _CLAIMS:
            continue
        starts = [head] if (head := groups.get(address)) and not head.derivative else []
        for post in claiming:
            if post.key == address:
                continue
            start = next((one for one in starts if _one_page(one, post) or _believed(one, post, texts)), None)
            if start is not None:
                groups.join(start, post, "page_part" if _PAGE.search(post.url) else "")
            elif len(starts) < _STARTS:
                starts.append(post)


def _addresses(post: StoryInput) -> set[str]:
    """Keys under which a post says, by canonical address or by its page number, that its whole is found."""
    found = set()
    for address in (post.canonical_url, _PAGE.sub("", post.url)):
        if address and address.rstrip("/").count("/") > 2:  # a site's root is nobody's article
            found.add(target_key("", address))
    return found - {""}


def _one_page(a: StoryInput, b: StoryInput) -> bool:
    """Whether the addresses differ by a page's number alone, and the titles do not object."""
    return a.host == b.host and _PAGE.sub("", a.url) == _PAGE.sub("", b.url) and titles_alike(a, b)


def _believed(a: StoryInput, b: StoryInput, texts: Texts) -> bool:
    """Whether a canonical address that ties two posts is true, as far as their texts can tell."""
    if other_language(a, b):
        return False
    if a.host == b.host and a.title and b.title and titles_alike(a, b):
        return True
    one, other = texts.of(a), texts.of(b)
    if min(len(one), len(other)) < ARTICLE_LETTERS:
        return a.host != b.host or titles_alike(a, b)
    return containment(one.grams, other.grams) >= _UNRELATED


def join_titles(posts: Sequence[StoryInput], groups: Groups, texts: Texts) -> None:
    """One person's deck under one title on two hosts, and an article elsewhere under its title in the same week."""
    seen: dict[tuple[str, str], dict[str, list[StoryInput]]] = {}
    for post in posts:
        title = reduced(post.title)
        if len(title) < _TITLE_LETTERS or post.derivative or post.kind == "micropost":
            continue
        for token in sorted(post.people):
            hosts = seen.setdefault((token, title), {})
            for other in _elsewhere(hosts, post.host):
                if not groups.joined(other, post) and _one_title(other, post, texts):
                    groups.join(other, post, "crosspost")
            here = hosts.setdefault(post.host, [])
            if len(here) == _RECENT:
                del here[1]
            here.append(post)


def _elsewhere(hosts: dict[str, list[StoryInput]], host: str) -> Iterable[StoryInput]:
    return [post for other, posts in hosts.items() if other != host for post in posts]


def _one_title(a: StoryInput, b: StoryInput, texts: Texts) -> bool:
    if a.kind in _DECKS or b.kind in _DECKS:
        return a.kind == b.kind
    if a.published is None or b.published is None or abs(a.published - b.published) > _WEEK:
        return False
    return min(len(texts.of(a)), len(texts.of(b))) < EXCERPT_LETTERS
