"""Prompts that were read from another tool's text, before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from chat.prompts.cases import CaseTable
from chat.prompts.content import MessageRole, PromptContent, PromptMessage
from chat.prompts.placeholders import from_plain_braces, is_name

Json = dict[str, Any]

# The most prompts and versions of an import.
MAX_PROMPTS, MAX_VERSIONS = 500, 200
MAX_NUMBER = 1_000_000
_BRACES = re.compile(r"\{\{([^{}\n]{1,80})\}\}")
# Signs of expressions and sections of template languages, which are no names.
_EXPRESSION = re.compile(r"[#/^>!&|()\[\]'\"=+*%?<]|\.\.|\b(?:if|for|else)\b")


class PromptImportRefused(ValueError):
    """The text cannot be imported. The message says what was expected."""


@dataclass(frozen=True, slots=True)
class ReadVersion:
    number: int
    content: PromptContent
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadPrompt:
    """A prompt with its versions, oldest first. ``notes`` say what was changed or left out."""

    name: str
    versions: tuple[ReadVersion, ...]
    description: str = ""
    production: int | None = None
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def newest(self) -> ReadVersion:
        return self.versions[-1]

    def with_more(self, other: ReadPrompt) -> ReadPrompt:
        """Return the prompt with the versions of another of its name."""
        numbers = {each.number: each for each in (*self.versions, *other.versions)}
        return replace(
            self,
            versions=tuple(numbers[number] for number in sorted(numbers)),
            production=self.production or other.production,
            labels=tuple(dict.fromkeys((*self.labels, *other.labels))),
            notes=tuple(dict.fromkeys((*self.notes, *other.notes))),
        )


@dataclass(frozen=True, slots=True)
class ListedName:
    """A prompt of which an export has only the name."""

    name: str
    versions: tuple[int, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadImport:
    """All that a text holds. ``form`` says what the text is: "a response of OpenAI"."""

    form: str
    prompts: tuple[ReadPrompt, ...] = ()
    listed: tuple[ListedName, ...] = ()
    table: CaseTable | None = None
    notes: tuple[str, ...] = ()


def with_plain_names(text: str) -> tuple[str, list[str]]:
    """Return a text of a tool without escapes, with names that are no names here changed; and sentences.

    >>> with_plain_names("{{first name}} {{#if a}}")
    ('{{first_name}} {{#if a}}', ['{{first name}} is called {{first_name}} here.'])
    """
    notes = dict[str, None]()

    def renamed(match: re.Match[str]) -> str:
        name = match[1].strip()
        if is_name(name) or _EXPRESSION.search(name):
            return match[0]
        plain = re.sub(r"[^\w.-]+", "_", name).strip("_")
        plain = plain if is_name(plain) else f"v_{plain}"
        if not is_name(plain):
            return match[0]
        notes[f"{{{{{name}}}}} is called {{{{{plain}}}}} here."] = None
        return f"{{{{{plain}}}}}"

    return _BRACES.sub(renamed, from_plain_braces(text)), list(notes)


def split_system(messages: Iterable[tuple[str, str]]) -> tuple[str, tuple[PromptMessage, ...], list[str]]:
    """Return the system prompt and the other messages of (role, text) pairs, and sentences about changes.

    The role "placeholder" has the name of the place as its text.
    """
    system, others, notes = list[str](), list[PromptMessage](), dict[str, None]()
    for role, text in messages:
        text, renamed = (text, []) if role == "placeholder" else with_plain_names(text)
        notes |= dict.fromkeys(renamed)
        if role in ("system", "developer"):
            if others:
                notes["A system message between other messages was moved to the system prompt."] = None
            system.append(text)
        elif role == "placeholder":
            name = text if is_name(text) else re.sub(r"\W+", "_", f"_{text}")[:64].lstrip("_") or "history"
            others.append(PromptMessage(MessageRole.PLACEHOLDER, name=name if is_name(name) else "history"))
        elif role in ("assistant", "model", "ai"):
            others.append(PromptMessage(MessageRole.ASSISTANT, text))
        else:
            if role not in ("user", "human"):
                notes[f"A message of the role “{role[:40]}” became a user message."] = None
            others.append(PromptMessage(MessageRole.USER, text))
    return "\n\n".join(system), tuple(others), list(notes)


def without_nulls(value: Any) -> Any:
    """Return a JSON value without the members that are null, which SDKs add.

    >>> without_nulls({"a": None, "b": [{"c": None}]})
    {'b': [{}]}
    """
    if isinstance(value, dict):
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


def number_of(value: Any) -> int:
    """Return the number of a version; 1 if it is none.

    >>> number_of("3"), number_of(4), number_of("latest"), number_of(-1)
    (3, 4, 1, 1)
    """
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 8:
        value = int(value)
    return value if isinstance(value, int) and 1 <= value <= MAX_NUMBER else 1
