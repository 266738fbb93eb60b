from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from accounts import audit
from accounts.models import AuditAction
from chat.models import Experiment, Prompt, TableOfCases

if TYPE_CHECKING:
    from accounts.models import User

Restorable = Prompt | TableOfCases | Experiment


class Step(IntEnum):
    """A step in the life of an object that can be brought back."""

    DELETED = 0
    RESTORED = 1
    PURGED = 2


_ACTIONS = {
    Prompt: (AuditAction.DELETE_PROMPT, AuditAction.RESTORE_PROMPT, AuditAction.PURGE_PROMPT),
    TableOfCases: (AuditAction.DELETE_TABLE, AuditAction.RESTORE_TABLE, AuditAction.PURGE_TABLE),
    Experiment: (
        AuditAction.DELETE_EXPERIMENT,
        AuditAction.RESTORE_EXPERIMENT,
        AuditAction.PURGE_EXPERIMENT,
    ),
}


def note_deletion(item: Restorable, step: Step, *, actor: User) -> None:
    """Write into the audit log what happened. An experiment is noted under its table, with its number."""
    subject = item.table if isinstance(item, Experiment) else item
    audit.record(
        subject.workspace_id,
        _ACTIONS[type(item)][step],
        actor=actor,
        subject=subject,
        code=subject.code,
        after={"experiment": item.number} if isinstance(item, Experiment) else None,
    )
