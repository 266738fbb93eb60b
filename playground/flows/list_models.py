from __future__ import annotations

from typing import TYPE_CHECKING

from playground import clients
from playground.catalogue.model_list import ModelList, ModelListRefused, read_model_list
from playground.upstream.errors.exceptions import UpstreamError

if TYPE_CHECKING:
    from accounts.models import ApiKey
    from playground.models import Provider


def list_models(provider: Provider, api_key: ApiKey | None) -> ModelList:
    """Ask the provider for its list of models. Blocks.

    :raises UpstreamError: the provider could not be asked, or did not answer with a list.
    :raises ModelListRefused: the list has no model that chats.
    """
    with clients.model_list_reader(provider, api_key) as reader:
        found = reader.models()
    return read_model_list(found.found if found else None)


def list_models_if_possible(provider: Provider, api_key: ApiKey | None) -> ModelList:
    """Return the provider's list as :func:`list_models` does, or an empty one."""
    try:
        return list_models(provider, api_key)
    except (UpstreamError, ModelListRefused):
        return ModelList()
