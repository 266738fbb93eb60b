"""Request schemas as small as they can be, of each dialect."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}


def constant(name: str) -> Schema:
    return {"type": "string", "enum": [name]}


def an_object(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required or properties)}


def choice(*alternatives: Schema) -> Schema:
    return {"anyOf": list(alternatives)}


def array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


TEXT_PART = an_object(type=constant("text"), text=STRING)
IMAGE_PART = an_object(type=constant("image_url"), image_url=an_object(url=STRING))
FUNCTION_CALL = an_object(
    "id", "type", "function", id=STRING, type=constant("function"), function=an_object(name=STRING)
)


def message(role: str, content: Schema, **more: Schema) -> Schema:
    return an_object("role", role=constant(role), content=content, **more)


def chat(*messages: Schema, **root: Schema) -> Schema:
    return an_object("messages", messages=array(choice(*messages)), **root)


SYSTEM = message("system", STRING)
USER = message("user", choice(STRING, array(choice(TEXT_PART, IMAGE_PART))))
ASSISTANT = message("assistant", choice(STRING, {"type": "null"}), tool_calls=array(FUNCTION_CALL))
TOOL = message("tool", STRING, tool_call_id=STRING)
CHAT = chat(SYSTEM, USER, ASSISTANT, TOOL)

BLOCKS = array(
    choice(
        TEXT_PART,
        an_object(
            type=constant("image"),
            source=choice(
                an_object(type=constant("base64"), media_type={"enum": ["image/png"]}, data=STRING),
                an_object(type=constant("url"), url=STRING),
            ),
        ),
        an_object(type=constant("thinking"), thinking=STRING, signature=STRING),
        an_object(type=constant("redacted_thinking"), data=STRING),
        an_object(type=constant("tool_use"), id=STRING, name=STRING, input={"type": "object"}),
        an_object("type", "tool_use_id", type=constant("tool_result"), tool_use_id=STRING),
    ),
    maxItems=5,
)
SPEAKERS = {"type": "string", "enum": ["user", "assistant"]}
ANTHROPIC = an_object(
    "messages",
    "max_tokens",
    messages=array(an_object(role=SPEAKERS, content=choice(STRING, BLOCKS))),
    system=STRING,
    max_tokens={"type": "integer"},
)

ITEM = choice(
    an_object(
        role={"enum": ["user", "assistant", "system", "developer"]},
        content=choice(
            STRING,
            array(
                choice(
                    an_object(type=constant("input_text"), text=STRING),
                    an_object(type=constant("input_image"), image_url=STRING, detail={"enum": ["auto"]}),
                    an_object(type=constant("input_file"), filename=STRING, file_data=STRING),
                )
            ),
        ),
    ),
    an_object(type=constant("function_call"), call_id=STRING, name=STRING, arguments=STRING),
    an_object(type=constant("function_call_output"), call_id=STRING, output=STRING),
    an_object(
        type=constant("reasoning"), id=STRING, summary=array({"type": "object"}), encrypted_content=STRING
    ),
)
RESPONSES = an_object("input", input=choice(STRING, array(ITEM)), instructions=STRING)
