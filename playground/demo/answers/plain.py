from __future__ import annotations

import json
from typing import Any

from playground.demo import skills, subject
from playground.demo.answers import phrases
from playground.demo.answers.answer import ScriptedAnswer
from playground.demo.requests import ChatRequest
from playground.demo.subject import SubjectKind
from playground.demo.voice import Voice

_SENTENCES = {"low": 1, "medium": 2, "high": 5}
_SHOWN = 120


def answer(request: ChatRequest, voice: Voice) -> ScriptedAnswer:
    """Write a few sentences about the prompt, and about the rest of the request."""
    about = subject.read(request.prompt)
    paragraphs = [_main(request, voice, about), *_noticed(request), received(request.parameters)]
    if request.parameters.get("echo"):
        paragraphs.insert(0, request.prompt)
    return ScriptedAnswer.of("\n\n".join(paragraphs))


def _main(request: ChatRequest, voice: Voice, about: subject.Subject) -> str:
    if solved := skills.solve(request.prompt):
        return f"{solved.answer.rstrip('.')}. That one I can do without a model."
    if about.kind is SubjectKind.POEM:
        return phrases.poem(voice, about)
    wanted = _SENTENCES.get(str(request.parameters.get("verbosity")), 2)
    return " ".join([phrases.opener(voice, about), *phrases.body(voice, about, wanted)])


def _noticed(request: ChatRequest) -> list[str]:
    """Describe the rest of the transcript, to show that it was sent."""
    found = []
    if request.system:
        found.append(f"I was told beforehand: {phrases.quoted_at_end(_cut(request.system))}")
    if earlier := request.texts("user")[:-1]:
        count = "one earlier prompt" if len(earlier) == 1 else f"{len(earlier)} earlier prompts"
        found.append(f"I also remember {count}, the last being {phrases.quoted_at_end(_cut(earlier[-1]))}")
    return found


def received(parameters: dict[str, Any]) -> str:
    if not parameters:
        return "No parameters came with it, so everything stood at my defaults."
    listed = ", ".join(f"{name} = {_cut(_shown(value))}" for name, value in parameters.items())
    return f"Parameters that reached me: {listed}."


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"
