"""Text: cleaned for storing, folded for matching, made safe for a terminal; markup to text; hashtags; language."""

from __future__ import annotations

import html as entities
import math
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from harvester.charset import decode
from harvester.language import language

if TYPE_CHECKING:
    from lxml.etree import XSLT

__all__ = [
    "clean", "decode", "fold", "hashtags", "language", "plain", "printable", "safe_json_value", "shown", "tag_key",
]  # fmt: skip

# Bidirectional controls, and characters that print nothing and break matching. ZWJ and ZWNJ stay: emoji and
# Indic scripts are spelled with them.
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff\ufff9-\ufffb{_BIDI}]")
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_STEERING: Final = f"\x7f-\x9f\xad\u200b\u2028\u2029\u2060\ufeff\ufff9-\ufffb\ud800-\udfff{_BIDI}"
_NOT_SHOWN = re.compile(f"[\x00-\x1f{_STEERING}]")
_NOT_PRINTED = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_STEERING}]")
# One `<` to a match: a run of them without an end is passed once, not once for each.
_ANY_TAG = re.compile(r"<[^<>]*>")
_UNREAD_TAG = re.compile(r"(<(/?)(script|style|noscript|template)\b[^<>]*>)", re.IGNORECASE)
# Where a long run of combining marks could be.
_TOWER = re.compile(r"[^\w\s!-~]{31,}")
_TOWER_HEIGHT: Final = 30  # as the Stream-Safe Text Format of UAX #15; honest writing needs less than ten
_TAG_NOISE = re.compile(f"[\u200b-\u200d\u2060\ufeff\xad\ufe00-\ufe0f\U000e0100-\U000e01ef{_BIDI}]")
_MARKS: Final = (
    "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0963\u0e31-\u0e4e\u3099\u309a\u200c\u200d\u00b7・゠〜～\ufe0f"
)
_TAG = re.compile(f"(?<![A-Za-z0-9_&/À-ÖØ-öø-ÿ])[#＃]([\\w{_MARKS}]+)")
# An invisible character right after # hides nothing from a reader.
_TAG_START = re.compile("([#＃])[\u200b\u2060\ufeff]+")
_ADDRESS = re.compile(r"https?://[\w!#$%&'()*+,./:;=?@~\[\]-]+", re.ASCII | re.IGNORECASE)
_BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
))  # fmt: skip
_HIDDEN: Final = frozenset((
    "script", "style", "noscript", "template", "head", "object", "iframe", "svg", "math", "select", "textarea",
))  # fmt: skip
_MAX_DEPTH: Final = 64
MAX_LEVELS: Final = 250  # elements inside each other: a little above, libxml2 drops the rest without a word
_INT64: Final = 2**63


def clean(text: str) -> str:
    """Text as it is stored: NFC, no control or bidirectional characters, no lone surrogates, one space for many,
    no space at line ends, at most one empty line in a row.
    """
    if not text:
        return ""
    if not text.isascii():
        text = _normal("NFC", _paired(text))
    # Without the unseen, what splits and strips is what Python calls white space: three times faster than patterns.
    text = "\n".join([" ".join(line.split()) for line in _UNSEEN.sub("", text).splitlines()])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


def _normal(form: Literal["NFC", "NFKC"], text: str) -> str:
    """Unicode's normal form. Putting a run of marks in order is quadratic (160 KB take 6 s), so runs are cut first."""
    if unicodedata.is_normalized(form, text):
        return text
    return unicodedata.normalize(form, _TOWER.sub(_lowered, text))


def _lowered(match: re.Match[str]) -> str:
    """A run of characters without those marks that stand above _TOWER_HEIGHT others."""
    height, kept = 0, []
    for char in match[0]:
        height = height + 1 if unicodedata.combining(char) else 0
        if height <= _TOWER_HEIGHT:
            kept.append(char)
    return "".join(kept)


def _paired(text: str) -> str:
    """Surrogate pairs joined, lone ones dropped."""
    try:
        text.encode()  # three times faster than looking for one
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return text


def fold(text: str) -> str:
    """The form in which two spellings are compared: NFKC, case folded, NFKC."""
    if text.isascii():
        return text.casefold()
    return _normal("NFKC", _normal("NFKC", text).casefold())


def tag_key(tag: str) -> str:
    """What makes two hashtags one: without # or ＃, zero-width characters and variation selectors, folded, 〜 as ~."""
    if tag.isascii():
        return tag.strip().lstrip("#").strip().casefold()
    before, key = tag, _tag_pass(tag)
    while key != before:  # folding may set free what the first pass looked for: a space, a #
        before, key = key, _tag_pass(key)
    return key


