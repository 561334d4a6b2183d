"""Who wrote it: what an author is at one event, from their posts and lists, with every rule that fired.

Two decisions: the side (evidence in decibans, `evidence.decide`) and attendance (`listed`, `claimed`, `none`).
Together they give the author kind. Each rule is a small function; what it is worth stands in `vocab/rules.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester.classify import answers, declared, hosts, wording
from harvester.classify.evidence import decide
from harvester.classify.rules import fire, table
from harvester.model import Author, Evidence, Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harvester.event import Event
    from harvester.model import Post

_MANY_BYLINES = 3
SIDE_OF = {
    "participant": "community", "independent": "community", "media": "media", "organiser": "owned",
    "vendor": "owned", "sponsor": "owned", "aggregator": "aggregator", "unknown": "unknown",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorView:
    """What role rules read of an author besides the posts.

    bylines   different authors seen on the author's site (1 for an account of one's own)
    statuses  rows of attendance lists that were matched to this author
    earlier   the side decided for them at an earlier event, and that event's slug
    also      other accounts of the same person, as a human confirmed
    """

    author: Author
    bylines: int = 1
    statuses: tuple[str, ...] = ()
    earlier: tuple[str, str] = ("", "")
    also: tuple[Author, ...] = ()


def judge(view: AuthorView, posts: Sequence[Post], event: Event) -> Label:
    """The author's label at the event. `posts` are theirs that may be about it, best known first."""
    return relabelled(_fired(view, posts, event), event)


def relabelled(evidence: Sequence[Evidence], event: Event) -> Label:
    """The label that this evidence allows at the event."""
    verdict = decide(evidence)
    rules = table("role").rules
    attendance = (
        max((rules[e.rule].attendance for e in evidence), key=("", "claimed", "listed").index, default="") or "none"
    )
    kind = _kind(verdict.side, attendance, evidence, event)
    return Label(
        side=verdict.side,
        kind=kind,
        subkind=_subkind(evidence) if kind == "participant" else "",
        attendance=attendance,
        posterior=verdict.posterior,
        runner_up=verdict.runner_up if verdict.side != "unknown" else f"{verdict.leader}/{verdict.runner_up}",
        review=verdict.review,
        evidence=tuple(evidence),
    )


def _fired(view: AuthorView, posts: Sequence[Post], event: Event) -> list[Evidence]:
    """Each rule once, by the first post it fired on."""
    found: dict[str, Evidence] = {}
    for one in _about_author(view, posts, event):
        found.setdefault(one.rule, one)
    seen: set[str] = set()
    for post in posts:
        if post.host not in seen and not answers.on_others_ground(post):
            seen.add(post.host)
            for one in _about_host(view, post, event):
                found.setdefault(one.rule, one)
        for one in wording.of(post, outlet=bool(_on_outlet(post, event))):
            found.setdefault(one.rule, one)
    return list(found.values())


def _about_author(view: AuthorView, posts: Sequence[Post], event: Event) -> Iterator[Evidence]:
    author = view.author
    host = posts[0].host if posts else ""
    where = author.url or (posts[0].url if posts else "")
    for status in view.statuses:
        if rule := declared.STATUS_RULES.get(status):
            yield fire(rule, f"attendance list: {status}", url=where)
    for found in declared.on_lists(author, host, event, alone=view.bylines < _MANY_BYLINES):
        organisation = f", {found.organisation}" if found.organisation else ""
        yield fire(found.rule, f"{found.how}{organisation}", url=where)
    for other in view.also:
        for found in declared.on_lists(other, "", event, alone=False):
            organisation = f", {found.organisation}" if found.organisation else ""
            yield fire(
                found.rule, f"{found.how}, one person with {other.platform}:{other.handle}{organisation}", url=where
            )
    if handle := declared.official_handle(author, event):
        yield fire("D1", f"official handle {handle}", url=where)
    if employer := declared.employer(author, event):
        yield fire("B1", employer, url=where)
    if signed := declared.signed_for(author, event):
        yield fire("B3", signed, url=where)
    if name := declared.carries_name(author, event):
        yield fire("B2", name, url=where)
    side, earlier = view.earlier
    if side in table("role").prior:
        yield fire("S1", f"{side} at {earlier}", side=side)


