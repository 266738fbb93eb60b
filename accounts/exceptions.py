"""The exceptions of this app. Each carries what a page needs to explain it.

AccountsError
├── LimitReached         ledger: a limit leaves less than a run may cost
├── LimitExists          flows: the same people, unit and period have a limit already
├── ChangedMeanwhile     flows: somebody else has changed what a form shows
├── GroupExists          flows: another group of the workspace has the name
├── InvitationUnusable   flows: the link is unknown, used, revoked or expired
├── ResetUnusable        flows: the link for a new password was used or has expired
├── RaiseRefused         flows: a request for more of a limit cannot be made or answered
├── MembershipRefused    flows: the member cannot be changed so, for example the only owner
├── MailFailed           mail: the mail server is away, too slow, or refused a mail
├── KeyMalformed         keys: a header cannot carry the provider key
├── KeyRefused           flows: a key is stored already, or its name is taken
└── VaultError           vault: a stored secret cannot be decrypted; the stored text must never be sent
    └── KeyRingError     vault: VAULT_KEYS cannot be used

Missing rights are Django's ``PermissionDenied``, objects of other workspaces its ``Http404``, and values
that a form refuses its ``ValidationError``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from accounts import money

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class AccountsError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tokens of a run that was refused, and the longest answer that would fit.

    ``parameter`` sets that length; it is empty if none fits or none can be set.
    """

    input_tokens: int
    output_tokens: int
    parameter: str = ""
    fitting: int = 0


@dataclass(eq=False)
class LimitReached(AccountsError):
    """A limit leaves too little. ``needed`` and ``left`` count ``unit``; ``resets`` ends a sentence.

    ``whose`` begins one, such as "The workspace's".
    """

    limit: str
    whose: str
    is_personal: bool
    unit: str
    needed: int
    left: int
    resets_at: datetime | None
    resets: str
    # The amount with an answer of the length that was asked for or is usual; 0 if it is ``needed``.
    usual: int = 0
    # True if ``needed`` is the least that any answer needs, not the most that this one may.
    is_least: bool = False
    wanted: Wanted | None = None
    # The code of the limit.
    code: UUID | None = None
    # True if it is sure that the prompt fits later, and every limit that refuses it lets it wait.
    may_wait: bool = False

    @property
    def text(self) -> str:
        if self.unit == "concurrent":
            return f"{self.whose} limit of {self.limit} is reached. Send again when one of them has ended."
        takes = "cost" if self.unit in {"credits", "usd"} else "take"
        may = f"{takes}s at least" if self.is_least else f"may {takes} up to"
        return (
            f"{self.whose} limit of {self.limit} has {money.in_words(self.left, self.unit)} left. "
            f"This prompt {may} {money.in_words(self.needed, self.unit)}. {self.reset_text}"
        )

    @property
    def to_ask_for(self) -> int:
        """The amount of the limit to ask an admin for."""
        return max(self.needed, self.usual)

    @property
    def waits_for(self) -> str:
        """The limit that a prompt waits for, to continue such a sentence: "the workspace's limit of …"."""
        return f"{self.whose[0].lower()}{self.whose[1:]} limit of {self.limit}"

    @property
    def stop_text(self) -> str:
        """Say why an answer was stopped. All its readers see it, so a personal limit is not described."""
        if self.whose.startswith("Your"):
            return "A limit of the person who asked has nothing left, so the answer was stopped here."
        return (
            f"{self.whose} limit of {self.limit} has nothing left, so the answer was stopped here. "
            f"{self.reset_text}"
        )

    @property
    def reset_text(self) -> str:
        return "The limit does not reset." if self.resets_at is None else f"The limit resets {self.resets}."

    def __str__(self) -> str:
        return self.text


@dataclass(eq=False)
class LimitExists(AccountsError):
    """``number`` is the key of the limit that is there, ``label`` is that limit in words."""

    number: int
    label: str


@dataclass(eq=False)
class GroupExists(AccountsError):
    """``name`` is that of the group that is there."""

    name: str

    @property
    def text(self) -> str:
        return f"There is a group “{self.name}” already. Choose another name."


class WhyUnusable(StrEnum):
    UNKNOWN = "unknown"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"
    # It is for another address than the visitor's.
    OTHER = "other"
    # The workspace was deleted.
    CLOSED = "closed"


class ChangedMeanwhile(AccountsError):
    """A form shows values that another person has changed since. ``who`` may be empty."""

    def __init__(self, who: str = "") -> None:
        super().__init__()
        self.who = who

    @property
    def text(self) -> str:
        return (
            f"{self.who or 'Somebody else'} changed this while the page was open. Nothing of yours was saved."
        )


@dataclass(eq=False)
class InvitationUnusable(AccountsError):
    why: WhyUnusable


class WhyNotSignedIn(StrEnum):
    """Why a sign-in with an identity provider did not succeed."""

    DOWN = "down"
    CONFUSED = "confused"
    CANCELLED = "cancelled"
    DENIED = "denied"
    STALE = "stale"
    REPLAYED = "replayed"
    UNCONFIRMED = "unconfirmed"
    OTHER_IDENTITY = "other_identity"
    NOT_ADMITTED = "not_admitted"
    SWITCHED_OFF = "switched_off"


@dataclass(eq=False)
class SignInRefused(AccountsError):
    why: WhyNotSignedIn
    # The address that the provider gave, if it helps to understand the refusal.
    address: str = ""


class ResetUnusable(AccountsError):
    """A link for a new password that was used, has expired or never existed."""


class LinkUnusable(AccountsError):
    """A mailed link that was used, has expired, or is not for the person who opened it."""


@dataclass(eq=False)
class MembershipRefused(AccountsError):
    text: str


@dataclass(eq=False)
class RaiseRefused(AccountsError):
    text: str


@dataclass(eq=False)
class MailFailed(AccountsError):
    """``text`` is for people; ``log`` names the error, without the address and the server's words."""

    text: str
    log: str = "too slow"
    # Whether another attempt would fail in the same way.
    is_final: bool = False


@dataclass(eq=False)
class KeyMalformed(AccountsError):
    text: str


@dataclass(eq=False)
class KeyRefused(AccountsError):
    """``field`` is that of the form at which ``text`` is shown."""

    text: str
    field: str


class VaultError(AccountsError):
    pass


class KeyRingError(VaultError):
    pass
