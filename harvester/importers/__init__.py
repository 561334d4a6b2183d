"""Files people already hold, as drafts and links.

A reader yields exactly one `Draft`, `Link` or `Refused` for each record of its file, so that a count of them is
the count of records; an `Edge` may come beside a draft. Readers never guess an encoding or a format themselves:
`detect.look` did, once, and refused what nobody here reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model import Draft, Edge, Link


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is no post: its named reason, and where in the file it stands.

    Reasons: `not_a_post` (a user, a count, a rule …), `bad_json`, `too_large`, `api_error`, `no_address`, `bad_link`,
    `mangled_id`, `no_text` (an X post of which only the id is left), `bad_row`; beside these stand the reasons for
    which `harvester.normalise` drops drafts.
    """

    reason: str
    where: str = ""
    detail: str = ""


Found = Draft | Link | Edge | Refused

__all__ = ["Found", "Refused"]
