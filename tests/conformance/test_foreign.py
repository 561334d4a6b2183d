"""What other tools recorded, given to every source: drafts come out, or a refusal with a name, and never a fault."""

import json
import re

import pytest

from harvester.errors import ParseFailed
from harvester.model import FETCH_STATES, Draft
from harvester.parse import parse
from tests.conformance.data import DATA, files
from tests.test_sources import CASES, case_of

PAYLOADS = files("api", "misc_huginn") + files("api", "jsonfeed_rss_granary") + files("api", "connpass")
DOCUMENTS = [path for path in PAYLOADS if path.suffix in (".rss", ".atom", ".xml", ".html") or "feed" in path.name]
NORMAL = [name for name in CASES if name.endswith("/normal")]
TYPES = {".json": "application/json", ".html": "text/html", ".atom": "application/atom+xml"}
_ENTRY = re.compile(rb"<(?:item|entry)[\s>]")


def test_the_payloads_are_there():
    assert len(PAYLOADS) > 30 or not DATA.is_dir()
    assert len(NORMAL) > 30


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_read_or_refused_by_name(path):
    body, headers = path.read_bytes(), {"content-type": TYPES.get(path.suffix, "application/xml")}
    entries = len(_ENTRY.findall(body))
    try:
        found = parse(body, headers, "https://a.example/")
    except ParseFailed as failed:
        assert (failed.state in FETCH_STATES, entries) == (True, 0)  # noqa: PT017 - either end is a good one
    else:
        assert found.kind in ("feed", "article", "page", "other")
        assert found.kind != "feed" or path.suffix == ".json" or len(found.drafts) == entries
        assert found.kind == "feed" or not entries


@pytest.mark.parametrize("name", NORMAL)
def test_no_source_stumbles_over_the_answers_of_others(name):
    for path in PAYLOADS:
        case = case_of(name)
        case.body = path.read_bytes()
        found = case.found()
        if "error" in found:
            state = found["error"].partition(":")[0]
            assert state in FETCH_STATES, (path.name, found)
        else:
            drafts = [item for item in found["found"] if isinstance(item, Draft)]
            json.dumps([draft.raw for draft in drafts])
            assert all(draft.url or draft.native_id or draft.text for draft in drafts), path.name
