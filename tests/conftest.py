"""What a run of the tests prints at its end, the promises of `docs/promises.md` by id, and how it generates cases."""

from __future__ import annotations

import re
from collections import defaultdict

from hypothesis import settings

# The same cases in every run, so that a run tells of the change under test; `make fuzz` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=5_000)
settings.load_profile("steady")


def pytest_collection_modifyitems(items):
    """The ids of a test travel with its report: under xdist the table is printed by another process."""
    for item in items:
        for mark in item.iter_markers("case"):
            item.user_properties.append(("case", mark.args[0]))


def pytest_terminal_summary(terminalreporter):
    passed, others = defaultdict(int), defaultdict(list)
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name != "case":
                    continue
                if outcome == "passed" and report.when == "call":
                    passed[value] += 1
                elif outcome in ("failed", "error", "skipped", "xfailed", "xpassed", "rerun"):
                    others[value].append(outcome)
    if not passed and not others:
        return
    terminalreporter.section("promises, by case")
    cells = []
    for case in sorted(passed.keys() | others.keys(), key=order):
        word = f"{others[case][0].upper()} ({passed[case]} passed)" if others[case] else "passed"
        cells.append(f"{case:<4}{word} {passed[case]:>3}")
    for start in range(0, len(cells), 5):
        terminalreporter.line("   ".join(cell.ljust(16) for cell in cells[start : start + 5]).rstrip())


def order(case):
    """H2 before H10; the groups in the order of the page."""
    group, number = re.fullmatch(r"([A-Z])(\d+)", case).groups()
    return "HNSCPD".index(group), int(number)
