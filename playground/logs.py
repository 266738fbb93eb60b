"""A filter that removes secrets from the log.

Libraries log headers, addresses and whole exceptions, any of which may contain a provider key. The filter
is attached to the handler, so it sees the records of every logger. It works on the formatted text, so it
finds secrets in messages, arguments, tracebacks and exceptions.
"""

from __future__ import annotations

import logging
import re

MASK = "***"

# The characters between a name and its value in a header, a form, JSON, a dict or a list of pairs.
_TO_VALUE = r"""(?:["']?\s*[:=]\s*|["'],\s*)(?:b(?=["']))?["']?"""

# No pattern may backtrack: an upstream decides how long a log line is.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Headers whose whole value is secret, up to the closing quote or the end of the line.
    (
        re.compile(
            rf"""(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|api-key)({_TO_VALUE})[^"'\r\n]+""",
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]{6,}"), rf"\1{MASK}"),
    # "Basic" is also an English word, so the credentials must be long enough for a name and a password.
    (re.compile(r"\b((?i:basic)\s+)(?=[A-Za-z0-9+/]*[0-9A-Z])[A-Za-z0-9+/]{12,}={0,2}"), rf"\1{MASK}"),
    # Keys with a known prefix.
    (re.compile(r"\b(sk|pk|rk|gsk|xai|hf|ghp|gho)([-_])[A-Za-z0-9_-]{8,}"), rf"\1\2{MASK}"),
    (re.compile(r"\b(AIza)[\w-]{20,}"), rf"\1{MASK}"),
    (re.compile(r"(?<![\w-])(eyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), rf"\1{MASK}"),
    # Values whose name says that they are secret: queries, forms, JSON, cookies.
    (
        re.compile(
            r"(?i)(?<![a-z])(api[_-]?key|secret(?:[_-]key)?|passw(?:or)?d\d?|token|sessionid|csrftoken|"
            rf"""csrfmiddlewaretoken|signature|vault_keys)({_TO_VALUE})[^\s"'&;,)}}\]]+"""
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?i)([?&;](?:key|sig|code|auth)=)[^&\s\"'#;]+"), rf"\1{MASK}"),
    # The user part of an address, e.g. of a database.
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}://)[^/\s@\"']+@"), rf"\1{MASK}@"),
    # The link of an invitation lets its reader join, one for a new password lets them sign in, and a public
    # one lets them read.
    (re.compile(r"(/(?:join|reset|public)/)[^/\s?\"']+"), rf"\1{MASK}"),
)


def redact(text: str) -> str:
    """Replace everything that looks like a secret with three stars.

    >>> redact("Authorization: Bearer abcdef123456")
    'Authorization: ***'
    >>> redact("GET /models?api_key=abc&limit=5")
    'GET /models?api_key=***&limit=5'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


class RedactSecrets(logging.Filter):
    """A filter that rewrites records in place, so later handlers get them without secrets too."""

    _formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(_message(record)), None
        if record.exc_info:
            # Formatters use this text, if there is one, instead of the exception.
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError, IndexError):
        # If the error went on, logging would print the raw arguments with its own traceback.
        return f"(a message that could not be formatted, from {record.pathname}:{record.lineno})"
