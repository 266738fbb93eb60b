"""Errors of a call to a provider; ``playground.exceptions`` draws the tree.

``kind`` is what code decides by; ``message`` is one sentence for people; ``detail`` holds the
provider's own words. None of them ever holds a key.
"""

from __future__ import annotations

from enum import StrEnum

from playground.exceptions import PlaygroundError


class FailureKind(StrEnum):
    # Failures before the request was sent.
    CONNECT = "connect"
    BAD_ADDRESS = "bad_address"
    DNS = "dns"
    TLS = "tls"
    REFUSED_ADDRESS = "refused_address"
    NOT_SUPPORTED = "not_supported"
    # Time limits.
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_FIRST_TOKEN = "timeout_first_token"  # noqa: S105 - a clock, not a secret
    TIMEOUT_IDLE = "timeout_idle"
    TIMEOUT_TOTAL = "timeout_total"
    # Answers with an error.
    BAD_REQUEST = "bad_request"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    SERVER = "server"
    OVERLOADED = "overloaded"
    REDIRECTED = "redirected"
    IN_STREAM = "in_stream"
    # Answers that cannot be used.
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    CUT = "cut"
    # Errors of this application.
    INTERNAL = "internal"


class UpstreamError(PlaygroundError):
    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        status: int | None = None,
        request_id: str = "",
        detail: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status = status
        self.request_id = request_id
        self.detail = detail
        # Seconds, if the provider named a time.
        self.retry_after = retry_after


class NotConnected(UpstreamError):
    pass


class AddressRefused(NotConnected):
    """``addresses`` are the numeric ones that the host has, none of which is permitted."""

    def __init__(self, host: str, detail: str = "", addresses: tuple[str, ...] = ()) -> None:
        self.addresses = addresses
        super().__init__(
            FailureKind.REFUSED_ADDRESS,
            f"{host} is on a private network. Ask the person who runs this server to allow it.",
            detail=detail,
        )


class TookTooLong(UpstreamError):
    pass


class AnsweredWithError(UpstreamError):
    pass


class BrokenAnswer(UpstreamError):
    pass


class EndpointNotSupported(UpstreamError):
    def __init__(self, endpoint: str) -> None:
        super().__init__(
            FailureKind.NOT_SUPPORTED,
            f"Answers from the endpoint “{endpoint}” cannot be read yet.",
        )


class KeyUnreadable(UpstreamError):
    def __init__(self) -> None:
        super().__init__(
            FailureKind.INTERNAL,
            "The stored API key can no longer be decrypted. Add it again.",
        )
