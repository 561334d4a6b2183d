"""What X's API v2 is asked to send with each post, and what of it we rely on."""

from __future__ import annotations

from typing import Final

from harvester.contract import Contract

FIELDS: Final = {
    "expansions": "author_id",  # referenced posts would be charged, and no search found them
    "tweet_fields": "article,author_id,conversation_id,created_at,edit_controls,entities,in_reply_to_user_id,lang,"
    "note_tweet,possibly_sensitive,public_metrics,referenced_tweets,withheld",
    "user_fields": "description,entities,name,protected,public_metrics,url,username,verified,verified_type",
}
# The names since the API description of 2026-08, in which relations are expansions only.
POST_FIELDS: Final = {
    "expansions": "author_id,referenced_posts",
    "post.fields": "article,conversation_id,created_at,edit_controls,entities,lang,note_post,possibly_sensitive,"
    "public_metrics,withheld",
}
METRICS: Final = "public_metrics"  # of a post whose words are known
POSTS: Final = Contract(
    required=("id",),
    fields={
        "id": "text", "text": "text", "author_id": "text", "created_at": "text", "lang": "text", "entities": "object",
        "conversation_id": "text", "in_reply_to_user_id": "text", "referenced_tweets": "list",
        "referenced_posts": "list", "note_tweet": "object", "note_post": "object", "possibly_sensitive": "yes/no",
        "public_metrics": "object", "article": "object",
        **{f"public_metrics.{name}_count": "whole number" for name in (
            "like", "retweet", "repost", "reply", "quote", "bookmark", "impression",
        )},
    },
    unread=frozenset({
        "attachments", "card_uri", "community_id", "context_annotations", "display_text_range", "edit_controls",
        "edit_history_post_ids", "edit_history_tweet_ids", "geo", "reply_settings", "scopes", "source", "username",
        "withheld",
    }),
)  # fmt: skip
SHAPE: Final[dict[str, type]] = {"data": list, "meta": dict, "includes": dict, "errors": list}
