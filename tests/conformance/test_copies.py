"""Which posts are one story, on copies and look-alikes made of real pages: pairs found, pairs missed, per class."""

from __future__ import annotations

from functools import cache

import pytest

from tests.conformance.copies import Made, Score, folded, sources
from tests.conformance.copy_classes import CLASSES

PRECISION, RECALL = 0.99, 0.95  # wanted of all pairs; floors of a class below
FLOORS = dict.fromkeys((build.__name__ for build in CLASSES), (0.99, 0.95))


@cache
def made(number: int) -> Made:
    return CLASSES[number]()


@cache
def scored(number: int) -> Score:
    return folded(made(number))


@pytest.mark.parametrize("number", range(len(CLASSES)), ids=[build.__name__ for build in CLASSES])
def test_each_class_by_itself(number: int) -> None:
    found = scored(number)
    name = CLASSES[number].__name__
    print(
        f"\n{name}: {len(made(number).posts)} posts, precision {found.precision:.4f} of {found.said} pairs, "
        f"recall {found.recall:.4f} of {found.true}, {len(found.wrong)} placed wrongly"
    )
    precision, recall = FLOORS[name]
    assert found.precision >= precision
    assert found.recall >= recall
    assert len(found.wrong) <= 0.02 * len(made(number).posts), found.wrong[:5]


def test_all_classes_together() -> None:
    total = Score(0, 0, 0, ())
    for number in range(len(CLASSES)):
        total += scored(number)
    print(f"\nall: precision {total.precision:.4f} of {total.said} pairs, recall {total.recall:.4f} of {total.true}")
    assert total.precision >= PRECISION
    assert total.recall >= RECALL
    assert bool(total.said) == bool(sources())
