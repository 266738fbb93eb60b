from __future__ import annotations

from dataclasses import replace
from gettext import ngettext

from playground.demo import tokens
from playground.demo.answers import reasoning, tools
from playground.demo.answers.answer import ScriptedAnswer
from playground.demo.requests import ChatRequest
from playground.demo.voice import Voice

_SEALED = "reasoning.encrypted_content"


def answer(request: ChatRequest, voice: Voice) -> ScriptedAnswer:
    """Think, then call a function or answer, and name the endpoint that was asked."""
    include = request.parameters.get("include")
    thought = reasoning.answer(request, voice)
    thought = replace(thought, is_sealed=isinstance(include, list) and _SEALED in include)
    if _is_about_tools(request):
        called = tools.answer(request, voice)
        return replace(
            thought,
            content=called.content,
            tool_calls=called.tool_calls,
            finish_reason=called.finish_reason,
        )
    return replace(thought, content=[*thought.content, *tokens.split(f"\n\n{_received(request)}")])


def _is_about_tools(request: ChatRequest) -> bool:
    is_result = bool(request.messages) and request.messages[-1].get("role") == "tool"
    return is_result or bool(request.parameters.get("tools"))


def _received(request: ChatRequest) -> str:
    count = len(request.messages)
    messages = ngettext("%d message", "%d messages", count) % count
    received = f"You asked at `/v1/{request.kind}`, with {messages}"
    if request.own_thoughts:
        thoughts = "a thought" if request.own_thoughts == 1 else f"{request.own_thoughts} thoughts"
        return f"{received} and {thoughts} of mine under its seal."
    return f"{received}."
