from __future__ import annotations

from typing import TYPE_CHECKING

from chat.models import PromptUse

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation, PromptVersion


def record_use(version: PromptVersion, conversation: Conversation | None = None, *, actor: User) -> None:
    """Note that a version of a prompt was used, and in which conversation if there is one already."""
    PromptUse.objects.create(
        prompt_id=version.prompt_id,
        number=version.number,
        member=actor,
        conversation_code=conversation.code if conversation else None,
    )
