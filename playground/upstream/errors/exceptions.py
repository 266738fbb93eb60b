"""What can go wrong between us and an upstream.

::

    UpstreamError                    carries kind, status, request id and the upstream's own words
    ├── NotConnected                 no bytes went out: name, address, TLS or socket
    │   └── AddressRefused           our own guard said no
    ├── TookTooLong                  one of the four clocks ran out
    ├── AnsweredWithError            a status of 400 and above, or an error where an answer should be
    ├── BrokenAnswer                 bytes came that are not an answer, or stopped coming
    │   └── EventTooLarge            one server-sent event outgrew its limit; lives with the parser
    ├── EndpointNotSupported         no normaliser for this kind of endpoint
    └── KeyUnreadable                the stored key could not be opened

``kind`` is what code decides by; ``message`` is one sentence for people; ``detail`` holds the
upstream's own words. None of them ever holds a key.
"""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    # Before the request was out.
    CONNECT = "connect"
    BAD_ADDRESS = "bad_address"
    DNS = "dns"
    TLS = "tls"
    REFUSED_ADDRESS = "refused_address"
    NOT_SUPPORTED = "not_supported"
    # The clocks.
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_FIRST_TOKEN = "timeout_first_token"  # noqa: S105 - a clock, not a secret
    TIMEOUT_IDLE = "timeout_idle"
    TIMEOUT_TOTAL = "timeout_total"
    # What the upstream answered.
    BAD_REQUEST = "bad_request"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    SERVER = "server"
    OVERLOADED = "overloaded"
    REDIRECTED = "redirected"
    IN_STREAM = "in_stream"
    # What the answer was like.
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    CUT = "cut"
    # Ours.
    INTERNAL = "internal"


class UpstreamError(Exception):
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
        # Seconds, where the upstream named a time.
        self.retry_after = retry_after


class NotConnected(UpstreamError):
    pass


class AddressRefused(NotConnected):
    def __init__(self, host: str, detail: str = "") -> None:
        super().__init__(
            FailureKind.REFUSED_ADDRESS,
            f"{host} is on a private network. An administrator of this server has to allow it.",
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
            "The stored API key cannot be opened any more. Store it again.",
        )
