from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.exceptions import ChangedMeanwhile
from accounts.models import AuditAction
from chat.retention import Rules

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def set_content_rules(workspace: Workspace, rules: Rules, *, actor: User, seen: Rules | None = None) -> None:
    """Set how long a workspace keeps conversations and raw answers. What is due is deleted in the background.

    :param seen: the rules that the form showed.
    :raises ChangedMeanwhile: somebody else has changed them since the form was shown.
    """
    workspace.lock()
    workspace.refresh_from_db(fields=list(rules.as_dict))
    before = Rules.of(workspace)
    if rules == before:
        return
    if seen not in (None, before):
        raise ChangedMeanwhile(audit.last_actor_of(workspace, [AuditAction.SET_CONTENT_RULES], but=actor))
    for name, value in rules.as_dict.items():
        setattr(workspace, name, value)
    workspace.save(update_fields=list(rules.as_dict))
    audit.record(
        workspace,
        AuditAction.SET_CONTENT_RULES,
        actor=actor,
        before=before.as_dict,
        after=rules.as_dict,
    )
