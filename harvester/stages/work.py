"""One event's judging between reading and writing: what was read, and what has been decided so far.

Whose word holds: a human's latest per field, then what an import told, then the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from harvester.classify import role
from harvester.model import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.event import Event
    from harvester.model import RelevanceLabel
    from harvester.relate.stories import Folded
    from harvester.store.judgement_rows import Stored

TOLD: Final = frozenset({"import", "human"})
_NOTHING: Final = Label(side="unknown", kind="unknown")
_TOLD_FIELDS: Final = ("side", "kind", "subkind", "attendance")
_SETTLES: Final = frozenset({"kind", "attendance"})


@dataclass(slots=True, kw_only=True)
class Work:
    """What was read of one event (rows by post or author id), and what has been decided so far.

    heads                      story id → post id of its representative
    held                       the evidence rows of each author as they stand
    author_words, post_words   the latest override per field
    persons                    author id → person, as a human confirmed
    targets                    targets of links that turn out to be posts: target → post id
    answerers                  authors of nothing but answers of whom nothing is known
    """

    event: str
    config_hash: str
    described: Event
    stored: dict[int, Stored]
    ties: dict[int, dict[str, Any]]
    labels: dict[int, dict[str, Any]]
    held: dict[int, list[tuple[Any, ...]]]
    heads: dict[int, int]
    author_words: dict[int, dict[str, str]]
    post_words: dict[int, dict[str, str]]
    persons: dict[int, int] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
    judged: dict[int, RelevanceLabel] = field(default_factory=dict)
    folded: list[Folded] = field(default_factory=list)
    new_ties: dict[int, dict[str, Any]] = field(default_factory=dict)
    new_labels: dict[int, Label] = field(default_factory=dict)
    answerers: set[int] = field(default_factory=set)
    ids: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = {item.post.key: item.post_id for item in self.stored.values()}

    @property
    def first(self) -> bool:
        """Whether nothing of the event was ever judged."""
        return not self.labels and all(row["relevance"] is None for row in self.ties.values())

    def kept(self, post_id: int) -> bool:
        """Whether somebody else's judgement of a post stands: it was told, and no override is there."""
        return self.ties[post_id]["decided_by"] in TOLD and post_id not in self.post_words

    def told_tie(self, post_id: int) -> bool:
        """Whether an import judged the post, so that words of a human change only the fields they name.

        Such a row keeps having no version of the rules; without an import, words alone leave one of the two empty.
        """
        row = self.ties[post_id]
        complete = row["relevance"] is not None and row["counted"] is not None
        return complete and row["decided_by"] in TOLD and row["rules_version"] is None

    def told_label(self, author_id: int) -> bool:
        """Whether an author's label was told by an import or a human."""
        return author_id in self.labels and self.labels[author_id]["decided_by"] in TOLD

    def told_before(self, author_id: int) -> Label | None:
        """The label that an import told and a human's words change in part; None when the rules are the ground."""
        row, words = self.labels.get(author_id), self.author_words.get(author_id, {})
        if row is None or row["decided_by"] not in TOLD or row["rules_version"] is not None:
            return None
        if row["decided_by"] == "human" and (_is_made_of(row, words) or words.keys() >= _SETTLES):
            return None  # words that arrived before anything was judged, or say it all
        return Label(
            side=row["side"], kind=row["kind"], subkind=row["subkind"] or "", attendance=row["attendance"],
            posterior=row["posterior"] or 0.0, organisation=row["organisation"] or "",
        )  # fmt: skip

    def relevance(self, post_id: int) -> str:
        """The relevance that holds: a human's word, what was told, or ours."""
        if word := self.post_words.get(post_id, {}).get("relevance"):
            return word
        if self.kept(post_id) or self.told_tie(post_id):
            return str(self.ties[post_id]["relevance"] or "")
        return self.judged[post_id].relevance

    def new_counted(self, post_id: int) -> bool:
        """Whether a post counts, by what is decided now or by what stands."""
        return bool((self.new_ties.get(post_id) or self.ties[post_id])["counted"])


def _is_made_of(row: Mapping[str, Any], words: Mapping[str, str]) -> bool:
    """Whether a label says nothing that these words of a human do not say by themselves."""
    alone = role.overridden(_NOTHING, words)
    return all((row[name] or "") == getattr(alone, name) for name in _TOLD_FIELDS)
