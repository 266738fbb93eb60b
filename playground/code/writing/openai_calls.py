"""The methods of OpenAI's SDKs for the endpoints, and the parameters that they have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SdkCall:
    """A method of the SDKs in Python and in JavaScript.

    Parameters beside ``known`` go through ``extra_body`` in Python: an older version has fewer of them.
    """

    method: str
    # The method needs these.
    needs: frozenset[str]
    known: frozenset[str]
    # The name of the whole answer, and the expression for its text.
    answer: str
    text: str


_OF_CHAT = (
    "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens "
    "max_tokens messages metadata modalities model n parallel_tool_calls prediction presence_penalty "
    "reasoning_effort response_format seed service_tier stop store stream stream_options temperature "
    "tool_choice tools top_logprobs top_p user"
)
_OF_RESPONSES = (
    "include input instructions max_output_tokens metadata model parallel_tool_calls "
    "previous_response_id reasoning store stream temperature text tool_choice tools top_p truncation "
    "user"
)

CHAT = SdkCall(
    "chat.completions.create",
    needs=frozenset({"model", "messages"}),
    known=frozenset(_OF_CHAT.split()),
    answer="completion",
    text="completion.choices[0].message.content",
)
RESPONSES = SdkCall(
    "responses.create",
    needs=frozenset({"model", "input"}),
    known=frozenset(_OF_RESPONSES.split()),
    answer="response",
    text="response.output_text",
)
CALLS = {"chat/completions": CHAT, "responses": RESPONSES}
