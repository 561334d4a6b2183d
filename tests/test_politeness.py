"""A crawl of the whole replica, twice, as its log tells: who was asked what, how often, and who was left alone."""

from collections import Counter
from dataclasses import replace

from protego import Protego

from harvester.demo import run
from harvester.demo.build import build
from harvester.demo.server import Server
from harvester.demo.services import modules, qiita
from tests.test_demo import SMALL, tables

SEED = 2
QUOTAS = """
[source.hackernews]
max_requests = 2

[source.stackexchange]
max_requests_month = 3
"""
NEWS, STACK, QIITA = "hn.algolia.com", "api.stackexchange.com", "qiita.com"
WITHOUT_ROBOTS = {host for module in modules() for host in module.HOSTS}  # interfaces and feeds: asked by agreement


def asked(log, host):
    return [seen for seen in log if seen.host == host and seen.target != "/robots.txt"]


def test_a_crawl_of_all_sources_is_polite(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(qiita, "HOURLY", 20)
    world, setup = build(SEED, replace(SMALL, misses=3)), run.prepare(SEED, None, keep=False)
    run.write(setup, world)
    setup.event.write_text(setup.event.read_text("utf-8") + QUOTAS, encoding="utf-8")
    with Server(world, pause=0.01) as server:
        first_summary = run.crawl(setup, server.address, quiet=True)
        first, before = server.log[:], tables(setup.db)
        run.crawl(setup, server.address, quiet=True)
        second, after = server.log[len(first) :], tables(setup.db)
    assert len(first) > 300
    assert {host: most for host, most in server.most_at_once.items() if most > 1} == {}
    obeys_robots(world, first + second)
    leaves_the_busy_alone(world, first, second)
    keeps_quotas(first, second, {line["source"]: line for line in first_summary["sources"]})
    asks_conditionally(world, first, second)
    assert {name for name in before if before[name] != after[name]} == set()


def obeys_robots(world, log):
    """Pages are asked for only where robots.txt lets us; who forbids everything is asked for nothing else."""
    rules = {site.host: Protego.parse(site.robots) for site in world.sites if site.robots is not None}
    closed = [site.host for site in world.sites if site.robots and "Disallow: /\n" in site.robots]
    assert len(closed) > 0
    for host in closed:
        assert {seen.target for seen in log if seen.host == host} <= {"/robots.txt"}, host
    pages = [seen for seen in log if seen.host in rules and seen.host not in WITHOUT_ROBOTS]
    asked_for = [(seen.host, f"https://{seen.host}{seen.target}") for seen in pages]
    forbidden = [url for host, url in asked_for if not rules[host].can_fetch(url, "harvester")]
    assert len(pages) > 20
    assert forbidden == []


def leaves_the_busy_alone(world, first, second):
    """A host that asked for an hour is asked once, and the others go on."""
    busy = [site.host for site in world.sites if site.failure == "busy"]
    assert len(busy) > 0
    for host in busy:
        answers = asked(first, host)
        assert [seen.status for seen in answers] == [429], host
        assert asked(second, host) == [], host
        assert len([seen for seen in first if seen.at > answers[0].at and seen.host != host]) > 20


def keeps_quotas(first, second, sources):
    """Requests of a run, of a month, and those that Qiita's hour has left."""
    assert len(asked(first, NEWS)) <= 2
    assert len(asked(second, NEWS)) <= 2
    assert len(asked(first + second, STACK)) == 3
    assert sources["stackexchange"]["reason"].startswith("the month's requests are used up")
    answers = [seen for seen in asked(first + second, QIITA) if seen.target.startswith("/api/")]
    assert {seen.status for seen in answers} <= {200, 304, 404}
    assert len(answers) <= 20 - 5 + 1
    assert "wait until" in sources["qiita"]["reason"]


def asks_conditionally(world, first, second):
    """What has a validator and is read again is asked for with it, and mostly not sent again."""
    shapes = {(s.host, s.feed_path): s.feed_shape for s in world.sites if s.listed and not s.prefix}
    again = [seen for seen in second if shapes.get((seen.host, seen.target), "broken") != "broken"]
    assert len(again) > 5
    assert [seen.target for seen in again if "if-none-match" not in seen.headers or seen.status != 304] == []
    assert Counter(seen.status for seen in second)[304] > 10
    assert len(second) < len(first) / 2
