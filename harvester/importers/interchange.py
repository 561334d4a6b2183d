"""harvester's own JSON lines, and what people write by hand after its tables: one spelling out of many.

`records` gives each line as one or more plain records: canonical names (docs/interchange.md), stored time text,
0 and 1 for flags, lists for lists. It knows nothing of the database: references are still keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from harvester import privacy
from harvester.importers import Refused
from harvester.importers.files import json_records
from harvester.importers.interchange_fields import ALLOWED, FIELDS, NAMES, REQUIRED, TYPES, WORDS, is_record
from harvester.importers.interchange_forms import DAY, FORMS
from harvester.model import COUNTED_RELATIONS, UNCOUNTED_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harvester.importers.detect import Look

Json = dict[str, Any]

_SIDES = {
    "participant": "community", "independent": "community", "media": "media", "organiser": "owned", "vendor": "owned",
    "sponsor": "owned", "aggregator": "aggregator", "unknown": "unknown",
}  # fmt: skip


def records(
    file: Look, kinds: frozenset[str], *, others: bool = False, zone: str = ""
) -> Iterator[tuple[str, list[Json] | Refused]]:
    """(where, records) of each line that holds one of `kinds`; with `others`, of lines that hold nothing of ours too.

    `zone` is the IANA zone of times that name none.
    """
    for where, value in json_records(file.path, file.encoding):
        if isinstance(value, Refused):
            if others:
                yield where, value
        elif TYPES[value["type"]] in kinds if is_record(value) else others:
            yield where, canonical(value, zone=zone)


def canonical(value: Any, *, zone: str = "") -> list[Json] | Refused:
    """One line's value as records under canonical names, or why it is none.

    Reasons: `unknown_type`, `private`, `missing_field`, `bad_time`, `bad_value` (detail names the field).
    """
    if not is_record(value):
        return Refused("unknown_type", detail=str(value.get("type"))[:60] if isinstance(value, dict) else "no object")
    kind = TYPES[value["type"]]
    if kind == "post" and not privacy.is_public(value.get("visibility")):
        return Refused("private")
    renamed = _renamed(kind, value)
    if kind == "post":
        _spell(renamed)
    record = _formed(kind, renamed, zone)
    return record if isinstance(record, Refused) else _COMPLETE.get(kind, _alone)(record, renamed)


def _formed(kind: str, renamed: Json, zone: str) -> Json | Refused:
    """The fields we know, each in its stored form."""
    record: Json = {"type": kind}
    for name, form in FIELDS[kind].items():
        if name not in renamed:
            continue
        try:
            record[name] = FORMS[form](renamed[name], zone)
        except (ValueError, TypeError, AttributeError, KeyError):
            return Refused("bad_time" if form in ("time", "day") else "bad_value", detail=name)
    for name in REQUIRED[kind]:
        if record.get(name) in (None, ""):
            return Refused("missing_field", detail=name)
    for name, allowed in ALLOWED.get(kind, {}).items():
        if record.get(name) and record[name] not in allowed:
            return Refused("bad_value", detail=f"{name} {record[name]}"[:80])
    return record


def _renamed(kind: str, value: Json) -> Json:
    known, names = FIELDS[kind], NAMES[kind]
    found: Json = {}
    for name, entry in value.items():
        if name == "type":
            continue
        target = name if name in known else names.get(name, name)
        if target not in found or name in known:  # the canonical name wins over an alias
            found[target] = entry
    return found


def _spell(post: Json) -> None:
    """A post's kind and relation in our words. A `reply`, which tables have as a kind, is a micropost that is one."""
    for name, words in WORDS.items():
        if isinstance(told := post.get(name), str):
            usual = told.strip().lower().replace(" ", "_").replace("-", "_")
            post[name] = words.get(usual, usual)
    if post.get("kind") == "reply":
        relation = post.get("relation") or "original"
        post |= {"kind": "micropost", "relation": "reply" if relation == "original" else relation}


def _alone(record: Json, _: Json) -> list[Json]:
    return [record]


def _event(record: Json, _: Json) -> list[Json] | Refused:
    record.setdefault("name", record["event"])
    record.setdefault("timezone", "UTC")
    record.setdefault("ends_at", record["starts_at"])
    for name in ("timezone", "report_timezone"):
        if record.get(name) and not _is_zone(record[name]):
            return Refused("bad_value", detail=f"{name} {record[name]}")
    return [record]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _author(record: Json, renamed: Json) -> list[Json] | Refused:
    if not record.get("author"):
        if not record.get("platform") or not record.get("handle"):
            return Refused("missing_field", detail="author")
        record["author"] = f"{record['platform']}:{record['handle']}"
    if (wish := privacy.unsearchable(renamed)) is not None:
        record["noindex"] = wish
    return [record]


def _post(record: Json, renamed: Json) -> list[Json] | Refused:
    """A post with its ties: each event's entry complete, whether written as `events` or flat beside the post."""
    if not record.get("post") and not record.get("url"):
        return Refused("missing_field", detail="post")
    entries = record.pop("events", None)
    ties = []
    for entry in [renamed] if entries is None else entries:
        tie = _formed("tie", _renamed("tie", entry), "")
        if isinstance(tie, Refused):
            return tie
        ties.append(_judged(tie, record))
    record["events"] = ties
    if record.get("published_at") and "published_precision" not in record:
        written = str(renamed.get("published_at"))
        record["published_precision"] = "day" if DAY.fullmatch(written) else "second"
    return [record]


def _judged(tie: Json, post: Json) -> Json:
    """Judgements that are not told: about the event, and counted unless its relation or kind never is."""
    relation, kind = post.get("relation") or "original", post.get("kind")
    counts = relation in COUNTED_RELATIONS and kind not in UNCOUNTED_KINDS
    if "counted" not in tie:
        tie["counted"] = int(counts)
        if not counts:
            tie.setdefault("not_counted_reason", kind if relation in COUNTED_RELATIONS else relation)
    tie.setdefault("relevance", "confirmed")
    tie.setdefault("decided_by", "import")
    return tie


def _label(record: Json, _: Json) -> list[Json] | Refused:
    """Side and kind from each other; a label without its decider is somebody's word."""
    kind, side = record.get("kind"), record.get("side")
    if not kind and not side:
        return Refused("missing_field", detail="kind")
    if not kind:
        present = record.get("attendance") in ("listed", "claimed")
        kind = {"community": "participant" if present else "independent", "owned": "organiser"}.get(str(side), side)
    if kind not in _SIDES:
        return Refused("bad_value", detail=f"kind {kind}")
    record["kind"], record["side"] = kind, side or _SIDES[kind]
    record.setdefault("attendance", "listed" if kind == "participant" else "none")
    record.setdefault("decided_by", "human")
    return [record]


def _override(record: Json, renamed: Json) -> list[Json] | Refused:
    """One record a field: either `field` and `value`, or the fields themselves (side, kind, relevance …)."""
    if not record.get("author") and not record.get("post"):
        return Refused("missing_field", detail="author or post")
    if record.get("field"):
        return [record] if record.get("value") is not None else Refused("missing_field", detail="value")
    told = ("side", "kind", "subkind", "attendance", "relevance", "counted", "incentivised")
    found = [{**record, "field": name, "value": str(renamed[name])} for name in told if renamed.get(name) is not None]
    return found or Refused("missing_field", detail="field")


_COMPLETE = {"event": _event, "author": _author, "post": _post, "label": _label, "override": _override}
