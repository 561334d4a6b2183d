"""What became of a request and of a source, in names: exceptions to row states, counters to a ledger line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scrapy import exceptions
from scrapy.spidermiddlewares.httperror import HttpError

from harvester.crawl import words
from harvester.crawl.redact import redact
from harvester.errors import ParseFailed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

# Decisions of ours or answers of theirs that a complete crawl is full of: nobody has to be told to look.
_NO_ERROR: Final = frozenset({
    "ok", "not_modified", "gone", "soft_404", "robots", "terms", "blocked_address", "bad_link", "not_html",
})  # fmt: skip
_BY_TYPE: Final = (
    (exceptions.DownloadTimeoutError, "timeout"),
    (exceptions.CannotResolveHostError, "dns_error"),
    (exceptions.ResponseDataLossError, "truncated"),
    (exceptions.DownloadCancelledError, "too_large"),
    (exceptions.UnsupportedURLSchemeError, "bad_link"),
    (exceptions.NotSupported, "bad_link"),
    (exceptions.DownloadConnectionRefusedError, "connection_error"),
    (exceptions.DownloadFailedError, "connection_error"),
    (OSError, "connection_error"),
)
_GONE = frozenset({404, 410})
_UNAUTHORIZED = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a lease ends.

    state    row state; `todo` = asked again in the next run, `unarchived` = an offline run has no copy
    reason   one of `harvester.model.FETCH_STATES`
    """

    state: str
    reason: str
    detail: str = ""
    http_status: int | None = None
    error: bool = True


def of_failure(error: BaseException, policy: str = "page") -> Outcome:
    """The outcome of a request that got no usable answer, from the exception that says so."""
    if isinstance(error, HttpError):
        return _of_status(error.response.status, policy)
    for cause in _causes(error):
        if (state := getattr(cause, "state", "")) and isinstance(state, str):
            return _named(cause, "not_a_feed" if (policy, state) == ("feed", "not_html") else state)
    detail = redact(f"{type(error).__name__}: {error}")[:300]
    if isinstance(error, exceptions.IgnoreRequest):
        loop = "redirection" in str(error)
        return Outcome(
            state="failed" if loop else "refused", reason="redirect_loop" if loop else "budget", detail=detail
        )
    reason = next((name for kind, name in _BY_TYPE if isinstance(error, kind)), "connection_error")
    if reason == "connection_error" and _is_tls(error):
        reason = "tls_error"
    return Outcome(state="refused" if reason == "bad_link" else "failed", reason=reason, detail=detail)


def _named(error: BaseException, state: str) -> Outcome:
    detail = redact(str(getattr(error, "detail", "") or ""))[:300]
    if state in ("rate_limited", "unarchived"):
        kept = "todo" if state == "rate_limited" else state
        return Outcome(state=kept, reason=state, detail=detail, error=state == "rate_limited")
    if state == "soft_404":  # a 404 in all but its status
        return Outcome(state="done", reason=state, detail=detail, error=False)
    again = bool(getattr(error, "again", isinstance(error, ParseFailed)))
    return Outcome(
        state="failed" if again else "refused", reason=state, detail=detail, error=again or state not in _NO_ERROR
    )


def _of_status(status: int, policy: str) -> Outcome:
    if status in _GONE:
        return Outcome(state="done", reason="gone", http_status=status, error=policy == "api")
    if policy == "api" and status in _UNAUTHORIZED:
        return Outcome(state="failed", reason="unauthorized", detail=f"HTTP {status}", http_status=status)
    return Outcome(state="failed", reason="http_error", detail=f"HTTP {status}", http_status=status)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    if error is None:
        return
    yield error
    for reason in getattr(error, "reasons", None) or ():
        yield from _causes(getattr(reason, "value", None))
    yield from _causes(error.__cause__)


def _is_tls(error: BaseException) -> bool:
    return any(type(cause).__module__.startswith(("OpenSSL", "service_identity")) for cause in _causes(error))


def ledger_line(
    counts: Mapping[str, Any], finish: str, *, waiting: int = 0, until: str = "", cut: Collection[str] = (),
    nothing: str = "", odd: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Status and reason of a source in a run.

    counts   stats `harvester/...`: done, errors, requests, found, new, state/<name>
    finish   Scrapy's reason for closing
    waiting  requests kept for a host that asked us to come back, the first at `until`
    cut      why questions were not read to their end
    nothing  why the source had nothing to ask for, "" when it had
    odd      a warning, which is no failure
    """
    done, errors = int(counts.get("done", 0)), int(counts.get("errors", 0))
    named = {name.removeprefix("state/"): n for name, n in counts.items() if name.startswith("state/")}
    most_first = sorted(named.items(), key=lambda i: (-i[1], i[0]))
    reasons = [*dict.fromkeys(cut), *(words.counted(n, name) for name, n in most_first if name not in _QUIET)]
    if drift := words.changed({name.removeprefix("drift/"): n for name, n in counts.items() if name[:6] == "drift/"}):
        reasons.append(drift)
    if odd:
        reasons.append(odd)
    if until:
        reasons.append(words.waiting(waiting, until))
    stopped = _STOPPED.get(finish, "" if finish == "finished" else finish)
    if not stopped and counts.get("budget"):
        stopped = "page budget used up"
    if not stopped and counts.get("month"):
        stopped = "the month's requests are used up"
    if stopped:
        reasons.insert(0, stopped)
    if fatal := counts.get("fatal"):
        reasons.insert(0, str(fatal))
    truncated = bool(stopped or (until and waiting) or cut)
    if fatal or finish == "start_error" or (errors and not done):
        status = "failed"
    elif errors or stopped or cut:
        status = "partial"
    elif not done and (reasons or nothing):
        status = "skipped"
        reasons = reasons or [nothing]
    else:
        status = "partial" if truncated else "ok"
    return {"status": status, "reason": "; ".join(reasons), "truncated": int(truncated)}


INTERRUPTED: Final = "interrupted"
_QUIET = frozenset({"ok", "not_modified"})
_STOPPED = {
    "closespider_timeout": "deadline",
    "closespider_pagecount": "page budget used up",
    "memusage_exceeded": "memory limit reached",
    "shutdown": INTERRUPTED,
}
