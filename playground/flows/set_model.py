from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction, Group
from playground.models import ModelSetting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from accounts.models import User, Workspace
    from playground.models import UpstreamModel


# Rows per statement; databases limit its number of parameters.
_BATCH = 200


@transaction.atomic
def set_model(
    workspace: Workspace,
    model: UpstreamModel,
    decided: dict[str, Any],
    groups: Collection[Group],
    *,
    actor: User,
) -> None:
    """Store what a workspace decided about one model; ``decided`` has columns of ``ModelSetting``.

    :param groups: the groups whose members may use it beside those with the role.
    """
    # The lock keeps a group from being deleted at the same moment.
    workspace.lock()
    kept = _still_there(workspace, groups)
    setting = ModelSetting.objects.filter(workspace=workspace, model=model).first()
    before = {name: getattr(setting, name) for name in decided} if setting else {}
    before["groups"] = _names(setting.groups.all()) if setting else []
    setting, _ = ModelSetting.objects.update_or_create(workspace=workspace, model=model, defaults=decided)
    setting.groups.set(kept)
    audit.record(
        workspace,
        AuditAction.SET_MODEL,
        actor=actor,
        subject=model.model_id,
        code=f"model {model.pk}",
        before=before,
        after={**decided, "groups": _names(kept)},
    )


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
    audit.record(
        workspace,
        AuditAction.SET_MODEL,
        actor=actor,
        subject=f"{len(rows)} models",
        after={**decided, "groups": _names(groups), "models": [model.model_id for model in models]},
    )


def _still_there(workspace: Workspace, groups: Collection[Group]) -> list[Group]:
    return list(Group.objects.filter(workspace=workspace, pk__in=[group.pk for group in groups]))


def _names(groups: Iterable[Group]) -> list[str]:
    return sorted(group.name for group in groups)
