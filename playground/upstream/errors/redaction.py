"""The removal of API keys from errors and texts."""

from __future__ import annotations

import re

from playground.upstream.errors.exceptions import AddressRefused, UpstreamError

_KEYS_IN_TEXT = re.compile(r"\b(?:sk|key|pk)-[\w*-]{8,}|(?<=Bearer )[\w.*~+/=-]{8,}", re.ASCII)


def without_secret(error: UpstreamError, secret: str) -> UpstreamError:
    if isinstance(error, AddressRefused):
        # Nothing was sent yet, and its addresses are needed.
        return error
    return UpstreamError(
        error.kind,
        without_keys(error.message, secret),
        status=error.status,
        request_id=without_keys(error.request_id, secret),
        detail=without_keys(error.detail, secret),
        retry_after=error.retry_after,
    )


def without_keys(text: str, secret: str = "") -> str:
    """Replace keys in the text: upstreams often quote the key that they refuse."""
    if secret:
        text = _without_cut_key(text.replace(secret, "[key]"), secret)
    return _KEYS_IN_TEXT.sub("[key]", text)


# Fewer characters of a key than this reveal nothing.
_TELLING = 4


def _without_cut_key(text: str, secret: str) -> str:
    """Replace the rest of a key where the text was shortened in the middle of it."""
    *cut, last = text.split("…")
    for number, part in enumerate(cut):
        lengths = range(len(secret) - 1, _TELLING, -1)
        left = next((length for length in lengths if part.endswith(secret[:length])), 0)
        if left:
            cut[number] = f"{part[:-left]}[key]"
    return "…".join((*cut, last))
