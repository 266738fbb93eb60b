from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from playground.models import ModelSetting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User, Workspace
    from playground.models import UpstreamModel

# Rows per statement; databases limit its number of parameters.
_BATCH = 200


def set_model(workspace: Workspace, model: UpstreamModel, decided: dict[str, Any], *, actor: User) -> None:
    """Store what a workspace decided about one model; ``decided`` has columns of ``ModelSetting``."""
    ModelSetting.objects.update_or_create(workspace=workspace, model=model, defaults=decided)


@transaction.atomic
def set_models(
    workspace: Workspace, models: Iterable[UpstreamModel], decided: dict[str, Any], *, actor: User
) -> int:
    """Store the same decisions about many models; other columns of each keep their values.

    :returns: the number of models.
    """
    rows = [ModelSetting(workspace=workspace, model=model, **decided) for model in models]
    ModelSetting.objects.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["workspace", "model"],
        update_fields=list(decided),
    )
    return len(rows)
