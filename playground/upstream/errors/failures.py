"""The reading of error bodies, in every shape seen, into one sentence for people and the upstream's words."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.errors.delays import asked_delay
from playground.upstream.errors.embedded import embedded_json
from playground.upstream.errors.exceptions import AnsweredWithError, FailureKind, UpstreamError
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_WORDS = 400
MAX_DETAIL = 4_000

# The first sentence of every message of such a failure.
HEADLINES = {
    FailureKind.UNAUTHORISED: "The provider did not accept the API key.",
    FailureKind.FORBIDDEN: "The provider refused this: no credits left, or no permission.",
    FailureKind.NOT_FOUND: "The provider does not know this model or address.",
    FailureKind.RATE_LIMITED: "The provider asks us to slow down.",
    FailureKind.BAD_REQUEST: "The provider did not accept the request.",
    FailureKind.SERVER: "The provider had an error.",
    FailureKind.OVERLOADED: "The provider is overloaded or down for the moment.",
    FailureKind.REDIRECTED: "The provider sent us to another address. Check its base URL.",
    FailureKind.IN_STREAM: "The provider broke off with an error.",
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
# Keys that hold the words for people, the most informative first.
_WORD_KEYS = ("message", "error", "detail", "msg", "error_description", "title", "reason", "errors", "issues")
_MAX_DEPTH = 6

# The pattern stops at the next tag: a page of nothing but beginnings would take quadratic time.
_TITLE = re.compile(r"<title[^<>]*>(.{0,500}?)</title>", re.DOTALL | re.IGNORECASE)
_KEYS_IN_TEXT = re.compile(r"\b(?:sk|key|pk)-[\w*-]{8,}|(?<=Bearer )[\w.*~+/=-]{8,}", re.ASCII)


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
        words = _words(found)
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
        _words(found),
        status=status,
        request_id=request_id or _request_id(found),
        raw=raw,
        retry_after=asked_delay(found),
    )


def is_error_object(found: dict[str, Any]) -> bool:
    """Return whether JSON without choices is an error; ``error: null`` and the like are not."""
    if found.get("error") or found.get("object") == "error" or found.get("type") == "error":
        return True
    if "choices" in found:
        return False
    has_words = bool(found.get("message") or found.get("detail") or found.get("errors"))
    return has_words and not {"usage", "meta"} & found.keys()


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
        message = f"{message} Try again in {_in_words(seconds)}."
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


def retry_after(headers: Mapping[str, str]) -> str:
    """Return the delay that the headers ask for, as ``Retry-After`` would state it."""
    milliseconds = headers.get("retry-after-ms", "").strip()
    if milliseconds.isascii() and milliseconds.isdigit():
        return str(int(milliseconds[:9]) / 1000)
    return headers.get("retry-after", "")


def seconds_of(retry_after: str) -> float | None:
    """Return seconds or an HTTP date as seconds from now; None for anything else.

    >>> seconds_of("7"), seconds_of("0.5"), seconds_of("soon"), seconds_of("-1")
    (7.0, 0.5, None, None)
    """
    text = retry_after.strip()[:40]
    if re.fullmatch(r"\d{1,9}(\.\d*)?", text, re.ASCII):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # OverflowError means a time zone offset beyond the range of the calendar.
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _in_words(seconds: float) -> str:
    """
    >>> _in_words(0.2), _in_words(90), _in_words(600), _in_words(7200)
    ('1 s', '90 s', '10 minutes', '2 hours')
    """
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} minutes" if seconds < 7200 else f"{round(seconds / 3600)} hours"


def read_page(text: str) -> str:
    """Return the title of a web page, or a text as it is."""
    if not text.startswith("<"):
        return text
    title = _TITLE.search(text)
    return html.unescape(title[1]).strip() if title else "It answered with a web page."


def without_secret(error: UpstreamError, secret: str) -> UpstreamError:
    return UpstreamError(
        error.kind,
        without_keys(error.message, secret),
        status=error.status,
        request_id=without_keys(error.request_id, secret),
        detail=without_keys(error.detail, secret),
        retry_after=error.retry_after,
    )


def without_keys(text: str, secret: str = "") -> str:
    """Replace keys in the text: upstreams often quote the key that they refuse."""
    if secret:
        text = _without_cut_key(text.replace(secret, "[key]"), secret)
    return _KEYS_IN_TEXT.sub("[key]", text)


# Fewer characters of a key than this reveal nothing.
_TELLING = 4


def _without_cut_key(text: str, secret: str) -> str:
    """Replace the rest of a key where the text was shortened in the middle of it."""
    *cut, last = text.split("…")
    for number, part in enumerate(cut):
        lengths = range(len(secret) - 1, _TELLING, -1)
        left = next((length for length in lengths if part.endswith(secret[:length])), 0)
        if left:
            cut[number] = f"{part[:-left]}[key]"
    return "…".join((*cut, last))


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _words(found: object, depth: int = 0) -> str:
    """Return the innermost message: errors nest, as objects and as JSON inside strings."""
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(found, str):
        return _words_in_text(found, depth)
    if isinstance(found, list):
        parts = [_words(item, depth + 1) for item in found[:5]]
        return "; ".join(part for part in parts if part)
    if not isinstance(found, dict):
        return ""
    for key in _WORD_KEYS:
        words = _words(found.get(key), depth + 1)
        if words:
            return _with_place(words, found) + _quoted_provider(found, words, depth)
    return ""


def _words_in_text(text: str, depth: int) -> str:
    """Return the message of an error that the text holds as JSON: ``400 {"error": {"message": …}}``."""
    return _words(embedded_json(text), depth + 1) or text.strip()


def _with_place(words: str, found: dict[str, Any]) -> str:
    """Prefix the place that FastAPI and zod name: ``{"loc": ["body", "top_p"], "msg": …}``."""
    place = found.get("loc") or (found.get("path") if isinstance(found.get("path"), list) else None)
    if isinstance(place, list) and place:
        return f"{'.'.join(str(step) for step in place)}: {words}"
    return words


def _quoted_provider(found: dict[str, Any], words: str, depth: int) -> str:
    """Return the words of the provider behind OpenRouter, which are under ``metadata.raw``."""
    metadata = found.get("metadata")
    raw = _words(metadata.get("raw"), depth + 1) if isinstance(metadata, dict) else ""
    return f" ({raw})" if raw and raw not in words else ""


def _status(found: object) -> int | None:
    """Return a status (number or text, at the top or in ``error``), else that of the type's word."""
    if not isinstance(found, dict):
        return None
    inner = found.get("error")
    layers = [layer for layer in (found, inner) if isinstance(layer, dict)]
    for layer in layers:
        for key in ("statusCode", "status_code", "status", "code"):
            value = layer.get(key)
            if isinstance(value, str) and value.isdecimal() and len(value) == 3:
                value = int(value)
            if type(value) is int and 400 <= value < 600:
                return value
    return _word_status(found)


def _word_status(found: object) -> int | None:
    """Return the status that the error's type or code stands for."""
    inner = found.get("error") if isinstance(found, dict) else None
    layers = [layer for layer in (found, inner) if isinstance(layer, dict)]
    words = [layer.get(key) for layer in layers for key in ("code", "type")]
    return next((_BY_WORD[word] for word in words if isinstance(word, str) and word in _BY_WORD), None)


def _request_id(found: object) -> str:
    if not isinstance(found, dict):
        return ""
    for key in ("requestId", "request_id"):
        value = found.get(key)
        if isinstance(value, str):
            return value[:128]
    return ""
