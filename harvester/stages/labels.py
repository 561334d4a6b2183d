"""Who gets a label at an event, and which: authors of posts, people who only answered, and those a human spoke of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester import dates
from harvester.classify import answers, role
from harvester.stages.employers import name_employers
from harvester.store import judgement_rows as rows
from harvester.store import people as accounts

if TYPE_CHECKING:
    from harvester.model import Author, Post
    from harvester.stages.work import Work
    from harvester.store.connection import Connection


def decide_labels(conn: Connection, work: Work) -> None:
    """The label of each author with a post that may be about the event, unless somebody else's label stands.

    Who only answered, passed on or bookmarked is judged by what is known of them (lists, profile, earlier events,
    their own words), because measures of answers leave out those who run the event. Where that decides nothing they
    get no label: there is nothing for a human to review. A human's words are kept whatever became of the posts.
    What lists say of an account holds for the others that a human confirmed to be the same person's.
    """
    posts = _by_author(work)
    actors = _actors(conn, work) - posts.keys()
    people = _people(conn, posts, actors | (work.author_words.keys() - posts.keys()))
    bylines, statuses = rows.bylines_by_host(conn), rows.statuses_of(conn, work.event)
    earlier, families = rows.earlier_sides(conn, work.event), accounts.families(conn)
    for author_id, author in people.items():
        words, written = work.author_words.get(author_id, {}), posts.get(author_id, [])
        if work.told_label(author_id) and not words:
            continue
        label = work.told_before(author_id)
        if label is None:
            sites = [bylines.get(post.host, 0) for post in written if post.platform == "web"]
            family = families.get(work.persons.get(author_id, 0), {author_id: author})
            view = role.AuthorView(
                author=author,
                bylines=max(1, *sites, 1),
                statuses=tuple(dict.fromkeys(status for one in family for status in statuses.get(one, ()))),
                earlier=earlier.get(author_id, ("", "")),
                also=tuple(other for one, other in family.items() if one != author_id),
            )
            label = role.judge(view, written, work.described)
        if words or label.side != "unknown" or _contributed(work, written):
            work.new_labels[author_id] = role.overridden(label, words)
        else:
            work.answerers.add(author_id)
    name_employers(work, posts, people)


def _contributed(work: Work, posts: list[Post]) -> bool:
    """Whether there is more than answers to others' posts; an answer that counts by itself is more."""
    return any(not answers.on_others_ground(post) or work.new_counted(work.ids[post.key]) for post in posts)


def _by_author(work: Work) -> dict[int, list[Post]]:
    """Posts that are not rejected, by author, confirmed ones first, then by date and key."""
    found: dict[int, list[tuple[bool, str, str, Post]]] = {}
    for post_id in work.ties:
        item, about = work.stored[post_id], work.relevance(post_id)
        if item.author_id is not None and about in ("confirmed", "probable"):
            at = item.post.published.at
            order = (about != "confirmed", dates.iso(at) if at else "~", item.post.key)
            found.setdefault(item.author_id, []).append((*order, item.post))
    return {author_id: [entry[3] for entry in sorted(posts, key=lambda e: e[:3])] for author_id, posts in found.items()}


def _actors(conn: Connection, work: Work) -> set[int]:
    """People who answered, linked or bookmarked a post that may be about the event."""
    about = {post_id for post_id in work.ties if work.relevance(post_id) in ("confirmed", "probable")}
    ties = rows.acts_on(conn, work.event)
    return {actor for actor, post_id, target in ties if (post_id or work.targets.get(target)) in about}


def _people(conn: Connection, posts: dict[int, list[Post]], others: set[int]) -> dict[int, Author]:
    """Each author by id; of the others as they are stored."""
    found = {author_id: author for author_id, written in posts.items() if (author := written[0].author)}
    return dict(sorted((found | rows.authors_of(conn, others)).items()))
