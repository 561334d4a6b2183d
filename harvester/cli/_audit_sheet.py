"""The sample of an audit as a sheet: written blind, filled in by people in any spreadsheet, read back whole or not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from harvester import cells, dates
from harvester.cli._output import replacing
from harvester.errors import InputError
from harvester.importers import Refused
from harvester.importers.files import encoding_of, head_of
from harvester.importers.sheet import layout_of, plain_name, rows_of, sample_of
from harvester.measure.audit_sample import TRUTHS
from harvester.measure.volume import column_of
from harvester.model import AUTHOR_KINDS
from harvester.store import audits, trail
from harvester.store.connection import write_tx
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from harvester.measure.audit_sample import Story
    from harvester.store.connection import Connection

_TRUTH = f"truth ({', '.join(TRUTHS)})"
_COLUMNS: Final = ("post", "title", "address", "author", "published", _TRUTH, "drawn")
_NAMES: Final = tuple(plain_name(column) for column in _COLUMNS)
# What people write for an answer, without case, blanks and punctuation.
_WORDS: Final = {
    **{plain_name(kind): column_of(kind) for kind in AUTHOR_KINDS}, **{plain_name(truth): truth for truth in TRUTHS},
    "organizer": "owned", "p": "participant", "i": "independent", "m": "media", "o": "owned", "a": "aggregator",
    "x": "off_topic", "u": "unknown", "参加者": "participant", "独立": "independent", "媒体": "media",
    "メディア": "media", "主催": "owned", "主催者": "owned", "公式": "owned", "転載": "aggregator",
    "無関係": "off_topic", "対象外": "off_topic", "不明": "unknown",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """A row with an answer: about which post, drawn when ("" not told), and what became of it (`new` …)."""

    post_id: int
    truth: str
    drawn: str
    state: str


def write(conn: Connection, slug: str, drawn: Sequence[Story], path: Path, now: datetime) -> None:
    """A line a story in the order of the sample. Raises InputError rather than replace a sheet with answers in it."""
    if path.exists():
        raise InputError(f"{path}: is there already and may hold answers; name another file")
    with replacing(path) as file:
        file.write("\ufeff" + cells.line(_COLUMNS) + "\n")  # without the mark Excel reads Japanese as rubbish
        for story in drawn:
            card = audits.card(conn, slug, story.item.post_id)
            if card is None:
                continue
            who = f"{card['name']} ({card['author']})" if card["author"] else ""
            told = (card["key"], card["title"] or "", card["url"], who, card["local_day"] or "", "", dates.iso(now))
            file.write(cells.line(shown(cell) for cell in told) + "\n")


def read(conn: Connection, slug: str, path: Path, *, replace: bool) -> tuple[list[Answer], int]:
    """The answers in a sheet, and how many rows have none yet. Raises InputError with every problem, each by line."""
    encoding = encoding_of(path, head_of(path))
    layout = layout_of(sample_of(path, encoding), _score)
    names = [plain_name(name) for name in layout.header] if layout else []
    if "truth" not in names or not {"post", "address"} & set(names):
        raise InputError(f"{path}: needs the columns truth and post (or address), as --export writes them")
    answers: dict[int, Answer] = {}
    problems: list[str] = []
    blank = 0
    for where, row in rows_of(path, encoding, _score)[1]:
        if isinstance(row, Refused):
            problems.append(f"{path}: {where}: {row.detail or row.reason}")
            continue
        cell = dict(zip(names, (text.strip() for text in row), strict=False))
        if not cell.get("truth"):
            blank += 1
            continue
        try:
            answer = _answer(conn, slug, cell, replace=replace)
            if answers.setdefault(answer.post_id, answer).truth != answer.truth:
                raise ValueError("answers a post a second time, and differently; keep one of the two rows")
        except ValueError as problem:
            problems.append(f"{path}: {where}: {problem}")
    if problems:
        problems.append("Nothing was stored; mend the file and give it again.")
        raise InputError(f"{path}: {len(problems) - 1} problems", tuple(problems))
    if not answers:
        raise InputError(f"{path}: no row has an answer in its column truth")
    return list(answers.values()), blank


def _score(row: list[str]) -> int:
    return sum(plain_name(cell) in _NAMES for cell in row)


def _answer(conn: Connection, slug: str, cell: dict[str, str], *, replace: bool) -> Answer:
    """One row. Raises ValueError with what is wrong with it."""
    word = cell["truth"]
    truth = "unknown" if word in ("?", "？") else _WORDS.get(plain_name(word))
    if truth is None:
        raise ValueError(f"{word!r} is no answer; write one of {', '.join(TRUTHS)}")
    reference = (cell.get("post") or cell.get("address") or "").removeprefix("'")
    post = trail.find_post(conn, reference) if reference else None
    if post is None:
        raise ValueError(f"no post {reference!r} in this database; keep the column post as it was written")
    if trail.tie(conn, slug, post["id"]) is None:
        raise ValueError(f"{reference} is no post of {slug}; import the sheet for the event it was drawn from")
    drawn = cell.get("drawn", "").removeprefix("'")
    moment = ""
    with suppress(ValueError):
        moment = dates.iso(dates.parse_iso(drawn)) if drawn else ""
    if drawn and not moment:
        raise ValueError(f"{drawn!r} is no moment; leave the column drawn as it was written, or empty")
    held = audits.answer_of(conn, slug, post["id"])
    if held is None:
        return Answer(post["id"], truth, moment, "new")
    if held["truth"] == truth:
        return Answer(post["id"], truth, moment, "unchanged")
    if not replace:
        raise ValueError(f"{reference} was answered {held['truth']} before; empty the cell, or use --replace")
    return Answer(post["id"], truth, held["at"], "replaced")


def store(conn: Connection, slug: str, answers: Sequence[Answer], auditor: str, now: datetime) -> dict[str, int]:
    """Store all answers in one transaction; how many are new, replaced and unchanged.

    What we took a post for is its label of when the sheet was written, or, replaced, of when it was first answered.
    """
    counts = dict.fromkeys(("new", "replaced", "unchanged"), 0)
    with write_tx(conn):
        for answer in answers:
            counts[answer.state] += 1
            if answer.state == "unchanged":
                continue
            at = answer.drawn or dates.iso(now)
            held = audits.answer_of(conn, slug, answer.post_id)
            predicted = held["predicted"] if held else column_of(audits.predicted_at(conn, slug, answer.post_id, at))
            audits.save_answer(
                conn, slug, answer.post_id, predicted=predicted, truth=answer.truth, auditor=auditor, at=at
            )
    return counts
