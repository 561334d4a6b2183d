"""What an address alone says of who writes there: the registry's word and every rule that its form fires. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harvester import outlets, urls
from harvester.classify import role
from harvester.classify.rules import table
from harvester.event import Event
from harvester.event import Outlet as Declared
from harvester.model import Author, Post

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from harvester.outlets import Outlet


def judged(url: str, own: Sequence[Outlet], at: datetime) -> dict[str, Any]:
    """What is known of a canonical address, as JSON values: side, posterior, names in the registry, evidence.

    It is judged as a post without title and text, at an event whose file declares nothing but `own` outlets.
    """
    host, found, shipped = urls.host_of(url), urls.identify(url), outlets.shipped()
    declared = tuple(Declared(name=row.name, hosts=row.hosts) for row in own)
    event = Event(slug="-", name="-", starts=at, ends=at, timezone="UTC", report_timezone="UTC", outlets=declared)
    author = Author(platform=found.platform, handle=found.handle or host)
    kind = found.kind or "article"
    post = Post(key=url, url=url, kind=kind, platform=found.platform, host=host, author=author)
    label = role.judge(role.AuthorView(author=author), [post], event)
    rules = table("role").rules
    evidence = [
        {"rule": e.rule, "side": e.side, "weight": e.weight, "snippet": e.snippet, "reason": rules[e.rule].reason}
        for e in label.evidence
    ]
    row = next((row for row in own if row.keeps(host)), None) or shipped.find(host)[1]
    guest = shipped.guest(host, urlsplit(url).path)
    return {
        "url": url,
        "host": host,
        "side": label.side,
        "posterior": round(label.posterior, 4),
        "outlet": row.name if isinstance(row, outlets.Outlet) else "",
        "guest": f"under the roof of an outlet, but {guest.reason}" if guest else "",
        "wire": row.name if row in shipped.wires else "",
        "aggregator": row.name if isinstance(row, outlets.Site) and row.why else "",
        "evidence": evidence,
    }
