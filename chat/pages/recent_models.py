from __future__ import annotations

from typing import TYPE_CHECKING

from chat.models import Draft, Run

if TYPE_CHECKING:
    from accounts.models import Membership

# Enough runs to contain a handful of models, even if a member mostly uses one.
_RUNS = 60


def recent_models(membership: Membership) -> list[int]:
    """Return the keys of the models that the member last used or chose here, the latest first."""
    user, workspace = membership.user_id, membership.workspace_id
    # Runs without a conversation count too.
    runs = Run.objects.filter(user=user, workspace=workspace, conversation__deleted_at=None).order_by("-pk")
    used = runs.values_list("endpoint__model__pk", flat=True)[:_RUNS]
    chosen = Draft.objects.filter(user=user, workspace=workspace).values_list("model_id", flat=True)
    latest: list[int | None] = [*chosen, *used]
    return [pk for pk in dict.fromkeys(latest) if pk]
