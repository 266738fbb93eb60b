from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils.timezone import now

from accounts.folding import fold
from chat.flows.lock_conversation import lock_conversation
from chat.live import broadcast
from chat.models import Conversation, Message, QueuedPrompt, StoredFile
from chat.titles import title_of


@transaction.atomic
def keep_conversation(conversation: Conversation) -> Conversation:
    """Make an ordinary conversation of a temporary one, with the title of its first prompt; return it.

    The rule for how long the workspace keeps conversations counts from now. If it was kept before, nothing
    changes.

    :raises ConversationGone: it was deleted.
    """
    locked = lock_conversation(conversation)
    if not locked.is_temporary:
        return locked
    locked.is_temporary = False
    locked.title = title_of(_first_words(locked))
    Conversation.objects.filter(pk=locked.pk).update(
        is_temporary=False, title=locked.title, folded_title=fold(locked.title), kept_since=now()
    )
    transaction.on_commit(partial(broadcast.announce, locked.code))
    return locked


def _first_words(conversation: Conversation) -> str:
    """Return the first prompt, sent or queued, or the name of its first file."""
    sent = Message.objects.filter(conversation=conversation, role=Message.Role.USER).order_by("pk").first()
    if sent is not None:
        name = StoredFile.objects.filter(message=sent).order_by("pk").values_list("name", flat=True).first()
        return sent.text or name or ""
    queued = QueuedPrompt.objects.filter(conversation=conversation).order_by("pk").first()
    return queued.text if queued else ""
