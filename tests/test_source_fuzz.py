"""Every source against answers that keep JSON's form and nothing else: a value is missing, or of another kind.

A callback then says what it found or refuses the page by name. Any other error would be told as a fault of ours, and
what nobody can store would fail the page in the database.
"""

import copy
import json
import random
from dataclasses import fields

import pytest
from scrapy import Request

from harvester.errors import ParseFailed
from harvester.model import Draft
from harvester.normalise import normalise
from tests.test_sources import CASES, case_of

SEED = 20260503
TRIES = 25  # changed answers for each recorded one
MOST = 3  # values changed in one answer
OTHERS = (None, [], {}, "", 1, True, -1, 1.5, "x", [None], {"x": None}, 2**70, "\ud800")
LARGEST = 2**63  # of the database's whole numbers
MISSING = object()


def values_of(body):
    """The JSON value of a body, and whether it stood in lines; None when it is none."""
    for told, lines in ((body, False), (b"[" + b",".join(body.split(b"\n")).rstrip(b",") + b"]", True)):
        try:
            return json.loads(told), lines
        except ValueError:
            continue
    return None


def answers():
    """The recorded answers whose bodies are JSON, without those that no callback is given."""
    for name in CASES:
        case = case_of(name)
        told = case.told
        given = told.get("status", 200) in (200, *told.get("meta", {}).get("handle_httpstatus_list", ()))
        if told.get("callback") != "start" and given and values_of(case.body):
            yield name


def places(value):
    """(container, key) of every value inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield value, key
        yield from places(each)


def changed(dice, value):
    """The value with some of what is in it gone or replaced."""
    value = copy.deepcopy(value)
    for _ in range(dice.randint(1, MOST)):
        found = list(places(value))
        other = dice.choice((MISSING, *OTHERS))
        if not found or dice.random() < 0.02:
            return None if other is MISSING else other
        container, key = dice.choice(found)
        if other is MISSING:
            del container[key]
        else:
            container[key] = copy.deepcopy(other)
    return value


def body_of(value, lines):
    rows = value if lines and isinstance(value, list) else [value]
    return "\n".join(json.dumps(row) for row in rows).encode() if lines else json.dumps(value).encode()


def fits(value, kind):
    """Whether a value is what a field of that declared kind takes, and the database too."""
    if value is None:
        return "None" in kind
    if kind == "str":
        return isinstance(value, str)
    if kind.startswith("int"):
        return type(value) is int and abs(value) < LARGEST
    if kind == "tuple[str, ...]":
        return all(isinstance(each, str) for each in value)
    if kind == "tuple[tuple[str, int], ...]":
        return all(fits(name, "str") and fits(number, "int") for name, number in value)
    return True


def wrong(item):
    """The fields of what was found that hold something else than they are declared to hold."""
    told = ((f"{type(item).__name__}.{field.name}", getattr(item, field.name), field.type) for field in fields(item))
    return [f"{name} is {value!r}" for name, value, kind in told if not fits(value, kind)]


def check(found, spider):
    for item in found:
        if isinstance(item, Request):
            continue
        assert not wrong(item)
        if isinstance(item, Draft):
            assert not wrong(item.author)
            normalise(item, spider.event, now=spider.now)


@pytest.mark.parametrize("name", list(answers()))
def test_an_answer_of_another_shape_is_read_or_refused(name):
    dice = random.Random(f"{SEED} {name}")
    value, lines = values_of((case_of(name)).body)
    for _ in range(TRIES):
        case = case_of(name)
        case.body = body_of(changed(dice, value), lines)
        callback = getattr(case.spider, case.told.get("callback", "parse"))
        try:
            check(list(callback(case.response())), case.spider)
        except ParseFailed:
            continue
        except Exception as error:
            raise AssertionError(f"{name}: {case.body.decode()}") from error
