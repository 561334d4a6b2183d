"""Leader candidates for the organisers' eyes: tiers and evidence, no ranks, nothing at all in a public report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.report.anchors import led
from harvester.report.anchors import number as number_of
from harvester.report.blocks import Prose, Section, Table, columns
from harvester.report.states import state
from harvester.report.vocabulary import word
from harvester.report.words import number

if TYPE_CHECKING:
    from harvester.measure.metric import Metric
    from harvester.report.blocks import Cell
    from harvester.report.build import Report
    from harvester.report.language import Language

_OPEN = 3  # pieces of evidence a person that the table links


def leaders(report: Report, say: Language) -> Section:
    """Whom to have a coffee with, and what says so."""
    rows = report.all("M14.leader")
    title = say("Leader candidates")
    if not rows:
        return Section(name="leaders", title=title)
    tiers = report.get("M14.tiers")
    lead = next((Prose(worth_a_coffee(row, say), to=number_of(row)) for row in rows
                 if row.by["tier"] == "candidate"), "")  # fmt: skip
    facts = ((say("State"), reasons),) if tiers and (reasons := state(tiers, say)) else ()
    lines = tuple(_line(row, say) for row in rows)
    heads = columns(
        say("Person"), say("Tier"), say("Quadrant"), "#" + say("Events"), say("Made"), "#" + say("Picked up by"),
        "#" + say("Linked"), "#" + say("Followers"), say("Evidence"),
    )  # fmt: skip
    note = say("No ranks: tiers, and what says so. Followers never enter them. The list is for organisers.")
    table = Table(caption=say("Who could run the next one"), columns=heads, rows=lines, note=note, stacks=True)
    return Section(name="leaders", title=title, lead=lead, facts=facts, tables=(table,))


def worth_a_coffee(row: Metric, say: Language) -> str:
    """What may be said instead of a rank."""
    by = row.by
    if not by["pull"]:
        return say.many(
            "{who} contributed to {n} event, and linked other participants: worth a coffee.",
            "{who} contributed to {n} events, and linked other participants: worth a coffee.",
            by["events"], who=by["name"],
        )  # fmt: skip
    wrote = say.many("{who} wrote at {n} event", "{who} wrote at {n} events", by["events"], who=by["name"])
    return say.many(
        "{wrote} and {n} person picked it up: worth a coffee.",
        "{wrote} and {n} people picked it up: worth a coffee.",
        by["pull"], wrote=wrote,
    )  # fmt: skip


def _line(row: Metric, say: Language) -> tuple[Cell, ...]:
    by = row.by
    name = say("{who} (writes for {company})", who=by["name"], company=by["organisation"]) if by["organisation"] else (
        say("{who} (corporate)", who=by["name"]) if by["corporate"] else str(by["name"])
    )  # fmt: skip
    tier = "" if by["tier"] == "none" else word(by["tier"], say)
    followers = say("unknown") if by["followers"] is None else f"{by['followers']:,}"
    made = say(", ").join(word(kind, say) for kind in ("written", "talk", "micro") if kind in by["kinds"])
    evidence = row.variants["evidence"]
    shown = " · ".join(_link(line) for line in evidence["wrote"]["links"][:_OPEN])
    return (
        name, tier, word(by["quadrant"], say), led(number(by["events"]), row), made, led(number(by["pull"]), row),
        led(number(by["give"]), row), led(followers, row), shown,
    )  # fmt: skip


def _link(line: dict[str, Any]) -> str:
    return str(line["url"] or line["title"] or line["post"])


def in_short(row: Metric, say: Language) -> list[str]:
    """What one person did, in phrases: picked up by how many, linked how many."""
    told = []
    if row.by["pull"]:
        told.append(say("picked up by {n}", n=row.by["pull"]))
    if row.by["give"]:
        told.append(say.many("linked {n} peer", "linked {n} peers", row.by["give"]))
    return told
