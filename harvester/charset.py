"""Bytes of a page or feed to text: the ladder BOM, ISO-2022-JP escapes, strict UTF-8, the declared label, detection.

A declared label is believed only while it does not turn Japanese into rubbish: pages in Shift_JIS or EUC-JP are
served as ISO-8859-1 or under each other's label often enough that every legacy body is read both ways and the
more Japanese reading wins. Shift_JIS means Microsoft's cp932; EUC-JP is read so that both give the same characters.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from harvester.charset_jp import from_euc, from_jis

# WHATWG label groups: what a label means, as (name we store, Python codec).
_LABELS: Final = {
    label: (name, codec)
    for name, codec, labels in (
        ("utf-8", "utf-8", "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8"),
        ("shift_jis", "cp932", "shift_jis shift-jis sjis x-sjis ms_kanji ms932 cp932 csshiftjis windows-31j"),
        ("euc-jp", "euc_jp", "euc-jp eucjp x-euc-jp euc_jp cseucpkdfmtjapanese cp51932 euc-jisx0213 euc-jis-2004"),
        ("iso-2022-jp", "iso2022_jp", "iso-2022-jp csiso2022jp jis iso2022jp"),
        ("euc-kr", "cp949", "euc-kr ks_c_5601-1987 ksc5601 cp949 windows-949 korean ksc_5601"),
        ("gb18030", "gb18030", "gb2312 gbk gb18030 gb_2312-80 x-gbk chinese euc-cn"),
        ("big5", "big5hkscs", "big5 big5-hkscs x-x-big5 cn-big5"),
        ("windows-1252", "cp1252", "iso-8859-1 iso8859-1 latin1 latin-1 l1 us-ascii ascii windows-1252 cp1252"),
        ("iso-8859-15", "iso8859-15", "iso-8859-15 latin9 latin-9"),
        ("iso-8859-2", "iso8859-2", "iso-8859-2 latin2"),
        ("iso-8859-5", "iso8859-5", "iso-8859-5 cyrillic"),
        ("iso-8859-7", "iso8859-7", "iso-8859-7 greek"),
        ("iso-8859-9", "cp1254", "iso-8859-9 latin5 windows-1254 cp1254"),
        ("windows-1250", "cp1250", "windows-1250 cp1250"),
        ("windows-1251", "cp1251", "windows-1251 cp1251"),
        ("windows-1253", "cp1253", "windows-1253"),
        ("windows-1255", "cp1255", "windows-1255 iso-8859-8"),
        ("windows-1256", "cp1256", "windows-1256 iso-8859-6"),
        ("windows-1257", "cp1257", "windows-1257"),
        ("windows-1258", "cp1258", "windows-1258"),
        ("windows-874", "cp874", "windows-874 tis-620 iso-8859-11"),
        ("koi8-r", "koi8-r", "koi8-r koi8"),
        ("koi8-u", "koi8-u", "koi8-u"),
        ("macintosh", "mac-roman", "macintosh x-mac-roman"),
        ("utf-16le", "utf-16-le", "utf-16 utf-16le ucs-2 unicode"),
        ("utf-16be", "utf-16-be", "utf-16be"),
    )
    for label in labels.split()
}  # fmt: skip
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le", "utf-32-le"),  # begins like UTF-16's: asked first
    (codecs.BOM_UTF32_BE, "utf-32be", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16le", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16be", "utf-16-be"),
)
# Labels that servers send by default: no evidence of anything.
_WEAK: Final = frozenset({"windows-1252", "utf-8", ""})
_META = re.compile(rb"""<meta[^>]{0,512}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD_BYTES: Final = 4096
_SAMPLE: Final = 16384
_DOUBTFUL: Final = 0.01
# Scores of `_japanese`: kanji alone give 0.5, running text with kana 0.7 and more.
_KANJI_ALONE: Final = 0.45
_WITH_KANA: Final = 0.6
_TOO_SHORT: Final = 64
_ALL_HIGH: Final = bytes(range(0x80, 0x100))
_HIGH = re.compile(rb"[\x80-\xff]")
_REPLACED: Final = "\ufffd"


def decode(body: bytes, content_type: str = "") -> tuple[str, str, str, tuple[str, ...]]:
    """(text, charset, source, flags) of a body. Never raises.

    charset  a WHATWG name, for example `shift_jis`
    source   `bom`, `escape`, `utf-8`, `header`, `meta`, `detected` or `fallback`
    flags    (`charset_doubtful`,) when more than 1 % of the characters could not be read
    """
    for bom, name, codec in _BOMS:
        if body.startswith(bom):
            return _answer(body[len(bom) :].decode(codec, "replace"), name, "bom")
    if b"\x1b$" in body and body.isascii():
        return _answer(from_jis(body), "iso-2022-jp", "escape")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(body, content_type)
    if "\0" in text:
        wide = _wide(body)
        if wide:
            return wide
    return _answer(text, "utf-8", "utf-8")


def facts(text: str, charset: str, source: str) -> dict[str, str | int]:
    """What is kept of a decoding: charset, charset_source, and how many characters of the text are unreadable."""
    return {"charset": charset, "charset_source": source, "unreadable": text.count(_REPLACED)}


