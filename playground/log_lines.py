"""A filter that makes one understandable line of a refused request and of an outage.

Django logs a request for another host as an error with its traceback. Strangers send such requests all day,
and for an operator the name of the setting is what helps.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError

from playground.outages import outage_of

# A header can be as long as the server accepts.
_LONGEST, _LONGEST_LINE = 100, 1000
_REFUSED = (BadRequest, MultiPartParserError, PermissionDenied, SuspiciousOperation)


class OneLine(logging.Filter):
    """A filter that rewrites Django's records in place."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django."):
            error = record.exc_info[1] if record.exc_info else None
            if isinstance(error, DisallowedHost):
                _warn(record, _wrong_host(record))
            elif isinstance(error, _REFUSED):
                _warn(record, record.getMessage())
            elif record.name == "django.security.csrf" and "checking failed" in record.getMessage():
                _warn(record, f"{record.getMessage()}. {wrong_origin()}")
            elif outage := outage_of(error):
                _rewrite(record, f"{outage.log}: {error} ({record.getMessage()})")
        return True


def wrong_origin() -> str:
    """Say which settings decide about the origin of forms and websockets."""
    return (
        f"PUBLIC_ORIGIN is {settings.PUBLIC_ORIGIN}: set it to the address that browsers use. If a proxy "
        "ends TLS, set BEHIND_PROXY too."
    )


def _wrong_host(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    host = "" if request is None else str(request.META.get("HTTP_HOST", ""))
    return (
        f"Host {host[:_LONGEST]!r} is not in ALLOWED_HOSTS: PUBLIC_ORIGIN is {settings.PUBLIC_ORIGIN}. "
        "Set it to the address that browsers use; a proxy in front must pass the Host header on."
    )


def _warn(record: logging.LogRecord, message: str) -> None:
    record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
    _rewrite(record, message)


def _rewrite(record: logging.LogRecord, message: str) -> None:
    # A message of several lines would be several entries.
    record.msg, record.args = " ".join(message.split())[:_LONGEST_LINE], None
    record.exc_info = record.exc_text = None
