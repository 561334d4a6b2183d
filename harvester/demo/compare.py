"""A database against the truth: which stories were found, missed or wrongly counted, and were the kinds right?

Precision and recall are of the strict sort. Stories: rows the report counts as written that are a true story,
each story once, over all such rows, and over all true stories, those that nobody can fetch included. Kinds:
the same with the author's kind right as well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from harvester import urls
from harvester.classify import RULES_VERSION
from harvester.demo.people import AUTHOR_ORDER
from harvester.demo.truth import index
from harvester.measure.frame import counted as counted_items
from harvester.store.items import load_frame, load_items

if TYPE_CHECKING:
    from datetime import datetime

    from harvester.measure.item import Item
    from harvester.store.connection import Connection

GOAL = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be; `admitted` when the truth says that it cannot be helped."""

    what: str
    url: str
    title: str
    why: str
    admitted: bool = False


@dataclass(slots=True, kw_only=True)
class Comparison:
    """The outcome. `kinds`: author kind → (true, found, counted as that kind, rightly so).

    `short`: short posts that count, of them counted, and others counted; shown, no part of the goal.
    """

    true: int = 0
    found: int = 0
    counted: int = 0
    kind_right: int = 0
    dated: int = 0
    day_right: int = 0
    short: tuple[int, int, int] = (0, 0, 0)
    kinds: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    missed: list[Finding] = field(default_factory=list)
    wrong: list[Finding] = field(default_factory=list)
    mislabelled: list[Finding] = field(default_factory=list)
    misdated: list[Finding] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the true stories that are counted."""
        return self.found / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        """Share of the counted rows that are true stories, each once."""
        return self.found / self.counted if self.counted else 1.0

    @property
    def kind_recall(self) -> float:
        """Share of the true stories that are counted under the right kind of author."""
        return self.kind_right / self.true if self.true else 1.0

    @property
    def kind_precision(self) -> float:
        """Share of the counted rows that are true stories under the right kind of author."""
        return self.kind_right / self.counted if self.counted else 1.0

    @property
    def admitted(self) -> int:
        """Missed stories that nobody can fetch."""
        return sum(finding.admitted for finding in self.missed)

    @property
    def good(self) -> bool:
        """Whether every share reaches the goal."""
        return min(self.recall, self.precision, self.kind_recall, self.kind_precision) >= GOAL

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        shares = ("recall", "precision", "kind_recall", "kind_precision", "admitted", "good")
        return asdict(self) | {name: getattr(self, name) for name in shares}


def compare(conn: Connection, truth: dict[str, Any], *, as_of: datetime) -> Comparison:
    """Judge what the report of the truth's event counts as written."""
    event, stories = truth["event"], truth["stories"]
    items = load_items(conn, event)
    frame = load_frame(conn, event, as_of=as_of, rules=RULES_VERSION)
    counted = counted_items(items, frame)
    written = [item for item in counted if item.group == "written"]
    by_form, canonicals = index(truth), _canonicals(conn, event)
    found: dict[str, Item] = {}
    outcome, optional = Comparison(), 0
    for item in written:
        url = _true_url(item, canonicals, by_form)
        record = truth["urls"].get(url, {})
        story = record.get("story", "")
        if stories.get(story, {}).get("optional"):
            optional += 1
        elif story not in stories:
            why = record.get("why", "an address that the truth does not know")
            outcome.wrong.append(Finding(what="wrongly counted", url=item.url, title=item.title, why=why))
        elif story in found:
            why = f"a second row of the story at {found[story].url}"
            outcome.wrong.append(Finding(what="counted twice", url=item.url, title=item.title, why=why))
        else:
            found[story] = item
    outcome.counted, outcome.found = len(written) - optional, len(found)
    must = {story: record for story, record in stories.items() if not record["optional"]}
    outcome.true = len(must)
    rows = _rows(items, canonicals, by_form, truth)
    for story, record in must.items():
        if story in found:
            _judge(outcome, record, found[story])
        else:
            outcome.missed.append(_missed(conn, event, record, rows.get(story, [])))
    outcome.kinds = _kinds(must, found, written)
    outcome.short = _short({item.key for item in counted if item.group == "micro"}, truth["posts"])
    return outcome


def _short(keys: set[str], posts: dict[str, Any]) -> tuple[int, int, int]:
    true = {key for key, record in posts.items() if record["counted"]}
    return len(true), len(keys & true), len(keys - true)


