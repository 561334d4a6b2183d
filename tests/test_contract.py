"""What a source may rely on in records that change: read, told, or refused."""

import pytest

from harvester.contract import Contract, count, text
from harvester.errors import ParseFailed
from harvester.source import Drift, Source

SEEN = Contract(
    required=("id",), fields={"id": "text", "likes": "whole number", "user": "object", "user.name": "text"},
    unread=frozenset({"slug"}),
)  # fmt: skip


def test_records_as_they_should_be_say_nothing():
    rows = [
        {"id": "1", "likes": 3, "user": {"name": "a"}, "slug": 5},
        {"id": "2", "likes": None},
        {"id": "3", "user": {}},
    ]
    read = SEEN.read(rows)
    assert (read.whole, read.told, read.news, read.lacking) == (rows, {}, [], "")
    assert SEEN.read([]).lacking == ""


def test_departures_are_counted_by_field():
    rows = [{"id": "1", "likes": "1.2k"}, {"id": "2", "likes": "3k"}, {"id": 3, "user": {"name": ["a"]}},
            {"id": "4", "likes": True, "user": "a"}, {"id": "5", "likes": 1.5}]  # fmt: skip
    assert SEEN.read(rows).told == {
        "likes is a text and no whole number": 2, "id is a whole number and no text": 1,
        "user.name is a list and no text": 1,
        "likes is a yes/no and no whole number": 1, "user is a text and no object": 1,
        "likes is a number and no whole number": 1,
    }  # fmt: skip


def test_records_without_what_is_required_are_left_out_and_none_at_all_is_an_error():
    read = SEEN.read([{"id": "1"}, {"key": "2"}, "text", {"id": None}, {"id": ""}])
    assert (read.whole, read.told, read.lacking) == ([{"id": "1"}], {"no id": 4}, "")
    assert SEEN.read([{"key": "1"}, {"key": "2"}]).lacking == "records without id"
    assert SEEN.read(["text", 5]).lacking == "no records"


def test_a_source_tells_new_fields_once(caplog):
    class Probe(Source):
        name = "probe"
        contract = SEEN

    probe, rows = Probe("ev"), [{"id": "1", "shares": 1, **{f"n{number}": 0 for number in range(30)}}]
    with caplog.at_level("INFO"):
        assert probe.records(None, rows) == (rows, [])
        assert probe.records(None, [{"id": "2", "shares": 2, "likes": []}]) == (
            [{"id": "2", "shares": 2, "likes": []}], [Drift("likes is a list and no whole number", 1)],
        )  # fmt: skip
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("fields that nobody here reads yet: 'shares', 'n0'")
    assert line.endswith("and 21 more")


def test_a_list_without_a_record_ends_the_page():
    class Response:
        url = "https://a.example/"

    class Probe(Source):
        name = "probe"
        contract = SEEN

    with pytest.raises(ParseFailed, match="records without id") as failure:
        Probe("ev").records(Response, [{"key": 1}])
    assert failure.value.state == "bad_json"


def test_values_of_another_kind_are_not_there():
    assert [count(value) for value in (0, 7, -1, True, "1.2k", 1.0, None, 2**63)] == [0, 7, *[None] * 6]
    assert [text(value) for value in ("a", 5, None, ["a"])] == ["a", "", "", ""]
