"""The content of a version of a stored prompt. Nothing in it ever changes; an edit makes another version."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Limits of a content. They bound what is read, whether people wrote it or another tool.
MAX_MESSAGES, MAX_VARIABLES, MAX_CHOICES = 200, 100, 200
MAX_SYSTEM, MAX_TEXT, MAX_ALL = 200_000, 400_000, 1_500_000
MAX_NAME = 64
# The fields of a tool call in a message, each a text.
CALL_FIELDS = ("id", "name", "arguments", "type")


class ContentRefused(ValueError):
    """The content cannot be stored. The message is a sentence for people."""


class VariableKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHOICE = "choice"
    FILE = "file"
    JSON = "json"


class MessageRole(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    # The result of a tool call.
    TOOL = "tool"
    # A place for earlier messages that come with each use.
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True)
class Variable:
    """A typed ``{{name}}``. ``default`` is what a person would type; a file has none.

    ``least`` and ``most`` bound a number, ``longest`` the characters of a text, and ``pattern`` is a regular
    expression that a text has to contain.
    """

    name: str
    kind: VariableKind = VariableKind.TEXT
    default: str = ""
    is_required: bool = True
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    longest: int | None = None
    pattern: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """A message. ``name`` is that of a placeholder; ``tool_calls`` are as in ``chat.models.Message.data``."""

    role: MessageRole
    text: str = ""
    name: str = ""
    tool_calls: tuple[dict[str, Any], ...] = ()
    call_id: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class PromptContent:
    """All that a version says. Without messages it is a preset.

    ``parameters`` are in the shapes of the endpoint ``endpoint``, with tools and output schema among them. A
    model is named as in the catalogue; both names are empty if the prompt leaves the choice open. ``extra``
    keeps what an import brought that has no place here.
    """

    system: str = ""
    messages: tuple[PromptMessage, ...] = ()
    variables: tuple[Variable, ...] = ()
    provider: str = ""
    model: str = ""
    endpoint: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_preset(self) -> bool:
        return not self.messages

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in which variables stand, in the order of the request."""
        return (self.system, *(message.text for message in self.messages))

    @property
    def size(self) -> int:
        return sum(map(len, self.texts))
