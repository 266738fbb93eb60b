"""The JSON in which prompts are exported from here, and imported again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chat.prompts.content import ContentRefused
from chat.prompts.imported import (
    MAX_PROMPTS,
    MAX_VERSIONS,
    Json,
    PromptImportRefused,
    ReadPrompt,
    ReadVersion,
    number_of,
)
from chat.prompts.stored import from_value, to_value

FORMAT = "chat-playground-prompts"


def is_own(value: Any) -> bool:
    return isinstance(value, dict) and value.get("format") == FORMAT


def written(prompts: Iterable[ReadPrompt]) -> str:
    """Return prompts as JSON for people and programs."""
    return json.dumps(
        {"format": FORMAT, "prompts": [_plain(each) for each in prompts]}, ensure_ascii=False, indent=2
    )


def _plain(prompt: ReadPrompt) -> Json:
    return {
        "name": prompt.name,
        "description": prompt.description,
        "production": prompt.production,
        "versions": [
            {"number": each.number, "note": each.note, "content": to_value(each.content)}
            for each in prompt.versions
        ],
    }


def read_own_prompts(value: Json) -> tuple[ReadPrompt, ...]:
    """
    :raises PromptImportRefused: a prompt has another shape; the message names it.
    """
    given = value.get("prompts")
    if not isinstance(given, list) or not given:
        raise PromptImportRefused("This export has no prompts.")
    if len(given) > MAX_PROMPTS:
        raise PromptImportRefused(f"An import can have at most {MAX_PROMPTS} prompts.")
    return tuple(_read(at, each) for at, each in enumerate(given, 1))


def _read(at: int, given: Any) -> ReadPrompt:
    if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not given["name"].strip():
        raise PromptImportRefused(f"Prompt {at} of this export has no name.")
    name, versions = given["name"].strip()[:128], given.get("versions")
    if not isinstance(versions, list) or not 0 < len(versions) <= MAX_VERSIONS:
        raise PromptImportRefused(f"“{name}” needs between 1 and {MAX_VERSIONS} versions.")
    found = dict[int, ReadVersion]()
    for each in versions:
        if not isinstance(each, dict):
            raise PromptImportRefused(f"“{name}” has a version that is no object.")
        number, note = number_of(each.get("number")), each.get("note")
        try:
            content = from_value(each.get("content"))
        except ContentRefused as refusal:
            raise PromptImportRefused(f"Version {number} of “{name}”: {refusal}") from refusal
        found[number] = ReadVersion(number, content, note[:200] if isinstance(note, str) else "")
    production, description = given.get("production"), given.get("description")
    return ReadPrompt(
        name,
        tuple(found[number] for number in sorted(found)),
        description[:20_000] if isinstance(description, str) else "",
        production if isinstance(production, int) and production in found else None,
    )
