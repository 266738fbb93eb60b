from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from playground.catalogue import generic
from playground.catalogue.common_endpoints import add_common_endpoints
from playground.models import Endpoint, Provider

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import User


@transaction.atomic
def set_endpoints(provider: Provider, kinds: Collection[str], *, actor: User) -> dict[str, int]:
    """Switch endpoints on for all models of the provider, and the others off.

    An endpoint that is switched off stays with its runs, but nobody can choose it. One whose parameters were
    imported or edited stays on.

    :param kinds: those beside the usual endpoint, which every model has.
    :returns: how many models keep a kind of endpoint that is switched off.
    """
    provider = Provider.objects.select_for_update().get(pk=provider.pk)
    before, provider.more_kinds = (
        provider.more_kinds,
        [kind for kind in generic.more_kinds() if kind in kinds],
    )
    provider.save(update_fields=["more_kinds"])
    add_common_endpoints(provider, provider.models.all())
    off = [kind for kind in generic.more_kinds() if kind not in kinds]
    endpoints = Endpoint.objects.filter(model__provider=provider, kind__in=off, is_enabled=True)
    endpoints.filter(source=generic.SOURCE).update(is_enabled=False)
    kept: dict[str, int] = {}
    for kind in endpoints.values_list("kind", flat=True):
        kept[kind] = kept.get(kind, 0) + 1
    if provider.workspace_id is not None:
        audit.record(
            provider.workspace_id,
            AuditAction.SET_ENDPOINTS,
            actor=actor,
            subject=provider,
            code=provider.code,
            before={"endpoints": before},
            after={"endpoints": provider.more_kinds},
        )
    return kept
