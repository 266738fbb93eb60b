"""The spelling of developers' names, one for each, so that a filter lists each developer once."""

from __future__ import annotations

import re

from accounts.names import one_line


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_SPELLINGS = {
    _key(name): name
    for name in (
        "Ai2", "AionLabs", "Alibaba", "Anthracite", "Anthropic", "Arcee AI", "Baidu", "ByteDance", "Cohere",
        "Deep Cogito", "DeepSeek", "Google", "IBM", "Inception", "Inflection", "LiquidAI", "Meituan", "Meta",
        "Microsoft", "MiniMax", "Mistral AI", "Moonshot", "Nous Research", "NVIDIA", "OpenAI", "Perplexity",
        "StepFun", "Tencent", "Together AI", "Upstage", "Writer", "xAI", "Xiaomi", "Zhipu",
    )
}  # fmt: skip
# Their other names, and the prefixes of their models' ids.
_SPELLINGS |= {
    other: _SPELLINGS[_key(name)]
    for name, others in {
        "Ai2": ("allenai", "alleninstituteforai"),
        "Alibaba": ("alibabacloud", "qwen"),
        "Anthracite": ("anthraciteorg",),
        "ByteDance": ("bytedanceseed",),
        "DeepSeek": ("deepseekai",),
        "Meta": ("metallama",),
        "Mistral AI": ("mistral",),
        "Moonshot": ("moonshotai",),
        "Together AI": ("together", "togethercomputer"),
        "Zhipu": ("zhipuai", "zai"),
    }.items()
    for other in others
}


def spelled(developer: str) -> str:
    """Return the catalogue's spelling; an unknown name stays as it is.

    >>> [spelled(name) for name in ("Open AI", "alibaba-cloud", "Acme Labs")]
    ['OpenAI', 'Alibaba', 'Acme Labs']
    """
    return _SPELLINGS.get(_key(developer), developer)


def developer_of(model_id: str) -> str:
    """Return the developer by the prefix of the id, empty if the id has none.

    >>> developer_of("meta-llama/llama-4-scout"), developer_of("gpt-4o")
    ('Meta', '')
    """
    prefix = model_id.split("/", 1)[0].lower() if "/" in model_id else ""
    return one_line(spelled(prefix))[:80]
