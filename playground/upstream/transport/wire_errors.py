"""The translation of httpcore's errors."""

from __future__ import annotations

import ssl

import httpcore

from playground.upstream.errors.exceptions import (
    BrokenAnswer,
    FailureKind,
    NotConnected,
    TookTooLong,
    UpstreamError,
)

WIRE_ERRORS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def translated(error: Exception, host: str) -> UpstreamError:
    detail = str(error)
    if isinstance(error, httpcore.ConnectTimeout):
        return TookTooLong(
            FailureKind.TIMEOUT_CONNECT, f"{host} could not be reached in time.", detail=detail
        )
    if isinstance(error, httpcore.ConnectError):
        if _has_cause(error, ssl.SSLError):
            return NotConnected(
                FailureKind.TLS, f"No secure connection to {host} could be made.", detail=detail
            )
        return NotConnected(FailureKind.CONNECT, f"{host} could not be reached.", detail=detail)
    if isinstance(error, httpcore.ProtocolError) and "disconnect" not in detail and "closed" not in detail:
        return BrokenAnswer(FailureKind.MALFORMED, f"{host} did not answer in valid HTTP.", detail=detail)
    return cut(detail)


def cut(detail: str) -> BrokenAnswer:
    return BrokenAnswer(
        FailureKind.CUT, "The connection to the provider broke before the answer was complete.", detail=detail
    )


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
