"""The ways in which two posts are found to be one story; each joins what it finds and knows nothing of the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester.relate.links import target_key
from harvester.relate.shingles import Index, containment, estimate, grams, jaccard, reduced, sketch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.relate.groups import Groups
    from harvester.relate.stories import StoryInput

ALIKE = 0.70  # Jaccard of two copies
EXCERPT = 0.90  # containment of an excerpt in what it was cut from
QUOTED = 0.50  # below it a text that holds a whole release is an article about it, no reprint
_EXCERPT_LETTERS = 200
_ARTICLE_LETTERS = 120  # shorter texts of two outlets are stubs: cookie notes, "enable JavaScript"
_MICRO_LETTERS = 40
_TITLE_LETTERS = 8
_WEEK = 7 * 86400.0
_CLAIMS = 5  # titles that one canonical address may carry before it is a mistake of the site
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


def join_addresses(posts: Sequence[StoryInput], groups: Groups) -> None:
    """Posts that name one canonical address, or that are pages of one article."""
    claims: dict[str, list[StoryInput]] = {}
    for post in posts:
        if not post.derivative:
            for address in _addresses(post):
                claims.setdefault(address, []).append(post)
    for address, claiming in claims.items():
        if len({reduced(post.title) for post in claiming}) > _CLAIMS:
            continue
        members = [head] if (head := groups.get(address)) and not head.derivative else []
        members += [post for post in claiming if post.key != address]
        for post in members[1:]:
            groups.join(members[0], post, "page_part" if _PAGE.search(post.url) else "")


def _addresses(post: StoryInput) -> set[str]:
    """Keys under which a post says, by canonical address or by its page number, that its whole is found."""
    found = set()
    for address in (post.canonical_url, _PAGE.sub("", post.url)):
        if address and address.rstrip("/").count("/") > 2:  # a site's root is nobody's article
            found.add(target_key("", address))
    return found - {""}


def join_titles(posts: Sequence[StoryInput], groups: Groups) -> None:
    """One person's deck under one title on two hosts, and an article elsewhere under its title in the same week."""
    seen: dict[tuple[str, str], list[StoryInput]] = {}
    for post in posts:
        title = reduced(post.title)
        if len(title) < _TITLE_LETTERS or post.derivative or post.kind == "micropost":
            continue
        for token in sorted(post.people):
            others = seen.setdefault((token, title), [])
            for other in others:
                if other.host != post.host and not groups.joined(other, post) and _one_title(other, post):
                    groups.join(other, post, "crosspost")
            others.append(post)


def _one_title(a: StoryInput, b: StoryInput) -> bool:
    if a.kind in _DECKS or b.kind in _DECKS:
        return a.kind == b.kind
    if a.published is None or b.published is None or abs(a.published - b.published) > _WEEK:
        return False
    return min(len(reduced(a.text)), len(reduced(b.text))) < _EXCERPT_LETTERS


def join_texts(posts: Sequence[StoryInput], groups: Groups) -> None:
    """Texts that are alike: articles of anybody among all, microposts only among one person's own."""
    articles = [post for post in posts if post.kind != "micropost" and not post.derivative]
    _join_alike(articles, groups)
    own: dict[str, list[StoryInput]] = {}
    for post in posts:
        if post.kind == "micropost" and post.relation not in ("reply", "repost"):
            for token in post.people:
                own.setdefault(token, []).append(post)
    done: set[tuple[str, ...]] = set()  # an account and its handle usually name the same posts
    for token in sorted(own):
        keys = tuple(post.key for post in own[token])
        if len(keys) > 1 and keys not in done:
            done.add(keys)
            _join_alike(own[token], groups)


def _join_alike(posts: Sequence[StoryInput], groups: Groups) -> None:
    index = Index(len(posts))
    sketches: dict[int, tuple[int, ...]] = {}
    for number, (post, letters) in enumerate(zip(posts, _letters(posts), strict=True)):
        if len(letters) < _MICRO_LETTERS:
            continue
        mine = sketches[number] = sketch(letters)
        held: set[str] = set()
        for candidate in index.candidates(mine):
            other = posts[candidate]
            if groups.joined(other, post) or not _worth(estimate(sketches[candidate], mine)):
                continue
            held = held or grams(letters)
            if _copies(other, _letters_of(other), grams(_letters_of(other)), post, letters, held):
                groups.join(other, post)
        index.add(number, mine)


def _worth(estimated: tuple[float, float]) -> bool:
    alike, contained = estimated
    return alike >= ALIKE - 0.2 or contained >= EXCERPT - 0.25


def _letters(posts: Iterable[StoryInput]) -> Iterable[str]:
    return (_letters_of(post) for post in posts)


def _letters_of(post: StoryInput) -> str:
    return reduced(post.text, tags=post.kind != "micropost")


def _copies(a: StoryInput, a_text: str, a_grams: set[str], b: StoryInput, b_text: str, b_grams: set[str]) -> bool:
    """Whether two posts carry one text. Same person: alike. Two outlets: alike, or one an excerpt of the other."""
    alike = jaccard(a_grams, b_grams)
    person = bool(a.people & b.people)
    shorter = min(len(a_text), len(b_text))
    if alike >= ALIKE:
        return person or shorter >= _ARTICLE_LETTERS
    if a.kind == "micropost" or a.host == b.host or shorter < _EXCERPT_LETTERS:
        return False
    if "press_release" in (a.kind, b.kind) and alike < QUOTED:
        release, other = (a_text, b_text) if a.kind == "press_release" else (b_text, a_text)
        if len(other) > len(release):
            return False
    return containment(a_grams, b_grams) >= EXCERPT
