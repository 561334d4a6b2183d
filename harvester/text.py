"""Text: cleaned for storing, folded for matching, made safe for a terminal; markup to text; hashtags; language."""

from __future__ import annotations

import html as entities
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from harvester.charset import decode
from harvester.language import language

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["clean", "decode", "fold", "hashtags", "language", "plain", "safe_json_value", "shown", "tag_key"]

# Bidirectional controls, and characters that print nothing and break matching. ZWJ and ZWNJ stay: emoji and
# Indic scripts are spelled with them.
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff\ufff9-\ufffb{_BIDI}]")
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_SHOWN = re.compile(f"[\x00-\x1f\x7f-\x9f\xad\u200b\u2028\u2029\u2060\ufeff\ufff9-\ufffb\ud800-\udfff{_BIDI}]")
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
_INT64: Final = 2**63


def clean(text: str) -> str:
    """Text as it is stored: NFC, no control or bidirectional characters, no lone surrogates, one space for many,
    no space at line ends, at most one empty line in a row.
    """
    if not text:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _paired(text))
    text = _SPACES.sub(" ", _UNSEEN.sub("", _LINE_END.sub("\n", text)))
    if "\n" not in text:
        return text.strip()
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _paired(text: str) -> str:
    """Surrogate pairs joined, lone ones dropped."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def fold(text: str) -> str:
    """The form in which two spellings are compared: NFKC, case folded, NFKC."""
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def tag_key(tag: str) -> str:
    """What makes two hashtags one: without # or ＃, zero-width characters and variation selectors, folded, 〜 as ~."""
    bare = _TAG_NOISE.sub("", tag).strip().lstrip("#＃")
    return fold(bare).replace("〜", "~")


def hashtags(text: str) -> tuple[str, ...]:
    """Tags as written, without their #, in order and each once; not inside addresses, never digits alone.

    Japanese needs no space before # nor after the tag's last letter; a tag ends at punctuation. After a Latin
    letter, a digit, `_`, `&` or `/` there is no tag.
    """
    if "#" not in text and "＃" not in text:
        return ()
    text = _ADDRESS.sub(" ", unicodedata.normalize("NFC", _paired(text)))
    found = (match[1].rstrip("・゠〜～·\u200c\u200d\ufe0f") for match in _TAG.finditer(_TAG_START.sub(r"\1", text)))
    return tuple(dict.fromkeys(tag for tag in found if re.search(r"[^\d_\W]", tag)))


def shown(text: str) -> str:
    """One line that is safe on a terminal and in a log: line ends are spaces, control and bidi characters escaped."""
    line = _LINE_END.sub(" ", text).replace("\n", " ").replace("\t", " ")
    return _NOT_SHOWN.sub(_escaped, line)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def plain(html: str) -> str:
    """The text of a piece of markup, block elements on lines of their own, scripts and hidden parts out, cleaned."""
    if "<" not in html:
        return clean(entities.unescape(html) if "&" in html else html)
    root = _tree(html)
    return clean(entities.unescape(re.sub(r"<[^>]*>", " ", html)) if root is None else "".join(_pieces(root)))


def _tree(html: str) -> HtmlElement | None:
    """The parsed fragment, None when there is nothing in it that lxml can hold."""
    from lxml import etree  # 20 ms that only markup needs
    from lxml.html import HTMLParser, document_fromstring

    body = _paired(html).replace("\0", "").encode("utf-8")
    try:
        return document_fromstring(body, parser=HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True))
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _pieces(root: HtmlElement) -> list[str]:
    """Texts in document order, without recursion: markup may be nested as deep as it likes."""
    from lxml import etree

    out: list[str] = []
    hidden = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        tag = node.tag
        if event == "start":
            hidden += tag in _HIDDEN
            if tag in _BLOCKS:
                out.append("\n")
            if not hidden and node.text:
                out.append(node.text)
            continue
        hidden -= tag in _HIDDEN
        if tag in _BLOCKS and tag != "br":
            out.append("\n")
        if not hidden and node.tail:
            out.append(node.tail)
    return out


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
