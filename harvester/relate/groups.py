"""Which posts have been found to be one story so far: disjoint sets over posts that are sorted by rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harvester.relate.inputs import StoryInput


class Groups:
    """Every post begins as its own story; the best-ranked member of a set is its head."""

    def __init__(self, ordered: Sequence[StoryInput]) -> None:
        self._posts = ordered
        self._number = {post.key: number for number, post in enumerate(ordered)}
        self._parent = list(range(len(ordered)))
        self._hints: dict[int, str] = {}
        self._leads: dict[int, int] = {}
        self._threads: set[int] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._number

    def __getitem__(self, key: str) -> StoryInput:
        return self._posts[self._number[key]]

    def get(self, key: str) -> StoryInput | None:
        """The post with a key, None when it is not among them."""
        number = self._number.get(key)
        return None if number is None else self._posts[number]

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def joined(self, a: StoryInput, b: StoryInput) -> bool:
        """Whether two posts are already one story."""
        return self._root(self._number[a.key]) == self._root(self._number[b.key])

    def join(self, a: StoryInput, b: StoryInput, relation: str = "") -> None:
        """Make two posts one story; `relation` is what the second is to the first, "" to be told by who they are."""
        first, second = self._root(self._number[a.key]), self._root(self._number[b.key])
        self._parent[max(first, second)] = min(first, second)
        if relation:
            self._hints.setdefault(self._number[b.key], relation)
        if relation == "thread_part":
            self._threads.add(self._number[a.key])

    def head(self, post: StoryInput) -> StoryInput:
        """The post that represents a post's story."""
        root = self._root(self._number[post.key])
        return self._posts[self._leads.get(root, root)]

    def lead(self, post: StoryInput) -> None:
        """Let a post represent its story from now on, when everything is joined."""
        number = self._number[post.key]
        self._leads[self._root(number)] = number

    def relation(self, post: StoryInput) -> str:
        """What a post is to the head of its story; for the head, what it is by itself."""
        number = self._number[post.key]
        head = self.head(post)
        if head.key == post.key:
            if number in self._threads and post.relation != "reply":
                return "thread"
            return post.relation if post.relation in ("quote", "reply", "repost", "translation") else "original"
        if head.kind == "press_release":
            return "reprint"
        if hint := self._hints.get(number):
            return hint
        return "crosspost" if post.people & head.people or post.host == head.host else "syndicated"
