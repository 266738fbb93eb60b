"""A provider's list of models, and the OpenAPI document of each model.

The functions block: call them in threads without an event loop. Addresses of documents come from
the provider's list and are not trusted: they are followed on the provider's own site only, through
the same guarded connections as everything else, and never with a key.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin

from playground.upstream.dialects.shared.reading.decoding import decode_object
from playground.upstream.errors.exceptions import AnsweredWithError, FailureKind, NotConnected, UpstreamError
from playground.upstream.provider_site import is_on_site, split_address
from playground.upstream.transport.client import MAX_DOCUMENT_BYTES, UpstreamClient
from playground.upstream.transport.requests import Clocks, Fetched

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import TracebackType

    from playground.upstream.transport.addresses import AllowedNetwork

T = TypeVar("T")

# Documents of one provider that are fetched at once.
CONCURRENCY = 8
# Published documents reach 2 MB.
MAX_BYTES = 4_000_000
MAX_REDIRECTS = 3
RETRY_SECONDS = 0.5
CLOCKS = Clocks(connect=10, first_token=15, total=20)
# Failures that may be over a moment later.
_PASSING = frozenset(
    {
        FailureKind.CONNECT, FailureKind.DNS, FailureKind.CUT, FailureKind.SERVER, FailureKind.OVERLOADED,
        FailureKind.RATE_LIMITED, FailureKind.TIMEOUT_CONNECT, FailureKind.TIMEOUT_FIRST_TOKEN,
        FailureKind.TIMEOUT_TOTAL,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelsList:
    found: dict[str, Any]
    etag: str


class ModelListReader:
    """A reader of one provider's list and documents; a context manager that closes the connections."""

    def __init__(
        self,
        base_url: str,
        secret: Callable[[], str] | None = None,
        *,
        allowed_private: tuple[AllowedNetwork, ...] = (),
        clocks: Clocks = CLOCKS,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._secret = secret
        self._allowed = allowed_private
        self._clocks = clocks
        self._runner = asyncio.Runner()
        self._client = UpstreamClient(CONCURRENCY)

    def __enter__(self) -> ModelListReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def models(self, etag: str = "", *, has_more: bool = False) -> ModelsList | None:
        """Return the list of models, or None if its ETag is still this one. May raise ``UpstreamError``.

        :param has_more: ask for prices and capabilities too, which only AI/ML API understands.
        """
        url = f"{self._base_url}/models{'?include=all' if has_more else ''}"
        fetched = self._runner.run(self._list(url, {"If-None-Match": etag} if etag else {}))
        if fetched.status == 304 and etag:
            return None
        fetched.raise_for_status()
        found = decode_list(fetched.body)
        if found is None:
            raise AnsweredWithError(FailureKind.MALFORMED, "The provider did not list its models.")
        return ModelsList(found, _usable_etag(fetched.headers.get("etag", "")))

    def documents(self, urls: Sequence[str]) -> list[bytes | UpstreamError]:
        """Return each document or the error in its place, in the order of the addresses."""
        return self._runner.run(self._documents(urls))

    async def _list(self, url: str, headers: dict[str, str]) -> Fetched:
        async def fetch() -> Fetched:
            return await self._client.fetch(
                url,
                secret=self._secret,
                allowed_private=self._allowed,
                headers=headers,
                max_bytes=MAX_DOCUMENT_BYTES,
            )

        return await _twice(fetch)

    async def _documents(self, urls: Sequence[str]) -> list[bytes | UpstreamError]:
        slots = asyncio.Semaphore(CONCURRENCY)

        async def read(url: str) -> bytes | UpstreamError:
            async def fetch() -> bytes:
                return await _followed(self._client, url, self._allowed, self._clocks, site=self._base_url)

            async with slots:
                try:
                    return await _twice(fetch)
                except UpstreamError as error:
                    return error

        return list(await asyncio.gather(*(read(url) for url in urls)))


def decode_list(body: bytes) -> dict[str, Any] | None:
    """Return the body with the list in ``data``, or None if there is no list in it."""
    # Together AI answers with a bare list.
    found = decode_object(b'{"data":%s}' % body if body.lstrip().startswith(b"[") else body)
    if found is None:
        return None
    if found.get("data") is None and found.get("object") == "list":
        # Ollama without models answers with null.
        return {**found, "data": []}
    return found if isinstance(found.get("data"), list) else None


def fetch_document(url: str, *, allowed_private: tuple[AllowedNetwork, ...] = ()) -> bytes:
    """Fetch a document from an address that a permitted user entered; raise ``UpstreamError``."""

    async def fetch() -> bytes:
        client = UpstreamClient(1)
        try:
            return await _followed(client, url, allowed_private, CLOCKS)
        finally:
            await client.aclose()

    return asyncio.run(fetch())


async def _followed(
    client: UpstreamClient, url: str, allowed: tuple[AllowedNetwork, ...], clocks: Clocks, site: str = ""
) -> bytes:
    """Return the body after redirects. ``site`` restricts them to the site of this base URL."""
    is_secure = False
    for _ in range(MAX_REDIRECTS + 1):
        _check(url, site, is_secure=is_secure)
        is_secure = is_secure or url.startswith("https:")
        fetched = await client.fetch(url, allowed_private=allowed, clocks=clocks, max_bytes=MAX_BYTES)
        if not fetched.is_redirect:
            fetched.raise_for_status()
            return fetched.body
        url = urljoin(url, fetched.headers.get("location", ""))
    raise AnsweredWithError(FailureKind.REDIRECTED, "The address redirects too often.")


def _check(url: str, site: str, *, is_secure: bool) -> None:
    parts = split_address(url)
    if parts is None or parts.scheme not in ("http", "https"):
        raise _refused("The address must start with http:// or https://.", url)
    if is_secure and parts.scheme != "https":
        raise _refused("The address redirects from https to http.", url)
    if site and not is_on_site(url, site):
        raise _refused(
            f"The document is at {str(parts.hostname)[:100]}, which is not the provider's site.", url
        )


def _refused(message: str, url: str) -> NotConnected:
    return NotConnected(FailureKind.REFUSED_ADDRESS, message, detail=url[:300])


async def _twice(fetch: Callable[[], Awaitable[T]]) -> T:
    """Fetch, and once more after a failure that may be over."""
    try:
        return await fetch()
    except UpstreamError as error:
        if error.kind not in _PASSING:
            raise
    await asyncio.sleep(RETRY_SECONDS)
    return await fetch()


def _usable_etag(text: str) -> str:
    return text if re.fullmatch(r'(?:W/)?"[!#-~]{0,180}"', text) else ""
