"""M19, would it go on without us: what the community wrote, organised and told on stage itself.

There is no target: an early community is rightly carried by its vendor.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from harvester.classify.organisation import employer_key
from harvester.measure.frame import Frame, counted, state_of
from harvester.measure.metric import Bounds, Metric
from harvester.measure.timing import stories_of
from harvester.measure.volume import OWNED, column_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.measure.item import Item
    from harvester.measure.world import Edition

_YEAR: Final = timedelta(days=365)
_COMMUNITY: Final = ("participant", "independent")
# Who can have given a talk for the community, and who for the company behind the event. Media and aggregators show
# the talks of others; a sponsor's is another company's, and no vendor's.
_ON_STAGE: Final = (*_COMMUNITY, "organiser", "sponsor", "vendor")
_SHARED: Final = f"{stories_of('written')} AND author_kind IN {(*_COMMUNITY, *sorted(OWNED))}"
_TALKS: Final = f"{stories_of('talk')} AND author_kind IN {_ON_STAGE}"
_YEAR_SQL: Final = """SELECT * FROM events
WHERE (slug = :event OR series = (SELECT series FROM events WHERE slug = :event))
  AND starts_at <= (SELECT starts_at FROM events WHERE slug = :event)
  AND julianday(starts_at) > (SELECT julianday(starts_at) - 365 FROM events WHERE slug = :event) ORDER BY starts_at"""


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M19.community_share, M19.events_by_others, and M19.talks_by_others of the programme and of the decks found."""
    stories = counted(items, frame)
    own = frame.world.edition(frame.event)
    return [_share(stories, frame, own), _events(frame), _programme(own), _decks(stories, frame)]


def _share(stories: Sequence[Item], frame: Frame, own: Edition | None) -> Metric:
    """(participant + independent)/(those + owned) of written stories; all unknown one way and the other as bounds."""
    found = Counter(column_of(item.author_kind) for item in stories if item.group == "written")
    community, unknown = sum(found[kind] for kind in _COMMUNITY), found["unknown"]
    total = community + found["owned"]
    status, flags = state_of("written", total, frame)
    if not total:
        status, flags = _nothing(status, flags, unknown)
    if total and not found["owned"] and not _owners_known(own):
        flags = (*flags, "no_owner_named")
    asked = sorted({line.source for line in frame.asked if "written" in line.groups})
    return Metric(
        metric="M19.community_share", group="written", unit="share", value=community / total if total else None,
        num=community, den=total, bounds=_between(community, total, unknown, "unclassified stories"), status=status,
        flags=flags, by={kind: found[kind] for kind in (*_COMMUNITY, "owned", "unknown")},
        variants={"sources": asked}, query=_SHARED,
    )  # fmt: skip


def _nothing(status: str, flags: tuple[str, ...], unknown: int) -> tuple[str, tuple[str, ...]]:
    """The state of a share of nothing, and why: nobody looked, all authors are unknown, or there is none."""
    if unknown:
        return "insufficient", ("authors_unknown", *flags)
    return ("unmeasured", flags) if status == "unmeasured" else ("not_applicable", ("no_stories", *flags))


def _owners_known(own: Edition | None) -> bool:
    """Whether anything says who runs the event: without it, an owned story could not have been told from others."""
    return own is not None and bool(
        own.vendors or own.organisers or any(kind in OWNED for kind, _ in own.kinds.values())
    )


def _between(k: int, n: int, unknown: int, what: str) -> Bounds | None:
    """The share k of n if all unknown were of the company behind the event, and if none were."""
    if not unknown:
        return None
    return Bounds(lo=k / (n + unknown), hi=(k + unknown) / (n + unknown), why=f"{unknown} {what}")


def _events(frame: Frame) -> Metric:
    """Editions of the twelve months up to this event with an organiser who is not of the company behind it."""
    year = [one for one in frame.world.editions if frame.starts - _YEAR < one.starts <= frame.starts]
    told = {one.event: _by_others(one) for one in year}
    found = Counter("unknown" if answer is None else "others" if answer else "vendor only" for answer in told.values())
    known = len(year) - found["unknown"]
    status = "ok" if known else "unmeasured" if year else "not_applicable"
    spread = Bounds(
        lo=found["others"] / len(year), hi=(found["others"] + found["unknown"]) / len(year),
        why=f"{found['unknown']} events of unknown organisers",
    ) if found["unknown"] else None  # fmt: skip
    return Metric(
        metric="M19.events_by_others", unit="share", value=found["others"] / len(year) if known else None,
        num=found["others"], den=len(year), bounds=spread, status=status,
        flags=("organisers_unknown",) if found["unknown"] else (), by=dict(sorted(found.items())),
        variants={"events": told}, query=_YEAR_SQL,
    )  # fmt: skip


def _by_others(edition: Edition) -> bool | None:
    """Whether somebody who is not of the vendor helped to organise; None where nothing tells.

    The list of the event file decides, then whom the event's authors were judged to be: an organiser there is one of
    whom nothing says that the vendor employs them.
    """
    if not edition.organisers:
        return True if any(kind == "organiser" for kind, _ in edition.kinds.values()) else None
    found = {vendor_employed(employer, edition.vendors) for _, employer in edition.organisers}
    return True if False in found else None if None in found else False


def vendor_employed(employer: str, vendors: Sequence[str]) -> bool | None:
    """Whether an employer is the company behind the event (AWS Japan is of AWS); None without an employer.

    Where no company is behind the event, nobody is of it.
    """
    if not vendors:
        return False
    whole = employer_key(employer)
    if not whole:
        return None
    words = employer.replace("(", " (").replace("（", " （").split()
    heads = {employer_key(" ".join(words[:n])) for n in range(1, len(words) + 1)} | {whole}
    names = [key for name in vendors if (key := employer_key(name))]
    # AWSジャパン begins with AWS; so does Awsome, which is another company.
    return any(name in heads or (whole.startswith(name) and not whole[len(name)].isascii()) for name in names)


def _programme(own: Edition | None) -> Metric:
    """Talks of the programme by speakers who are not of the vendor; each name on the list is one talk."""
    listed = own.speakers if own else ()
    answers = Counter(vendor_employed(employer, own.vendors) for _, employer in listed) if own else Counter()
    others, known, unknown = answers[False], answers[False] + answers[True], answers[None]
    return Metric(
        metric="M19.talks_by_others", kind="programme", unit="share", value=others / known if known else None,
        num=others, den=known, bounds=_between(others, known, unknown, "speakers of unknown employers"),
        by={"others": others, "vendor": answers[True], "unknown": unknown}, status="ok" if known else "unmeasured",
        flags=() if known else ("employers_unknown",) if listed else ("no_speakers_named",),
    )  # fmt: skip


def _decks(stories: Sequence[Item], frame: Frame) -> Metric:
    """The same of the decks, videos and podcasts that were found, by whose they are."""
    found = Counter(item.author_kind for item in stories if item.group == "talk")
    total = sum(found[kind] for kind in _ON_STAGE)
    others, unknown = total - found["vendor"], found["unknown"]
    status, flags = state_of("talk", total, frame)
    if not total:
        status, flags = _nothing(status, flags, unknown)
    return Metric(
        metric="M19.talks_by_others", group="talk", kind="found", unit="share", value=others / total if total else None,
        num=others, den=total, bounds=_between(others, total, unknown, "talks of unknown authors"), status=status,
        flags=flags, by=dict(sorted(found.items())), query=_TALKS,
    )  # fmt: skip
