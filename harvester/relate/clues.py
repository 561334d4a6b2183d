"""What makes two accounts candidates for one person: an address, handle, name, entry of a list or text they share.

Indexes, so that time grows with the accounts and not with their pairs; what many share says nothing and is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from harvester.classify import hosts
from harvester.classify.rules import vocabulary
from harvester.relate.accounts import Handles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harvester.relate.accounts import Account

Pair = tuple[int, int]
_SHORT_NAME = 3


@dataclass(frozen=True, slots=True)
class Clue:
    """One line of evidence: a rule of the table, its weight in decibans, and what it fired on."""

    rule: str
    weight: float
    snippet: str

    @property
    def group(self) -> str:
        """Inside a group only the strongest counts."""
        return str(table()["rules"][self.rule]["group"])

    @property
    def reason(self) -> str:
        """What the rule says, in words."""
        return str(table()["rules"][self.rule]["reason"])


def table() -> dict[str, Any]:
    """The weights and numbers of `vocab/people.toml`."""
    return vocabulary("people")


def pair_of(a: int, b: int) -> Pair:
    """Two author ids in order."""
    return (a, b) if a < b else (b, a)


def clue_of(rule: str, snippet: str, weight: float | None = None) -> Clue:
    """A clue with the table's weight, or the one given."""
    return Clue(rule, float(table()["rules"][rule]["weight"] if weight is None else weight), snippet[:200])


class Index:
    """What the accounts are called by and what they say, the other way round."""

    def __init__(self, known: Mapping[int, Account]) -> None:
        self._known = known
        self._owners: dict[str, list[int]] = defaultdict(list)
        self._sayers: dict[str, list[int]] = defaultdict(list)
        for author_id, account in known.items():
            for token in account.own:
                self._owners[token].append(author_id)
            for token in account.says:
                self._sayers[token].append(author_id)

    def _only(self, token: str) -> int | None:
        """The account a token names; None for nobody's, and for a site where several sign."""
        owners = self._owners.get(token, [])
        return owners[0] if len(owners) == table()["sites_authors"] else None

    def _alone(self, rule: str, token: str) -> float:
        """A rule's weight by how many profiles name the same: what a crowd links is an employer or a community."""
        more = max(0, len(self._sayers.get(token, ())) - table()["crowd"])
        return float(table()["rules"][rule]["weight"] - more * table()["each_more"])

    def listed(self, lists: Iterable[tuple[str, ...]]) -> Iterator[tuple[Pair, Clue]]:
        """Accounts that one entry of a list names."""
        for entry in lists:
            named = sorted({owner for token in entry if (owner := self._only(token)) is not None})
            for a, b in combinations(named, 2):
                yield (a, b), clue_of("L1", ", ".join(entry))

    def linked(self) -> Iterator[tuple[Pair, Clue]]:
        """Profiles that link another account, or the site on which it signs."""
        for token, sayers in self._sayers.items():
            owners = self._owners.get(token, ())
            many = len(sayers) > table()["most"]
            for owner in owners if len(owners) <= table()["most"] else ():
                target = self._known[owner]
                for sayer in sayers:
                    said = f"{self._known[sayer].key} → {token}"
                    if sayer == owner:
                        continue
                    if len(owners) > table()["sites_authors"]:
                        if self._known[sayer].full_name and self._known[sayer].full_name == target.full_name:
                            yield pair_of(sayer, owner), clue_of("W2", said)
                    elif target.says & self._known[sayer].own:
                        yield pair_of(sayer, owner), clue_of("P1", said)
                    elif not many and not hosts.company(target.site or ""):
                        yield pair_of(sayer, owner), clue_of("P2", said, self._alone("P2", token))

    def told(self) -> Iterator[tuple[Pair, Clue]]:
        """Bios that name another account by its service and handle."""
        for author_id, account in self._known.items():
            for token in account.told:
                owner = self._only(token)
                if owner is not None and owner != author_id:
                    yield pair_of(author_id, owner), clue_of("P3", f"{account.key} → {token}")

    def shared(self) -> Iterator[tuple[Pair, Clue]]:
        """Profiles that link one page."""
        for token, sayers in self._sayers.items():
            site = token.removeprefix("web:") if token.startswith("web:") else ""
            if not 1 < len(sayers) <= table()["most"] or (site and hosts.company(site)):
                continue
            clue = clue_of("P4", token, self._alone("P4", token))
            for a, b in combinations(sayers, 2):
                yield pair_of(a, b), clue

    def called(self) -> Iterator[tuple[Pair, Clue]]:
        """Accounts of one handle, as far as it is a rare one."""
        called: dict[str, list[Account]] = defaultdict(list)
        for account in self._known.values():
            if account.handle:
                called[account.handle].append(account)
        handles = Handles(self._known.values())
        numbers = table()["handle"]
        for handle, carriers in called.items():
            if not 1 < len(carriers) <= table()["most"]:
                continue
            others = max(0, len({a.full_name for a in carriers if a.full_name}) - 1)
            for a, b in combinations(carriers, 2):
                shorter = min(a.parts, b.parts, key=lambda parts: (handles.weight(parts), parts))
                weight = handles.weight(shorter) + others * numbers["each_other_name"]
                weight += numbers["other_spelling"] if a.spelled != b.spelled else 0
                weight += numbers["a_site"] if _only_a_site(a) or _only_a_site(b) else 0
                if weight > 0:
                    yield pair_of(a.author_id, b.author_id), clue_of("H1", handle, weight)

    def named(self) -> Iterator[tuple[Pair, Clue]]:
        """Accounts of one full name."""
        named: dict[str, list[Account]] = defaultdict(list)
        for account in self._known.values():
            if account.full_name:
                named[account.full_name].append(account)
        for name, carriers in named.items():
            if not 1 < len(carriers) <= table()["most"]:
                continue
            twice = max(Counter(a.site or a.platform for a in carriers).values()) - 1  # namesakes on one service
            for a, b in combinations(carriers, 2):
                apart = any(len(account.name.split()) > 1 for account in (a, b))  # family and given name
                rule = "N1" if apart or len(name) > _SHORT_NAME else "N2"
                weight = table()["rules"][rule]["weight"] + twice * table()["handle"]["each_other_name"]
                yield pair_of(a.author_id, b.author_id), clue_of(rule, a.name, max(weight, 0))


def _only_a_site(account: Account) -> bool:
    """Whether the handle is the label of a site, which nobody had to choose as a name."""
    return account.platform == "web" and "#" not in account.key


def published(known: Mapping[int, Account], texts: Iterable[tuple[int, int, str]]) -> Iterator[tuple[Pair, Clue]]:
    """Accounts under which one text was published."""
    for a, b, address in texts:
        if a != b and a in known and b in known:
            rule = "T2" if "web" in (known[a].platform, known[b].platform) else "T1"
            yield pair_of(a, b), clue_of(rule, address)
