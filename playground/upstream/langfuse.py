"""Prompts of a Langfuse server, fetched with a project's keys, which are used for these calls and not stored.

The functions block: they are for threads without an event loop.
https://langfuse.com/faq/all/list-prompts-by-label
"""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from playground.upstream.dialects.shared.reading.decoding import decode_object
from playground.upstream.errors.exceptions import AnsweredWithError, FailureKind, NotConnected
from playground.upstream.transport.client import UpstreamClient
from playground.upstream.transport.requests import Clocks

if TYPE_CHECKING:
    from playground.upstream.transport.addresses import AllowedNetwork

Json = dict[str, Any]

# The most prompts that are fetched, and how many at once.
MAX_PROMPTS = 200
_CONCURRENCY, _PAGE = 4, 100
_CLOCKS = Clocks(connect=10, first_token=15, total=20)
_MOST_SECONDS = 60
_MOST_BYTES = 2_000_000
_KEY = re.compile(r"[!-~]{1,300}")
# A base address that people copy from a page or from a client's settings.
_API = re.compile(r"/api(/public(/v2)?)?/?$")


@dataclass(frozen=True, slots=True)
class LangfuseServer:
    address: str
    public_key: str
    secret_key: str = field(repr=False)
    allowed_private: tuple[AllowedNetwork, ...] = ()

    def prompts(self) -> list[Json]:
        """Fetch the version for production and the newest one of each prompt; raise ``UpstreamError``."""
        return asyncio.run(self._prompts())

    async def _prompts(self) -> list[Json]:
        client = UpstreamClient(_CONCURRENCY)
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                wanted = await self._wanted(client)
                places = asyncio.Semaphore(_CONCURRENCY)

                async def fetched(name: str, label: str) -> Json:
                    async with places:
                        return await self._get(client, f"/{quote(name, safe='')}", label=label)

                found = await asyncio.gather(*(fetched(*each) for each in wanted))
        except TimeoutError as error:
            raise NotConnected(FailureKind.TIMEOUT_TOTAL, "Langfuse took too long. Try again.") from error
        finally:
            await client.aclose()
        return list(found)

    async def _wanted(self, client: UpstreamClient) -> list[tuple[str, str]]:
        """Return the names of the prompts, each with the labels that are fetched."""
        wanted = list[tuple[str, str]]()
        names = set[str]()
        for page in range(1, MAX_PROMPTS // _PAGE + 1):
            found = await self._get(client, "", page=str(page), limit=str(_PAGE))
            data = found.get("data")
            if not isinstance(data, list):
                raise _not_understood()
            for each in data[:_PAGE]:
                name = each.get("name") if isinstance(each, dict) else None
                if not isinstance(name, str) or not name or name in names or len(name) > 500:
                    continue
                names.add(name)
                labels = each.get("labels")
                has_production = isinstance(labels, list) and "production" in labels
                wanted += [(name, "latest"), *([(name, "production")] if has_production else [])]
            if len(data) < _PAGE:
                break
        return wanted

    async def _get(self, client: UpstreamClient, path: str, **query: str) -> Json:
        url = f"{_origin(self.address)}/api/public/v2/prompts{path}?{urlencode(query)}"
        pair = f"{_checked(self.public_key)}:{_checked(self.secret_key)}"
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        allowed = self.allowed_private
        fetched = await client.fetch(
            url, allowed_private=allowed, clocks=_CLOCKS, headers=headers, max_bytes=_MOST_BYTES
        )
        fetched.raise_for_status()
        value = decode_object(fetched.body)
        if value is None:
            raise _not_understood()
        return value


def _origin(address: str) -> str:
    """Return the address without the path of the API.

    >>> _origin("https://cloud.langfuse.com/api/public/"), _origin("langfuse.example.org/team")
    ('https://cloud.langfuse.com', 'https://langfuse.example.org/team')
    """
    address = address.strip()
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_usable = False
    if not is_usable or len(address) > 500:
        raise NotConnected(FailureKind.BAD_ADDRESS, "This is not the address of a server.")
    return f"{parts.scheme}://{parts.netloc}{_API.sub('', parts.path).rstrip('/')}"


def _checked(key: str) -> str:
    key = key.strip()
    if not _KEY.fullmatch(key) or ":" in key:
        raise AnsweredWithError(FailureKind.UNAUTHORISED, "Enter both keys as Langfuse shows them.")
    return key


def _not_understood() -> AnsweredWithError:
    return AnsweredWithError(FailureKind.MALFORMED, "The answer is not one of Langfuse.")
