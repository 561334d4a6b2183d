"""P1 to P4: tokens, files and sockets."""

import base64
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import zlib
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from harvester import credentials
from harvester.crawl.catalogue import load
from harvester.errors import ConfigError
from harvester.store.archive import open_archive
from tests.cases.common import HEALTHY, chain, command_of, descendants
from tests.crawling import ROOT
from tests.evil import article, evil
from tests.servers import Answer, as_json, html, redirect, serving

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


# P1 for every source there is, and every way an answer can go wrong

ASKING = {
    name: keys for name, kind in load(("spiders",)).sources.items() if (keys := (*kind.needs, *kind.optional_keys))
}
KEYS = sorted({key for keys in ASKING.values() for key in keys})
IMPATIENT = "from harvester import settings\nsettings.DOWNLOAD_TIMEOUT = 1\n"
SPEAKS_OF_ITSELF = """
from harvester.source import Source
from harvester.errors import ParseFailed
def told(self, response):
    raise RuntimeError(f"asked with {response.request.headers.to_unicode_dict()} at {response.request.url}")
Source.json = told
"""
EMPTY = {"data": [], "meta": {"result_count": 0}}


def ending(mode):
    """What every interface answers, and what every page is."""
    answers = {
        "401": as_json({"title": "Unauthorized"}, 401), "429": as_json({"title": "Too Many"}, 429),
        "500": as_json({"title": "oops"}, 500), "hang": Answer(hang=True),
    }  # fmt: skip

    def answer(seen):
        if seen.path == "/robots.txt":
            return Answer(b"", 404)
        if seen.host.startswith("api.") or "/api/" in seen.path:
            spoken = [] if "qiita" in seen.host else EMPTY
            return answers.get(mode, as_json(spoken))
        return html("<title>A page</title><p>about the meetup</p>")

    return answer


def spellings(token):
    raw = base64.b64encode(token.encode()).rstrip(b"=")
    return (token.encode(), quote(token, safe="").encode(), raw, json.dumps(token).encode()[1:-1])


def written_below(folder):
    """Every byte of every file, and of what the archive holds compressed."""
    parts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    archive = folder / "test.db.archive"
    if archive.exists():
        with closing(open_archive(archive)) as conn:
            for body, deflated in conn.execute("SELECT body, deflated FROM copies"):
                parts.append(zlib.decompress(body) if deflated else body)
    return b"\n".join(parts)


@pytest.mark.parametrize("mode", ["ok", "401", "429", "500", "hang", "traceback"])
@pytest.mark.case("P1")
def test_p1_no_token_of_any_source_is_written_anywhere(site, tmp_path, mode):
    tokens = {key: f"{secrets.token_hex(12)}/+{secrets.token_hex(12)}" for key in KEYS}
    made = site(
        {}, modules=("spiders",), hashtags=["meetup2016"], pages=["https://start.example/"],
        event_urls=["https://meetup.connpass.com/event/1/"],
    )  # fmt: skip
    made.server.routes = {
        "*": ending(mode), ("start.example", "/"): article("Round-up", links=(HEALTHY,)),
        ("healthy.example", "/1"): article("A fine page about the meetup"),
    }  # fmt: skip
    made.environment = dict(tokens)
    if patched := {"traceback": SPEAKS_OF_ITSELF, "hang": IMPATIENT}.get(mode, ""):
        patch = tmp_path.parent / f"{tmp_path.name}-patch"
        patch.mkdir()
        (patch / "sitecustomize.py").write_text(patched)
        made.environment["PYTHONPATH"] = str(patch)
    process = made.start("-vv", *(word for name in (*ASKING, "blog") for word in ("--source", name)))
    commands, out = [], []
    reader = threading.Thread(target=lambda: out.extend(process.communicate(timeout=120)))
    reader.start()
    while reader.is_alive():
        commands += [command_of(pid) for pid in (process.pid, *descendants_of_living(process.pid))]
        reader.join(0.2)
    sent = " ".join(f"{seen.target} {unbasic(seen.headers)} {seen.body.decode()}" for seen in made.server.seen)
    sent += unquote(sent)
    # A host that says 429 to a question that needs no key is not asked the one that does.
    assert mode == "429" or [key for key, token in tokens.items() if token not in sent] == [], out
    assert "A fine page about the meetup" in made.titles(), out
    assert len(commands) > 2
    said = [text.encode() for text in (*out, *commands)]
    for face in ("terminal", "json", "csv", "html", "markdown"):
        said.append(told_by(made, "report", "meetup", "--format", face))
    said += [told_by(made, word) for word in ("status", "sources")]
    everything = b"\n".join([*said, written_below(tmp_path)])
    assert mode != "traceback" or b"[hidden]" in everything, said
    for name, token in tokens.items():
        for spelling in spellings(token):
            assert spelling not in everything, name


