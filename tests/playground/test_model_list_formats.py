"""Facts in the lists of other servers: contexts, prices, abilities and purposes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from playground.catalogue.model_list import read_model_list
from playground.catalogue.model_list_facts import facts_of
from playground.catalogue.model_list_prices import listed_prices
from playground.catalogue.model_purpose import purpose_by_id, purpose_of

LLAMA_CPP = {
    "id": "gemma-3-4b-it-Q4_K_M.gguf",
    "object": "model",
    "created": 1764423000,
    "owned_by": "llamacpp",
    "meta": {"vocab_type": 1, "n_vocab": 262144, "n_ctx_train": 131072, "n_embd": 2560, "size": 2480000000},
}
# OpenRouter states zero for what has no price of its own.
MORE = {"request": "0", "input_cache_read": "0.00000025", "internal_reasoning": "0"}
OPENROUTER = {
    "id": "acme/large",
    "name": "Acme: Large",
    "description": "Talks.",
    "context_length": 262144,
    "architecture": {
        "modality": "text+image->text",
        "input_modalities": ["image", "text"],
        "output_modalities": ["text"],
    },
    "pricing": {"prompt": "0.0000025", "completion": "0.00001", **MORE, "image": "0.003"},
    "top_provider": {"context_length": 131072, "max_completion_tokens": 16384, "is_moderated": False},
    "supported_parameters": ["tools", "reasoning", "max_tokens", "response_format"],
}
LITELLM = {
    "id": "large",
    "model_info": {
        "mode": "chat",
        "max_tokens": 4096,
        "max_input_tokens": 128000,
        "max_output_tokens": 16384,
        "input_cost_per_token": 2.5e-06,
        "output_cost_per_token": 1e-05,
        "cache_read_input_token_cost": 2.5e-07,
        "cache_creation_input_token_cost": 3.125e-06,
        "supports_vision": True,
        "supports_function_calling": True,
        "supports_pdf_input": False,
    },
}


@pytest.mark.parametrize(
    ("entry", "context"),
    [
        (LLAMA_CPP, 131072),
        ({"meta": {"n_ctx": 8192, "n_ctx_train": 131072}}, 8192),
        ({"max_model_len": 32768}, 32768),
        (OPENROUTER, 131072),
        (LITELLM, 128000),
        ({"max_input_tokens": 200000, "max_tokens": 64000}, 200000),
        ({"context_length": 4096}, 4096),
        ({"context_length": "32768"}, 32768),
        ({"context_window": 131072, "max_completion_tokens": 8192}, 131072),
        ({"max_context_length": 40960, "loaded_context_length": 4096}, 4096),
        ({"context_size": 65536}, 65536),
        ({"metadata": {"context_length": 163840}}, 163840),
        ({"model_spec": {"availableContextTokens": 32768}}, 32768),
        ({"limits": {"max_input_tokens": 1048576, "max_output_tokens": 65536}}, 1048576),
        ({"meta": None, "context_length": None, "context_window": 8000}, 8000),
    ],
)
def test_the_context_is_found_where_servers_state_it(entry, context):
    assert facts_of(entry)["context_length"] == context


@pytest.mark.parametrize("junk", [0, -1, True, "many", "1e5", 1.5, [], {}, 10**12, "9" * 30, float("inf")])
@pytest.mark.parametrize("place", ["max_model_len", "context_length", "context_window", "max_input_tokens"])
def test_junk_is_no_context(place, junk):
    assert "context_length" not in facts_of({place: junk, "meta": junk, "top_provider": junk})


def test_everything_that_openrouter_states_is_used():
    assert facts_of(OPENROUTER) == {
        "name": "Acme: Large",
        "description": "Talks.",
        "context_length": 131072,
        "output_max": 16384,
        "capabilities": ["reasoning", "vision", "tools", "structured_output"],
        "input_price": Decimal("5000000"),
        "output_price": Decimal("20000000"),
        "cache_read_price": Decimal("500000"),
        "cache_write_price": None,
        "reasoning_price": None,
    }


def test_everything_that_litellm_states_is_used():
    assert facts_of(LITELLM) == {
        "context_length": 128000,
        "output_max": 16384,
        "capabilities": ["vision", "tools"],
        "input_price": Decimal("5000000"),
        "output_price": Decimal("20000000"),
        "cache_read_price": Decimal("500000"),
        "cache_write_price": Decimal("6250000"),
        "reasoning_price": None,
    }


def test_an_object_of_abilities_counts_what_is_true():
    entry = {"capabilities": {"completion_chat": True, "function_calling": True, "vision": False}}
    assert facts_of(entry) == {"capabilities": ["tools"]}


@pytest.mark.parametrize(
    ("entry", "prices"),
    [
        ({"pricing": {"prompt": "0", "completion": "0"}}, (0, 0)),
        ({"pricing": {"prompt": 0.0000001, "completion": 0.0000004}}, (200_000, 800_000)),
        ({"pricing": {"prompt": "0.00015", "completion": "0.0006"}}, (300_000_000, 1_200_000_000)),
        ({"input_cost_per_token": 3e-07, "output_cost_per_token": "0.0000025"}, (600_000, 5_000_000)),
        ({"pricing": {"currency": "usd", "prompt": "1e-6", "completion": "1e-6"}}, (2_000_000, 2_000_000)),
    ],
)
def test_prices_per_token_are_credits_for_a_million(entry, prices):
    found = listed_prices(entry)
    assert (found["input_price"], found["output_price"]) == prices


@pytest.mark.parametrize(
    "entry",
    [
        {"pricing": {"prompt": "-1", "completion": "-1"}},
        {"pricing": {"prompt": "0.000001"}},
        # Some servers state prices for a million tokens under the same names.
        {"pricing": {"prompt": 0.25, "completion": 1.0}},
        {"pricing": {"input": 0.18, "output": 0.18}},
        {"pricing": {"prompt": "free", "completion": None}},
        {"pricing": {"currency": "EUR", "prompt": "0.000001", "completion": "0.000001"}},
        {"pricing": [{"prompt": "0.000001", "completion": "0.000001"}]},
        {"pricing": {"prompt": True, "completion": True}},
        {"input_cost_per_token": 1e-06},
        # LiteLLM reports this for models that it does not know.
        {"model_info": {"input_cost_per_token": 0, "output_cost_per_token": 0}},
        {"model_info": {"input_cost_per_token": None, "output_cost_per_token": float("nan")}},
    ],
)
def test_other_figures_are_no_prices(entry):
    assert listed_prices(entry) == {}


@pytest.mark.parametrize(
    ("entry", "purpose"),
    [
        (OPENROUTER, "chat"),
        (LITELLM, "chat"),
        (LLAMA_CPP, None),
        ({"architecture": {"output_modalities": ["image", "text"]}}, "chat"),
        ({"architecture": {"output_modalities": ["image"]}}, "image"),
        ({"architecture": {"output_modalities": ["embeddings"]}}, "embedding"),
        ({"architecture": {"modality": "text->image"}}, "image"),
        ({"architecture": {"modality": "text+image->text"}}, "chat"),
        ({"output_modalities": ["audio"]}, "speech"),
        ({"output_modalities": ["rerank"]}, "rerank"),
        ({"modalities": {"input": ["text"], "output": ["video"]}}, "video"),
        ({"type": "embedding"}, "embedding"),
        ({"type": "embeddings", "state": "not-loaded"}, "embedding"),
        ({"type": "moderation"}, "moderation"),
        ({"type": "rerank"}, "rerank"),
        ({"type": "audio"}, "speech"),
        *(({"type": word}, "chat") for word in ("chat", "language", "code", "llm", "vlm", "text", "model")),
        ({"type": "base"}, None),
        ({"mode": "image_generation"}, "image"),
        ({"mode": "audio_transcription"}, "transcription"),
        ({"mode": "audio_speech"}, "speech"),
        ({"mode": "completion"}, "chat"),
        ({"mode": "responses"}, "chat"),
        ({"model_info": {"mode": "embedding"}}, "embedding"),
        ({"task": "text-generation"}, "chat"),
        ({"task": "feature-extraction"}, "embedding"),
        ({"task": "image-text-to-text"}, "chat"),
        ({"task": "text-to-image"}, "image"),
        ({"pipeline_tag": "automatic-speech-recognition"}, "transcription"),
        ({"pipeline_tag": "text-to-speech"}, "speech"),
        ({"pipeline_tag": "any-to-any"}, "chat"),
        ({"task": "speech-to-text"}, "transcription"),
        ({"task": "sentence-similarity"}, "embedding"),
        ({"capabilities": ["embedding"]}, "embedding"),
        ({"capabilities": ["completion", "tools", "vision"]}, "chat"),
        ({"capabilities": {"chat_completion": False, "embeddings": True, "inference": True}}, "embedding"),
        ({"capabilities": {"completion_chat": True, "ocr": True}}, "chat"),
        ({"capabilities": {"type": "embeddings", "family": "a"}}, "embedding"),
        ({"capabilities": ["image", "audio", "tools"]}, None),
        ({"endpoints": ["embed"]}, "embedding"),
        ({"endpoints": ["embed", "chat"]}, "chat"),
        ({"supported_endpoints": ["/v1/chat/completions"]}, "chat"),
        ({"supports_chat": False}, "other"),
        ({"type": None, "mode": 3, "task": [], "capabilities": "chat", "architecture": []}, None),
    ],
)  # fmt: skip
def test_the_purpose_is_what_the_list_states(entry, purpose):
    assert purpose_of(entry) == purpose


@pytest.mark.parametrize(
    ("purpose", "ids"),
    [
        ("embedding", "text-embedding-3-small text-embedding-ada-002 nomic-embed-text:latest"),
        ("embedding", "mxbai-embed-large jina-embeddings-v3 voyage-3-large all-minilm"),
        ("embedding", "BAAI/bge-m3 intfloat/multilingual-e5-large mistral-embed models/gemini-embedding-001"),
        ("embedding", "snowflake-arctic-embed Qwen/Qwen3-Embedding-8B"),
        ("rerank", "rerank-v3.5 BAAI/bge-reranker-v2-m3 jina-reranker-v2 Qwen3-Reranker-4B"),
        ("moderation", "omni-moderation-latest text-moderation-stable"),
        ("transcription", "whisper-1 openai/whisper-large-v3 gpt-4o-transcribe distil-whisper-large-v3"),
        ("image", "dall-e-3 gpt-image-1 stable-diffusion-xl acme/FLUX.1-schnell imagen-4.0 sdxl"),
        ("video", "sora-2 veo-3.0"),
        ("speech", "tts-1-hd gpt-4o-mini-tts hexgrad/Kokoro-82M gpt-4o-realtime-preview gpt-realtime"),
        (None, "gpt-4o gpt-4o-audio-preview claude-opus-4 gemini-2.5-flash-image llama-guard-3 voxtral-mini"),
        (None, "embedding-expert-chat whisper-12b-roleplay attsy-7b fluxion-7b reranked-instruct contts"),
        (None, "my-embedder-instruct soraka veolia-7b bge-chat qwen3-vl google/gemma-3-it imagenary"),
        (None, "通义千问 模型-嵌入 7 tts7b e5 dark-whispers"),
    ],
)  # fmt: skip
def test_an_id_tells_the_purpose_of_a_known_model_only(purpose, ids):
    assert {model_id: purpose_by_id(model_id) for model_id in ids.split()} == dict.fromkeys(
        ids.split(), purpose
    )


def test_models_that_do_not_chat_are_apart():
    entries: list[dict[str, Any]] = [
        {"id": "a"}, {"id": "b", "type": "image"}, {"id": "text-embedding-3-small", "max_model_len": 8191},
        {"id": "tts-1", "mode": "chat"},
    ]  # fmt: skip
    found = read_model_list({"data": entries})
    assert [model.model_id for model in found.models] == ["a", "tts-1"]
    assert {model.model_id: model.purpose for model in found.others} == {
        "b": "image",
        "text-embedding-3-small": "embedding",
    }
    assert found.others[1].facts == {"context_length": 8191}
