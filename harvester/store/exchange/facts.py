"""Interchange records about events, posts and authors: where seen, how tied, how many, who was there, who is what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.store.events import FROM_FILE
from harvester.store.exchange.refs import UNLESS_HUMAN, Unresolved, key_of, split_author
from harvester.store.posts import save_link
from harvester.store.rows import upsert
from harvester.store.tombstones import values_of_reference

if TYPE_CHECKING:
    from harvester.store.exchange.refs import Json, Refs


def take_sighting(refs: Refs, record: Json) -> str:
    """Where a post was seen; a run that no record tells about is made."""
    slug, post_id = refs.slug(record), refs.post_id(record["post"])
    run_id, _ = refs.run({**record, "event": slug})
    at = record.get("at") or refs.conn.execute("SELECT started_at FROM runs WHERE id = ?", (run_id,)).fetchone()[0]
    values = {"post_id": post_id, "event": slug, "source": record["source"], "query": record.get("query") or "",
              "run_id": run_id, "seen_at": at}  # fmt: skip
    return upsert(refs.conn, "sightings", values, ("post_id", "event", "source", "query", "run_id"))


# By what makes a tie one (the index `links_unique`).
_TIE_BY = """SELECT min(at) FROM links WHERE type = ? AND ifnull(src_post_id, 0) = 0 AND ifnull(actor_id, 0) = ?
  AND dst = ? AND ifnull(event, '') = ?"""


def take_edge(refs: Refs, record: Json) -> str:
    """A directed tie; its target need not be a post that we hold.

    Who answered twice and named no post of theirs made one tie, at the earlier moment.
    """
    slug = refs.slug(record)
    actor = refs.author_id(record["actor"]) if record.get("actor") else None
    source = refs.post_id(record["source"]) if record.get("source") else None
    refs.admit(refs.guard.why(values_of_reference(record["target"]), slug))
    before = refs.conn.total_changes
    target, at = key_of(record["target"]), record.get("at")
    if source is None and at:
        known = refs.conn.execute(_TIE_BY, (record["edge_type"], actor or 0, target, slug)).fetchone()[0]
        at = min(at, known or at)
    save_link(refs.conn, slug, record["edge_type"], actor, source, target, at)
    return "new" if refs.conn.total_changes > before else "unchanged"


def take_reaction(refs: Refs, record: Json) -> str:
    """One measured number; without a moment it is the post's own time, which keeps it single."""
    post_id = refs.post_id(record["post"])
    sql = "SELECT coalesce(published_at, first_seen_at) FROM posts WHERE id = ?"
    at = record.get("observed_at") or refs.conn.execute(sql, (post_id,)).fetchone()[0]
    values = {"post_id": post_id, "name": record["name"], "value": record["value"], "observed_at": at,
              "source": record.get("source")}  # fmt: skip
    return upsert(refs.conn, "reactions", values, ("post_id", "name", "observed_at"))


def take_audience(refs: Refs, record: Json) -> str:
    """A follower count at a moment."""
    author_id = refs.author_id(record["author"])
    row = refs.conn.execute("SELECT platform FROM authors WHERE id = ?", (author_id,)).fetchone()
    values = {
        "author_id": author_id,
        "platform": record.get("platform") or row["platform"],
        "followers": record["followers"],
        "observed_at": record.get("observed_at") or refs.end({})[:10],
    }
    return upsert(refs.conn, "audience", values, ("author_id", "platform", "observed_at"))


def take_attendance(refs: Refs, record: Json) -> str:
    """One person at an event, or, without a person, the head counts that a source tells."""
    slug = refs.slug(record)
    if not record.get("person"):
        names = ("registered", "attended", "waiting")
        if all(record.get(name) is None for name in names):
            raise Unresolved("missing_field", "person")
        values = {name: record.get(name) for name in names} | {
            "event": slug,
            "source": record.get("source") or "import",
        }
        values["observed_at"] = record.get("observed_at") or refs.end(record)
        return upsert(refs.conn, "head_counts", values, ("event", "source", "observed_at"))
    person = str(record["person"])
    refs.admit(refs.guard.account(*split_author(refs.given.get(person, person)), slug))
    author = record.get("author") or (person if person in refs.given else None)
    values = {"event": slug, "person": person, "status": record.get("status") or "attended",
              "author_id": refs.author_id(author) if author else None,
              "source": record.get("source")}  # fmt: skip
    return upsert(refs.conn, "attendance", values, ("event", "person", "status"))


def take_label(refs: Refs, record: Json) -> str:
    """What an author is at an event."""
    values = {name: value for name, value in record.items() if name not in ("type", "event", "author")}
    values |= {"event": refs.slug(record), "author_id": refs.author_id(record["author"])}
    return upsert(refs.conn, "labels", values, ("event", "author_id"), f"labels.{UNLESS_HUMAN}")


def take_kpi(refs: Refs, record: Json) -> str:
    """A number typed in by the organiser."""
    slug = refs.slug(record)
    values = {name: record.get(name) for name in ("name", "value", "unit", "source")}
    values |= {"event": slug, "as_of": record.get("as_of") or refs.end(record)}
    return upsert(refs.conn, "kpis", values, ("event", "name", "as_of"))


def take_audit(refs: Refs, record: Json) -> str:
    """What a human said a sampled post is, beside what we had predicted."""
    slug = refs.slug(record)
    values = {name: record.get(name) for name in ("predicted", "truth", "auditor")}
    values |= {"event": slug, "post_id": refs.post_id(record["post"]), "at": record.get("at") or refs.end(record)}
    return upsert(refs.conn, "audits", values, ("event", "post_id"))


_SAME_PERSON = (
    "platform = substr(person, 1, instr(person, ':') - 1) AND handle = substr(person, instr(person, ':') + 1)",
    "platform = 'id' AND handle = person",
)


def link_people(refs: Refs) -> None:
    """Persons on attendance lists who are authors under the same key or given id; event files' lists stay by name."""
    for same in _SAME_PERSON:
        found = f"SELECT id FROM authors WHERE {same}"  # noqa: S608 - a constant above
        refs.conn.execute(
            f"UPDATE attendance SET author_id = ({found})"  # noqa: S608
            f" WHERE author_id IS NULL AND source IS NOT ? AND EXISTS ({found})",
            (FROM_FILE,),
        )
