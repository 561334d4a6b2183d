"""What GitHub's REST API says of repositories and issues, as drafts. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from harvester.contract import Contract, count, text
from harvester.model import Draft, DraftAuthor
from harvester.payloads.answers import part

_URL: Final = re.compile(r"https?://[^\s<>()\[\]\"'`]+")
_RAW: Final = (
    "id", "node_id", "full_name", "number", "html_url", "description", "title", "homepage", "topics", "language",
    "stargazers_count", "forks_count", "comments", "created_at", "updated_at", "pushed_at", "state", "archived",
)  # fmt: skip
_UNREAD: Final = """
active_lock_reason allow_forking archive_url archived assignee assignees assignees_url author_association blobs_url
branches_url clone_url closed_at collaborators_url comments_url commits_url compare_url contents_url contributors_url
custom_properties default_branch deployments_url disabled downloads_url draft events_url fork forks forks_count
forks_url full_name git_commits_url git_refs_url git_tags_url git_url has_discussions has_downloads has_issues
has_pages has_projects has_pull_requests has_wiki hooks_url id is_template issue_comment_url issue_dependencies_summary
issue_events_url issues_url keys_url labels labels_url language languages_url license locked merges_url milestone
milestones_url mirror_url name node_id notifications_url number open_issues open_issues_count performed_via_github_app
permissions private pull_request pulls_url releases_url repository_url score size ssh_url stargazers_url state
state_reason statuses_url sub_issues_summary subscribers_url subscription_url svn_url tags_url teams_url timeline_url
trees_url type url watchers watchers_count web_commit_signoff_required
"""
FOUND: Final = Contract(
    required=("html_url", "created_at"),
    fields={
        "html_url": "text", "created_at": "text", "updated_at": "text", "pushed_at": "text", "full_name": "text",
        "description": "text", "homepage": "text", "topics": "list", "owner": "object", "owner.login": "text",
        "stargazers_count": "whole number", "visibility": "text", "title": "text", "body": "text", "user": "object",
        "user.login": "text", "comments": "whole number", "reactions": "object",
    },
    unread=frozenset(_UNREAD.split()),
)  # fmt: skip


def repository_of(item: dict[str, Any]) -> Draft:
    """One repository as found; its stars are likes."""
    owner = part(item.get("owner"))
    topics = item["topics"] if isinstance(item.get("topics"), list) else []
    stars, homepage = count(item.get("stargazers_count")), text(item.get("homepage"))
    return Draft(
        url=str(item["html_url"]), kind="repo", title=text(item.get("full_name")), text=text(item.get("description")),
        author=_author(owner), published=str(item["created_at"]), published_origin="api",
        updated=text(item.get("pushed_at")), hashtags=tuple(topic for topic in topics if isinstance(topic, str)),
        links=(homepage,) if homepage.startswith(("http://", "https://")) else (),
        reactions=(("like", stars),) if stars is not None else (), visibility=text(item.get("visibility")),
        raw=_raw(item),
    )  # fmt: skip


def issue_of(item: dict[str, Any]) -> Draft:
    """One issue as found: somebody asks or announces something."""
    user = part(item.get("user"))
    told = part(item.get("reactions"))
    body = text(item.get("body"))
    numbers = (("comment", count(item.get("comments"))), ("like", count(told.get("+1"))))
    return Draft(
        url=str(item["html_url"]), kind="qa", title=text(item.get("title")), text=body, author=_author(user),
        published=str(item["created_at"]), published_origin="api", updated=text(item.get("updated_at")),
        links=tuple(dict.fromkeys(url.rstrip(".,;:!?") for url in _URL.findall(body))),
        reactions=tuple((name, n) for name, n in numbers if n is not None), raw=_raw(item),
    )  # fmt: skip


def _author(account: dict[str, Any]) -> DraftAuthor:
    handle = text(account.get("login"))
    return DraftAuthor(
        platform="github", handle=handle, url=text(account.get("html_url")),
        is_org=account.get("type") == "Organization",
    )  # fmt: skip


def _raw(item: dict[str, Any]) -> str:
    """What is worth keeping of a record: most of it are addresses made from its name."""
    return json.dumps({name: item[name] for name in _RAW if name in item}, ensure_ascii=False)
