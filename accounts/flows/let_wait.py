from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.access import get_limit_of
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import Limit, User


@transaction.atomic
def let_wait(limit: Limit, lets_wait: bool, *, actor: User) -> None:
    """Let prompts that come too early wait for a limit, or refuse them. Those that wait already stay queued.

    :raises Http404: the limit was deleted in the meantime.
    """
    # The lock keeps a hold taken at the same moment from asking a limit that changes.
    limit.workspace.lock()
    before = get_limit_of(limit.workspace, limit.code).lets_wait
    limit.lets_wait = lets_wait
    limit.save(update_fields=["lets_wait"])
    audit.record(
        limit.workspace,
        AuditAction.CHANGE_LIMIT,
        actor=actor,
        subject=limit.label,
        code=limit.code,
        before={"early prompts wait": before},
        after={"early prompts wait": lets_wait},
    )
