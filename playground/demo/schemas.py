"""Request schemas of the demo models, as OpenAPI 3.0 like the real documents.

They differ from model to model on purpose: together they have every kind of parameter that the
models of the catalogue have, and each parameter has the effect that it describes.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
DEFAULT_MAX_TOKENS = 1024


def request_schema(model_id: str, *, messages: Schema | None = None, **parameters: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {
            "model": {"type": "string", "enum": [model_id]},
            "messages": messages or _MESSAGES,
            "stream": {"type": "boolean", "default": False, "description": "Send the answer piece by piece."},
            "stream_options": {
                "type": "object",
                "properties": {"include_usage": {"type": "boolean"}},
                "required": ["include_usage"],
            },
            **parameters,
        },
        "required": ["model", "messages"],
        # An unsupported field is an error of the sender, which a lenient demo would hide.
        "additionalProperties": False,
    }


_TEXT: Schema = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"type": {"type": "string", "enum": ["text"]}, "text": {"type": "string"}},
                "required": ["type", "text"],
            },
        },
    ]
}
_NO_TEXT: Schema = {"anyOf": [*_TEXT["anyOf"], {"type": "string", "nullable": True}]}


def _message(role: str, content: Schema, *required: str, **more: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {
            "role": {"type": "string", "enum": [role]},
            "content": content,
            "name": {"type": "string"},
            **more,
        },
        "required": ["role", *required],
    }


def _messages(prompt: Schema) -> Schema:
    return {
        "type": "array",
        "minItems": 1,
        "items": {
            "oneOf": [
                _message("system", _TEXT, "content"),
                _message("user", prompt, "content"),
                _message("assistant", _NO_TEXT, tool_calls={"type": "array", "items": {"type": "object"}}),
                _message("tool", _TEXT, "content", "tool_call_id", tool_call_id={"type": "string"}),
            ]
        },
    }


def _part(kind: str, **inner: Schema) -> Schema:
    """Return the schema of a part of a prompt whose content lies under the name of its type."""
    content = {"type": "object", "properties": inner, "required": list(inner), "additionalProperties": False}
    return {
        "type": "object",
        "properties": {"type": {"type": "string", "enum": [kind]}, kind: content},
        "required": ["type", kind],
    }


_STRING: Schema = {"type": "string"}
_MESSAGES = _messages(_TEXT)
# Messages whose prompts may hold images, documents and recordings besides text.
MESSAGES_WITH_MEDIA = _messages(
    {
        "anyOf": [
            _STRING,
            {
                "type": "array",
                "minItems": 1,
                "items": {
                    "oneOf": [
                        _TEXT["anyOf"][1]["items"],
                        _part("image_url", url={"type": "string", "pattern": "^(https://|data:image/)"}),
                        _part(
                            "file",
                            filename=_STRING,
                            file_data={"type": "string", "pattern": "^data:application/pdf;base64,"},
                        ),
                        _part(
                            "input_audio",
                            data=_STRING,
                            format={"type": "string", "enum": ["wav", "mp3"]},
                        ),
                    ]
                },
            },
        ]
    }
)

TEMPERATURE: Schema = {
    "type": "number",
    "minimum": 0,
    "maximum": 2,
    "default": 0.7,
    "description": "How freely words are chosen: 0 gives the same answer every time, 2 is rather playful.",
}
TOP_P: Schema = {
    "type": "number",
    "minimum": 0.01,
    "maximum": 1,
    "default": 1,
    "description": "Choose only among the likeliest words that together reach this probability.",
}
MAX_TOKENS: Schema = {
    "type": "integer",
    "minimum": 1,
    "maximum": 4096,
    "default": DEFAULT_MAX_TOKENS,
    "description": "Cut the answer after so many tokens; it then ends with the reason “length”.",
}
STOP: Schema = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}, "maxItems": 4},
        {"nullable": True},
    ],
    "description": "End the answer before the first of these texts, which is left out itself.",
}
SEED: Schema = {
    "type": "integer",
    "minimum": 1,
    "description": "The same seed, messages and parameters give the same answer again.",
}
VERBOSITY: Schema = {
    "type": "string",
    "enum": ["low", "medium", "high"],
    "default": "medium",
    "description": "How much is said.",
}


def penalty(description: str) -> Schema:
    return {"type": "number", "nullable": True, "minimum": -2, "maximum": 2, "description": description}


FREQUENCY_PENALTY = penalty(
    "Positive values avoid a phrase the more often it was used, negative ones repeat it."
)
PRESENCE_PENALTY = penalty("Positive values avoid every phrase that was used at all.")
LOGIT_BIAS: Schema = {
    "type": "object",
    "nullable": True,
    "additionalProperties": {"type": "number", "minimum": -100, "maximum": 100},
    "description": "Makes words likelier (up to 100) or bans them (−100). In the demo the keys are words.",
}
ECHO: Schema = {
    "type": "boolean",
    "default": False,
    "description": "Repeat the prompt in front of the answer.",
}
USER: Schema = {"type": "string", "maxLength": 64, "description": "Your own name for the person who asks."}
METADATA: Schema = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "description": "Notes that travel with the request, as pairs of texts.",
}


def _format(kind: str, description: str, **more: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"type": {"type": "string", "enum": [kind]}, **more},
        "required": ["type", *more],
        "additionalProperties": False,
        "description": description,
    }


RESPONSE_FORMAT: Schema = {
    "oneOf": [
        _format("text", "Ordinary text; the default."),
        _format("json_object", "One JSON object."),
        _format(
            "json_schema",
            "JSON that follows a schema of yours.",
            json_schema={
                "type": "object",
                "properties": {
                    "name": {"type": "string", "description": "Letters, digits, dashes and underscores."},
                    "description": {"type": "string"},
                    "schema": {"type": "object", "additionalProperties": True},
                    "strict": {"type": "boolean", "nullable": True},
                },
                "required": ["name", "schema"],
            },
        ),
    ],
    "description": "The form of the answer.",
}
REASONING_EFFORT: Schema = {
    "type": "string",
    "nullable": True,
    "enum": ["low", "medium", "high", None],
    "default": "medium",
    "description": "How long to think before answering.",
}
REASONING: Schema = {
    "type": "object",
    "properties": {
        "exclude": {"type": "boolean", "default": False, "description": "Think, but do not show it."},
        "max_tokens": {"type": "integer", "minimum": 8, "maximum": 2000, "description": "Longest thinking."},
        "language": {
            "type": "object",
            "properties": {
                "numbered": {"type": "boolean", "description": "Number the steps."},
                "opening": {"type": "string", "maxLength": 60, "description": "First words of the thinking."},
            },
            "description": "How the thinking is written.",
        },
    },
    "description": "Finer settings of the thinking.",
}
THINKING: Schema = {
    "anyOf": [
        {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["enabled"]},
                "budget_tokens": {"type": "integer", "minimum": 16, "maximum": 2000},
            },
            "required": ["type", "budget_tokens"],
        },
        {
            "type": "object",
            "properties": {"type": {"type": "string", "enum": ["disabled"]}},
            "required": ["type"],
        },
    ],
    "description": "Switch the thinking off, or give it a budget of tokens.",
}
SERVICE_TIER: Schema = {
    "type": "string",
    "nullable": True,
    "enum": ["flex", "default", "priority", None],
    "description": "How fast the words drip: flex takes twice as long, priority half as long.",
}
TOOLS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["function"]},
            "function": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "description": "What the model calls it."},
                    "description": {"type": "string", "description": "When to use it."},
                    "parameters": {"type": "object", "additionalProperties": True},
                    "strict": {"type": "boolean", "nullable": True},
                },
                "required": ["name"],
            },
        },
        "required": ["type", "function"],
    },
    "description": "Functions that the model may ask for.",
}
TOOL_CHOICE: Schema = {
    "anyOf": [
        {"type": "string", "enum": ["none", "auto", "required"]},
        {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["function"]},
                "function": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}},
                    "required": ["name"],
                },
            },
            "required": ["type", "function"],
        },
    ],
    "description": "Whether a function has to be called, may be called, or which one.",
}
PARALLEL_TOOL_CALLS: Schema = {
    "type": "boolean",
    "default": True,
    "description": "Allow several calls in one answer.",
}
