"""M12 to M22 computed a second time, from plain tables and by other means, to compare the report with.

A world is a dict of tables: lists of dicts with the column names of the worked fixture (event_id, item_id, …). Every
function gives `{(metric, group, kind): {"value": …, "num": …}}`; what a dict does not name is not compared.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

OWNED = ("organiser", "vendor", "sponsor")
APART = (*OWNED, "aggregator")
RESPONSES = ("quote", "reply", "link", "bookmark", "repost")
THERE = ("attended", "remote")
GROUPS = {
    "article": "written", "news": "written", "slides": "talk", "video": "talk", "podcast": "talk", "micropost": "micro",
}  # fmt: skip
POINTS = {"micro": 1, "written": 3, "talk": 4}
Z = 1.959963984540054


def moment(text):
    return datetime.fromisoformat(text) if text else None


def wilson(k, n):
    if not n:
        return None
    p, zz = k / n, Z * Z
    middle, half = p + zz / (2 * n), Z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return (middle - half) / (1 + zz / n), (middle + half) / (1 + zz / n)


class World:
    """The tables as one event of theirs sees them; whoever opted out is in none of them."""

    def __init__(self, tables, event):
        gone = {row["author_id"] for row in tables.get("author", ()) if row.get("opted_out")}
        self.tables, self.event, self.gone = tables, event, gone
        self.events = {row["event_id"]: row for row in tables["event"]}
        here = self.events[event]
        self.editions = sorted(
            (row["event_id"] for row in tables["event"]
             if row["series_id"] == here["series_id"] and row["starts_at"] <= here["starts_at"]),
            key=lambda name: self.events[name]["starts_at"],
        )  # fmt: skip
        self.before = self.editions[-2] if len(self.editions) > 1 else None
        self.label = {(row["author_id"], row["event_id"]): row for row in tables["author_event"]}
        self.kinds = {key: row["kind"] for key, row in self.label.items() if key[0] not in gone}
        self.items = [row for row in tables["item"] if row["author_id"] not in gone]
        self.by_id = {row["item_id"]: row for row in self.items}

    def kind(self, author, event=None):
        return (self.label.get((author, event or self.event)) or {}).get("kind") or "unknown"

    def subkind(self, author, event=None):
        return (self.label.get((author, event or self.event)) or {}).get("subkind")

    def spoke(self, author, event):
        """A participant on the programme."""
        return (self.kind(author, event), self.subkind(author, event)) == ("participant", "speaker")

    def ends(self, event=None):
        return moment(self.events[event or self.event]["ends_at"])

    def posts(self, event=None):
        """Items of an event, counted or not: dated ones from its first local midnight to 28 days after its end."""
        event = event or self.event
        row = self.events[event]
        first = moment(row["starts_at"]).astimezone(ZoneInfo(row["tz"])).replace(hour=0, minute=0, second=0)
        last = self.ends(event) + timedelta(days=28)
        return [
            item for item in self.items
            if item["event_id"] == event
            and (item["published_at"] is None or first <= moment(item["published_at"]) <= last)
        ]  # fmt: skip

    def stories(self, event=None, group="", kinds=()):
        """Counted items."""
        event = event or self.event
        return [
            item for item in self.posts(event)
            if item["counted"] and (not group or GROUPS.get(item["item_kind"], "other") == group)
            and (not kinds or self.kind(item["author_id"], event) in kinds)
        ]  # fmt: skip

    def contributors(self, event=None):
        return {item["author_id"] for item in self.stories(event, kinds=("participant",))}

    def present(self, event=None, statuses=THERE):
        """People of the attendance list with one of these states."""
        rows = [row for row in self.tables["attendance"] if row["event_id"] == (event or self.event)]
        return {row["person_id"] for row in rows if row["status"] in statuses} - self.gone

    def listed(self, event=None):
        """Who was there; None where no list says so."""
        return self.present(event) or None

    def answers(self, event=None):
        """(actor, item, edge) of every response to somebody else's item."""
        event = event or self.event
        for edge in self.tables["edge"]:
            item = self.by_id.get(edge["dst_item_id"])
            if edge["event_id"] != event or edge["edge_type"] not in RESPONSES or item is None:
                continue
            if edge["actor_id"] in self.gone or edge["actor_id"] == item["author_id"]:
                continue
            if self.kind(edge["actor_id"], event) not in APART:
                yield edge["actor_id"], item, edge

    def edges_known(self):
        return any(edge["event_id"] == self.event and edge["actor_id"] not in self.gone for edge in self.tables["edge"])

    def followers(self, author, platform):
        """The count observed closest to the event; of two as close, the later one."""
        starts, ends, told = moment(self.events[self.event]["starts_at"]), self.ends(), []
        for row in self.tables["audience"]:
            if (row["author_id"], row["platform"]) == (author, platform) and author not in self.gone:
                at = moment(row["observed_at"] + "T00:00:00Z")
                told.append((max(starts - at, at - ends, timedelta()), starts - at, row["followers"]))
        return min(told)[2] if told else None


