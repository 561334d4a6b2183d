"""Dates as people and programs write them, read to an aware UTC moment with its precision. No clock here.

Understood: RFC 822/2822 with named zones, RFC 850, ctime and its JavaScript and Java forms, ISO 8601 (compact,
week dates, any fraction), `2016/12/05`, `2016.12.5`, `05.12.2016`, `2016年12月5日(月) 21:30`, era years
(`平成28年12月5日`, `H28.12.5`), `5 December 2016` in seven languages, full-width digits, 午前/午後, epoch seconds
to microseconds. What is ambiguous (`05/12/2016`) or impossible (30 February) is *unknown*, never guessed, and a
year or a month alone keeps that precision.

Hours 24 to 29 are the next day's 0 to 5 o'clock, as ISO 8601 (24:00) and Japanese timetables (25:30) write them.
A day, month or year stands for its first instant in the default zone. An hour alone counts as a minute.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from harvester import date_forms as forms
from harvester.model import When

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_LATEST_YEAR = 2100
_AHEAD = timedelta(days=2)
_MAX_RAW = 200
_MAX_VISIBLE = 20_000

_EPOCH = re.compile(r"(\d{9,10}|\d{12,13}|\d{16})(?:\.\d+)?")


def parse(raw: str, *, zone: str = "", origin: str = "unknown", now: datetime | None = None) -> When:
    """Read a string that is a date. Never raises; what is no certain date is `When(raw=raw)`.

    zone    IANA name for strings without one ("" is UTC)
    now     moments before 1995 or more than two days after it are unknown
    """
    moment = _interface(raw) or _read(_tidy(raw), zone)
    if moment is None or not _plausible(moment[0], now):
        return When(raw=raw)
    return When(at=moment[0], precision=moment[1], origin=origin, raw=raw)


def _interface(raw: str) -> tuple[datetime, str] | None:
    """`2016-12-21T10:05:00Z` and `….000Z`, which interfaces write by the hundred thousand: no need for the forms."""
    if len(raw) not in (20, 24) or raw[10:11] != "T" or raw[-1:] != "Z" or not raw.isascii():
        return None
    try:
        return datetime.fromisoformat(raw).replace(microsecond=0), "second"
    except ValueError:
        return None


def _tidy(raw: str) -> str:
    """Full-width to ASCII, one space for many, kanji numerals before 年月日時分 to digits, words around it off."""
    if len(raw) > _MAX_RAW:
        return ""
    text = raw if raw.isascii() else unicodedata.normalize("NFKC", raw).replace("−", "-").replace("‐", "-")
    text = " ".join(text.split())
    if text[:1].isdigit():
        return text if text.isascii() else forms.TAIL.sub("", text)
    text = re.sub(r"[〇一二三四五六七八九十]+(?=[年月日時分秒])", _from_kanji, text)
    return forms.TAIL.sub("", forms.LEAD.sub("", text, count=1))


def _from_kanji(match: re.Match[str]) -> str:
    digits = match[0]
    if "十" in digits:
        tens, _, ones = digits.partition("十")
        return f"{tens or '一'}{ones or '〇'}".translate(forms.KANJI)
    return digits.translate(forms.KANJI)


def _read(text: str, zone: str) -> tuple[datetime, str] | None:
    """(UTC moment, precision) of a tidied string."""
    epoch = _EPOCH.fullmatch(text)
    if epoch:
        moment = _from_epoch(epoch[1])
        if moment:
            return moment
    for form in forms.whole():
        match = form.fullmatch(text)
        if match:
            return _from_match(match, zone)
    return None


def _from_epoch(digits: str) -> tuple[datetime, str] | None:
    seconds = int(digits)
    if len(digits) == 12 and digits[:2] in {"19", "20"}:
        return None  # yyyymmddHHMM: milliseconds of that length ended in 2001
    unit = {9: 1, 10: 1, 12: 1000, 13: 1000, 16: 1_000_000}[len(digits)]
    return datetime.fromtimestamp(seconds // unit, UTC), "second"


def _plausible(at: datetime, now: datetime | None) -> bool:
    return at >= EARLIEST and (at <= now + _AHEAD if now else at.year < _LATEST_YEAR)


def _from_match(match: re.Match[str], zone: str) -> tuple[datetime, str] | None:
    part = {key: value for key, value in match.groupdict().items() if value is not None}
    try:
        day, precision = _day(part)
        if "hour" in part:
            day, precision = _clock(day, part)
        at = day.replace(tzinfo=_offset(part) or zone_of(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at, precision


def _day(part: dict[str, str]) -> tuple[datetime, str]:
    """Local midnight of the day, month or year that was named. ValueError when there is no such day."""
    year = _year(part)
    if "week" in part:
        found = date.fromisocalendar(year, int(part["week"]), int(part.get("weekday", "1")))
        return datetime(found.year, found.month, found.day), "day"  # noqa: DTZ001 - the zone is added by the caller
    if "first" in part:
        day, month = _day_and_month(int(part["first"]), int(part["then"]))
    else:
        month = forms.MONTHS[part["mon"].lower()] if "mon" in part else int(part.get("month", "0"))
        day = int(part.get("day", "0"))
    precision = "day" if "day" in part or "first" in part else "month" if month else "year"
    if precision == "day" and not (month and day):
        raise ValueError("day or month zero")
    return datetime(year, month or 1, day or 1), precision  # noqa: DTZ001 - the zone is added by the caller


def _year(part: dict[str, str]) -> int:
    if "era" in part:
        years = 1 if part["eyear"] == "元" else int(part["eyear"])
        return forms.ERAS[part["era"].lower()] + years
    year = int(part["year"])
    if len(part["year"]) == 2:
        year += 2000 if year < 69 else 1900
    return year


def _day_and_month(first: int, then: int) -> tuple[int, int]:
    """(day, month) of `a/b/yyyy` when only one reading is possible. ValueError else."""
    if first > 12 or first == then:
        return first, then
    if then > 12:
        return then, first
    raise ValueError("day and month could be either")


def _clock(day: datetime, part: dict[str, str]) -> tuple[datetime, str]:
    hour = int(part["hour"])
    minute = int(part.get("minute", "30" if "halfpast" in part else "0"))
    second = int(part.get("second", "0"))
    half = (part.get("half") or part.get("half2") or "").lower().replace(".", "")
    if half:
        if hour > 12:
            half = ""
        elif half in {"午後", "pm"}:
            hour = hour % 12 + 12
        else:
            hour %= 12
    if second == 60:  # a leap second is the last one of its minute here
        second = 59
    if hour > 29 or minute > 59 or second > 59:
        raise ValueError("no such time")
    return day + timedelta(hours=hour, minutes=minute, seconds=second), "second" if "second" in part else "minute"


def _offset(part: dict[str, str]) -> tzinfo | None:
    """The zone that was written, None when there is none or nobody knows it."""
    if "sign" in part:
        minutes = int(part["zh"]) * 60 + int(part.get("zm", "0"))
        return timezone(timedelta(minutes=-minutes if part["sign"] == "-" else minutes))
    name = part.get("zone", "").lower()
    if name in forms.ZONES:
        return timezone(timedelta(minutes=forms.ZONES[name]))
    return zone_of(part["zone"]) if "/" in name else None


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name; UTC when it is empty or unknown."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, LookupError):
        return UTC


def iso(at: datetime) -> str:
    """The stored form, `YYYY-MM-DDTHH:MM:SSZ`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> datetime:
    """The moment of a stored form. ValueError for any other string."""
    if len(text) != 20 or text[10] != "T" or text[-1] != "Z":
        raise ValueError(f"{text!r} is not YYYY-MM-DDTHH:MM:SSZ")
    return datetime.fromisoformat(text)


