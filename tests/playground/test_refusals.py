"""Refused parameters are found in every form of error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.upstream.errors.refusals import Refusal, Why, refused_parameters

SENT = {
    "model": "m",
    "messages": [],
    "stream": True,
    "stream_options": {},
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40,
    "max_tokens": 100,
    "seed": 1,
    "stop": ["x"],
    "tools": [],
    "tool_choice": "auto",
    "thinking": {},
    "reasoning_effort": "low",
    "logprobs": True,
    "presence_penalty": 0,
    "response_format": {},
    "user": "u",
    "n": 1,
    "min_p": 0.1,
}
P, V, C = Why.PARAMETER, Why.VALUE, Why.CONFLICT


def openai(message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def aimlapi(message: Any, **more: Any) -> dict[str, Any]:
    text = message if isinstance(message, str) else f"400 {json.dumps(message)}"
    return {"message": text, "path": "/v1/chat/completions", "requestId": "r", "statusCode": 400, **more}


def anthropic(message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}


def fastapi(kind: str, place: list[Any], words: str) -> dict[str, Any]:
    return {"detail": [{"type": kind, "loc": place, "msg": words, "input": 1}]}


FIELDS: list[tuple[Any, list[str], Why]] = [
    (openai("Unsupported parameter: 'top_p'.", "top_p", "unsupported_parameter"), ["top_p"], P),
    (openai("No.", "temperature", "unsupported_value"), ["temperature"], V),
    (openai("Unknown parameter: 'min_p'.", "min_p", "unknown_parameter"), ["min_p"], P),
    (openai("Expected a string.", "stop[0]", "invalid_type"), ["stop"], V),
    (openai("Bad.", "tools[0].function.parameters", "invalid_function_parameters"), ["tools"], V),
    (openai("Use 'top_k' instead.", "max_tokens", "unsupported_parameter"), ["max_tokens"], P),
    (fastapi("extra_forbidden", ["body", "top_k"], "Extra inputs are not permitted"), ["top_k"], P),
    (fastapi("less_than_equal", ["body", "temperature"], "Should be at most 1"), ["temperature"], V),
    (fastapi("string_type", ["body", "tools", 0, "name"], "Should be a string"), ["tools"], V),
    ({"message": {"detail": fastapi("extra_forbidden", ["body", "seed"], "Extra")["detail"]}}, ["seed"], P),
    ({"issues": [{"code": "unrecognized_keys", "keys": ["seed", "user"], "path": []}]}, ["seed", "user"], P),
    ({"issues": [{"code": "too_big", "path": ["stop", 4], "message": "Too big"}]}, ["stop"], V),
    (
        aimlapi("Body!", meta={"errors": [{"path": "temperature", "message": "is too high"}]}),
        ["temperature"],
        V,
    ),
    (aimlapi(openai("Unsupported parameter: 'n'.", "n", "unsupported_parameter")), ["n"], P),
    (
        [{"error": {"code": 400, "details": [{"fieldViolations": [{"field": "generation_config.top_k"}]}]}}],
        ["top_k"],
        V,
    ),
    ({"errors": [{"instancePath": "/temperature", "message": "must be <= 1"}]}, ["temperature"], V),
    (
        {"errors": [{"params": {"additionalProperty": "seed"}, "keyword": "additionalProperties"}]},
        ["seed"],
        P,
    ),
    ({"errors": {"top_p": ["must be less than 1"], "seed": ["is not supported here"]}}, ["top_p", "seed"], V),
]

SENTENCES: list[tuple[Any, list[str], Why]] = [
    # OpenAI and Azure.
    ("Unsupported parameter: 'max_tokens' is not supported with this model.", ["max_tokens"], P),
    ("Unrecognized request argument supplied: top_k", ["top_k"], P),
    ("Unrecognized request arguments supplied: top_k, min_p", ["top_k", "min_p"], P),
    ("Unsupported value: 'temperature' does not support 0.5 with this model.", ["temperature"], V),
    (
        "'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
        ["temperature"],
        V,
    ),
    ("Invalid 'top_p': decimal above maximum value.", ["top_p"], V),
    ("Invalid type for 'seed': expected an integer, but got a string instead.", ["seed"], V),
    ("3 is greater than the maximum of 2 - 'temperature'", ["temperature"], V),
    ("max_tokens is too large: 100000. This model supports at most 16384 tokens.", ["max_tokens"], V),
    ("Invalid parameter: 'response_format' of type 'json_schema' is not supported.", ["response_format"], V),
    ("logprobs are not supported with reasoning models.", ["logprobs"], P),
    # Anthropic.
    (anthropic("top_k: Extra inputs are not permitted"), ["top_k"], P),
    (anthropic("temperature: range: 0..1"), ["temperature"], V),
    (anthropic("`temperature` is deprecated for this model."), ["temperature"], P),
    (
        anthropic("`temperature` and `top_p` cannot both be specified for this model."),
        ["temperature", "top_p"],
        C,
    ),
    (
        anthropic("`temperature` may only be set to 1 when thinking is enabled."),
        ["temperature", "thinking"],
        C,
    ),
    (anthropic("thinking.budget_tokens: Input should be greater than or equal to 1024"), ["thinking"], V),
    # Google.
    (
        "Invalid JSON payload received. Unknown name \"topK\" at 'generation_config': Cannot find field.",
        ["top_k"],
        P,
    ),
    ('Invalid JSON payload received. Unknown name "seed": Cannot find field.', ["seed"], P),
    # xAI, Groq, DeepSeek, Mistral, Cohere, Fireworks.
    ("Argument not supported on this model: presencePenalty", ["presence_penalty"], P),
    ("Model grok-4 does not support parameter presencePenalty.", ["presence_penalty"], P),
    ("property 'logprobs' is unsupported", ["logprobs"], P),
    ("Invalid temperature value, the valid range of temperature is [0, 2]", ["temperature"], V),
    ("invalid request: unknown field 'min_p'", ["min_p"], P),
    ("Extra inputs are not permitted, field: 'top_k', value: 40", ["top_k"], P),
    ("<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]", ["max_tokens"], V),
    # LiteLLM, vLLM, TGI, Ollama, Bedrock, and errors of programming languages.
    ("xai does not support parameters: ['reasoning_effort'], for model=grok-4.", ["reasoning_effort"], P),
    (
        "UnsupportedParamsError: o1 does not support parameters: {'seed': 1, 'stop': ['x']}",
        ["seed", "stop"],
        P,
    ),
    (
        "[{'type': 'extra_forbidden', 'loc': ('body', 'min_p'), 'msg': 'Extra inputs are not permitted'}]",
        ["min_p"],
        P,
    ),
    ("Input validation error: `temperature` must be strictly positive", ["temperature"], V),
    ("registry.example/library/gemma:latest does not support tools", ["tools"], P),
    ("Malformed input request: #: extraneous key [top_k] is not permitted", ["top_k"], P),
    ("Malformed input request: #/temperature: 2 is not less or equal to 1", ["temperature"], V),
    ("Unsupported param: n", ["n"], P),
    ('json: unknown field "seed"', ["seed"], P),
    ("unknown field `seed`, expected one of `temperature`, `top_p`", ["seed"], P),
    ("create() got an unexpected keyword argument 'top_k'", ["top_k"], P),
    ("Additional properties are not allowed ('seed', 'user' were unexpected)", ["seed", "user"], P),
    ("Unrecognized key(s) in object: 'top_k', 'min_p'", ["top_k", "min_p"], P),
    (aimlapi(anthropic("top_p: Extra inputs are not permitted")), ["top_p"], P),
    ("seed must be an integer", ["seed"], V),
    ("Parameter reasoning_effort isn't supported by this model", ["reasoning_effort"], P),
    ("stream_options is not supported", ["stream_options"], P),
]

NONE: list[Any] = [
    "",
    "null",
    "[" * 9_000,
    "The model is overloaded.",
    # Complaints about a parameter that was not sent.
    openai("Unsupported parameter: 'echo' is not supported.", "echo", "unsupported_parameter"),
    "Unknown parameter: 'suffix'. Did you mean 'stop'?",
    anthropic("max_completion_tokens: Field required"),
    # Complaints about the transcript, whose parts may have the same names.
    openai("Invalid 'messages[1].tools': array too long.", "messages[1].tools", "array_above_max_length"),
    fastapi("missing", ["body", "messages", 0, "user", "stop"], "Field required"),
    anthropic("messages.1.content.0.tools: Extra inputs are not permitted"),
    "This model's maximum context length is 8192 tokens. Please shorten the messages.",
    # English words that are parameters elsewhere.
    "The user is not allowed to do this.",
    "Please stop: this is not supported.",
    {"message": "Not found", "path": "/v1/chat/completions", "statusCode": 400},
    {"error": {"param": ["x"] * 5_000}},
    {"error": {"param": "temperature." * 500, "message": 5}},
]


def said(error: Any) -> str:
    return error if isinstance(error, str) else json.dumps(error)


@pytest.mark.parametrize(("error", "names", "why"), [*FIELDS, *SENTENCES])
def test_it_finds_the_parameters_and_what_is_wrong_with_them(error, names, why):
    found = refused_parameters(said(error), SENT)
    assert ([refusal.name for refusal in found], found[0].why if found else None) == (names, why)


@pytest.mark.parametrize("error", [error for error, _, _ in SENTENCES if isinstance(error, str)])
def test_it_finds_the_same_in_the_envelopes_of_others(error):
    plain = [(refusal.name, refusal.why) for refusal in refused_parameters(error, SENT)]
    for wrapped in (
        openai(error),
        aimlapi(openai(error)),
        aimlapi(error),
        anthropic(error),
        {"detail": error},
    ):
        found = refused_parameters(json.dumps(wrapped), SENT)
        assert [(refusal.name, refusal.why) for refusal in found] == plain


@pytest.mark.parametrize("error", NONE)
def test_it_blames_no_parameter_without_a_reason(error):
    assert refused_parameters(said(error), SENT) == []


def test_a_name_counts_only_if_it_was_sent():
    error = said(openai("Unsupported parameter: 'top_p'.", "top_p", "unsupported_parameter"))
    assert refused_parameters(error, {"model": "m", "temperature": 1}) == []


def test_it_keeps_the_words_about_each():
    error = {"errors": {"top_p": ["must be less than 1"], "seed": ["is not supported here"]}}
    assert refused_parameters(said(error), SENT) == [
        Refusal("top_p", V, "must be less than 1"),
        Refusal("seed", P, "is not supported here"),
    ]


@pytest.mark.parametrize(
    ("words", "why", "is_lasting"),
    [
        ("No such thing", P, True),
        ("Only the default (1) value is supported.", V, True),
        ("must be less than 1", V, False),
        ("Only the default (1) value is supported.", C, False),
    ],
)
def test_what_would_be_refused_again_is_told_from_what_may_be_corrected(words, why, is_lasting):
    assert Refusal("temperature", why, words).is_lasting is is_lasting


@pytest.mark.parametrize(
    "piece", ["top_k, ", "'top_k' and ", "body.", "(", "[[", '{"', "does not support ", "a"]
)
def test_it_takes_no_time_for_a_hostile_text(piece):
    refused_parameters("Unknown parameter: " + piece * 20_000, SENT)
