"""Which accounts may be one person's: suggestions with their evidence, for a human to accept or to refuse.

Nothing here merges anybody. Weights are decibans (`classify/vocab/people.toml`): the strongest clue of each group
counts, and all that speaks against.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.classify.organisation import site_label
from harvester.relate.clues import Clue, Index, Pair, clue_of, pair_of, published, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harvester.relate.accounts import Account


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two accounts (the smaller key first) that may be one person's; `score` in decibans, 0 is even odds."""

    a: Account
    b: Account
    score: float
    evidence: tuple[Clue, ...]

    @property
    def pair(self) -> Pair:
        """The two author ids, in order."""
        return pair_of(self.a.author_id, self.b.author_id)


def prior() -> float:
    """Decibans of two accounts being one person's before anything is known of them."""
    return float(table()["prior"])


def suggest(
    accounts: Iterable[Account],
    *,
    lists: Iterable[tuple[str, ...]] = (),
    texts: Iterable[tuple[int, int, str]] = (),
    threshold: float | None = None,
) -> list[Suggestion]:
    """Every pair of accounts at or above the threshold (the table's, when none is given), strongest first.

    lists  entries of lists that name several accounts of one person, as tokens (`Account.own`)
    texts  (author id, author id, address) for each text that both published
    """
    known = {account.author_id: account for account in accounts}
    index = Index(known)
    clues: dict[Pair, list[Clue]] = defaultdict(list)
    for pair, clue in (*index.listed(lists), *index.linked(), *index.told(), *index.shared(), *index.called()):
        clues[pair].append(clue)
    for pair, clue in (*index.named(), *published(known, texts)):
        clues[pair].append(clue)
    least = table()["threshold"] if threshold is None else threshold
    found = []
    for (first, second), evidence in clues.items():
        a, b = sorted((known[first], known[second]), key=lambda account: account.key)
        evidence = _allowed(a, b, [*evidence, *_beside(a, b)])
        score, used = _added(evidence)
        if score >= least:
            found.append(Suggestion(a, b, score, used))
    return sorted(found, key=lambda s: (-s.score, s.a.key, s.b.key))


def _allowed(a: Account, b: Account, evidence: list[Clue]) -> list[Clue]:
    """The clues that may speak for this pair: across the border of some services only people's own words do."""
    if a.platform == b.platform or not {a.platform, b.platform} & set(table()["own_word_only"]):
        return evidence
    return [clue for clue in evidence if clue.weight < 0 or clue.rule in table()["own_word"]]


def _added(evidence: list[Clue]) -> tuple[float, tuple[Clue, ...]]:
    """(score, the clues that count): the strongest of each group."""
    best: dict[str, Clue] = {}
    for clue in sorted(evidence, key=lambda c: (-c.weight, c.rule, c.snippet)):
        best.setdefault(clue.group, clue)
    used = tuple(sorted(best.values(), key=lambda c: (-c.weight, c.rule)))
    return prior() + sum(clue.weight for clue in used), used


def _beside(a: Account, b: Account) -> Iterator[Clue]:
    """What two candidates share besides what made them candidates, and what speaks against them."""
    if a.employer and a.employer == b.employer:
        yield clue_of("W1", a.employer)
    elif any(_works_there(one, other) for one, other in ((a, b), (b, a))):
        yield clue_of("W1", a.site or b.site)
    if a.platform == b.platform != "web":
        yield clue_of("C1", a.platform)
    elif a.platform == b.platform and a.site == b.site and "#" in a.key and "#" in b.key:
        yield clue_of("C2", a.site)
    if _two_names(a.full_name, b.full_name):
        yield clue_of("C3", f"{a.name} / {b.name}")
    if a.is_org != b.is_org:
        yield clue_of("C4", (a if a.is_org else b).key)


def _works_there(one: Account, other: Account) -> bool:
    """Whether one's employer is the company on whose blog the other signs."""
    return bool(one.employer and other.site) and site_label(other.site) == one.employer


def _two_names(a: str, b: str) -> bool:
    """Whether two full names are written in one script and neither is a part of the other."""
    return bool(a and b) and a.isascii() == b.isascii() and a not in b and b not in a


def undecided(found: Iterable[Suggestion], persons: Mapping[int, int], refused: Iterable[Pair]) -> list[Suggestion]:
    """The suggestions nobody decided on, one for each two people, the strongest.

    persons  author id → person, where a human said so
    refused  pairs of author ids that a human said are two people; that holds for all the accounts of both
    """

    def who(author_id: int) -> tuple[str, int]:
        return ("person", persons[author_id]) if author_id in persons else ("author", author_id)

    closed = {frozenset((who(a), who(b))) for a, b in refused}
    left = []
    for suggestion in found:
        two = frozenset(who(author_id) for author_id in suggestion.pair)
        if len(two) > 1 and two not in closed:
            closed.add(two)
            left.append(suggestion)
    return left
