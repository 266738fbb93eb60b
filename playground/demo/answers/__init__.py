"""The answers of the demo models. Each has a module with a function from a request to its answer."""

from __future__ import annotations

from collections.abc import Callable

from playground.demo.answers import markdown, plain, polyglot, reasoning, senses, slow, tools
from playground.demo.answers.answer import ScriptedAnswer
from playground.demo.requests import ChatRequest
from playground.demo.voice import Voice

# demo/failing is missing because it plays scenarios instead of answering.
ANSWERS: dict[str, Callable[[ChatRequest, Voice], ScriptedAnswer]] = {
    "demo/plain": plain.answer,
    "demo/markdown": markdown.answer,
    "demo/reasoning": reasoning.answer,
    "demo/slow": slow.answer,
    "demo/tools": tools.answer,
    "demo/polyglot": polyglot.answer,
    "demo/senses": senses.answer,
}

__all__ = ["ANSWERS", "ScriptedAnswer"]
