from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.models import ModelSetting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Workspace
    from playground.models import UpstreamModel

# Rows in one statement; databases limit what that may hold.
_BATCH = 200


def set_model(workspace: Workspace, model: UpstreamModel, decided: dict[str, Any]) -> None:
    """Keep what a workspace decided about one model; ``decided`` are columns of ``ModelSetting``."""
    ModelSetting.objects.update_or_create(workspace=workspace, model=model, defaults=decided)


def set_models(workspace: Workspace, models: Iterable[UpstreamModel], decided: dict[str, Any]) -> int:
    """The same for many models at once; what was decided about each before stays, but for these columns."""
    rows = [ModelSetting(workspace=workspace, model=model, **decided) for model in models]
    ModelSetting.objects.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["workspace", "model"],
        update_fields=list(decided),
    )
    return len(rows)
