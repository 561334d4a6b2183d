"""What a heading of a list of people means, in the words of exports (connpass, Doorkeeper, Peatix, forms) and of hands.

Read are names, employers, accounts and addresses, and whether somebody came at all. Nothing else of a row is looked at:
e-mail addresses, telephone numbers and answers stay in the organiser's file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from harvester import platforms

_NAMES: Final = frozenset({
    "name", "full name", "display name", "attendee", "attendee name", "participant", "participant name", "speaker",
    "speaker name", "名前", "お名前", "氏名", "表示名", "ニックネーム", "ハンドルネーム", "参加者",
    "参加者名", "参加者氏名", "申込者", "申込者名",
    "申込者氏名", "登壇者", "登壇者名", "発表者", "発表者名", "講演者", "講演者名", "スピーカー",
})  # fmt: skip
_FAMILY: Final = frozenset({"姓", "苗字", "名字", "last name", "family name", "surname"})
_GIVEN: Final = frozenset({"名", "first name", "given name"})
_ORGANISATIONS: Final = frozenset({
    "organisation", "organization", "organisation name", "organization name", "company", "company name", "employer",
    "affiliation", "会社", "会社名", "企業名", "所属", "所属先", "所属会社", "所属企業", "勤務先", "団体名",
    "会社・団体名", "会社名・団体名", "会社名・組織名",
})  # fmt: skip
_REFERENCES: Final = frozenset({
    "handle", "handles", "url", "urls", "blog", "blogs", "website", "web site", "homepage", "site", "ブログ", "サイト",
    "ウェブサイト", "webサイト", "ホームページ", "アカウント",
})  # fmt: skip
_STATUSES: Final = frozenset({
    "status", "attendance", "attendance status", "registration status", "rsvp", "参加ステータス", "出欠ステータス",
    "申込ステータス", "ステータス", "参加状況", "出欠", "出欠状況", "出席状況", "申込状況",
})  # fmt: skip
# Columns whose plain values are handles on one platform; connpass exports its members as ユーザー名.
_ACCOUNTS: Final = {
    "ユーザー名": "connpass", "user name": "connpass", "username": "connpass", "はてな": "hatena",
    "ツイッター": "x", "旧twitter": "x", "フェイスブック": "facebook", "ユーチューブ": "youtube",
    "スピーカーデック": "speakerdeck", "speaker deck": "speakerdeck", "hatena blog": "hatenablog",
    "はてなブログ": "hatenablog", "linked in": "linkedin",
}  # fmt: skip
_ASIDE: Final = re.compile(r"\s*[(\[【〔<].*?[)\]】〕>]\s*")
_WHAT: Final = re.compile(
    r"\s*の?[-_ ]*(?:アカウント名?|ユーザー?名|ユーザー?id|id|ハンドル|リンク|プロフィール|ページ|account|username|"
    r"user name|user id|handle|link|profile|page|urls?)$"
)
_ABSENT: Final = re.compile(
    r"(?:参加|申込|強制|自己都合)?(?:キャンセル|取り?消し?|辞退)|補欠|落選|抽選|不参加|欠席|返金|"
    r"cancel|waitlist|waiting|declined|absent|no[- ]?show|refunded|not (?:going|attending)"
)


class Meaning(NamedTuple):
    """kind: `name`, `family`, `given`, `organisation`, `reference`, `account` (on `platform`), `status`, or ""."""

    kind: str
    platform: str = ""


_OF: Final[dict[str, frozenset[str]]] = {
    "name": _NAMES, "family": _FAMILY, "given": _GIVEN, "organisation": _ORGANISATIONS, "reference": _REFERENCES,
    "status": _STATUSES,
}  # fmt: skip


@lru_cache(maxsize=512)
def meaning(heading: str) -> Meaning:
    """What a heading, folded, means; one that says more (`GitHub アカウント (任意)`) by what it begins with."""
    plain = _ASIDE.sub(" ", heading).strip(" *:※")
    for word in (heading, plain):
        if kind := next((kind for kind, words in _OF.items() if word in words), ""):
            return Meaning(kind)
        if platform := _platform(word):
            return Meaning("account", platform)
    stem = _WHAT.sub("", plain)
    if stem in _REFERENCES:
        return Meaning("reference")
    platform = next((found for part in re.split(r"\s*[/・,、]\s*", stem) if (found := _platform(part))), "")
    return Meaning("account", platform) if platform else Meaning("")


def _platform(word: str) -> str:
    name = _ACCOUNTS.get(word) or platforms.KNOWN_ALIASES.get(word, word)
    return name if name in platforms.names() - {"web"} else ""


def is_absent(status: str) -> bool:
    """Whether a status, folded, says that somebody cancelled, waits for a place or did not come."""
    return bool(_ABSENT.match(status))
