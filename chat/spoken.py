"""Spoken answers whose sound their provider still has: the next request names it instead of the words.

https://platform.openai.com/docs/guides/audio
"""

from __future__ import annotations

import time
from functools import cache, partial
from typing import TYPE_CHECKING

from accounts import keys
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
    runs = Run.objects.filter(
        answer__in=found, provider_code=model.provider.code, model_id=model.model_id
    ).select_related("workspace")
    provider, model_id = model.provider.code, model.model_id
    key_of = cache(partial(keys.resolve, user=asker, provider_code=provider, model_id=model_id))
    kept: dict[int, str] = {}
    for run in runs:
        key = key_of(run.workspace)
        is_same = run.key_code == (str(key.code) if key else "")
        is_as_it_was = key is None or (key.replaced_at or key.created_at) <= run.created_at
        if is_same and is_as_it_was and run.answer_id:
            kept[run.answer_id] = found[run.answer_id]
    return kept


def _id_of(message: Message, until: float) -> str:
    """Return the id of a message that is nothing but spoken; empty if there is none after that time."""
    data = message.data
    kept = data.get("audio_id")
    if not kept or "chosen" in data or message.text or not data.get("transcript"):
        return ""
    return str(kept["id"]) if kept["expires_at"] > until else ""
