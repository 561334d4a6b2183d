"""When an event is, and in whose days: the zones and moments of an event file."""

from __future__ import annotations

import difflib
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from harvester import dates
from harvester.event.data import is_whole_series
from harvester.event.fields import Fields, kind_of

_LONGEST: Final = timedelta(days=366)
_NICKNAMES: Final = {
    "jst": "Asia/Tokyo", "japan": "Asia/Tokyo", "tokyo": "Asia/Tokyo", "kst": "Asia/Seoul", "gmt": "UTC",
    "cet": "Europe/Berlin", "est": "America/New_York", "pst": "America/Los_Angeles",
}  # fmt: skip


class Times(Fields):
    """The keys `timezone`, `report_timezone`, `starts` and `ends`; the last two are read in `_zone`."""

    def _zone_name(self, key: str) -> str:
        name = self._string(key)
        if not name:
            if key == "timezone" and key not in self._document:
                self._tell(key, "missing", 'add timezone = "Asia/Tokyo" (the venue\'s IANA zone)')
            return ""
        try:
            ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            close = [_NICKNAMES[name.lower()]] if name.lower() in _NICKNAMES else []
            close = close or difflib.get_close_matches(name, sorted(available_timezones()), n=1, cutoff=0.5)
            repair = f"did you mean {close[0]!r}?" if close else 'write an IANA name as "Asia/Tokyo"'
            self._tell(key, f"{name!r} is not an IANA time zone", repair)
            return ""
        return name

    def _span(self) -> tuple[datetime | None, datetime | None]:
        """(start, end) in UTC; a last day without a time ends with its last second."""
        if "starts" not in self._document:
            self._tell("starts", "missing", "add starts = 2026-11-30")
            return None, None
        starts = self._moment("starts", last=False)
        ends = self._moment("ends" if "ends" in self._document else "starts", last=True)
        if "ends" not in self._document and starts and ends and ends < starts + timedelta(seconds=1):
            local = starts.astimezone(self._zone)
            ends = self._utc(datetime.combine(local.date(), time(23, 59, 59)))
        if starts and ends and ends < starts:
            self._tell("ends", "is before the start", "check both dates")
        elif starts and ends and ends > starts + _LONGEST and not is_whole_series(str(self._document.get("edition"))):
            repair = 'check both dates, or say edition = "all" for a file about every edition'
            self._tell("ends", "is more than a year after the start", repair)
        return starts, ends

    def _moment(self, key: str, *, last: bool) -> datetime | None:
        value = self._document[key]
        at: datetime | None = None
        whole_day = isinstance(value, date) and not isinstance(value, datetime)
        if isinstance(value, datetime):
            at = value.astimezone(UTC) if value.tzinfo else self._utc(value)
        elif isinstance(value, date):
            at = self._utc(datetime.combine(value, time()))
        elif isinstance(value, str):
            when = dates.parse(value, zone=str(self._zone))
            whole_day = when.precision == "day"
            at = when.at if when.precision in ("second", "minute", "day") else None
        if at is None or not dates.EARLIEST <= at < datetime(2100, 1, 1, tzinfo=UTC):
            if not last or key == "ends":
                shown = value if isinstance(value, str | date | time) else kind_of(value)
                self._tell(key, f"{str(shown)!r} is not a day or moment", "write it as 2026-11-30")
            return None
        if last and whole_day:
            local = at.astimezone(self._zone)
            return self._utc(datetime.combine(local.date(), time(23, 59, 59)))
        return at

    def _utc(self, naive: datetime) -> datetime:
        return naive.replace(tzinfo=self._zone).astimezone(UTC)
