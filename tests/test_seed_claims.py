"""The chapter of `docs/measures.md` that puts the first claims through the measures: every number in it, recomputed."""

import json
import re
from pathlib import Path

import pytest

from harvester.classify.organisation import employer_key
from harvester.cli import run
from harvester.measure import concentration, coverage, hidden, people, returning
from harvester.measure.bursts import lit_again
from harvester.measure.metric import STATES
from harvester.measure.ratio import chance_range
from tests import test_states
from tests.test_measures import frame, item
from tests.test_report import FX, one

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "measures.md").read_text("utf-8")
CHAPTER = " ".join(PAGE.partition("## The seed's claims, worked")[2].partition("\n## ")[0].split())
# What was said then, and what the measures are by their definition: the windows, the names, the fixture.
GIVEN = r"M\d\d|vol\. 2|December 2016|#2|\b(?:20|120|2,500|28|72|40|350,000|(?:66|46|70) %)(?![\d,.]\d|\d)"

MISSED = "70% of participants', 100% of media's"


@pytest.fixture(scope="module")
def fx(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fx")
    db, out = folder / "fx.db", folder / "fx.json"
    assert run(["import", "E2", str(FX), "--db", str(db)]) == 0
    assert run(["report", "E2", "--db", str(db), "--internal", "--json", "-o", str(out)]) == 0
    return json.loads(out.read_text("utf-8"))


def ratio(writers, outlets=20):
    """R of stories by writer and of outlets with one each, with its range."""
    found = chance_range(writers, [1] * outlets)
    return sum(writers) / outlets, found.lo, found.hi


def ranged(value, lo, hi, digits=1):
    return f"{value:.{digits}f}", f"{lo:.2f}–{hi:.2f}"


def media_and_participants():
    once, many = [1] * 120, [10] * 6 + [2] * 12 + [3] * 12
    r, lo, hi = ratio(once)
    assert (sum(many), len(many)) == (120, 30)
    yield "| every author wrote once | {} | {} |".format(*ranged(r, lo, hi))
    yield "| 30 people wrote the 120 (6 of them 10 each) | {} | {} |".format(*ranged(*ratio(many)))
    stories = [item(n, author=f"web:{n}") for n in range(120)]
    stories += [item(200 + n, "media", author=f"site:{n}") for n in range(20)]
    (missed,) = (row for row in coverage.measure(stories, frame()) if row.metric == "M04.ratio_if_missed")
    assert missed.value == r
    yield f"(`M04.ratio_if_missed`) | {missed.by[MISSED]:.1f} | not known |"
    yield f'20 by media, {r:.1f} to 1 or more (luck alone {lo:.1f} to {hi:.1f})."'
    yield f"the share of {120 / (120 + 20):.1%}".replace("%", " %")
    yield f"(by 30 people half of it comes from {concentration.absence_factor(many)})"
    yield "We found at least 120 articles by participants"


def new_and_back():
    growth = 0.46 / (1 - 0.66)
    now = round(100 * growth)
    before, here = frozenset(map(str, range(100))), frozenset(map(str, range(54, 54 + now)))
    group = returning.Returning(here, before, before)
    k, n, back, previous = len(group.new), len(here), len(group.back), len(before)
    new_range, back_range = people.chance(k, n), people.chance(back, previous)
    share = f"{k / n:.1%}; luck alone {new_range.lo * 100:.1f}–{new_range.hi:.1%}".replace("%", " %")
    rate = f"{back / previous:.1%}; {back_range.lo * 100:.1f}–{back_range.hi:.1%}".replace("%", " %")
    yield f"with {previous} people the first time they give {n} the second time, {k} of them new ({share})"
    yield f"and {back} back ({rate})."
    yield f"The second meetup was {growth:.3f} times the first: (1 − 0.66) of it is 0.46 of the first."
    yield f'"we lost {previous - back} %"'
    read = 1 - (1 - 0.617) * 0.7
    assert hidden.corrected_new(read, found_before=0.7, linked=1) == pytest.approx(0.617)
    yield f"61.7 % new reads as {read * 100:.1f} %"
    yield '"66 % were new, and 46 % of last time\'s attendees came back"'
    yield '"66 % retention"'


def rise_and_sink(fx):
    def row(metric, group):
        return one(fx, f"M06.{metric}", group, "participant")

    half, first, late = (row(name, "written") for name in ("t50", "first_day", "afterglow"))
    bounds, undated = late["bounds"], half["by"]["undated"]
    after = f"{late['num']} of {late['den']}"
    yield (f"| articles ({half['by']['n']} dated) | {half['value']:.1f} h | {first['num']} of {first['den']} |"
           f" {after} ({bounds['lo'] * 100:.0f}–{bounds['hi'] * 100:.0f} % with {undated} undated) |")  # fmt: skip
    half, first, late = (row(name, "micro") for name in ("t50", "first_day", "afterglow"))
    yield (f"| posts ({half['by']['n']}) | {half['value']:.1f} h | {first['num']} of {first['den']} |"
           f" {late['num']} of {late['den']} |")  # fmt: skip
    assert half["flags"] == ["half_while_live"]
    yield f"half of the articles after {row('t50', 'written')['value']:.1f} hours; {after} articles came after day 7."
    found = chance_range([1] * 20, [1] * 12)
    assert found.lo < 1 < found.hi
    yield f"no lift from 20 stories after 12: {20 / 12:.2f} times ({found.lo:.2f}–{found.hi:.2f})"
    daily = [30, 12, 6, 4, 3, 2, 2, 1, 1, 1, 0, 1, 1, 0, 9, 3, 1]
    (burst,) = lit_again(daily)
    yield (f"of {', '.join(map(str, daily))} stories a day it is day {burst.day} alone, {burst.count} after a mean of"
           f" {burst.mean:.1f}.")  # fmt: skip
    yield "| after day 7 |"


def first_follower(fx):
    share, median = one(fx, "M11.answered", "written"), one(fx, "M11.median_hours", "written")
    firsts = one(fx, "M11.first_followers", "written")
    k, n, ci = share["num"], share["den"], share["ci"]
    luck = f"{share['value'] * 100:.0f} %; luck alone {ci['lo'] * 100:.0f}–{ci['hi'] * 100:.0f} %"
    yield (f"Of {n} articles {k} were answered within 72 hours ({luck}), the median is {median['value']:.0f} hours, and"
           f" {firsts['value']} people were the first to answer one.")  # fmt: skip
    yield f'"{k} of {n} articles were answered within three days"'
    yield f"that {n - k} were ignored"
    assert "internal" in firsts["flags"]


def one_hop(fx):
    engaged, hop, audience = (one(fx, f"M12.{name}") for name in ("engaged", "one_hop", "potential"))
    lo, hi, unknown = audience["bounds"]["lo"], audience["bounds"]["hi"], audience["by"]["unknown"]
    yield f"{engaged['value']} people answered, {hop['value']} of them were not in the room."
    yield f"are followed by {lo:,} to {hi:,} accounts, {unknown} account unknown."
    yield f'"{hop["value"]} people beyond the room took it up"'
    yield f'"a reach of {hi:,}"'


def with_the_company():
    company = [item(n, author="web:c", author_subkind="corporate", organisation="Acme Inc.") for n in range(2500)]
    crowd = [item(3000 + n, author=f"web:{n}") for n in range(40)]
    rows = []
    for stories in (company + crowd, crowd):
        found = {row.metric: row for row in concentration.measure(stories, frame())}
        writers = [1] * 40 if stories is crowd else [2500] + [1] * 40
        rows.append((ratio(writers), found))
    (whole, both), (rest, alone) = rows
    assert {employer_key(name) for name in both["M15.elephant_factor"].by} == {employer_key("Acme Inc.")}
    assert "one_company" in both["M15.elephant_factor"].flags
    yield f"{2500 / 365:.1f} a day."
    yield "| `M02.ratio` | {} ({}) | {} ({}) |".format(*ranged(*whole), *ranged(*rest))
    for metric, digits in (("M15.elephant_factor", 0), ("M15.effective_writers", 2)):
        yield f"| `{metric}` | {both[metric].value:.{digits}f} | {alone[metric].value:.{digits}f} |"
    top, other = both["M15.top_share"].value, alone["M15.top_share"].value
    yield f"| `M15.top_share` | {top:.1%} | {other:.1%} |".replace("%", " %")
    yield f"One company wrote {top:.1%} of it; without it participants wrote {rest[0]:.1f} articles".replace("%", " %")
    yield f"{whole[0]:.0f} to 1 as the community's voice"


def test_every_number_of_the_chapter_comes_out_of_the_measures(fx):
    chapter = [*media_and_participants(), *new_and_back(), *rise_and_sink(fx), *first_follower(fx), *one_hop(fx),
            *with_the_company()]  # fmt: skip
    assert [words for words in chapter if words not in CHAPTER] == []
    rest = CHAPTER
    for words in sorted(chapter, key=len, reverse=True):
        rest = rest.replace(words, " ")
    rest = re.sub(GIVEN, " ", rest)
    assert re.findall(r".{0,30}\d.{0,30}", rest) == [], "a number that nothing computes"


def test_each_claim_says_what_may_be_said_what_not_and_what_to_read_with_it():
    claims = PAGE.partition("## The seed's claims, worked")[2].partition("\n## ")[0].split("\n### ")[1:]
    assert len(claims) == 6
    for claim in claims:
        heads = re.findall(r"^- \*\*(.*?):\*\*", claim, re.MULTILINE)
        assert heads == ["May be claimed", "Not", "Read with"], claim.splitlines()[0]
        assert re.search(r"`M\d\d", claim.rpartition("**Read with:**")[2]) or "each other" in claim


# Every metric id

LINE = re.compile(r"^\| `(M\d\d\.\w+)` \| (.+?) \| (.+?) \| (everybody|internal) \|$", re.MULTILINE)
TABLE = {name: (unit, states.split(", "), audience) for name, unit, states, audience in LINE.findall(PAGE)}
# Units that come with the data.
OPEN_UNITS = {"M13.reactions", "M21.typed_in"}


def test_the_table_has_every_metric_that_a_measure_can_write():
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "harvester" / "measure").glob("*.py"))
    written = set(re.findall(r'"(M\d\d\.\w+)"', sources)) | {f"M08.{name}" for name in ("new_share", "return_rate")}
    assert set(TABLE) == written
    assert list(TABLE) == sorted(TABLE)
    assert [
        name for name, (_, states, _) in TABLE.items() if states != [s for s in STATES_IN_ORDER if s in states]
    ] == []
    assert set(STATES_IN_ORDER) == set(STATES)


STATES_IN_ORDER = ("ok", "insufficient", "truncated", "unmeasured", "not_applicable")


def test_rows_have_the_unit_the_states_and_the_readers_of_the_table(tmp_path_factory, fx):
    rows = list(fx)
    for world in test_states.WORLDS.values():
        with test_states.reported(world, tmp_path_factory.mktemp("state")) as report:
            rows += json.loads(report("--json", "--internal"))
    for row in rows:
        unit, states, audience = TABLE[row["metric"]]
        assert row["status"] in states, row
        assert row["unit"] == unit or row["metric"] in OPEN_UNITS, row
        assert ("internal" in row["flags"]) == (audience == "internal"), row
