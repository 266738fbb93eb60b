"""The one place where a provider of the catalogue and a stored key become a call to an upstream."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from django.conf import settings

from accounts import keys
from accounts.exceptions import VaultError
from playground.demo import server as demo
from playground.models import Provider
from playground.upstream import account
from playground.upstream.dialects.registry import DIALECTS
from playground.upstream.errors.exceptions import KeyUnreadable, UpstreamError
from playground.upstream.model_lists import CatalogueReader
from playground.upstream.model_lists import fetch_document as fetch_from_anywhere
from playground.upstream.transport.addresses import AllowedNetwork, parse_allowed
from playground.upstream.transport.client import StreamRequest, UpstreamClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import ApiKey

# A client's connections belong to the loop that opened them.
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, UpstreamClient] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """``message`` is for people; ``balance_credits`` is None where the provider tells none."""

    ok: bool
    message: str
    balance_credits: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    base_url: str
    allowed_private: tuple[AllowedNetwork, ...]


def upstream_client() -> UpstreamClient:
    """The client of the running event loop, made when it is first needed."""
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        client = _clients[loop] = UpstreamClient(settings.MAX_STREAMS)
    return client


async def close_upstream_client() -> None:
    """Close the connections of the running loop, before it ends."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()


def stream_request(
    provider: Provider,
    endpoint_kind: str,
    body: dict[str, Any],
    api_key: ApiKey | None,
    client_request_id: str,
) -> StreamRequest:
    """Blocks until the demo listens, where the provider is the demo."""
    place = _place(provider)
    # The client refuses an endpoint that has no dialect.
    dialect = DIALECTS.get(endpoint_kind)
    # The key goes as a bearer's everywhere: AI/ML API wants it so for Anthropic's endpoint as well,
    # and so do the servers that speak OpenAI's protocol beside it.
    return StreamRequest(
        base_url=place.base_url,
        endpoint=endpoint_kind,
        body=body,
        secret=_secret(api_key),
        client_request_id=client_request_id,
        headers=dialect.headers if dialect else {},
        allowed_private=place.allowed_private,
    )


def check_key(provider: Provider, api_key: ApiKey | None) -> KeyCheck:
    """Ask the provider whether it takes the key, at no cost. Blocks; not for event loops."""
    place, secret = _place(provider), _secret(api_key)
    try:
        if provider.kind == Provider.Kind.OPENAI:
            models = account.list_models(place.base_url, secret, allowed_private=place.allowed_private)
            return KeyCheck(ok=True, message=f"It works: {provider.name} offers {len(models):,} models.")
        # AI/ML API lists its models to everybody; only the balance asks for the key.
        balance = account.fetch_balance(place.base_url, secret, allowed_private=place.allowed_private)
    except UpstreamError as error:
        return KeyCheck(ok=False, message=error.message)
    message = f"It works: {balance.credits:,} credits left{', which is low' if balance.is_low else ''}."
    return KeyCheck(ok=True, message=message, balance_credits=balance.credits)


def list_models(provider: Provider, api_key: ApiKey | None) -> list[str]:
    """The ids of the models that the provider offers. Blocks; raises ``UpstreamError``."""
    place = _place(provider)
    return account.list_models(place.base_url, _secret(api_key), allowed_private=place.allowed_private)


def catalogue_reader(provider: Provider, api_key: ApiKey | None) -> CatalogueReader:
    """What reads the provider's models and their documents. Blocks; a context manager."""
    place = _place(provider)
    # AI/ML API lists its models to everybody: no key has to leave for that.
    secret = _secret(api_key) if provider.kind == Provider.Kind.OPENAI else None
    return CatalogueReader(place.base_url, secret, allowed_private=place.allowed_private)


def fetch_document(url: str) -> bytes:
    """A document from the web, without any key. Blocks; raises ``UpstreamError``."""
    allowed = tuple(parse_allowed(text) for text in settings.ALLOWED_PRIVATE_UPSTREAMS)
    return fetch_from_anywhere(url, allowed_private=allowed)


def _place(provider: Provider) -> _Place:
    """Where the provider is, and which private addresses it may be at."""
    allowed = tuple(parse_allowed(text) for text in settings.ALLOWED_PRIVATE_UPSTREAMS)
    if provider.kind != Provider.Kind.DEMO:
        return _Place(provider.base_url, allowed)
    base_url = demo.shared().base_url
    # The demo's own address and no other, least of all the ones that an admin allowed.
    return _Place(base_url, (parse_allowed(urlsplit(base_url).netloc),))


def _secret(api_key: ApiKey | None) -> Callable[[], str] | None:
    if api_key is None:
        return None

    def reveal() -> str:
        try:
            return keys.reveal(api_key)
        except VaultError as error:
            raise KeyUnreadable from error

    return reveal
