"""A content with values in place of its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chat.prompts.content import MessageRole, PromptContent, PromptMessage, VariableKind
from chat.prompts.placeholders import names_in, replaced


@dataclass(frozen=True, slots=True)
class FilledMessage:
    """A message with its values, and the names of the file variables that stood in it."""

    message: PromptMessage
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilledPrompt:
    """``missing`` are the variables without a value, whose placeholders are still in the texts."""

    system: str
    messages: tuple[FilledMessage, ...]
    missing: tuple[str, ...] = ()


def filled(content: PromptContent, texts: Mapping[str, str]) -> FilledPrompt:
    """Put ``texts`` into the texts of a content. A value is never read for placeholders itself.

    Files leave no text behind. Placeholders of messages are left out: no earlier messages are given here.
    """
    files = {each.name for each in content.variables if each.kind is VariableKind.FILE}

    def value_of(name: str) -> str | None:
        return "" if name in files else texts.get(name)

    found = []
    for message in content.messages:
        if message.role is MessageRole.PLACEHOLDER:
            continue
        names = tuple(name for name in names_in([message.text]) if name in files)
        text = replaced(message.text, value_of)
        found.append(FilledMessage(replace(message, text=text.rstrip() if names else text), names))
    missing = (name for name in names_in(content.texts) if name not in files and name not in texts)
    return FilledPrompt(replaced(content.system, value_of), tuple(found), tuple(missing))