def unbasic(headers):
    """The headers with what stands in a `Basic` one in clear."""
    kind, _, word = headers.get("authorization", "").partition(" ")
    return f"{headers} {base64.b64decode(word).decode() if kind == 'Basic' else ''}"


def told_by(made, *words):
    """What another command prints, with the same credentials in its environment."""
    environment = os.environ | made.environment | {"HARVEST_DB": str(made.db)}
    command = [sys.executable, "-m", "harvester.cli", *words]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment)
    return done.stdout + done.stderr


def descendants_of_living(pid):
    try:
        return descendants(pid)
    except FileNotFoundError:  # it ended
        return []


# P2: secrets stay out of the database; files are private


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
@pytest.mark.case("P2")
def test_p2_credentials_that_others_can_read_are_refused(site, tmp_path, mode):
    made = site({}, pages=[HEALTHY])
    held = tmp_path / "credentials"
    token = secrets.token_hex(16)
    held.write_text(f"# keys\nexport X_BEARER_TOKEN='{token}'\n")
    held.chmod(mode)
    made.environment = {"HARVEST_CREDENTIALS": str(held)}
    done = made.crawl()
    assert (done.code, made.server.seen) == (2, [])
    assert f"chmod 600 {held}" in done.err
    assert token not in done.out + done.err
    held.chmod(0o600)
    assert made.crawl().code == 0
    made.environment["HARVEST_CREDENTIALS"] = str(tmp_path / "nowhere")
    assert made.crawl().code == 2


@pytest.mark.case("P2")
def test_p2_a_credential_comes_from_the_file_unless_the_environment_has_it(tmp_path):
    held = tmp_path / "credentials"
    held.write_text('A_KEY="from file"\nB_KEY=also=this\n\n')
    held.chmod(0o600)
    environment = {"A_KEY": "from environment", "B_KEY": " "}
    credentials.adopt(environment, held)
    assert environment == {"A_KEY": "from environment", "B_KEY": "also=this"}
    held.write_text("A_KEY=1\nsecret words\n")
    with pytest.raises(ConfigError) as refused:
        credentials.read(held)
    assert refused.value.problems == (f"{held}: line 2: not NAME=value",)


@pytest.mark.case("P2")
def test_p2_what_is_created_is_private_and_has_no_place_for_a_secret(site, tmp_path):
    made = site({}, pages=[HEALTHY])
    before = set(tmp_path.rglob("*"))
    mask = os.umask(0)
    try:
        assert made.crawl().code == 0
    finally:
        os.umask(mask)
    created = set(tmp_path.rglob("*")) - before
    assert {path.name for path in created} >= {"test.db", "test.db.archive"}
    for path in created:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    columns = made.rows("SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c")
    assert len(columns) > 100
    assert not [name for (name,) in columns if re.search("token|secret|password|cookie|credential|api_?key", name)]


# P3: credentials stay on their origin


@pytest.mark.case("P3")
def test_p3_a_redirect_to_another_origin_carries_nothing_along(site):
    token = secrets.token_hex(16)
    routes = {
        ("keyed.example", "/?key=S"): html("unused"),
        ("keyed.example", "/a"): redirect("https://other.example/x?from=a"),
        ("keyed.example", "/b"): redirect("http://keyed.example/plain"),
        ("keyed.example", "/c"): redirect("https://keyed.example:8443/port"),
        ("keyed.example", "/d"): redirect("https://keyed.example/own"),
    }
    made = site(
        routes, modules=("tests.broken_sources",), **{"source.keyed": {"paths": ["/a?key=S", "/b", "/c", "/d"]}}
    )
    made.server.routes["*"] = html("fine")
    made.server.routes |= {("other.example", "/x"): html("other", Set_Cookie="a=1")}
    made.environment = {"HARVEST_TEST_KEY": token}
    with serving({"*": html("proxied")}) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            made.environment[name] = f"http://{proxy.address}"
        done = made.crawl("--source", "keyed", "--source", "fine")
        assert proxy.connections == 0
    assert "Fine" in made.titles(), done
    assert {seen.path for seen in made.server.seen} >= {"/a", "/b", "/c", "/d", "/own"}
    for seen in made.server.seen:
        own = seen.host == "keyed.example" and seen.path in {"/a", "/b", "/c", "/d", "/own"}
        carried = {"authorization", "x-api-key", "cookie"} & set(seen.headers)
        assert carried == ({"authorization", "x-api-key"} if own else set()), seen
        assert "referer" not in seen.headers
        assert token not in seen.target


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