def reach(world):
    """M12: potential audience a platform, engaged people, one hop."""
    found, posters, unknown = {}, defaultdict(set), 0
    here = {item["item_id"] for item in world.posts()}
    for item in world.posts():
        passed_on = item["relation"] in ("crosspost", "syndicated", "repost")
        if (item["counted"] or passed_on) and world.kind(item["author_id"]) not in APART:
            posters[item["platform"]].add(item["author_id"])
    for actor, item, edge in world.answers():
        if edge["edge_type"] == "repost" and item["item_id"] in here:
            posters[item["platform"]].add(actor)
    for platform, people in posters.items():
        known = [n for n in (world.followers(one, platform) for one in people) if n is not None]
        unknown += len(people) - len(known)
        if known:
            found["M12.potential", "any", platform] = {
                "lo": max(known), "hi": sum(known), "num": len(known), "den": len(people), "value": None,
            }  # fmt: skip
    if posters:
        row = {"value": unknown, "num": unknown, "den": sum(map(len, posters.values()))}
        found["M12.unknown_followers", "any", ""] = row
    engaged = {
        actor for actor, item, _ in world.answers()
        if item["item_id"] in here and world.kind(item["author_id"]) == "participant"
    }  # fmt: skip
    found["M12.engaged", "any", ""] = {"value": len(engaged)} if world.edges_known() else {"status": "unmeasured"}
    room = world.present(statuses=(*THERE, "staff", "registered")) and world.present(statuses=(*THERE, "staff"))
    if world.edges_known() and room:
        beyond = engaged - room - {who for who in engaged if world.kind(who) == "participant"}
        found["M12.one_hop", "any", ""] = {"value": len(beyond), "num": len(beyond), "den": len(engaged)}
    return found


def amplification(world):
    """M13: the median and maximum of each reaction at day 7 and day 28."""
    found, days = {}, {7: 1, 28: 3}
    for item_kind, platform in {(i["item_kind"], i["platform"]) for i in world.stories(kinds=("participant",))}:
        posts = [
            i for i in world.stories(kinds=("participant",)) if (i["item_kind"], i["platform"]) == (item_kind, platform)
        ]
        for name in {row["name"] for row in world.tables.get("reaction", ())}:
            for age, slack in days.items():
                seen = [v for v in (_at_age(world, post, name, age, slack) for post in posts) if v is not None]
                if not seen:
                    continue
                few = len(seen) < 6
                found["M13.reactions", platform, item_kind, name, age] = {
                    "value": None if few else median(seen), "num": len(seen), "den": len(posts),
                    "status": "insufficient" if few else "ok", "max": max(seen),
                }  # fmt: skip
                rest = sorted(seen)[:-1]
                if len(rest) >= 5 and median(rest):
                    found["M13.times", platform, item_kind, name, age] = {
                        "value": max(seen) / median(rest), "num": max(seen), "den": median(rest),
                        "by": {"lo": rest[0], "hi": rest[-1], "posts": len(rest)},
                    }  # fmt: skip
    return found


