from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from playground.models import ProviderSetting

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import Provider


@transaction.atomic
def set_places(workspace: Workspace, provider: Provider, places: int | None, *, actor: User) -> None:
    """Set how many of the workspace's requests may run at the provider at once; None is any number.

    Running requests continue. Every server process applies the change within a second.
    """
    before = setting_of(workspace, provider).places
    ProviderSetting.objects.update_or_create(
        workspace=workspace, provider=provider, defaults={"places": places}
    )
    audit.record(
        workspace,
        AuditAction.SET_PLACES,
        actor=actor,
        subject=provider,
        code=provider.code,
        before={"at once": before},
        after={"at once": places},
    )


def setting_of(workspace: Workspace, provider: Provider) -> ProviderSetting:
    """Return what the workspace decided about the provider; an unsaved row if it decided nothing."""
    found = ProviderSetting.objects.filter(workspace=workspace, provider=provider).first()
    return found or ProviderSetting(workspace=workspace, provider=provider)
