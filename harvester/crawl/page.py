"""What one callback yielded: sorted and checked before the database is locked, then written inside one transaction."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from scrapy import Request

from harvester.classify.relevance import mentions
from harvester.crawl import admission
from harvester.dates import iso
from harvester.model import TLS_UNVERIFIED, Attendance, Draft, Edge, Link, Post, Reaction, Rejected
from harvester.normalise import normalise
from harvester.privacy import UNNAMED
from harvester.source import Cursor, Drift, Note, Refreshed, Reset, Spend, Standing
from harvester.store import known, posts, quarantine, runs, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.crawl.session import Session
    from harvester.source import Found
    from harvester.store.connection import Connection
    from harvester.store.frontier import Wanted

logger = logging.getLogger(__name__)
FOLLOWER: Final = "blog"
FEED_READER: Final = "feeds"
LINKS_A_DRAFT: Final = 1000
LEAD: Final = "lead"  # an edge without an actor: a search of many sites named its target (`store.shared`)
RANKS: Final = {"entry": posts.ENTRY, "page": posts.PAGE, "record": posts.RECORD}
OTHERS: Final = (Reaction, Edge, Attendance, Cursor, Reset, Note, Spend, Drift, Refreshed, Standing)


@dataclass(slots=True)
class Page:
    """What was found at `url`, `depth` links away from where the crawl began.

    checked   each draft with what normalising made of it; `poison` those that could not even be normalised
    places    where in `checked` the post of a key stands
    wanted    requests to remember
    unverified  nobody vouched for the host: every post says so
    withheld  it holds what must not be kept: no copy of it goes to the archive
    """

    url: str = ""
    depth: int = 0
    query: str = ""
    drafts: list[Draft] = field(default_factory=list)
    checked: list[tuple[Draft, Post | Rejected]] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    poison: list[tuple[Draft, Exception]] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)
    unverified: bool = False
    withheld: bool = False

    def sort(self, session: Session, found: Iterable[Found]) -> Page:
        """Everything that can be done without the database. Raises TypeError or ValueError for what nobody stores."""
        spider = session.spider
        for item in found:
            if isinstance(item, Draft):
                self._check(session, item)
            elif isinstance(item, Link):
                self.wanted += self._follow(session, item, item.found_on or self.url)
                if spider.roams() and not item.as_feed and not session.guard.url(item.url):
                    self.others.append(Edge(type=LEAD, target=item.url))
            elif isinstance(item, Request):
                depth = int(item.meta.get("depth", self.depth))
                wanted = admission.from_request(item, spider, depth=depth, found_on=self.url)
                # Interfaces and lists of feeds are long on purpose; pages that lead to pages must end.
                if wanted.reason:
                    session.ledger.counts[f"state/{wanted.reason}"] += 1
                    self.wanted.append(wanted)
                elif spider.policy != "page" or session.traps.admits(wanted):
                    self.wanted.append(wanted)
                else:
                    session.ledger.counts["link/budget"] += 1
            elif isinstance(item, Edge) and (why := session.guard.edge(item)):
                session.ledger.counts[f"rejected/{why}"] += 1
                self.withheld = True
            elif isinstance(item, OTHERS):
                self.others.append(item)
            else:
                raise TypeError(f"{spider.name} yielded {type(item).__name__}, which nobody stores")
        return self

    def _check(self, session: Session, draft: Draft) -> None:
        if self.unverified:
            draft = replace(draft, flags=(*draft.flags, TLS_UNVERIFIED))
        try:
            made = normalise(draft, session.spider.event, now=session.spider.now)
        except quarantine.POISON as error:
            if not (why := session.guard.draft(draft)):
                self.drafts.append(draft)
                self.poison.append((draft, error))
                return
            made = Rejected(reason=why, url="")
        if isinstance(made, Post):
            made = session.guard.sifted(made)
        if isinstance(made, Rejected) and made.reason in UNNAMED:
            self.withheld = True
            self.checked.append((draft, made))
            return
        self.drafts.append(draft)
        if isinstance(made, Post) and made.key in self.places:
            self._settle(draft, made)
            session.ledger.counts["post/twice"] += 1
        else:
            if isinstance(made, Post):
                self.places[made.key] = len(self.checked)
            self.checked.append((draft, made))
        self.wanted += self._links_of(session, draft)

    def _settle(self, draft: Draft, made: Post) -> None:
        """Of two posts of one key in one answer the one changed last stays, else the first.

        Stored one after the other they would take turns in every run, each time as an edit.
        """
        place = self.places[made.key]
        if _moment(made) > _moment(self.checked[place][1]):
            self.checked[place] = (draft, made)

    def _links_of(self, session: Session, draft: Draft) -> Iterator[Wanted]:
        """The links of a draft that names the event: what it points to may be about the event too."""
        text = "\n".join((draft.title, draft.text, draft.url, *(f"#{tag}" for tag in draft.hashtags)))
        if not draft.links or not mentions(session.spider.event, text):
            return
        found_on = draft.url or self.url
        own = admission.fingerprint("GET", found_on)
        for url in draft.links[:LINKS_A_DRAFT]:
            for wanted in self._follow(session, Link(url=url), found_on):
                if wanted.fingerprint != own:
                    yield wanted

    def _follow(self, session: Session, link: Link, base: str) -> Iterator[Wanted]:
        """The row for a link, unless its depth, its kind or the guards against endless sites forbid it (counted)."""
        depth = self.depth + 1
        source = FEED_READER if link.as_feed else FOLLOWER
        query = "" if link.as_feed else f"via {session.source}"  # which source feeds on which
        wanted = admission.from_link(link.url, source, depth=depth, found_on=base, base=base, query=query)
        wanted = replace(wanted, each_run=link.as_feed)
        if depth > session.max_depth:
            session.ledger.counts["link/depth"] += 1
        elif wanted.reason:
            session.ledger.counts[f"state/{wanted.reason}"] += 1
            yield wanted
        elif not link.as_feed and not admission.is_page(wanted.url):
            session.ledger.counts["link/not_html"] += 1
        elif not session.traps.admits(wanted):
            session.ledger.counts["link/budget"] += 1
        else:
            yield wanted

    def store(self, conn: Connection, session: Session) -> None:
        """Write it all, inside the caller's transaction."""
        for draft, made in self.checked:
            self._save(conn, session, draft, made)
        for draft, error in self.poison:
            _set_aside(conn, session, draft, error)
        for item in self.others:
            _save_other(conn, session, item)
        session.add(conn, self.wanted)
        session.ledger.save(conn, self.query)

    def _save(self, conn: Connection, session: Session, draft: Draft, made: Post | Rejected) -> None:
        """One draft. A value that SQLite cannot take costs this draft only."""
        where: dict[str, Any] = {"event": session.event, "source": session.source}
        where |= {"run_id": session.run_id, "now": session.stamp}
        if isinstance(made, Rejected):
            session.ledger.counts[f"rejected/{made.reason}"] += 1
            if made.reason not in UNNAMED:
                posts.save_rejected(conn, made, **where)
            return
        try:
            with quarantine.attempt(conn):
                rank = RANKS[session.spider.view]
                saved = posts.save_post(conn, made, query=self.query, rank=rank, once=rank == posts.RECORD, **where)
        except quarantine.POISON as error:
            _set_aside(conn, session, draft, error)
        else:
            session.ledger.found(self.query, new=saved.new)


