"""The two variables about outgoing mail. Like ``playground.env``, this refuses what it cannot read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_HOST = re.compile(r"[a-z0-9._:-]+")


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    # Whether the connection is encrypted from the start, or after a greeting in plain text.
    is_tls: bool
    is_starttls: bool


def read_mail_server(name: str, raw: str) -> MailServer | None:
    """Read the address of a mail server, such as ``smtp+tls://user:password@host:587``, from a variable."""
    if not raw:
        return None
    try:
        parts = urlsplit(raw)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_whole = parts.scheme in _MAIL_PORTS and _HOST.fullmatch(parts.hostname or "")
    # No message quotes the address, and none is chained to an error that does: it contains a password.
    if not is_whole or parts.path not in {"", "/"} or parts.query or parts.fragment or port == 0:
        raise ImproperlyConfigured(
            f"{name} must be like smtp+tls://user:password@host:587, or start with smtps:// or smtp://. "
            "A user name or password with special characters must be percent-encoded."
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ImproperlyConfigured(f"{name} needs both a user and a password, or neither.")
    return MailServer(
        str(parts.hostname),
        port or _MAIL_PORTS[parts.scheme],
        user,
        password,
        is_tls=parts.scheme == "smtps",
        is_starttls=parts.scheme == "smtp+tls",
    )


def read_sender(name: str, raw: str) -> str:
    """Read the sender of mails from a variable: an address, or a name with an address in angle brackets."""
    if not raw:
        return ""
    try:
        if not raw.isprintable():
            raise ValidationError("A line break would add headers.")
        validate_email(parseaddr(raw)[1])
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"{name} must be an address like playground@example.com or Playground <playground@example.com>."
        ) from error
    return raw
