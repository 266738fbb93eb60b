from __future__ import annotations

from accounts.models.api_key import ApiKey
from accounts.models.day_sum import DaySum
from accounts.models.group import Group
from accounts.models.limits import Hold, HoldPart, LedgerEntry, Limit, LimitWindow, Period, Unit
from accounts.models.user import User, UserManager
from accounts.models.workspace import Invitation, Membership, Role, Workspace

__all__ = [
    "ApiKey",
    "DaySum",
    "Group",
    "Hold",
    "HoldPart",
    "Invitation",
    "LedgerEntry",
    "Limit",
    "LimitWindow",
    "Membership",
    "Period",
    "Role",
    "Unit",
    "User",
    "UserManager",
    "Workspace",
]
