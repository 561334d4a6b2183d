"""A written report as plain values: sections of facts and tables that Markdown and HTML lay out each in its way.

Every text in here is as found; whoever writes it out makes it safe for where it goes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Text that leads to an address, which a renderer links only when `is_web_url` says so.

    `language` is the text's, as a two-letter code or "". `note` stands small below: the host, or the address itself
    where it cannot be linked.
    """

    text: str
    url: str
    language: str = ""
    note: str = ""


class Ref(str):
    """Text that leads to the posts behind it: to the anchor `to`, which HTML links where the page has it."""

    __slots__ = ("to",)
    to: str

    def __new__(cls, text: str, to: str) -> Ref:
        """The text, with the anchor beside it."""
        made = super().__new__(cls, text)
        made.to = to
        return made


class Prose(str):
    """A sentence with numbers in it: each of `links` is a part of it that leads somewhere, any other number leads to
    `to` ("" for nowhere).
    """

    __slots__ = ("links", "to")
    links: tuple[Ref, ...]
    to: str

    def __new__(cls, text: str, *links: Ref, to: str = "") -> Prose:
        """The sentence, with its links in their order."""
        made = super().__new__(cls, text)
        made.links, made.to = links, to
        return made


Cell = str | Link


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; numbers stand at the right."""

    name: str
    numeric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a caption. `note` says what is not in it; `stacks`: a narrow page may put a row's cells one by one.

    A number that has no link of its own leads to the anchor `to`; "" for nowhere.
    `marks` holds (index of a row, anchor), rising: the rows from there to the next mark are what the anchor leads to.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    stacks: bool = False
    marks: tuple[tuple[int, str], ...] = ()
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report: a sentence, facts as (name, what), tables."""

    name: str
    title: str
    lead: str = ""
    facts: tuple[tuple[str, Cell], ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """The two sides of the headline as counts; their ratio in words ("" where there is none) and how sure it is."""

    participants: int
    media: int
    ratio: str
    doubt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole report in reading order, in the language of that two-letter code.

    `names` are those that its sentences may hold (events, people, companies, sources): a number in one counts nothing.
    """

    title: str
    subtitle: str
    headline: str
    warnings: tuple[str, ...]
    duel: Duel | None
    sections: tuple[Section, ...]
    footer: str
    language: str = "en"
    names: frozenset[str] = frozenset()


def columns(*names: str) -> tuple[Column, ...]:
    """Columns by their names; `#` before a name makes it numeric."""
    return tuple(Column(name.removeprefix("#"), name.startswith("#")) for name in names)
