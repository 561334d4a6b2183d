"""A second opinion on M01 to M11: the definitions, computed plainly over tables of dictionaries.

Nothing of the package is used: it is a second reading of the measurement specification. `measured(tables, event)` gives
{(metric, group, kind): row}; a row has `value`, `num`, `den`, `ci` and `bounds` as (lo, hi), and what else its
definition names.
"""

import math
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

GROUPS = {"article": "written", "news": "written", "slides": "talk", "video": "talk", "podcast": "talk",
          "micropost": "micro"}  # fmt: skip
SPELLED = {"code": "repo"}  # kinds that have another name here
OWNED = {"organiser", "vendor", "sponsor"}
DATED = {"second", "day", "first_seen"}
DAY = 86400
Z = 1.959963984540054


def moment(text):
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def share(num, den, **more):
    return {"num": num, "den": den, "value": num / den, **more}


def wilson(k, n):
    p, z2 = k / n, Z * Z
    middle, half = (p + z2 / (2 * n)) / (1 + z2 / n), Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return middle - half, middle + half


class Edition:
    """One event with what is counted for it."""

    def __init__(self, tables, event):
        self.tables, self.name, self.heads = tables, event["event_id"], event.get("attended")
        self.zone = ZoneInfo(event["tz"])
        self.start, self.end = moment(event["starts_at"]), moment(event["ends_at"])
        self.last = self.end + timedelta(days=28)
        self.opened = self.start.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        self.kinds = {r["author_id"]: r["kind"] for r in tables["author_event"] if r["event_id"] == self.name}
        gone = {r["author_id"] for r in tables.get("author", []) if r.get("opted_out")}
        self.gone = gone
        self.all = [i for i in tables["item"] if i["event_id"] == self.name and i["author_id"] not in gone
                    and i.get("relevance", "confirmed") == "confirmed"]  # fmt: skip
        self.seen = [i for i in self.all if self.in_window(i)]
        self.stories = [i for i in self.seen if i["counted"]]
        self.present = {r["person_id"]: r["status"] for r in tables["attendance"] if r["event_id"] == self.name
                        and r["person_id"] not in gone}  # fmt: skip

    def at(self, item):
        return moment(item["published_at"]) if item["published_precision"] in DATED else None

    def touches(self, item, first, last):
        """Whether a month has a part between two moments."""
        month = moment(item["published_at"])
        return (month + timedelta(days=31)).replace(day=1) > first and month <= last

    def around(self, item):
        """Whether an item without a day may be one of the days -28 to +28."""
        if item["published_precision"] != "month":
            return True
        end = self.end.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return self.touches(item, self.opened - timedelta(days=28), end + timedelta(days=29))

    def in_window(self, item):
        if item["published_precision"] == "month":
            return self.touches(item, self.opened, self.last)
        at = self.at(item)
        return at is None or self.opened <= at <= self.last

    def kind(self, item):
        return self.kinds.get(item["author_id"]) or "unknown"

    def column(self, item):
        kind = self.kind(item)
        return "owned" if kind in OWNED else kind

    def of(self, group, kind):
        return [i for i in self.stories if group in ("any", grp(i)) and (kind == "any" or self.column(i) == kind)]

    def writers(self, group="any"):
        return {i["author_id"] for i in self.of(group, "participant")}

    def room(self):
        return {who for who, status in self.present.items() if status in ("attended", "remote")}


def grp(item):
    return GROUPS.get(item["item_kind"], "other")


def measured(tables, name):
    events = sorted(tables["event"], key=lambda e: e["starts_at"])
    (own,) = [e for e in events if e["event_id"] == name]
    series = [
        Edition(tables, e) for e in events if e is own or (own["series_id"] and e["series_id"] == own["series_id"])
    ]
    now = next(e for e in series if e.name == name)
    before = series[: series.index(now)]
    rows = {}
    for part in (volume(now), ratio(now), contributors(now), coverage(now), timeline(now), ages(now), bursts(now),
                 returning(now, before), cohorts(now, before), rates(now), followers(now)):  # fmt: skip
        rows |= part
    return rows


