"""One case on one screen: what is asked, what is known, what an answer would change, and the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from harvester.classify.queue import Case, Counts, outcomes
from harvester.classify.rules import table as rules_of
from harvester.cli._changed import ratio
from harvester.cli._table import folded
from harvester.report.layout import cut
from harvester.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = {
    "p": "participant", "i": "independent", "m": "media", "o": "organiser", "v": "vendor", "s": "sponsor",
    "a": "aggregator", "u": "unknown",
}  # fmt: skip
_QUESTION: Final = {
    "author": "Who is the author?", "post": "Is it about the event?", "pair": "Is it the same text as the other one?",
}  # fmt: skip
_KEYS: Final = " ".join(f"[{key}]{kind[1:]}" for key, kind in KINDS.items())
_ABOUT: Final = {"author": "[y/n] about the event", "post": "[y/n] about the event", "pair": "[y/n] same text"}
_REST: Final = "[b]ack [t]ext [/]note [q]uit [?]help Enter: skip"
HELP: Final = (
    "p i m o v s a  the author is participant, independent, media, organiser, vendor, sponsor, aggregator",
    "u              unknown: you looked, and it cannot be told; the author is not asked about again",
    "y n            the post is, or is not, about the event; of a pair: one text, or two",
    "b              back: the case before, and what you said there is taken back",
    "t              the whole text and all of the evidence, however long",
    "/              a note, kept with your next answer as its reason",
    "Enter          skip: nothing is said",
    "q, Ctrl-C      end: the event is judged again with your words, and what that changed is told",
    "Every answer is stored at once.",
)
_BACK: Final = "Any key goes back to the case."
_LEAST_TEXT: Final = 2
_NARROWEST: Final = 20


class View(NamedTuple):
    """What is known of a case when it is shown: the post, its tie and its author's label (`store.trail`)."""

    post: Mapping[str, Any]
    tie: Mapping[str, Any] | None
    author: Mapping[str, Any] | None
    label: Mapping[str, Any] | None
    other: Mapping[str, Any] | None = None


class Place(NamedTuple):
    """Where in the queue a case stands, what was noted and what just happened."""

    number: int
    total: int
    note: str = ""
    said: str = ""


def draw(case: Case, view: View, counts: Counts, place: Place, size: tuple[int, int]) -> list[str]:
    """At most `size[1]` lines of at most `size[0]` columns; what does not fit is the evidence's and the text's end."""
    columns, rows = max(size[0], _NARROWEST), size[1]
    head, tail = _head(case, view, place, columns), _tail(case, counts, place, columns)
    evidence = [line for text in _evidence(view) for line in folded(text, "", 4, columns=columns)]
    room = max(0, rows - len(head) - len(tail))
    kept = _first(evidence, min(len(evidence), max(room - _LEAST_TEXT, room // 2)), columns)
    text = folded(shown(view.post["text"] or "")[: columns * rows], "  ", 2, columns=columns)[
        : max(0, room - len(kept))
    ]
    return [cut(line, columns) for line in (*head, *text, *kept, *tail)][: max(rows, 1)]


def _first(lines: list[str], count: int, columns: int) -> list[str]:
    if len(lines) <= count:
        return lines
    return [*lines[: count - 1], cut(f"… {len(lines) - count + 1} more lines", columns)] if count else []


def _head(case: Case, view: View, place: Place, columns: int) -> list[str]:
    post, author = view.post, view.author
    by = f"{author['name']} ({author['author']})" if author else "nobody named"
    lines = [
        cut(f"{place.number} of {place.total}   {_QUESTION[case.what]}", columns),
        *folded(shown(post["title"] or "(no title)"), "", 2, columns=columns)[:2],
        *folded(post["url"], "", 2, columns=columns)[:2],
        cut(f"by {by}, {post['local_day'] or 'undated'}, {post['kind']}", columns),
    ]
    if view.other:
        lines += [cut(f"like {view.other['title'] or '(no title)'}", columns), cut(f"  {view.other['url']}", columns)]
    why = ", ".join(case.reasons) + (f"; {_plural(case.stories)} in the ratio" if case.stories else "")
    return [*lines, *folded(why, "why  ", 5, columns=columns)[:2]]


def _plural(stories: int) -> str:
    return f"{stories} written {'story' if stories == 1 else 'stories'}"


def _evidence(view: View) -> list[str]:
    """Each rule that fired with its weight, as `harvest explain` tells it; what it adds up to; then relevance."""
    lines = []
    if view.label is not None:
        rules = rules_of("role").rules
        lines += [_rule(found, found["side"], rules) for found in view.label["evidence"]]
        posterior = "" if view.label["posterior"] is None else f" {view.label['posterior']:.3f}"
        lines.append(f"= {view.label['kind']}{posterior}, runner-up {view.label['runner_up'] or 'none'}, "
                     f"attendance {view.label['attendance']}, decided by {view.label['decided_by']}")  # fmt: skip
    if view.tie is not None:
        rules = rules_of("relevance").rules
        lines += [_rule(found, "", rules) for found in view.tie["reasons"]]
        score = "" if view.tie["score"] is None else f" {view.tie['score']:+g}"
        lines.append(f"= {view.tie['relevance'] or 'not judged'}{score}, decided by {view.tie['decided_by']}")
    return lines


def _rule(found: Mapping[str, Any], side: str, rules: Mapping[str, Any]) -> str:
    rule = rules.get(found.get("rule", ""))
    quoted = f': "{found["snippet"]}"' if found.get("snippet") else ""
    told = f"{side} " if side else ""
    return shown(f"{found.get('weight', 0):+g} {told}{found.get('rule')} {rule.reason if rule else ''}{quoted}")


def _tail(case: Case, counts: Counts, place: Place, columns: int) -> list[str]:
    """What the answers would change, what was said and noted, and the keys."""
    told = [f"{answer} {ratio(after)}" for answer, after in outcomes(case, counts)]
    change = f"now {ratio(counts)}; {', '.join(told)}" if case.stories else f"now {ratio(counts)}; no answer changes it"
    lines = folded(change, "ratio  ", 7, columns=columns)
    if place.note:
        lines.append(cut(f"note: {place.note}", columns))
    if place.said:
        lines += folded(shown(place.said), "> ", 2, columns=columns)[:2]
    return [*lines, *folded(f"{_KEYS} {_ABOUT[case.what]} {_REST}", "", 0, columns=columns)]


def whole(view: View, columns: int) -> list[str]:
    """All of the text and all of the evidence of a case, for who scrolls."""
    columns = max(columns, _NARROWEST)
    paragraphs = (view.post["text"] or "no text was found").splitlines()
    text = [line for paragraph in paragraphs for line in folded(shown(paragraph), "  ", 2, columns=columns)]
    evidence = [line for told in _evidence(view) for line in folded(told, "", 4, columns=columns)]
    return [cut(line, columns) for line in (*text, "", *evidence, "", _BACK)]


def help_page(size: tuple[int, int]) -> list[str]:
    """What each key does."""
    columns = max(size[0], _NARROWEST)
    indent = 15 if columns >= 60 else 4
    texts = [text if indent > 4 else " ".join(text.split()) for text in HELP]
    lines = [line for text in texts for line in folded(text, "", indent, columns=columns)]
    return [cut(line, columns) for line in (*lines, "", _BACK)][: max(size[1], 1)]
