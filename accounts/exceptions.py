"""What this app refuses, as classes that carry what a page needs to say.

AccountsError
├── LimitReached         a limit does not leave what a run may cost
├── InvitationUnusable   the link is unknown, used, revoked or too old
├── MembershipRefused    a change that would leave a workspace without an owner, or oversteps
├── KeyMalformed         a provider key that could not be sent in a header
└── VaultError           a stored secret cannot be read: fail closed, never send what is stored
    └── KeyRingError     the key ring itself cannot be used
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from accounts import money

if TYPE_CHECKING:
    from datetime import datetime


class AccountsError(Exception):
    pass


@dataclass(eq=False)
class LimitReached(AccountsError):
    """``needed`` and ``left`` are counted in ``unit``; ``limit`` and ``resets`` are in words."""

    limit: str
    is_personal: bool
    unit: str
    needed: int
    left: int
    resets_at: datetime | None
    resets: str

    @property
    def text(self) -> str:
        whose = "Your" if self.is_personal else "The workspace's"
        takes = "cost" if self.unit == "credits" else "take"
        return (
            f"{whose} limit of {self.limit} leaves {self._amount(self.left)}; "
            f"this prompt may {takes} up to {self._amount(self.needed)}. {self.reset_text}"
        )

    @property
    def reset_text(self) -> str:
        return "It does not reset." if self.resets_at is None else f"It resets {self.resets}."

    def _amount(self, count: int) -> str:
        """
        For example: "3,284 credits (0.0016 USD)". Only credits need their name beside the dollars.
        """
        worth = money.worth(count, self.unit)
        return f"{count:,} credit{'' if count == 1 else 's'} ({worth})" if worth else f"{count:,}"

    def __str__(self) -> str:
        return self.text


@dataclass(eq=False)
class LimitExists(AccountsError):
    label: str


class WhyUnusable(StrEnum):
    UNKNOWN = "unknown"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(eq=False)
class InvitationUnusable(AccountsError):
    why: WhyUnusable


@dataclass(eq=False)
class MembershipRefused(AccountsError):
    text: str


@dataclass(eq=False)
class KeyMalformed(AccountsError):
    text: str


class VaultError(AccountsError):
    pass


class KeyRingError(VaultError):
    pass
