"""No credential in any log, message or row: known values in every spelling, and what looks like one."""

from __future__ import annotations

import base64
import copy
import logging
import os
import re
import traceback
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HIDDEN: Final = "[hidden]"
_SHORTEST = 6  # a shorter value would be found in ordinary words
# Modules that print requests, headers or ten lines a page below WARNING.
_LOUD: Final = (
    "asyncio", "charset_normalizer", "chardet", "dateparser", "filelock", "htmldate", "oauthlib", "requests",
    "requests_oauthlib", "scrapy.core.downloader.contextfactory", "trafilatura", "tweepy", "urllib3",
    "readability", "courlan", "protego", "scrapy.addons", "scrapy.middleware", "twisted",
)  # fmt: skip
_PATTERNS: Final = re.compile(
    r"((?:\bauthorization|\bcookie|\bx-api-key|\bx-goog-api-key)[\"']?\s*[:=]\s*\[?(?:b?[\"'])?)(?:(?:bearer|basic|token)\s+)?[^\s\"',\]}]+"
    r"|(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/%=-]{8,}"
    r"|([?&](?:api_?key|key|(?:access_|auth_)?token|client_secret|secret|password|appid)=)[^&\s\"'<>]+",
    re.IGNORECASE,
)
_known: list[str] = []


def know(values: Iterable[str]) -> None:
    """Hide these values from now on, also URL-encoded and in base64."""
    found = {spelling for value in values if len(value) >= _SHORTEST for spelling in _spellings(value)}
    _known[:] = sorted(found.union(_known), key=len, reverse=True)


def know_environment(names: Iterable[str]) -> None:
    """Hide the values of these environment variables."""
    know(os.environ.get(name, "").strip() for name in names)


def _spellings(value: str) -> Iterator[str]:
    yield value
    yield from {quote(value, safe=""), quote(value), quote_plus(value)}
    raw = value.encode()
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
    for offset in (1, 2):  # inside a longer base64 text, as in `Basic`, it begins at one of three places
        yield base64.b64encode(b"\0" * offset + raw).decode()[4 : (offset + len(raw)) // 3 * 4]


def hide(text: str) -> str:
    """`text` without the values that are known to be credentials."""
    for value in _known:
        if value in text:
            text = text.replace(value, HIDDEN)
    return text


def redact(text: str) -> str:
    """`text` without known credentials and without what looks like one."""
    text = hide(text)
    return _PATTERNS.sub(lambda match: "".join(group or "" for group in match.groups()) + HIDDEN, text)


class RedactingFormatter(logging.Formatter):
    """Formats as another formatter does, then hides credentials, in tracebacks too, and control characters.

    The message itself stays one line, and so does that of an exception, whatever a stranger's title or address holds.
    """

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, and the traceback if there is one."""
        record = copy.copy(record)
        record.msg, record.args = record.getMessage().replace("\n", "\\n"), None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = _told(traceback.TracebackException(*record.exc_info))
        return _CONTROL.sub(_escaped, redact(self._inner.format(record)))


def _told(error: traceback.TracebackException) -> str:
    """As Python prints it, but what an exception says on one line: its words may be a stranger's and fake log lines."""
    parts = (part.strip("\n") for part in error.format())
    return "\n".join(part if part.startswith(_FRAMES) else part.replace("\n", "\\n") for part in parts)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


_FRAMES: Final = ("  File", "Traceback", "  |", "  +")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")


def install() -> None:
    """Put the formatter on every handler of the root logger and quieten loud libraries. Safe to repeat."""
    for handler in logging.getLogger().handlers:
        inner = handler.formatter or logging.Formatter()
        if not isinstance(inner, RedactingFormatter):
            handler.setFormatter(RedactingFormatter(inner))
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
