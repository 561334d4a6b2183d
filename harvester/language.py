"""The language of a text: what its script shows, helped by what its page claims."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_SAMPLE: Final = 4000
# Runs of letters: counting runs and adding their lengths is several times faster than finding each letter.
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc\uff66-\uff9d]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_ADDRESS = re.compile(r"https?://\S+|[#@＃]\w+")
# Scripts that one language here is written in.
_SCRIPTS: Final = tuple(
    (code, re.compile(f"[{span}]"))
    for code, span in (
        ("ko", "\uac00-\ud7a3\u1100-\u11ff"),
        ("ru", "\u0400-\u04ff"),
        ("th", "\u0e00-\u0e7f"),
        ("ar", "\u0600-\u06ff"),
        ("he", "\u0590-\u05ff"),
        ("el", "\u0370-\u03ff"),
        ("hi", "\u0900-\u097f"),
    )
)
_OTHER = re.compile("[\u0370-\u04ff\u0590-\u06ff\u0900-\u097f\u0e00-\u0e7f\u1100-\u11ff\uac00-\ud7a3]")
# Same script, other language: believed when the page says so.
_SISTERS: Final = {"ru": {"uk", "bg", "sr", "be", "mk"}, "ar": {"fa", "ur"}, "hi": {"mr", "ne"}}
# Characters that only simplified Chinese or only Japanese writing uses.
_ONLY_CHINESE = re.compile(r"[们这说时为对发经动将两从还进关样给让问间东车马见书长门]")
_ONLY_JAPANESE = re.compile(r"[々〆込働峠畑辻栃枠匂実験発売読対応広気駅円図価仏壊楽検総]")
_WORDS: Final = {
    "en": "the and of to in is for on with that this was you are it we from have at our",
    "de": "der die und das nicht mit ist ein eine für auf den von wir auch sich zu im dem",
    "fr": "le la les des et est une dans pour que qui nous sur avec pas au du vous",
    "es": "el los las una que para con por del como más pero este está se en",
    "pt": "os uma que para com não por mais como dos foi são em você ao da",
    "it": "il che di per una con non sono della nel più gli anche questo alla",
    "nl": "het een van dat voor met niet zijn ook bij maar naar deze wordt op",
}
_WORD_LISTS: Final = {code: tuple(dict.fromkeys(words.split())) for code, words in _WORDS.items()}
_ALIASES: Final = {
    "jp": "ja", "kr": "ko", "cn": "zh", "iw": "he", "in": "id", "no": "nb", "jpn": "ja", "eng": "en",
    "japanese": "ja", "english": "en",
}  # fmt: skip


def language(text: str, hint: str = "") -> str:
    """ISO 639-1 code of a text, `und` when nothing tells. `hint` is what its page or API says (`ja-JP`, `en_US`).

    The script wins over the hint: many Japanese pages call themselves English.
    """
    said = _code(hint)
    sample = _ADDRESS.sub(" ", text[:_SAMPLE])
    kana, han, latin = (_letters(kind, sample) for kind in (_KANA, _HAN, _LATIN))
    for code, script in _SCRIPTS if _OTHER.search(sample) else ():
        count = len(script.findall(sample))
        if count and count * 3 >= latin and count > kana + han:
            return said if said in _SISTERS.get(code, ()) else code
    # A kanji or two kana weigh about as much as three Latin letters.
    if kana and ((kana + han) * 3 >= latin or said == "ja"):
        return "ja"
    if han and han * 3 >= latin:
        return _of_han(sample, said)
    return _of_latin(sample, said, latin)


def _letters(kind: re.Pattern[str], sample: str) -> int:
    return sum(map(len, kind.findall(sample)))


def _code(hint: str) -> str:
    base = re.split(r"[-_;, ]", hint.strip().lower(), maxsplit=1)[0]
    base = _ALIASES.get(base, base)
    return base if re.fullmatch(r"[a-z]{2}", base) else ""


def _of_han(sample: str, said: str) -> str:
    """Characters shared by Japanese and Chinese, and not one kana."""
    if _ONLY_JAPANESE.search(sample):
        return "ja"
    if said in {"ja", "zh"}:
        return said
    if _ONLY_CHINESE.search(sample) or _letters(_HAN, sample) >= 40:
        return "zh"
    return "und"


def _of_latin(sample: str, said: str, latin: int) -> str:
    words = re.findall(r"[a-z\u00c0-\u024f]+", sample.lower())
    often = Counter(words)
    hits = {code: sum(map(often.__getitem__, known)) for code, known in _WORD_LISTS.items()}
    best = max(hits, key=lambda code: (hits[code], code == said))
    if hits[best] >= max(2, len(words) // 12) and hits[best] > hits.get(said, 0):
        return best
    if said and said not in {"ja", "zh", "ko", "ru", "th", "ar", "he", "el", "hi"}:
        return said
    if hits[best] >= 1 and latin >= 8:
        return best
    return said if latin < 20 and said else "und"
