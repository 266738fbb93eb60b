"""Spoken answers whose sound their provider still has: the next request names it instead of the words.

https://platform.openai.com/docs/guides/audio
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.models import ApiKey
from chat.models import Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from chat.models import Message
    from playground.models import UpstreamModel

# Seconds that a sound must still be kept for: a request may wait in the queue.
MARGIN = 60


def audio_ids(model: UpstreamModel, messages: Iterable[Message], asker: User) -> dict[int, str]:
    """Return the ids of answers that ``model`` spoke and still has, by the keys of their messages.

    The provider knows an id only for a while, and only from the account that asked: the key of ``asker``
    has to be the one of that run. A copy, an edited answer and one with a text of its own have no id.
    """
    until = time.time() + MARGIN
    found = {message.pk: audio_id for message in messages if (audio_id := _id_of(message, until))}
    if not found:
        return {}
    runs = list(
        Run.objects.filter(
            answer__in=found, provider_code=model.provider.code, model_id=model.model_id
        ).values_list("answer_id", "user_id", "workspace_id", "created_at")
    )
    kept = ApiKey.objects.filter(
        Q(member__in={asker.pk, *(user for _, user, _, _ in runs if user)}) | Q(member=None),
        workspace__in={workspace for _, _, workspace, _ in runs},
        provider_code=model.provider.code,
    )
    keys = {key.member_id: key for key in kept}
    shared = keys.get(None)
    own = keys.get(asker.pk, shared)
    return {
        pk: found[pk]
        for pk, user, _, asked_at in runs
        if keys.get(user, shared) == own
        and (own is None or max(own.created_at, own.replaced_at or own.created_at) <= asked_at)
        and pk is not None
    }


def _id_of(message: Message, until: float) -> str:
    """Return the id of a message that is nothing but spoken; empty if there is none after that time."""
    data = message.data
    kept = data.get("audio_id")
    if not kept or "chosen" in data or message.text or not data.get("transcript"):
        return ""
    return str(kept["id"]) if kept["expires_at"] > until else ""
