"""What the event file and the attendance lists say about an author: accounts, pages and names looked up exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harvester.classify.hosts import registered
from harvester.classify.names import without_edition
from harvester.classify.rules import vocabulary
from harvester.event import identity_of
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.event import Event, Person
    from harvester.model import Author

_LIST_RULES = (("D2", "organisers"), ("D4", "speakers"), ("D5", "press"), ("D3", "attendees"))
# How the rows of the attendance table are named, and the rule each stands for.
STATUS_RULES = {
    "attended": "D3", "checked_in": "D3", "registered": "D3", "remote": "D3", "speaker": "D4", "staff": "D2",
    "organiser": "D2", "press": "D5",
}  # fmt: skip
_SIGNED = re.compile(r"[((@/|]\s*([^()()]{2,40}?)\s*[))]?\s*$")  # what follows a name in brackets or a mark
_IN_BRACKETS = re.compile(r"[((【\[].*?[))】\]]")  # an employer or a role, no part of the name
_SHORTEST_NAME = 3
_SHORTEST_VENDOR = 3
_SHORTEST_SITE_NAME = 4
_RULES_BY_NAME = frozenset({"D2", "D4", "D5"})  # an attendee list must match by account: namesakes come to events


@dataclass(frozen=True, slots=True)
class Found:
    """A list an author is on: the rule, how they were recognised, and the employer the list tells."""

    rule: str
    how: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """An event's lists by account, by page of one's own, and by name."""

    accounts: dict[tuple[str, str], tuple[tuple[str, Person], ...]]
    names: dict[str, tuple[tuple[str, Person], ...]]
    handles: frozenset[tuple[str, str]]
    vendors: tuple[str, ...]


def roster_of(event: Event) -> Roster:
    """The lists of an event, built once for the lists it has."""
    people = tuple((rule, getattr(event, key)) for rule, key in _LIST_RULES)
    return _built(people, event.official_handles, event.vendor_names)


@lru_cache(maxsize=8)
def _built(
    lists: tuple[tuple[str, tuple[Person, ...]], ...], official: tuple[str, ...], vendors: tuple[str, ...]
) -> Roster:
    accounts: dict[tuple[str, str], list[tuple[str, Person]]] = {}
    names: dict[str, list[tuple[str, Person]]] = {}
    for rule, people in lists:
        for person in people:
            for identity in person.identities():
                accounts.setdefault(identity, []).append((rule, person))
            if rule in _RULES_BY_NAME and (key := name_key(person.name)):
                names.setdefault(key, []).append((rule, person))
    return Roster(
        accounts={key: tuple(found) for key, found in accounts.items()},
        names={key: tuple(found) for key, found in names.items()},
        handles=frozenset(identity for handle in official if (identity := identity_of(handle))[0]),
        vendors=tuple(key for name in vendors if len(key := compact(name)) >= _SHORTEST_VENDOR),
    )


def compact(name: str) -> str:
    """A name as it appears in handles and hosts: folded, letters and digits only."""
    return re.sub(r"[\W_]+", "", fold(name))


def name_key(name: str) -> str:
    """A person's full name for comparing, "" for one too short to tell people apart."""
    key = compact(re.sub(r"[((].*?[))]", "", name))
    return key if len(key) >= _SHORTEST_NAME and (not key.isascii() or " " in name.strip()) else ""


def accounts_of(author: Author) -> list[tuple[str, str]]:
    """Accounts and pages an author is known by: the one written from, and those the profile links."""
    own = (author.platform, author.handle if author.platform in ("web", "youtube") else fold(author.handle))
    linked = [identity_of(address) for address in (author.url, author.website) if address]
    return [own, *(identity for identity in linked if identity[0])]


def on_lists(author: Author, host: str, event: Event, *, alone: bool) -> list[Found]:
    """Every list of the event file that names this author. `alone`: nobody else writes on `host`."""
    roster = roster_of(event)
    keys = accounts_of(author)
    if author.platform == "web" and alone:
        keys.append(("web", f"https://{host}/"))
    found = []
    for platform, handle in keys:
        for rule, person in roster.accounts.get((platform, handle), ()):
            found.append(Found(rule, f'{platform} "{handle}"', person.organisation))
    for rule, person in roster.names.get(name_key(author.name), ()):
        if not any(platform == author.platform for platform, _ in person.identities()):
            found.append(Found(rule, f'name "{person.name}"', person.organisation))
    return found


