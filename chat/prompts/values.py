"""Values of variables, as people type them and tables have them, and what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import jsonschema_rs

from chat.prompts.content import MAX_TEXT, Variable, VariableKind
from playground.parameters.form.parsing import EntryError, parse_json, parse_number
from playground.parameters.schema.keywords import PATTERN_OPTIONS


class CheckedValue(NamedTuple):
    """The text for the place of a variable; None if it has no value. ``problem`` is a sentence, or empty."""

    text: str | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CheckedValues:
    """Texts by the name of their variable, and problems likewise. ``unknown`` are names that no text has."""

    texts: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


def checked_values(variables: Iterable[Variable], typed: Mapping[str, str]) -> CheckedValues:
    """Check what was typed. Files are left out: they are no text.

    An empty entry is the default. Without a default it is a problem, or no value where none is needed.
    """
    variables = tuple(variables)
    texts, problems = dict[str, str](), dict[str, str]()
    for variable in variables:
        if variable.kind is VariableKind.FILE:
            continue
        found = value_of(variable, typed.get(variable.name, ""))
        if found.problem:
            problems[variable.name] = found.problem
        else:
            # A variable that needs no value leaves nothing behind.
            texts[variable.name] = found.text or ""
    known = {variable.name for variable in variables}
    unknown = tuple(name for name in typed if name not in known)
    return CheckedValues(texts, problems, unknown, typed)


def value_of(variable: Variable, typed: str) -> CheckedValue:
    """Return the value of a typed text, or what is wrong with it."""
    text = typed.replace("\r\n", "\n")
    if not text.strip():
        text = variable.default
    if not text:
        return CheckedValue(None, "Enter a value." if variable.is_required else "")
    problem = _problem(variable, text)
    return CheckedValue(None if problem else text, problem)


def _problem(variable: Variable, text: str) -> str:
    if len(text) > MAX_TEXT:
        return f"Enter at most {MAX_TEXT:,} characters."
    match variable.kind:
        case VariableKind.NUMBER:
            return _problem_of_number(variable, text)
        case VariableKind.CHOICE:
            return "" if text in variable.choices else "Choose one of the choices."
        case VariableKind.JSON:
            try:
                parse_json(text)
            except EntryError as error:
                return str(error)
            return ""
        case VariableKind.TEXT if "\n" in text:
            return "Enter one line."
        case _:
            return _problem_of_text(variable, text)


def _problem_of_number(variable: Variable, text: str) -> str:
    try:
        number = parse_number(text, is_integer=False)
    except EntryError as error:
        return str(error)
    if variable.least is not None and number < variable.least:
        return f"Enter {variable.least:g} or more."
    if variable.most is not None and number > variable.most:
        return f"Enter {variable.most:g} or less."
    return ""


def _problem_of_text(variable: Variable, text: str) -> str:
    if variable.longest is not None and len(text) > variable.longest:
        return f"Enter at most {variable.longest:,} characters."
    if variable.pattern and not _matches(variable.pattern, text):
        return f"This has to match {variable.pattern[:80]}."
    return ""


def _matches(pattern: str, text: str) -> bool:
    """Search with an engine whose time is bounded: anybody in the workspace may write a pattern."""
    schema = {"type": "string", "pattern": pattern}
    try:
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=PATTERN_OPTIONS).is_valid(text)
    except ValueError:
        return False


def as_typed(value: object) -> str:
    """Return a value of another tool as a person would type it.

    >>> as_typed("a"), as_typed(True), as_typed({"b": 1}), as_typed(None)
    ('a', 'true', '{"b": 1}', '')
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
