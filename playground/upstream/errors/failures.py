"""The reading of error bodies, in every shape seen, into one sentence for people and the upstream's words."""

from __future__ import annotations

from typing import Any

import msgspec

from playground.upstream.errors.delays import asked_delay, in_words, seconds_of
from playground.upstream.errors.envelopes import code_in_words, layers
from playground.upstream.errors.exceptions import AnsweredWithError, FailureKind
from playground.upstream.errors.messages import message_of, read_page
from playground.upstream.errors.redaction import without_keys
from playground.upstream.storable import storable

MAX_WORDS = 400
MAX_DETAIL = 4_000

# The first sentence of every message of such a failure.
HEADLINES = {
    FailureKind.UNAUTHORISED: "The provider did not accept the API key.",
    FailureKind.FORBIDDEN: "The provider refused this: no credits left, or no permission.",
    FailureKind.NOT_FOUND: "The provider does not know this model or address.",
    FailureKind.RATE_LIMITED: "The provider received too many requests.",
    FailureKind.BAD_REQUEST: "The provider did not accept the request.",
    FailureKind.SERVER: "The provider had an error.",
    FailureKind.OVERLOADED: "The provider is overloaded or down for the moment.",
    FailureKind.REDIRECTED: "The provider sent us to another address. Check its base URL.",
    FailureKind.IN_STREAM: "The provider ended the answer with an error.",
    FailureKind.MALFORMED: "The provider's answer could not be understood.",
}
# Our sentence is enough here; the upstream's would only name its own web pages.
_SPEAKS_FOR_ITSELF = {FailureKind.UNAUTHORISED, FailureKind.REDIRECTED}

_BY_STATUS = {
    401: FailureKind.UNAUTHORISED,
    402: FailureKind.FORBIDDEN,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.NOT_FOUND,
    408: FailureKind.OVERLOADED,
    410: FailureKind.NOT_FOUND,
    429: FailureKind.RATE_LIMITED,
    502: FailureKind.OVERLOADED,
    503: FailureKind.OVERLOADED,
    504: FailureKind.OVERLOADED,
    529: FailureKind.OVERLOADED,
}
# The words that errors without a status use: OpenAI's, Anthropic's and OpenRouter's types and codes.
_BY_WORD = {
    "authentication_error": 401,
    "invalid_api_key": 401,
    "permission_error": 403,
    "insufficient_quota": 403,
    "billing_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "invalid_request_error": 400,
    "overloaded_error": 529,
    "server_error": 500,
    "api_error": 500,
}


def kind_of_status(status: int) -> FailureKind:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return FailureKind.SERVER
    return FailureKind.REDIRECTED if status < 400 else FailureKind.BAD_REQUEST


def read_error_body(
    status: int, body: bytes, *, request_id: str = "", retry_after: str = ""
) -> AnsweredWithError:
    """Read the body of an error status: JSON, HTML, text or nothing."""
    text = body.decode("utf-8", "replace").strip()
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    kind = kind_of_status(status)
    if isinstance(found, dict | list):
        retry_after = retry_after or asked_delay(found)
        request_id = request_id or _request_id(found)
        words = _with_code(message_of(found), found)
        if status == 429 and _word_status(found) == 403:
            # OpenAI answers 429 when the account has no credit left, so a retry cannot help.
            kind = FailureKind.FORBIDDEN
    else:
        words = read_page(text)
    return compose(kind, words, status=status, request_id=request_id, raw=text, retry_after=retry_after)


def read_error_object(found: object, *, request_id: str = "") -> AnsweredWithError:
    """Read an error in place of an answer: in the stream, or under a status of 200."""
    status = _status(found)
    kind = kind_of_status(status) if status and status >= 400 else FailureKind.IN_STREAM
    raw = found if isinstance(found, str) else msgspec.json.encode(found).decode()
    return compose(
        kind,
        _with_code(message_of(found), found),
        status=status,
        request_id=request_id or _request_id(found),
        raw=raw,
        retry_after=asked_delay(found),
    )


def not_understood(odd: object, *, status: int | None = None, request_id: str = "") -> AnsweredWithError:
    """Return the failure of an answer of which nothing could be read.

    ``odd`` is what came of it, as text or as JSON; None if the answer was empty.
    """
    kind = FailureKind.MALFORMED
    if odd is None:
        return AnsweredWithError(
            kind, f"{HEADLINES[kind]} It was empty.", status=status, request_id=request_id
        )
    raw = odd.strip() if isinstance(odd, str) else msgspec.json.encode(odd).decode()
    # Broken JSON is shown below; it is no sentence.
    words = "" if isinstance(odd, str) and raw.startswith(("{", "[")) else message_of(_page(odd))
    return compose(kind, words, status=status, request_id=request_id, raw=raw)


def _page(odd: object) -> object:
    return read_page(odd.strip()) if isinstance(odd, str) else odd


def compose(
    kind: FailureKind,
    words: str,
    *,
    status: int | None = None,
    request_id: str = "",
    raw: str = "",
    retry_after: str = "",
) -> AnsweredWithError:
    message = HEADLINES[kind]
    words = without_keys(" ".join(storable(words).split()))
    if words and kind not in _SPEAKS_FOR_ITSELF:
        message = f"{message} {_shortened(words, MAX_WORDS)}"
    seconds = seconds_of(retry_after)
    if seconds is not None:
        message = message if message.endswith((".", "!", "?", "…")) else f"{message}."
        message = f"{message} Try again in {in_words(seconds)}."
    raw = without_keys(storable(raw))
    # The whole body says more than its innermost message, unless they are equal.
    detail = words if not raw or raw == words else raw
    return AnsweredWithError(
        kind,
        message,
        status=status,
        request_id=storable(request_id),
        detail=_shortened(detail, MAX_DETAIL),
        retry_after=seconds,
    )


def _with_code(words: str, found: object) -> str:
    code = code_in_words(found)
    if not code or code in words:
        return words
    return f"{words} ({code})" if words else f"Its code is {code}."


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _status(found: object) -> int | None:
    """Return a status (number or text, at the top or in ``error``), else that of the type's word."""
    if not isinstance(found, dict):
        return None
    for layer in layers(found):
        for key in ("statusCode", "status_code", "status", "code"):
            value = layer.get(key)
            if isinstance(value, str) and value.isdecimal() and len(value) == 3:
                value = int(value)
            if type(value) is int and 400 <= value < 600:
                return value
    return _word_status(found)


def _word_status(found: object) -> int | None:
    """Return the status that the error's type or code stands for."""
    words = [layer.get(key) for layer in layers(found) for key in ("code", "type")]
    return next((_BY_WORD[word] for word in words if isinstance(word, str) and word in _BY_WORD), None)


def _request_id(found: object) -> str:
    if not isinstance(found, dict):
        return ""
    for key in ("requestId", "request_id"):
        value = found.get(key)
        if isinstance(value, str):
            return value[:128]
    return ""
