from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction
from chat.exceptions import NameTaken, PromptChanged
from chat.models import Prompt

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def delete_prompt(prompt: Prompt, *, actor: User) -> None:
    """Delete a prompt. It can be brought back until it is purged; chats keep their copies."""
    Prompt.objects.filter(pk=prompt.pk).update(deleted_at=now())
    audit.record(
        prompt.workspace_id,
        AuditAction.DELETE_PROMPT,
        actor=actor,
        subject=prompt,
        code=prompt.code,
    )


def bring_back_prompt(prompt: Prompt, *, actor: User) -> None:
    """Bring a deleted prompt back.

    :raises NameTaken: another prompt has its name by now.
    :raises PromptChanged: it was purged meanwhile.
    """
    try:
        with transaction.atomic():
            if not Prompt.with_deleted.filter(pk=prompt.pk).update(deleted_at=None):
                raise PromptChanged
            audit.record(
                prompt.workspace_id,
                AuditAction.RESTORE_PROMPT,
                actor=actor,
                subject=prompt,
                code=prompt.code,
            )
    except IntegrityError as error:
        raise NameTaken(prompt.name) from error
