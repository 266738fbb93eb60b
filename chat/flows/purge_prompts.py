from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction
from chat.models import Prompt

if TYPE_CHECKING:
    from accounts.models import User

# A prompt is the work of a team, so a member who was away can bring it back too.
PROMPTS_RESTORABLE_FOR = timedelta(days=7)


def purge_prompts() -> int:
    """Remove prompts that were deleted days ago, with their versions and uses; return how many.

    Experiments keep their copies of them.
    """
    due = Prompt.with_deleted.filter(deleted_at__lt=now() - PROMPTS_RESTORABLE_FOR)
    return sum(_purge(pk) for pk in list(due.order_by("deleted_at").values_list("pk", flat=True)))


@transaction.atomic
def purge_prompt(prompt: Prompt, *, actor: User) -> bool:
    """Remove a deleted prompt at once; return False if it was brought back or removed meanwhile."""
    if not _purge(prompt.pk):
        return False
    audit.record(prompt.workspace_id, AuditAction.PURGE_PROMPT, actor=actor, subject=prompt, code=prompt.code)
    return True


@transaction.atomic
def _purge(pk: int) -> bool:
    # The lock decides between this and a restoration.
    due = Prompt.with_deleted.select_for_update().filter(pk=pk, deleted_at__isnull=False)
    prompt = due.defer("folded").first()
    if prompt is None:
        return False
    prompt.delete()
    return True