def volume(now):
    rows, kinds = {}, {i["item_kind"] for i in now.stories}
    columns = ("participant", "independent", "media", "owned", "aggregator", "unknown")
    for kind in kinds:
        mine = [i for i in now.stories if i["item_kind"] == kind]
        by = {c: sum(now.column(i) == c for i in mine) for c in columns}
        rows["M01.volume", GROUPS.get(kind, "other"), SPELLED.get(kind, kind)] = {"value": len(mine), "by": by}
    out = [i for i in now.seen if not i["counted"]]
    rows["M01.not_counted", "", ""] = {"value": len(out)}
    return rows


def per(values):
    return [values.count(v) for v in set(values)]


def ratio(now):
    p, m, u, broad = (now.of("written", k) for k in ("participant", "media", "unknown", "independent"))
    if not p and not m:
        return {}
    xs, ys = (per([i["author_id"] or i["item_id"] for i in side]) for side in (p, m))
    row = {"num": len(p), "den": len(m), "value": None, "bounds": None, "broad": None, "placements": None}
    if p and m:
        s = math.sqrt(sum(x * x for x in xs) / len(p) ** 2 + sum(y * y for y in ys) / len(m) ** 2)
        r = len(p) / len(m)
        row |= {"value": r, "ci": (r * math.exp(-Z * s), r * math.exp(Z * s))}
    elif p:
        b = 0.025 ** (sum(x * x for x in xs) / len(p) ** 2)
        row["ci"] = (b / (1 - b), None)
    else:
        b = 1 - 0.025 ** (sum(y * y for y in ys) / len(m) ** 2)
        row |= {"value": 0, "ci": (None, b / (1 - b))}
    if m:
        row["broad"] = (len(p) + len(broad)) / len(m)
    if u:
        row["bounds"] = (len(p) / (len(m) + len(u)), (len(p) + len(u)) / len(m) if m else None)
    met = [
        i for i in now.seen if grp(i) == "written" and (i["counted"] or i["relation"] in ("crosspost", "syndicated"))
    ]
    places = [sum(now.kind(i) == k for i in met) for k in ("participant", "media")]
    row["placements"] = places[0] / places[1] if places[1] else None
    whole = share(len(p), len(p) + len(m))
    return {("M02.ratio", "written", ""): row,
            ("M02.share", "written", ""): whole | {"value": whole["value"] if m else None}}  # fmt: skip


def contributors(now):
    rows = {("M03.contributors", g, ""): {"value": len(now.writers(g))} for g in ("any", "written", "talk", "micro")}
    rows["M03.contributors", "any", ""]["unlinked"] = len(now.writers())  # nobody is linked to anybody
    written = now.of("written", "participant")
    if written:
        rows["M03.stories_per_writer", "written", ""] = share(len(written), len(now.writers("written")))
    return rows


# --- M04 ----------------------------------------------------------------------------------------------------------


def coverage(now):
    fed = {s["source_id"] for s in now.tables.get("source", []) if s.get("fed_by")}
    held = {i["story_id"]: i for i in now.stories if grp(i) == "written"
            and now.kind(i) in ("participant", "independent")}  # fmt: skip
    story_of = {i["item_id"]: i["story_id"] for i in now.all}
    seen = {}
    for s in now.tables.get("sighting", []):
        if s["source_id"] not in fed and story_of.get(s["item_id"]) in held:
            seen.setdefault(story_of[s["item_id"]], set()).add(s["source_id"])
    lists = {s for sources in seen.values() for s in sources}
    if len(lists) < 2:
        return {("M04.at_least", "written", ""): {"status": "not_applicable", "value": None}}
    found = two_lists(seen, sorted(lists)) if len(lists) == 2 else many_lists(seen, len(lists))
    if found is None:
        return {("M04.at_least", "written", ""): {"status": "insufficient", "value": None}}
    low = max(found[0], len(held))  # what no list saw is held all the same
    return {("M04.at_least", "written", ""): {"value": low, "num": len(held)},
            ("M04.found", "written", ""): {"value": len(held) / low}}  # fmt: skip


