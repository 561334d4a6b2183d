"""M16, what did participants say that media did not: words that one side's articles hold more often than chance."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from harvester.measure import wordlists
from harvester.measure.frame import Frame, counted, state_of
from harvester.measure.metric import Z95, Metric
from harvester.measure.timing import stories_of
from harvester.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harvester.measure.item import Item

SIDES: Final = ("participant", "media")
FEWEST_DOCUMENTS: Final = 10  # on a side; with fewer, their titles say more than any word
FEWEST_WITH: Final = 3  # documents that hold a term before it is one
LOUDEST: Final = 10  # terms told of a side: of 200, ten pass by luck alone
_KANJI: Final = "\u3400-\u4dbf\u4e00-\u9fff々"
_KANA: Final = "\u3040-\u309f\u30a0-\u30ff"
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+")
# A run of katakana, one of kanji, or a word of letters of any other script with what holds it together (node.js, c++,
# ci/cd, don't). Hiragana hold sentences together and name nothing.
_RUN = re.compile(
    rf"[\u30a1-\u30fa][\u30a1-\u30faー]+|[{_KANJI}]{{2,}}"
    rf"|[^\W_{_KANA}{_KANJI}]+(?:[.'’/:_-][^\W_{_KANA}{_KANJI}]+)*[+#]*"
)
_HONORIFIC: Final = "氏様君"
_QUERY: Final = f"{stories_of('written')} AND author_kind = :kind ORDER BY key"


@dataclass(frozen=True, slots=True)
class Salient:
    """A term of one side: in how many documents it stands here and on the other side, by how many writers, its z."""

    term: str
    documents: int
    elsewhere: int
    writers: int
    z: float


@dataclass(frozen=True, slots=True)
class _Document:
    side: str
    writer: str
    language: str
    terms: frozenset[str]


def log_odds(
    ours: Mapping[str, int], theirs: Mapping[str, int], prior: Mapping[str, float] | None = None
) -> dict[str, float]:
    """z of each term's log-odds in two corpora with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008).

    Counts y per term, prior a (both corpora together when none is given), n and a₀ their sums:
    δ = ln[(yᵢ+a)/(nᵢ+a₀−yᵢ−a)] − ln[(yⱼ+a)/(nⱼ+a₀−yⱼ−a)], z = δ/√(1/(yᵢ+a) + 1/(yⱼ+a)). A term whose odds are not
    defined, because nothing else was ever said, or a prior of 0 meets a count of 0, is left out.
    """
    a = prior if prior is not None else {term: ours.get(term, 0) + theirs.get(term, 0) for term in {*ours, *theirs}}
    n_i, n_j, a_0 = sum(ours.values()), sum(theirs.values()), sum(a.values())
    found = {}
    for term in sorted({*ours, *theirs}):
        here, there = ours.get(term, 0) + a.get(term, 0), theirs.get(term, 0) + a.get(term, 0)
        others = n_i + a_0 - here, n_j + a_0 - there
        if min(here, there, *others) > 0:
            delta = math.log(here / others[0]) - math.log(there / others[1])
            found[term] = delta / math.sqrt(1 / here + 1 / there)
    return found


def terms_of(text: str) -> frozenset[str]:
    """The terms of a text: runs of katakana or kanji and words of other scripts, folded, each once.

    No tokenizer is needed, and none is used: single characters, numbers, addresses and the words that hold any text
    together (`words.toml`) are left out.
    """
    return frozenset(term for term in _runs(text) if term not in wordlists.words("topics", "stop"))


def _runs(text: str) -> set[str]:
    found = (match[0].replace("’", "'") for match in _RUN.finditer(_ADDRESS.sub(" ", fold(text))))
    return {run for run in found if len(run) > 1 and any(char.isalpha() for char in run)}


def stop_terms(names: Iterable[str]) -> frozenset[str]:
    """What the event, its tags and its people are called, as the terms that their names leave in a text."""
    found: set[str] = set()
    for name in names:
        found |= _runs(name) | _runs(re.sub(r"[\s・#]+", "", name)) | _runs(re.sub(r"[\W_]+", " ", name))
    return frozenset(found)


def measure(items: list[Item], frame: Frame) -> list[Metric]:
    """M16.topics, a row a side: `by` holds its terms with the documents they stand in, strongest first.

    A document is a counted written story whose text is held. With fewer than ten on a side the titles are listed
    (`variants.titles`) and nothing is computed.
    """
    written = [item for item in counted(items, frame) if item.group == "written" and item.author_kind in SIDES]
    stop = _stop(frame)
    held = [_document(item, frame, stop) for item in written if _body(frame, item)]
    found = Counter(document.side for document in held)
    status, flags = _state(written, found, frame)
    if status in ("ok", "truncated"):
        return [_salient(side, held, status, flags) for side in SIDES]
    rows = []
    for side in SIDES:
        mine = [item for item in written if item.author_kind == side]
        titles = [{"post": item.key, "title": item.title or item.url} for item in mine]
        told = {"titles": titles, "without_text": len(mine) - found[side]}
        rows.append(_row(side, None, status, flags, den=found[side], variants=told))
    return rows


def _body(frame: Frame, item: Item) -> str:
    """The text under a title: a headline alone says too little to be compared with an article."""
    return frame.world.texts.get(item.post_id, "").partition("\n")[2].strip()


def _stop(frame: Frame) -> frozenset[str]:
    """The words of the event and of its series; who speaks is often written with 氏 or 様 behind the name."""
    editions = frame.world.editions
    names = [*frame.world.stop, *(word for one in editions for word in (one.name, one.event, one.city))]
    people = [person for one in editions for person, _ in (*one.speakers, *one.organisers)]
    terms = stop_terms(name for name in (*names, *people) if name)
    return terms | {term + sign for term in terms for sign in _HONORIFIC if not term.isascii()}


def _document(item: Item, frame: Frame, stop: frozenset[str]) -> _Document:
    terms = terms_of(frame.world.texts[item.post_id]) - stop
    return _Document(item.author_kind, item.human or item.key, item.language, terms)


def _state(written: Sequence[Item], found: Mapping[str, int], frame: Frame) -> tuple[str, tuple[str, ...]]:
    state, flags = state_of("written", len(written), frame)
    if not frame.media_outlets and not any(item.author_kind == "media" for item in written):
        return "unmeasured", (*flags, "no_outlet_list")
    if not written:
        return ("unmeasured", flags) if state == "unmeasured" else ("not_applicable", ("no_stories", *flags))
    if min(found[side] for side in SIDES) < FEWEST_DOCUMENTS:
        return "insufficient", ("few_documents", *flags)
    return state, flags


def _salient(side: str, held: Sequence[_Document], status: str, flags: tuple[str, ...]) -> Metric:
    mine = [document for document in held if document.side == side]
    others = [document for document in held if document.side != side]
    if _language(mine) != _language(others):
        flags = (*flags, "languages_differ")
    told = salient([d.terms for d in mine], [d.terms for d in others], [d.writer for d in mine])
    variants = {"terms": [asdict(term) for term in told], "other_documents": len(others)}
    by = {term.term: term.documents for term in told}
    return _row(side, len(told), status, flags, den=len(mine), by=by, variants=variants)


def salient(
    ours: Sequence[frozenset[str]], theirs: Sequence[frozenset[str]], writers: Sequence[str] = ()
) -> list[Salient]:
    """Terms that our documents hold more often than theirs beyond chance, at most ten, strongest first.

    Documents are sets of terms, so that a long one cannot own a topic, and so that any tokenizer will do.
    """
    here, there = (Counter(term for terms in side for term in terms) for side in (ours, theirs))
    names = writers or [str(n) for n in range(len(ours))]
    found = [(-z, term) for term, z in log_odds(here, there).items() if z > Z95 and here[term] >= FEWEST_WITH]
    told = []
    for less, term in sorted(found)[:LOUDEST]:
        wrote = {name for name, terms in zip(names, ours, strict=True) if term in terms}
        told.append(Salient(term, here[term], there[term], len(wrote), -less))
    return told


def _language(documents: Sequence[_Document]) -> str:
    """The language of more than half of the documents, "" for none."""
    named, most = Counter(d.language for d in documents).most_common(1)[0]
    return named if 2 * most > len(documents) else ""


def _row(
    side: str, value: int | None, status: str, flags: tuple[str, ...], *, den: int,
    by: dict[str, int] | None = None, variants: Mapping[str, object],
) -> Metric:  # fmt: skip
    return Metric(
        metric="M16.topics", group="written", kind=side, unit="terms", value=value, status=status, flags=flags,
        by=by or {}, variants={"documents": den, **variants}, query=_QUERY,
    )  # fmt: skip
