"""The fields of each interchange record, in the order they are written, and the other names they are read under.

Forms: text, whole (integer), real, flag (0/1), time (stored time text), day (a day or a time), texts (list),
objects (list of objects), json (as it is). The other names are those of tables that people convert by hand.
"""

from __future__ import annotations

from typing import Any, Final

from harvester.model import ATTENDANCE, AUTHOR_KINDS, EDGE_TYPES, KINDS, PRECISIONS, RELATIONS, RELEVANCE, SIDES

FIELDS: Final[dict[str, dict[str, str]]] = {
    "event": {
        "event": "text", "name": "text", "series": "text", "edition": "text", "starts_at": "time", "ends_at": "time",
        "timezone": "text", "report_timezone": "text", "city": "text", "hashtags": "texts", "names": "texts",
        "registered": "whole", "attended": "whole", "media_outlets": "whole", "config": "text", "config_hash": "text",
    },
    "author": {
        "author": "text", "platform": "text", "handle": "text", "name": "text", "url": "text", "bio": "text",
        "organisation": "text", "website": "text", "is_org": "flag", "followers": "whole", "opted_out": "flag",
        "people": "objects",
    },
    "run": {
        "run": "text", "command": "text", "event": "text", "started_at": "time", "ended_at": "time",
        "run_status": "text", "exit_code": "whole", "version": "text", "run_detail": "text", "source": "text",
        "query": "text", "source_event": "text", "status": "text", "reason": "text", "window_start": "text",
        "window_end": "text", "found": "whole", "new": "whole", "requests": "whole", "errors": "whole",
        "returned": "whole", "reported_total": "whole", "truncated": "flag", "cost_usd": "real", "detail": "text",
        "source_started_at": "text", "source_ended_at": "text", "fed_by": "text", "horizon_days": "whole",
        "platforms": "texts", "contributes": "text",
    },
    "post": {
        "post": "text", "url": "text", "kind": "text", "platform": "text", "host": "text", "title": "text",
        "text": "text", "language": "text", "author": "text", "published_at": "time", "published_precision": "text",
        "published_origin": "text", "published_raw": "text", "updated_at": "time", "first_seen_at": "time",
        "relation": "text", "target": "text", "parent": "text", "story": "text", "canonical_url": "text",
        "native_id": "text", "conversation": "text", "hashtags": "texts", "mentions": "texts", "publisher": "text",
        "page_type": "text", "bylines": "texts", "flags": "texts", "availability": "text", "revision": "whole",
        "content_rank": "whole", "raw": "text", "events": "objects",
    },
    "tie": {
        "event": "text", "relevance": "text", "score": "real", "counted": "flag", "not_counted_reason": "text",
        "incentivised": "flag", "local_day": "text", "reasons": "json", "decided_by": "text",
        "rules_version": "text", "config_hash": "text",
    },
    "place": {
        "event": "text", "post": "text", "relevance": "text", "counted": "flag", "not_counted_reason": "text",
        "incentivised": "flag", "decided_by": "text",
    },
    "sighting": {"event": "text", "post": "text", "source": "text", "query": "text", "run": "text", "at": "time"},
    "edge": {
        "event": "text", "edge_type": "text", "actor": "text", "source": "text", "target": "text", "at": "time",
    },
    "reaction": {"post": "text", "name": "text", "value": "whole", "observed_at": "time", "source": "text"},
    "audience": {"author": "text", "platform": "text", "followers": "whole", "observed_at": "day"},
    "attendance": {
        "event": "text", "person": "text", "status": "text", "author": "text", "source": "text",
        "registered": "whole", "attended": "whole", "waiting": "whole", "observed_at": "time",
    },
    "label": {
        "event": "text", "author": "text", "side": "text", "kind": "text", "subkind": "text", "attendance": "text",
        "posterior": "real", "runner_up": "text", "review": "text", "decided_by": "text", "rules_version": "text",
        "config_hash": "text", "organisation": "text",
    },
    "override": {
        "event": "text", "author": "text", "post": "text", "field": "text", "value": "text", "who": "text",
        "why": "text", "at": "time",
    },
    "kpi": {"event": "text", "name": "text", "value": "real", "unit": "text", "source": "text", "as_of": "day"},
    "audit": {
        "event": "text", "post": "text", "predicted": "text", "truth": "text", "auditor": "text", "at": "time",
    },
}  # fmt: skip

