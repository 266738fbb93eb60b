from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import Provider


def switch_provider(provider: Provider, *, is_enabled: bool, actor: User) -> None:
    """Offer the provider's models to members, or stop offering them."""
    provider.is_enabled = is_enabled
    provider.save(update_fields=["is_enabled"])
