"""The request schema of models whose provider a workspace added.

These providers publish no document, so their models begin with one schema: what servers that call
themselves OpenAI-compatible have in common.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from playground.parameters.schema.request_schema import digest_of

_SCHEMA = Path(__file__).parent / "data" / "generic_chat.json"
SOURCE = "generic"


@cache
def generic_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return schema


@cache
def digest() -> str:
    return digest_of(generic_schema())
