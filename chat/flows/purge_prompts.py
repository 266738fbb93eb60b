from __future__ import annotations

from django.db import transaction
from django.utils.timezone import now

from chat.flows.purge_conversations import RESTORABLE_FOR
from chat.models import Prompt


def purge_prompts() -> int:
    """Remove prompts that were deleted a while ago, with their versions and uses; return how many.

    Experiments keep their copies of them.
    """
    due = Prompt.with_deleted.filter(deleted_at__lt=now() - RESTORABLE_FOR)
    return sum(_purge(pk) for pk in list(due.order_by("deleted_at").values_list("pk", flat=True)))


@transaction.atomic
def _purge(pk: int) -> bool:
    # The lock decides between this and a restoration.
    due = Prompt.with_deleted.select_for_update().filter(pk=pk, deleted_at__isnull=False)
    prompt = due.defer("folded").first()
    if prompt is None:
        return False
    prompt.delete()
    return True
