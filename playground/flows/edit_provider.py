from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.flows.delete_key import delete_all_keys
from accounts.models import ApiKey, AuditAction
from playground.flows.add_provider import AlreadyAdded, provider_at
from playground.upstream.base_urls import is_same_server

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import Provider


@transaction.atomic
def edit_provider(
    workspace: Workspace, provider: Provider, name: str, base_url: str, *, needs_key: bool, actor: User
) -> None:
    """Change a provider that the workspace added. Running answers end at the old address.

    Keys are for one server. If the address is another server's, all keys are deleted, the members' own too.

    :raises AlreadyAdded: another provider is at the new address, perhaps since a moment ago.
    """
    # A key that is saved at the same moment is either deleted here or saved for the new address.
    workspace.lock()
    if base_url != provider.base_url and (there := provider_at(workspace, base_url, beside=provider)):
        raise AlreadyAdded(there)
    if not is_same_server(provider.base_url, base_url):
        delete_all_keys(workspace, provider.code, actor=actor)
    before = _facts(provider)
    provider.name, provider.base_url, provider.needs_key = name, base_url, needs_key
    provider.save(update_fields=["name", "base_url", "needs_key"])
    audit.record(
        workspace,
        AuditAction.EDIT_PROVIDER,
        actor=actor,
        subject=name,
        code=provider.code,
        before=before,
        after=_facts(provider),
    )


def _facts(provider: Provider) -> dict[str, object]:
    return {"name": provider.name, "address": provider.base_url, "needs key": provider.needs_key}


def keys_lost_at(provider: Provider, base_url: str) -> int:
    """Return how many stored keys :func:`edit_provider` would delete for this address."""
    if is_same_server(provider.base_url, base_url):
        return 0
    return ApiKey.objects.filter(workspace=provider.workspace, provider_code=provider.code).count()
