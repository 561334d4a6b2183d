"""What a crawl in a subprocess is made to see: names that only the test knows, shorter deadlines, a sudden death.

`patched` writes a `sitecustomize.py` that every Python process of the crawl runs before anything else. With `names`
a crawl needs no `--connect-to`: hosts are looked up, connected to and, over https, verified as in real life.
"""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"


def patched(folder: Path, code: str) -> dict[str, str]:
    """The environment in which `code` is run at the start of every process."""
    place = folder / "patch"
    place.mkdir(exist_ok=True)
    (place / "sitecustomize.py").write_text(dedent(code), encoding="utf-8")
    return {"PYTHONPATH": os.pathsep.join((str(place), str(ROOT)))}


def names(folder: Path, *, hang: float = 0.0, **settings: Any) -> dict[str, str]:
    """The environment in which `*.example` is this machine and may be connected to.

    hang      seconds that the system takes to look up a host that begins with `hung`; then it fails
    settings  crawl settings to replace, besides the pauses between requests
    """
    calm = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}
    return patched(folder, f"from tests.patches import apply\napply({hang!r}, {calm | settings!r})\n")


def apply(hang: float, settings: dict[str, Any]) -> None:
    """Run in the crawl's processes: first the system's look-up, which Twisted takes as it finds it."""
    import socket
    import time

    real = socket.getaddrinfo

    def look_up(host, port, *rest, **named):
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.startswith("hung"):
            time.sleep(hang)
            raise socket.gaierror(socket.EAI_AGAIN, "no name server answered")
        return real(LOOPBACK if name.endswith(".example") else host, port, *rest, **named)

    socket.getaddrinfo = look_up
    from harvester import settings as ours
    from harvester.crawl import resolver

    public = resolver.is_public
    resolver.is_public = lambda address: address == LOOPBACK or public(address)
    for name, value in settings.items():
        assert hasattr(ours, name), name
        setattr(ours, name, value)