def _at_age(world, post, name, age, slack):
    if post["published_at"] is None:
        return None
    due = moment(post["published_at"]) + timedelta(days=age)
    told = [
        (abs(moment(row["observed_at"]) - due), row["value"]) for row in world.tables["reaction"]
        if row["item_id"] == post["item_id"] and row["name"] == name
    ]  # fmt: skip
    told = [(far, value) for far, value in told if far <= timedelta(days=slack)]
    return min(told)[1] if told else None


def leaders(world):
    """M14: love, pull, give, reach, tier and quadrant of whoever wrote at one of the editions so far."""
    found, tiers = {}, Counter()
    wrote = {event: world.contributors(event) for event in world.editions}
    year = [event for event in world.editions if (world.ends() - world.ends(event)).days <= 365]
    for person in set().union(*(wrote[event] for event in year)):
        row = _leader(world, person, [event for event in world.editions if person in wrote[event]])
        if row["tier"] != "none" or person in wrote[world.event]:
            tiers[row["tier"]] += 1
            found["M14.leader", "any", person] = row
    if not any(
        edge["event_id"] in world.editions and edge["actor_id"] not in world.gone for edge in world.tables["edge"]
    ):
        return {}
    if not tiers:
        return {("M14.tiers", "any", ""): {"status": "not_applicable"}}
    found["M14.tiers", "any", ""] = {"value": tiers["candidate"], "tiers": {k: v for k, v in tiers.items() if v}}
    return found


def _leader(world, person, events):
    love, kinds, pull, give = 0.0, set(), set(), set()
    for event in world.editions:
        made = {
            GROUPS.get(item["item_kind"])
            for item in world.stories(event, kinds=("participant",))
            if item["author_id"] == person
        } - {None}
        made |= {"talk"} if world.spoke(person, event) else set()
        kinds |= made if (world.ends() - world.ends(event)).days <= 365 else set()
        there = world.kind(person, event) == "participant" or person in world.present(event, (*THERE, "staff"))
        points = sum(POINTS[group] for group in made) + there
        helped = world.kind(person, event) == "organiser" or person in world.present(event, ("staff",))
        age = (world.ends() - world.ends(event)).total_seconds() / 86400
        love += 0.5 ** (age / 365) * (points + 5 * helped)
        for actor, item, edge in world.answers(event):
            if item["author_id"] == person:
                pull.add(actor)
            elif actor == person and edge["edge_type"] in ("link", "quote", "reply"):
                give |= {item["author_id"]} if world.kind(item["author_id"], event) == "participant" else set()
    year = [event for event in events if (world.ends() - world.ends(event)).days <= 365]
    owned = (
        next((k for k in (world.label.get((person, e)) for e in reversed(world.editions)) if k), {})["kind"] in OWNED
    )
    if owned:
        tier = "none"
    elif len(year) >= 2 and len(kinds) >= 2 and (len(pull) >= 2 or len(give) >= 2):
        tier = "candidate"
    elif events == [world.event] and (pull or give):
        tier = "rising"
    else:
        tier = "steady" if len(events) >= 2 else "none"
    told = [n for n in (world.followers(person, r["platform"]) for r in world.tables["audience"]) if n is not None]
    names = {(1, 0): "fan", (1, 1): "role model", (0, 1): "influencer", (0, 0): "newcomer"}
    quadrant = names[love >= 6, max(told) >= 3000] if told else "unknown reach"
    return {"value": love, "pull": len(pull), "give": len(give), "followers": max(told, default=None), "tier": tier,
            "quadrant": quadrant, "events": len(events),
            "corporate": "corporate" in (world.subkind(person, e) for e in events)}  # fmt: skip


