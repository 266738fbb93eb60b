"""Prompts as Langfuse's public API gives them: one version, or the list of names.

https://api.reference.langfuse.com/#tag/prompts
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat.prompts.content import PromptContent
from chat.prompts.imported import (
    Json,
    ListedName,
    PromptImportRefused,
    ReadPrompt,
    ReadVersion,
    number_of,
    split_system,
)
from chat.prompts.validity import checked

# Settings that people keep in a prompt's free ``config`` and that are parameters of a request.
_PARAMETERS = frozenset(
    {
        *(
            "temperature",
            "top_p",
            "max_tokens",
            "max_completion_tokens",
            "frequency_penalty",
            "presence_penalty",
        ),
        *("stop", "seed", "tools", "tool_choice", "response_format", "reasoning_effort", "logprobs", "n"),
        *("parallel_tool_calls", "verbosity", "top_logprobs", "logit_bias"),
    }
)
_MODEL = ("model", "model_name", "modelName")
_REFERENCE = "@@@langfusePrompt:"


def is_langfuse(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("prompt"), str | list)
        and value.get("type", "text") in ("text", "chat")
    )


def is_langfuse_list(value: Any) -> bool:
    data = value.get("data") if isinstance(value, dict) else None
    return (
        isinstance(data, list)
        and bool(data)
        and all(
            isinstance(each, dict) and "name" in each and isinstance(each.get("versions"), list)
            for each in data
        )
    )


def read_langfuse(value: Json) -> ReadPrompt:
    """
    :raises PromptImportRefused: it has no messages that can be read.
    """
    name = value["name"]
    pairs = list(_messages(value["prompt"], name))
    system, others, notes = split_system(pairs)
    if any(_REFERENCE in text for _, text in pairs):
        notes.append("It contains other prompts of Langfuse by reference. Put their texts in.")
    config = value.get("config")
    config = config if isinstance(config, dict) else {}
    model = next((config[key] for key in _MODEL if isinstance(config.get(key), str)), "")
    parameters = {key: part for key, part in config.items() if key in _PARAMETERS and part is not None}
    extra = {key: part for key, part in config.items() if key not in _PARAMETERS and key not in _MODEL}
    kind = "chat/completions" if model or parameters else ""
    content = checked(
        PromptContent(system, others, model=model, endpoint=kind, parameters=parameters, extra=extra)
    )
    number, labels = number_of(value.get("version")), _texts(value.get("labels"))
    if extra:
        notes.append(f"Kept without effect: {', '.join(extra)}.")
    said = value.get("commitMessage")
    version = ReadVersion(number, content, said[:200] if isinstance(said, str) else "")
    tags = _texts(value.get("tags"))
    return ReadPrompt(
        name.strip()[:128] or "Prompt",
        (version,),
        f"Tags: {', '.join(tags)}" if tags else "",
        number if "production" in labels else None,
        labels,
        tuple(notes),
    )


def read_langfuse_list(value: Json) -> tuple[ListedName, ...]:
    return tuple(
        ListedName(
            str(each["name"])[:128],
            tuple(version for version in each["versions"] if isinstance(version, int)),
            _texts(each.get("labels")),
        )
        for each in value["data"]
    )


def _messages(prompt: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(prompt, str):
        yield "user", prompt
        return
    for at, message in enumerate(prompt, 1):
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "placeholder":
            yield "placeholder", str(message.get("name") or "history")
        elif isinstance(message, dict) and isinstance(message.get("content"), str):
            yield str(message.get("role") or "user"), message["content"]
        else:
            raise PromptImportRefused(f"Message {at} of {name[:80]} has no text.")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
