"""Whether a post says that it translates another one. Texts in two languages are never folded for being alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harvester.relate.links import target_key
from harvester.relate.pairs import other_language

if TYPE_CHECKING:
    from harvester.relate.groups import Groups
    from harvester.relate.inputs import StoryInput
    from harvester.relate.texts import Texts

_EDGE = 600  # characters of a text's beginning and end in which such a note stands
_SAYS = re.compile(
    r"翻訳|和訳|邦訳|抄訳|拙訳|日本語訳|英訳|訳注|訳者|原文|元記事|번역|译|translat(?:ed|ion|or)"
    r"|original (?:article|post|text)|originally (?:written|published) in"
    r"|übersetz|traduit|traduction|traducido|traducción",
    re.IGNORECASE,
)


def translation_of(post: StoryInput, groups: Groups, texts: Texts) -> str:
    """Key of the post that a post translates, "" for none.

    It is in another language and the one that this post calls its canonical address, or the only such one that it
    links to while its title, its beginning or its end says that it is a translation.
    """
    if post.kind == "micropost":
        return ""
    canonical = groups.get(target_key("", post.canonical_url)) if post.canonical_url else None
    if canonical is not None and canonical.key != post.key and other_language(canonical, post):
        return canonical.key
    named = [source for key in post.links if (source := groups.get(key)) and other_language(source, post)]
    if len({groups.head(source).key for source in named}) != 1:
        return ""
    text = texts.plain(post)
    return named[0].key if _SAYS.search(f"{post.title}\n{text[:_EDGE]}\n{text[-_EDGE:]}") else ""