def concentration(world):
    """M15 over written stories of participants."""
    counts = Counter(item["author_id"] for item in world.stories(group="written", kinds=("participant",)))
    if not counts:
        return {("M15.absence_factor", "written", ""): {"status": "not_applicable", "value": None}}
    firms = Counter()
    for writer, n in counts.items():
        firm = (world.label.get((writer, world.event)) or {}).get("organisation")
        corporate = world.subkind(writer) == "corporate" and firm
        firms["firm", firm] += n if corporate else 0
        firms["one", writer] += 0 if corporate else n
    total, sizes = sum(counts.values()), sorted(counts.values())
    found = {
        "absence_factor": {"value": _half(counts.values())},
        "elephant_factor": {"value": _half(firms.values())},
        "effective_writers": {"value": total**2 / sum(x * x for x in sizes)},
        "top_share": {"value": sizes[-1] / total, "num": sizes[-1], "den": total},
    }
    n = len(sizes)
    if n == 1:
        found["gini"] = {"value": None, "status": "not_applicable"}
    elif n < 10:
        found["gini"] = {"value": None, "status": "insufficient"}
    else:
        apart = sum(abs(a - b) for a in sizes for b in sizes)
        found["gini"] = {"value": apart / (2 * n * n * (total / n)) * n / (n - 1)}
    return {(f"M15.{name}", "written", ""): row for name, row in found.items()}


def _half(counts):
    taken, sizes = 0, sorted(counts, reverse=True)
    for number, size in enumerate(sizes, 1):
        taken += size
        if 2 * taken >= sum(sizes):
            return number
    return 0


def topics(world):
    """M16 over texts of plain words: z of the log-odds with the counts of both sides together as the prior."""
    sides = {}
    for kind in ("participant", "media"):
        texts = [item.get("text") for item in world.stories(group="written", kinds=(kind,))]
        sides[kind] = [set(text.split()) for text in texts if text]
    if not any(kind == "media" and where == world.event for (_, where), kind in world.kinds.items()):
        return {}
    written = world.stories(group="written", kinds=("participant", "media"))
    if min(map(len, sides.values())) < 10:
        return {
            ("M16.topics", "written", kind): {"value": None, "status": "insufficient" if written else "not_applicable"}
            for kind in sides
        }
    found = {}
    for kind, other in (("participant", "media"), ("media", "participant")):
        ours, theirs = (Counter(word for text in sides[side] for word in text) for side in (kind, other))
        n, m, whole = sum(ours.values()), sum(theirs.values()), sum((ours + theirs).values())
        told = {}
        for word, y in ours.items():
            a = y + theirs[word]
            here, there = y + a, theirs[word] + a
            odds = math.log(here / (n + whole - here)) - math.log(there / (m + whole - there))
            if y >= 3 and odds / math.sqrt(1 / here + 1 / there) > Z:
                told[word] = y
        found["M16.topics", "written", kind] = {"value": len(told), "steps": told}
    return found


def heat(world, phrases):
    """M17 but for the line of M06."""
    writers, found = world.contributors(), {}
    room = world.listed()
    if room:
        both = len(writers & room)
        lo, hi = wilson(both, len(room))
        found["M17.contribution_rate", "any", ""] = {
            "value": both / len(room),
            "num": both,
            "den": len(room),
            "ci": (lo, hi),
        }
    if writers:
        kinds = {(i["author_id"], GROUPS.get(i["item_kind"], "other")) for i in world.stories(kinds=("participant",))}
        found["M17.kinds_per_contributor", "any", ""] = {
            "value": len(kinds) / len(writers),
            "num": len(kinds),
            "den": len(writers),
        }
        here = {item["item_id"] for item in world.posts()}
        among = {
            (actor, item["item_id"], edge["edge_type"], edge["src_item_id"]) for actor, item, edge in world.answers()
            if item["item_id"] in here and world.kind(actor) == "participant" == world.kind(item["author_id"])
        }  # fmt: skip
        if world.edges_known():
            found["M17.conversation", "any", ""] = {
                "value": len(among) / len(writers),
                "num": len(among),
                "den": len(writers),
            }
    texts = [i.get("text") for i in world.stories(group="written", kinds=("participant",))]
    held = [text for text in texts if text]
    if held:
        said = sum(any(phrase in text for phrase in phrases) for text in held)
        found["M17.return_phrases", "written", ""] = {
            "value": said / len(held), "num": said, "den": len(held), "ci": wilson(said, len(held)),
        }  # fmt: skip
    return found


