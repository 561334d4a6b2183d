"""SQL behind the numbers of posts: the rows that a reader gets who asks which they are. `:event` is bound.

The view `event_items` leaves out who opted out; its `in_window` is `frame.in_window` for posts about the event.
"""

from __future__ import annotations

from typing import Final

OF_ANY_DAY: Final = "SELECT * FROM event_items WHERE event = :event AND counted = 1 AND relevance = 'confirmed'"
# What every volume counts, as `frame.counted` does.
COUNTED: Final = f"{OF_ANY_DAY} AND in_window = 1"
# About the event and in its window, seen and not counted.
NOT_COUNTED: Final = COUNTED.replace("counted = 1", "counted = 0")
# Of which a day is known.
DATED: Final = "published_precision IN ('second', 'minute', 'first_seen', 'day')"
# People with such a story as participants; the view looks at the window itself.
WRITERS: Final = "SELECT * FROM contributors WHERE event = :event"


def writers_of(group: str = "any") -> str:
    """People with such a story in a group (written, talk, micro), or in any."""
    column = {"written": "written", "talk": "talks", "micro": "microposts"}.get(group)
    return f"{WRITERS} AND {column} > 0" if column else WRITERS
