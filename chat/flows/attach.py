from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat import files
from chat.exceptions import AttachmentGone
from chat.models import StoredFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User
    from chat.models import Conversation, Message, QueuedPrompt


def attach(message: Message, user: User, codes: Sequence[UUID]) -> None:
    """Make uploads part of ``message``, in the order of ``codes``. Call it in the transaction that sends it.

    :raises AttachmentGone: one of them cannot be sent.
    """
    for place, code in enumerate(codes):
        _attach_at(message, user, code, place)


def attach_to_wording(message: Message, before: Message, user: User, codes: Sequence[UUID] | None) -> None:
    """Attach files to another wording of ``before``: those of ``before``, or the ones in ``codes``.

    :raises AttachmentGone: one of them cannot be sent.
    """
    kept = {file.code: file for file in before.files.all()}
    for place, code in enumerate(kept if codes is None else codes):
        if file := kept.get(code):
            files.again(file, message, place)
        else:
            _attach_at(message, user, code, place)


def attach_to_queued(queued: QueuedPrompt, user: User, codes: Sequence[UUID]) -> None:
    """Keep uploads for a queued prompt, in the order of ``codes``.

    :raises AttachmentGone: one of them cannot be sent.
    """
    for place, code in enumerate(codes):
        _take(queued.conversation, user, code, queued=queued, place=place)


def _attach_at(message: Message, user: User, code: UUID, place: int) -> None:
    _take(message.conversation, user, code, message=message, place=place)


def _take(conversation: Conversation, user: User, code: UUID, **columns: Any) -> None:
    # A single conditional update, so that two messages cannot both get the same upload.
    taken = StoredFile.objects.filter(
        code=code, uploader=user, workspace=conversation.workspace_id, message=None, queued=None
    ).update(**columns)
    if not taken:
        raise AttachmentGone
