"""The second factors of a person, as the page of their security shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    number: int
    name: str
    # Whether it also signs in without the password.
    is_enough: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(slots=True)
class Factors:
    """``app`` is None without an authenticator app, and ``codes`` without recovery codes."""

    passkeys: list[ShownPasskey] = field(default_factory=list)
    codes: int | None = None

    @property
    def is_any(self) -> bool:
        return bool(self.app or self.passkeys)