# What a record cannot do without; an event that is not named is the one given on the command line.
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "event": ("event", "starts_at"), "author": (), "run": (), "post": (), "tie": (), "place": ("post",),
    "sighting": ("post", "source"), "edge": ("edge_type", "target"), "reaction": ("post", "name", "value"),
    "audience": ("author", "followers"), "attendance": (), "label": ("author",), "override": (),
    "kpi": ("name", "value"), "audit": ("post", "predicted", "truth"),
}  # fmt: skip

# Fields whose words are fixed.
ALLOWED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "post": {"kind": KINDS, "relation": RELATIONS, "published_precision": PRECISIONS},
    "tie": {"relevance": RELEVANCE},
    "place": {"relevance": RELEVANCE},
    "edge": {"edge_type": EDGE_TYPES},
    "label": {"side": SIDES, "kind": AUTHOR_KINDS, "attendance": ATTENDANCE},
}

# Other words for some of them, in small letters and with `_` for a space or hyphen.
WORDS: Final[dict[str, dict[str, str]]] = {
    "kind": {
        "code": "repo", "code_repo": "repo", "photo": "photos", "photo_set": "photos", "q&a": "qa", "deck": "slides",
    },
    "relation": {"cross_post": "crosspost"},
}  # fmt: skip

_EVENT = {"event_id": "event", "slug": "event"}
_POST = {"item_id": "post", "post_key": "post", "key": "post", "post_id": "post"}
_AUTHOR = {"author_id": "author", "author_key": "author"}
_SOURCE = {"source_id": "source"}
NAMES: Final[dict[str, dict[str, str]]] = {
    "event": {**_EVENT, "id": "event", "series_id": "series", "tz": "timezone", "report_tz": "report_timezone",
              "title": "name", "starts": "starts_at", "ends": "ends_at", "recipe_hash": "config_hash"},
    "author": {**_AUTHOR, "id": "author", "key": "author", "username": "handle", "screen_name": "handle"},
    "run": {**_EVENT, **_SOURCE, "run_id": "run", "id": "run", "n_returned": "returned", "error": "reason",
            "n_reported_total": "reported_total", "platform": "platforms", "finished_at": "ended_at"},
    "post": {**_POST, **_AUTHOR, "id": "post", "item_kind": "kind", "parent_item_id": "parent",
             "parent_id": "parent", "story_id": "story", "raw_json": "raw", "body": "text", "lang": "language"},
    "tie": _EVENT,
    "place": {**_EVENT, **_POST},
    "sighting": {**_EVENT, **_POST, **_SOURCE, "run_id": "run", "seen_at": "at"},
    "edge": {**_EVENT, "actor_id": "actor", "author": "actor", "author_id": "actor", "src_item_id": "source",
             "dst_item_id": "target", "src": "source", "dst": "target", "edge": "edge_type", "kind": "edge_type"},
    "reaction": {**_POST, **_SOURCE, "at": "observed_at", "count": "value"},
    "audience": {**_AUTHOR, "at": "observed_at"},
    "attendance": {**_EVENT, **_AUTHOR, **_SOURCE, "person_id": "person", "at": "observed_at"},
    "label": {**_EVENT, **_AUTHOR},
    "override": {**_EVENT, **_AUTHOR, **_POST},
    "kpi": {**_EVENT, **_SOURCE},
    "audit": {**_EVENT, **_POST},
}  # fmt: skip

# The type as written → the record it is. `tie` stands only inside a post, `place` is one beside it.
TYPES: Final[dict[str, str]] = {name: name for name in FIELDS if name != "tie"} | {
    "item": "post", "item_event": "place", "event_post": "place", "author_event": "label",
    "class_decision": "label", "class_override": "override", "identity": "author", "external_kpi": "kpi",
    "source": "run", "source_scope": "run", "link": "edge",
}  # fmt: skip


def is_record(value: Any) -> bool:
    """Whether a JSON value says that it is one of our records."""
    return isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"] in TYPES
