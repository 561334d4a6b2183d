"""What must not be stored again, as keyed digests: neither an address nor a name can be read from the table.

The key lies outside the database, in `<db>.key`: whoever gets a copy of the database alone cannot even try names.
A digest stands for the key of a post (`x:123`, a canonical address) or for an account (`qiita:aoi`), at all events
or, where the kind says `@slug`, at one. Kinds: `post` and `author` (asked for), `expired` (keep_days), `gone`
(deleted at its platform), `noindex` (an account that does not want to be found).
"""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from harvester.model import Rejected
from harvester.store.backup import file_of
from harvester.store.posts import link_key
from harvester.store.secret import key_path, read_key
from harvester.traces import account_of, identities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harvester.model import Draft, Edge, Post
    from harvester.store.connection import Connection
    from harvester.traces import Account

Value = tuple[str, str]  # ("post", key) or ("author", "platform:handle")
# The named reason of a draft that is refused, by the kind of tombstone; asked-for erasures are `forgotten`.
_REASONS: Final = {"expired": "expired", "gone": "gone", "noindex": "noindex"}
_FORGOTTEN: Final = "forgotten"
_FIND: Final = "SELECT digest, kind FROM tombstones WHERE digest IN (SELECT value FROM json_each(?))"
# A person's wish stands above what merely ran out.
_KEEP: Final = """INSERT INTO tombstones (digest, kind, why, at) VALUES (?, ?, nullif(?, ''), ?)
ON CONFLICT (digest) DO UPDATE SET kind = excluded.kind, why = coalesce(excluded.why, why)
WHERE kind IN ('expired', 'gone', 'noindex') AND kind <> excluded.kind"""


def post_value(reference: str) -> Value:
    """What stands for a post, given by its key or its address."""
    return "post", link_key(reference) if reference.startswith(("http://", "https://")) else reference


def author_value(platform: str, handle: str) -> Value:
    """What stands for an account."""
    return "author", ":".join(account_of(platform, handle))


def values_of_url(url: str) -> list[Value]:
    """What an address alone tells: the post it names, and the account whose page it is."""
    key, account = identities(url)
    if not key:
        return []
    return [("post", key), *([author_value(*account)] if account else [])]


def values_of_reference(reference: str) -> list[Value]:
    """As `values_of_url`, for what an edge names: an address, the key of a post, or an account as `x:@aoi`."""
    platform, at, handle = reference.partition(":@")
    if at and platform.isalnum():
        return authors_values(platform, handle)
    return [post_value(reference), *values_of_url(reference)]


def values_of(
    key: str, addresses: Iterable[str | None], account: Account | None = None, original: str = ""
) -> list[Value]:
    """All that a post is known by; of a repost also its `original`, of which it is a copy."""
    found = [("post", key)]
    for url in dict.fromkeys(address for address in addresses if address):
        found += values_of_url(url)
    if account is not None:
        found += authors_values(*account)
    return [*found, post_value(original)] if original else found


def authors_values(platform: str, handle: str) -> list[Value]:
    """What an account is known by: one who signs on a site belongs to the site too."""
    found = [author_value(platform, handle)]
    if platform == "web" and "#" in handle:
        found.append(author_value("web", handle.partition("#")[0]))
    return found


def digest(key: bytes, value: Value, event: str = "") -> str:
    """The digest that stands for a value, at all events or at one."""
    space = f"{value[0]}@{event}" if event else value[0]
    return hmac.digest(key, f"{space}\n{value[1]}".encode("utf-8", "surrogatepass"), "sha256").hex()


def remember(
    conn: Connection, key: bytes, values: Iterable[Value], *, now: str, why: str = "", kind: str = "", event: str = ""
) -> None:
    """Keep tombstones, inside the caller's `write_tx`. `kind` is that of the value unless told."""
    scope = f"@{event}" if event else ""
    rows = [(digest(key, value, event), (kind or value[0]) + scope, why, now) for value in values]
    conn.executemany(_KEEP, rows)


