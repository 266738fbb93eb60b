"""The places in which a prompt is used: chats, and experiments with test tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.access import visible_conversations
from chat.library_access import visible_items
from chat.models import Conversation, PromptUse, TableOfCases
from chat.pages.items import item_context

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Membership
    from chat.models import Prompt

# The page shows so many uses, and so many experiments.
_MOST = 50


@dataclass(frozen=True, slots=True)
class ShownUse:
    """A use, with the chat that it opened if the reader may see that."""

    use: PromptUse
    conversation: Conversation | None


def uses_context(membership: Membership, prompt: Prompt) -> dict[str, Any]:
    uses = list(prompt.uses.select_related("member")[:_MOST])
    codes = [use.conversation_code for use in uses if use.conversation_code]
    visible = visible_conversations(membership.user, membership.workspace).filter(code__in=codes)
    by_code: dict[UUID | None, Conversation] = {conversation.code: conversation for conversation in visible}
    # An experiment keeps a copy of the prompt, under the name and the version that it had.
    variants = prompt.variants.filter(
        experiment__table__in=visible_items(TableOfCases, membership), experiment__deleted_at=None
    )
    variants = variants.select_related("experiment__table").order_by("-experiment__pk", "number")
    return {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "prompts",
        "tab": "uses",
        "can_edit": prompt.is_writable,
        **item_context(membership, prompt),
        "prompt": prompt,
        "count": prompt.uses.count(),
        "uses": [ShownUse(use, by_code.get(use.conversation_code)) for use in uses],
        "variants": variants[:_MOST],
    }
