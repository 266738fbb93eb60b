"""Request schemas of ``/v1/responses`` and ``/v1/messages``, as OpenAPI 3.0 like the real documents."""

from __future__ import annotations

from typing import Any

from playground.demo import schemas

Schema = dict[str, Any]

_STRING: Schema = {"type": "string"}
_STREAM: Schema = {"type": "boolean", "default": False, "description": "Send the answer piece by piece."}

_BACKGROUND: Schema = {
    "type": "boolean",
    "nullable": True,
    "default": False,
    "description": "Answer in the background. The answer is fetched by its id.",
}


def responses_schema(model_id: str) -> Schema:
    return _request(
        model_id,
        ["model", "input"],
        input={"anyOf": [_STRING, {"type": "array", "minItems": 1, "items": {"anyOf": _ITEMS}}]},
        instructions={
            "type": "string",
            "nullable": True,
            "description": "How to answer, as a system prompt.",
        },
        reasoning={
            "type": "object",
            "properties": {"effort": schemas.REASONING_EFFORT},
            "description": "How long to think before answering.",
        },
        include={
            "type": "array",
            "items": {"type": "string", "enum": ["reasoning.encrypted_content"]},
            "description": "What to add to the answer: its thoughts under a seal, to be sent back next time.",
        },
        tools={
            "type": "array",
            "items": _object(
                ["type", "name"],
                type=_constant("function"),
                name=_STRING,
                description=_STRING,
                parameters={"type": "object", "additionalProperties": True},
                strict={"type": "boolean", "nullable": True},
            ),
            "description": "Functions that the model may ask for.",
        },
        tool_choice={
            "anyOf": [
                {"type": "string", "enum": ["none", "auto", "required"]},
                _object(type=_constant("function"), name=_STRING),
            ],
            "description": "Whether a function has to be called, may be called, or which one.",
        },
        parallel_tool_calls=schemas.PARALLEL_TOOL_CALLS,
        temperature=schemas.TEMPERATURE,
        max_output_tokens=schemas.MAX_TOKENS,
        background=_BACKGROUND,
    )


def messages_schema(model_id: str) -> Schema:
    return _request(
        model_id,
        ["model", "messages", "max_tokens"],
        messages={
            "type": "array",
            "minItems": 1,
            "items": _object(
                role={"type": "string", "enum": ["user", "assistant"]},
                content={"anyOf": [_STRING, {"type": "array", "minItems": 1, "items": {"oneOf": _BLOCKS}}]},
            ),
        },
        system={"type": "string", "description": "How to answer, as a system prompt."},
        max_tokens={key: value for key, value in schemas.MAX_TOKENS.items() if key != "default"},
        thinking=schemas.THINKING,
        tools={
            "type": "array",
            "items": _object(
                ["name", "input_schema"],
                name=_STRING,
                description=_STRING,
                input_schema={"type": "object", "additionalProperties": True},
            ),
            "description": "Functions that the model may ask for.",
        },
        tool_choice={
            "oneOf": [
                *(_object(type=_constant(kind)) for kind in ("auto", "any", "none")),
                _object(type=_constant("tool"), name=_STRING),
            ],
            "description": "Whether a function has to be called, may be called, or which one.",
        },
        temperature={**schemas.TEMPERATURE, "maximum": 1},
        stop_sequences={
            "type": "array",
            "items": _STRING,
            "maxItems": 4,
            "description": "End the answer before the first of these texts, which is left out itself.",
        },
    )


def _request(model_id: str, required: list[str], **properties: Schema) -> Schema:
    root = {"model": _constant(model_id), **properties, "stream": _STREAM}
    return {**_object(required, **root), "additionalProperties": False}


def _object(required: list[str] | None = None, **properties: Schema) -> Schema:
    """Return the schema of an object; all properties are required unless ``required`` names them."""
    needed = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": needed}


def _constant(value: str) -> Schema:
    return {"type": "string", "enum": [value]}


_ITEMS: list[Schema] = [
    _object(
        ["role", "content"],
        type=_constant("message"),
        role={"type": "string", "enum": ["user", "assistant", "system", "developer"]},
        content={
            "anyOf": [
                _STRING,
                {"type": "array", "items": _object(type=_constant("input_text"), text=_STRING)},
            ]
        },
    ),
    _object(type=_constant("function_call"), call_id=_STRING, name=_STRING, arguments=_STRING),
    _object(type=_constant("function_call_output"), call_id=_STRING, output=_STRING),
    _object(
        ["type", "id", "summary"],
        type=_constant("reasoning"),
        id=_STRING,
        summary={"type": "array", "items": _object(type=_constant("summary_text"), text=_STRING)},
        encrypted_content={"type": "string", "nullable": True},
    ),
]
_BLOCKS: list[Schema] = [
    _object(type=_constant("text"), text={"type": "string", "minLength": 1}),
    _object(type=_constant("thinking"), thinking=_STRING, signature=_STRING),
    _object(
        type=_constant("tool_use"),
        id={"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        name=_STRING,
        input={"type": "object", "additionalProperties": True},
    ),
    _object(
        ["type", "tool_use_id"],
        type=_constant("tool_result"),
        tool_use_id=_STRING,
        content=_STRING,
        is_error={"type": "boolean"},
    ),
]
