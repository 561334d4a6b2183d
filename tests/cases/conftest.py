"""The site every crawl case starts from."""

import pytest

from tests.cases.common import page
from tests.crawling import Site
from tests.servers import Server


@pytest.fixture
def site(tmp_path):
    """Makes a site for routes; the healthy page is always there."""
    servers = []

    def make(routes, modules=("tests.graph_source",), **keys):
        server = Server(routes | {("healthy.example", "/1"): page("healthy")}).start()
        servers.append(server)
        made = Site(tmp_path, server.address, modules)
        made.server = server
        made.event(**keys)
        return made

    yield make
    for server in servers:
        server.stop()
