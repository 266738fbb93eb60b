from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from playground.models import ProviderSetting

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import Provider


@transaction.atomic
def set_extra_parameters(
    workspace: Workspace, provider: Provider, parameters: dict[str, Any], *, actor: User
) -> None:
    """Set what the next requests to the provider carry, where they set nothing else themselves."""
    ProviderSetting.objects.update_or_create(
        workspace=workspace, provider=provider, defaults={"extra_parameters": parameters}
    )
    # A value may be a secret of the server, so names are kept alone.
    audit.record(
        workspace,
        AuditAction.SET_EXTRA_PARAMETERS,
        actor=actor,
        subject=provider,
        code=provider.code,
        after={"parameters": sorted(parameters)},
    )
