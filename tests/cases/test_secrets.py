"""P1 to P4: tokens, files and sockets."""

import base64
import json
import os
import secrets
import signal
import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cases.common import chain, descendants
from tests.evil import evil
from tests.servers import Answer, html, redirect

# P1: no secret in any output

KEYED = {
    "/ok": Answer(b"fine"), "/401": Answer(b"no", 401), "/500": Answer(b"oops", 500),
    "/cut": Answer(b"x" * 19, length=1024), "/traceback": Answer(b"trace"),
    "/redirect": redirect("https://other.example/?from=keyed"), "/loop": redirect("/loop"),
    "/429": Answer(b"later", 429),
}  # fmt: skip


@pytest.mark.parametrize("verbosity", [[], ["-v"], ["-vv"]], ids=["normal", "v", "vv"])
@pytest.mark.case("P1")
def test_p1_the_token_is_written_nowhere(site, tmp_path, verbosity):
    token = f"{secrets.token_hex(8)}/+{secrets.token_hex(8)}"
    routes = {("keyed.example", path): answer for path, answer in KEYED.items()}
    routes |= {("other.example", "/"): html("other"), ("fine.example", "/"): html("fine")}
    made = site(routes, modules=("tests.broken_sources",), **{"source.keyed": {"paths": list(KEYED)}})
    made.environment = {"HARVEST_TEST_KEY": token}
    done = made.crawl("--source", "keyed", "--source", "fine", *verbosity)
    assert {"Fine", "Keyed"} <= made.titles(), done
    for path in KEYED:
        assert made.server.hits(path, "keyed.example")[0].headers["authorization"] == f"Bearer {token}", path
    (other,) = made.server.hits(host="other.example")
    assert not {"authorization", "x-api-key", "referer"} & set(other.headers)
    written = done.out.encode() + done.err.encode()
    written += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    raw = base64.b64encode(token.encode()).rstrip(b"=")
    for spelling in (token.encode(), quote(token, safe="").encode(), raw, json.dumps(token).encode()[1:-1]):
        assert spelling not in written


# P4: no listening sockets, nothing left behind


@pytest.mark.case("P4")
def test_p4_a_crawl_listens_nowhere(site, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    made = site(chain(20, delay=0.2), pages=["https://a.example/0"])
    made.environment = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    process = made.start()
    made.wait_until(lambda: len(made.server.hits(host="a.example")) > 2)
    pids = [process.pid, *descendants(process.pid)]
    assert len(pids) >= 2
    assert not listening(pids)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert list(home.rglob("*")) == []
    assert {path.name for path in tmp_path.iterdir()} <= {
        "home", "meetup.toml", "test.db", "test.db-shm", "test.db-wal", "test.db.lock", "test.db.archive",
        "test.db.archive-shm", "test.db.archive-wal",
    }  # fmt: skip


def listening(pids):
    """Addresses that processes listen on, from /proc as `ss -ltnp` reads it."""
    sockets = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                sockets[f"socket:[{fields[9]}]"] = fields[1]
    held = [name for pid in pids for name in _open_files(pid)]
    return [sockets[name] for name in held if name in sockets]


def _open_files(pid):
    try:
        return [_target(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    except (FileNotFoundError, ProcessLookupError):  # the process ended since it was listed
        return []


def _target(fd):
    try:
        return str(fd.readlink())
    except FileNotFoundError:  # closed since it was listed
        return ""


@pytest.mark.case("P4")
def test_p4_the_look_for_listening_sockets_would_find_one():
    with evil({}) as server:
        assert threading.active_count() > 1
        assert any(address.endswith(f":{server.port:04X}") for address in listening([os.getpid()]))
