from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from chat.flows.note_deletion import Step, note_deletion
from chat.models import Prompt

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def delete_prompt(prompt: Prompt, *, actor: User) -> None:
    """Delete a prompt. It can be brought back until it is purged; chats keep their copies."""
    Prompt.objects.filter(pk=prompt.pk).update(deleted_at=now())
    note_deletion(prompt, Step.DELETED, actor=actor)
