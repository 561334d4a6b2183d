"""For whom a corporate writer writes: the employer's name, and one name for all who write on one company's blogs.

A blog belongs to one company, whatever its writers' profiles call it; the same company's other blogs are found by the
name in their address or by what they say of their publisher. Names of one company differ in script and legal form
(株式会社アクメ, Acme Inc.); what is stored is the best one of those that were found.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from harvester.classify import hosts
from harvester.classify.declared import compact
from harvester.classify.rules import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harvester.model import Author, Post

_SHORTEST = 2
GROUP = "employer"  # of evidence rows: a clue to the employer weighs nothing for a side
_SOURCES = ("E1", "E2", "E3", "E4", "E5")  # whose name is shown, best first


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A corporate writer with the posts at the event; `listed` is the employer that a list of the event file tells."""

    author_id: int
    author: Author
    posts: Sequence[Post]
    listed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    """An employer's name, the same for all of its writers, and the clue that this writer gave."""

    name: str
    rule: str
    snippet: str
    post_key: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Clue:
    rule: str
    name: str
    snippet: str
    post: Post | None = None

    @property
    def key(self) -> str:
        return employer_key(self.name)


def employers(writers: Iterable[Writer]) -> dict[int, Employer]:
    """By author id, the employer of each writer of whom anything tells it."""
    found: dict[int, list[_Clue]] = {}
    for writer in writers:
        if clues := _clues(writer):
            found[writer.author_id] = clues
    home = {author: clues[-1].key for author, clues in found.items()}
    blogs = {clues[-1].key for clues in found.values() if clues[-1].rule == "E5"}
    # A guest's own employer, who has a blog too, is another company.
    found = {
        author: [c for c in clues if c.key == home[author] or c.key not in blogs] for author, clues in found.items()
    }
    company = _companies(found, home)
    names: dict[str, Counter[tuple[int, str]]] = {}
    for author, clues in found.items():
        for clue in clues:
            names.setdefault(company[author], Counter())[_SOURCES.index(clue.rule), clue.name] += 1
    return {author: _employer(_shown(names[company[author]]), clues[0]) for author, clues in found.items()}


def _employer(name: str, clue: _Clue) -> Employer:
    post = clue.post
    return Employer(
        name=name, rule=clue.rule, snippet=clue.snippet, post_key=post.key if post else "", url=post.url if post else ""
    )


def _shown(found: Counter[tuple[int, str]]) -> str:
    """The name from the best source; of several the one most writers give, then the shortest."""
    return min(found, key=lambda entry: (entry[0], -found[entry], len(entry[1]), entry[1]))[1]


def _companies(found: dict[int, list[_Clue]], home: dict[int, str]) -> dict[int, str]:
    """A company's token for each writer: names are tied to the blog they stand on, bios to nothing."""
    parent: dict[str, str] = {}

    def root(token: str) -> str:
        while parent.setdefault(token, token) != token:
            token = parent[token]
        return token

    for author, clues in found.items():
        for clue in clues:
            if clue.rule != "E4":
                parent[root(clue.key)] = root(home[author])
    return {author: root(token) for author, token in home.items()}


def _clues(writer: Writer) -> list[_Clue]:
    """What tells a writer's employer, best first; the address of the blog, where there is one, last."""
    posts = [post for post in writer.posts if _blog(post, writer.author)]
    blog = _blog(posts[0], writer.author) if posts else ""
    key = compact(blog)
    found = [_Clue("E1", writer.listed, writer.listed)] if writer.listed else []
    if said := writer.author.organisation.lstrip("@ "):
        found.append(_Clue("E2", said, writer.author.organisation))
    found += _published(posts or writer.posts, key)
    found += [_Clue("E4", name, name) for name in _in_bio(writer.author.bio) if not key or _is_of(name, key)][:1]
    if blog:
        found.append(_Clue("E5", blog, posts[0].host, posts[0]))
    return [clue for clue in found if len(clue.key) >= _SHORTEST]


def _blog(post: Post, author: Author) -> str:
    """The company's name in a blog's address, "" where it has none: `acme` of tech.acme.co.jp, of acme-tech."""
    if post.platform == "web":
        return site_label(post.host) if not hosts.outlet(post.host) else ""
    label = _pattern("name", "label").sub("", author.handle)
    return label if label != author.handle or hosts.company(post.host, handle=author.handle) else ""


def site_label(host: str) -> str:
    """The label of a site that names whose it is: the registered one, or the one before a name that many share."""
    label = hosts.registered(host)
    if label not in vocabulary("organisation")["name"]["shared"]:
        return label
    before = host.removeprefix("www.").split(f".{label}.")[0].split(".")
    return _pattern("name", "label").sub("", before[-1])


def _published(posts: Sequence[Post], blog: str) -> Iterator[_Clue]:
    """The publisher, where it is a company's name or the name of its blog: a slogan of a blog names nobody."""
    seen = set()
    for post in posts:
        if not post.publisher or post.publisher in seen or compact(post.publisher) in (post.platform, post.host):
            continue
        seen.add(post.publisher)
        for part in re.split(_pattern("name", "parts"), _plain(post.publisher)):
            name = without_blog(part)
            if name and (name != part.strip() or _is_of(name, blog)):
                yield _Clue("E3", name, post.publisher, post)
                break


def without_blog(title: str) -> str:
    """What is left of a blog's name without the words for a blog; "" where nothing is."""
    return _pattern("name", "blog").sub("", _plain(title)).strip(" -–—|・:の'’\"「」")


def _is_of(name: str, blog: str) -> bool:
    """Whether a name is surely a company's: it has a legal form, or is the one in the blog's address."""
    key = employer_key(name)
    return bool(_pattern("name", "forms").search(_plain(name))) or bool(blog and key and (key in blog or blog in key))


def _in_bio(bio: str) -> Iterator[str]:
    text = _plain(bio)
    for pattern in _bio_patterns():
        for match in pattern.finditer(text):
            name = next(filter(None, match.groups()), "")
            before = text[: match.start(match.lastgroup or 0) if match.lastgroup != "after" else match.start()]
            if name and not _former().search(before) and not _pattern("bio", "was").match(name):
                yield match[0].strip(" 、。|/,") if match.lastgroup in ("after", "before") else name


@lru_cache(maxsize=8192)
def employer_key(name: str) -> str:
    """An organisation's name for comparing: folded, without legal forms, @ and signs."""
    return compact(_pattern("name", "forms").sub(" ", _plain(name))) if name else ""


def _plain(text: str) -> str:
    """NFKC, so that (株) and ㈱ are one; letters keep their case, which tells names in English."""
    return unicodedata.normalize("NFKC", text) if not text.isascii() else text


@cache
def _pattern(section: str, key: str) -> re.Pattern[str]:
    return re.compile(vocabulary("organisation")[section][key], re.IGNORECASE)


@cache
def _bio_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in vocabulary("organisation")["bio"]["patterns"])


@cache
def _former() -> re.Pattern[str]:
    return _pattern("bio", "former")