def two_lists(seen, names):
    n1, n2 = (sum(name in s for s in seen.values()) for name in names)
    m, held = sum(len(s) == 2 for s in seen.values()), len(seen)
    if m < 7 or held < 6:
        return None
    a, b, c = m + 0.5, n1 - m + 0.5, n2 - m + 0.5
    sigma = math.sqrt(1 / a + 1 / b + 1 / c + a / (b * c))
    low = held - 0.5 + b * c / a * math.exp(-Z * sigma)
    return max(held, low), (n1 + 1) * (n2 + 1) / (m + 1) - 1


def many_lists(seen, t):
    held, q1, q2 = len(seen), *(sum(len(s) == k for s in seen.values()) for k in (1, 2))
    if held < 6:
        return None
    a = (t - 1) / t
    f0 = a * q1 * (q1 - 1) / (2 * (q2 + 1))
    if f0 == 0:
        return held, held
    if q2 == 0:
        v = a * q1 * (q1 - 1) / 2 + a * a * q1 * (2 * q1 - 1) ** 2 / 4 - a * a * q1**4 / (4 * (held + f0))
    else:
        v = (f0 + a * a * q1 * (2 * q1 - 1) ** 2 / (4 * (q2 + 1) ** 2)
             + a * a * q1 * q1 * q2 * (q1 - 1) ** 2 / (4 * (q2 + 1) ** 4))  # fmt: skip
    return held + f0 / math.exp(Z * math.sqrt(math.log(1 + v / f0**2))), held + f0


# --- M05 to M07 -----------------------------------------------------------------------------------------------------


def local_day(now, item):
    return now.at(item).astimezone(now.zone).date()


def timeline(now):
    rows = {}
    for group in ("written", "talk", "micro"):
        for column in {now.column(i) for i in now.stories if grp(i) == group}:
            days, undated = {}, 0
            for item in now.all:
                if not item["counted"] or grp(item) != group or now.column(item) != column:
                    continue
                if now.at(item) is None:
                    undated += now.around(item)
                else:
                    day = local_day(now, item).isoformat()
                    days[day] = days.get(day, 0) + 1
            rows["M05.timeline", group, column] = {"days": days, "undated": undated}
    return rows


def order_interval(ages):
    """The (k)-th and (n-k+1)-th age, the largest k with P(Bin(n, 1/2) <= k-1) <= 0.025."""
    n = len(ages)
    k, below = 0, 0
    while (below + math.comb(n, k)) / 2**n <= 0.025:
        below += math.comb(n, k)
        k += 1
    return (ages[k - 1], ages[n - k]) if k else None


