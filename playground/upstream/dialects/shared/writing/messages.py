"""The writer of ``messages`` as OpenAI's chat completions have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from playground.upstream.dialects.shared.transcript import (
    Role,
    Text,
    ToolCall,
    Transcript,
    TranscriptRefused,
    Turn,
    result_with_error,
)
from playground.upstream.dialects.shared.writing.instructions import NO_ANSWERS, NO_TOOLS, place_instructions
from playground.upstream.dialects.shared.writing.parts import content, openai_variants
from playground.upstream.dialects.shared.writing.reasoning import message_fields, signed_calls
from playground.upstream.dialects.shared.writing.shapes import MessageShape, TranscriptShape

Json = dict[str, Any]


def write_messages(transcript_shape: TranscriptShape, transcript: Transcript) -> Json:
    """Return the fields of the body that hold the transcript; raise ``TranscriptRefused``."""
    placed = place_instructions(transcript_shape, transcript)
    messages = [_message(transcript_shape, turn, placed.system_role) for turn in _alternating(placed.turns)]
    return {**placed.field, "messages": messages}


def _alternating(turns: Transcript) -> Iterator[Turn]:
    """Yield the turns, with prompts that follow each other, and answers without calls, joined into one.

    Deleted and inserted messages leave such turns. No schema says that roles alternate, but Perplexity and
    the chat templates of Mistral's and Google's models refuse a request in which they do not. The writer of
    blocks joins them in the same way: texts with an empty line between them.
    """
    waiting: Turn | None = None
    for turn in turns:
        if waiting is not None and _are_one(waiting, turn):
            waiting = replace(waiting, parts=(*waiting.parts, *turn.parts))
            continue
        if waiting is not None:
            yield waiting
        waiting = turn
    if waiting is not None:
        yield waiting


def _are_one(first: Turn, then: Turn) -> bool:
    if first.role is not then.role or first.role not in (Role.USER, Role.ASSISTANT):
        return False
    # Reasoning that goes back unread belongs to the answer that it was written for.
    return not any(turn.tool_calls or turn.opaque or turn.is_prefill for turn in (first, then))


def _message(transcript_shape: TranscriptShape, turn: Turn, system_role: str) -> Json:
    role = system_role if turn.role is Role.SYSTEM else str(turn.role)
    shape = transcript_shape.roles.get(role)
    if shape is None:
        raise TranscriptRefused(_without_role(turn))
    if turn.role is Role.ASSISTANT:
        return {"role": role, **_answer(shape, turn)}
    asked = {"tool_call_id": turn.call_id} if turn.role is Role.TOOL else {}
    parts = result_with_error(turn).parts or (Text(""),)
    return {"role": role, **asked, "content": content(shape, parts, openai_variants)}


def _without_role(turn: Turn) -> str:
    return NO_TOOLS if turn.role is Role.TOOL else NO_ANSWERS


def _answer(shape: MessageShape, turn: Turn) -> Json:
    found: Json = {}
    if turn.audio_id and shape.takes("audio"):
        # The model hears its own voice again, so the words are not repeated beside it.
        found["audio"] = {"id": turn.audio_id}
    # Images and audio of an answer are left out: no upstream takes them from an assistant.
    words = tuple(part for part in turn.parts if isinstance(part, Text) and part.text)
    if words and "audio" not in found:
        found["content"] = content(shape, words, openai_variants)
    elif shape.takes_null:
        found["content"] = None
    elif shape.needs_content:
        found["content"] = ""
    if turn.tool_calls:
        signed = signed_calls(turn)
        found["tool_calls"] = [_call(shape, call, signed.get(call.id)) for call in turn.tool_calls]
        # Models whose schema lists the field continue this reasoning; others refuse it.
        if "reasoning_content" in shape.fields and turn.reasoning:
            found["reasoning_content"] = turn.reasoning
    found.update({name: value for name, value in message_fields(turn).items() if shape.takes(name)})
    if turn.is_prefill:
        # Mistral and DeepSeek continue a message with "prefix", Moonshot and Qwen one with "partial".
        found.update(dict.fromkeys(shape.fields & {"prefix", "partial"}, True))
    return found


def _call(shape: MessageShape, call: ToolCall, signed: Json | None) -> Json:
    if call.type == "custom":
        said: Json = {
            "id": call.id,
            "type": "custom",
            "custom": {"name": call.name, "input": call.arguments},
        }
    else:
        function = {"name": call.name, "arguments": call.arguments or "{}"}
        said = {"id": call.id, "type": "function", "function": function}
    for way in ({**said, "extra_content": signed}, said) if signed else (said,):
        if shape.tool_call is not None and shape.tool_call.is_valid(way):
            return way
    raise TranscriptRefused(NO_TOOLS)