def trend(world):
    """M18 against the edition before: rate ratio, range and verdict."""
    found = {}
    if world.before is None:
        return found
    for group, kind in (
        ("written", "participant"),
        ("talk", "participant"),
        ("micro", "participant"),
        ("written", "media"),
    ):
        now, then = (
            Counter(i["author_id"] for i in world.stories(event, group, (kind,)))
            for event in (world.event, world.before)
        )
        outlets = [
            any(k == kind and where == e for (_, where), k in world.kinds.items()) for e in (world.event, world.before)
        ]
        if kind == "media" and not all(outlets):
            continue
        row = _change(list(now.values()), list(then.values()))
        found["M18.change", group, kind] = row | _per_attendee(world, row)
    for group in ("any", "written"):
        now, then = (
            {i["author_id"] for i in world.stories(event, "" if group == "any" else group, ("participant",))}
            for event in (world.event, world.before)
        )
        row = _change([1] * len(now), [1] * len(then))
        found["M18.contributors", group, "participant"] = row | _per_attendee(world, row)
    return found


def _per_attendee(world, row):
    here, there = (len(world.listed(event) or ()) for event in (world.event, world.before))
    if "change" not in row or not here or not there or here == there:
        return {}
    lo, hi = (None if end is None else end * there / here for end in row["ci"])
    value = None if row["value"] is None else row["value"] * there / here
    return {"per_attendee": {"value": value, "lo": lo, "hi": hi}}


def _change(now, then):
    a, b = sum(now), sum(then)
    row = {"num": a, "den": b, "value": a / b if b else None}
    if not a and not b:
        return row | {"status": "not_applicable"}
    if a and b:
        s = math.sqrt(sum(x * x for x in now) / a**2 + sum(y * y for y in then) / b**2)
        lo, hi = a / b * math.exp(-Z * s), a / b * math.exp(Z * s)
    elif a:
        part = 0.025 ** (sum(x * x for x in now) / a**2)
        lo, hi = part / (1 - part), None
    else:
        part = 1 - 0.025 ** (sum(y * y for y in then) / b**2)
        lo, hi = None, part / (1 - part)
    n, k = a + b, max(a, b)
    tail = Fraction(sum(math.comb(n, i) for i in range(k, n + 1)), 2**n)
    verdict = "no_clear_change"
    if tail < Fraction(25, 1000):
        verdict = "more" if lo is not None and lo > 1 else "fewer" if hi is not None and hi < 1 else verdict
    return row | {"ci": (lo, hi), "change": verdict}


