"""Every hostile kind of site at once, among healthy ones; `python -m benchmarks hostile` does it in full."""

from __future__ import annotations

from harvester.model import FETCH_STATES
from tests.crawling import Site
from tests.evil import evil
from tests.hostile_web import web

ENDS = {
    "too_large": "bomb-br bomb-gzip bomb-deflate bomb-zstd bomb-gzip-gzip endless headers",
    "parse_timeout": "attributes",
    "timeout": "drip silent", "truncated": "short half chunks", "redirect_loop": "self ping pong",
    "blocked_address": "inner", "soft_404": "missing", "rate_limited": "throttled away",
    "robots": "robots-error robots-limited robots-loop robots-hang robots-huge robots-denies",
}  # fmt: skip
IMPATIENT = "from harvester import settings\nsettings.DOWNLOAD_TIMEOUT = 3\n"


def test_all_hostile_sites_together_cost_no_healthy_page(tmp_path):
    (tmp_path / "patch").mkdir()
    (tmp_path / "patch" / "sitecustomize.py").write_text(IMPATIENT)
    made = web(healthy=60)
    with evil(made.routes) as server:
        site = Site(tmp_path, server.address, ("spiders",), {"PYTHONPATH": str(tmp_path / "patch")})
        site.event(pages=made.pages, feeds=made.feeds)
        done = site.crawl(timeout=240)
        assert done.code == 1, done
        assert made.titles - site.titles() == set()
        states = site.states()
        assert made.hostile <= states.keys()
        for reason, names in ENDS.items():
            for name in names.split():
                assert states[f"https://{name}.hostile.example/2016/12/02/entry"][1] == reason, name
        assert {reason for _, reason in states.values() if reason} <= set(FETCH_STATES)
        assert {state for state, _ in states.values()} <= {"done", "failed", "refused", "todo"}
        assert len([url for url in states if "calendar" in url]) <= 5  # two steps deep, as the event file has it
        assert not site.rows("SELECT 1 FROM posts WHERE text LIKE '%root:%' OR url LIKE 'file:%'")
        again = site.crawl(timeout=240)
        assert again.code in (0, 1), again
        assert made.titles - site.titles() == set(), again
