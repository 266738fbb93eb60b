from __future__ import annotations

from typing import Any

from playground.demo import media
from playground.demo.answers.answer import ScriptedAnswer
from playground.demo.answers.plain import received
from playground.demo.requests import ChatRequest
from playground.demo.voice import Voice

_NOTHING = (
    "Nothing came with your prompt but its words. Attach a picture, a PDF or a recording, and I will tell "
    "you what of it reached me."
)


def answer(request: ChatRequest, voice: Voice) -> ScriptedAnswer:
    """Describe the prompt's attachments by their bytes, without a model."""
    found = [media.described(part) for part in _parts(request.messages) if media.is_media(part)]
    said = [_NOTHING] if not found else ["This came with your prompt:", _listed(found)]
    if request.prompt:
        said.append(f"And these words: “{' '.join(request.prompt.split())[:200]}”.")
    return ScriptedAnswer.of("\n\n".join([*said, received(request.parameters)]))


def _parts(messages: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Return the attachments of the last prompt."""
    prompts = [message for message in messages if message.get("role") == "user"]
    content = prompts[-1].get("content") if prompts else None
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _listed(found: list[str]) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(found, start=1))
