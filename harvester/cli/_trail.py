"""The lines of `harvest explain`: a header, each rule that fired with its weight, what it added up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harvester.classify.organisation import GROUP as EMPLOYER
from harvester.classify.rules import table, vocabulary
from harvester.classify.said import WITHDRAWN
from harvester.report.layout import cut, width

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harvester.store.connection import Connection

_MINUS = "\N{MINUS SIGN}"


def writer(conn: Connection, event: str, author_id: int | None) -> dict[str, Any]:
    """{author, label} of who wrote a post, at an event; None for what is not known."""
    from harvester.store import trail

    row = trail.author(conn, author_id) if author_id is not None else None
    if row is None or author_id is None:
        return {"author": None, "label": None}
    return {"author": dict(row), "label": trail.label(conn, event, author_id)}


def post_lines(entry: Mapping[str, Any]) -> list[str]:
    """A post: its author's kind with the evidence, then why it is or is not about the event, and its story."""
    tie = entry["post"]
    lines = [_header(f"{tie['key']}  {tie['url']}" if tie["key"] != tie["url"] else tie["url"], entry)]
    if entry["author"]:
        lines.append(f"  written by {entry['author']['author']} ({entry['author']['name']})")
    lines += _evidence(entry)
    counted = "counted" if tie["counted"] else f"not counted: {tie['not_counted_reason'] or 'not judged yet'}"
    score = "" if tie["score"] is None else f"   score {_signed(tie['score']).replace(' ', '')}"
    lines.append(f"  {entry['event']}: {tie['relevance'] or 'not judged yet'}{score}   {counted}")
    rules = table("relevance").rules
    for found in tie["reasons"]:
        rule = rules.get(found.get("rule", ""))
        why = f"{found.get('rule')} {rule.reason if rule else ''}"
        lines.append(_line(found.get("weight", 0), rule.group if rule else "", why, found.get("snippet"), tie["run"]))
    if (tie["copies"] or 1) > 1:
        lines.append(f"  story {tie['story']} ({tie['copies']} texts), this one is its {tie['relation']}")
    history = entry.get("history", {})
    lines += _words(tie)
    return lines + _history("post judged", history.get("post")) + _history("author judged", history.get("author"))


def author_lines(entry: Mapping[str, Any]) -> list[str]:
    """An author: the kind with its evidence, then their posts at the event."""
    author = entry["author"]
    lines = [_header(f"{author['author']}  {author['name']}  at {entry['event']}", entry), *_evidence(entry)]
    for post in entry["posts"]:
        counted = "counted" if post["counted"] else post["not_counted_reason"] or "not counted"
        title = cut(post["title"] or post["url"], 48)
        judged = f"{post['relevance'] or 'not judged'}, {counted}"
        lines.append(f"  {post['local_day'] or 'undated'}  {judged}  {title}  {post['key']}")
        if post["reasons"]:
            lines.append(_reasons(post))
    return lines + _history("judged", entry.get("history", {}).get("author"))


def _reasons(post: Mapping[str, Any]) -> str:
    """What spoke for and against a post of an author, on one line; `harvest explain POST` has the whole of it."""
    parts = [f"{_signed(found.get('weight', 0)).replace(' ', '')} {found.get('rule')}" for found in post["reasons"]]
    parts = [
        f'{part} "{cut(found["snippet"], 20)}"' if found.get("snippet") else part
        for part, found in zip(parts, post["reasons"], strict=True)
    ]
    return _with_run(f"    {'  '.join(parts)}", post["run"])


def _history(what: str, decisions: list[Mapping[str, Any]] | None) -> list[str]:
    """When the judgement became another one, and by which rules and event file; nothing unless it was asked for."""
    if decisions is None:
        return []
    lines = [f"  {what} {len(decisions)} time{'s' * (len(decisions) != 1)}:"]
    for made in decisions:
        posterior = "" if made["posterior"] is None else f"   posterior {made['posterior']:.3f}"
        stamp = f"rules {made['rules_version'] or 'none'}   event file {(made['config_hash'] or 'none')[:8]}"
        lines.append(f"    {made['at']}  {made['value']}{posterior}   {stamp}")
    return lines