def selfrunning(world):
    """M19: community share with its bounds, events and talks by others than the vendor."""
    kinds = Counter(world.kind(item["author_id"]) for item in world.stories(group="written"))
    ours, owned, unknown = kinds["participant"] + kinds["independent"], sum(kinds[k] for k in OWNED), kinds["unknown"]
    found = {}
    if ours + owned:
        row = {"value": ours / (ours + owned), "num": ours, "den": ours + owned}
        if unknown:
            whole = ours + owned + unknown
            row |= {"lo": ours / whole, "hi": (ours + unknown) / whole}
        found["M19.community_share", "written", ""] = row
    start = moment(world.events[world.event]["starts_at"])
    year = [e for e in world.editions if start - moment(world.events[e]["starts_at"]) < timedelta(days=365)]
    others = sum(("organiser", e) in {(kind, where) for (_, where), kind in world.kinds.items()} for e in year)
    if others:
        found["M19.events_by_others", "", ""] = {"value": others / len(year), "num": others, "den": len(year)}
    talks = Counter(world.kind(item["author_id"]) for item in world.stories(group="talk"))
    total = sum(talks[k] for k in ("participant", "independent", "organiser", "vendor", "sponsor"))
    if total:
        row = {"value": 1 - talks["vendor"] / total, "num": total - talks["vendor"], "den": total}
        found["M19.talks_by_others", "talk", "found"] = row
    return found


def ladder(world):
    """M20 from the edition before to this one."""
    if world.before is None or world.listed() is None or world.listed(world.before) is None:
        return {}
    rungs = [_rungs(world, event) for event in (world.before, world.event)]
    on_it = {p for event in (world.before, world.event) for p in world.listed(event) | world.contributors(event)}
    steps = Counter((rungs[0].get(person, 0), rungs[1].get(person, 0)) for person in on_it)
    found = {
        ("M20.transitions", "", ""): {"value": len(on_it), "steps": {f"{a}→{b}": n for (a, b), n in steps.items()}}
    }
    for name, test in {
        "arrived": lambda a, b: a == 0 and b, "climbed": lambda a, b: 0 < a < b, "stayed": lambda a, b: a == b,
        "stepped_back": lambda a, b: 0 < b < a, "not_seen": lambda a, b: a and b == 0,
    }.items():  # fmt: skip
        total = sum(n for step, n in steps.items() if test(*step))
        found[f"M20.{name}", "", ""] = {"value": total, "num": total, "den": len(on_it)}
    return found


def _rungs(world, event):
    rungs = dict.fromkeys(world.listed(event), 1) | dict.fromkeys(world.contributors(event), 2)
    talks = {item["author_id"] for item in world.stories(event, "talk", ("participant",))}
    ran = {author for (author, where), row in world.label.items() if where == event and row["kind"] == "organiser"}
    talks |= {who for who, where in world.label if where == event and world.spoke(who, event)}
    rungs |= dict.fromkeys(talks - world.gone, 3) | dict.fromkeys(ran - world.gone, 4)
    return rungs | dict.fromkeys(world.present(event, ("staff",)), 4)


def cadence(world):
    """M21: editions of twelve months, their cities, the median gap, and the net promoter score."""
    start = moment(world.events[world.event]["starts_at"])
    year = [e for e in world.editions if start - moment(world.events[e]["starts_at"]) <= timedelta(days=365)]
    cities = {world.events[e]["city"] for e in year} - {None, ""}
    found = {("M21.events", "", ""): {"value": len(year)}}
    if cities:
        found["M21.cities", "", ""] = {"value": len(cities)}
    zone = ZoneInfo(world.events[world.event]["tz"])
    days = [moment(world.events[e]["starts_at"]).astimezone(zone).date() for e in year]
    gaps = [(b - a).days for a, b in pairwise(days)]
    found["M21.gap", "", ""] = {"value": median(gaps)} if gaps else {"status": "not_applicable"}
    told = {
        int(row["name"].split()[1]): int(row["value"]) for row in world.tables.get("external_kpi", ())
        if row["event_id"] == world.event and row["name"].startswith("NPS ")
    }  # fmt: skip
    n = sum(told.values())
    if n >= 6:
        up, down = sum(v for k, v in told.items() if k >= 9) / n, sum(v for k, v in told.items() if k <= 6) / n
        half = Z * math.sqrt((up + down - (up - down) ** 2) / n)
        found["M21.nps", "", ""] = {
            "value": 100 * (up - down),
            "ci": tuple(max(-100, min(100, 100 * (up - down + sign * half))) for sign in (-1, 1)),
        }
    return found