def _about_host(view: AuthorView, post: Post, event: Event) -> Iterator[Evidence]:
    """Evidence from where a post stands."""
    for rule, listed in (("D1", event.official_hosts), ("D7", event.sponsor_hosts), ("D8", event.aggregator_hosts)):
        if host := hosts.below(post.host, listed):
            yield fire(rule, host, post_key=post.key, url=post.url)
    if wire := hosts.below(post.host, event.wire_hosts) or hosts.wire(post.host):
        yield fire("D6", wire, post_key=post.key, url=post.url)
        return
    if outlet := _on_outlet(post, event):
        yield fire("H1", outlet, post_key=post.key, url=post.url)
    elif copied := hosts.mirror(post.url) or hosts.collection(post.url, post.platform):
        yield fire("H9", copied, post_key=post.key, url=post.url)
    else:
        yield from _structure(view, post, event)
    if post.platform == "web" and view.bylines >= _MANY_BYLINES:
        yield fire("H5", f"{view.bylines} bylines on {post.host}", post_key=post.key, url=post.url)


def _on_outlet(post: Post, event: Event) -> str:
    """The outlet of the event file or of the shipped registry on whose host a post stands, or ""."""
    declared_outlets = tuple(host for row in (*event.media_outlets, *event.outlets) for host in row.hosts)
    return hosts.below(post.host, declared_outlets) or hosts.outlet(post.host, urlsplit(post.url).path)


def _structure(view: AuthorView, post: Post, event: Event) -> Iterator[Evidence]:
    """What kind of site it is by its platform, or by the form of its address."""
    parts = urlsplit(post.url)
    if hosts.goods(post.url):
        return  # whose shop it is says nothing of who wrote what is sold there
    if vendor := declared.vendor_site(post.host, event):
        yield fire("H11", vendor, post_key=post.key, url=post.url)
    if post.platform == "web" and (name := declared.own_site(view.author, post.host)):
        yield fire("H10", name, post_key=post.key, url=post.url)
    company = hosts.company(post.host, parts.path, view.author.handle if post.platform != "web" else "")
    if company:
        yield fire("H7", company, post_key=post.key, url=post.url)
    own = "" if vendor else hosts.own_blog(post.host, parts.path)
    if rule := hosts.platform_rule(post.platform):
        yield fire(rule, post.platform, post_key=post.key, url=post.url)
        if own and post.platform in hosts.STATIC_PLATFORMS:
            yield fire("H12", own, post_key=post.key, url=post.url)
    elif post.platform == "web" and not company:
        if told := hosts.press(post.host, parts.path):
            yield fire("H13", told, post_key=post.key, url=post.url)
        elif news := hosts.news(post.host, parts.path):
            yield fire("H8", news, post_key=post.key, url=post.url)
        elif own:
            yield fire("H12", own, post_key=post.key, url=post.url)
        elif view.bylines < _MANY_BYLINES and (blog := hosts.blog(post.host, f"{parts.path}?{parts.query}")):
            yield fire("H6", blog, post_key=post.key, url=post.url)


def _kind(side: str, attendance: str, evidence: Sequence[Evidence], event: Event) -> str:
    if side == "community":
        return "independent" if attendance == "none" else "participant"
    return _owner(evidence, event) if side == "owned" else side


def _owner(evidence: Sequence[Evidence], event: Event) -> str:
    """Whose voice an owned author is, by the strongest owned evidence: organiser, vendor or sponsor."""
    owned = [e for e in evidence if e.side == "owned"]
    top = max(owned, key=lambda e: (e.weight, e.rule != "D1"))
    if top.rule in ("D1", "D2", "B2"):
        return "vendor" if declared.vendor_in(top.snippet.rpartition(", ")[2], event) else "organiser"
    return table("role").rules[top.rule].kind or "vendor"


def _subkind(evidence: Sequence[Evidence]) -> str:
    rules = {e.rule for e in evidence}
    return "speaker" if "D4" in rules else "corporate" if "H7" in rules else "attendee"


def overridden(label: Label, fields: Mapping[str, str]) -> Label:
    """A label with a human's words in it (side, kind, subkind, attendance), which are final."""
    said = {name: value for name, value in fields.items() if name in ("side", "kind", "subkind", "attendance")}
    if not said:
        return label
    changed = replace(
        label,
        side=said.get("side", label.side),
        kind=said.get("kind", label.kind),
        subkind=said.get("subkind", label.subkind),
        attendance=said.get("attendance", label.attendance),
        decided_by="human",
        review="",
        posterior=1.0,
    )
    if "kind" in said:
        changed = replace(changed, side=SIDE_OF.get(changed.kind, changed.side))
    elif changed.side == "community":
        changed = replace(changed, kind="independent" if changed.attendance == "none" else "participant")
    elif "side" in said:
        changed = replace(changed, kind="organiser" if changed.side == "owned" else changed.side)
    if changed.kind != "participant" and "subkind" not in said:
        changed = replace(changed, subkind="")
    return changed
