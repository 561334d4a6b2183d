"""Tables of the command line: nothing wider than the terminal, nothing lost, Japanese in its own width."""

from hypothesis import given
from hypothesis import strategies as st

from harvester.cli._table import WIDTH, folded, table
from harvester.report.layout import width


def test_a_column_without_anything_is_left_out_and_numbers_stand_to_the_right():
    rows = [("a", "", "7", "why"), ("bb", "", "12", "")]
    assert table(("s", "none", "n", "reason"), rows, right=("n",)) == ["s    n  reason", "a    7  why", "bb  12"]
    assert table(("s", "n"), [("a", "7"), ("bb", "12")], right=("n",)) == ["s    n", "a    7", "bb  12"]


def test_what_is_too_long_goes_on_below_itself_or_is_cut():
    rows = [("x", "word " * 30)]
    first, second = table(("s", "why"), rows)[1:]
    assert first.startswith("x  word word")
    assert second.startswith("   word")
    (only,) = table(("s", "why"), rows, fold=False)[1:]
    assert (width(only), only[-1]) == (WIDTH, "…")


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=400))
def test_a_folded_text_fits_and_keeps_every_word(text):
    lines = folded(text, "source  ", 8)
    assert all(width(line) <= WIDTH for line in lines)
    assert "".join("".join(lines).split()) == "source" + "".join(text.split())
