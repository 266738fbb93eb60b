from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.utils.text import slugify

from playground.models import Provider

if TYPE_CHECKING:
    from accounts.models import User, Workspace


def add_provider(workspace: Workspace, name: str, base_url: str, *, needs_key: bool, actor: User) -> Provider:
    """Create a provider of the workspace's own, without models."""
    # Codes are unique in the whole installation. The random part hides the names in other workspaces.
    # It also keeps a provider that is added again from getting the keys of the earlier one.
    code = f"{slugify(name)[:60] or 'provider'}-{secrets.token_hex(4)}"
    return Provider.objects.create(
        workspace=workspace,
        code=code,
        name=name,
        kind=Provider.Type.OPENAI,
        base_url=base_url,
        needs_key=needs_key,
    )
