"""The messages and the parameters in a body, at each kind of endpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.code.reading.attachments import attachment_in
from playground.code.reading.paste import PasteRefused
from playground.upstream.dialects.registry import DIALECTS
from playground.upstream.dialects.shared.transcript import (
    Attachment,
    Role,
    Text,
    ToolCall,
    Transcript,
    Turn,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

_TEXTS = {"text", "input_text", "output_text"}
# Parts of answers that only their provider can read.
_UNREAD = {"reasoning", "thinking", "redacted_thinking"}
_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "model": Role.ASSISTANT, "tool": Role.TOOL}


@dataclass(slots=True)
class Told:
    """The system prompt and the messages of a body.

    ``left_out`` counts the parts of messages that are neither text nor a file of a user message, by their
    type.
    """

    system_text: str
    turns: list[Turn]
    left_out: dict[str, int]


@dataclass(slots=True)
class OpenedBody:
    """A body taken apart. ``attachments`` are the files of the prompt, ``left_out`` as in :class:`Told`."""

    model: str
    system_text: str = ""
    earlier: Transcript = ()
    prompt: str = ""
    attachments: tuple[Attachment, ...] = ()
    parameters: Json = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


def opened_body(kind: str, body: Json) -> OpenedBody:
    """Take the body of a request apart. The last user message is the prompt.

    :raises PasteRefused: the messages are not of the shape that this kind of endpoint has.
    """
    told = told_in(kind, body)
    turns = told.turns
    prompt = turns.pop() if turns and turns[-1].role is Role.USER else Turn(Role.USER)
    model = body.get("model", "")
    return OpenedBody(
        model if isinstance(model, str) else "",
        told.system_text,
        tuple(turns),
        prompt.text,
        prompt.attachments,
        DIALECTS[kind].parameters_of(body),
        told.left_out,
    )


def told_in(kind: str, body: Json, absent: str = "") -> Told:
    """Return what the messages of a body say. ``absent`` is put in place of each part that is left out.

    :raises PasteRefused: the messages are not of the shape that this kind of endpoint has.
    """
    dialect = DIALECTS[kind]
    reader = _Reader(dialect.transcript, absent)
    reader.instructions(body.get(dialect.instructions))
    given = body.get(dialect.transcript, [])
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if not isinstance(given, list):
        raise reader.refused("has to be a list of messages")
    for place, message in enumerate(given):
        reader.read(place, message)
    return Told("\n\n".join(reader.system), reader.turns, reader.left_out)


class _Reader:
    """Collects the turns of a transcript."""

    def __init__(self, name: str, absent: str) -> None:
        self.turns: list[Turn] = []
        self.system: list[str] = []
        self.left_out: dict[str, int] = {}
        self._name = name
        self._absent = absent
        self._place: int | None = None

    def refused(self, reason: str) -> PasteRefused:
        where = self._name if self._place is None else f"{self._name}[{self._place}]"
        return PasteRefused(f"“{where}” cannot be read: it {reason}.")

    def instructions(self, given: Any) -> None:
        if given is not None and (text := self._text(given)):
            self.system.append(text)

    def read(self, place: int, message: Any) -> None:
        """Read a message, or an item of the responses endpoint."""
        self._place = place
        if not isinstance(message, dict):
            raise self.refused("has to be an object")
        if "role" in message:
            return self._message(message)
        readers: dict[Any, Callable[[Json], None]] = {
            "function_call": self._call_item,
            "custom_tool_call": self._call_item,
            "function_call_output": self._output_item,
            "custom_tool_call_output": self._output_item,
        }
        kind = message.get("type")
        if kind in readers:
            return readers[kind](message)
        if kind is None:
            raise self.refused("has no role")
        self._leave_out(str(kind))
        return None

    def _message(self, message: Json) -> None:
        role, content = message["role"], message.get("content")
        if role in ("system", "developer"):
            self.instructions(content)
        elif role == "tool":
            self._result(message.get("tool_call_id"), content)
        elif role not in _ROLES:
            raise self.refused("has a role that the playground does not know")
        else:
            for part in content if isinstance(content, list) else ():
                if isinstance(part, dict) and part.get("type") == "tool_result":
                    self._result(part.get("tool_use_id"), part.get("content"), part.get("is_error") is True)
            calls = self._calls(message, content)
            files = self._files(content) if role == "user" else ()
            text = self._text(content, has_files=role == "user")
            spoken = message.get("audio")
            if isinstance(spoken, dict):
                # Only the account that asked can use the id of a spoken answer.
                self._leave_out("audio")
                text = text or self._absent
            # A message with nothing but results of tools has become turns of their own.
            if text or calls or files or not isinstance(content, list):
                self._add(_ROLES[role], text, calls, files)

    def _add(
        self,
        role: Role,
        text: str,
        calls: tuple[ToolCall, ...] = (),
        files: tuple[Attachment, ...] = (),
    ) -> None:
        self.turns.append(Turn(role, (*files, *((Text(text),) if text else ())), tool_calls=calls))

    def _result(self, call_id: Any, content: Any, is_error: bool = False) -> None:
        text = self._text(content)
        self.turns.append(
            Turn(Role.TOOL, (Text(text),) if text else (), call_id=str(call_id or ""), is_error=is_error)
        )

    def _files(self, content: Any) -> tuple[Attachment, ...]:
        parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else ()
        return tuple(file for part in parts if (file := attachment_in(part)))

    def _text(self, content: Any, *, has_files: bool = False) -> str:
        """Return the text of a content, and count its other parts, without files if ``has_files``."""
        if content is None or isinstance(content, str):
            return content or ""
        if not isinstance(content, list):
            raise self.refused("has a content that is neither a text nor a list")
        texts = list[str]()
        for part in content:
            kind = part.get("type") if isinstance(part, dict) else "text"
            text = part if isinstance(part, str) else part.get("text") if isinstance(part, dict) else None
            if kind in _TEXTS and isinstance(text, str):
                texts.append(text)
            elif kind in ("tool_use", "tool_result") or (has_files and attachment_in(part)):
                continue
            elif self._leave_out(str(kind)) and self._absent:
                texts.append(self._absent)
        return "\n\n".join(texts)

    def _leave_out(self, kind: str) -> bool:
        """Count a part that is left out; return whether a reader would miss it."""
        if kind in _UNREAD:
            return False
        self.left_out[kind[:40]] = self.left_out.get(kind[:40], 0) + 1
        return True

    def _calls(self, message: Json, content: Any) -> tuple[ToolCall, ...]:
        found = list[ToolCall]()
        for each in message.get("tool_calls") or ():
            called = each.get("function") or each.get("custom") if isinstance(each, dict) else None
            if not isinstance(called, dict):
                raise self.refused("has a tool call without a function")
            found.append(_call(each.get("id"), called, "arguments" if "arguments" in called else "input"))
        for part in content if isinstance(content, list) else ():
            if isinstance(part, dict) and part.get("type") == "tool_use":
                found.append(_call(part.get("id"), part, "input"))
        return tuple(found)

    def _call_item(self, item: Json) -> None:
        call = _call(item.get("call_id"), item, "arguments" if "arguments" in item else "input")
        last = self.turns[-1] if self.turns else None
        # Calls in a row belong to one answer.
        if last is not None and last.role is Role.ASSISTANT:
            self.turns[-1] = Turn(Role.ASSISTANT, last.parts, tool_calls=(*last.tool_calls, call))
        else:
            self._add(Role.ASSISTANT, "", (call,))

    def _output_item(self, item: Json) -> None:
        self._result(item.get("call_id"), item.get("output"))


def _call(call_id: Any, called: Json, holder: str) -> ToolCall:
    given = called.get(holder, "")
    arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    is_custom = holder == "input" and isinstance(given, str)
    return ToolCall(
        str(call_id or ""), str(called.get("name", "")), arguments, "custom" if is_custom else "function"
    )
