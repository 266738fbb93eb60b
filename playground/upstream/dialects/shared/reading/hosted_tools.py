"""Calls of tools that the provider runs itself while it answers: searches, code, MCP tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.shared.reading.limits import (
    MAX_ITEMS,
    MAX_TITLE,
    MAX_TOOL_RESULTS,
    MAX_TOOL_TEXT,
    MAX_URL,
)
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.tool_calls import arguments_text
from playground.upstream.events import HostedToolCall

if TYPE_CHECKING:
    from playground.upstream.events import Event

_FAILED = ("failed", "incomplete")
_INPUTS = ("arguments", "code", "query", "queries", "action", "input")
_OUTPUTS = ("output", "stdout", "outputs", "logs", "text", "error", "stderr", "error_code")
# Fields that describe an object best, for a page that shows one text.
_DESCRIBING = ("query", "queries", "url", "message", "text", "logs", "content")
# Fields whose objects are shown as JSON.
_AS_JSON = ("arguments", "input")
_MAX_DEPTH = 4
_RESULT_LISTS = ("results", "sources")
_TITLES = ("title", "filename", "file_id")


class HostedTools:
    """The calls of one answer. Each makes an event when it begins, and one when it is over."""

    def __init__(self) -> None:
        self._calls: dict[str, HostedToolCall] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def feed_item(self, call_id: str, item: dict[str, Any], events: list[Event], *, is_over: bool) -> None:
        """Read an output item of ``/v1/responses``, which holds the input and the output of a call."""
        if item.get("type") == "mcp_approval_request":
            is_over = False
        kind = text_of(item.get("type")).removesuffix("_call")
        self.note(
            HostedToolCall(
                id=call_id,
                type=kind[:40],
                name=text_of(item.get("name"))[:128],
                status=_status(item) if is_over else "in_progress",
                input=_first(item, _INPUTS),
                output=_first(item, _OUTPUTS),
                results=_results(item),
            ),
            events,
        )

    def note(self, call: HostedToolCall, events: list[Event]) -> None:
        """Emit the call if anything about it is new."""
        if call.id not in self._calls and len(self._calls) >= MAX_ITEMS:
            return
        if self._calls.get(call.id) != call:
            self._calls[call.id] = call
            events.append(call)

    def note_result(self, call_id: str, found: object, events: list[Event]) -> None:
        """Read the result of a call that comes in a block of its own: a list, an object, or an error."""
        content = found if isinstance(found, list) else [found]
        parts = [part for part in content[:MAX_TOOL_RESULTS] if isinstance(part, dict)]
        is_error = any("error" in text_of(part.get("type")) for part in parts)
        texts = [text for part in parts if (text := _first(part, _OUTPUTS))]
        self.note(
            HostedToolCall(
                id=call_id[:128],
                status="failed" if is_error else "completed",
                output="\n".join(texts)[:MAX_TOOL_TEXT],
                results=_results({"results": parts}),
            ),
            events,
        )


def _status(item: dict[str, Any]) -> str:
    return "failed" if item.get("status") in _FAILED or item.get("error") else "completed"


def _first(item: dict[str, Any], names: tuple[str, ...], depth: int = 0) -> str:
    """Return the first of these fields that is not empty, as text."""
    for name in names:
        value = item.get(name)
        if not value:
            continue
        text = arguments_text(value) if name in _AS_JSON else _description(value, depth)
        if text:
            return text[:MAX_TOOL_TEXT]
    return ""


def _description(value: object, depth: int) -> str:
    """Return a text for the value: the words of a search, the address of a page, the message of an error."""
    if isinstance(value, list) and depth < _MAX_DEPTH:
        parts = value[:MAX_TOOL_RESULTS]
        return "\n".join(text for part in parts if (text := _description(part, depth + 1)))
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        return _first(value, _DESCRIBING, depth + 1) or arguments_text(value)
    return text_of(value)


def _results(item: dict[str, Any]) -> list[dict[str, str]]:
    action = item.get("action")
    found = next((item[name] for name in _RESULT_LISTS if isinstance(item.get(name), list)), None)
    if found is None and isinstance(action, dict):
        found = action.get("sources")
    results = []
    for result in found[:MAX_TOOL_RESULTS] if isinstance(found, list) else ():
        if isinstance(result, dict):
            url = text_of(result.get("url"))[:MAX_URL]
            title = next((text for name in _TITLES if (text := text_of(result.get(name)))), "")[:MAX_TITLE]
            if url or title:
                results.append({"url": url, "title": title})
    return results