def _header(what: str, entry: Mapping[str, Any]) -> str:
    label = entry["label"]
    if label is None:
        return f"{what}   → {_unlabelled(entry)}"
    subkind = f" ({label['subkind']})" if label["subkind"] else ""
    posterior = "" if label["posterior"] is None else f"   posterior {label['posterior']:.3f}"
    return f"{what}   → {label['kind']}{subkind}{posterior}"


def _unlabelled(entry: Mapping[str, Any]) -> str:
    """Why an author has no label: nobody judged, no post is about the event, or there are only answers to others'."""
    found = {post["relevance"] for post in ([entry["post"]] if "post" in entry else entry["posts"])}
    if entry["author"] is None:
        return "no author"
    if not found - {None}:
        return "unknown   not judged yet"
    if found & {"confirmed", "probable"}:
        return "no label   only answers to others' posts, and nothing else is known of who wrote them"
    return "no label   no post about the event"


def _evidence(entry: Mapping[str, Any]) -> list[str]:
    label = entry["label"]
    if label is None:
        return []
    rules = table("role").rules
    best: set[tuple[str, str]] = set()
    lines = []
    for found in label["evidence"]:
        if found["grp"] == EMPLOYER:
            continue
        rule = rules.get(found["rule"])
        weaker = (found["grp"], found["side"]) in best
        best.add((found["grp"], found["side"]))
        why = f"{found['rule']} {rule.reason if rule else ''}{', not added (same group)' if weaker else ''}"
        lines.append(_line(found["weight"], f"{found['side']:<10} {found['grp']}", why, found["snippet"], found["run"]))
    prior = " / ".join(f"{weight:g}".replace("-", _MINUS) for weight in table("role").prior.values())
    tail = [f"prior {prior}", f"runner-up {label['runner_up'] or 'none'}", f"attendance {label['attendance']}"]
    tail += [f"rules {label['rules_version'] or 'none'}", f"decided by {label['decided_by']}"]
    tail += [] if label["overrides"] else ["no override"]
    lines.append("  " + "   ".join(tail))
    lines += _employer(label)
    if label["review"]:
        lines.append(f"  to review: {label['review']}")
    return lines + _words(label)


def _employer(label: Mapping[str, Any]) -> list[str]:
    """For whom a corporate writer writes, with what told it; nothing for others."""
    if not label["organisation"]:
        return []
    told = next((found for found in label["evidence"] if found["grp"] == EMPLOYER), None)
    why = (
        f': {vocabulary("organisation")["rules"].get(told["rule"], told["rule"])}, "{told["snippet"]}"' if told else ""
    )
    return [f"  writes for {label['organisation']}{why}"]


def _line(weight: float, group: str, why: str, snippet: str | None, run: int | None) -> str:
    quoted = snippet if not snippet or '"' in snippet else f'"{snippet}"'
    told = f"{why}: {quoted}" if quoted else why
    return _with_run(f"  {_signed(weight)} {group:<20} {told}", run)


def _with_run(text: str, run: int | None) -> str:
    """The line, cut, with the run that first saw it at the end."""
    room = cut(text, 96 - 9)
    return room if run is None else f"{room}{' ' * max(1, 88 - width(room))}run {run}"


def _signed(weight: float) -> str:
    """+20, + 6, −30: three columns."""
    return f"{_MINUS if weight < 0 else '+'}{abs(weight):2g}"


def _words(found: Mapping[str, Any]) -> list[str]:
    lines = []
    for word in found["overrides"]:
        said = f"{word['field']} taken back" if word["value"] == WITHDRAWN else f"{word['field']} = {word['value']}"
        by, why = f" by {word['who']}" if word["who"] else "", f": {word['why']}" if word["why"] else ""
        lines.append(f"  override {said}{by} at {word['at']}{why}")
    return lines
