"""A Response of OpenAI that was made with a stored prompt, as JSON or as Python prints it.

The texts in it have the values of the variables in place of the variables, so these are put back.
https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from chat.prompts.content import PromptContent, Variable, VariableKind
from chat.prompts.imported import (
    Json,
    PromptImportRefused,
    ReadPrompt,
    ReadVersion,
    number_of,
    split_system,
    with_plain_names,
    without_nulls,
)
from chat.prompts.placeholders import is_name
from chat.prompts.validity import checked
from playground.upstream.storable import storable

# Values of a response that nobody chose.
_DEFAULTS: Json = {
    "temperature": 1,
    "top_p": 1,
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "truncation": "disabled",
    "text": {"format": {"type": "text"}},
    "tools": [],
    "reasoning": {},
}
_KEPT = (*_DEFAULTS, "max_output_tokens", "max_tool_calls", "include")
_FILES = ("input_file", "input_image")
_MAX_PRINTED = 2_000_000


def is_response(value: Any) -> bool:
    return isinstance(value, dict) and (
        value.get("object") == "response"
        or ("instructions" in value and isinstance(value.get("prompt"), dict))
    )


def printed_response(text: str) -> Json | None:
    """Return the response that Python printed as ``Response(id='…', …)``; None if the text is none."""
    if not re.match(r"\w*Response\w*(\[\w+\])?\(", text) or len(text) > _MAX_PRINTED:
        return None
    try:
        value = _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return storable(value) if isinstance(value, dict) else None


def _value(node: ast.expr) -> Any:
    """Return a printed value as JSON. Nothing is executed: a call stands for the object that it prints."""
    match node:
        case ast.Call():
            return {word.arg: _value(word.value) for word in node.keywords if word.arg}
        case ast.Dict():
            return {
                str(_value(key)): _value(part)
                for key, part in zip(node.keys, node.values, strict=True)
                if key
            }
        case ast.List() | ast.Tuple():
            return [_value(part) for part in node.elts]
        case ast.Constant(value=str() | int() | float() | None):
            return node.value
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand)
    raise ValueError


def read_response(value: Json) -> ReadPrompt:
    """
    :raises PromptImportRefused: the response does not say what its prompt is.
    """
    asked = value.get("prompt")
    prompt: Json = asked if isinstance(asked, dict) else {}
    given = prompt.get("variables")
    variables = _Variables(given if isinstance(given, dict) else {})
    messages = list(_messages(value.get("instructions"), variables))
    if not messages:
        raise PromptImportRefused(
            "This response of OpenAI has no instructions, so the texts of its prompt are not in it. Make a "
            "response with the prompt, or paste the text of its page."
        )
    system, others, notes = split_system(messages)
    number = number_of(prompt.get("version"))
    content = checked(
        PromptContent(
            system,
            others,
            variables.described(),
            model=str(value.get("model") or ""),
            endpoint="responses",
            parameters=dict(_parameters(value)),
        )
    )
    name = str(prompt.get("id") or value.get("id") or "Response")[:128]
    said = f"Version {number} of {name} at OpenAI" if prompt.get("id") else ""
    return ReadPrompt(name, (ReadVersion(number, content, said),), notes=(*notes, *variables.notes()))


def _parameters(value: Json) -> Iterator[tuple[str, Any]]:
    for name in _KEPT:
        found = without_nulls(value.get(name))
        if found is not None and found != _DEFAULTS.get(name):
            yield name, found


class _Variables:
    """The values that were filled in, and where they were found."""

    def __init__(self, given: Json) -> None:
        self._files: dict[str, Json] = {}
        self._texts: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._notes: list[str] = []
        for name, value in given.items():
            plain = with_plain_names(f"{{{{{name}}}}}")[0].strip("{}")
            if not is_name(plain):
                self._notes.append(f"The variable “{str(name)[:40]}” has no name that can be used here.")
                continue
            self._places[plain] = 0
            if isinstance(value, dict) and value.get("type") in _FILES:
                self._files[plain] = value
            else:
                text = value.get("text") if isinstance(value, dict) else value
                self._texts[plain] = text if isinstance(text, str) else ""
        # The longest value first: a shorter one may be a part of it.
        found = sorted({text for text in self._texts.values() if text.strip()}, key=len, reverse=True)
        each = (rf"{_edge(text[0], '<!')}{re.escape(text)}{_edge(text[-1], '!')}" for text in found)
        self._pattern = re.compile("|".join(each)) if found else None

    def put_back(self, text: str) -> str:
        if self._pattern is None:
            return with_plain_names(text)[0]
        by_value = {value: name for name, value in reversed(self._texts.items())}
        parts, end = list[str](), 0
        for match in self._pattern.finditer(text):
            name = by_value[match[0]]
            self._places[name] += 1
            parts += [text[end : match.start()], f"{{{{{name}}}}}"]
            end = match.end()
        return "".join([*parts, text[end:]])

    def file_of(self, part: Json) -> str:
        """Return the placeholder of a file that is a variable's value; empty if there is none."""
        keys = ("file_id", "file_url", "file_data", "image_url", "filename")
        for name, value in self._files.items():
            if any(value.get(key) and value.get(key) == part.get(key) for key in keys):
                self._places[name] += 1
                return f"{{{{{name}}}}}"
        self._notes.append("A file in a message is not a variable and was left out.")
        return ""

    def described(self) -> tuple[Variable, ...]:
        long = (name for name, text in self._texts.items() if "\n" in text)
        found = dict.fromkeys(long, VariableKind.LONG_TEXT) | dict.fromkeys(self._files, VariableKind.FILE)
        return tuple(Variable(name, kind) for name, kind in found.items())

    def notes(self) -> Iterator[str]:
        yield from dict.fromkeys(self._notes)
        for name, count in self._places.items():
            if count:
                yield f"{{{{{name}}}}} was put back in {count} place{'s' * (count != 1)}."
            else:
                yield f"The value of {{{{{name}}}}} is not in the texts. Put the variable back yourself."


def _edge(letter: str, look: str) -> str:
    """Return the condition that a value does not begin or end inside a word."""
    return rf"(?{look}\w)" if re.match(r"\w", letter) else ""


def _messages(given: Any, variables: _Variables) -> Iterator[tuple[str, str]]:
    if isinstance(given, str):
        given = [{"role": "developer", "content": given}]
    for message in given if isinstance(given, list) else ():
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            continue
        content = message.get("content")
        if isinstance(content, str):
            content = [{"type": "input_text", "text": content}]
        found = []
        for part in content if isinstance(content, list) else ():
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                found.append(variables.put_back(part["text"]))
            elif isinstance(part, dict) and part.get("type") in _FILES:
                found.append(variables.file_of(part))
        yield message["role"], "\n\n".join(filter(None, found))
