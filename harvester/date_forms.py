"""The forms dates are written in, as patterns with named groups, and the words in them. Read by `harvester.dates`.

Groups: year month day | mon (a name) | era eyear | first then (day and month in either order) | week weekday;
hour minute second, half and half2 (午前, pm), halfpast (半); sign zh zm | zone. Patterns see NFKC text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar januari janvier janv enero ene gennaio gen janeiro jänner jän",
            "february feb februar februari février fév févr febrero febbraio fevereiro fev febr",
            "march mar märz mär mrz maart mars marzo março mrt",
            "april apr avril avr abril abr aprile",
            "may mai mei mayo maggio maio",
            "june jun juni juin junio giugno junho giu",
            "july jul juli juillet juil julio luglio julho lug",
            "august aug août aout agosto ago augustus",
            "september sep sept septembre septiembre settembre setembro",
            "october oct oktober okt octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dezember dez décembre déc diciembre dic dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
ERAS: Final = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018,
    "m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018,
}  # fmt: skip
# Minutes from UTC. RFC 822 fixes the American ones; the rest are unambiguous in feeds (IST and BST are the
# Indian and British ones there, CST is not China's).
ZONES: Final = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "jst": 540, "日本時間": 540, "日本標準時": 540, "kst": 540,
    "hkt": 480, "sgt": 480, "awst": 480, "pht": 480, "ict": 420, "wib": 420, "ist": 330, "msk": 180, "eet": 120,
    "eest": 180, "sast": 120, "cet": 60, "cest": 120, "mez": 60, "mesz": 120, "met": 60, "mest": 120, "bst": 60,
    "west": 60, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480,
    "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "brt": -180, "art": -180, "aest": 600, "aedt": 660,
    "acst": 570, "acdt": 630, "nzst": 720, "nzdt": 780,
}  # fmt: skip
KANJI: Final = str.maketrans("〇一二三四五六七八九", "0123456789")

_MONTH = "(?P<mon>" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + r")\.?"
_DAYS: Final = (
    "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday "
    "mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonntag lun mar mer jeu ven sam dim "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta maandag dinsdag "
    "woensdag donderdag vrijdag zaterdag zondag"
)
_WEEKDAY = "(?:(?:" + "|".join(sorted(_DAYS.split(), key=len, reverse=True)) + r")\b(?:-feira)?\.?,?\s*)?"
_JP_DAY = r"(?:\s*\(?(?:[月火水木金土日](?:曜日?)?(?:[・,/]?[祝休振])?|(?:mon|tue|wed|thu|fri|sat|sun)\b)[)]?)?"
_TIME = (
    r"(?P<half>午前|午後|am|pm)?\s*"
    r"(?P<hour>\d{1,2})"
    r"(?:\s*(?::|時|時間|h|uhr)\s*(?P<minute>\d{1,2})(?:\s*(?::|分)\s*(?P<second>\d{1,2})(?:[.,]\d+)?\s*秒?|分)?"
    r"|時半(?P<halfpast>)|時|\s*uhr|(?=\s*[ap]m\b|\s*[ap]\.m\.))"
    r"\s*(?P<half2>[ap]m\b|[ap]\.m\.)?"
)
_ZONE = (
    r"(?:\s*(?:gmt|utc)?(?P<sign>[+-])(?P<zh>\d{1,2}):?(?P<zm>\d{2})?(?![\d:])(?:\s+[a-z]{3,5})?(?:\s*\([^)]*\))?"
    r"|\s*\(?(?P<zone>[a-z]{1,5}|日本時間|日本標準時|[a-z]+/[a-z_]+(?:/[a-z_]+)?)\)?)"
)
# In running text only capitals are a zone: `est` and `ist` are words.
_SHOWN_ZONE = _ZONE.replace("[a-z]{1,5}", "(?-i:Z|[A-Z]{3,5})")
_CLOCK = rf"(?:(?:\s*[,、T]?\s*|\s+(?:at|um|à|a las|alle|às|om|-|–|@)\s+){_TIME}{_ZONE}?)?"
_DASHED = r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})"
_JAPANESE_YEAR = r"(?:(?P<era>明治|大正|昭和|平成|令和)\s*(?P<eyear>\d{1,2}|元)|(?P<year>\d{4}))\s*年"
_JAPANESE = _JAPANESE_YEAR + r"\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日"
_DAY_FIRST = (
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s-]*(?:de\s+|of\s+)?{_MONTH}[\s,-]*(?:de\s+)?(?P<year>\d{{4}})"
)
_MONTH_FIRST = rf"{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)(?P<year>\d{{4}})"


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@lru_cache(maxsize=1)
def whole() -> tuple[re.Pattern[str], ...]:
    """Forms that fill the whole string, the commonest first."""
    two_or_four = _DAY_FIRST.replace(r"\d{4}", r"\d{4}|\d{2}")
    return tuple(
        _compile(form)
        for form in (
            rf"{_WEEKDAY}{_DASHED}{_JP_DAY}{_CLOCK}",
            rf"{_DASHED}{_ZONE}",
            _DASHED + r"T(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?" + _ZONE + "?",
            rf"{_WEEKDAY}{two_or_four}{_CLOCK}",
            rf"{_WEEKDAY}{_MONTH_FIRST}{_CLOCK}",
            rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_TIME}{_ZONE}?\s+(?P<year>\d{{4}})",
            rf"{_JAPANESE}{_JP_DAY}{_CLOCK}",
            r"(?P<year>\d{4})년\s*(?P<month>\d{1,2})월\s*(?P<day>\d{1,2})일" + _CLOCK,
            r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:[T\s]?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?"
            + _ZONE
            + "?)?",
            rf"(?P<era>[MTSHR])\s?(?P<eyear>\d{{1,2}})[./-](?P<month>\d{{1,2}})[./-](?P<day>\d{{1,2}}){_CLOCK}",
            rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}){_CLOCK}",
            rf"(?P<first>\d{{1,2}})(?P<sep>[/-])(?P<then>\d{{1,2}})(?P=sep)(?P<year>\d{{4}}){_CLOCK}",
            r"(?P<year>\d{4})-?W(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?",
            rf"{_JAPANESE_YEAR}(?:\s*(?P<month>\d{{1,2}})\s*月)?",
            r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2}))?",
            rf"{_MONTH}[\s,]*(?P<year>\d{{4}})",
        )
    )


@lru_cache(maxsize=1)
def visible() -> tuple[re.Pattern[str], ...]:
    """Forms trusted inside running text, Japanese first: each names a day."""
    return (
        _compile(rf"(?<!\d){_JAPANESE}{_JP_DAY}(?:[ ]?{_TIME})?"),
        _compile(rf"(?<![\d./-]){_DASHED}(?![\d]|[./-]\d){_JP_DAY}(?:[ T]{{0,2}}{_TIME}{_SHOWN_ZONE}?)?"),
        _compile(rf"\b{_MONTH_FIRST}\b"),
        _compile(rf"(?<!\d){_DAY_FIRST}(?!\d)"),
        _compile(r"(?<![\d.])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})(?![\d]|\.\d)"),
    )


# A date with these words right before or after it is when something happens, not when the text was written.
HAPPENING: Final = re.compile(
    r"(?:(?:開催|会期|日時|期間|締切|締め切り|期限|発売|開始|終了|held|took place|takes place)[^\n。]{0,8}\n?"
    r"|(?:©|copyright)[^\n]{0,8})\Z",
    re.IGNORECASE,
)
GOES_ON: Final = re.compile(r"\s*(?:[~–〜-]\s*\d|から|より|まで|開催|に(?!公開|投稿|更新|掲載))")
PUBLISHED: Final = re.compile(
    r"(?:公開|投稿|掲載|作成|更新|配信|記事)(?:日時|日)?|(?:posted|published|updated)(?:\s+on)?|date", re.IGNORECASE
)
LEAD: Final = re.compile(rf"^(?:{PUBLISHED.pattern})\s*[:：は]?\s*", re.IGNORECASE)
TAIL: Final = re.compile(r"\s*(?:公開|投稿|掲載|更新|配信|付|に公開|に投稿)$")
IN_URL: Final = (
    re.compile(r"(?<=/)(?P<year>(?:19|20)\d\d)[/-]?(?P<month>[01]\d)[/-]?(?P<day>[0-3]\d)(?=\D|$)"),
    # Only a day without separators goes on with its time: `/2003/03/20030331` is not the 20th.
    re.compile(r"(?<=/)(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?=(?:\d{6}|\d{4})(?!\d))"),
    re.compile(r"(?<=/)(?P<year>(?:19|20)\d\d)/(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9])(?=/)"),
    re.compile(r"[_-](?P<year>(?:19|20)\d\d)-?(?P<month>[01]\d)-?(?P<day>[0-3]\d)(?=[^\d]|$)"),
    re.compile(r"(?<=/articles/)(?P<year>\d\d)(?P<month>[01]\d)/(?P<day>[0-3]\d)(?=/)"),
    re.compile(r"(?<=/)(?P<year>(?:19|20)\d\d)/(?P<month>[01]\d)(?=/|$)"),
)
