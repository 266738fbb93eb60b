"""The demo's models: their catalogue entries and their speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.demo import schemas
from playground.demo.dialects.schemas import messages_schema, responses_schema
from playground.demo.schemas import Schema, request_schema
from playground.upstream.dialects import chat_completions, messages, responses


@dataclass(frozen=True, slots=True)
class DemoModel:
    """Prices are credits for a million tokens; 2,000,000 credits are one US dollar."""

    model_id: str
    name: str
    description: str
    tokens_per_second: float
    input_price: int
    output_price: int
    capabilities: tuple[str, ...]
    suggestions: tuple[tuple[str, str], ...]
    schema: Schema
    # Request schemas of the endpoints besides chat/completions, by their kind.
    other_schemas: Mapping[str, Schema] = field(default_factory=dict)

    @property
    def schemas(self) -> dict[str, Schema]:
        return {chat_completions.DIALECT.kind: self.schema, **self.other_schemas}

    def as_dict(self) -> dict[str, Any]:
        return {
            "model_id": self.model_id,
            "name": self.name,
            "developer": "Built-in demo",
            "description": self.description,
            "context_length": 32_768,
            "output_max": 4096,
            "capabilities": list(self.capabilities),
            "input_price": self.input_price,
            "output_price": self.output_price,
            "suggestions": [{"title": title, "text": text} for title, text in self.suggestions],
            "schema": self.schema,
            "schemas": self.schemas,
        }


def _model(
    code: str,
    name: str,
    description: str,
    *,
    rate: float,
    prices: tuple[int, int],
    suggestions: tuple[tuple[str, str], ...],
    parameters: dict[str, Schema],
    capabilities: tuple[str, ...] = (),
    other_schemas: Mapping[str, Schema] | None = None,
    messages: Schema | None = None,
) -> DemoModel:
    model_id = f"demo/{code}"
    return DemoModel(
        model_id=model_id,
        name=name,
        description=description,
        tokens_per_second=rate,
        input_price=prices[0],
        output_price=prices[1],
        capabilities=capabilities,
        suggestions=suggestions,
        schema=request_schema(model_id, messages=messages, **parameters),
        other_schemas=other_schemas or {},
    )


_COMMON = {"temperature": schemas.TEMPERATURE, "max_tokens": schemas.MAX_TOKENS, "seed": schemas.SEED}

_PLAIN = _model(
    "plain",
    "Demo Plain",
    "Answers in a few friendly sentences and says which parameters reached it.",
    rate=60,
    prices=(200_000, 800_000),
    suggestions=(
        ("See what was sent", "Explain what temperature does. Then tell me which parameters you received."),
        ("A small poem", "Write a haiku about the first rain after a long summer."),
        ("Do a sum", "What is (17 * 24) + 2?"),
    ),
    parameters={
        **_COMMON,
        "top_p": schemas.TOP_P,
        "stop": schemas.STOP,
        "verbosity": schemas.VERBOSITY,
        "frequency_penalty": schemas.FREQUENCY_PENALTY,
        "presence_penalty": schemas.PRESENCE_PENALTY,
        "logit_bias": schemas.LOGIT_BIAS,
        "echo": schemas.ECHO,
        "user": schemas.USER,
    },
)
_MARKDOWN = _model(
    "markdown",
    "Demo Markdown",
    "Writes everything a page can show: headings, lists, tables, code, formulas, tasks.",
    rate=90,
    prices=(600_000, 2_400_000),
    suggestions=(
        ("A full tour", "Explain binary search with a table, code and a formula."),
        ("Only a table", "Compare three ways to make coffee in a table."),
        ("As JSON", "Plan a weekend in Lisbon. Try it with response_format set to json_object."),
    ),
    parameters={
        **_COMMON,
        "stop": schemas.STOP,
        "verbosity": schemas.VERBOSITY,
        "response_format": schemas.RESPONSE_FORMAT,
        "metadata": schemas.METADATA,
    },
    capabilities=("structured_output",),
)
_REASONING = _model(
    "reasoning",
    "Demo Reasoning",
    "Thinks where you can watch it, as long as you allow, and answers afterwards.",
    rate=80,
    prices=(1_000_000, 4_000_000),
    suggestions=(
        ("Count letters", "How many times does the letter r occur in strawberry?"),
        ("A prime?", "Is 1001 a prime number?"),
        ("Weigh it up", "Why do some bridges hum in the wind?"),
    ),
    parameters={
        "reasoning_effort": schemas.REASONING_EFFORT,
        "thinking": schemas.THINKING,
        "reasoning": schemas.REASONING,
        "temperature": schemas.TEMPERATURE,
        "max_completion_tokens": schemas.MAX_TOKENS,
        "seed": schemas.SEED,
    },
    capabilities=("reasoning",),
)
_SLOW = _model(
    "slow",
    "Demo Slow",
    "Drips its words: time to press Stop, reload the page or open a second window.",
    rate=6,
    prices=(100_000, 400_000),
    suggestions=(
        ("Press Stop", "Tell me slowly about the sea. I may stop you half-way."),
        ("Reload the page", "Describe a long train journey; I will reload the page while you talk."),
        ("Watch together", "Tell a story about two lighthouse keepers, and I will open a second window."),
    ),
    parameters={**_COMMON, "service_tier": schemas.SERVICE_TIER},
)
_TOOLS = _model(
    "tools",
    "Demo Tools",
    "Calls the functions that you describe in the tools parameter.",
    rate=60,
    prices=(400_000, 1_600_000),
    suggestions=(
        ("How do tools work?", "What do I have to do so that you can call a function?"),
        ("Ask for the weather", "What is the weather in Reykjavík? Call get_weather if you have it."),
        ("Two calls", "Look up the weather in both Oslo and Rome."),
    ),
    parameters={
        "tools": schemas.TOOLS,
        "tool_choice": schemas.TOOL_CHOICE,
        "parallel_tool_calls": schemas.PARALLEL_TOOL_CALLS,
        **_COMMON,
    },
    capabilities=("tools",),
)
_POLYGLOT = _model(
    "polyglot",
    "Demo Polyglot",
    "Can be asked at all three endpoints. It thinks, calls functions, and says how it was asked.",
    rate=80,
    prices=(800_000, 3_200_000),
    suggestions=(
        (
            "Which endpoint?",
            "Why do cats purr? Ask me the same at another endpoint, then compare the requests.",
        ),
        ("Think first", "Is 1001 a prime number? Let me watch you think, if this endpoint can."),
        ("A second turn", "Tell me about lighthouses. I will ask more, and see what is sent along."),
    ),
    parameters={
        "reasoning_effort": schemas.REASONING_EFFORT,
        "tools": schemas.TOOLS,
        "tool_choice": schemas.TOOL_CHOICE,
        "parallel_tool_calls": schemas.PARALLEL_TOOL_CALLS,
        "temperature": schemas.TEMPERATURE,
        "max_completion_tokens": schemas.MAX_TOKENS,
        "seed": schemas.SEED,
    },
    capabilities=("reasoning", "tools"),
    other_schemas={
        responses.DIALECT.kind: responses_schema("demo/polyglot"),
        messages.DIALECT.kind: messages_schema("demo/polyglot"),
    },
)
_SENSES = _model(
    "senses",
    "Demo Senses",
    "Takes pictures, PDFs and recordings, and says what of them reached it.",
    rate=60,
    prices=(400_000, 1_600_000),
    suggestions=(
        ("Send a picture", "What reached you? I attach a picture with the paper clip, or paste one."),
        ("Say it aloud", "What reached you? I press the microphone and say a few words first."),
        ("Read a text", "What is in this file? Any text goes as text, whichever model reads it."),
    ),
    parameters=_COMMON,
    capabilities=("vision", "audio"),
    messages=schemas.MESSAGES_WITH_MEDIA,
)
_FAILING = _model(
    "failing",
    "Demo Failing",
    "Goes wrong in the way that you ask for, so that you can see what an error looks like.",
    rate=40,
    prices=(200_000, 800_000),
    suggestions=(
        ("Break off", "Start well, and then report an error in the middle of the answer."),
        ("Too many requests", "Answer with a rate limit, please."),
        ("Cut the line", "Cut the connection half-way."),
    ),
    parameters=_COMMON,
)

MODELS = {
    model.model_id: model
    for model in (_PLAIN, _MARKDOWN, _REASONING, _SLOW, _TOOLS, _POLYGLOT, _SENSES, _FAILING)
}


def demo_models() -> list[dict[str, Any]]:
    """Return the catalogue's entries: ids, texts, prices, capabilities and schemas."""
    return [model.as_dict() for model in MODELS.values()]
