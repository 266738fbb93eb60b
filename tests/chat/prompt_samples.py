"""Prompts in the shapes of other tools, written for the tests."""

from __future__ import annotations

import json
from typing import Any

RESPONSE: dict[str, Any] = {
    "id": "resp_b2",
    "object": "response",
    "model": "gpt-5.1",
    "temperature": 0.3,
    "top_p": 1.0,
    "reasoning": {"effort": "low", "summary": None},
    "max_output_tokens": 500,
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "prompt": {
        "id": "pmpt_77",
        "version": "5",
        "variables": {
            "town": "Oslo",
            "mood": {"type": "input_text", "text": "kind"},
            "map": {"type": "input_file", "file_id": "file-1"},
        },
    },
    "instructions": [
        {
            "type": "message",
            "role": "developer",
            "content": [
                {"type": "input_text", "text": "You know Oslo. Be kind, not kinder. Oslos is no word."}
            ],
        },
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Oslo: where to?"},
                {"type": "input_file", "file_id": "file-1"},
            ],
        },
    ],
    "text": {"format": {"type": "json_schema", "name": "r", "schema": {"type": "object", "properties": {}}}},
    "tools": [{"type": "function", "name": "find", "description": None, "parameters": {"type": "object"}}],
    "output": [],
}

PRINTED = (
    "Response(id='resp_9', created_at=1795000000.0, error=None, instructions=[EasyInputMessage("
    "content=[ResponseInputText(text='Greet Ana.', type='input_text')], role='developer', type='message')], "
    "model='gpt-5.1', object='response', output=[], temperature=-0.0, tools=[], "
    "prompt=ResponsePrompt(id='pmpt_1', variables={'who': 'Ana'}, version='2'))"
)

PAGE = """Travel advice
pmpt_abc123
v4
Draft
Model
gpt-5.1
Temperature: 0.5
Max output tokens
1,200
Reasoning effort: low
Variables
town
Add
Developer message
You know {{town}}.

User
is never a heading inside a sentence, but alone it is.
Prompt messages
User
Where to in {{town}}?
Assistant
The harbour.
Add message
"""

LANGFUSE: dict[str, Any] = {
    "name": "reply",
    "version": 7,
    "type": "chat",
    "labels": ["production", "latest"],
    "tags": ["mail"],
    "commitMessage": "warmer",
    "prompt": [
        {"type": "chatmessage", "role": "system", "content": "Answer {{ customer name }} in {{tongue}}."},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": "{{question}}"},
    ],
    "config": {
        "model": "demo/plain",
        "temperature": 0.1,
        "max_tokens": 50,
        "tools": [{"type": "function", "function": {"name": "find"}}],
        "owner": "b",
    },
}
LANGFUSE_TEXT = {
    "name": "critic",
    "version": 1,
    "type": "text",
    "labels": [],
    "prompt": "{{film}} by {{who}}",
}
LANGFUSE_LIST = {
    "data": [
        {"name": "reply", "type": "chat", "versions": [1, 7], "labels": ["production"], "tags": []},
        {"name": "a/b", "type": "text", "versions": [1], "labels": [], "tags": []},
    ],
    "meta": {"page": 1, "limit": 10, "totalItems": 2, "totalPages": 1},
}

PROMPTFOO = """
description: Greetings
prompts:
  - "Greet {{name}} on {{day}}."
  - |
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "{{name}}"}]
  - file://long.txt
providers:
  - openai:chat:gpt-4o-mini
  - id: anthropic:messages:claude-x
    config: {temperature: 0, apiKey: secret}
defaultTest:
  vars: {day: Monday}
  assert: [{type: is-json}]
tests:
  - vars: {name: "a \\"b\\", c", age: 3}
    description: quoted
    assert:
      - {type: not-contains, value: sorry}
      - {type: latency, threshold: 4000}
      - {type: python, value: "len(output) < 9"}
  - vars: {name: Bo, day: Friday}
    assert:
      - {type: assert-set, assert: [{type: cost, threshold: 0.01}, {type: latency}]}
  - file://more.csv
"""


def as_text(value: Any) -> str:
    return json.dumps(value)
