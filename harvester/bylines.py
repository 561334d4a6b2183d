"""Who signed: from a draft's author fields and address to one identity (platform, handle).

In this order: the platform's own handle, an author page on a blogging platform, the account a shared host's address
names, the byline on the host (`web` and `host#name`), the site itself. Two people on one site stay two.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from harvester import urls
from harvester.model import Author
from harvester.text import clean, fold

if TYPE_CHECKING:
    from harvester.model import Draft, DraftAuthor

# An author link to one of these says who writes; a link to X or GitHub only says where else they are.
BLOGGING = frozenset({
    "qiita", "zenn", "note", "hatenablog", "medium", "blogger", "wordpress", "ameblo", "livedoor", "fc2", "hashnode",
    "devto", "substack", "tumblr", "speakerdeck", "slideshare", "docswell", "velog", "tistory",
})  # fmt: skip
# Where a company's name stands and no account does.
_WIRES = frozenset({"prtimes", "presswire"})
# Accounts are compared as their platform compares them.
_KEEP_CASE = frozenset({"youtube", "web", "podcast"})
_MAX_NAME = 60
_LABEL = re.compile(
    r"^\s*(?:(?:written |posted |published )?by[:\s]+|(?:取材・?|撮影・?)*文(?:・写真|・撮影|・構成)?\s*[●::/／=＝]\s*|"
    r"(?:投稿者|執筆者?|著者|作者|ライター|筆者|author)\s*[::]\s*)",
    re.IGNORECASE,
)
_MAIL = re.compile(r"^[\w.+-]+@[\w.-]+(?:\s*\((?P<name>[^)]*)\))?$")
_TITLE = re.compile(r"\s*[((\[【](?:編集部|記者|ライター|[^))\]】]{0,20}(?:新聞|編集))[))\]】]$")
_JOIN = re.compile(r"\s*[、,，/／&＆・;；]\s*|\s+(?:and|with)\s+", re.IGNORECASE)
_NOBODY = frozenset({
    "", "admin", "administrator", "管理者", "管理人", "webmaster", "root", "user", "staff", "スタッフ", "編集部",
    "広報", "unknown", "noname", "anonymous", "名無し", "匿名", "author", "editor", "wpmaster", "blog", "ブログ",
    "運営", "運営者", "none", "null",
})  # fmt: skip


def author_of(draft: Draft, platform: str, handle: str, host: str) -> Author | None:
    """The identity behind a draft; None when neither a name nor a place tells one.

    platform  where the post is; `handle` the author its address names there, "" when it names none
    """
    found = draft.author
    name = person_name(found.name or (draft.bylines[0] if draft.bylines else ""), draft.publisher, host)
    where, who = _identity(found, platform, handle, host, name)
    if not who:
        return None
    return Author(
        platform=where,
        handle=who,
        name=name or (clean(found.name) if len(found.name) <= _MAX_NAME else ""),
        url=_web_url(found.url),
        bio=clean(found.bio),
        organisation=clean(found.organisation),
        website=_web_url(found.website),
        followers=found.followers,
        is_org=found.is_org,
    )


def _identity(found: DraftAuthor, platform: str, handle: str, host: str, name: str) -> tuple[str, str]:
    if found.handle:
        return found.platform or platform, _spelled(found.handle, found.platform or platform)
    page = _identify(found.url) if found.url else urls.identify("")
    if page.handle and (page.platform in BLOGGING or page.platform == platform):
        return page.platform, page.handle
    if handle:
        return platform, handle
    key = re.sub(r"\s+", " ", fold(name)).strip()
    if platform != "web" and platform not in _WIRES:
        return (platform, key) if key else ("", "")
    if not host:
        return "", ""
    return "web", f"{host}#{key}" if key else host


def _spelled(handle: str, platform: str) -> str:
    return handle.strip() if platform in _KEEP_CASE else fold(handle.strip().removeprefix("@"))


@lru_cache(maxsize=4096)
def _identify(url: str) -> urls.Identity:
    return urls.identify(url)


@lru_cache(maxsize=4096)
def _web_url(url: str) -> str:
    """An address a browser can open, "" for anything else."""
    if not url:
        return ""
    try:
        return urls.fetchable(url)
    except urls.BadUrl:
        return ""


@lru_cache(maxsize=4096)
def person_name(byline: str, publisher: str = "", host: str = "") -> str:
    """The first person's name in a byline, "" when it names nobody: a role, an address, the site itself."""
    text = _LABEL.sub("", " ".join(clean(byline).split()))
    if mail := _MAIL.match(text):
        text = (mail["name"] or "").strip()
    if "://" in text or len(text) > _MAX_NAME:
        return ""
    text = _TITLE.sub("", text).strip()
    if len(parts := _JOIN.split(text)) > 1 and all(parts) and not _is_katakana_name(text):
        text = parts[0]
    key = fold(text)
    site = urls.site_of(host)
    if key in _NOBODY or (publisher and key == fold(clean(publisher))) or key in (site, site.partition(".")[0]):
        return ""
    return text


def _is_katakana_name(text: str) -> bool:
    """A middle dot parts the words of one foreign name: ジェフ・バー."""
    return bool(re.fullmatch(r"[\u30a0-\u30ff]+(?:・[\u30a0-\u30ff]+)+", text))
