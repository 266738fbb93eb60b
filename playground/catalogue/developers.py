"""One spelling for each developer: who filters by developer wants each once. Pure."""

from __future__ import annotations

import re


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
# Other names of theirs, and what stands before the slash in ids.
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
    """As the catalogue spells it; a name that nobody knows stays as it is.

    >>> [spelled(name) for name in ("Open AI", "alibaba-cloud", "Acme Labs")]
    ['OpenAI', 'Alibaba', 'Acme Labs']
    """
    return _SPELLINGS.get(_key(developer), developer)


def developer_of(model_id: str) -> str:
    """Whose it is, by what stands before the slash; empty where nothing does.

    >>> developer_of("meta-llama/llama-4-scout"), developer_of("gpt-4o")
    ('Meta', '')
    """
    prefix = model_id.split("/", 1)[0].lower() if "/" in model_id else ""
    return spelled(prefix)[:80]
