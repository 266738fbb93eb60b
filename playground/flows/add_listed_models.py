from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.catalogue.model_list import ModelListRefused, read_model_list
from playground.catalogue.sync_rows import DocumentedModel, SyncedRows

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import Provider


def add_listed_models(provider: Provider, listed: dict[str, Any], *, actor: User) -> int:
    """Add the models of a list that was just fetched, with what it says about them.

    Models that do not chat begin switched off.

    :returns: how many chat models the provider has now; 0 if the list has none that can be used for chat.
    """
    try:
        model_list = read_model_list(listed)
    except ModelListRefused:
        return 0
    SyncedRows(provider, model_list.all).take([DocumentedModel(each) for each in model_list.all])
    return len(model_list.models)
