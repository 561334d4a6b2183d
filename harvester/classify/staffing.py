"""Did the writer help to run the event? Phrases in the title and the opening, third persons and calls out."""

from __future__ import annotations

from harvester.classify.clauses import around, told

OPENING = 600  # characters of a text in which people say what they did there


def organised(title: str, text: str) -> str:
    """What says that the writer ran the event, "" when nothing does. Both are text after `text.fold`."""
    opening = f"{title}\n{text[:OPENING]}"
    for searched, section in ((opening, "staff"), (title, "staff_title")):
        for match, _ in told(searched, (section,), unless=("third_person", "not_staff")):
            return around(searched, match)
    return ""
