"""The text of an XML feed made safe to parse: no document type, no entities of its own, no impossible characters.

An entity declared inside the document is expanded here once, if it is short and refers to nothing else, so
no parser below ever sees a declaration: nothing can be amplified and nothing outside can be named.
"""

from __future__ import annotations

import html
import re
import sys
from html.entities import html5
from typing import Final

_OPENING: Final = re.compile(r"\ufeff*\s*(?:<\?xml[^>]*\?>)?\s*")
# Only what stands before the root element is one; bodies quote it too.
_DOCTYPE: Final = re.compile(
    r"(?:\s|<!--(?:(?!-->).)*-->|<\?(?:(?!\?>).)*\?>)*(<!DOCTYPE[^\[>]*)", re.IGNORECASE | re.DOTALL
)
# Inside the brackets: quoted strings and comments are skipped, the first bare `]>` ends it.
_SUBSET_TOKEN: Final = re.compile(r"""<!--(?:(?!-->).)*-->|"[^"]*"|'[^']*'|\]\s*>""", re.DOTALL)
_ENTITY: Final = re.compile(r"""<!ENTITY\s+(\w{1,64})\s+(?:"([^"&%<]{0,200})"|'([^'&%<]{0,200})')\s*>""")
_REFERENCE: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([a-zA-Z]\w{0,63});")
# Numeric references to surrogates and control characters, which no XML parser accepts, and to beyond Unicode.
_BAD_NUMBER: Final = re.compile(
    r"(?:&#(?:(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*5[5-7]\d{3}|[xX]0*[01]?[0-9a-fA-F]|0*[123]?\d);"
    r"|[xX][0-9a-fA-F]{6,};?|\d{7,};?))+"
)
_NUMBER: Final = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|(\d+));?")
_IMPOSSIBLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROL: Final = bytes(set(range(32)) - {9, 10, 13})
_C1_BYTES: Final = re.compile(rb"\xc2[\x80-\x9f]")
# Windows-1252 punctuation written as C1 controls, raw or by number, as HTML reads it.
_C1: Final = re.compile(r"[\x80-\x9f]|&#(?:1[2-5]\d|[xX][89][0-9a-fA-F]);")
# An entity used this often to write this much is an attack, not a shorthand.
_MAX_EXPANSION: Final = 100_000
# A document type ends within this many characters, or everything up to there goes.
_MAX_DOCTYPE: Final = 2_000_000

# Tags of vocabularies that no draft is made of (places, licences, sizes), on whose halves feedparser stumbles.
_UNREAD: Final = re.compile(
    r"</?(?:(?!(?:a10|atom|content|dc|dcterms|hatena|rdf|rss|xhtml)\d*:)[\w.-]{1,40}:[\w.-]{1,60}"
    r"|width|height|textinput|license|cloud|skip(?:days|hours))\b[^<>]*>",
    re.IGNORECASE,
)


def without_unread(document: str) -> str:
    """The document without the tags, not the words, of vocabularies we do not read."""
    return _UNREAD.sub("", document)


def clean(document: str) -> str:
    """The document without byte-order mark, declaration, document type and impossible characters."""
    document = _OPENING.sub("", document, count=1)
    numbers = "&#" in document
    # One look decides for nearly every feed that nothing has to be rewritten.
    if _has_odd(document):
        document = _IMPOSSIBLE.sub("", document)
        numbers = True
    if numbers:
        document = _C1.sub(_windows, _BAD_NUMBER.sub(_join_surrogates, document))
    start = _DOCTYPE.match(document)
    if start is None:
        return document
    end = _end_of_doctype(document, start.end())
    declared = document[start.start(1) : end]
    own = {m[1]: m[2] or m[3] or "" for m in _ENTITY.finditer(declared)}
    document = document[: start.start(1)] + document[end:]
    return _expand(document, own) if "<!ENTITY" in declared else document


def _has_odd(document: str) -> bool:
    """Whether a control, surrogate or non-character is in it; deleting bytes is faster than looking for characters."""
    try:
        raw = document.encode()
    except UnicodeEncodeError:
        return True
    odd = len(raw.translate(None, _CONTROL)) < len(raw) or _C1_BYTES.search(raw)
    return bool(odd) or "\ufffe" in document or "\uffff" in document


def _end_of_doctype(document: str, position: int) -> int:
    """Where the document type ends that has no bracket or `>` before `position`."""
    if not document.startswith("[", position):
        return position + 1
    limit = position + _MAX_DOCTYPE
    for token in _SUBSET_TOKEN.finditer(document, position, limit):
        if token[0].startswith("]"):
            return token.end()
    return min(limit, len(document))


def name_entities(document: str) -> str:
    """HTML's named characters written out; a name nobody knows becomes visible text."""
    return _expand(document, {})


def _expand(document: str, own: dict[str, str]) -> str:
    spent = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal spent
        name = match[1]
        if name in own:
            spent += len(own[name])
            return own[name] if spent <= _MAX_EXPANSION else ""
        character = html5.get(name + ";")
        return character if character is not None else f"&amp;{name};"

    return _REFERENCE.sub(replaced, document)


def _windows(match: re.Match[str]) -> str:
    found = match[0]
    code = ord(found) if len(found) == 1 else int(found[3:-1], 16) if found[2] in "xX" else int(found[2:-1])
    return bytes((code,)).decode("cp1252", "ignore") if 0x80 <= code <= 0x9F else found


def _join_surrogates(match: re.Match[str]) -> str:
    r"""`&#xD83D;&#xDE00;` is one character written as two; halves without a partner and controls go."""
    units = [
        int(m[1].lstrip("0")[:9] or "0", 16) if m[1] else int(m[2].lstrip("0")[:12] or "0")
        for m in _NUMBER.finditer(match[0])
    ]
    if all(unit in {9, 10, 13} or 31 < unit < 0xD800 for unit in units):
        return match[0]
    kept = [unit for unit in units if unit in {9, 10, 13} or 31 < unit <= sys.maxunicode]
    characters = "".join(map(chr, kept)).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return html.escape(characters)
