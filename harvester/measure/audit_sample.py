"""Who is asked, in which order, and which answers speak for which open stories.

A story is drawn by a hash of seed and key, so that a database that grew goes on with the sample it had. Answers count
in the class that the story had when it was drawn: what was corrected after the answer, and because of it, would
otherwise leave the open stories looking better than they are.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harvester.measure.audit import FEW, Stratum
from harvester.measure.frame import counted
from harvester.measure.volume import COLUMNS, column_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.measure.frame import Frame
    from harvester.measure.item import Checked, Item

# What a human may answer. `off_topic`: not about the event, or no story at all. `unknown`: cannot tell.
TRUTHS: Final = ("participant", "independent", "media", "owned", "aggregator", "off_topic", "unknown")
# Classes asked about whole: media are few and divide the ratio, unknown ones have no label that could be right.
WHOLE: Final = ("media", "unknown")
# Stories of each other class. 50 answers tell 94 % right from 84 %; their open stories widen the range by what they may
# hide, a medium among the owned as much as a participant, so none of them is left out.
SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Story:
    """A counted written story as the audit sees it; classes are columns of the volume table.

    now                its class today
    then               its class at the first and at the last answer of the event
    predicted, truth   its class when it was drawn, and what was answered; "" not asked
    told               whether a human decided its author outside the audit: nothing is left to ask
    """

    item: Item
    now: str
    then: tuple[str, str]
    predicted: str = ""
    truth: str = ""
    told: bool = False


def stories(items: list[Item], frame: Frame) -> list[Story]:
    """The stories that an audit is about: counted and written, as the ratio has them."""
    checks = {check.post_id: check for check in frame.audits}
    found = []
    for item in counted(items, frame):
        if item.group != "written":
            continue
        now, check = column_of(item.author_kind), checks.get(item.post_id)
        found.append(_story(item, now, check) if check else Story(item, now, (now, now)))
    return found


def _story(item: Item, now: str, check: Checked) -> Story:
    then = (column_of(check.then[0]), column_of(check.then[1])) if check.then else (now, now)
    if not check.truth:
        return Story(item, now, then, told=check.told)
    predicted = column_of(check.predicted)
    if check.told or predicted not in then:  # what a human changed after the answer says nothing about the others
        then = (predicted, predicted)
    truth = check.truth if check.truth in TRUTHS else column_of(check.truth)
    return Story(item, now, then, predicted, truth, check.told)


def rank(seed: str, key: str) -> str:
    """The place of a story in the order of a seed, as hex digits."""
    return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()


def plan(found: Iterable[Story], size: int = SIZE) -> dict[str, tuple[int, int]]:
    """Predicted class → (stories to ask about in all, stories), classes without a story left out."""
    there = Counter(story.now for story in found if not story.told)
    return {c: (there[c] if c in WHOLE else min(size, there[c]), there[c]) for c in COLUMNS if there[c]}


def draw(found: Sequence[Story], seed: str, size: int = SIZE) -> list[Story]:
    """The stories still to be asked about, classes mixed: wherever a human stops, each is as far as the others."""
    wanted = plan(found, size)
    by_class: dict[str, list[tuple[str, Story]]] = defaultdict(list)
    for story in found:
        if not story.told:
            by_class[story.now].append((rank(seed, story.item.key), story))
    order: list[tuple[float, str, Story]] = []
    for name, mine in by_class.items():
        sample = sorted(mine, key=lambda entry: entry[0])[: wanted[name][0]]
        left = [entry for entry in sample if not entry[1].truth]
        order += [((i + 0.5) / len(left), place, story) for i, (place, story) in enumerate(left)]
    return [story for _, _, story in sorted(order, key=lambda entry: entry[:2])]


def strata(found: Iterable[Story]) -> tuple[list[Stratum], Counter[str]]:
    """(strata by predicted class, stories whose class people told outside the sample).

    Stories that changed their class between the first and the last answer are strata of their own, for every random
    sample is one of each part too; parts with too few answers go with the class they came to. "Cannot tell" leaves a
    story open.
    """
    known: Counter[str] = Counter()
    still: Counter[tuple[str, str]] = Counter()
    answers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for story in found:
        if story.truth not in ("", "unknown"):
            answers[story.then][story.truth] += 1
        elif story.told and story.now != "unknown":
            known[story.now] += 1
        else:
            still[story.then] += 1
    for then in [then for then in {**still, **answers} if then[0] != then[1]]:
        if still[then] and sum(answers[then].values()) < FEW:
            last = (then[1], then[1])
            still[last] += still.pop(then)
            answers[last].update(answers.pop(then, Counter()))
    cells = sorted({*(then for then, n in still.items() if n), *answers}, key=lambda c: (COLUMNS.index(c[1]), c))
    return [Stratum(then[1], still[then], dict(answers.get(then, {}))) for then in cells], known
