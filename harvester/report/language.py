"""What a report says, in the reader's language: the one home of gettext.

English is the language of the source, so its sentences are the keys of the catalogue. Words that came with the data
(names, titles, a source's reason) are nobody's to translate and stay as found; JSON and CSV know no language.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

CODES: Final = ("en", "ja")
DOMAIN: Final = "harvester"


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """A language to print in; every printing function takes one as `say`.

    `say("{n} of {all}", n=1, all=2)` is a sentence with named places, `say.many("{n} story", "{n} stories", n)` one
    whose form depends on a number; the place `{n}` is filled with it. Braces of values are left alone.
    """

    code: str
    catalogue: gettext.NullTranslations = field(repr=False)

    def __call__(self, message: str, /, **values: Any) -> str:
        """The sentence in this language, its places filled."""
        return self.catalogue.gettext(message).format(**values)

    def term(self, text: str) -> str:
        """Words of a table of ours, without places; others as they are."""
        return self.catalogue.gettext(text) if text else ""

    def many(self, one: str, more: str, n: float | None, /, **values: Any) -> str:
        """The sentence in the form that its number asks for: English has two, Japanese one."""
        found = self.catalogue.ngettext(one, more, 1 if n == 1 else 2)
        return found.format(**{"n": n} | values)


def later(message: str) -> str:
    """Marks a sentence that stands in a table of a module for the catalogue; `say` translates it when it is printed."""
    return message


@cache
def language(code: str = "en") -> Language:
    """The language of a two-letter code out of `CODES`. KeyError names one that there is not."""
    if code not in CODES:
        raise KeyError(code)
    if code == CODES[0]:
        return Language(code, gettext.NullTranslations())
    path = resources.files(__package__) / "locale" / code / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with path.open("rb") as file:
        return Language(code, gettext.GNUTranslations(file))


ENGLISH: Final = language("en")
