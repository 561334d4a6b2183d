"""Employers of an event's corporate writers, put into their labels with the clue as evidence of no weight."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harvester.classify import declared
from harvester.classify.organisation import GROUP, Writer, employers
from harvester.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harvester.model import Author, Label, Post
    from harvester.stages.work import Work


def name_employers(work: Work, posts: Mapping[int, Sequence[Post]], authors: Mapping[int, Author]) -> None:
    """Fill `organisation` of the new labels of corporate participants; an employer that a file told stays."""
    writers = [
        Writer(author_id=author_id, author=authors[author_id], posts=posts.get(author_id, ()),
               listed=_listed(work, authors[author_id]))
        for author_id, label in work.new_labels.items()
        if _corporate(label) and author_id in authors
    ]  # fmt: skip
    for author_id, employer in employers(writers).items():
        label = work.new_labels[author_id]
        if label.organisation:
            continue
        line = Evidence(rule=employer.rule, group=GROUP, side=label.side, weight=0, snippet=employer.snippet[:200],
                        post_key=employer.post_key, source_url=employer.url)  # fmt: skip
        work.new_labels[author_id] = replace(label, organisation=employer.name, evidence=(*label.evidence, line))


def _corporate(label: Label) -> bool:
    """A participant on a company's blog; one who also spoke is shown as a speaker and still writes for somebody."""
    on_a_company_blog = any(line.rule == "H7" for line in label.evidence)
    return label.kind == "participant" and (label.subkind == "corporate" or on_a_company_blog)


def _listed(work: Work, author: Author) -> str:
    found = declared.on_lists(author, "", work.described, alone=False)
    return next((entry.organisation for entry in found if entry.organisation), "")
