from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction, Group, Role
from playground.models import ModelSetting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

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
    workspace: Workspace,
    models: Iterable[UpstreamModel],
    decided: dict[str, Any],
    *,
    actor: User,
    added: Group | None = None,
) -> int:
    """Store the same decisions about many models; other columns of each keep their values.

    A change of the role ends what groups may do.

    :param added: a group whose members may use the models from now on.
    :returns: the number of models.
    """
    models = list(models)
    # The lock keeps the group from being deleted at the same moment.
    workspace.lock()
    groups = _still_there(workspace, [added] if added else [])
    rows = [ModelSetting(workspace=workspace, model=model, **decided) for model in models]
    ModelSetting.objects.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["workspace", "model"],
        update_fields=list(decided) or ["model"],
    )
    _set_groups(workspace, models, groups, is_new="lowest_role" in decided)
    audit.record(
        workspace,
        AuditAction.SET_MODEL,
        actor=actor,
        subject=f"{len(rows)} models",
        after={**decided, "groups": _names(groups), "models": [model.model_id for model in models]},
    )
    return len(rows)


def _set_groups(
    workspace: Workspace, models: list[UpstreamModel], groups: list[Group], *, is_new: bool
) -> None:
    """Add the groups to the settings of these models, in place of the earlier ones if ``is_new``."""
    through = ModelSetting.groups.through._default_manager
    settings = ModelSetting.objects.filter(workspace=workspace)
    if not is_new:
        # A model for everybody is for the group already.
        settings = settings.exclude(lowest_role=Role.VIEWER)
    pks = [pk for at in range(0, len(models), _BATCH) for pk in _keys(settings, models[at : at + _BATCH])]
    if is_new:
        for at in range(0, len(pks), _BATCH):
            through.filter(modelsetting__in=pks[at : at + _BATCH]).delete()
    pairs = [through.model(modelsetting_id=pk, group_id=group.pk) for group in groups for pk in pks]
    through.bulk_create(pairs, batch_size=_BATCH, ignore_conflicts=True)


def _keys(settings: QuerySet[ModelSetting], models: list[UpstreamModel]) -> Iterable[int]:
    return settings.filter(model__in=models).values_list("pk", flat=True)


def _still_there(workspace: Workspace, groups: Collection[Group]) -> list[Group]:
    return list(Group.objects.filter(workspace=workspace, pk__in=[group.pk for group in groups]))


def _names(groups: Iterable[Group]) -> list[str]:
    return sorted(group.name for group in groups)
