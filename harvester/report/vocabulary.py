"""Names of kinds, groups, reasons and states as a reader knows them, in every language of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from harvester.report.language import later

if TYPE_CHECKING:
    from harvester.report.language import Language

# Word of the data → word of the reader. What is missing here came from elsewhere and is printed as it is.
_WORDS: Final = {
    "article": later("article"), "news": later("news"), "slides": later("slides"), "video": later("video"),
    "podcast": later("podcast"), "micropost": later("micropost"), "press_release": later("press release"),
    "repo": later("code"), "photo": later("photos"), "qa": later("question and answer"),
    "newsletter": later("newsletter"), "event_page": later("event page"), "other": later("other"),
    "written": later("articles"), "talk": later("decks and videos"), "micro": later("posts"), "any": later("any"),
    "participant": later("participant"), "independent": later("independent"), "media": later("media"),
    "owned": later("owned"), "organiser": later("organiser"), "vendor": later("vendor"), "sponsor": later("sponsor"),
    "aggregator": later("aggregator"), "unknown": later("unknown"), "total": later("total"),
    "speaker": later("speaker"), "corporate": later("corporate"), "attendee": later("attendee"),
    "portal": later("portal"), "contributors": later("contributors"), "attendees": later("attendees"),
    "crosspost": later("crosspost"), "syndicated": later("syndicated"), "reprint": later("reprint"),
    "repost": later("repost"), "reply": later("reply"), "thread_part": later("thread part"),
    "bookmark": later("bookmark"), "quote": later("quote"), "link": later("link"), "like": later("like"),
    "comment": later("comment"), "point": later("point"), "view": later("view"), "not counted": later("not counted"),
    "rejected": later("rejected"), "candidate": later("candidate"), "rising": later("rising"),
    "steady": later("steady"), "fan": later("fan"), "role model": later("role model"),
    "influencer": later("influencer"), "newcomer": later("newcomer"), "unknown reach": later("unknown reach"),
    "absent": later("absent"), "attended": later("attended"), "contributed": later("contributed"),
    "gave a talk": later("gave a talk"), "organised": later("organised"), "low": later("low"),
    "medium": later("medium"), "high": later("high"), "not judged yet": later("not judged yet"),
    "closed Facebook groups": later("closed Facebook groups"), "newsletters": later("newsletters"),
    "print": later("print"), "ok": later("ok"), "partial": later("partial"), "failed": later("failed"),
    "skipped": later("skipped"), "undecided": later("undecided"), "audience": later("audience"),
    "probable": later("probable"), "event page": later("event page"), "page_part": later("page part"),
    "repost is a derivative": later("repost"), "bookmark is a derivative": later("bookmark"),
    "reply to somebody else": later("reply"), "kept on a site that only copies": later("aggregator"),
    "a human decided": later("a human said so"),
}  # fmt: skip
# How a page ended (`harvester.model.FETCH_STATES` and what waits), in English by the names that `harvest status` has.
_PAGE_ENDS: Final = frozenset({
    later("ok"), later("not_modified"), later("http_error"), later("timeout"), later("dns_error"),
    later("connection_error"), later("tls_error"), later("too_large"), later("truncated"), later("parse_timeout"),
    later("parse_error"), later("blocked_address"), later("bad_link"), later("robots"), later("terms"),
    later("redirect_loop"), later("rate_limited"), later("not_a_feed"), later("not_html"), later("bad_json"),
    later("charset_doubtful"), later("soft_404"), later("budget"), later("depth"), later("callback_error"),
    later("unauthorized"), later("gone"), later("unarchived"), later("waiting"), later("done"), later("refused"),
    later("failed"), later("todo"), later("leased"), later("dead"),
})  # fmt: skip
# A platform as it writes itself; another one as its host or as we call it.
_PLATFORMS: Final = {
    "x": "X", "mastodon": "Mastodon", "bluesky": "Bluesky", "misskey": "Misskey", "qiita": "Qiita", "zenn": "Zenn",
    "hatenablog": "Hatena Blog", "youtube": "YouTube", "speakerdeck": "Speaker Deck", "slideshare": "SlideShare",
    "github": "GitHub", "threads": "Threads",
}  # fmt: skip


def word(raw: str, say: Language) -> str:
    """A word of the data (an item kind, a reason, a tier …) as one of the reader's."""
    known = _WORDS.get(raw)
    return say(known) if known else raw.replace("_", " ")


def page_end(raw: str, say: Language) -> str:
    """How a page ended: in English the name that it has everywhere."""
    return say(raw) if raw in _PAGE_ENDS else raw


def platform(raw: str) -> str:
    """A platform as it writes itself."""
    return _PLATFORMS.get(raw, raw)
