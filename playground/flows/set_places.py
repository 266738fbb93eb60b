from __future__ import annotations

from typing import TYPE_CHECKING

from playground.models import ProviderSetting

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import Provider


def set_places(workspace: Workspace, provider: Provider, places: int | None, *, actor: User) -> None:
    """Set how many of the workspace's requests may run at the provider at once; None is any number.

    Running requests continue. Every server process applies the change within a second.
    """
    ProviderSetting.objects.update_or_create(
        workspace=workspace, provider=provider, defaults={"places": places}
    )


def setting_of(workspace: Workspace, provider: Provider) -> ProviderSetting:
    """Return what the workspace decided about the provider; an unsaved row if it decided nothing."""
    found = ProviderSetting.objects.filter(workspace=workspace, provider=provider).first()
    return found or ProviderSetting(workspace=workspace, provider=provider)
