"""Audited stories of an event as the estimate of weights reads them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harvester.classify.role import SIDE_OF
from harvester.measure.weights import Audited
from harvester.store import audits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harvester.measure.audit_sample import Story
    from harvester.store.connection import Connection


def audited(conn: Connection, slug: str, found: Iterable[Story]) -> list[Audited]:
    """Every story that was answered with a side, the rules that fired on its author, and how many it stands for."""
    found = [story for story in found if story.truth or not story.told]
    there = Counter(story.predicted or story.then[1] for story in found)
    asked = Counter(story.predicted for story in found if story.truth)
    fired = audits.fired(conn, slug)
    sides = {**SIDE_OF, "owned": "owned"}
    return [
        Audited(
            side=sides[story.truth],
            share=there[story.predicted] / asked[story.predicted],
            fired=fired.get(story.item.post_id, frozenset()),
        )
        for story in found
        if story.truth not in ("", "unknown", "off_topic")
    ]