def lift(conn: Connection, key: bytes, values: Iterable[Value], kind: str) -> None:
    """Take tombstones of one kind away again, inside the caller's `write_tx`."""
    conn.executemany(
        "DELETE FROM tombstones WHERE digest = ? AND kind = ?", [(digest(key, value), kind) for value in values]
    )


def carry(source: Connection, target: Connection) -> None:
    """Copy every tombstone of one database into another, inside a `write_tx` on `target`."""
    rows = source.execute("SELECT digest, kind, why, at FROM tombstones").fetchall()
    target.executemany(_KEEP, [tuple(row) for row in rows])


class Guard:
    """Asked before anything is stored. Costs one look into an empty table when nothing was ever erased.

    `event` is the slug for which things are about to be stored; `key` is read when it is first needed.
    Raises ConfigError then, when the key is missing: what cannot be checked must not be stored.
    """

    def __init__(self, conn: Connection, event: str = "", key: bytes = b"") -> None:
        self._conn, self._event, self._key = conn, event, key
        self.active = conn.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is not None
        if self.active and not key:
            self._key = read_key(key_path(file_of(conn)))

    def why(self, values: Iterable[Value], event: str = "") -> str:
        """The named reason why something known by these values must not be stored, "" when it may."""
        if not self.active:
            return ""
        wanted = list(values)
        hits = self._hits(wanted, event)
        return next((hits[value] for value in wanted if value in hits), "")

    def url(self, url: str) -> str:
        """As `why`, for an address that is to be remembered."""
        return self.why(values_of_url(url)) if self.active else ""

    def account(self, platform: str, handle: str, event: str = "") -> str:
        """As `why`, for an account."""
        return self.why(authors_values(platform, handle), event) if self.active else ""

    def edge(self, edge: Edge) -> str:
        """As `why`, for a tie found beside content: who acts, with what, on what."""
        if not self.active:
            return ""
        values = [value for name in (edge.target, edge.source) if name for value in values_of_reference(name)]
        if edge.actor is not None:
            values += authors_values(edge.actor.platform or "web", edge.actor.handle or edge.actor.name)
        return self.why(values)

    def draft(self, draft: Draft) -> str:
        """As `why`, for a draft that cannot become a post."""
        if not self.active:
            return ""
        author, found = draft.author, values_of_url(draft.url)
        found += values_of_url(draft.canonical_url)
        found += authors_values(author.platform or draft.platform, author.handle) if author.handle else []
        return self.why([*found, ("post", f"{draft.platform}:{draft.native_id}")])

    def sifted(self, post: Post) -> Post | Rejected:
        """The post without its ties to what was erased, or why it must not be stored at all."""
        if not self.active:
            return post
        account = (post.author.platform, post.author.handle) if post.author else None
        original = post.target if post.relation == "repost" else ""
        own = values_of(post.key, (post.url, post.canonical_url), account, original)
        links = {link: values_of_url(link) for link in post.links}
        mentions = {handle: [author_value(post.platform, handle.lstrip("@"))] for handle in post.mentions}
        target = [post_value(post.target)] if post.target else []
        hits = self._hits([*own, *_flat(links.values()), *_flat(mentions.values()), *target])
        if reason := next((hits[value] for value in own if value in hits), ""):
            return Rejected(reason=reason, url="")
        if not hits:
            return post
        return replace(
            post,
            links=tuple(link for link in post.links if hits.keys().isdisjoint(links[link])),
            mentions=tuple(handle for handle in post.mentions if hits.keys().isdisjoint(mentions[handle])),
            target="" if not hits.keys().isdisjoint(target) else post.target,
        )

    def _hits(self, values: list[Value], event: str = "") -> dict[Value, str]:
        """The reason of each value that has a tombstone."""
        scopes = ("", event or self._event) if event or self._event else ("",)
        wanted = {digest(self._key, value, scope): value for value in values for scope in scopes}
        rows = self._conn.execute(_FIND, (json.dumps(list(wanted)),))
        return {wanted[row["digest"]]: _REASONS.get(row["kind"].partition("@")[0], _FORGOTTEN) for row in rows}


def _flat(lists: Iterable[Iterable[Value]]) -> Iterator[Value]:
    for values in lists:
        yield from values
