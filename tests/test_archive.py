"""Copies of answers: which are kept, what they answer for, and what is never in the file."""

from __future__ import annotations

import gzip
import time
from contextlib import closing
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from scrapy.http import Request, Response

from harvester.crawl.archive import Policy, Storage, key_of
from harvester.errors import ForeignDatabase
from harvester.settings import build
from harvester.store.archive import load, open_archive
from harvester.store.open import open_db

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://a.example/feed"


def answer(body: bytes = b"<rss/>", status: int = 200, url: str = URL, **headers: str) -> Response:
    return Response(url, status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.fixture
def storage(tmp_path: Path):
    made = Storage(build(db=str(tmp_path / "h.db")))
    made.open_spider(None)
    yield made
    made.close_spider(None)


def leased(url: str = URL, lease: int = 1, **meta) -> Request:
    return Request(url, meta={"frontier_id": lease, **meta})


def test_a_copy_comes_back_as_it_came(storage: Storage, tmp_path: Path):
    body = gzip.compress("<rss>日本語</rss>".encode())
    storage.store_response(None, Request(URL), answer(body, Content_Encoding="gzip", ETag='"1"'))
    plain = answer("長い本文".encode() * 1000, url="http://a.example/page", Content_Type="text/html")
    storage.store_response(None, Request(plain.url), plain)
    feed = storage.retrieve_response(None, Request(URL))
    assert feed is not None
    assert (feed.status, feed.url, feed.body) == (200, URL, body)
    assert feed.headers["ETag"] == b'"1"'
    assert feed.headers["Content-Encoding"] == b"gzip"
    page = storage.retrieve_response(None, Request(plain.url))
    assert page is not None
    assert page.body == plain.body
    with closing(open_archive(tmp_path / "h.db.archive")) as conn:
        sizes = dict(conn.execute("SELECT url, length(body) FROM copies").fetchall())
    assert sizes[URL] == len(body)
    assert sizes[plain.url] < len(plain.body) / 10


def test_the_answer_of_a_leased_request_counts_when_its_page_is_stored(storage: Storage):
    storage.store_response(None, leased(lease=1), answer(b"good"))
    assert storage.retrieve_response(None, Request(URL)) is None
    storage.keep(1)
    storage.store_response(None, leased(lease=2), answer(b"a login page"))
    storage.drop(2)
    storage.keep(2)
    kept = storage.retrieve_response(None, Request(URL))
    assert kept is not None
    assert kept.body == b"good"


def test_half_a_body_is_kept_without_what_would_confirm_it(storage: Storage):
    storage.store_response(None, leased(), answer(b"half", ETag='"1"', Last_Modified=formatdate()))
    storage.keep(1, whole=False)
    kept = storage.retrieve_response(None, Request(URL))
    assert kept is not None
    assert not {b"Etag", b"Last-Modified"} & set(kept.headers)
    assert kept.flags == ["partial"]


@pytest.mark.case("N2")
def test_half_a_body_replaces_no_whole_one_but_the_next_request_is_for_the_whole(storage: Storage):
    for number, (body, whole) in enumerate([(b"whole", True), (b"half", False), (b"new", True), (b"ne", False)]):
        storage.store_response(None, leased(lease=number), answer(body, ETag=f'"{number}"'))
        storage.keep(number, whole=whole)
        kept = storage.retrieve_response(None, Request(URL))
        assert kept is not None
        assert kept.body == (b"new" if number > 1 else b"whole")
        assert (b"Etag" in kept.headers) is whole
        assert kept.flags == []


def test_an_archive_of_before_is_read_and_knows_marks_from_now_on(tmp_path: Path):
    path = tmp_path / "old.archive"
    with closing(open_archive(path)) as conn:
        conn.execute("ALTER TABLE copies DROP COLUMN marks")
        conn.execute("INSERT INTO copies VALUES ('k', 'u', 200, '[]', x'00', 0, '2016-12-01T00:00:00Z')")
    for _ in range(2):
        with closing(open_archive(path)) as conn:
            copy = load(conn, "k")
            assert copy is not None
            assert copy.marks == "[]"


def test_every_hop_of_a_redirect_is_kept(storage: Storage):
    storage.store_response(None, leased(), answer(b"", 301, Location="http://b.example/"))
    storage.store_response(None, leased("http://b.example/"), answer(b"there", url="http://b.example/"))
    storage.keep(1)
    first, second = (storage.retrieve_response(None, Request(url)) for url in (URL, "http://b.example/"))
    assert first is not None
    assert second is not None
    assert (first.status, second.body) == (301, b"there")


def test_credentials_are_neither_in_the_key_nor_in_the_file(storage: Storage, tmp_path: Path):
    signed = Request(f"{URL}?key=t0ps3cret", headers={"Authorization": "Bearer t0ps3cret"}, meta={"public_url": URL})
    assert key_of(signed) == key_of(Request(URL))
    storage.store_response(None, signed, answer(url=signed.url, Set_Cookie="id=t0ps3cret"))
    assert storage.retrieve_response(None, Request(URL)) is not None
    storage.close_spider(None)
    for path in tmp_path.iterdir():
        assert b"t0ps3cret" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0 or path.suffix in (".archive-wal", ".archive-shm")


def test_method_and_body_make_another_question(storage: Storage):
    storage.store_response(None, Request(URL, method="POST", body=b"q=1"), answer(b"one"))
    assert storage.retrieve_response(None, Request(URL, method="POST", body=b"q=2")) is None
    assert storage.retrieve_response(None, Request(URL)) is None


def test_somebody_elses_file_is_refused(tmp_path: Path):
    open_db(tmp_path / "x.archive", "create").close()
    with pytest.raises(ForeignDatabase, match="not our archive"):
        open_archive(tmp_path / "x.archive")


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({}, False),
        ({"Last_Modified": formatdate(0, usegmt=True)}, False),
        ({"Cache_Control": "max-age=600"}, True),
        ({"Cache_Control": "max-age=0, private, must-revalidate"}, False),
        ({"Cache_Control": "max-age=600, no-cache"}, False),
        ({"Expires": formatdate(time.time() + 6 * 3600, usegmt=True)}, True),
        ({"Expires": "0"}, False),
        ({"Cache_Control": "max-age=31536000", "Date": formatdate(time.time() - 13 * 3600, usegmt=True)}, False),
    ],
)
def test_a_copy_is_fresh_only_when_its_server_said_so(headers: dict[str, str], fresh: bool):
    policy = Policy(build())
    headers.setdefault("Date", formatdate(usegmt=True))
    request = Request(URL)
    assert policy.is_cached_response_fresh(answer(ETag='"1"', **headers), request) is fresh
    assert ("If-None-Match" in request.headers) is not fresh
    assert Policy(build(offline=True)).is_cached_response_fresh(answer(**headers), Request(URL))


def test_permanent_redirects_are_asked_for_again():
    assert not Policy(build()).is_cached_response_fresh(answer(status=301, Location="/x"), Request(URL))


@pytest.mark.parametrize(
    ("status", "headers", "kept"),
    [(200, {}, True), (200, {"Cache_Control": "no-store"}, True), (301, {}, True), (302, {}, True), (404, {}, False),
     (500, {}, False), (304, {}, False), (206, {}, False), (429, {}, False)],
)  # fmt: skip
def test_good_answers_are_kept_whatever_their_headers_say(status: int, headers: dict[str, str], kept: bool):
    assert Policy(build()).should_cache_response(answer(status=status, **headers), Request(URL)) is kept


def test_a_server_error_is_not_hidden_behind_an_old_copy():
    policy = Policy(build())
    assert not policy.is_cached_response_valid(answer(), answer(status=500), Request(URL))
    assert policy.is_cached_response_valid(answer(), answer(status=304), Request(URL))