def _moment(made: Post | Rejected) -> str:
    """When a post was changed last, "" when nobody knows."""
    at = (made.updated_at or made.published.at) if isinstance(made, Post) else None
    return iso(at) if at is not None else ""


def _set_aside(conn: Connection, session: Session, draft: Draft, error: Exception) -> None:
    logger.warning("%s: put into quarantine (%s)", draft.url or draft.native_id, error)
    reason = f"{type(error).__name__}: {error}"
    try:
        payload = repr(draft)
    except RecursionError:  # nested deeper than Python writes
        payload = f"{draft.url} {draft.native_id}"
    quarantine.keep(conn, session.source, reason=reason, payload=payload, run_id=session.run_id, now=session.stamp)
    session.ledger.counts["errors"] += 1


def _save_other(conn: Connection, session: Session, item: Any) -> None:
    now, event = session.stamp, session.event
    match item:
        case Reaction():
            if not posts.save_reaction(conn, item, source=session.source, now=now):
                session.ledger.counts["rejected/reaction to an unknown post"] += 1
        case Edge():
            posts.save_edge(conn, item, event=event, now=now)
        case Attendance():
            posts.save_attendance(conn, item, event=event, now=now)
        case Cursor() if not session.offline:  # what was archived long ago must not turn a mark back
            runs.set_cursor(conn, session.source, event, item.query, item.value, now=now, after_reset=item.after_reset)
        case Reset() if not session.offline:
            session.ledger.reset(item, runs.reset_cursor(conn, session.source, event, item.query))
        case Spend() if not session.offline:
            runs.spend(conn, session.source, now[:7], item.name, item.amount)
        case Note():
            session.ledger.note(conn, item)
        case Refreshed() if not session.offline:
            known.refreshed(conn, item.keys, source=session.source, now=now)
        case Standing():
            _save_standing(conn, session, item)
        case Drift():
            logger.warning("the interface has changed: %s (%d records)", item.told, item.count)
            session.ledger.drift(item)


def _save_standing(conn: Connection, session: Session, item: Standing) -> None:
    """What a platform says of a post today; one that is private now is gone."""
    gone, made = item.gone, None
    if item.draft is not None:
        made = normalise(item.draft, session.spider.event, now=session.spider.now)
        made = session.guard.sifted(made) if isinstance(made, Post) else made
        gone = made.reason if isinstance(made, Rejected) else ""
    if gone or not isinstance(made, Post):
        if standing.withdraw(conn, item.key, now=session.stamp):
            session.ledger.counts[f"gone/{gone}"] += 1
            session.ledger.found("", new=False)
    elif standing.confirm(conn, item.key, made, now=session.stamp):
        session.ledger.found("", new=False)
