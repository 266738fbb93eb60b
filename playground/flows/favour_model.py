from __future__ import annotations

from typing import TYPE_CHECKING

from playground.models import FavouriteModel

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import UpstreamModel


def favour_model(model: UpstreamModel, *, is_favourite: bool, actor: User) -> None:
    """Add the model to the actor's favourites or remove it; a repeated call changes nothing."""
    if is_favourite:
        FavouriteModel.objects.get_or_create(user=actor, model=model)
    else:
        FavouriteModel.objects.filter(user=actor, model=model).delete()
