"""Typed reading of environment variables.

Every helper refuses what it cannot read: a mistyped setting stops the start instead of
quietly meaning its default.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """Read a variable; return the default if it is unset, or empty as in compose files."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    raw = text(name).lower()
    if not raw:
        return default
    if raw in _TRUE:
        return True
    if raw in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be one of true or false, not {raw!r}.")


def number(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from error
    if value < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {value}.")
    if maximum is not None and value > maximum:
        raise ImproperlyConfigured(f"{name} must be at most {maximum}, not {value}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Split a comma-separated variable: ``"a, b"`` gives ``["a", "b"]``."""
    return [word for word in (part.strip() for part in text(name, default).split(",")) if word]


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Read one of a few words, in any case."""
    raw = text(name, default).upper()
    if raw not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {raw!r}.")
    return raw


def origin(name: str, default: str) -> SplitResult:
    """Read an address of scheme, host and port alone, as browsers send it in ``Origin``."""
    raw = text(name, default).rstrip("/")
    try:
        parts = urlsplit(raw)
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not an address: {error}.") from error
    bare = parts.scheme in {"http", "https"} and bool(parts.hostname)
    # The message does not quote the address, which may contain a password.
    if not bare or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name} must be scheme, host and port only, such as https://chat.example.com, without a path."
        )
    return parts


def database(name: str, default: str) -> dict[str, Any]:
    """Read a database URL for Django. The test suite runs on SQLite and PostgreSQL alone."""
    scheme = text(name, default).partition(":")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must start with postgresql:// or sqlite:///.")
    try:
        # Threads keep their connections, and look for lost ones themselves: playground.lost_connections.
        return dict(dj_database_url.parse(text(name, default), conn_max_age=None))
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} cannot be read. A user name or password with special characters must be percent-encoded."
        ) from error


def secret(name: str, folder: Path) -> str:
    """Read a secret from NAME, else from the file that NAME_FILE names, else from ``folder``.

    The first start generates a secret and stores it in ``folder``, readable by its owner alone. A fresh
    checkout runs without settings, and the next start finds the same secret.
    """
    if value := text(name):
        return value
    if path := text(f"{name}_FILE"):
        return _read(Path(path), f"{name}_FILE")
    kept = folder / name.lower()
    try:
        if not kept.exists():
            _make(kept)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is not set, and none can be kept in {folder}: {error.strerror}. Set {name} or DATA_DIR."
        ) from error
    return _read(kept, str(kept))


def document(name: str) -> str:
    """Read a longer text from NAME, else from the file that NAME_FILE names."""
    if not text(name) and (path := text(f"{name}_FILE")):
        return _read(Path(path), f"{name}_FILE")
    return text(name)


def _read(path: Path, label: str) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{label} cannot be read: {error}.") from error
    if not value:
        raise ImproperlyConfigured(f"{label} is empty.")
    return value


def _make(kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.parent.chmod(0o700)
    draft = kept.with_name(f"{kept.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(48))
    # Creating a link is atomic: if two processes start at once, one link is created, and both read it.
    try:
        os.link(draft, kept)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
