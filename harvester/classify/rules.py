"""The rule tables (`vocab/*.toml`) as values: what a rule is worth, and the words and hosts it fires on."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from harvester.model import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a table: `weight` in decibans for `side`; what else follows when it fires. `fitted`: estimated from
    hand-labelled pages, not a design decision."""

    id: str
    group: str
    weight: float
    reason: str
    side: str = "about"
    attendance: str = ""
    kind: str = ""
    subkind: str = ""
    fitted: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The rules of one question by id, with its numbers (thresholds) and prior decibans per side."""

    rules: dict[str, Rule]
    numbers: dict[str, float]
    prior: dict[str, float]


@cache
def vocabulary(name: str) -> dict[str, Any]:
    """One file of `vocab/` as it stands in the package."""
    return tomllib.loads(files("harvester.classify").joinpath("vocab", f"{name}.toml").read_text("utf-8"))


@cache
def table(question: str) -> Table:
    """The rules for `role` or `relevance`."""
    found = vocabulary("rules")[question]
    rules = {row["id"]: Rule(**row) for row in found["rule"]}
    numbers = {key: value for key, value in found.items() if isinstance(value, int | float)}
    return Table(rules, numbers, found.get("prior", {}))


@cache
def words(section: str) -> re.Pattern[str]:
    """The patterns of one section of `phrases.toml` as one alternation; texts are matched after `text.fold`."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in vocabulary("phrases")[section]["patterns"]))


def fire(rule_id: str, snippet: str, *, post_key: str = "", url: str = "", side: str = "") -> Evidence:
    """Evidence that a role rule fired on `snippet`; `side` only for rules that take it from elsewhere."""
    rule = table("role").rules[rule_id]
    return Evidence(
        rule=rule_id,
        group=rule.group,
        side=side or rule.side,
        weight=rule.weight,
        snippet=snippet[:200],
        post_key=post_key,
        source_url=url,
    )


def fire_relevance(rule_id: str, snippet: str, *, post_key: str = "") -> Evidence:
    """Evidence for (positive weight, side `about`) or against (`not`) a post being about the event."""
    rule = table("relevance").rules[rule_id]
    side = "about" if rule.weight >= 0 else "not"
    return Evidence(
        rule=rule_id, group=rule.group, side=side, weight=rule.weight, snippet=snippet[:200], post_key=post_key
    )
