"""What the named cases share: pages, and a look at processes."""

from contextlib import closing
from pathlib import Path

from harvester.store.connection import write_tx
from harvester.store.open import open_db
from tests.servers import Answer, as_json

HEALTHY = "https://healthy.example/1"


def page(number, *links, mentions=()):
    return as_json({"id": number, "links": list(links), "mentions": list(mentions)})


def chain(length, host="a.example", delay=0.0):
    """Pages that each lead to the next one."""
    routes = {}
    for number in range(length):
        links = [f"https://{host}/{number + 1}"] if number + 1 < length else []
        answer = page(number, *links)
        routes[(host, f"/{number}")] = Answer(answer.body, 200, answer.headers, delay=delay)
    return routes


def descendants(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""


def write(made, sql, *values):
    """Change a site's database behind its back; how many rows."""
    with closing(open_db(made.db)) as conn, write_tx(conn):
        return conn.execute(sql, values).rowcount
