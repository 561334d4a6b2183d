"""Two views of one post: which one wins, and what it says of itself."""

import json

import pytest

from harvester.store.merge import merge

COLUMNS = {
    "key": "k", "title": "A title", "text": "The whole text of it", "flags": "[]", "hashtags": "[]", "content_rank": 2,
    "relation": "original", "published_at": None, "published_precision": "unknown", "published_origin": "unknown",
    "published_raw": None, "revision": 1, "content_sha256": "…",
}  # fmt: skip


def view(*flags, **columns):
    return COLUMNS | {"flags": json.dumps(list(flags))} | columns


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (view(), view("partial", text="The whole"), {}),
        (view(), view("partial", text="Longer than the whole text of it"), {}),
        (view("partial", text="The whole"), view(), {"text": COLUMNS["text"], "flags": "[]", "revision": 2}),
        (view("partial", text="The"), view("partial", text="The whole"), {"text": "The whole", "revision": 2}),
        (view("partial", text="The whole"), view("partial", text="The"), {}),
        # A page that was cut off may still be more than a feed's summary, and is not when it is shorter.
        (view(content_rank=1, text="The"), view("partial", text="The whole"),
         {"text": "The whole", "flags": '["partial"]', "content_rank": 2}),
        (view(content_rank=1), view("partial", text="The"), {}),
        (view("partial", text="The whole"), view(content_rank=1), {}),
        # Marks tell how the view that won was come by; what is odd about the post itself stays.
        (view(), view("tls_unverified"), {"flags": '["tls_unverified"]'}),
        (view("tls_unverified"), view(), {"flags": "[]"}),
        (view("slide_mode", "tls_unverified"), view(), {"flags": '["slide_mode"]'}),
        (view("slide_mode"), view("tls_unverified"), {"flags": '["slide_mode", "tls_unverified"]'}),
        (view(), view("tls_unverified", content_rank=1), {}),
        (view(title=None), view("tls_unverified", content_rank=1),
         {"title": "A title", "flags": '["tls_unverified"]'}),
        (view(), view("slide_mode", content_rank=1), {"flags": '["slide_mode"]'}),
    ],
)  # fmt: skip
@pytest.mark.case("N2")
def test_which_view_wins_and_what_it_says_of_itself(old, new, expected):
    assert merge(old, new) == expected
