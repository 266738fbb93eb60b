"""The columns of a model that one entry of a provider's model list states.

Entries come from strangers: a value that is missing or has another type counts as not stated. Names and
descriptions stay plain text.
"""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from accounts.names import one_line
from playground.catalogue.developers import spelled
from playground.pricing import CREDITS_PER_USD, MILLION

_LONGEST_COUNT = 2_147_483_647
# The highest price that the column holds, above that of any model.
_DEAREST = Decimal(10) ** 11
_CENT = Decimal("0.0001")
# Blanks, control characters, and marks that change the direction of the text after them.
# Capabilities in the order in which pages show them, with the words that lists use for each.
_CAPABILITIES = {
    "reasoning": ("reasoning", "thinking", "reasoning_effort"),
    "vision": ("vision", "image"),
    "audio": ("audio", "audio_input", "audio_output", "speech"),
    "video": ("video", "video_input"),
    "files": ("files", "file", "file_input", "pdf", "document"),
    "tools": ("tools", "tool", "function", "function_calling", "tool_calling", "tool_use"),
    "structured_output": ("structured_output", "structured_outputs", "response_format", "json_schema"),
    "web_search": ("web_search", "search", "online"),
}
_INPUT = frozenset({"input", "prompt"})
_OUTPUT = frozenset({"output", "completion"})


def facts_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that the entry states, such as ``{"name": …, "context_length": …}``.

    Prices are in credits for a million tokens. None means that there is a price, but not in tokens.
    """
    info = entry["info"] if isinstance(entry.get("info"), dict) else {}
    found: dict[str, Any] = {
        "name": text_of(info.get("name"), 120),
        "developer": spelled(text_of(info.get("developer"), 80)),
        "description": text_of(info.get("description"), 300),
        "context_length": _count(info.get("contextLength")),
        "output_max": _count(info.get("outputMax")),
        "released_on": _date(info.get("releasedAt")),
        "docs_url": _address(info.get("docsUrl")) or _address(info.get("url")),
        "capabilities": _capabilities(entry),
    }
    # An entry without capabilities was not filled in, since every model has some.
    stated = {name: value for name, value in found.items() if value not in (None, "", [])}
    return {**stated, **prices_of(entry.get("pricing"))}


def text_of(value: object, longest: int) -> str:
    """Return one line of text, empty if the value is no text.

    >>> text_of("A <b>fast</b>\\n model", 12)
    'A <b>fast</…'
    """
    if not isinstance(value, str):
        return ""
    # A lone surrogate is valid JSON, and no database stores it.
    text = value[: longest * 8].encode("utf-8", "replace").decode()
    line = one_line(text)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def prices_of(pricing: object) -> dict[str, Decimal | None]:
    """Return input and output price in credits for a million tokens; empty if none is stated.

    >>> unit = {"name": "token", "measure": "output", "price": 3.25, "per": 1_000_000}
    >>> prices_of({"kind": "fixed", "currency": "USD", "units": [unit]})["output_price"]
    Decimal('6500000.0000')
    """
    if not isinstance(pricing, dict) or pricing.get("kind") not in ("fixed", "variants", "variable"):
        return {}
    lists = (pricing.get(key) for key in ("units", "variants"))
    units = [unit for units in lists if isinstance(units, list) for unit in units if isinstance(unit, dict)]
    if str(pricing.get("currency") or "USD").upper() != "USD":
        units = []
    return {"input_price": _dearest(units, _INPUT), "output_price": _dearest(units, _OUTPUT)}


def _dearest(units: list[dict[str, Any]], measures: frozenset[str]) -> Decimal | None:
    """Return the highest of several prices: an estimate must not be too low."""
    found = []
    for unit in units:
        when = unit["when"] if isinstance(unit.get("when"), dict) else {}
        measure = str(unit.get("measure") or when.get("measure") or when.get("direction")).lower()
        name = str(unit.get("name") or unit.get("unit")).lower().removesuffix("s")
        if measure in measures and name == "token" and (price := _credits(unit)) is not None:
            found.append(price)
    return max(found, default=None)


def _credits(unit: dict[str, Any]) -> Decimal | None:
    price, per = _decimal(unit.get("price")), _decimal(unit.get("per", 1))
    if price is None or per is None or price < 0 or per <= 0:
        return None
    try:
        credits = (price / per * MILLION * CREDITS_PER_USD).quantize(_CENT)
    except InvalidOperation:
        return None
    return credits if credits <= _DEAREST else None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        # The text of a float is the number that was meant: 0.1 instead of its binary value.
        found = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _count(value: object) -> int | None:
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= _LONGEST_COUNT else None


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _address(value: object) -> str:
    """Return the address if a page may link to it, else an empty text."""
    if not isinstance(value, str) or len(value) > 300 or not all("!" <= letter <= "~" for letter in value):
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme in ("http", "https") and parts.hostname else ""


def _capabilities(entry: dict[str, Any]) -> list[str] | None:
    said: set[str] | None = None
    modalities = entry["modalities"] if isinstance(entry.get("modalities"), dict) else {}
    for words in (
        entry.get("capabilities"), entry.get("features"), modalities.get("input"), modalities.get("output"),
    ):  # fmt: skip
        if isinstance(words, list):
            said = (said or set()) | {_word(word) for word in words if isinstance(word, str)}
    if said is None:
        return None
    return [name for name, words in _CAPABILITIES.items() if not said.isdisjoint(words)]


def _word(text: str) -> str:
    """
    >>> _word("openai/chat-completion.response-format")
    'response_format'
    """
    return re.split(r"[./]", text.lower())[-1].replace("-", "_").strip()
