"""Keeps secrets out of the log, whoever writes to it.

Libraries log headers, addresses and whole exceptions; a provider key in one of them would stand in the log
for as long as logs are kept. The filter sits on the handler, so that it sees what every logger says, and it
works on the finished text, so that it does not matter whether a secret came as the message, as an argument,
in a traceback or in the text of an exception.
"""

from __future__ import annotations

import logging
import re

MASK = "***"

# From a name to its value, as in a header, a form, JSON, a dict or a list of pairs.
_TO_VALUE = r"""(?:["']?\s*[:=]\s*|["'],\s*)(?:b(?=["']))?["']?"""

# No pattern may look at the same text again and again: a log line can be as long as an upstream likes.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Headers whose whole value is secret, up to the closing quote or the end of the line.
    (
        re.compile(
            rf"""(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|api-key)({_TO_VALUE})[^"'\r\n]+""",
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]{6,}"), rf"\1{MASK}"),
    # "Basic" is also a word of English: only what is long enough for a name and a password.
    (re.compile(r"\b((?i:basic)\s+)(?=[A-Za-z0-9+/]*[0-9A-Z])[A-Za-z0-9+/]{12,}={0,2}"), rf"\1{MASK}"),
    # Keys that say by their first letters what they are.
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
    # An invitation's link is the right to join.
    (re.compile(r"(/join/)[^/\s?\"']+"), rf"\1{MASK}"),
)


def redact(text: str) -> str:
    """Replace whatever looks like a secret with three stars.

    >>> redact("Authorization: Bearer abcdef123456")
    'Authorization: ***'
    >>> redact("GET /models?api_key=abc&limit=5")
    'GET /models?api_key=***&limit=5'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


class RedactSecrets(logging.Filter):
    """Rewrites each record in place: later handlers, too, get the text without secrets."""

    _formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(_message(record)), None
        if record.exc_info:
            # A formatter uses this text where there is one, and does not look at the exception again.
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
        # Otherwise logging would print the arguments as they are, beside its own traceback.
        return f"(a message that could not be formatted, from {record.pathname}:{record.lineno})"
