from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.stop_run import stop_run
from chat.models import Run

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Conversation


def stop_columns(entry: Conversation, user: User, *, only_own: bool = False) -> list[Run]:
    """Stop the live answers in all columns of a comparison, or those of ``user`` alone; return them."""
    runs = Run.objects.select_related("conversation", "answer")
    live = runs.filter(conversation__column_of=entry, status__in=Run.LIVE)
    if only_own:
        live = live.filter(user=user)
    stopped = list(live.order_by("pk"))
    for run in stopped:
        stop_run(run, user)
    return stopped