def official_handle(author: Author, event: Event) -> str:
    """The official handle of the event file that is this author's own account, or ""."""
    own = accounts_of(author)[0]
    return ":".join(own) if own in roster_of(event).handles else ""


def vendor_in(text: str, event: Event) -> str:
    """The vendor that a host, handle or name begins with (`aws.amazon.com`, `awscloud`), or ""."""
    parts = [compact(part) for part in re.split(r"[.:/#@\s]", fold(text))] + [compact(text)]
    return next((v for v in roster_of(event).vendors if any(part.startswith(v) for part in parts)), "")


def vendor_site(host: str, event: Event) -> str:
    """The vendor whose name a site has registered as its own (`amazon` in aws.amazon.com), or ""."""
    label = compact(registered(host))
    return label if label in roster_of(event).vendors else ""


def own_site(author: Author, host: str) -> str:
    """The author's name when a site of their own is called by it or by a part of it (aoisora.net), or "".

    A site that signs with its own title (`Eat What Tonight` on eatwhattonight.com) names nobody; one that is called by
    somebody's whole name (`Mary Example` on maryexample.net) begins with a given name.
    """
    if author.is_org:
        return ""
    label = compact(registered(host))
    name = _IN_BRACKETS.sub("", author.name).strip()
    words = name.split()
    titled = len(words) > 1 and all(compact(word) in label for word in words)
    if titled and fold(words[0]) not in vocabulary("hosts")["given"]["names"]:
        return ""
    for said in (*words, name, author.handle.rpartition("#")[2]):
        key = compact(said)
        if len(key) >= _SHORTEST_SITE_NAME and key.isascii() and key in label and "." not in said:
            return said
    return ""


def signed_for(author: Author, event: Event) -> str:
    """The vendor that a name is signed with (`Andy Katz (AWS)`, `今村 優太 (AWS Japan)`), or ""."""
    found = _SIGNED.search(author.name)
    inside = compact(found[1]) if found else ""
    return found[1].strip() if found and any(inside.startswith(v) for v in roster_of(event).vendors) else ""


def employer(author: Author, event: Event) -> str:
    """What in a profile or signed name says that the author works for the vendor, or ""."""
    vendors = roster_of(event).vendors
    if author.organisation and compact(author.organisation) in vendors:
        return author.organisation
    for pattern, ruled_out in _employment(event.vendor_names):
        for text in (author.bio, author.name):
            if match := pattern.search(ruled_out.sub(" ", fold(text))):
                return match[0].strip()
    return ""


@lru_cache(maxsize=8)
def _employment(vendor_names: tuple[str, ...]) -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """(says employed, says something else that merely carries the name) for each vendor name."""
    phrases = vocabulary("phrases")
    out = []
    for name in vendor_names:
        vendor = rf"(?<![a-z0-9]){re.escape(fold(name))}(?![a-z0-9])"
        said, other = (
            "|".join(f"(?:{p.replace('{vendor}', vendor)})" for p in phrases[key]["patterns"])
            for key in ("employed", "not_employed")
        )
        out.append((re.compile(said), re.compile(other)))
    return out


def carries_name(author: Author, event: Event) -> str:
    """The vendor's or event's name when the account's whole name is made of it (`AmazonWebServices`), or ""."""
    names = (*event.vendor_names, event.name, *event.names, *without_edition((event.name, *event.names)))
    pattern = _own_name(names)
    for text in (author.name, author.handle):
        if text and pattern.fullmatch(re.sub(r"[\W_]+", "", fold(text))):
            return text
    return ""


@lru_cache(maxsize=8)
def _own_name(names: tuple[str, ...]) -> re.Pattern[str]:
    keys = sorted({key for name in names if len(key := compact(name)) >= _SHORTEST_VENDOR})
    tail = vocabulary("phrases")["own_name"]["patterns"][0]
    return re.compile(rf"(?:{'|'.join(map(re.escape, keys))}){tail}" if keys else r"(?!)")
