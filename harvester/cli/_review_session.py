"""The conversation of `harvest review`: keys become words, each stored at once; nothing is held while one waits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from harvester import dates
from harvester.cli._review_screen import KINDS, Place, View
from harvester.errors import NotFoundError, StorageBusy
from harvester.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from harvester.classify.queue import Case, Counts
    from harvester.store.connection import Connection
    from harvester.store.overrides import About


@dataclass(frozen=True, slots=True)
class Step:
    """A key that led on or was kept: where, what it said something new of, the ratio and the cases before, and whether
    the case's own question was answered.
    """

    index: int
    about: About | None
    counts: Counts
    cases: Sequence[Case]
    answered: bool = False


@dataclass(slots=True, kw_only=True)
class Session:
    """A human's way through the queue.

    clock   gives the moment of each word      who   whose words they are
    """

    conn: Connection
    event: str
    cases: Sequence[Case]
    counts: Counts
    clock: Callable[[], datetime]
    who: str = ""
    index: int = 0
    note: str = ""
    message: str = ""
    steps: list[Step] = field(default_factory=list)
    spoke: bool = False

    @property
    def case(self) -> Case | None:
        """The case to show, None at the end of the queue."""
        return self.cases[self.index] if self.index < len(self.cases) else None

    @property
    def decided(self) -> int:
        """Cases that were answered, and the answer not taken back."""
        return sum(step.answered for step in self.steps)

    @property
    def place(self) -> Place:
        """What the screen tells besides the case."""
        return Place(self.index + 1, len(self.cases), self.note, self.message)

    def view(self) -> View | None:
        """What the database says of the present case now; None when it is no longer there."""
        from harvester.cli._trail import writer
        from harvester.store import review, trail

        if self.case is None:
            return None
        post = review.opening(self.conn, self.event, self.case.post)
        if post is None:
            return None
        return View(
            post=post, tie=trail.tie(self.conn, self.event, post["id"]),
            **writer(self.conn, self.event, post["author_id"]),
            other=review.opening(self.conn, self.event, self.case.other) if self.case.other else None,
        )  # fmt: skip

    def pressed(self, key: str) -> None:
        """Do what a key means; one that means nothing says so."""
        self.message = ""
        if key in ("\r", "\n"):
            self._leave()
        elif key == "b":
            self._back()
        elif key in KINDS:
            self._kind(KINDS[key])
        elif key in ("y", "n"):
            self._yes(yes=key == "y")
        else:
            self.message = "no such key; ? tells which there are"

    def _now(self) -> str:
        return dates.iso(self.clock())

    def take_note(self, text: str) -> None:
        """Keep a note for the next answer."""
        self.note = " ".join(clean(text).split())

    def skip_lost(self) -> None:
        """Pass over a case that is no longer there."""
        self.message = "a case is no longer there: it was erased, or judged anew meanwhile"
        self.index += 1

    def _kind(self, kind: str) -> None:
        case = self.case
        assert case is not None
        if kind == "unknown" and case.what != "author":
            self._leave()
            return
        writer = self._writer(case)
        if writer is None:
            self.message = "nobody is named as its author"
        elif self._say(writer, {"kind": kind}, f"{kind}: {writer.key}", answers=case.what == "author"):
            if case.what == "author":
                self.counts = self.counts.moved(case.kind, -case.stories).moved(kind, case.stories)
                self._go_on()
            else:
                self.cases = [replace(c, kind=kind) if c is case else c for c in self.cases]

    def _yes(self, *, yes: bool) -> None:
        case = self.case
        assert case is not None
        about = self._post(case)
        why = ""
        if case.what == "pair":
            why = f"{'the same text as' if yes else 'another text than'} {case.other}"
            fields = {"counted": "no" if yes else "yes"}
            told = f"{'the same text' if yes else 'a text of its own'}: {case.key}"
        else:
            fields = {"relevance": "confirmed" if yes else "rejected"}
            told = f"{'about the event' if yes else 'not about the event'}: {case.post}"
        if self._say(about, fields, told, why=why, answers=case.what != "author") and case.what != "author":
            if yes:
                self.counts = self.counts.moved(case.kind, case.stories if case.what == "post" else -case.stories)
            self._go_on()

    def _say(self, about: About, fields: dict[str, str], told: str, *, answers: bool, why: str = "") -> bool:
        """Store a word; whether that went well. The step remembers it only if it was new."""
        from harvester.store.connection import write_tx
        from harvester.store.overrides import say

        try:
            with write_tx(self.conn):
                new = say(self.conn, about, fields, now=self._now(), who=self.who, why=self.note or why)
        except (StorageBusy, NotFoundError) as error:
            self.message = f"not stored: {error}"
            return False
        self.steps.append(Step(self.index, about if new else None, self.counts, self.cases, answers))
        self.note, self.message = "", told
        self.spoke = self.spoke or bool(new)
        return True

    def _back(self) -> None:
        """To the case before, and take back what was said there."""
        from harvester.store.connection import write_tx
        from harvester.store.overrides import withdraw

        if not self.steps:
            self.message = "this is the first case"
            return
        step = self.steps[-1]
        if step.about is not None:
            try:
                with write_tx(self.conn):
                    gone = withdraw(self.conn, step.about, now=self._now(), who=self.who)
            except StorageBusy as error:
                self.message = f"not taken back: {error}"
                return
            self.message = f"taken back: {', '.join(word.value for word in gone)}: {step.about.key}"
        self.steps.pop()
        self.index, self.counts, self.cases = step.index, step.counts, step.cases

    def _leave(self) -> None:
        self.steps.append(Step(self.index, None, self.counts, self.cases))
        self._go_on()

    def _go_on(self) -> None:
        self.index += 1
        self.note = ""

    def _writer(self, case: Case) -> About | None:
        from harvester.store import review
        from harvester.store.overrides import About

        post = review.opening(self.conn, self.event, case.post)
        if post is None or post["author_id"] is None:
            return None
        return About(event=self.event, key=review.writer_of(self.conn, post["id"]), author_id=post["author_id"])

    def _post(self, case: Case) -> About:
        from harvester.store import review
        from harvester.store.overrides import About

        post = review.opening(self.conn, self.event, case.post)
        return About(event=self.event, key=case.post, post_id=post["id"] if post else 0)
