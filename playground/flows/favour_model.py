from __future__ import annotations

from typing import TYPE_CHECKING

from playground.models import FavouriteModel

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import UpstreamModel


def favour_model(user: User, model: UpstreamModel, *, is_favourite: bool) -> None:
    """Put the model among the user's favourites or take it out; either twice is as good as once."""
    if is_favourite:
        FavouriteModel.objects.get_or_create(user=user, model=model)
    else:
        FavouriteModel.objects.filter(user=user, model=model).delete()
