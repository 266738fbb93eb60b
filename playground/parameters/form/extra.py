"""Extra parameters: a JSON object for what a request schema does not mention, such as llama.cpp's ``min_p``.

The box posts under a name that no parameter of a schema can have. Its values are stored among the other
parameters: those that the schema has no control for are the box's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.utils.safestring import SafeString

from playground.parameters.form.control_html import parameter_html
from playground.parameters.form.entry import Entry
from playground.parameters.form.entry_from_post import Posted
from playground.parameters.form.parsing import EntryError, parse_object
from playground.parameters.schema.envelope import ENVELOPE, FIXED
from playground.parameters.schema.output_length import is_length, tokens_asked
from playground.parameters.schema.spec import Kind, ParameterSpec

# `segment` encodes names with a "=" in front only if they have other characters or are reserved.
NAME = "p.=extra"
LONGEST = 20_000
MOST_NAMES = 100
LONGEST_NAME = 100
DEEPEST = 20
# Gateways such as LiteLLM and OpenRouter take these to use another model, another server or another key than
# those that the workspace decided on.
_ELSEWHERE = frozenset(
    {
        *("models", "fallbacks", "fallback_models", "context_window_fallbacks", "content_policy_fallbacks"),
        *(
            "model_list",
            "model_id",
            "deployment_id",
            "custom_llm_provider",
            "api_base",
            "base_url",
            "api_key",
        ),
        *(
            "api_version",
            "api_type",
            "extra_headers",
            "headers",
            "extra_body",
            "extra_query",
            "litellm_params",
        ),
    }
)
_SPEC = ParameterSpec(
    "extra parameters",
    Kind.JSON,
    {"type": "object"},
    help='A JSON object for what this form lacks, such as {"min_p": 0.05}. It is sent as it is.',
)


def parse_extra(text: str, taken: Collection[str] = ()) -> dict[str, Any]:
    """Read the object that was written; an empty text is an empty one.

    :param taken: the names that have controls of their own.
    :raises EntryError: it is no object, too large, or has a name that it must not have.
    """
    if not text.strip():
        return {}
    if len(text) > LONGEST:
        raise EntryError(f"Must have at most {LONGEST:,} characters.")
    found = parse_object(text, deepest=DEEPEST)
    if len(found) > MOST_NAMES:
        raise EntryError(f"Must have at most {MOST_NAMES} parameters.")
    # Servers written in Go do not tell "Model" from "model".
    fields = {name.casefold(): name for name in taken}
    filled_in = {name.casefold() for name in ENVELOPE | FIXED}
    for name, value in found.items():
        folded = name.casefold().strip()
        if not folded or len(name) > LONGEST_NAME:
            raise EntryError(f"A name has 1 to {LONGEST_NAME} characters.")
        if folded in filled_in:
            raise EntryError(f"“{name}” is filled in by the playground. Remove it here.")
        if folded in _ELSEWHERE:
            raise EntryError(f"“{name}” could lead to another model, server or key. Remove it here.")
        if folded in fields:
            raise EntryError(f"“{fields[folded]}” has a field of its own in this form. Set it there.")
        if is_length(name) and value is not None and tokens_asked(value) is None:
            raise EntryError(f"“{name}” must be a number of at least 1, since limits count it.")
    return found


class ExtraBox:
    """The box at the end of a form: its text, its values and what is wrong with them."""

    warning = ""

    def __init__(self, taken: Collection[str], posted: Posted | None, initial: Mapping[str, Any]) -> None:
        # The composer has places of its own for what earlier versions stored as parameters.
        others = initial.keys() - taken - ENVELOPE
        self.values = {name: value for name, value in initial.items() if name in others}
        self.entry = Entry(_SPEC, NAME)
        if posted is None:
            self.entry.text = json.dumps(self.values, ensure_ascii=False, indent=2) if self.values else ""
            return
        self.entry.text = posted.take_one(NAME).replace("\r\n", "\n")
        try:
            self.values = parse_extra(self.entry.text, taken)
        except EntryError as refusal:
            self.values = {}
            self.entry.errors.append(str(refusal))

    @property
    def is_sent(self) -> bool:
        return bool(self.values or self.entry.errors)

    @property
    def html(self) -> SafeString:
        return parameter_html(self.entry, is_sent=self.is_sent, warning=self.warning)
