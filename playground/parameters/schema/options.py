"""Constants as options: the label that a form shows and the token that it posts."""

from __future__ import annotations

import json
from typing import Any

from playground.parameters.schema.equality import key_of
from playground.parameters.schema.spec import Option


def options_for(values: list[Any]) -> tuple[Option, ...]:
    """Return an option for each value, and one only for values that are equal in JSON."""
    once = {key_of(value): value for value in reversed(values)}
    return tuple(option_for(value) for value in reversed(once.values()))


def option_for(value: Any) -> Option:
    if isinstance(value, bool):
        return Option(token="true" if value else "false", label="on" if value else "off", value=value)
    written = json.dumps(value, ensure_ascii=False)
    # A text is its own token. Other values, and texts that look like them, are posted as "=" and JSON.
    is_plain = isinstance(value, str) and value.strip() == value and value not in ("", "true", "false")
    if is_plain and not value.startswith("="):
        return Option(token=value, label=value, value=value)
    label = value.get("type") if isinstance(value, dict) else None
    return Option(token=f"={written}", label=label if isinstance(label, str) else written, value=value)
