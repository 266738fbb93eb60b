"""Reasoning of an earlier answer that goes back to the model that wrote it.

Plain text does not go back: upstreams refuse or ignore it, and it costs tokens. Signed or encrypted
reasoning does, where the vendor needs it to continue, above all between a tool call and its result.
The shapes are those of ``playground.upstream.events.ReasoningOpaque``.

https://platform.claude.com/docs/en/build-with-claude/extended-thinking
https://openrouter.ai/docs/use-cases/reasoning-tokens
https://ai.google.dev/gemini-api/docs/thought-signatures
https://docs.litellm.ai/docs/reasoning_content
"""

from __future__ import annotations

from typing import Any

from playground.upstream.dialects.shared.transcript import Turn

Json = dict[str, Any]


def thinking_blocks(turn: Turn) -> list[Json]:
    """Return Anthropic's blocks, signed or redacted, in their order. Only tool use requires them."""
    if not turn.tool_calls:
        return []
    found = []
    for item in turn.opaque:
        if item.get("type") == "thinking" and item.get("signature"):
            found.append(
                {"type": "thinking", "thinking": item.get("thinking", ""), "signature": item["signature"]}
            )
        elif item.get("type") == "redacted_thinking" and item.get("data"):
            found.append({"type": "redacted_thinking", "data": item["data"]})
    return found


def message_fields(turn: Turn) -> Json:
    """Return the fields of a message that OpenRouter, ByteDance, Google and LiteLLM have for it."""
    details = [item for item in turn.opaque if str(item.get("type", "")).startswith("reasoning.")]
    fields: Json = {"reasoning_details": details} if details else {}
    for item in turn.opaque:
        if "type" not in item:
            for name in ("encrypted_content", "extra_content"):
                if item.get(name):
                    fields[name] = item[name]
            if blocks := item.get("thinking_blocks"):
                fields["thinking_blocks"] = [*fields.get("thinking_blocks", ()), *blocks]
    return fields


def signed_calls(turn: Turn) -> dict[str, Json]:
    """Return Google's signatures of tool calls, by the id of the call."""
    return {
        str(item.get("id", "")): item["extra_content"]
        for item in turn.opaque
        if item.get("type") == "tool_call" and isinstance(item.get("extra_content"), dict)
    }