def _tag_pass(tag: str) -> str:
    return fold(_TAG_NOISE.sub("", tag)).strip().lstrip("#").replace("〜", "~")


def hashtags(text: str) -> tuple[str, ...]:
    """Tags as written, without their #, in order and each once; not inside addresses, never digits alone.

    Japanese needs no space before # nor after the tag's last letter; a tag ends at punctuation. After a Latin
    letter, a digit, `_`, `&` or `/` there is no tag.
    """
    if "#" not in text and "＃" not in text:
        return ()
    text = _ADDRESS.sub(" ", _normal("NFC", _paired(text)))
    found = (match[1].rstrip("・゠〜～·\u200c\u200d\ufe0f") for match in _TAG.finditer(_TAG_START.sub(r"\1", text)))
    return tuple(dict.fromkeys(tag for tag in found if re.search(r"[^\d_\W]", tag)))


def shown(text: str) -> str:
    """One line that is safe on a terminal and in a log: line ends are spaces, control and bidi characters escaped."""
    line = _LINE_END.sub(" ", text).replace("\n", " ").replace("\t", " ")
    return _NOT_SHOWN.sub(_escaped, line)


def printable(text: str) -> str:
    """Any output, what could steer a terminal written as JSON and TOML write it (`\\u202e`); JSON stays the same."""
    return _NOT_PRINTED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def plain(html: str) -> str:
    """The text of a piece of markup, block elements on lines of their own, scripts and hidden parts out, cleaned."""
    if "<" not in html:
        return clean(entities.unescape(html) if "&" in html else html)
    written = _written(html)
    return clean(entities.unescape(_ANY_TAG.sub(" ", _seen(html))) if written is None else written)


def _seen(html: str) -> str:
    """Markup without its scripts and other hidden parts, each up to its own end, found in one pass."""
    if not _UNREAD_TAG.search(html):
        return html
    pieces = _UNREAD_TAG.split(html)
    kept, inside = [pieces[0]], ""
    for tag, slash, name, rest in zip(pieces[1::4], pieces[2::4], pieces[3::4], pieces[4::4], strict=True):
        if not inside and not slash and not tag.endswith("/>"):
            inside = name.lower()
        elif slash and name.lower() == inside:
            inside = ""
        if not inside:
            kept.append(rest)
    return "".join(kept)


def _written(html: str) -> str | None:
    """The text of a fragment as lxml reads it, None when lxml can hold nothing of it or not all: it cuts deep trees."""
    from lxml import etree  # 20 ms that only markup needs

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(_paired(html).replace("\0", "").encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        return None
    if html.count("<") > MAX_LEVELS and any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        return None
    return None if root is None else str(_text_sheet()(root))


@lru_cache(maxsize=1)
def _text_sheet() -> XSLT:
    """Markup to text inside libxslt, which is twice as fast as a walk from here and leaves the tree as it is."""
    from lxml import etree

    around = "|".join(sorted(_BLOCKS - {"br"}))
    line = "<xsl:text>&#10;</xsl:text>"
    rules = (
        f'<xsl:template match="{around}">{line}<xsl:apply-templates/>{line}</xsl:template>'
        f'<xsl:template match="br">{line}<xsl:apply-templates/></xsl:template>'
        f'<xsl:template match="{"|".join(sorted(_HIDDEN))}"><xsl:apply-templates mode="hidden"/></xsl:template>'
        '<xsl:template match="text()" mode="hidden"/>'
        f'<xsl:template match="{around}" mode="hidden">{line}<xsl:apply-templates mode="hidden"/>{line}</xsl:template>'
        f'<xsl:template match="br" mode="hidden">{line}</xsl:template>'
    )
    space = 'version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
    return etree.XSLT(etree.XML(f'<xsl:stylesheet {space}><xsl:output method="text"/>{rules}</xsl:stylesheet>'))


def safe_json_value(value: Any, *, depth: int = 0) -> Any:
    """A value from somebody's JSON as SQLite and JSON can hold it.

    Lone surrogates and NUL leave strings, integers beyond 64 bits become text, NaN and infinities None, and
    anything nested deeper than 64 levels None.
    """
    if isinstance(value, str):
        return _paired(value).replace("\0", "")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else _long_number(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= _MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {safe_json_value(str(key)): safe_json_value(item, depth=depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [safe_json_value(item, depth=depth + 1) for item in value]
    return safe_json_value(str(value))


def _long_number(value: int) -> str:
    """Decimal text, or hexadecimal where Python refuses to write that many digits."""
    return str(value) if value.bit_length() < 10_000 else hex(value)
