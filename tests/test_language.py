"""The languages of a report: a catalogue that is whole, the sentences of the specification word for word, all faces."""

import ast
import string
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from harvester.cli import cli, run
from harvester.measure.frame import Frame
from harvester.measure.metric import Bounds, Interval, Metric
from harvester.report import states, words
from harvester.report.build import Report
from harvester.report.headline import headline
from harvester.report.language import CODES, ENGLISH, language
from harvester.report.layout import width
from tests import catalogue
from tests.markup import text_of
from tests.test_report import FX

JA = language("ja")
SOURCE = catalogue.extracted()
PLACED = {"P": 7, "M": 2, "R": "3.5", "lo": "0.7", "hi": "18.6", "n": 48, "L": 52, "S": 48, "pct": 92, "prev": "E1"}


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("fx") / "fx.db"
    assert run(["import", "E2", str(FX), "--db", str(path)]) == 0
    return path


def report(db, *options, event="E2", env=None):
    result = CliRunner(env=env or {}).invoke(
        cli, ["report", event, "--db", str(db), *options], catch_exceptions=False, standalone_mode=False
    )
    return result.output


def places(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_there_is_a_catalogue_for_each_language():
    assert set(catalogue.languages()) == set(CODES) - {"en"}


@pytest.mark.parametrize(("code", "path"), catalogue.languages().items())
def test_a_catalogue_is_whole_and_compiled(code, path):
    found = catalogue.read(code, path)
    wanted = {message.id for message in SOURCE if message.id}
    held = {message.id for message in found if message.id}
    assert sorted(map(str, wanted - held)) == [], "run `make locale` and translate what it names"
    assert sorted(map(str, held - wanted)) == [], "run `make locale`"
    assert [message.id for message in found if message.id and catalogue.empty(message)] == []
    assert [message.id for message in found if message.fuzzy] == []
    assert path.read_text("utf-8") == catalogue.text_of(found)
    assert path.with_suffix(".mo").read_bytes() == catalogue.compiled(found), "run `make locale`"


@pytest.mark.parametrize(("code", "path"), catalogue.languages().items())
def test_a_translation_has_no_place_that_its_sentence_has_not(code, path):
    wrong = []
    for message in catalogue.read(code, path):
        if message.id:
            sources = message.id if isinstance(message.id, tuple) else (message.id,)
            told = message.string if isinstance(message.string, tuple) else (message.string,)
            allowed = set().union(*(places(text) for text in sources))
            wrong += [text for text in told if not set(places(text)) <= allowed]
    assert wrong == []


def said_in(path):
    """Sentences as the syntax tree of a module has them: (first argument,) or (one, more)."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in ("say", "later") and texts:
            yield texts[0]
        elif name == "many":
            assert len(texts) == 2, f"{path.name}:{node.lineno}: both forms stand in the call"
            yield tuple(texts)


def test_no_sentence_stands_where_it_is_not_extracted():
    held = {message.id for message in SOURCE if message.id}
    said = {sentence for path in catalogue.REPORT.glob("*.py") for sentence in said_in(path)}
    assert len(said) > 300
    assert [sentence for sentence in said if sentence not in held] == []
    templates = {m for m in held if m not in said and m not in catalogue.rule_reasons()}
    pages = "".join(path.read_text("utf-8") for path in catalogue.REPORT.glob("templates/*.html"))
    assert [sentence for sentence in templates if str(sentence) not in pages] == []


# The templates of the measurement specification, §9.
SPECIFIED = {
    "ratio ok": (
        "Participants {P}, media {M} written stories: {R}:1 (chance alone {lo}–{hi}).",
        "記事 {P} 本(参加者)対 {M} 本(媒体)、{R} 倍。偶然だけで {lo}〜{hi} 倍の幅があります。",
    ),
    "few media": (
        "{P} participant and {M} media stories; too few media to give a reliable ratio.",
        "媒体記事が {M} 本と少なく、倍率は参考値です。",
    ),
    "zero media": (
        "{P} participant stories; no media story found in {n} checked outlets.",
        "媒体記事は見つかっていません(確認 {n} 媒体)。",
    ),
    "unmeasured": ("Media were not checked: no outlet list configured.", "媒体は未調査です。"),
    "coverage": (
        "At least {L} posts exist; we hold {S} (at most {pct} %).",
        "少なくとも {L} 本あります。把握は {S} 本(最大でも {pct}%)。",
    ),
    "no change": ("No clear change from {prev}.", "前回との明確な差は見られません。"),
}


def frame(**more):
    at = datetime(2016, 12, 21, 10, tzinfo=UTC)
    told = {
        "event": "E2", "starts": at, "ends": at.replace(hour=12), "window": (at, at.replace(year=2017)),
        "timezone": "Asia/Tokyo", "venue_timezone": "Asia/Tokyo", "as_of": at.replace(year=2017), "rules": "1",
        "recipe": "7f3a91", "media_outlets": 48,
    }  # fmt: skip
    return Frame(**told | more)


def said(*metrics, **more):
    return Report(name="Demo", city="", frame=frame(**more), metrics=metrics, items=())


RATIO = Metric(
    metric="M02.ratio", group="written", value=6.0, num=120, den=20, ci=Interval(lo=3.7374, hi=9.6324),
    by={"unknown": 0, "unjudged": 0, "independent": 0, "placements": [120, 20]},
)  # fmt: skip
FEW = replace(RATIO, value=3.5, num=7, den=2, ci=Interval(lo=0.66, hi=18.56), flags=("few_media",))
NO_MEDIA = replace(RATIO, value=None, num=12, den=0, ci=Interval(lo=2.7786, hi=None), flags=("zero_media",))
NOT_CHECKED = replace(RATIO, value=None, num=12, den=0, ci=None, status="unmeasured", flags=("no_outlet_list",))
COVERED = Metric(metric="M04.at_least", group="written", value=52.0971, num=48)


@pytest.mark.parametrize(
    ("case", "text", "values"),
    [
        ("ratio ok", lambda say: headline(said(RATIO), say),
         {"P": 120, "M": 20, "R": "6.0", "lo": "3.7", "hi": "9.6"}),
        ("few media", lambda say: headline(said(FEW), say), {"P": 7, "M": 2}),
        ("zero media", lambda say: headline(said(NO_MEDIA), say), {"P": 12, "n": 48}),
        ("unmeasured", lambda say: headline(said(NOT_CHECKED, media_outlets=None), say), {}),
        ("coverage", lambda say: words.coverage(said(COVERED), say), {"L": 52, "S": 48, "pct": 92}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("say", [ENGLISH, JA], ids=lambda say: say.code)
def test_sentences_are_those_of_the_specification(case, text, values, say):
    assert SPECIFIED[case][say.code == "ja"].format(**values) in text(say)


@pytest.mark.parametrize("case", SPECIFIED)
def test_specified_sentences_are_in_the_catalogue(case):
    english, japanese = SPECIFIED[case]
    assert ENGLISH(english, **PLACED) == english.format(**PLACED)
    found = [m for m in catalogue.read("ja", catalogue.languages()["ja"])
             if english in (m.id if isinstance(m.id, tuple) else (m.id,))]  # fmt: skip
    assert len(found) == 1
    told = found[0].string
    assert (told[0] if isinstance(told, tuple) else told) == japanese


def test_a_single_one_is_said_so():
    one = replace(NO_MEDIA, num=1, ci=None)
    assert headline(said(one, media_outlets=1), ENGLISH) == (
        "1 participant story; no media story found in 1 checked outlet."
    )
    assert [words.stories(n, ENGLISH) for n in (0, 1, 2)] == ["0 stories", "1 story", "2 stories"]
    assert [words.stories(n, JA) for n in (0, 1, 2)] == ["0 本", "1 本", "2 本"]


def test_values_keep_their_braces_and_unknown_languages_are_refused():
    assert ENGLISH("{who} ({what})", who="{n}", what="{0.__class__}") == "{n} ({0.__class__})"
    with pytest.raises(KeyError):
        language("fr")


@pytest.mark.parametrize("status", ["insufficient", "unmeasured", "not_applicable"])
@pytest.mark.parametrize("say", [ENGLISH, JA], ids=lambda say: say.code)
def test_a_number_whose_preconditions_fail_prints_its_state_and_no_value(status, say):
    row = Metric(metric="M08.new_share", unit="share", value=0.31, num=4, den=13, status=status,
                 flags=("no_attendance_list",), bounds=Bounds(lo=0.1, hi=0.9))  # fmt: skip
    told = states.told(row, "31 %", say)
    assert "31" not in told
    assert told == states.state(row, say)
    assert words.amount(row, say) == "n/a"
    assert not states.measured(row)
    reason = {"en": "no attendance list", "ja": "来場者名簿なし"}[say.code]
    assert reason in told
    assert status not in told


def test_what_was_cut_off_says_so_beside_its_value():
    row = Metric(metric="M11.answered", value=0.5, num=3, den=6, status="truncated", flags=("failed:qiita",))
    assert states.told(row, "3 of 6", ENGLISH) == "3 of 6 (incomplete)"
    assert states.state(row, ENGLISH) == "incomplete (qiita failed)"
    assert states.state(replace(row, flags=("before:truncated:x", "strange:thing")), JA) == (
        "一部未取得(前回: x が途中で打ち切り、strange: thing)"
    )


def test_percentages_have_a_decimal_from_a_hundred_on():
    assert words.percent(0.5, ENGLISH, 99) == "50 %"
    assert words.percent(0.659, ENGLISH, 135) == "65.9 %"
    assert words.percent(0.659, JA, 135) == "65.9%"
    assert words.share(Metric(metric="M", value=0.75, num=3, den=4), ENGLISH) == "3 of 4"


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_every_face_speaks_japanese(db, form):
    read = text_of if form == "html" else str  # where the numbers in it are links
    text = read(report(db, "--format", form, "--lang", "ja"))
    assert "媒体記事が 2 本と少なく、倍率は参考値です。" in text
    assert "too few media" not in text
    english = read(report(db, "--format", form))
    assert "7 participant and 2 media stories; too few media to give a reliable ratio." in english
    assert not any("\u3040" <= c <= "\u30ff" for c in english)


def test_html_names_its_language(db):
    assert '<html lang="ja"' in report(db, "--format", "html", "--lang", "ja")
    assert '<html lang="en"' in report(db, "--format", "html")


def test_the_language_of_the_environment_is_taken_and_data_has_none(db):
    assert report(db, env={"HARVEST_LANG": "ja"}) == report(db, "--lang", "ja")
    for form in ("json", "csv"):
        assert report(db, "--format", form, "--lang", "ja") == report(db, "--format", form)
    with pytest.raises(Exception, match="fr"):
        report(db, "--lang", "fr")


@pytest.mark.parametrize("event", ["E1", "E2"])
def test_japanese_fits_96_columns(db, event):
    for options in ([], ["--plain"]):
        lines = report(db, "--lang", "ja", *options, event=event).splitlines()
        assert max(width(line) for line in lines) <= 96
    assert not set(report(db, "--lang", "ja", "--plain")) & set("█▁▂▃▄▅▆▇─▏▎▍▌▋▊▉")


def flags_of_measures():
    """Every flag that a measure can raise, without what follows its colon: constants in what `flags` is given."""
    for path in sorted((catalogue.REPORT.parent / "measure").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "flags":
                keys = {id(one.slice) for one in ast.walk(node.value) if isinstance(one, ast.Subscript)}
                for inner in ast.walk(node.value):
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and id(inner) not in keys:
                        yield inner.value.partition(":")[0]


def test_every_flag_has_words():
    told = {flag for flag in flags_of_measures() if flag.replace("_", "").isalnum()}
    assert len(told) > 20
    rows = {flag: Metric(metric="M", status="insufficient", flags=(flag,)) for flag in told}
    assert [flag for flag, row in rows.items() if any(text.isascii() for text in states.why(row, JA))] == []
