from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from accounts.names import one_line
from playground.catalogue.common_endpoints import add_common_endpoints
from playground.catalogue.sync_rows import DocumentedModel, SyncedRows
from playground.models import UpstreamModel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from accounts.models import User
    from playground.catalogue.model_list import ListedModel
    from playground.models import Provider


@transaction.atomic
def add_models(
    provider: Provider,
    model_ids: Iterable[str],
    input_price: Decimal | None = None,
    output_price: Decimal | None = None,
    *,
    listed: Iterable[ListedModel] = (),
    actor: User,
) -> int:
    """Add the models that the provider lacks, and bring back those that were removed or retired.

    Prices are in credits per million tokens; None is unknown. ``listed`` has what the provider's list says
    about models, of which it fills in what is not given here.

    :returns: how many were added or brought back.
    """
    added = 0
    wanted = dict.fromkeys(model_ids)
    current: list[UpstreamModel] = []
    for model_id in wanted:
        model, is_new = UpstreamModel.objects.get_or_create(
            provider=provider,
            model_id=model_id,
            defaults={
                "name": one_line(model_id)[:120],
                "developer": provider.name,
                "input_price": input_price,
                "output_price": output_price,
            },
        )
        current.append(model)
        is_back = model.is_retired or not model.is_enabled
        if is_back:
            UpstreamModel.objects.filter(pk=model.pk).update(
                is_retired=False, retired_because="", is_enabled=True
            )
        added += is_new or is_back
    add_common_endpoints(provider, current)
    stated = [each for each in listed if each.model_id in wanted]
    if stated:
        SyncedRows(provider, stated).take(DocumentedModel(each) for each in stated)
    if added and provider.workspace_id is not None:
        _record(provider, provider.workspace_id, wanted, actor)
    return added


def _record(provider: Provider, workspace: int, models: Iterable[str], actor: User) -> None:
    audit.record(
        workspace,
        AuditAction.ADD_MODELS,
        actor=actor,
        subject=provider,
        code=provider.code,
        after={"models": list(models)},
    )
