from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, UUIDField

from accounts.exceptions import LimitReached
from accounts.prepared import prepared
from chat.exceptions import AnswerPending, AttachmentGone, IdempotencyConflict
from chat.models import QueuedPrompt, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Submission:
    """A click of a user. Its key makes a repeated click the same run."""

    key: UUID
    request_hash: str

    @classmethod
    def of(cls, key: UUID, *content: object) -> Submission:
        text = json.dumps([str(part) for part in content], sort_keys=True)
        return cls(key, hashlib.sha256(text.encode()).hexdigest())


def run_idempotently(user: User, submission: Submission, act: Callable[[], Run]) -> Run:
    """Call ``act`` in a transaction unless the same click has opened its run already; return that run.

    :raises IdempotencyConflict: the key belongs to another prompt.
    """
    if run := earlier_run(user, submission):
        return run
    try:
        with transaction.atomic():
            return act()
    except (IntegrityError, AnswerPending, AttachmentGone, LimitReached):
        # The second of two simultaneous clicks may have run into the first.
        if run := earlier_run(user, submission):
            return run
        raise


def is_sent(user: User, key: str) -> bool:
    """Return whether the click with this key has opened a run or queued a prompt; only a UUID is a key."""
    try:
        code = UUID(key)
    except ValueError:
        return False
    queued = QueuedPrompt.objects.filter(author=user, idempotency_key=code)
    return Run.objects.filter(user=user, idempotency_key=code).exists() or queued.exists()


def earlier_run(user: User, submission: Submission) -> Run | None:
    """Return the run that the same click has opened.

    :raises IdempotencyConflict: the key belongs to another prompt.
    """
    run = next(iter(_runs_of_click(user=user.pk, key=submission.key)), None)
    if run is not None and run.request_hash != submission.request_hash:
        raise IdempotencyConflict
    return run


@prepared(user=BigIntegerField(), key=UUIDField())
def _runs_of_click(user: Any, key: Any) -> QuerySet[Run]:
    return Run.objects.select_related("conversation").filter(user_id=user, idempotency_key=key)
