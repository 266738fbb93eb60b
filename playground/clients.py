"""The factory of upstream clients and requests, from a provider of the catalogue and a stored key."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from django.conf import settings

from accounts import keys
from accounts.exceptions import VaultError
from playground.demo import server as demo
from playground.models import Provider
from playground.upstream import account
from playground.upstream.charges import fetch_charges
from playground.upstream.dialects.registry import DIALECTS
from playground.upstream.errors.exceptions import KeyUnreadable, UpstreamError
from playground.upstream.langfuse import LangfuseServer
from playground.upstream.managed_keys import KeyManager
from playground.upstream.model_lists import ModelListReader
from playground.upstream.model_lists import fetch_document as fetch_from_anywhere
from playground.upstream.server_search import FoundServer
from playground.upstream.server_search import find_server as search_for_server
from playground.upstream.transport.addresses import AllowedNetwork, parse_allowed
from playground.upstream.transport.client import Clocks, StreamRequest, UpstreamClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from accounts.models import ApiKey
    from playground.upstream.account import Balance
    from playground.upstream.charges import Charges

# A client's connections belong to the loop that opened them.
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, UpstreamClient] = WeakKeyDictionary()


# Nothing of an answer that comes whole arrives before it is finished.
_WHOLE = Clocks(first_token=Clocks().total)


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """``message`` is for people; ``balance_credits`` is None if the provider reports none."""

    ok: bool
    message: str
    balance_credits: int | None = None
    balance: Balance | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Place:
    base_url: str
    allowed_private: tuple[AllowedNetwork, ...]


def upstream_client() -> UpstreamClient:
    """Return the client of the running event loop; make it at the first call."""
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
    """Make a request. For the demo provider, block until the demo server listens."""
    place = _place(provider)
    # The client refuses an endpoint that has no dialect.
    dialect = DIALECTS.get(endpoint_kind)
    # The key is always a bearer token: AI/ML API expects that for Anthropic's endpoint too, and so do
    # servers that offer it beside OpenAI's protocol.
    return StreamRequest(
        base_url=place.base_url,
        endpoint=endpoint_kind,
        body=body,
        secret=_secret(api_key),
        client_request_id=client_request_id,
        headers=dialect.headers if dialect else {},
        clocks=Clocks() if body.get("stream") is True else _WHOLE,
        allowed_private=place.allowed_private,
    )


def base_url_of(provider: Provider) -> str:
    """Return the address that requests go to. For the demo provider, block until the demo server listens."""
    return _place(provider).base_url


def check_key(provider: Provider, api_key: ApiKey | None = None, *, secret: str = "") -> KeyCheck:
    """Ask the provider whether it takes a stored key or one that was just entered, at no cost.

    Blocks; not for event loops.
    """
    place, reveal = _place(provider), (lambda: secret) if secret else _secret(api_key)
    try:
        if provider.kind == Provider.Type.OPENAI:
            models = account.list_models(place.base_url, reveal, allowed_private=place.allowed_private)
            return KeyCheck(ok=True, message=f"The key works: {provider.name} offers {len(models):,} models.")
        # AI/ML API lists its models without a key; only the balance requires it.
        balance = account.fetch_balance(place.base_url, reveal, allowed_private=place.allowed_private)
    except UpstreamError as error:
        return KeyCheck(ok=False, message=error.message)
    message = f"The key works: {balance.credits:,} credits left{', which is low' if balance.is_low else ''}."
    return KeyCheck(ok=True, message=message, balance_credits=balance.credits, balance=balance)


def charges(provider: Provider, api_key: ApiKey, starts_at: datetime, ends_at: datetime) -> Charges:
    """Ask the provider what it charged for the requests of a stored key. Blocks.

    May raise ``UpstreamError`` and ``TooManyCharges``.
    """
    place = _place(provider)
    secret = _secret(api_key)
    return fetch_charges(place.base_url, secret, starts_at, ends_at, allowed_private=place.allowed_private)


def key_manager(provider: Provider, management_key: str) -> KeyManager:
    """Return the keys of the account of a management key, which is used for these calls and not stored."""
    place = _place(provider)
    return KeyManager(place.base_url, lambda: management_key, place.allowed_private)


def find_server(base_url: str, api_key: ApiKey | None = None, secret: str = "") -> FoundServer:
    """Find out where a server lists its models, with a stored key or one that was just entered. Blocks.

    May raise ``UpstreamError``.
    """
    return search_for_server(
        base_url, (lambda: secret) if secret else _secret(api_key), allowed_private=_allowed()
    )


def model_list_reader(provider: Provider, api_key: ApiKey | None) -> ModelListReader:
    """Return the reader of the provider's models and their documents, a context manager that blocks."""
    place = _place(provider)
    # AI/ML API lists its models without a key, so none is sent.
    secret = _secret(api_key) if provider.kind == Provider.Type.OPENAI else None
    return ModelListReader(place.base_url, secret, allowed_private=place.allowed_private)


def langfuse_prompts(address: str, public_key: str, secret_key: str) -> list[dict[str, Any]]:
    """Fetch the prompts of a project of Langfuse. The keys are not stored. Blocks.

    May raise ``UpstreamError``.
    """
    return LangfuseServer(address, public_key, secret_key, _allowed()).prompts()


def fetch_document(url: str) -> bytes:
    """Fetch a document from the web, without any key. Blocks. May raise ``UpstreamError``."""
    return fetch_from_anywhere(url, allowed_private=_allowed())


def _place(provider: Provider) -> _Place:
    """Return the provider's base URL, and the private addresses that it may have."""
    if provider.kind != Provider.Type.DEMO:
        return _Place(provider.base_url, _allowed())
    base_url = demo.shared().base_url
    # Only the demo's own address is allowed, and none of those that an admin allowed.
    return _Place(base_url, (parse_allowed(urlsplit(base_url).netloc),))


def _allowed() -> tuple[AllowedNetwork, ...]:
    return tuple(parse_allowed(text) for text in settings.ALLOWED_PRIVATE_UPSTREAMS)


def _secret(api_key: ApiKey | None) -> Callable[[], str] | None:
    if api_key is None:
        return None

    def reveal() -> str:
        try:
            return keys.reveal(api_key)
        except VaultError as error:
            raise KeyUnreadable from error

    return reveal
