"""Credentials are put on a request as it is made, only for the source's own interface, and do not travel on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from scrapy import Request

    from harvester.source import Source


def origin_of(url: str) -> str:
    """`scheme://host[:port]`, what credentials are bound to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def signed(request: Request, spider: Source) -> Request:
    """With the source's credentials, when it goes to one of the source's origins.

    Meta `signed` names the headers that were added; `public_url` is the address without credentials.
    """
    if origin_of(request.url) not in spider.origins:
        return request
    before = set(request.headers)
    made = spider.authorize(request)
    made.meta["signed"] = [name.decode("latin-1") for name in made.headers if name not in before]
    if made.url != request.url:
        made.meta["public_url"] = request.url
    return made


def renewed(request: Request, spider: Source) -> Request:
    """A redirected request without the credentials of the place it came from, and with those of its own."""
    request.meta.pop("public_url", None)
    for name in request.meta.pop("signed", ()):
        request.headers.pop(name, None)
    return signed(request, spider)
