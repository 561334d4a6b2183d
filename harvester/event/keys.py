"""The words an event file is written in: each key with its meaning, for checks, `harvest init` and the docs."""

from __future__ import annotations

from typing import Final

EVENT_KEYS: Final[dict[str, str]] = {
    "name": "The name people would write, edition included. Required.",
    "slug": "Short name for commands and tables: letters a-z, digits, hyphens. Default: the file's name.",
    "names": "Other spellings, in every script people use. A hit in a text speaks for the event.",
    "hashtags": "Tags, with or without #; case and full-width letters do not matter.",
    "negative": "Words that mean another event (other years, namesakes).",
    "series": "The same word in all editions of a series, so that they can be compared.",
    "edition": "Which one of the series: a year, a volume. `all`: every edition, for questions about the series.",
    "city": "Where it took place, or `online`.",
    "starts": "First day or moment: 2016-12-21, or 2016-12-21T19:00:00+09:00. Required.",
    "ends": "Last day (inclusive) or moment. Default: the end of the first day.",
    "timezone": "IANA zone of the venue, for times written without one. Required.",
    "report_timezone": "IANA zone in which reports count days. Default: timezone.",
    "official_hosts": "Sites of the organiser and the vendor: their posts are owned, never participants'.",
    "official_handles": "Accounts of the organiser and the vendor: `x:@name`, `note:name`, or an address.",
    "vendor_names": "Company or product owner behind the event, as profiles name an employer.",
    "sponsor_hosts": "Sites of sponsors.",
    "organisers": "Organisers and staff: names, `platform:handle` or addresses; or [[organisers]] tables.",
    "speakers": "Who was on the programme; same forms.",
    "attendees": "Who attended or checked in; same forms.",
    "press": "Journalists who came as press; same forms.",
    "organisers_file": "A CSV or text file beside this one that holds the organisers.",
    "speakers_file": "A CSV or text file beside this one that holds the speakers.",
    "attendees_file": "A CSV or text file beside this one that holds the attendees.",
    "press_file": "A CSV or text file beside this one that holds the press list.",
    "registered": "How many people registered.",
    "attended": "How many people came.",
    "incentivised": "true when a gift or prize was offered for posting; such posts are shown apart.",
    "event_urls": "Pages of the event itself: a link to one of them speaks for the event.",
    "feeds": "RSS, Atom or JSON feeds to read.",
    "pages": "Pages to start from: link collections, report lists.",
    "opml": "Addresses of OPML lists of feeds.",
    "aggregator_hosts": "Sites that only reprint others.",
    "wire_hosts": "Press-release services, besides the ones harvester knows.",
    "keep_days": "Days after which a post is erased from every file: 1 to 36500. Default: kept for ever.",
    "reach_threshold": "Followers from which leader candidates have a high reach: 1 to 1000000000. Default: 3000.",
    "media": "[[media]] blocks: outlets whose articles count as media.",
    "outlets": "Further outlets, each with name and hosts: their pages are media's, their number is not counted.",
    "outlets_file": "A registry of your own beside this file, as `harvest outlets refresh` writes it, for `outlets`.",
    "crawl": "[crawl] table: how far one crawl goes.",
    "source": "[source.NAME] tables: options of one source.",
    "media.name": "The outlet's name. Required.",
    "media.hosts": "Its hosts; pages below them count too. Required.",
    "media.feed": "Its feed, read by the feeds source.",
    "media.language": "Its language, as ja or en.",
    "crawl.max_depth": "Links followed from a found post: 0 to 10. Default: 2.",
    "crawl.max_pages": "Pages fetched in one crawl: 1 to 1000000. Default: 2000.",
    "crawl.max_pages_per_host": "Pages followed on one host for the event: 1 to 1000000. Default: 300.",
    "crawl.deadline_minutes": "Minutes after which a crawl stops: 1 to 10080. Default: 60.",
    "crawl.contact": "Address or e-mail that sites find in the User-Agent.",
}
LISTS_OF_PEOPLE: Final = ("organisers", "speakers", "attendees", "press")
PERSON_KEYS: Final[dict[str, str]] = {
    "name": "The person's name as signed.",
    "handle": "One account: `platform:handle` or an address.",
    "handles": "Several accounts.",
    "url": "A page of the person's own.",
    "organisation": "Employer.",
}
NUMBERS: Final = {
    "registered": (0, 10_000_000), "attended": (0, 10_000_000), "max_depth": (0, 10), "max_pages": (1, 1_000_000),
    "max_pages_per_host": (1, 1_000_000),
    "deadline_minutes": (1, 10_080), "keep_days": (1, 36_500), "reach_threshold": (1, 1_000_000_000),
}  # fmt: skip


def keys_of(table: str = "") -> tuple[str, ...]:
    """Keys of the top of the file, or those inside `[table]`."""
    if not table:
        return tuple(key for key in EVENT_KEYS if "." not in key)
    return tuple(key.partition(".")[2] for key in EVENT_KEYS if key.startswith(table + "."))