def _answer(text: str, name: str, source: str) -> tuple[str, str, str, tuple[str, ...]]:
    doubtful = text.count(_REPLACED) > len(text) * _DOUBTFUL
    return text, name, source, ("charset_doubtful",) if doubtful else ()


def _wide(body: bytes) -> tuple[str, str, str, tuple[str, ...]] | None:
    """UTF-16 or UTF-32 without a byte order mark: the NULs beside ASCII markup tell width and order."""
    head = body[:_HEAD_BYTES]
    for width in (4, 2):
        if head.count(0) * width * 2 < len(head) * (2 * width - 3):
            continue
        order = "le" if head[::width].count(0) < head[width - 1 :: width].count(0) else "be"
        name = f"utf-{width * 8}{order}"
        return _answer(body.decode(name[:-2] + "-" + order, "replace"), name, "detected")
    return None


def _legacy(body: bytes, content_type: str) -> tuple[str, str, str, tuple[str, ...]]:
    """A body that is not UTF-8 throughout."""
    if _mostly_utf8(body):
        return _answer(body.decode("utf-8", "replace"), "utf-8", "utf-8")
    declared, source = _declared(body, content_type)
    sample = _sample(body)
    japanese = _japanese_name(sample, declared)
    if japanese:
        return _answer(_read(body, japanese), japanese, source if japanese == declared else "detected")
    if declared and declared != "utf-8":
        text = _read(body, declared)
        if text.count(_REPLACED) <= len(text) * _DOUBTFUL:
            return _answer(text, declared, source)
    found = _detected(sample)
    if found:
        return _answer(_read(body, found), found, "detected")
    return _answer(_read(body, declared or "utf-8"), declared or "utf-8", "fallback")


def _japanese_name(sample: bytes, declared: str) -> str:
    """The Japanese charset that a sample is written in, "" when it is not Japanese.

    Without a kana, kanji alone could be Chinese or Korean bytes: then a label decides, or shortness.
    """
    scores = {name: _japanese(_read(sample, name)) for name in ("shift_jis", "euc-jp")}
    best = max(scores, key=lambda name: (scores[name], name == declared))
    if declared in scores:
        needed = 0.0
    elif declared in _WEAK and len(sample) < _TOO_SHORT:
        needed = _KANJI_ALONE
    else:
        needed = _WITH_KANA
    return best if scores[best] > needed else ""


def _mostly_utf8(body: bytes) -> bool:
    """UTF-8 with a few broken places (a cut end, one pasted byte): far more whole sequences than bad ones."""
    text = body.decode("utf-8", "replace")
    bad = text.count(_REPLACED)
    whole = len(text) - bad - len(body.translate(None, _ALL_HIGH))
    return whole > 20 * bad


def _declared(body: bytes, content_type: str) -> tuple[str, str]:
    """(our name of the declared charset or "", where it was declared); the header counts before the document."""
    found = _HEADER.search(content_type)
    if found and found[1].lower() in _LABELS:
        return _LABELS[found[1].lower()][0], "header"
    head = body[:_HEAD_BYTES]
    inside = _XML.search(head) or _META.search(head)
    if inside:
        label = inside[1].decode("ascii", "replace").lower()
        if label in _LABELS:
            return _LABELS[label][0], "meta"
    return "", ""


def _sample(body: bytes) -> bytes:
    """The stretch that matters for judging: from the first byte that is not ASCII."""
    first = _HIGH.search(body)
    start = first.start() if first else 0
    return body[start : start + _SAMPLE]


def _read(body: bytes, name: str) -> str:
    if name == "euc-jp":
        return from_euc(body)
    if name == "iso-2022-jp":
        return from_jis(body)
    return body.decode(_LABELS[name][1], "replace")


def _japanese(text: str) -> float:
    """How Japanese the non-ASCII characters look, at most 1: kana and punctuation speak for it, rubbish against.

    Wrongly decoded Japanese is half-width katakana, rare kanji and unreadable bytes; real Japanese has kana.
    """
    points = 0.0
    count = 0
    for char in text:
        if char < "\x80":
            continue
        count += 1
        code = ord(char)
        if 0x3041 <= code <= 0x30FE or 0x3000 <= code <= 0x3015:
            points += 1.5
        elif 0x4E00 <= code <= 0x9FFF or 0xFF01 <= code <= 0xFF5E or 0x2460 <= code < 0x2500 or 0x3200 <= code < 0x3400:
            points += 0.5
        elif 0xFF61 <= code <= 0xFF9F:
            points -= 0.3
        elif code == 0xFFFD or 0x80 <= code < 0xA0 or 0xE000 <= code <= 0xF8FF:
            points -= 3
        else:
            points -= 0.5
    return points / count if count else 0.0


def _detected(sample: bytes) -> str:
    """Our name of what charset_normalizer takes it for, among charsets that blogs were written in."""
    from charset_normalizer import from_bytes  # 20 ms that UTF-8 pages need not pay

    codecs_wanted = ["cp1252", "gb18030", "big5", "cp949", "cp1251", "koi8_r", "cp1253", "cp874"]
    best = from_bytes(sample[:8192], cp_isolation=codecs_wanted).best()
    if best is None:
        return ""
    label = best.encoding.replace("_", "-")
    return _LABELS[label][0] if label in _LABELS else ""
