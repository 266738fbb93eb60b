from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from playground.catalogue.model_list import (
    MOST_MODELS,
    ModelListRefused,
    RefusedEntry,
    kind_of,
    read_model_list,
)
from playground.catalogue.model_list_facts import facts_of
from playground.catalogue.model_list_prices import prices_of

FULL: dict[str, Any] = {
    "id": "acme/large",
    "aliases": ["large", "acme-large"],
    "type": "openai/chat-completions",
    "tags": ["playground:chat"],
    "info": {
        "name": "Acme Large",
        "developer": "Open AI",
        "description": "Talks.",
        "contextLength": 128000,
        "outputMax": 16384,
        "releasedAt": "2025-08-07T00:00:00Z",
        "docsUrl": "https://docs.example.org/large",
        "docsJson": "https://api.example.org/docs-json?model=acme%2Flarge",
    },
    "modalities": {"input": ["image", "text"], "output": ["text"]},
    "capabilities": ["file_input", "parallel_tool_calls", "streaming", "structured_output", "tools"],
    "pricing": {
        "kind": "fixed",
        "currency": "USD",
        "units": [
            {"name": "token", "measure": "input", "price": 1.3, "per": 1_000_000},
            {"name": "token", "measure": "output", "price": "0.01", "per": 1000},
        ],
    },
}


def read(*entries: Any) -> Any:
    return read_model_list({"object": "list", "data": list(entries)})


def test_it_reads_all_that_the_new_shape_says():
    (model,) = read(FULL).models
    assert (model.model_id, model.aliases) == ("acme/large", ("large", "acme-large"))
    assert model.documents == {"chat/completions": "https://api.example.org/docs-json?model=acme%2Flarge"}
    assert model.facts == {
        "name": "Acme Large",
        "developer": "OpenAI",
        "description": "Talks.",
        "context_length": 128_000,
        "output_max": 16_384,
        "released_on": date(2025, 8, 7),
        "docs_url": "https://docs.example.org/large",
        "capabilities": ["vision", "files", "tools", "structured_output"],
        "input_price": Decimal("2600000"),
        "output_price": Decimal("20000000"),
        **NO_SPECIAL_PRICES,
    }


NO_SPECIAL_PRICES = {"cache_read_price": None, "cache_write_price": None, "reasoning_price": None}


def test_it_reads_the_old_shape():
    info = {"name": "Acme", "developer": "Acme", "description": "", "contextLength": 1, "url": "nowhere"}
    features = ["openai/chat-completion", "openai/chat-completion.function", "openai/chat-completion.vision"]
    entry = {"id": "acme", "type": "chat-completion", "info": info, "features": features}
    (model,) = read(entry).models
    assert model.facts == {
        "name": "Acme",
        "developer": "Acme",
        "context_length": 1,
        "capabilities": ["vision", "tools"],
    }


def test_it_reads_a_plain_openai_list():
    listing = read({"id": "llama3", "object": "model", "created": 1, "owned_by": "library"}, {"id": "qwen"})
    assert [(model.model_id, model.facts) for model in listing.models] == [("llama3", {}), ("qwen", {})]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("openai/chat-completions", "chat/completions"),
        ("chat-completion", "chat/completions"),
        ("text", "chat/completions"),
        ("model", "chat/completions"),
        ("openai/responses", "responses"),
        ("anthropic/messages", "messages"),
        ("openai/image-generations", None),
        ("internal/video-generations/submit", None),
        ("text-to-speech", None),
        ("text-embedding", None),
        ("", None),
        (7, None),
    ],
)
def test_it_keeps_models_that_chat(text, kind):
    assert kind_of(text) == kind


JUNK: list[Any] = [
    None,
    True,
    -1,
    0.5,
    10**30,
    "",
    "x" * 5000,
    [],
    {},
    [None],
    {"a": {}},
    "\ud800",
    float("nan"),
]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
@pytest.mark.parametrize("where", [*FULL, *(f"info.{name}" for name in FULL["info"])])
def test_junk_anywhere_costs_that_place_alone(where, junk):
    entry = {**FULL, "info": dict(FULL["info"])}
    if where.startswith("info."):
        entry["info"][where.removeprefix("info.")] = junk
    else:
        entry[where] = junk
    listing = read(entry, {"id": "acme/other"})
    assert "acme/other" in [model.model_id for model in listing.models]
    for model in listing.models:
        assert all(isinstance(text, str) for text in (*model.ids, *model.documents.values()))
        for name in ("name", "developer", "description", "docs_url"):
            text = model.facts.get(name, "")
            text.encode()
            assert len(text) <= 300


@pytest.mark.parametrize("found", [None, [], {}, {"data": None}, {"data": "models"}, "<html>"])
def test_what_is_no_list_is_refused(found):
    with pytest.raises(ModelListRefused, match="did not list"):
        read_model_list(found)


@pytest.mark.parametrize(
    "entries", [[{"id": "a", "type": "image"}], [{"id": "text-embedding-3-small"}], [None, 7]]
)
def test_a_list_without_chat_models_is_refused_rather_than_believed(entries):
    with pytest.raises(ModelListRefused, match="no chat models"):
        read(*entries)


def test_a_list_without_end_is_refused():
    with pytest.raises(ModelListRefused, match=r"more than 20,000"):
        read(*[{"id": "a"}] * (MOST_MODELS + 1))


