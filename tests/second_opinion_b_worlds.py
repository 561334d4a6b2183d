"""Small worlds by chance, as tables with the column names of the worked fixture, and their interchange lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random

ZONES = (
    "Asia/Tokyo",
    "America/New_York",
    "Europe/London",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
)
TABLES = (
    "event", "author", "author_event", "attendance", "item", "edge", "audience", "reaction", "audit", "external_kpi",
)  # fmt: skip
CITIES = ("Tokyo", "Osaka", "Fukuoka", None)
PEOPLE = tuple(f"p{number:02}" for number in range(1, 15))
STRANGERS = tuple(f"x{number}" for number in range(1, 8))
KINDS = (
    ("participant", "attendee"), ("participant", "attendee"), ("participant", "speaker"), ("participant", "corporate"),
    ("independent", None), ("media", None), ("organiser", None), ("vendor", None), ("vendor", "speaker"),
    ("sponsor", None),
    ("aggregator", None), ("unknown", None), None,
)  # fmt: skip
PLATFORMS = {
    "article": ("qiita", "note", "hatenablog"), "news": ("technews",), "slides": ("speakerdeck",),
    "video": ("youtube",), "micropost": ("x", "mastodon"), "press_release": ("prsite",), "repost": ("x",),
}  # fmt: skip
TEXTS = (
    "とても楽しい会でした。また参加したいです。", "次回も行きます。", "次は登壇します。", "来年も楽しみにしています。",
    "話の内容をまとめました。", "AWS Lambda の構成を説明しました。", None,
)  # fmt: skip
PHRASES = ("また参加", "次回も", "次は登壇", "来年も")


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def world(seed):
    """Tables of a series of two to four events, its people, what they wrote and who answered."""
    chance = Random(seed)
    tables = {name: [] for name in TABLES}
    start = datetime(2018, 1, 10, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 300))
    full = chance.random() < 0.25
    people = chance.sample(PEOPLE, len(PEOPLE) if full else chance.randint(4, len(PEOPLE)))
    for number in range(1, chance.randint(2, 4) + 1):
        event = {
            "event_id": f"E{number}", "series_id": "demo", "name": f"Demo Meetup #{number}", "starts_at": stamp(start),
            "ends_at": stamp(start + timedelta(hours=chance.choice((2, 3, 30)))), "tz": chance.choice(ZONES),
            "city": chance.choice(CITIES),
        }  # fmt: skip
        tables["event"].append(event)
        _edition(tables, event, people, chance, full=full)
        start += timedelta(days=chance.choice((29, 60, 98, 120, 200)), hours=chance.randrange(12))
    tables["author"] = [{"author_id": who, "opted_out": 1} for who in people if chance.random() < 0.06]
    return tables


def _edition(tables, event, people, chance, *, full):
    """`full`: a room of writers who were looked at often, so that medians and Gini's coefficient have enough."""
    name, ends = event["event_id"], datetime.fromisoformat(event["ends_at"])
    for who in people:
        label = chance.choice(KINDS[:3] * 4 + KINDS if full else KINDS)
        if label:
            row = {"author_id": who, "event_id": name, "kind": label[0], "subkind": label[1]}
            if label[1] == "corporate" and chance.random() < 0.7:
                row["organisation"] = chance.choice(("Blue Corp", "Green KK"))
            tables["author_event"].append(row)
    if chance.random() < 0.85:
        for who in (*people, *STRANGERS[:3], *(f"s{n}" for n in range(8))):
            if chance.random() < 0.55:
                status = chance.choice(("attended", "attended", "attended", "remote", "registered", "staff"))
                tables["attendance"].append({"event_id": name, "person_id": who, "status": status})
    items = [
        _item(tables, event, f"{name.lower()}i{n:02}", people, ends, chance)
        for n in range(80 if full else chance.randint(3, 40))
    ]
    _edges(tables, name, items, people, ends, chance)
    for who in people:
        for platform in ("x", "mastodon", "qiita"):
            if chance.random() < 0.3:
                at = (ends + timedelta(days=chance.randint(-40, 40))).strftime("%Y-%m-%d")
                row = {"author_id": who, "platform": platform, "followers": chance.randrange(20, 6000)}
                if all(
                    (old["author_id"], old["platform"], old["observed_at"]) != (who, platform, at)
                    for old in tables["audience"]
                ):
                    tables["audience"].append(row | {"observed_at": at})
    if chance.random() < 0.5:
        _audit(tables, name, items, chance)
    if chance.random() < 0.5:
        for score in range(11):
            row = {"event_id": name, "name": f"NPS {score}", "value": chance.randint(0, 9), "unit": "answers"}
            tables["external_kpi"].append(row | {"source": "survey", "as_of": event["ends_at"][:10]})


