"""The faces of a report agree on every number, through `harvest import` and the frozen report; and a face that does not
is found out."""

from dataclasses import replace

import pytest

from harvester.cli import run
from harvester.report import html, markdown, sheet, terminal
from tests.agreement import assert_faces_agree
from tests.test_report import FX

NOTHING = '{"type": "event", "event": "e", "name": "空", "starts_at": "2018-10-10T10:00:00Z", "ends_at": "2018-10-10T12:00:00Z", "timezone": "Asia/Tokyo"}\n'  # noqa: E501


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("fx") / "fx.db"
    assert run(["import", "E2", str(FX), "--db", str(path)]) == 0
    return path


@pytest.mark.parametrize("event", ["E1", "E2"])
def test_every_face_tells_every_number_and_state(db, event):
    rows = assert_faces_agree(db, event)
    assert len({row["metric"] for row in rows}) > 60


def test_every_face_tells_every_state_of_an_event_without_posts(tmp_path):
    (tmp_path / "e.jsonl").write_text(NOTHING, encoding="utf-8")
    assert run(["import", "e", str(tmp_path / "e.jsonl"), "--db", str(tmp_path / "e.db")]) == 0
    assert {row["status"] for row in assert_faces_agree(tmp_path / "e.db", "e")} > {"unmeasured", "not_applicable"}


BENT = {
    "value": lambda row: replace(row, value=row.value + 1),
    "state": lambda row: replace(row, status="truncated"),
    "parts": lambda row: replace(row, num=(row.num or 0) + 1, den=row.den or 3),
    "range": lambda row: replace(row, ci=replace(row.ci, hi=row.ci.hi + 1)),
}


@pytest.mark.parametrize("what", BENT)
@pytest.mark.parametrize(
    ("face", "name"), [(sheet, "render"), (html, "render"), (markdown, "render"), (terminal, "lines_of")]
)
def test_a_face_that_tells_another_number_is_found_out(db, monkeypatch, face, name, what):
    real = getattr(face, name)

    def bent(report, *rest, **more):
        metrics = tuple(BENT[what](row) if row.metric == "M02.ratio" else row for row in report.metrics)
        return real(replace(report, metrics=metrics), *rest, **more)

    monkeypatch.setattr(face, name, bent)
    with pytest.raises(AssertionError):
        assert_faces_agree(db, "E2")