def local_day(at: datetime, zone: str) -> str:
    """The day, `YYYY-MM-DD`, on which a moment falls in a zone."""
    return at.astimezone(zone_of(zone)).date().isoformat()


def from_url(url: str, *, zone: str = "", now: datetime | None = None) -> When:
    """The date in an address (`/2016/12/05/`, `/20161205/`, `/2016/12/`), a day or a month in `zone`."""
    path = url[:2048].split("#", 1)[0].split("?", 1)[0]
    for form in forms.IN_URL:
        for match in form.finditer(path):
            found = _from_match(match, zone)
            if found and _plausible(found[0], now):
                return When(at=found[0], precision=found[1], origin="url", raw=match[0].strip("/_-"))
    return When()


def find_visible(text: str, *, zone: str = "", now: datetime | None = None) -> When:
    """The first plausible day in running text: one called a publication date before others, Japanese before ISO
    before English. A date that says when something happens (開催, held on, から, a copyright) is passed over.
    """
    head = unicodedata.normalize("NFKC", text[:_MAX_VISIBLE])
    best: When | None = None
    for form in forms.visible():
        for match in form.finditer(head):
            before = head[max(0, match.start() - 14) : match.start()]
            happens = forms.HAPPENING.search(before) or forms.GOES_ON.match(head, match.end())
            found = None if happens else _from_match(match, zone)
            if found is None or not _plausible(found[0], now):
                continue
            when = When(at=found[0], precision=found[1], origin="visible", raw=match[0].strip())
            if forms.PUBLISHED.search(before):
                return when
            best = best or when
    return best or When()
