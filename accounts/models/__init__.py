from __future__ import annotations

from accounts.models.api_key import ApiKey
from accounts.models.audit_area import AuditArea
from accounts.models.audit_event import AuditAction, AuditEvent
from accounts.models.browser_session import BrowserSession
from accounts.models.capped_key import CappedKey
from accounts.models.charge_check import ChargeCheck, ChargeDifference
from accounts.models.day_sum import DaySum
from accounts.models.group import Group
from accounts.models.limit import (
    Limit,
    LimitExemption,
    LimitRaise,
    LimitWindow,
    Period,
    Unit,
    can_let_wait,
)
from accounts.models.limits import Hold, HoldPart, LedgerEntry
from accounts.models.notices import INVITATION, MailChoice, Notice, NoticeKind, OutgoingMail
from accounts.models.raise_request import RaiseRequest, RequestState
from accounts.models.user import User, UserManager
from accounts.models.workspace import Colour, Invitation, Membership, Role, Workspace

__all__ = [
    "INVITATION",
    "ApiKey",
    "AuditAction",
    "AuditArea",
    "AuditEvent",
    "BrowserSession",
    "CappedKey",
    "ChargeCheck",
    "ChargeDifference",
    "Colour",
    "DaySum",
    "Group",
    "Hold",
    "HoldPart",
    "Invitation",
    "LedgerEntry",
    "Limit",
    "LimitExemption",
    "LimitRaise",
    "LimitWindow",
    "MailChoice",
    "Membership",
    "Notice",
    "NoticeKind",
    "OutgoingMail",
    "Period",
    "RaiseRequest",
    "RequestState",
    "Role",
    "Unit",
    "User",
    "UserManager",
    "Workspace",
    "can_let_wait",
]
