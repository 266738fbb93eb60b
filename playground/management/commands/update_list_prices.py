"""Write ``list_prices.json``, the vendors' list prices of the bundled models, for the next release."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.catalogue.bundled_models import DATA, bundled_models

FILE = DATA / "list_prices.json"
# The package's names of vendors, by those of the catalogue.
_VENDORS = {
    "Anthropic": "anthropic",
    "Cohere": "cohere",
    "DeepSeek": "deepseek",
    "Google": "google",
    "MiniMax": "minimax",
    "Mistral AI": "mistral",
    "Moonshot": "moonshotai",
    "OpenAI": "openai",
    "Perplexity": "perplexity",
    "Zhipu": "zai",
    "xAI": "x-ai",
}
# Companies that run models with open weights, whose developers have no price of their own for them.
_HOSTS = ("together", "groq", "novita", "openrouter")
# Kinds of tokens, by the package's names of their prices.
_KINDS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "reasoning": "output_reasoning_mtok",
}
_PREFIXES = {"alibaba": "qwen"}
# Models whose ids say too little, or are unlike those of the vendor.
_NAMED = {
    "MiniMax-Text-01": ("minimax", "minimax-01"),
    "Qwen/Qwen2.5-72B-Instruct-Turbo": ("novita", "qwen/qwen-2.5-72b-instruct"),
    "Qwen/Qwen2.5-7B-Instruct-Turbo": ("huggingface_together", "Qwen/Qwen2.5-7B-Instruct"),
    "Qwen/Qwen3-235B-A22B-fp8-tput": ("huggingface_novita", "Qwen/Qwen3-235B-A22B"),
    "alibaba/qwen3-coder-480b-a35b-instruct": ("huggingface_together", "Qwen/Qwen3-Coder-480B-A35B-Instruct"),
    "alibaba/qwen3-max-instruct": ("openrouter", "qwen/qwen3-max"),
    "alibaba/qwen3-max-preview": ("openrouter", "qwen/qwen3-max"),
    "deepseek/deepseek-non-reasoner-v3.1-terminus": ("deepseek", "deepseek-v3.1-terminus"),
    "deepseek/deepseek-non-thinking-v3.2-exp": ("deepseek", "deepseek-v3.2-exp"),
    "deepseek/deepseek-reasoner-v3.1": ("openrouter", "deepseek/deepseek-chat-v3.1"),
    "deepseek/deepseek-reasoner-v3.1-terminus": ("deepseek", "deepseek-v3.1-terminus"),
    "deepseek/deepseek-thinking-v3.2-exp": ("deepseek", "deepseek-v3.2-exp"),
    "meta-llama/Llama-3.2-3B-Instruct-Turbo": ("novita", "meta-llama/llama-3.2-3b-instruct"),
    "minimax/m1": ("minimax", "minimax-m1"),
    "minimax/m2": ("minimax", "MiniMax-M2"),
    "moonshot/kimi-k2-preview": ("moonshotai", "kimi-k2-0711-preview"),
    "qwen-max-2025-01-25": ("openrouter", "qwen/qwen-max"),
    "qwen-plus": ("openrouter", "qwen/qwen-plus"),
    "x-ai/grok-4-07-09": ("x-ai", "grok-4-0709"),
}


class Command(BaseCommand):
    help = "Write the vendors' list prices of the bundled models from the package genai-prices."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prices = list_prices()
        except ImportError as error:
            raise CommandError("This needs the package genai-prices, which make test installs.") from error
        FILE.write_text(json.dumps(prices, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        self.stdout.write(f"{len(prices['prices'])} models have a list price.")


def list_prices() -> dict[str, Any]:
    """Return the content of the file: for each model its vendor, and dollars for a million tokens.

    The prices are those of the day. Where a price depends on the hour it is the dearest, and where it depends
    on the length of the request that of a short one.
    """
    from genai_prices.data import providers

    vendors = {provider.id: provider for provider in providers}
    found = {}
    for model in bundled_models():
        for vendor, name in _places(model.model_id, model.facts["developer"]):
            entry = vendors[vendor].find_model(name)
            if entry is not None and (price := _price(entry)):
                found[model.model_id] = {"vendor": vendors[vendor].name, **price}
                break
    today = datetime.now(UTC).date()
    return {
        "on": today.isoformat(),
        "source": f"genai-prices {version('genai-prices')}",
        "prices": found,
    }


def _places(model_id: str, developer: str) -> list[tuple[str, str]]:
    """Return the vendors that may have a price for a model, with its name there, the best first."""
    if model_id in _NAMED:
        return [_NAMED[model_id]]
    prefix, _, name = model_id.lower().rpartition("/")
    names = [model_id.lower(), name, f"{_PREFIXES.get(prefix, prefix)}/{name}"]
    own = _VENDORS.get(developer)
    return [*([(own, name)] if own else []), *((host, each) for host in _HOSTS for each in names)]


def _price(entry: Any) -> dict[str, str]:
    """Return the dearest price that applies today; empty if one of its two halves is missing."""
    prices = [entry.get_prices(datetime.now(UTC))]
    if isinstance(entry.prices, list):
        prices += [each.prices for each in entry.prices if _is_by_hour(each.constraint)]
    amounts = {
        kind: [found for each in prices if (found := _amount(getattr(each, name, None))) is not None]
        for kind, name in _KINDS.items()
    }
    dearest = {kind: str(max(found)) for kind, found in amounts.items() if found}
    return dearest if {"input", "output"} <= dearest.keys() else {}


def _is_by_hour(constraint: Any) -> bool:
    return hasattr(constraint, "start_time")


def _amount(price: Any) -> Decimal | None:
    amount: Decimal | None = getattr(price, "base", price)
    return amount
