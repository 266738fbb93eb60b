"""The simplest readers of answers: they join the text of each chunk and know nothing else.

They share no code with the project's readers, so both agree only where both are right.
"""

from __future__ import annotations

import json
from typing import Any

from tests.third_party.servers import CHAT, MESSAGES, RESPONSES


def text_of(endpoint: str, raw: bytes) -> str:
    """Return the words of an answer: of a stream, or of one JSON body."""
    decoded = raw.decode("utf-8", errors="replace")
    if decoded.lstrip().startswith("{"):
        return _whole[endpoint](json.loads(decoded))
    return "".join(_piece[endpoint](data) for data in _chunks(decoded))


def _chunks(text: str) -> list[dict[str, Any]]:
    found = []
    # Not splitlines(), which also splits at characters that JSON strings hold as they are.
    for line in text.split("\n"):
        if line.startswith("data:"):
            try:
                data = json.loads(line.removeprefix("data:"))
            except ValueError:
                continue
            if isinstance(data, dict):
                found.append(data)
    return found


def _of_chunk(data: dict[str, Any]) -> str:
    return "".join((choice.get("delta") or {}).get("content") or "" for choice in data.get("choices") or [])


def _of_response_event(data: dict[str, Any]) -> str:
    return str(data["delta"]) if data.get("type") == "response.output_text.delta" else ""


def _of_message_event(data: dict[str, Any]) -> str:
    delta = data.get("delta") or {}
    return str(delta["text"]) if delta.get("type") == "text_delta" else ""


def _of_completion(body: dict[str, Any]) -> str:
    return "".join(choice["message"].get("content") or "" for choice in body.get("choices") or [])


def _of_response(body: dict[str, Any]) -> str:
    parts = (part for item in body.get("output") or [] for part in item.get("content") or [])
    return "".join(part.get("text") or "" for part in parts)


def _of_message(body: dict[str, Any]) -> str:
    return "".join(block.get("text") or "" for block in body.get("content") or [])


_piece = {CHAT: _of_chunk, RESPONSES: _of_response_event, MESSAGES: _of_message_event}
_whole = {CHAT: _of_completion, RESPONSES: _of_response, MESSAGES: _of_message}
