"""The pages on which well-known providers hand out keys."""

from __future__ import annotations

from playground.upstream.provider_site import split_address

_PAGES = {
    "api.aimlapi.com": "https://aimlapi.com/app/keys",
    "api.anthropic.com": "https://console.anthropic.com/settings/keys",
    "api.deepseek.com": "https://platform.deepseek.com/api_keys",
    "api.groq.com": "https://console.groq.com/keys",
    "api.mistral.ai": "https://console.mistral.ai/api-keys",
    "api.openai.com": "https://platform.openai.com/api-keys",
    "api.together.xyz": "https://api.together.ai/settings/api-keys",
    "generativelanguage.googleapis.com": "https://aistudio.google.com/app/apikey",
    "openrouter.ai": "https://openrouter.ai/settings/keys",
}


def key_page(base_url: str) -> str:
    """Return the address of the page with the keys for a base URL; empty if none is known.

    >>> key_page("https://openrouter.ai/api/v1")
    'https://openrouter.ai/settings/keys'
    >>> key_page("https://llm.example.org/v1"), key_page("http://openrouter.ai/api/v1")
    ('', '')
    """
    parts = split_address(base_url)
    if parts is None or parts.scheme != "https":
        return ""
    return _PAGES.get(str(parts.hostname), "")
