from __future__ import annotations

import json
import re
from typing import Any

from playground.demo import subject, tokens
from playground.demo.answers.answer import ScriptedAnswer, ScriptedToolCall
from playground.demo.instances import instance
from playground.demo.requests import ChatRequest
from playground.demo.voice import Voice

_HOW_TO = """\
I call functions that you describe, and you tell me what came of it. Nothing is described yet: \
paste this into the **tools** parameter and ask again.

```json
[
  {
    "type": "function",
    "function": {
      "name": "get_weather",
      "description": "The weather in a city, now.",
      "parameters": {
        "type": "object",
        "properties": {
          "city": {"type": "string"},
          "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}
        },
        "required": ["city"]
      }
    }
  }
]
```

With **tool_choice** set to `required` I always call one, with `none` never."""
_PLACE = re.compile(r"\b(?:in|at|for|near|and|both)\s+((?:[^\W\d_a-z][\w'’-]+)(?:\s+[^\W\d_a-z][\w'’-]+)?)")
_SEVERAL = re.compile(r"\b(both|each|all|two|three|every)\b", re.IGNORECASE)
_MOST_CALLS = 4


def answer(request: ChatRequest, voice: Voice) -> ScriptedAnswer:
    """Call functions, report what they returned, or explain how to describe one."""
    if request.messages and request.messages[-1].get("role") == "tool":
        return _report(request, voice)
    functions = _functions(request)
    choice = request.parameters.get("tool_choice", "auto")
    if not functions:
        return ScriptedAnswer.of(_HOW_TO)
    if choice == "none":
        names = ", ".join(f"`{function['name']}`" for function in functions)
        return ScriptedAnswer.of(f"I can see {names}, but **tool_choice** is `none`, so I leave them alone.")
    calls = _calls(request, _chosen(functions, choice, request.prompt), voice)
    return ScriptedAnswer.of("", tool_calls=calls)


def _functions(request: ChatRequest) -> list[dict[str, Any]]:
    tools = request.parameters.get("tools")
    found = (
        [tool.get("function") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    )
    return [function for function in found if isinstance(function, dict) and function.get("name")]


def _chosen(functions: list[dict[str, Any]], choice: object, prompt: str) -> dict[str, Any]:
    """Choose the forced function, else the one that shares most words with the prompt."""
    if isinstance(choice, dict):
        wanted = (choice.get("function") or {}).get("name")
        return next((function for function in functions if function["name"] == wanted), functions[0])
    asked = set(subject.keywords(prompt, 30))

    def nearness(function: dict[str, Any]) -> int:
        words = f"{function['name']} {function.get('description', '')}".replace("_", " ")
        return len(asked & set(subject.keywords(words, 60)))

    return max(functions, key=nearness)


def _calls(request: ChatRequest, function: dict[str, Any], voice: Voice) -> tuple[ScriptedToolCall, ...]:
    prompt = request.prompt[:2000]
    topics = list(dict.fromkeys(_PLACE.findall(prompt))) or [subject.read(prompt).topic]
    several = bool(_SEVERAL.search(prompt)) and request.parameters.get("parallel_tool_calls") is not False
    return tuple(
        ScriptedToolCall(
            id=f"call_{voice.rng.getrandbits(48):012x}",
            name=str(function["name"]),
            arguments=json.dumps(instance(function.get("parameters", {}), topic), ensure_ascii=False),
        )
        for topic in topics[: _MOST_CALLS if several else 1]
    )


def _report(request: ChatRequest, voice: Voice) -> ScriptedAnswer:
    results = []
    for message in reversed(request.messages):
        if message.get("role") != "tool":
            break
        results.append(tokens.text_of(message.get("content")))
    told = "\n".join(f"- `{' '.join(result.split())[:300]}`" for result in reversed(results))
    lead = voice.pick(("This is what came back:", "The functions say:", "Here is what I was told:"))
    return ScriptedAnswer.of(f"{lead}\n\n{told}\n\nI take their word for it.")
