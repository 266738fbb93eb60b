from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify

from accounts import audit
from accounts.models import AuditAction
from playground.exceptions import PlaygroundError
from playground.models import Provider

if TYPE_CHECKING:
    from accounts.models import User, Workspace


class AlreadyAdded(PlaygroundError):
    """The workspace has a provider at this address."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(str(provider))
        self.provider = provider


@transaction.atomic
def add_provider(workspace: Workspace, name: str, base_url: str, *, needs_key: bool, actor: User) -> Provider:
    """Create a provider of the workspace's own, without models.

    :raises AlreadyAdded: there is one at this address, perhaps since a moment ago.
    """
    # The lock keeps two callers from both finding none and both creating one.
    workspace.lock()
    if there := provider_at(workspace, base_url):
        raise AlreadyAdded(there)
    # Codes are unique in the whole installation. The random part hides the names in other workspaces.
    # It also keeps a provider that is added again from getting the keys of the earlier one.
    code = f"{slugify(name)[:60] or 'provider'}-{secrets.token_hex(4)}"
    provider = Provider.objects.create(
        workspace=workspace,
        code=code,
        name=name,
        kind=Provider.Type.OPENAI,
        base_url=base_url,
        needs_key=needs_key,
    )
    audit.record(
        workspace,
        AuditAction.ADD_PROVIDER,
        actor=actor,
        subject=name,
        code=code,
        after={"address": base_url, "needs key": needs_key},
    )
    return provider


def provider_at(workspace: Workspace, base_url: str, beside: Provider | None = None) -> Provider | None:
    """Return the workspace's provider, ``beside`` another, at an address that may lack its version."""
    places = [base_url, f"{base_url}/v1"]
    providers = Provider.objects.for_workspace(workspace).filter(base_url__in=places)
    others = providers.exclude(pk=beside.pk) if beside else providers
    return others.order_by("workspace", "pk").first()