def _item(tables, event, key, people, ends, chance):
    kind = chance.choice(
        ("article", "article", "article", "news", "slides", "video", "micropost", "micropost", "press_release")
    )
    at = chance.choice((-1, 2, 10, 30, 90, 200, 400, 600, 680, 900, None))
    if at is not None:
        at = ends + timedelta(hours=at, seconds=chance.randrange(3600))
    row = {
        "item_id": key, "event_id": event["event_id"], "platform": chance.choice(PLATFORMS[kind]), "item_kind": kind,
        "relation": "original", "parent_item_id": None, "story_id": key, "author_id": chance.choice(people),
        "published_at": stamp(at) if at else None, "published_precision": "second" if at else "unknown", "counted": 1,
        "not_counted_reason": None,
    }  # fmt: skip
    written = [item for item in tables["item"] if item["event_id"] == event["event_id"]]
    if written and chance.random() < 0.15:
        parent = chance.choice(written)
        relation, who = chance.choice(
            (("crosspost", parent["author_id"]), ("syndicated", row["author_id"]), ("thread_part", parent["author_id"]))
        )
        row |= {"relation": relation, "parent_item_id": parent["item_id"], "story_id": parent["story_id"]}
        row |= {"author_id": who, "counted": 0, "not_counted_reason": f"{relation} of {parent['item_id']}"}
        row |= {"item_kind": parent["item_kind"]}
    row["text"] = chance.choice(TEXTS)
    tables["item"].append(row)
    if row["published_at"]:
        for name in ("like", "bookmark"):
            for age in (6.5, 7.4, 20, 27, 29):
                if chance.random() < 0.4:
                    when = stamp(at + timedelta(days=age, minutes=chance.randrange(60)))
                    value = {"item_id": key, "name": name, "value": chance.randrange(70), "observed_at": when}
                    tables["reaction"].append(value)
    return row


def _edges(tables, name, items, people, ends, chance):
    for _ in range(chance.choice((0, 5, 25))):
        target = chance.choice(items)
        who = chance.choice((*people, *STRANGERS))
        mine = [item for item in items if item["author_id"] == who and item is not target]
        at = ends + timedelta(hours=chance.randrange(600))
        source = chance.choice(mine)["item_id"] if mine and chance.random() < 0.5 else None
        kind = chance.choice(("repost", "quote", "reply", "link", "bookmark", "mention"))
        row = {"event_id": name, "edge_type": kind,
               "actor_id": who, "src_item_id": source, "dst_item_id": target["item_id"],
               "at": stamp(at) if chance.random() < 0.85 else None}  # fmt: skip
        tables["edge"].append(row)


def _audit(tables, name, items, chance):
    kinds = {row["author_id"]: row["kind"] for row in tables["author_event"] if row["event_id"] == name}
    share = chance.choice((0.3, 0.7, 1))
    for item in items:
        if item["counted"] and item["item_kind"] in ("article", "news") and chance.random() < share:
            kind = kinds.get(item["author_id"], "unknown")
            said = "owned" if kind in ("organiser", "vendor", "sponsor") else kind
            truth = (
                said
                if said != "unknown" and chance.random() < 0.8
                else chance.choice(("participant", "media", "owned"))
            )
            row = {"item_id": item["item_id"], "event_id": name, "predicted": said, "truth": truth, "auditor": "me"}
            tables["audit"].append(row | {"at": stamp(datetime(2019, 1, 1, tzinfo=UTC))})


def debate(seed):
    """One event about which many wrote in plain words, each side with words of its own."""
    chance = Random(seed)
    start, tables = datetime(2019, 5, 1, 9, tzinfo=UTC), {name: [] for name in TABLES}
    tables["event"] = [
        {"event_id": "E1", "series_id": "demo", "name": "Gathering", "starts_at": stamp(start), "tz": "Asia/Tokyo",
         "ends_at": stamp(start + timedelta(hours=3)), "city": "Osaka"}
    ]  # fmt: skip
    words = [f"{a}{b}" for a in ("lambda", "queue", "cache", "kernel", "schema") for b in ("red", "blue", "green")]
    for number in range(70):
        kind = "participant" if number < 36 else "media"
        tables["author_event"].append({"author_id": f"w{number}", "event_id": "E1", "kind": kind})
        own = words[:3] if kind == "participant" else words[3:6]
        said = {word for word in own if chance.random() < 0.8} | set(chance.sample(words[6:], 2))
        tables["item"].append(
            {"item_id": f"i{number}", "event_id": "E1", "platform": "note", "item_kind": "article", "counted": 1,
             "relation": "original", "author_id": f"w{number}", "text": " ".join(sorted(said)),
             "published_at": stamp(start + timedelta(days=1, minutes=number)), "published_precision": "second"}
        )  # fmt: skip
    return tables


def lines(tables, chance):
    """The rows of all tables as records, in any order.

    Half of the time with what is empty, as a plain dump has it; half with a table of its own for where items belong.
    """
    rows = [{"type": name} | row for name, table in tables.items() for row in table]
    if chance.random() < 0.5:
        items = [row for row in rows if row["type"] == "item"]
        rows += [{"type": "item_event", "item_id": row["item_id"], "event_id": row.pop("event_id")} for row in items]
    chance.shuffle(rows)
    empty = chance.random() < 0.5
    kept = [{key: value for key, value in row.items() if empty or value is not None} for row in rows]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
