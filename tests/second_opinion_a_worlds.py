"""Small worlds by chance in the tables of the worked fixture, with runs and sightings, and as interchange records."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia",
         "America/St_Johns", "Africa/Casablanca", "UTC")  # fmt: skip
KINDS = (*[("participant", "attendee")] * 9, ("participant", "speaker"), ("participant", "corporate"), ("media", None),
         ("media", "portal"), ("independent", None), ("organiser", None), ("vendor", None), ("sponsor", None),
         ("aggregator", "pr_reprint"), ("unknown", None), None)  # fmt: skip
FORMS = (*["article"] * 7, *["news"] * 2, "slides", "video", "podcast", *["micropost"] * 7, "press_release", "code")
PLATFORMS = ("qiita", "note", "hatenablog", "zenn")
PRECISIONS = (*["second"] * 12, "day", "month", "first_seen", "unknown")
COLUMNS = {
    "event": "event_id series_id registered attended name starts_at ends_at tz",
    "author": "author_id opted_out platform handle",
    "author_event": "author_id event_id kind subkind",
    "attendance": "event_id person_id status",
    "item": "item_id event_id platform item_kind relation parent_item_id story_id author_id published_at"
    " published_precision relevance counted not_counted_reason",
    "edge": "event_id edge_type actor_id src_item_id dst_item_id at",
    "source": "source_id fed_by horizon_days",
    "source_scope": "source_id platform",
    "run": "run_id source_id query window_start window_end started_at status n_returned n_reported_total",
    "sighting": "item_id source_id run_id seen_at",
}
# What the columns are called in docs/interchange.md, and the records that they make.
FIELDS = {
    "event_id": "event", "series_id": "series", "tz": "timezone", "author_id": "author", "person_id": "person",
    "item_id": "post", "item_kind": "kind", "parent_item_id": "parent", "story_id": "story", "actor_id": "actor",
    "src_item_id": "source", "dst_item_id": "target", "source_id": "source", "run_id": "run", "seen_at": "at",
    "n_returned": "returned", "n_reported_total": "reported_total", "platform": "platforms",
}  # fmt: skip
TYPES = {"author_event": "label", "item": "post"}
IN_EVENT = ("event", "relevance", "counted", "not_counted_reason")


def stamp(at):
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def later(text, **span):
    return text and stamp(datetime.fromisoformat(text) + timedelta(**span))


class World:
    """Two to four events of a series: `tables` has the rows of each."""

    def __init__(self, seed):
        r = self.chance = random.Random(seed)
        self.tables = {name: [] for name in COLUMNS}
        self.people = [f"p{n:02}" for n in range(r.choice([2, 6, 12, 20]))]
        self.size, self.sources = r.choice([0, 3, 12, 30, 70]), [f"src{n}" for n in range(r.randrange(5))]
        self.alone, self.tied, self.listed = r.random() < 0.08, r.random() < 0.85, r.random() < 0.75
        self.fill()

    def add(self, table, *values):
        row = dict(zip(COLUMNS[table].split(), values, strict=True))
        self.tables[table].append(row)
        return row

    def fill(self):
        r = self.chance
        start = datetime(2019, r.choice([1, 2, 3, 3, 5, 10, 11]), r.randrange(1, 28), r.randrange(24), 15, tzinfo=UTC)
        zone, series, named = r.choice(ZONES), r.choice([*["demo"] * 9, None]), r.random() < 0.4
        for name in self.sources:
            self.add("source", name, "src0" if name == "src3" else None, None)
            for platform in (*PLATFORMS, "x"):
                self.add("source_scope", name, platform)
        for n in range(1, r.randrange(2, 5) + 1):
            end = start + timedelta(minutes=r.choice([90, 150, 480, 3180]))
            heads = r.choice([None, None, 30, 3])
            attended = heads if r.random() < 0.6 else None
            self.add("event", f"E{n}", series, heads and heads + 9, attended, f"#{n}", stamp(start), stamp(end), zone)
            self.event(f"E{n}", start, end)
            start += timedelta(days=r.choice([20, 33, 90, 181]), hours=r.randrange(24))
            zone = r.choice(ZONES) if r.random() < 0.3 else zone
        for who in self.people:
            gone = r.random() < 0.04
            if gone or (named and r.random() < 0.5):
                self.add("author", who, int(gone), *(("x", f"nick_{who}") if named else (None, None)))

    def event(self, name, start, end):
        r = self.chance
        for who in self.people:
            if kind := ("participant", "attendee") if self.alone else r.choice(KINDS):
                self.add("author_event", who, name, *kind)
        if self.listed and r.random() < 0.85:
            for who in [who for who in self.people if r.random() < 0.6] + [f"s{n}" for n in range(r.randrange(8))]:
                self.add("attendance", name, who, r.choice([*["attended"] * 6, "remote", "registered", "staff"]))
        items = [self.item(name, n, start, end) for n in range(r.randrange(self.size + 1))]
        items += [made for n, item in enumerate(items) if r.random() < 0.25 for made in [self.derived(n, item)]]
        if self.tied and items:
            self.edges(name, items, end)
        self.lists(name, items, end)

    def moment(self, start, end):
        """In the run-up, while it was on, soon after, on a border, on one busy day, or in the weeks after."""
        r, where = self.chance, self.chance.random()
        if where < 0.12:
            return start - timedelta(seconds=r.randrange(28 * 86400))
        if where < 0.3:
            return start + timedelta(seconds=r.randrange(int((end - start).total_seconds()) + 1))
        if where < 0.7:
            return end + timedelta(seconds=r.randrange(3 * 86400))
        if where < 0.78:
            return end + timedelta(days=r.choice([1, 7, 28]), seconds=r.choice([-1, 0, 1]))
        if where < 0.82:
            return end + timedelta(days=12, seconds=r.randrange(86400))
        return end + timedelta(seconds=r.randrange(40 * 86400))

    def item(self, event, n, start, end):
        r = self.chance
        at, precision, form = self.moment(start, end), r.choice(PRECISIONS), r.choice(FORMS)
        if precision == "month" or (precision == "day" and r.random() < 0.5):
            at = at.replace(day=1 if precision == "month" else at.day, hour=0, minute=0, second=0)
        who = None if r.random() < 0.02 else r.choice(self.people[:1] if self.alone else self.people)
        platform, key = "x" if form == "micropost" else r.choice(PLATFORMS), f"{event}i{n:03}"
        about = r.choice([*["confirmed"] * 18, "probable", "rejected"])
        told = (None if precision == "unknown" else stamp(at), precision, about, 1, None)
        return self.add("item", key, event, platform, form, "original", None, key, who, *told)

    def derived(self, n, item):
        """A copy, a part, an answer or a translation of an item; an answer with the event's tag is counted."""
        r, key = self.chance, f"{item['event_id']}d{n:03}"
        micro = ("thread_part", "repost", "reply", "quote")
        how = r.choice(micro if item["item_kind"] == "micropost" else ("crosspost", "syndicated", "translation"))
        tagged = how in ("quote", "translation") or (how == "reply" and r.random() < 0.3)
        made = item | {"item_id": key, "parent_item_id": item["item_id"], "relation": how, "counted": int(tagged),
                       "published_at": later(item["published_at"], minutes=r.randrange(1, 900)),
                       "not_counted_reason": None if tagged else f"{how} of {item['item_id']}"}  # fmt: skip
        if how not in ("thread_part", "crosspost"):
            made["author_id"] = r.choice(self.people)
        if how in ("repost", "reply", "quote", "translation"):
            made["story_id"] = key
        if how == "repost" or (how == "reply" and not tagged and r.random() < 0.5):
            made["item_kind"] = how
        if how == "thread_part":
            item["relation"] = "thread"
        return self.add("item", *made.values())

    def edges(self, event, items, end):
        r = self.chance
        for i in items:
            if i["relation"] in ("repost", "quote", "reply"):
                tie = (i["author_id"], i["item_id"], i["parent_item_id"], i["published_at"])
                self.add("edge", event, i["relation"], *tie)
        for _ in range(r.randrange(len(items) + 1)):
            item, source = r.choice(items), r.choice(items) if r.random() < 0.3 else None
            seconds = r.choice([60, 3600, 3600, 72 * 3600, 72 * 3600 + 1, r.randrange(20 * 86400)])
            at = None if r.random() < 0.15 else later(item["published_at"] or stamp(end), seconds=seconds)
            how = "link" if source else r.choice(["bookmark", "reply", "repost"])
            who = source["author_id"] if source else r.choice([*self.people, "x1", "x2", "x3"])
            self.add("edge", event, how, who, source and source["item_id"], item["item_id"], at)

    def lists(self, event, items, end):
        asked, since = stamp(end + timedelta(days=60)), stamp(end - timedelta(days=60))
        for name in self.sources:
            share, run = self.chance.choice([0.4, 0.7, 0.9]), f"{event}-{name}"
            self.add("run", run, name, "#demo", since, asked, asked, "ok", 5, 5)
            for item in items:
                if self.chance.random() < share:
                    self.add("sighting", item["item_id"], name, run, asked)


def raw(tables):
    """The tables row by row, under their own names."""
    return [{"type": name} | row for name, rows in tables.items() for row in rows]


def documented(tables):
    """The same in the fields of docs/interchange.md, empty ones left out."""
    event_of = {item["item_id"]: item["event_id"] for item in tables["item"]}
    lines = []
    for name, rows in tables.items():
        for row in rows:
            kept = ("platform",) if name in ("item", "author") else ()
            line = {k if k in kept else FIELDS.get(k, k): v for k, v in row.items()}
            if name == "item":
                line["events"] = [{k: line.pop(k) for k in IN_EVENT if line[k] is not None}]
            elif name == "run":
                line["event"] = row["run_id"].partition("-")[0]
            elif name == "sighting":
                line["event"] = event_of[row["item_id"]]
            kind = "run" if name.startswith("source") else TYPES.get(name, name)
            lines.append({"type": kind} | {k: v for k, v in line.items() if v is not None})
    return lines
