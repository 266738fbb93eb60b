"""Transcripts for tests: a few written by hand, and strategies for random ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from playground.upstream.dialects.shared.transcript import (
    Attachment,
    MediaKind,
    Role,
    Text,
    ToolCall,
    Transcript,
    Turn,
)

PIXEL = "data:image/png;base64,iVBORw0KGgo="
IMAGE = Attachment(MediaKind.IMAGE, PIXEL, "pixel.png")
ADDRESS = Attachment(MediaKind.IMAGE, "https://example.org/cat.png")
PDF = Attachment(MediaKind.FILE, "data:application/pdf;base64,JVBERg==", "paper.pdf")
WAV = Attachment(MediaKind.AUDIO, "data:audio/wav;base64,UklGRg==", "said.wav")
VIDEO = Attachment(MediaKind.VIDEO, "data:video/mp4;base64,AAAA", "clip.mp4")


def system(text: str) -> Turn:
    return Turn(Role.SYSTEM, (Text(text),))


def user(*parts: str | Attachment) -> Turn:
    return Turn(Role.USER, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def assistant(text: str = "", *calls: ToolCall, **more: Any) -> Turn:
    return Turn(Role.ASSISTANT, (Text(text),) if text else (), calls, **more)


def result(call_id: str, text: str, *, is_error: bool = False) -> Turn:
    return Turn(Role.TOOL, (Text(text),), call_id=call_id, is_error=is_error)


# Reasoning of every vendor: signed, redacted, encrypted, beside a tool call.
OPAQUE: tuple[dict[str, Any], ...] = (
    {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
    {"type": "redacted_thinking", "data": "eHl6"},
    {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ZW5j"},
    {"type": "reasoning", "id": "rs_2", "summary": [{"type": "summary_text", "text": "So."}]},
    {"type": "reasoning.encrypted", "data": "b3I=", "id": "r1", "format": "anthropic-claude-v1", "index": 0},
    {"type": "reasoning.text", "text": "Hm.", "signature": "c2ln", "index": 1},
    {"type": "tool_call", "id": "call_0", "extra_content": {"google": {"thought_signature": "dHM="}}},
    {"encrypted_content": "Ynl0ZQ=="},
    {"extra_content": {"google": {"thought_signature": "bXNn"}}},
)

_texts = st.text(min_size=1, max_size=12, alphabet=st.characters(exclude_categories=["Cs"]))
_attachments = st.sampled_from([IMAGE, ADDRESS, PDF, WAV, VIDEO])
_arguments = st.sampled_from(["{}", '{"city": "Oslo"}', "", "[1]", '{"broken', "\x00"])


@st.composite
def _calls(draw: st.DrawFn) -> tuple[ToolCall, ...]:
    count = draw(st.integers(0, 3))
    return tuple(
        ToolCall(
            draw(st.sampled_from([f"call_{place}", f"fc|{place}:é", "call"])), "look_up", draw(_arguments)
        )
        for place in range(count)
    )


@st.composite
def _exchanges(draw: st.DrawFn, *, is_plain: bool) -> list[Turn]:
    """Draw a prompt, its answer, and results of the calls in it."""
    parts = _texts.map(Text) if is_plain else st.one_of(_texts.map(Text), _attachments)
    prompt = Turn(Role.USER, tuple(draw(st.lists(parts, min_size=1, max_size=3))))
    calls = () if is_plain else draw(_calls())
    opaque = () if is_plain else tuple(draw(st.lists(st.sampled_from(OPAQUE), max_size=4)))
    words = draw(st.lists(_texts.map(Text), max_size=1))
    answer = Turn(Role.ASSISTANT, tuple(words), calls, draw(st.sampled_from(["", "Hm."])), opaque)
    results = [
        Turn(Role.TOOL, (Text(draw(_texts)),), call_id=call.id, is_error=draw(st.booleans()))
        for call in calls
        if draw(st.integers(0, 5))
    ]
    turns = [prompt, answer, *results]
    # Some transcripts have two prompts or two answers in a row, or lack one.
    return draw(st.sampled_from([turns, turns, turns, turns[:1], turns[1:]]))


@st.composite
def standard_transcripts(draw: st.DrawFn) -> Transcript:
    """Draw transcripts that every vendor's own API takes: no audio, no sealed reasoning, a prompt first."""
    parts = st.one_of(_texts.map(Text), st.sampled_from([IMAGE, ADDRESS, PDF]))
    turns = [system(draw(_texts)) for _ in range(draw(st.integers(0, 2)))]
    for _ in range(draw(st.integers(0, 3))):
        turns.append(Turn(Role.USER, tuple(draw(st.lists(parts, min_size=1, max_size=3)))))
        calls = draw(_calls())
        words = tuple(draw(st.lists(_texts.map(Text), min_size=not calls, max_size=1)))
        turns.append(Turn(Role.ASSISTANT, words, calls, draw(st.sampled_from(["", "Hm."]))))
        turns += [
            Turn(Role.TOOL, (Text(draw(_texts)),), call_id=call.id, is_error=draw(st.booleans()))
            for call in calls
        ]
    return (*turns, Turn(Role.USER, (Text(draw(_texts)),)))


@st.composite
def transcripts(draw: st.DrawFn, *, is_plain: bool = False) -> Transcript:
    """Draw transcripts. A plain one holds text only, and begins and ends with a prompt."""
    turns = [system(draw(_texts)) for _ in range(draw(st.integers(0, 2)))]
    if is_plain:
        turns.append(Turn(Role.USER, (Text(draw(_texts)),)))
    for _ in range(draw(st.integers(0, 3))):
        turns += draw(_exchanges(is_plain=is_plain))
        if not draw(st.integers(0, 9)):
            turns.append(system(draw(_texts)))
    return (*turns, Turn(Role.USER, (Text(draw(_texts)),)))