def out_by(ages, tenths):
    return ages[-(-tenths * len(ages) // 10) - 1]


def age_of(now, at):
    return max(0.0, (at - now.end).total_seconds() / DAY)


def at_ends(now, items, last):
    """Ages with each date-only item at the first or the last moment of its local day."""
    ages = []
    for item in items:
        at = now.at(item)
        if item["published_precision"] == "day":
            day = at.astimezone(now.zone).replace(hour=0, minute=0, second=0, microsecond=0)
            at = (day + timedelta(days=1)).astimezone(UTC) if last else day.astimezone(UTC)
        ages.append(age_of(now, at))
    return sorted(min(28.0, age) for age in ages)


def belongs(now, item):
    """Between the start and day 28; a day alone when any hour of it does."""
    first, last = now.at(item), now.at(item)
    if item["published_precision"] == "day":
        day = datetime.combine(local_day(now, item), time(), now.zone)
        first, last = (
            day,
            datetime.combine(local_day(now, item) + timedelta(days=1), time(), now.zone) - timedelta(seconds=1),
        )
    return last >= now.start and first <= now.last


def ages(now):
    rows = {}
    for group in ("written", "talk", "micro"):
        mine = now.of(group, "participant")
        dated = [i for i in mine if now.at(i) and belongs(now, i)]
        undated = sum(now.at(i) is None for i in mine)
        known = sorted(age_of(now, now.at(i)) for i in dated)
        for metric, of in (("t50", 5), ("t90", 9)):
            row = {"value": None, "n": len(dated)}
            if len(dated) >= 6:
                unit = 24 if metric == "t50" else 1
                row["value"] = out_by(known, of) * unit
                if metric == "t50" and len(dated) >= 15 and all(i["published_precision"] != "day" for i in dated):
                    row["ci"] = tuple(x * unit for x in order_interval(known))
                if all(i["published_precision"] != "day" for i in dated):
                    row["bounds"] = None
                else:
                    row["range"] = tuple(out_by(at_ends(now, dated, last), of) * unit for last in (False, True))
            rows[f"M06.{metric}", group, "participant"] = row
        for metric, k in (("first_day", sum(a <= 1 for a in known)), ("afterglow", sum(a > 7 for a in known))):
            row = {"num": k, "den": len(dated), "value": None}
            if len(dated) >= 6:
                row["value"] = k / len(dated)
                if all(i["published_precision"] != "day" for i in dated):
                    row["bounds"] = (
                        (k / (len(dated) + undated), (k + undated) / (len(dated) + undated)) if undated else None
                    )
            rows[f"M06.{metric}", group, "participant"] = row
        rows["M06.baseline_lift", group, "participant"] = lift(now, group)
    return rows


def lift(now, group):
    mine = [i for i in now.all if i["counted"] and grp(i) == group and now.column(i) == "participant" and now.at(i)]
    far = [((now.at(i) - now.end).total_seconds() / DAY, i["author_id"]) for i in mine]
    after, before = [a for d, a in far if 7 < d <= 28], [a for d, a in far if -28 <= d < -7]
    row = {"num": len(after), "den": len(before), "value": None}
    if after and before and len(after) + len(before) >= 6:
        row["value"] = len(after) / len(before)
        s = math.sqrt(
            sum(x * x for x in per(after)) / len(after) ** 2 + sum(y * y for y in per(before)) / len(before) ** 2
        )
        row["ci"] = (row["value"] * math.exp(-Z * s), row["value"] * math.exp(Z * s))
    return row


def bursts(now):
    rows, zero = {}, now.end.astimezone(now.zone).date()
    for group in ("written", "talk", "micro"):
        for kind in ("participant", "earned"):
            skip = OWNED | {"aggregator"}
            mine = [i for i in now.all if i["counted"] and grp(i) == group and now.at(i)
                    and (now.kind(i) == kind if kind == "participant" else now.kind(i) not in skip)]  # fmt: skip
            counts = {}
            for item in mine:
                n = (local_day(now, item) - zero).days
                counts[n] = counts.get(n, 0) + 1
            lit = []
            for day in range(8, 29):
                c, mu = counts.get(day, 0), max(0.3, sum(counts.get(day - k, 0) for k in range(1, 8)) / 7)
                tail = 1 - sum(math.exp(-mu) * mu**k / math.factorial(k) for k in range(c))
                if c >= 3 and tail < 0.001:
                    lit.append((zero + timedelta(days=day)).isoformat())
            rows["M07.reignition", group, kind] = {"value": len(lit), "lit": lit}
    return rows


# --- M08 to M10 -----------------------------------------------------------------------------------------------------


def returning(now, before):
    rows = {}
    for kind, people in (("contributors", Edition.writers), ("attendees", Edition.room)):
        here, sets = people(now), [people(e) for e in before]
        if not before:
            for metric in ("new_share", "return_rate"):
                rows[f"M08.{metric}", "", kind] = {"status": "not_applicable", "value": None}
            continue
        if kind == "attendees" and not here:
            rows["M08.new_share", "", kind] = {"status": "unmeasured", "value": None}
            continue
        ever = set().union(*sets)
        if here and ever:
            rows["M08.new_share", "", kind] = share(len(here - ever), len(here), ci=wilson(len(here - ever), len(here)))
        if sets[-1]:
            k = len(here & sets[-1])
            rows["M08.return_rate", "", kind] = share(k, len(sets[-1]), ci=wilson(k, len(sets[-1])))
    return rows


def cohorts(now, before):
    rows, met = {}, set()
    chain = [*before, now]
    if not before:
        return {}
    for n, edition in enumerate(chain):
        first = edition.writers() - met
        met |= edition.writers()
        by = {later.name: len(first & later.writers()) for later in chain[n + 1 :]}
        rows["M09.cohort", "", edition.name] = {"value": len(first), "by": by}
    return rows


def rates(now):
    rows = {}
    for group in ("any", "written"):
        room, wrote = now.room(), now.writers(group)
        row = {"value": None, "status": "not_applicable"}
        if room:
            k = len(room & wrote)
            row = share(k, len(room), ci=wilson(k, len(room)), unmatched=len(wrote - room))
        elif now.heads and wrote and len(wrote) <= now.heads:
            row = share(len(wrote), now.heads, ci=wilson(len(wrote), now.heads))
        elif now.heads:
            continue
        rows["M10.contribution_rate", group, ""] = row
    return rows


# --- M11 --------------------------------------------------------------------------------------------------------------


def when(now, edge):
    """The moment of an edge; that of a post which names only its day is none."""
    source = next((i for i in now.tables["item"] if i["item_id"] == edge["src_item_id"]), None)
    vague = source and source["published_precision"] in ("day", "month") and source["published_at"] == edge["at"]
    return None if vague else moment(edge["at"])


def answers(now, story):
    """(hours or None, actor), the earliest first and those without a moment last."""
    parts = {i["item_id"]: i["author_id"] for i in now.all if i["item_id"] == story["item_id"]
             or (i["story_id"] == story["story_id"] and i["event_id"] == now.name and i["relation"] in
                 ("thread_part", "crosspost", "syndicated"))}  # fmt: skip
    found = []
    for order, edge in enumerate(now.tables["edge"]):
        if edge["event_id"] != now.name or edge["dst_item_id"] not in parts or edge["edge_type"] == "mention":
            continue
        who = edge["actor_id"]
        if (
            who is None
            or who in (story["author_id"], parts[edge["dst_item_id"]])
            or who in now.gone
            or now.kinds.get(who) in OWNED | {"aggregator"}
        ):
            continue
        at = when(now, edge)
        if at is None or now.at(story) is None:
            found.append((math.inf, order, who, at))
        else:
            found.append((max(0.0, (at - now.at(story)).total_seconds() / 3600), order, who, at))
    return sorted(found, key=lambda a: (a[3] is None, a[3] or datetime.max.replace(tzinfo=UTC), a[1]))


def followers(now):
    rows = {}
    if not [e for e in now.tables["edge"] if e["event_id"] == now.name and e["actor_id"] not in now.gone]:
        return {}
    for group in ("written", "talk", "micro"):
        mine = now.of(group, "participant")
        if not mine:
            continue
        first, dated, unanswered = {}, [], []
        for story in mine:
            found = answers(now, story)
            if not found:
                unanswered.append(story["item_id"])
            if now.at(story):
                dated.append(found[0][0] if found else math.inf)
            if found and found[0][3] is not None:
                first[found[0][2]] = first.get(found[0][2], 0) + 1
        if dated:
            k = sum(h <= 72 for h in dated)
            row = {"num": k, "den": len(dated), "value": None}
            if len(dated) >= 6:
                row |= share(k, len(dated), ci=wilson(k, len(dated)))
            rows["M11.answered", group, ""] = row
            dated.sort()
            half = dated[(len(dated) - 1) // 2]
            rows["M11.median_hours", group, ""] = {"value": half if len(dated) >= 6 and half < math.inf else None,
                                                   "n": len(dated)}  # fmt: skip
        rows["M11.first_followers", group, ""] = {"value": len(first), "by": first}
        rows["M11.unanswered", group, ""] = {"value": len(unanswered), "posts": sorted(unanswered)}
    return rows
