"""A key's account at the provider: the balance, and the models that the key may use.

The functions block: they are for pages and commands, which run in threads without an event loop.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from playground.upstream.errors.exceptions import AnsweredWithError, FailureKind
from playground.upstream.storable import storable
from playground.upstream.transport.client import UpstreamClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.upstream.transport.addresses import AllowedNetwork


# No account has more, and the database stores no larger number.
MOST_CREDITS = 10**15
LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Balance:
    """The provider's balance in its own credits; ``status`` is its own word, e.g. ``current``."""

    credits: int
    is_low: bool
    status: str
    explanation: str = ""
    low_threshold: int | None = None
    # Whether the provider refills the account by itself; None if it does not say.
    auto_top_up: bool | None = None
    # The provider's own time of the balance.
    updated_at: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def fetch_balance(
    base_url: str,
    secret: Callable[[], str] | None,
    *,
    allowed_private: tuple[AllowedNetwork, ...] = (),
) -> Balance:
    """Ask ``/billing/balance``; raise ``UpstreamError``."""
    return read_balance(_fetch(f"{base_url.rstrip('/')}/billing/balance", secret, allowed_private))


def list_models(
    base_url: str,
    secret: Callable[[], str] | None,
    *,
    allowed_private: tuple[AllowedNetwork, ...] = (),
) -> list[str]:
    """Return the ids that ``/models`` lists; raise ``UpstreamError``."""
    return read_models(_fetch(f"{base_url.rstrip('/')}/models", secret, allowed_private))


def read_balance(found: dict[str, Any]) -> Balance:
    credits = found.get("balance")
    if isinstance(credits, bool) or not isinstance(credits, int | float) or abs(credits) >= MOST_CREDITS:
        raise AnsweredWithError(
            FailureKind.MALFORMED, "The provider did not report what is left on the account."
        )
    debit = found.get("autoDebitStatus")
    return Balance(
        int(credits),
        found.get("lowBalance") is True,
        _words(found.get("status")),
        _words(found.get("statusExplanation")),
        low_threshold=_credits(found.get("lowBalanceThreshold")),
        auto_top_up=debit != "disabled" if isinstance(debit, str) and debit else None,
        updated_at=_words(found.get("lastUpdated")),
    )


def _credits(found: object) -> int | None:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return int(found) if 0 <= found < MOST_CREDITS else None


def _words(found: object) -> str:
    return storable(found)[:LONGEST_WORDS] if isinstance(found, str) else ""


def read_models(found: dict[str, Any]) -> list[str]:
    models = found.get("data")
    if not isinstance(models, list):
        raise AnsweredWithError(FailureKind.MALFORMED, "The provider did not list its models.")
    ids = [model.get("id") for model in models if isinstance(model, dict)]
    return [model_id for model_id in ids if isinstance(model_id, str)]


def _fetch(
    url: str, secret: Callable[[], str] | None, allowed_private: tuple[AllowedNetwork, ...]
) -> dict[str, Any]:
    return asyncio.run(_fetch_once(url, secret, allowed_private))


async def _fetch_once(
    url: str, secret: Callable[[], str] | None, allowed_private: tuple[AllowedNetwork, ...]
) -> dict[str, Any]:
    client = UpstreamClient(1)
    try:
        return await client.fetch_json(url, secret=secret, allowed_private=allowed_private)
    finally:
        await client.aclose()
