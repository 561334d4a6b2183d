"""Whether a body is all there, where only its words can tell: one whose end was the end of the connection.

What claimed a length or an encoding is checked before (`truncated`, asked for again). An HTTP/1.0 page without a
length is stored, but marked `partial` when it does not close: it replaces nothing that we have whole.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from harvester.model import PARTIAL

if TYPE_CHECKING:
    from scrapy.http import Response

    from harvester.model import Draft, Parsed

_END: Final = re.compile(rb"</html\s*>", re.IGNORECASE)
_TAIL: Final = 64 << 10  # bytes: scripts and comments may follow


def checked(parsed: Parsed, response: Response) -> Parsed:
    """`parsed`, with PARTIAL among its flags and those of each draft that may lack its end."""
    if parsed.kind == "feed":  # its reader looked for the closing tag; only the last entry can have been cut
        drafts = (*parsed.drafts[:-1], *map(_cut, parsed.drafts[-1:])) if PARTIAL in parsed.flags else parsed.drafts
        return replace(parsed, drafts=drafts)
    if PARTIAL not in response.flags or _END.search(response.body[-_TAIL:]):
        return parsed
    return replace(parsed, flags=(*parsed.flags, PARTIAL), drafts=tuple(map(_cut, parsed.drafts)))


def _cut(draft: Draft) -> Draft:
    return replace(draft, flags=(*draft.flags, PARTIAL))
