"""The sentences of reports and their translations: `python -m tests.catalogue` extracts, updates and compiles."""

import io
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

REPORT = Path(__file__).parent.parent / "harvester" / "report"
LOCALE = REPORT / "locale"
RULES = REPORT.parent / "classify" / "vocab" / "rules.toml"
# Who takes a sentence as its first argument, and who its form for one and for more.
KEYWORDS = {"say": None, "later": None, "many": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
# A moment of its own for every build would make each of them differ.
MOMENT = datetime(2016, 12, 21, tzinfo=UTC)
HEADER = """# The sentences of reports; `make locale` adds new ones from the source and compiles.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals}\\n"

"""


def extracted():
    """Every sentence in the source, as a catalogue without translations."""
    found = Catalog()
    for _, _, message, _, context in extract_from_dir(REPORT, METHODS, keywords=KEYWORDS):
        found.add(message, context=context)
    for reason in rule_reasons():
        found.add(reason)
    return found


def rule_reasons():
    """What the rules for posts being about the event are called in reasons, as the rule table has it."""
    table = tomllib.loads(RULES.read_text("utf-8"))
    return [rule["reason"] for rule in table["relevance"]["rule"]]


def languages():
    """Code to its catalogue file."""
    return {path.parent.parent.name: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/harvester.po"))}


def read(code, path):
    """A committed catalogue."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code, domain="harvester", abort_invalid=True)
    catalogue.creation_date = catalogue.revision_date = MOMENT
    return catalogue


def compiled(catalogue):
    """What gettext reads."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def text_of(catalogue):
    """The catalogue as it is committed, sorted, under a header without names and moments."""
    file = io.BytesIO()
    write_po(file, catalogue, width=120, sort_output=True, omit_header=True, ignore_obsolete=True)
    head = HEADER.format(code=catalogue.locale_identifier, plurals=catalogue.plural_forms)
    return head + file.getvalue().decode()


def empty(message):
    """Whether a sentence has no translation."""
    return not (all(message.string) if isinstance(message.string, tuple) else message.string)


def main():
    """Update and compile every catalogue; say what is left to translate."""
    source, left = extracted(), 0
    for code, path in languages().items():
        catalogue = read(code, path)
        catalogue.update(source, no_fuzzy_matching=True)
        path.write_text(text_of(catalogue), encoding="utf-8")
        catalogue = read(code, path)
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        lacking = [message.id for message in catalogue if message.id and empty(message)]
        left += len(lacking)
        print(f"{code}: {len(catalogue)} sentences, {len(lacking)} not translated", *lacking, sep="\n  ")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
