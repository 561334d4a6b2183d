"""The dialogue of `harvest audit`: one story on the screen, one key an answer, stored before the next is shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click

from harvester import dates
from harvester.cli import _common, _keyboard
from harvester.cli._table import folded
from harvester.report.layout import width
from harvester.store import audits
from harvester.store.connection import write_tx
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harvester.measure.audit_sample import Story
    from harvester.store.connection import Connection

# key → (stored answer, what it means)
ANSWERS: Final = {
    "p": ("participant", "participant: took part"),
    "i": ("independent", "independent: did not"),
    "m": ("media", "media"),
    "o": ("owned", "owned: organiser, vendor, sponsor"),
    "a": ("aggregator", "aggregator: copies others"),
    "x": ("off_topic", "not about the event"),
    "u": ("unknown", "cannot tell"),
}
_OTHERS: Final = {
    "Enter": "skip", "t": "whole text", "w": "open in a browser", "e": "evidence (shows our label)",
    "b": "back: undo the last", "q": "stop",
}  # fmt: skip
_LINES: Final = 8  # of the text, before anybody asks for more
_WIDEST: Final = 100


def ask(conn: Connection, slug: str, drawn: Sequence[Story], auditor: str) -> tuple[int, bool]:
    """Ask about each story until the end, q or Ctrl-C: (how many are answered and stored, whether by Ctrl-C)."""
    done: list[int] = []  # places in the sample
    try:
        place = 0
        while place < len(drawn):
            step = _one(conn, slug, drawn[place], f"{place + 1} of {len(drawn)}", auditor, first=not done)
            if step == "undo":
                place = done.pop()
                with write_tx(conn):
                    audits.remove_answer(conn, slug, drawn[place].item.post_id)
                continue
            if step == "answered":
                done.append(place)
            place += 1
    except EOFError:
        return len(done), False
    except KeyboardInterrupt:
        return len(done), True
    return len(done), False


def _one(conn: Connection, slug: str, story: Story, count: str, auditor: str, *, first: bool) -> str:
    """Show a story and store its answer: "answered", "undo" of the last, "skipped", or "gone" with its post.

    Raises EOFError for "stop".
    """
    card = audits.card(conn, slug, story.item.post_id)
    if card is None or audits.answer_of(conn, slug, story.item.post_id):
        return "gone"  # erased, or answered in another window, since the sample was drawn
    at = dates.iso(_common.now())
    _put(["", count, *card_lines(card, _columns()), "", *legend(_columns())])
    while True:
        key = _key()
        if key in ANSWERS:
            truth, meaning = ANSWERS[key]
            with write_tx(conn):
                audits.save_answer(
                    conn, slug, story.item.post_id, predicted=story.now, truth=truth, auditor=auditor, at=at
                )
            _put([f"> {meaning.partition(':')[0]}"])
            return "answered"
        if key == "b" and not first:
            return "undo"
        if key in ("\r", "\n"):
            return "skipped"
        _help(conn, slug, key, card)


def _help(conn: Connection, slug: str, key: str, card: dict[str, Any]) -> None:
    """What the keys do that answer nothing."""
    if key == "q":
        raise EOFError
    if key == "t":
        paragraphs = (card["text"] or "no text was found").splitlines()
        _put(line for paragraph in paragraphs for line in folded(paragraph, "  ", columns=_columns()))
    elif key == "e":
        _put(line for text in _evidence(conn, slug, card) for line in folded(text, "", 4, columns=_columns()))
    elif key == "w" and card["url"].startswith(("http://", "https://")):
        click.launch(card["url"])
    elif key == "b":
        _put(["nothing to undo: this is the first story since you started"])
    else:
        _put(legend(_columns()))


def _key() -> str:
    """One key that is a letter or Enter; "" for any other."""
    click.echo("> ", nl=False)
    found = _keyboard.key()
    click.echo("\r", nl=False)
    return found if found.isalpha() or found in ("\r", "\n") else ""


def card_lines(card: dict[str, Any], columns: int) -> list[str]:
    """What a human needs to judge a story, folded to the terminal: nothing in it tells our label."""
    who = f"{card['name']} ({card['author']})" if card["author"] else "author unknown"
    facts = [who, card["local_day"] or "no date", card["publisher"] or card["host"] or card["platform"]]
    lines = [
        *folded(card["title"] or "(no title)", "  ", columns=columns),
        *folded(card["url"], "  ", columns=columns),
        *folded(" · ".join(facts), "  ", columns=columns),
    ]
    if card["bio"]:
        lines += folded(card["bio"], "  bio: ", 4, columns=columns)[:2]
    text = folded(card["text"] or "", "  ", columns=columns) if card["text"] else []
    more = ["  … (t: whole text)"] if len(text) > _LINES else []
    return [*lines, "", *text[:_LINES], *more] if text else lines


def legend(columns: int) -> list[str]:
    """The keys with what they mean, as many a line as fit."""
    parts = [f"{key} {meaning}" for key, (_, meaning) in ANSWERS.items()]
    parts += [f"{key} {meaning}" for key, meaning in _OTHERS.items()]
    lines = [parts[0]]
    for part in parts[1:]:
        joined = f"{lines[-1]}  {part}"
        lines[-1:] = [joined] if width(joined) <= columns and not part.startswith("Enter") else [lines[-1], part]
    return lines


def _evidence(conn: Connection, slug: str, card: dict[str, Any]) -> list[str]:
    from harvester.cli._trail import post_lines, writer
    from harvester.store import trail

    tie = trail.tie(conn, slug, card["post_id"])
    return post_lines({"event": slug, "post": tie, **writer(conn, slug, tie["author_id"] if tie else None)})


def _columns() -> int:
    return max(20, min(_WIDEST, _keyboard.size(sys.stdout)[0]))


def _put(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(shown(line))
