"""The rules that a content keeps, whoever wrote it. Every refusal is a sentence that names the part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chat.prompts.content import (
    MAX_ALL,
    MAX_MESSAGES,
    MAX_SYSTEM,
    MAX_TEXT,
    MAX_VARIABLES,
    ContentRefused,
    MessageRole,
    PromptContent,
    Variable,
    VariableKind,
)
from chat.prompts.placeholders import is_name, names_in
from chat.prompts.values import value_of
from playground.parameters.schema.keywords import is_valid_pattern

_MAX_DEPTH = 40
NAME_RULE = "begins with a letter or _, and has at most 64 letters, digits and the signs _ - ."


def checked(content: PromptContent) -> PromptContent:
    """Return the content with exactly the variables that stand in its texts, after checking it.

    :raises ContentRefused: it breaks a rule.
    """
    names = names_in(content.texts)
    if len(names) > MAX_VARIABLES:
        raise ContentRefused(f"A prompt can have at most {MAX_VARIABLES} variables. Remove some.")
    given = [variable.name for variable in content.variables]
    if twice := next((name for name in given if given.count(name) > 1), ""):
        raise ContentRefused(f"The variable “{twice}” is described twice.")
    content = replace(content, variables=variables_for(names, content.variables))
    for problem in (*_problems_of_messages(content), *_problems_of_variables(content)):
        raise ContentRefused(problem)
    if not _fits(content.parameters) or not _fits(content.extra):
        raise ContentRefused("The parameters are nested too deeply.")
    size = content.size + len(json.dumps([content.parameters, content.extra], ensure_ascii=False))
    if size > MAX_ALL:
        raise ContentRefused(f"A prompt can have at most {MAX_ALL:,} characters in all. Shorten it.")
    return content


def variables_for(names: list[str], known: tuple[Variable, ...]) -> tuple[Variable, ...]:
    """Return a variable for each name, as it is known or as a text."""
    described = {variable.name: variable for variable in known}
    return tuple(described.get(name) or Variable(name) for name in names)


def _problems_of_messages(content: PromptContent) -> Iterator[str]:
    if len(content.messages) > MAX_MESSAGES:
        yield f"A prompt can have at most {MAX_MESSAGES} messages. Remove some."
    if len(content.system) > MAX_SYSTEM:
        yield f"A system prompt can have at most {MAX_SYSTEM:,} characters. Shorten it."
    for at, message in enumerate(content.messages, 1):
        if len(message.text) > MAX_TEXT:
            yield f"Message {at} has more than {MAX_TEXT:,} characters. Shorten it."
        if message.role is MessageRole.PLACEHOLDER and not is_name(message.name):
            yield f"Message {at}, a placeholder, needs a name that {NAME_RULE}."
        if message.role is not MessageRole.ASSISTANT and message.tool_calls:
            yield f"Message {at} has tool calls, which only an assistant’s message can have."
    in_messages = {each.name for each in content.messages if each.role is MessageRole.PLACEHOLDER}
    if both := next((each.name for each in content.variables if each.name in in_messages), ""):
        yield f"“{both}” is a variable and a placeholder of messages. Rename one."


def _problems_of_variables(content: PromptContent) -> Iterator[str]:
    others = (each.text for each in content.messages if each.role is not MessageRole.USER)
    elsewhere = names_in([content.system, *others])
    for variable in content.variables:
        if problem := problem_of(variable):
            yield problem
        if variable.kind is VariableKind.FILE and variable.name in elsewhere:
            yield f"The file “{variable.name}” can stand in messages of the user only."


def problem_of(variable: Variable) -> str:
    """Say what is wrong with a variable; empty if nothing is."""
    what = f"The variable “{variable.name}”"
    if variable.kind is VariableKind.CHOICE and not variable.choices:
        return f"{what} needs at least one choice."
    if variable.least is not None and variable.most is not None and variable.least > variable.most:
        return f"{what} has a lowest number above its highest."
    if variable.pattern and not is_valid_pattern(variable.pattern):
        return f"{what} has a pattern that is no regular expression."
    if variable.default and variable.kind is not VariableKind.FILE:
        problem = value_of(variable, variable.default).problem
        if problem:
            return f"{what} has a default that it would refuse: {problem}"
    return ""


def _fits(value: Any, depth: int = _MAX_DEPTH) -> bool:
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_fits(part, depth - 1) for part in parts)