def test_of_two_entries_with_one_id_the_first_counts():
    listing = read({"id": "a", "info": {"name": "First"}}, {"id": "a", "info": {"name": "Second"}})
    assert [model.facts for model in listing.models] == [{"name": "First"}]
    assert listing.refused == [RefusedEntry("a", "listed more than once; the first entry counts")]


def test_two_kinds_of_one_model_are_two_of_its_endpoints():
    entries = [
        {"id": "a", "type": "openai/chat-completions", "info": {"docsJson": "https://x.example.org/1"}},
        {"id": "a", "type": "openai/responses", "info": {"docsJson": "https://x.example.org/2"}},
    ]
    (model,) = read(*entries).models
    assert list(model.documents) == ["chat/completions", "responses"]


def test_a_name_stands_for_one_model():
    first = {"id": "a", "aliases": ["b", "shared", "a", "shared"]}
    listing = read(first, {"id": "b", "aliases": ["shared", "own"]})
    assert {model.model_id: model.aliases for model in listing.models} == {"a": ("shared",), "b": ("own",)}


@pytest.mark.parametrize(
    "model_id",
    [
        "", " ", "\u3000", "x" * 201, None, 5, {}, "a\nb", "a\tb", " a", "a ", "<i>\x00", "a\x7f", "a\x9bb",
        "a\u202eb", "a\u2066b", "\u200fa", "a\u061cb", "\ufeffa", "a\u200bb", "\ud800", "a\u2028b", "\u00ada",
        "\U000e0041", "\u200d", "\u0301",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_cannot_be_an_id_is_left_out_and_reported(model_id):
    listing = read({"id": model_id}, {"id": "fine", "aliases": [model_id]})
    assert [model.ids for model in listing.models] == [("fine",)]
    (refusal,) = listing.refused
    assert "not a valid model id" in refusal.reason
    assert refusal.model.isprintable()


@pytest.mark.parametrize(
    "model_id",
    [
        "通义千问", "My Model", "café", "cafe\u0301", "モデル 7B", "модель:latest", "مدل\u200cفارسی", "हिन्दी",
        "👩\u200d🔬", "a  b", "c:\\models\\a.gguf", "<b>&amp;'\"", "models/../a?b#c%20d", "7", "Ⅷ", "x" * 200,
    ],
    ids=ascii,
)  # fmt: skip
def test_ids_are_text_of_any_script(model_id):
    listing = read({"id": model_id})
    assert ([model.model_id for model in listing.models], listing.refused) == ([model_id], [])


def test_an_empty_list_is_named_as_one():
    with pytest.raises(ModelListRefused, match="lists no models"):
        read()


def test_text_stays_text_and_links_are_links():
    info = {"name": "<script>alert(1)</script>", "docsUrl": "javascript:alert(1)", "url": "data:text/html,x"}
    facts = facts_of({"info": info})
    assert facts == {"name": "<script>alert(1)</script>"}


def test_characters_that_would_steer_a_terminal_or_a_page_are_removed():
    info = {"name": "A\x1b[31m\u202eB\x9b \n C", "description": "\u2066"}
    assert facts_of({"info": info}) == {"name": "A[31mB C"}


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        (None, {}),
        ({"kind": "free"}, {}),
        ({"kind": "variable"}, {"input_price": None, "output_price": None}),
        (
            {
                "kind": "fixed",
                "currency": "EUR",
                "units": [{"name": "token", "measure": "input", "price": 1}],
            },
            {"input_price": None, "output_price": None},
        ),
        (
            {"kind": "fixed", "units": [{"name": "image", "measure": "input", "price": 1, "per": 1}]},
            {"input_price": None, "output_price": None},
        ),
        (
            {
                "kind": "variants",
                "variants": [
                    {
                        "when": {"measure": "input", "context": "long"},
                        "price": 2,
                        "unit": "token",
                        "per": 10**6,
                    },
                    {
                        "when": {"measure": "input", "context": "short"},
                        "price": 1,
                        "unit": "token",
                        "per": 10**6,
                    },
                ],
            },
            {"input_price": Decimal(4_000_000), "output_price": None},
        ),
    ],
)
def test_prices_become_credits_for_a_million_tokens(pricing, expected):
    assert prices_of(pricing) == (expected and {**expected, **NO_SPECIAL_PRICES})


def test_cached_input_has_a_price_of_its_own():
    units = [
        {"name": "token", "measure": measure, "price": price, "per": 10**6}
        for measure, price in {"input": 2, "cached_input": 0.5, "cache_write": 2.5, "output": 8}.items()
    ]
    assert prices_of({"kind": "fixed", "units": units}) == {
        "input_price": Decimal(4_000_000),
        "output_price": Decimal(16_000_000),
        "cache_read_price": Decimal(1_000_000),
        "cache_write_price": Decimal(5_000_000),
        "reasoning_price": None,
    }


@pytest.mark.parametrize("price", [-1, "nan", "1e400", True, None, [], 10**30, "x"])
@pytest.mark.parametrize("per", [0, -1, 1_000_000, None])
def test_a_price_that_cannot_be_one_is_none(price, per):
    unit = {"name": "token", "measure": "input", "price": price, "per": per}
    assert prices_of({"kind": "fixed", "units": [unit]})["input_price"] is None


def test_thousands_of_entries_are_read():
    listing = read(*({**FULL, "id": f"acme/{number}", "aliases": ["same"]} for number in range(5000)))
    assert len(listing.models) == 5000
    assert sum(len(model.aliases) for model in listing.models) == 1