def quality(world):
    """M22: undated and unclassified of the counted, what was merged, and the audit's corrected counts."""
    items = world.stories()
    undated = sum(item["published_at"] is None for item in items)
    unknown = sum(world.kind(item["author_id"]) == "unknown" for item in items)
    found = {
        ("M22.undated", "", ""): {"value": undated, "num": undated, "den": len(items)},
        ("M22.unclassified", "", ""): {"value": unknown, "num": unknown, "den": len(items)},
    }
    merged = Counter(i["relation"] for i in world.posts() if not i["counted"])
    found["M22.merged", "", ""] = {"value": sum(merged.values()), "steps": dict(merged)}
    linked = {(i["author_id"]) for i in world.stories(kinds=("participant",))}
    found["M22.unlinked_handles", "", ""] = {"value": len(linked)}
    some = any(row["event_id"] == world.event for row in world.tables["attendance"])
    found["M22.attendance_list", "", ""] = {"value": int(some)}
    for name in ("M22.undated", "M22.unclassified"):
        if not items:
            found[name, "", ""] = {"status": "not_applicable"}
    return found | audit(world) | agreement(world)


def agreement(world):
    """Of the audited stories of a predicted class, how many agree."""
    truths = {r["item_id"]: r for r in world.tables.get("audit", ()) if r["event_id"] == world.event}
    asked = [truths[i["item_id"]] for i in world.stories(group="written") if i["item_id"] in truths]
    judged = [row for row in asked if row["predicted"] != "unknown"]
    if not asked:
        return {}
    agree = sum(row["predicted"] == row["truth"] for row in judged)
    return {("M22.audit", "written", ""): {"value": len(asked), "num": agree, "den": len(judged)}}


def audit(world):
    """Closed-form correction: strata by predicted class, a weak prior, mean and covariance of what is open."""
    strata, said = Counter(), defaultdict(Counter)
    truths = {r["item_id"]: r["truth"] for r in world.tables.get("audit", ()) if r["event_id"] == world.event}
    if not any(item["item_id"] in truths for item in world.stories(group="written")):
        return {}
    for item in world.stories(group="written"):
        kind = world.kind(item["author_id"])
        stratum = "owned" if kind in OWNED else kind
        strata[stratum] += 1
        if item["item_id"] in truths:
            said[stratum][truths[item["item_id"]]] += 1
    classes = sorted({*strata, *(c for x in said.values() for c in x)} - {"unknown"})
    if any(strata[k] > sum(said[k].values()) < 5 for k in strata):
        return {("M22.corrected_ratio", "written", ""): {"status": "insufficient", "value": None}}
    mean, cov = Counter(), Counter()
    for stratum, n in strata.items():
        prior = {c: 0.5 if stratum not in classes else 1 if c == stratum else 0.25 for c in classes}
        asked = sum(said[stratum].values())
        whole, still = sum(prior.values()) + asked, n - asked
        p = {c: (prior[c] + said[stratum][c]) / whole for c in classes}
        for c in classes:
            mean[c] += said[stratum][c] + still * p[c]
            for d in classes:
                cov[c, d] += still * (whole + still) / (whole + 1) * (p[c] * (c == d) - p[c] * p[d])
    found = {("M22.corrected", "written", c): {"value": mean[c]} for c in classes}
    if mean["participant"] and mean["media"]:
        a, b = mean["participant"], mean["media"]
        s = math.sqrt(max(0, cov["participant", "participant"] / a**2 + cov["media", "media"] / b**2
                      - 2 * cov["participant", "media"] / (a * b)))  # fmt: skip
        found["M22.corrected_ratio", "written", ""] = {
            "value": a / b, "ci": (a / b * math.exp(-Z * s), a / b * math.exp(Z * s)),
        }  # fmt: skip
    return found
