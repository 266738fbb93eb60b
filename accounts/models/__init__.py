from __future__ import annotations

from accounts.models.api_key import ApiKey
from accounts.models.day_sum import DaySum
from accounts.models.group import Group
from accounts.models.limits import Hold, HoldPart, LedgerEntry, Limit, LimitWindow, Period, Unit
from accounts.models.notices import INVITATION, MailChoice, Notice, NoticeKind, OutgoingMail
from accounts.models.user import User, UserManager
from accounts.models.workspace import Invitation, Membership, Role, Workspace

__all__ = [
    "INVITATION",
    "ApiKey",
    "DaySum",
    "Group",
    "Hold",
    "HoldPart",
    "Invitation",
    "LedgerEntry",
    "Limit",
    "LimitWindow",
    "MailChoice",
    "Membership",
    "Notice",
    "NoticeKind",
    "OutgoingMail",
    "Period",
    "Role",
    "Unit",
    "User",
    "UserManager",
    "Workspace",
]
