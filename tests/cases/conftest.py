"""The site every crawl case starts from."""

import pytest

from harvester.cli import run
from tests.cases.common import page
from tests.crawling import EVENT, Site
from tests.evil import Evil


@pytest.fixture
def site(tmp_path):
    """Makes a site for routes; the healthy page is always there."""
    servers = []

    def make(routes, modules=("tests.graph_source",), **keys):
        server = Evil(routes | {("healthy.example", "/1"): page("healthy")}).start()
        servers.append(server)
        made = Site(tmp_path, server.address, modules)
        made.server = server
        made.event(**keys)
        return made

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def folder(tmp_path):
    """Where the data is; what a test holds itself stands beside it."""
    made = tmp_path / "data"
    made.mkdir()
    return made


@pytest.fixture
def harvest(folder, capsys):
    def call(*words):
        capsys.readouterr()
        code = run([str(word) for word in words] + ["--db", str(folder / "h.db")])
        out = capsys.readouterr()
        call.out, call.err = out.out, out.err
        return code

    (folder.parent / "meetup.toml").write_text(EVENT, encoding="utf-8")
    call.db, call.event = folder / "h.db", folder.parent / "meetup.toml"
    return call
