"""Every promise has tests that run, and every tested case is a promise."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "promises.md").read_text("utf-8")
COUNTS = {"H": 21, "N": 8, "S": 15, "C": 10, "P": 7}
CASES = {f"{group}{number}" for group, most in COUNTS.items() for number in range(1, most + 1)} | {"D7", "D8"}


def files_of_tests():
    """Every test file but this one, which only names what it looks for."""
    return [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]


def test_every_promise_is_on_the_page_once():
    assert sorted(re.findall(r"^\| ([A-Z]\d+) \|", PAGE, re.MULTILINE)) == sorted(CASES)


def test_every_promise_has_a_test_and_every_case_is_a_promise():
    texts = [path.read_text("utf-8") for path in files_of_tests()]
    marked = {case for text in texts for case in re.findall(r'\bcase\("([A-Z]\d+)"\)', text)}
    assert marked == CASES


def test_no_test_of_a_case_is_skipped_or_expected_to_fail():
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text("utf-8")
        if path != Path(__file__):
            assert not re.search(r"pytest\.skip|mark\.skip|mark\.xfail|pytest\.xfail|importorskip", text), path
