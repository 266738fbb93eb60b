"""The API keys of an account, made and changed with its management key: AI/ML API's ``/v1/keys``.

The provider names a key by its first characters, the prefix, and enforces a cap in dollars for each period.
The functions block: they are for threads without an event loop.
https://docs.aimlapi.com/api-references/service-endpoints
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.errors.exceptions import AnsweredWithError, FailureKind, UpstreamError
from playground.upstream.storable import storable
from playground.upstream.transport.client import UpstreamClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.upstream.transport.addresses import AllowedNetwork

# Periods of a cap, in the provider's words.
PERIODS = ("day", "week", "month", "no_reset")
LONGEST_NAME = 100
_MOST_USD = 10**12
_VERSION = re.compile(r"/v1/?$")
# It becomes a part of addresses.
_PREFIX = re.compile(r"[A-Za-z0-9_-]{4,64}")
_SECRET = re.compile(r"[!-~]{16,1000}")
# With these the provider did nothing. After another failure nobody knows whether it did.
_NOTHING_DONE = frozenset(
    {
        *(FailureKind.CONNECT, FailureKind.BAD_ADDRESS, FailureKind.DNS, FailureKind.TLS),
        *(FailureKind.REFUSED_ADDRESS, FailureKind.TIMEOUT_CONNECT, FailureKind.INTERNAL),
        *(FailureKind.BAD_REQUEST, FailureKind.UNAUTHORISED, FailureKind.FORBIDDEN),
        *(FailureKind.NOT_FOUND, FailureKind.RATE_LIMITED, FailureKind.REDIRECTED),
    }
)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that a key may spend in a period, in dollars."""

    usd: Decimal
    period: str

    def as_json(self) -> dict[str, Any]:
        return {"threshold": float(self.usd), "retention": self.period}


@dataclass(frozen=True, slots=True)
class ManagedKey:
    """A key as the provider reports it. ``used`` is of this month; the provider names no unit of it."""

    prefix: str
    name: str
    cap: Cap | None
    used: Decimal | None
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key with its secret, which the provider tells this once; ``secret`` is empty if it did not."""

    key: ManagedKey
    secret: str = field(repr=False)


def is_unsure(error: UpstreamError) -> bool:
    """Return whether the provider may have done what was asked, although it failed."""
    return error.kind not in _NOTHING_DONE


@dataclass(frozen=True, slots=True)
class KeyManager:
    """The keys of one account. Every method blocks and raises ``UpstreamError``."""

    base_url: str
    secret: Callable[[], str] = field(repr=False)
    allowed_private: tuple[AllowedNetwork, ...] = ()

    def list_keys(self) -> list[ManagedKey]:
        found = self._ask("GET").get("data")
        if not isinstance(found, list):
            raise _malformed()
        return [key for row in found if (key := _key(row))]

    def make_key(self, name: str, cap: Cap) -> MadeKey:
        found = self._ask("POST", body={"name": name, "limit": cap.as_json()}).get("data")
        key = _key(found)
        if key is None or not isinstance(found, dict):
            raise _malformed()
        secret = found.get("key")
        return MadeKey(key, secret if isinstance(secret, str) and _SECRET.fullmatch(secret) else "")

    def change_key(self, prefix: str, cap: Cap, *, is_disabled: bool) -> ManagedKey:
        body = {"limit": cap.as_json(), "disabled": is_disabled}
        key = _key(self._ask("PATCH", prefix, body).get("data"))
        if key is None or key.prefix != prefix:
            raise _malformed()
        return key

    def delete_key(self, prefix: str) -> None:
        found = self._ask("DELETE", prefix).get("data")
        if not isinstance(found, dict) or found.get("deleted") is not True:
            raise _malformed()

    def _ask(self, method: str, prefix: str = "", body: dict[str, Any] | None = None) -> dict[str, Any]:
        if prefix and not _PREFIX.fullmatch(prefix):
            raise _malformed()
        path = f"/v1/keys/{prefix}" if prefix else "/v1/keys"
        url = f"{_VERSION.sub('', self.base_url.rstrip('/'))}{path}"
        return asyncio.run(self._fetch(method, url, None if body is None else msgspec.json.encode(body)))

    async def _fetch(self, method: str, url: str, content: bytes | None) -> dict[str, Any]:
        client = UpstreamClient(1)
        allowed = self.allowed_private
        try:
            return await client.fetch_json(
                url, secret=self.secret, allowed_private=allowed, method=method, content=content
            )
        except UpstreamError as error:
            if error.kind is FailureKind.MALFORMED:
                # The words of a broken answer may hold a new key.
                raise _malformed() from None
            raise
        finally:
            await client.aclose()


def _malformed() -> AnsweredWithError:
    return AnsweredWithError(FailureKind.MALFORMED, "The provider's answer could not be understood.")


def _key(found: object) -> ManagedKey | None:
    """Read a key; None without a usable prefix."""
    if not isinstance(found, dict):
        return None
    prefix, name = found.get("prefix"), found.get("name")
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
        return None
    return ManagedKey(
        prefix,
        storable(name)[:LONGEST_NAME] if isinstance(name, str) else "",
        _cap(found.get("limit")),
        _amount(found.get("monthly_usage")),
        found.get("disabled") is True,
    )


def _cap(found: object) -> Cap | None:
    if not isinstance(found, dict):
        return None
    usd, period = _amount(found.get("threshold")), found.get("retention")
    return Cap(usd, period) if usd is not None and period in PERIODS else None


def _amount(found: object) -> Decimal | None:
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < _MOST_USD:
        return None
    return round(Decimal(str(found)), 6)
