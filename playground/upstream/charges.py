"""The charges for the requests of a key, as the service interface of its provider lists them.

AI/ML API has two lists: ``/v2/logs``, the requests of the key that asks, and ``/v2/billing/transactions``,
all movements of the account. The second is read where the first is refused. ``/v2/usage/detail`` has the sum
that the first should add up to. The functions block: they are for
threads without an event loop. https://docs.aimlapi.com/api-references/service-endpoints
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from playground.upstream.charge_rows import Charge, logged_charge, moved_charge
from playground.upstream.dialects.shared.reading.accounting import make_cost
from playground.upstream.errors.exceptions import AnsweredWithError, FailureKind, UpstreamError
from playground.upstream.transport.client import UpstreamClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from playground.upstream.transport.addresses import AllowedNetwork

# The most that a page may have, by the documents.
PER_PAGE = 100
# A span with more charges than this is asked for in parts.
MOST_PAGES = 200
_VERSION = re.compile(r"/v1/?$")
# A key that may not list its requests may still see the account.
_REFUSALS = (FailureKind.FORBIDDEN, FailureKind.NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Charges:
    """The charges of a span of time. ``is_of_key`` is False if they are those of all keys of the account."""

    rows: tuple[Charge, ...]
    is_of_key: bool = True
    # The number of rows that could not be read.
    unreadable: int = 0
    # The provider's own sum of the span; None if it gives none.
    total: Decimal | None = None


class TooManyCharges(Exception):
    """The span has more charges than are read at once: ask for a shorter one."""


def fetch_charges(
    base_url: str,
    secret: Callable[[], str] | None,
    starts_at: datetime,
    ends_at: datetime,
    *,
    allowed_private: tuple[AllowedNetwork, ...] = (),
) -> Charges:
    """Return what was charged from ``starts_at`` up to ``ends_at``.

    :raises UpstreamError: the provider refused, or its answer cannot be used.
    :raises TooManyCharges: ask for a shorter span.
    """
    return asyncio.run(_Service(base_url, secret, allowed_private).charges(starts_at, ends_at))


class _Service:
    def __init__(
        self,
        base_url: str,
        secret: Callable[[], str] | None,
        allowed_private: tuple[AllowedNetwork, ...],
    ) -> None:
        self._base = _VERSION.sub("", base_url.rstrip("/"))
        self._secret = secret
        self._allowed = allowed_private

    async def charges(self, starts_at: datetime, ends_at: datetime) -> Charges:
        client = UpstreamClient(1)
        try:
            try:
                return await self._logs(client, starts_at, ends_at)
            except UpstreamError as error:
                if error.kind not in _REFUSALS:
                    raise
                return await self._transactions(client, starts_at, ends_at)
        finally:
            await client.aclose()

    async def _logs(self, client: UpstreamClient, starts_at: datetime, ends_at: datetime) -> Charges:
        query = {"start": _text(starts_at), "end": _text(ends_at), "status": "succeeded", "limit": PER_PAGE}
        rows: list[object] = []
        for page in range(MOST_PAGES):
            found = await self._get(client, "/v2/logs", {**query, "offset": page * PER_PAGE})
            rows += _rows(found)
            if not _pagination(found).get("has_more"):
                charges = _charges([logged_charge(row) for row in rows], starts_at, ends_at)
                return replace(charges, total=await self._total(client, starts_at, ends_at))
        raise TooManyCharges

    async def _total(self, client: UpstreamClient, starts_at: datetime, ends_at: datetime) -> Decimal | None:
        query = {"start": _text(starts_at), "end": _text(ends_at)}
        try:
            found = await self._get(client, "/v2/usage/detail", query)
        except UpstreamError:
            # The list was read, and is compared without the sum.
            return None
        spent = make_cost(None, found.get("spend"))
        return spent.usd if spent else None

    async def _transactions(self, client: UpstreamClient, starts_at: datetime, ends_at: datetime) -> Charges:
        query: dict[str, Any] = {"from": _text(starts_at), "to": _text(ends_at), "direction": "CHARGE"}
        query |= {"type": "MODEL_USAGE", "limit": PER_PAGE}
        rows: list[object] = []
        for _ in range(MOST_PAGES):
            found = await self._get(client, "/v2/billing/transactions", query)
            rows += _rows(found)
            cursor = _pagination(found).get("next_cursor")
            if not cursor or not isinstance(cursor, str):
                return _charges([moved_charge(row) for row in rows], starts_at, ends_at, is_of_key=False)
            query["cursor"] = cursor
        raise TooManyCharges

    async def _get(self, client: UpstreamClient, path: str, query: dict[str, Any]) -> dict[str, Any]:
        url = f"{self._base}{path}?{urlencode(query)}"
        return await client.fetch_json(url, secret=self._secret, allowed_private=self._allowed)


def _rows(found: dict[str, Any]) -> list[object]:
    rows = found.get("data")
    if not isinstance(rows, list):
        raise AnsweredWithError(FailureKind.MALFORMED, "The provider did not list what it charged.")
    return rows


def _pagination(found: dict[str, Any]) -> dict[str, Any]:
    pages = found.get("pagination")
    return pages if isinstance(pages, dict) else {}


def _charges(
    read: list[Charge | None], starts_at: datetime, ends_at: datetime, *, is_of_key: bool = True
) -> Charges:
    # A row may come on two pages if another one is added while they are read.
    rows = {charge.inference_id: charge for charge in read if charge and starts_at <= charge.at < ends_at}
    return Charges(tuple(rows.values()), is_of_key, sum(charge is None for charge in read))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