def _judge(outcome: Comparison, record: dict[str, Any], item: Item) -> None:
    """A found story: is the author's kind right, and the day?"""
    if item.author_kind == record["author_kind"]:
        outcome.kind_right += 1
    else:
        why = f"{record['author_kind']} ({record['why']}) taken for {item.author_kind}: {item.author or 'no author'}"
        outcome.mislabelled.append(Finding(what="mislabelled", url=item.url, title=item.title, why=why))
    if record["published"]:
        outcome.dated += 1
        outcome.day_right += item.local_day == record["published"]
        if item.local_day != record["published"]:
            why = f"published on {record['published']}, stored as {item.local_day or 'undated'}"
            outcome.misdated.append(Finding(what="misdated", url=item.url, title=item.title, why=why))


def _canonicals(conn: Connection, event: str) -> dict[str, str]:
    """Post key → the address its page calls canonical."""
    rows = conn.execute(
        "SELECT p.key, p.canonical_url FROM posts p JOIN event_posts ep ON ep.post_id = p.id WHERE ep.event = ?",
        (event,),
    )
    return {row["key"]: row["canonical_url"] or "" for row in rows}


def _true_url(item: Item, canonicals: dict[str, str], by_form: dict[str, str]) -> str:
    """The truth's address for a row, "" when it is in no truth."""
    for form in (item.key, item.url, canonicals.get(item.key, "")):
        for spelled in (form, *_forms(form)):
            if spelled in by_form:
                return by_form[spelled]
    return ""


def _forms(url: str) -> tuple[str, ...]:
    try:
        return urls.canonical(url), urls.key_for(url)
    except ValueError:
        return ()


def _rows(
    items: list[Item], canonicals: dict[str, str], by_form: dict[str, str], truth: dict[str, Any]
) -> dict[str, list[Item]]:
    """Story → the rows that hold one of its addresses, counted or not."""
    found: dict[str, list[Item]] = {}
    for item in items:
        story = truth["urls"].get(_true_url(item, canonicals, by_form), {}).get("story")
        if story:
            found.setdefault(story, []).append(item)
    return found


def _missed(conn: Connection, event: str, record: dict[str, Any], rows: list[Item]) -> Finding:
    """Why a story is not counted: the truth's own reason, or how far the crawl came with it."""
    url = record["urls"][0]
    if record["missed"]:
        why = f"admitted: {record['missed']}"
    elif rows:
        why = "; ".join(_fate(row) for row in rows)
    else:
        why = _trace(conn, event, record)
    return Finding(what="missed", url=url, title=record["title"], why=why, admitted=bool(record["missed"]))


def _fate(row: Item) -> str:
    if row.relevance != "confirmed":
        return f"stored, but judged {row.relevance or 'not at all'}"
    if not row.counted:
        return f"stored, not counted: {row.not_counted_reason or row.relation}"
    if row.group != "written":
        return f"stored as {row.kind}"
    return f"stored with the date {row.local_day or 'unknown'}, outside the window"


def _trace(conn: Connection, event: str, record: dict[str, Any]) -> str:
    """What frontier and rejections tell about a story that has no row."""
    told = []
    for url in (*record["urls"], *record["ways"]):
        like = url.split("://", 1)[1].rstrip("/").replace("%", "_") + "%"
        asked = conn.execute(
            "SELECT source, state, reason, http_status FROM frontier WHERE event = ? AND url LIKE '%' || ?",
            (event, like),
        )
        told += [f"{r['source']}: {r['state']} {r['reason'] or ''} {r['http_status'] or ''}".rstrip() for r in asked]
        dropped = conn.execute(
            "SELECT source, reason FROM rejected WHERE event = ? AND url LIKE '%' || ?", (event, like)
        )
        told += [f"{row['source']}: dropped, {row['reason']}" for row in dropped]
    return "; ".join(told) or f"never asked for; its way in was {record['route'] or 'unknown'}"


def _kinds(must: dict[str, Any], found: dict[str, Item], written: list[Item]) -> dict[str, tuple[int, int, int, int]]:
    """For every kind there is or was seen: true stories, of them found, rows of that kind, of them right."""
    table = {}
    for kind in AUTHOR_ORDER:
        true = [story for story, record in must.items() if record["author_kind"] == kind]
        right = sum(found[story].author_kind == kind for story in true if story in found)
        rows = sum(item.author_kind == kind for item in written)
        if true or rows:
            table[kind] = (len(true), sum(story in found for story in true), rows, right)
    return table
