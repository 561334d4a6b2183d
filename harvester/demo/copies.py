"""Second addresses that services add to a finished world: an author's own text once more on another platform."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from harvester.demo.words import Deck
from harvester.demo.world import Doc, Site

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from harvester.demo.world import World

_BLOGS = ("hatena", "wordpress", "hugo", "jekyll", "medium")
_TAGS = ("aws", "reinvent")


def crosspost(
    world: World, rng: random.Random, host: str, size: int, path: Callable[[Doc, str], str], *, language: str
) -> list[Doc]:  # fmt: skip
    """Copies of `size` participants' stories on `host`, at `path(original, 14 hex digits)`, a day or two later.

    Of stories in `language` where there are any, that anybody can fetch and that stand nowhere else yet.
    """
    stories = Counter(doc.story for doc in world.docs)
    fit = [
        doc for doc in world.stories("participant")
        if doc.kind == "article" and doc.site.look in _BLOGS and stories[doc.story] == 1
        and not (doc.missed or doc.optional or doc.site.failure or doc.site.robots)
    ]  # fmt: skip
    fit = [doc for doc in fit if doc.language == language] or fit
    return [_copy(world, rng, doc, host, path) for doc in (Deck(fit, rng).hand(size) if fit else [])]


def _copy(world: World, rng: random.Random, doc: Doc, host: str, path: Callable[[Doc, str], str]) -> Doc:
    person, native = doc.author, f"{rng.getrandbits(56):014x}"
    site = next((s for s in world.sites if s.host == host and s.owner is person), None)
    if site is None:
        site = Site(
            host=host, title=person.name, look="jekyll", owner=person, prefix=f"/{person.handle}",
            language=doc.language,
        )  # fmt: skip
        world.sites.append(site)
        person.homes.append(f"https://{host}/{person.handle}")
    copy = Doc(
        url=f"https://{host}{path(doc, native)}", site=site, author=person, title=doc.title, blocks=doc.blocks,
        published=doc.published + timedelta(hours=rng.randint(5, 60)), kind="article", story=doc.story, relevant=True,
        why="the same author's copy on another platform", tags=_TAGS, copy_of=doc.url, relation="crosspost",
        language=doc.language, native_id=native, likes=rng.randint(0, 90),
    )  # fmt: skip
    world.docs.append(copy)
    return copy
