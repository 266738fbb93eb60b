"""The parameters that an upstream's error refuses, so that they can be dropped or corrected.

Errors name a parameter in a field of its own (OpenAI's ``param``, FastAPI's ``loc``, zod's
``path`` …), or only in their words. Fields are preferred. A name counts only if the request held it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.parameters.schema.envelope import FIXED
from playground.upstream.errors.embedded import embedded_json
from playground.upstream.errors.refusal_words import Why, complaints, leaves_no_choice, why_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Refusal", "Why", "leaves_no_choice", "refused_parameters"]

MAX_WORDS = 300
_MAX_DEPTH = 8
# A failure keeps no more of the upstream's words; the bound also limits the time of the patterns.
MAX_TEXT = 4_000

_CODES = {
    "unsupported_parameter": Why.PARAMETER,
    "unknown_parameter": Why.PARAMETER,
    "unrecognized_parameter": Why.PARAMETER,
    "extra_forbidden": Why.PARAMETER,
    "value_error.extra": Why.PARAMETER,
    "unrecognized_keys": Why.PARAMETER,
    "additionalproperties": Why.PARAMETER,
    "unsupported_value": Why.VALUE,
    "invalid_value": Why.VALUE,
    "invalid_type": Why.VALUE,
}
_PLACES = ("param", "parameter", "loc", "path", "field", "instancePath", "property", "pointer")
_NAMES = ("keys", "additionalProperty", "unevaluatedProperty", "parameters")
_WORDS = ("message", "msg", "description", "error", "detail", "reason", "title", "error_description")
_WRAPPERS = {
    "body",
    "request",
    "params",
    "parameters",
    "parameter",
    "generation_config",
    "extra_body",
    "$",
    "#",
    "",
}
# Python's notation of a place that pydantic names, inside a text.
_PRINTED_PLACE = re.compile(r"['\"]loc['\"]:\s*\((?P<place>[^)]{1,200})\)")
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """``words`` are the upstream's own, about this parameter."""

    name: str
    why: Why
    words: str

    @property
    def is_lasting(self) -> bool:
        """Whether the next request with this parameter would be refused as well, whatever its value."""
        return self.why is Why.PARAMETER or (self.why is Why.VALUE and leaves_no_choice(self.words))


def refused_parameters(error: str, body: Collection[str]) -> list[Refusal]:
    """Return the parameters of a request that an error refuses, in its order, each once.

    ``error`` is the whole error as it came, without keys; ``body`` the names that were sent.
    """
    sent, error = frozenset(body) - FIXED, error[:MAX_TEXT]
    if not sent:
        return []
    found = embedded_json(error)
    refusals = [*_in_fields(found, sent)] if found is not None else []
    if not refusals:
        refusals = [refusal for text in _texts(error) for refusal in _in_text(text, sent)]
    once: dict[str, Refusal] = {}
    for refusal in refusals:
        once.setdefault(refusal.name, refusal)
    return list(once.values())


def _in_fields(found: Any, sent: frozenset[str], depth: int = 0) -> Iterator[Refusal]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(found, str):
        inner = embedded_json(found)
        if inner is not None:
            yield from _in_fields(inner, sent, depth + 1)
    elif isinstance(found, list):
        for item in found:
            yield from _in_fields(item, sent, depth + 1)
    elif isinstance(found, dict):
        words = _shortened(_own_words(found))
        for name in dict.fromkeys(_names_of(found, sent)):
            yield Refusal(name, _why(found, words), words)
        for key, value in found.items():
            yield from _in_fields(value, sent, depth + 1)
            if key in sent and (texts := _sentences(value)):
                # Some upstreams answer with a list of sentences for each field.
                text = _shortened(" ".join(texts))
                yield Refusal(key, why_of(text), text)


def _names_of(found: dict[str, Any], sent: frozenset[str]) -> Iterator[str]:
    holders = [found, *(inner for key in ("params", "ctx") if isinstance(inner := found.get(key), dict))]
    for holder in holders:
        places = [holder.get(key) for key in _PLACES]
        for key in _NAMES:
            value = holder.get(key)
            places += value if isinstance(value, list) else [value]
        for place in places:
            if name := _top_level(place, sent):
                yield name


def _top_level(place: Any, sent: frozenset[str]) -> str:
    """Return the parameter of a place: ``["body", "tools", 0]``, ``generationConfig.topP``, ``/stop/1``."""
    if isinstance(place, str):
        if len(place) > 200:
            return ""
        place = re.split(r"[./\[\]\"']+", place)
    if not isinstance(place, list):
        return ""
    for step in place:
        snake = _CAPITAL.sub(lambda capital: f"_{capital[0].lower()}", step) if isinstance(step, str) else ""
        if name := next((name for name in (step, snake) if isinstance(name, str) and name in sent), ""):
            return name
        if snake not in _WRAPPERS:
            return ""
    return ""


def _why(found: dict[str, Any], words: str) -> Why:
    for key in ("code", "type", "keyword"):
        code = found.get(key)
        if isinstance(code, str) and code.lower() in _CODES:
            return _CODES[code.lower()]
    return why_of(words)


def _in_text(text: str, sent: frozenset[str]) -> Iterator[Refusal]:
    for printed in _PRINTED_PLACE.finditer(text):
        steps = [step.strip(" '\"") for step in printed["place"].split(",")]
        if name := _top_level(steps, sent):
            yield Refusal(name, why_of(text), _shortened(text))
    for why, names, sentence in complaints(text, sent):
        # The sentences around it may suggest an alternative.
        words = text if len(text) <= MAX_WORDS else sentence
        for name in names:
            yield Refusal(name, why, _shortened(words))


def _texts(found: Any, depth: int = 0) -> list[str]:
    """Return all words for people in an error, outermost first."""
    if depth > _MAX_DEPTH:
        return []
    if isinstance(found, str):
        inner = embedded_json(found)
        if inner is None:
            return [found]
        # Words around JSON may say more than it does: “does not support {"seed": 1}”.
        is_all = found.lstrip().startswith(("{", "["))
        return [*_texts(inner, depth + 1), *([] if is_all else [found])]
    if isinstance(found, list):
        return [text for item in found for text in _texts(item, depth + 1)]
    if isinstance(found, dict):
        return [text for value in found.values() for text in _texts(value, depth + 1)]
    return []


def _own_words(found: dict[str, Any]) -> str:
    return next((found[key] for key in _WORDS if isinstance(found.get(key), str)), "")


def _sentences(value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [text for text in texts if isinstance(text, str) and " " in text]


def _shortened(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 1]}…"
