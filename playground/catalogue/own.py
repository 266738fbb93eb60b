"""Providers that a workspace adds itself, and their models.

Nobody has a document for those, so their models get one schema: what servers that call themselves
OpenAI-compatible agree on.
"""

from __future__ import annotations

import json
import secrets
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.text import slugify

from playground.catalogue.store import store_endpoint
from playground.models import Endpoint, Provider, UpstreamModel
from playground.parameters.schema.request_schema import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from accounts.models import Workspace

_SCHEMA = Path(__file__).parent / "data" / "generic_chat.json"
SOURCE = "generic"


def add_provider(workspace: Workspace, name: str, base_url: str, *, needs_key: bool) -> Provider:
    # Codes are unique for the whole installation; the random part keeps one workspace's names
    # from showing in another's refusals, and a provider that comes back from finding old keys.
    code = f"{slugify(name)[:60] or 'provider'}-{secrets.token_hex(4)}"
    return Provider.objects.create(
        workspace=workspace,
        code=code,
        name=name,
        kind=Provider.Kind.OPENAI,
        base_url=base_url,
        needs_key=needs_key,
    )


@transaction.atomic
def add_models(
    provider: Provider,
    model_ids: Iterable[str],
    input_price: Decimal | None = None,
    output_price: Decimal | None = None,
) -> int:
    """Add those that the provider does not have yet, or has no longer; return how many.

    Prices are in credits for a million tokens; None where nobody knows.
    """
    added = 0
    for model_id in dict.fromkeys(model_ids):
        model, is_new = UpstreamModel.objects.get_or_create(
            provider=provider,
            model_id=model_id,
            defaults={
                "name": model_id[:120],
                "developer": provider.name,
                "input_price": input_price,
                "output_price": output_price,
            },
        )
        if is_new or not model.endpoints.exists():
            store_endpoint(model, Endpoint.Kind.CHAT_COMPLETIONS, generic_schema(), source=SOURCE)
        is_back = model.is_retired or not model.is_enabled
        if is_back:
            UpstreamModel.objects.filter(pk=model.pk).update(
                is_retired=False, retired_because="", is_enabled=True
            )
        added += is_new or is_back
    return added


def remove_model(provider: Provider, pk: int) -> bool:
    """Take a model away, for good: a sync that finds it in the list leaves it away. False if not there.

    What was said with it stays readable.
    """
    models = UpstreamModel.objects.filter(provider=provider, pk=pk, is_enabled=True)
    return bool(models.update(is_enabled=False))


@cache
def generic_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return schema


@cache
def digest() -> str:
    return digest_of(generic_schema())
