"""The one way out: Scrapy's HTTP handler below all middlewares, with guards and the road to a replica.

With CONNECT_TO (`host:port`) every request, http or https, travels over one plain TCP connection to that
address with its own Host header, and the answer comes back under the URL that was asked for: robots, retries,
the archive and the sources see the real web.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from OpenSSL.SSL import Error as SslError
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.utils.httpobj import urlparse_cached
from service_identity import VerificationError

from harvester.crawl.head_limit import HeadTooLarge, limited
from harvester.crawl.refused import Refused
from harvester.crawl.resolver import GuardResolver, is_private_host
from harvester.model import TLS_UNVERIFIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class GuardedHandler(HTTP11DownloadHandler):
    """Download handler for http and https; failures that are decisions come out as `Refused`.

    `blocked_address` for a host that is no global address (checked again by the resolver for names),
    `too_large` for a body over DOWNLOAD_MAXSIZE or headers without end, `tls_error` for a certificate that does not
    hold. Anything else stays Scrapy's exception, so that its retry policy applies.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = limited(self._pool._factory)
        self._connect_to: str = crawler.settings.get("CONNECT_TO") or ""
        self._verifies = crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")

    async def download_request(self, request: Request) -> Response:
        """Fetch `request`; raises Refused or one of Scrapy's download exceptions."""
        host = urlparse_cached(request).hostname or ""
        if is_private_host(host):
            raise Refused("blocked_address", f"{host} is not a global address")
        try:
            if self._connect_to:
                return await self._from_replica(request)
            return self._marked(await super().download_request(request))
        except CannotResolveHostError as error:
            if why := _blocked(host):
                raise Refused("blocked_address", why) from error
            raise
        except DownloadCancelledError as error:
            # The handler itself cancels in one case only: more bytes than DOWNLOAD_MAXSIZE.
            raise Refused("too_large", f"more than {self._default_maxsize} bytes") from error
        except DownloadFailedError as error:
            for cause in _causes(error.__cause__):
                if isinstance(cause, HeadTooLarge):
                    raise Refused("too_large", str(cause)) from error
            if why := _tls_failure(error):
                raise Refused("tls_error", why, again=True) from error  # certificates are renewed
            raise

    def _marked(self, response: Response) -> Response:
        """Whoever reads it shall know when nobody vouched for the host (`verify_tls` of the source)."""
        if not self._verifies and urlparse_cached(response).scheme == "https":
            response.flags.append(TLS_UNVERIFIED)
        return response

    async def _from_replica(self, request: Request) -> Response:
        url = urlsplit(request.url)
        path = f"{url.path or '/'}{f'?{url.query}' if url.query else ''}"
        sent = request.replace(url=f"http://{self._connect_to}{path}", meta=request.meta)
        sent.headers["Host"] = url.netloc.rpartition("@")[2].removesuffix(_DEFAULT_PORTS.get(url.scheme, ""))
        sent.headers["X-Forwarded-Proto"] = url.scheme
        try:
            got = await super().download_request(sent)
        except DownloadTimeoutError as error:
            raise DownloadTimeoutError(str(error).replace(sent.url, request.url)) from error
        if "download_latency" in sent.meta:  # AutoThrottle reads it from the request it knows
            request.meta["download_latency"] = sent.meta["download_latency"]
        return type(got)(
            url=request.url,
            status=got.status,
            headers=got.headers,
            body=got.body,
            flags=got.flags,
            ip_address=got.ip_address,
            protocol=got.protocol,
        )


def _blocked(host: str) -> str:
    """Why the resolver refused `host`, "" when it did not."""
    from twisted.internet import reactor

    resolver = getattr(reactor, "nameResolver", None)
    return resolver.blocked.get(host.lower(), "") if isinstance(resolver, GuardResolver) else ""


def _tls_failure(error: DownloadFailedError) -> str:
    """What was wrong with the certificate or the handshake, "" when the failure is another one."""
    for cause in _causes(error.__cause__):
        if isinstance(cause, VerificationError):
            return "the certificate is for another host"
        if isinstance(cause, SslError):
            parts = cause.args[0] if cause.args and isinstance(cause.args[0], list) else ()
            return ", ".join(str(part[-1]) for part in parts)[:300] or f"{type(cause).__name__}: {cause}"[:300]
    return ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    if error is None:
        return
    yield error
    for reason in getattr(error, "reasons", None) or ():
        yield from _causes(reason.value)
