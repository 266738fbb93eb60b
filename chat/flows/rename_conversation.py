from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.folding import fold
from chat.live import broadcast

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation


def rename_conversation(conversation: Conversation, user: User, title: str) -> None:
    conversation.title = title
    # save() would restore a conversation that was deleted meanwhile, so this is an update.
    conversation.with_columns.update(title=title, folded_title=fold(title), is_title_chosen=True)
    broadcast.announce(conversation.code)
