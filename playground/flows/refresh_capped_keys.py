from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.timezone import now

from accounts.models import CappedKey
from playground.flows.note_managed_key import note_managed_key

if TYPE_CHECKING:
    from accounts.models import Workspace
    from playground.models import Provider
    from playground.upstream.managed_keys import KeyManager


def refresh_capped_keys(workspace: Workspace, provider: Provider, manager: KeyManager) -> tuple[int, int]:
    """Note what the provider reports about all keys with a cap. Blocks.

    :returns: how many keys it did not list, and how many it listed that were not made here.
    :raises UpstreamError: the provider refused.
    """
    listed = {key.prefix: key for key in manager.list_keys()}
    missing = 0
    for capped in CappedKey.objects.filter(workspace=workspace, provider_code=provider.code):
        if found := listed.pop(capped.prefix, None):
            note_managed_key(capped, found)
        else:
            missing += 1
            CappedKey.objects.filter(pk=capped.pk).update(is_missing=True, reported_at=now())
    return missing, len(listed)
