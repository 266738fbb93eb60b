from __future__ import annotations

import pytest

from playground.upstream.errors.context_limits import ContextExceeded, context_exceeded

# The sentences of providers and servers, as published in their documentation and in bug reports.
REFUSALS = [
    (
        "This model's maximum context length is 4097 tokens. However, your messages resulted "
        "in 5000 tokens. Please reduce the length of the messages.",
        (4097, 5000),
    ),
    (
        "This model's maximum context length is 65536 tokens. However, you requested 70000 "
        "tokens (62000 in the messages, 8000 in the completion). Please reduce the length of "
        "the messages or completion.",
        (65536, 62000),
    ),
    (
        '{"error":{"code":400,"message":"the request exceeds the available context size, try '
        "increasing "
        'it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}',
        (4096, 5000),
    ),
    (
        "prompt is too long: 210000 tokens > 200000 maximum",
        (200000, 210000),
    ),
    (
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, "
        "decrease input length or `max_tokens` and try again",
        (200000, 190000),
    ),
    (
        "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum "
        "context length is 4096 tokens and your request has 12 input tokens (5000 > 4096 - "
        "12).",
        (4096, 12),
    ),
    (
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        (1048576, 1200000),
    ),
    (
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 "
        "maximum context length",
        (32768, 40000),
    ),
    (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: "
        "5000 `inputs` tokens and 512 `max_new_tokens`",
        (4097, 5000),
    ),
    (
        "Input is too long for requested model.",
        (None, None),
    ),
    (
        "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
        (131072, 200000),
    ),
    (
        "Your request exceeded model token limit: 8192",
        (8192, None),
    ),
    (
        "This endpoint's maximum context length is 32,768 tokens. However, you requested "
        "about 40,000 tokens (39,000 of text input, 1,000 in the output).",
        (32768, 39000),
    ),
    (
        "Trying to keep the first 5000 tokens when context the overflows. However, the model "
        "is loaded with context length of only 4096 tokens, which is not enough.",
        (4096, 5000),
    ),
    (
        "The prompt is too long: 9000, model maximum context length: 8192",
        (8192, 9000),
    ),
    (
        "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 9000.",
        (4081, None),
    ),
    (
        '{"error":{"code":"context_length_exceeded","message":"Please reduce the length of the messages."}}',
        (None, None),
    ),
]


@pytest.mark.parametrize(("words", "figures"), REFUSALS)
def test_it_reads_the_figures(words, figures):
    found = context_exceeded(words)
    assert found is not None
    assert (found.limit, found.prompt) == figures


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Rate limit reached on tokens per min (TPM): Limit 10000, Requested 20000. maximum context length",
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens",
        "Unsupported parameter: 'top_p'",
        "temperature must be at most 2",
        "You exceeded your current quota, reduce the length of your stay",
        "Invalid 'tools': array too long. Expected an array with maximum length 128",
        "The file is too large",
        "context_length must be a number",
        "The server is overloaded, too many requests",
    ],
)
def test_other_refusals_are_not_about_the_context(words):
    assert context_exceeded(words) is None


@pytest.mark.parametrize(
    ("found", "is_for_the_answer"),
    [
        (ContextExceeded(4096, 12), True),
        (ContextExceeded(4096, 5000), False),
        (ContextExceeded(4096), False),
        (ContextExceeded(None, 12), False),
    ],
)
def test_it_tells_the_prompt_from_the_answer(found, is_for_the_answer):
    assert found.is_for_the_answer is is_for_the_answer


@pytest.mark.parametrize("filler", ["9" * 9_000, "1," * 9_000, "input " * 9_000, "context length " * 9_000])
def test_a_hostile_error_is_read_without_harm(filler):
    # The text is cut before the patterns see it, so the figure after the filler is out of reach.
    found = context_exceeded(f"maximum context length exceeded {filler} maximum context length is 77 tokens")
    assert found is not None
    assert found.limit != 77
