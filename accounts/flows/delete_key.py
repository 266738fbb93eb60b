from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import ApiKey

if TYPE_CHECKING:
    from accounts.models import User, Workspace


def delete_key(workspace: Workspace, provider_code: str, *, member: User | None, actor: User) -> bool:
    """Delete the key of ``member``, or the workspace's if that is None; return False if there was none."""
    found = ApiKey.objects.filter(workspace=workspace, member=member, provider_code=provider_code)
    deleted, _ = found.delete()
    return bool(deleted)


def delete_all_keys(workspace: Workspace, provider_code: str, *, actor: User) -> None:
    """Delete every key for a provider: the workspace's and its members'."""
    ApiKey.objects.filter(workspace=workspace, provider_code=provider_code).delete()
