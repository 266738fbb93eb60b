from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction
from chat.exceptions import PromptChanged
from chat.models import Prompt

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def pin_version(prompt: Prompt, number: int | None, *, actor: User) -> None:
    """Pin the version for production that has this number, or none.

    Two people who pin at once do not meet: versions never change, and the later pin stays.

    :raises PromptChanged: the prompt was deleted, or has no such version.
    """
    if number is not None and not prompt.versions.filter(number=number).exists():
        raise PromptChanged
    if not Prompt.objects.filter(pk=prompt.pk).update(production=number, updated_at=now()):
        raise PromptChanged
    audit.record(
        prompt.workspace_id,
        AuditAction.PIN_PROMPT,
        actor=actor,
        subject=prompt,
        code=prompt.code,
        before={"version": prompt.production},
        after={"version": number},
    )
    prompt.production = number
