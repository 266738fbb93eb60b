"""The columns of a model that one entry of a provider's model list states.

Entries come from strangers: a value that is missing or has another type counts as not stated. Names and
descriptions stay plain text.
"""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from accounts.names import one_line
from playground.catalogue.developers import spelled
from playground.catalogue.model_list_prices import listed_prices

_LONGEST_COUNT = 2_147_483_647
# Capabilities in the order in which pages show them, with the words that lists use for each.
_CAPABILITIES = {
    "reasoning": ("reasoning", "thinking", "reasoning_effort"),
    "vision": ("vision", "image", "image_input", "multimodal"),
    "audio": ("audio", "audio_input", "audio_output", "speech"),
    "video": ("video", "video_input"),
    "files": ("files", "file", "file_input", "pdf", "pdf_input", "document"),
    "tools": ("tools", "tool", "function", "function_calling", "tool_calling", "tool_use"),
    "structured_output": ("structured_output", "structured_outputs", "response_format", "json_schema"),
    "web_search": ("web_search", "search", "online"),
}
# The places of the context length by priority. The context that a server was started with counts before the
# one that the model was trained for.
_CONTEXTS = (
    "info.contextLength", "meta.n_ctx", "loaded_context_length", "max_model_len",
    "top_provider.context_length", "max_input_tokens", "model_info.max_input_tokens", "context_length",
    "context_window", "max_context_length", "context_size", "max_context_tokens", "inputTokenLimit",
    "metadata.context_length", "limits.max_input_tokens", "model_spec.availableContextTokens", "n_ctx",
    "meta.n_ctx_train",
)  # fmt: skip
_OUTPUTS = (
    "info.outputMax", "max_output_tokens", "model_info.max_output_tokens", "max_completion_tokens",
    "top_provider.max_completion_tokens", "outputTokenLimit", "limits.max_output_tokens",
)  # fmt: skip
_NAMES = ("info.name", "display_name", "name", "title")
_WORDS = (
    "capabilities", "features", "modalities.input", "modalities.output", "architecture.input_modalities",
    "input_modalities", "supported_parameters", "supported_features", "model_info.supported_openai_params",
)  # fmt: skip


def facts_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that the entry states, such as ``{"name": …, "context_length": …}``.

    Prices are in credits for a million tokens. None means that there is a price, but not in tokens.
    """
    info = entry["info"] if isinstance(entry.get("info"), dict) else {}
    found: dict[str, Any] = {
        "name": next(filter(None, (text_of(_at(entry, place), 120) for place in _NAMES)), ""),
        "developer": spelled(text_of(info.get("developer"), 80)),
        "description": text_of(info.get("description") or entry.get("description"), 300),
        "context_length": next(filter(None, (_count(_at(entry, place)) for place in _CONTEXTS)), None),
        "output_max": next(filter(None, (_count(_at(entry, place)) for place in _OUTPUTS)), None),
        "released_on": _date(info.get("releasedAt")),
        "docs_url": _address(info.get("docsUrl")) or _address(info.get("url")),
        "capabilities": _capabilities(entry),
    }
    # An entry without capabilities was not filled in, since every model has some.
    stated = {name: value for name, value in found.items() if value not in (None, "", [])}
    return {**stated, **listed_prices(entry)}


def _at(entry: dict[str, Any], place: str) -> Any:
    """Return the value at a place such as "meta.n_ctx"."""
    outer, _, inner = place.partition(".")
    found = entry.get(outer)
    return (found.get(inner) if isinstance(found, dict) else None) if inner else found


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


def _count(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 10:
        value = int(value)
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
    for place in _WORDS:
        words = _at(entry, place)
        if isinstance(words, dict):
            words = [name for name, is_stated in words.items() if is_stated is True]
        if isinstance(words, list):
            said = (said or set()) | {_word(word) for word in words if isinstance(word, str)}
    for flags in (entry, entry.get("model_info")):
        # LiteLLM and Fireworks state abilities one by one, such as "supports_vision".
        for name, is_stated in flags.items() if isinstance(flags, dict) else ():
            if is_stated is True and str(name).startswith("supports_"):
                said = (said or set()) | {_word(str(name).removeprefix("supports_"))}
    if said is None:
        return None
    return [name for name, words in _CAPABILITIES.items() if not said.isdisjoint(words)]


def _word(text: str) -> str:
    """
    >>> _word("openai/chat-completion.response-format")
    'response_format'
    """
    return re.split(r"[./]", text.lower())[-1].replace("-", "_").strip()
