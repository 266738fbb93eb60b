from __future__ import annotations

from typing import TYPE_CHECKING

from playground.models import UpstreamModel

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import Provider


def remove_model(provider: Provider, pk: int, *, actor: User) -> bool:
    """Remove a model for good: a sync that finds it listed does not bring it back.

    Its row stays, so conversations that used the model stay readable.

    :returns: False if the provider has no such model.
    """
    models = UpstreamModel.objects.filter(provider=provider, pk=pk, is_enabled=True)
    return bool(models.update(is_enabled=False))
