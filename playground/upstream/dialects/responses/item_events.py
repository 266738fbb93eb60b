"""The events of ``/v1/responses`` that bring output items and parts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.upstream.dialects.responses.output_items import OutputItems, family_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.upstream.dialects.responses.frames import ResponseFrame
    from playground.upstream.events import Event


def key_of_part(items: OutputItems, family: str, frame: ResponseFrame, *, is_whole: bool = False) -> int:
    """Return the key of the item that the part in this event belongs to."""
    return items.keys.part(family, frame.output_index, frame.item_id, is_whole=is_whole)


def whole_text(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    if isinstance(frame.text, str) and frame.text:
        key = key_of_part(items, "message", frame, is_whole=True)
        items.add_whole_text(key, frame.content_index, frame.text, events)


def refusal(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    if isinstance(frame.delta, str) and frame.delta:
        key = key_of_part(items, "message", frame)
        items.add_refusal(key, frame.content_index, frame.delta, events)


def whole_refusal(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    if isinstance(frame.refusal, str) and frame.refusal:
        key = key_of_part(items, "message", frame, is_whole=True)
        items.add_whole_refusal(key, frame.content_index, frame.refusal, events)


def summary(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    if isinstance(frame.delta, str) and frame.delta:
        key = key_of_part(items, "reasoning", frame)
        items.reasoning.add(key, "summary", frame.summary_index, frame.delta, events)


def reasoning(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    if isinstance(frame.delta, str) and frame.delta:
        key = key_of_part(items, "reasoning", frame)
        items.reasoning.add(key, "text", frame.content_index, frame.delta, events)


def arguments(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    if isinstance(frame.delta, str) and frame.delta:
        items.calls.add_arguments(key_of_part(items, "call", frame), frame.delta, events)


def whole_arguments(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    found = frame.arguments if frame.arguments is not None else frame.input
    if found:
        key = key_of_part(items, "call", frame, is_whole=True)
        items.calls.add_whole_arguments(key, found, events)


def begun_item(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    if isinstance(item := frame.item, dict):
        names = (item.get("id"), frame.item_id)
        key = items.keys.begin(family_of(item), frame.output_index, *names, call_id=item.get("call_id"))
        # The next text may belong to this item, even under the name of the last one.
        items.place = None
        items.begin(key, item, events)


def whole_item(items: OutputItems, frame: ResponseFrame, events: list[Event]) -> None:
    if isinstance(item := frame.item, dict):
        names = (item.get("id"), frame.item_id)
        key = items.keys.finish(family_of(item), frame.output_index, *names, call_id=item.get("call_id"))
        items.place = None
        items.finish(key, item, events)


HANDLERS: dict[str, Callable[[OutputItems, ResponseFrame, list[Event]], None]] = {
    "response.output_text.done": whole_text,
    "response.refusal.delta": refusal,
    "response.refusal.done": whole_refusal,
    "response.reasoning_summary_text.delta": summary,
    "response.reasoning_text.delta": reasoning,
    "response.function_call_arguments.delta": arguments,
    "response.custom_tool_call_input.delta": arguments,
    "response.function_call_arguments.done": whole_arguments,
    "response.custom_tool_call_input.done": whole_arguments,
    "response.output_item.added": begun_item,
    "response.output_item.done": whole_item,
}
