"""Small worlds as interchange lines: a well-measured event, and the same event with one thing missing or odd.

`full` is the second edition of a series: 8 participants who wrote, 6 media articles, decks, posts, answers, followers,
attendance lists of both editions. Every other world changes one thing of it.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

START = datetime(2016, 12, 21, 10, tzinfo=UTC)
LENGTH = timedelta(hours=2, minutes=30)
LATER = START + timedelta(days=60)
WRITERS = tuple(f"a{n}" for n in range(1, 9))
OUTLETS = tuple(f"m{n}" for n in range(1, 7))
# Hours after the end at which the articles of the writers, and those of the media, appeared.
WRITTEN_AFTER = (2, 10, 12, 30, 72, 100, 200, 450)
NEWS_AFTER = (5, 11, 14, 20, 40, 60)
QIITA = {"type": "run", "run": "r1", "command": "crawl", "run_status": "ok", "source": "qiita", "query": "tag:e",
         "status": "ok", "platforms": ["qiita"], "found": 8}  # fmt: skip


@dataclass(frozen=True)
class World:
    """An event in a file: what its records say, and the moment of the report."""

    records: tuple[dict, ...]
    now: datetime = LATER

    def lines(self):
        return "".join(json.dumps(record) + "\n" for record in self.records)

    def without(self, *names):
        """The same without the records that any of the named tests picks."""
        tests = [DROPS[name] for name in names]
        return replace(self, records=tuple(r for r in self.records if not any(test(r) for test in tests)))

    def but(self, change):
        """The same with every record changed."""
        return replace(self, records=tuple(change(dict(record)) for record in self.records))

    def plus(self, *records):
        return replace(self, records=self.records + records)


def iso(at):
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(slug, starts, zone="Asia/Tokyo", **more):
    return {"type": "event", "event": slug, "name": f"Demo {slug}", "series": "demo", "starts_at": iso(starts),
            "ends_at": iso(starts + LENGTH), "timezone": zone, "city": "Tokyo", "media_outlets": 12} | more  # fmt: skip


def post(key, kind, author, at, platform="qiita", slug="now", **more):
    tied = {"event": slug, "relevance": "confirmed", "counted": 1, "decided_by": "human"}
    dated = {"published_at": iso(at), "published_precision": "second"} if at else {"published_precision": "unknown"}
    return {"type": "post", "post": key, "url": f"https://{platform}.example/{key}", "title": f"Report {key}",
            "kind": kind, "platform": platform, "author": author, "relation": "original", "story": key,
            "events": [tied]} | dated | more  # fmt: skip


def label(author, kind, slug="now", **more):
    return {"type": "label", "event": slug, "author": author, "kind": kind, "decided_by": "human"} | more


def attended(person, slug="now"):
    return {"type": "attendance", "event": slug, "person": person, "status": "attended"}


def full(starts=START, zone="Asia/Tokyo", gap_days=91):
    """The well-measured event, wherever and whenever it was held."""
    ends, before = starts + LENGTH, starts - timedelta(days=gap_days)
    records = [event("before", before, zone), event("now", starts, zone)]
    for n, author in enumerate(WRITERS):
        records += [label(author, "participant"), attended(author)]
        records.append(post(f"w{n}", "article", author, ends + timedelta(hours=WRITTEN_AFTER[n])))
        if n < 6:
            at = starts + timedelta(minutes=5 + 20 * n)
            records.append(post(f"t{n}", "micropost", author, at, platform="x"))
            records.append({"type": "audience", "author": author, "platform": "x", "followers": 100 * (n + 1),
                            "observed_at": iso(starts)})  # fmt: skip
        if n < 5:
            records.append(label(author, "participant", "before"))
            records.append(attended(author, "before"))
            at = before + LENGTH + timedelta(hours=WRITTEN_AFTER[n])
            records.append(post(f"b{n}", "article", author, at, slug="before"))
    records.append(post("deck", "slides", "a8", starts + timedelta(hours=1), platform="speakerdeck"))
    for n, outlet in enumerate(OUTLETS):
        records.append(label(outlet, "media"))
        at = ends + timedelta(hours=NEWS_AFTER[n])
        records.append(post(f"n{n}", "news", outlet, at, platform=f"site{n}"))
    records += [label("m1", "media", "before"),
                post("bn", "news", "m1", before + timedelta(hours=5), slug="before", platform="site0")]  # fmt: skip
    records += [label("o1", "organiser"), post("own", "article", "o1", ends + timedelta(hours=3), platform="note")]
    records += [attended(f"s{n}") for n in range(4)] + [attended(f"s{n}", "before") for n in range(5)]
    for n, who in enumerate(("x1", "x2", "a2", "a3")):
        at = ends + timedelta(hours=WRITTEN_AFTER[n] + 4)
        records.append({"type": "edge", "event": "now", "edge_type": "bookmark", "actor": who, "target": f"w{n}",
                        "at": iso(at)})  # fmt: skip
    return World(tuple(records), now=starts + timedelta(days=60))


def held(slug, starts=START, zone="Asia/Tokyo"):
    """The full event at another place and time, with an article half an hour before local midnight of a clock change.

    `slug` names the local day of the change.
    """
    day = date.fromisoformat(slug)
    late = datetime.combine(day, time(23, 30), ZoneInfo(zone))
    return full(starts, zone).plus(label("a9", "participant"), post("late", "article", "a9", late))


def at(world, now):
    """What could be known at a moment: nothing that was published later."""
    known = tuple(r for r in world.records if r.get("published_at", "") <= iso(now) and r.get("at", "") <= iso(now))
    return World(known, now=now)


def of(slug, *types):
    return lambda record: record["type"] in types and _slug(record) == slug


def _slug(record):
    return record["event"] if "event" in record else record.get("events", [{}])[0].get("event", "now")


def _by(authors):
    return lambda record: record.get("author", record.get("actor")) in authors and _slug(record) == "now"


DROPS = {
    "posts": lambda r: r["type"] in ("post", "edge", "audience") and _slug(r) == "now",
    "labels": of("now", "label"),
    "media": _by(OUTLETS),
    "attendance": of("now", "attendance"),
    "all attendance": lambda r: r["type"] == "attendance",
    "before": lambda r: _slug(r) == "before",
    "others": _by({*WRITERS[1:], *OUTLETS, "o1", "x1", "x2"}),
}


def undated(record):
    """The posts of the event lose their dates."""
    if record["type"] == "post" and _slug(record) == "now":
        return {k: v for k, v in record.items() if k != "published_at"} | {"published_precision": "unknown"}
    return record


def organised(record):
    """Everybody who wrote about the event is one of its organisers."""
    return record | {"kind": "organiser"} if record["type"] == "label" and _slug(record) == "now" else record


def no_outlets(record):
    """Nobody said how many outlets were checked, and no author of the event is labelled one."""
    return record | {"media_outlets": None} if record["type"] == "event" else record


def run(world, *, slug="now", **more):
    """A line of the gap ledger of a crawl that asked a source for articles of an edition, just before the report."""
    moment = iso(world.now - timedelta(hours=1))
    return QIITA | {"run": f"r-{slug}", "event": slug, "source_event": slug, "started_at": moment, "ended_at": moment,
                    "source_started_at": moment, "source_ended_at": moment} | more  # fmt: skip
