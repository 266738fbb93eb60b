from __future__ import annotations

import pytest

from playground.upstream.base_urls import AddressMalformed, is_same_server, mended, places_of_api


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        # Host names with underscores, and others that only private networks have.
        ("http://llm_box.lan:8000/v1", "http://llm_box.lan:8000/v1"),
        ("http://ollama_a.svc.cluster.local/v1", "http://ollama_a.svc.cluster.local/v1"),
        ("http://ollama_server:11434/v1", "http://ollama_server:11434/v1"),
        ("https://_gpu_.example.com/v1", "https://_gpu_.example.com/v1"),
        ("http://a__b.c_d.lan/v1", "http://a__b.c_d.lan/v1"),
        ("http://9box/v1", "http://9box/v1"),
        ("http://box.lan./v1", "http://box.lan./v1"),
        ("https://bücher.example/v1", "https://bücher.example/v1"),
        # Missing and broken schemes.
        ("localhost:11434", "http://localhost:11434"),
        ("192.168.1.20:8000/v1", "http://192.168.1.20:8000/v1"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("llm_box.lan/v1", "http://llm_box.lan/v1"),
        ("ollama", "http://ollama"),
        ("api.example.com/v1", "https://api.example.com/v1"),
        ("//api.example.com/v1", "https://api.example.com/v1"),
        ("https:/api.example.com/v1", "https://api.example.com/v1"),
        ("https//api.example.com/v1", "https://api.example.com/v1"),
        ("HTTPS://API.Example.com/V1", "https://api.example.com/V1"),
        # Pasted endpoints and pages.
        ("https://llm.example.org/v1/chat/completions", "https://llm.example.org/v1"),
        ("https://llm.example.org/v1/chat/completions/", "https://llm.example.org/v1"),
        ("https://llm.example.org/v1/models", "https://llm.example.org/v1"),
        ("https://llm.example.org/v1/models/qwen", "https://llm.example.org/v1"),
        ("https://llm.example.org/v1/responses", "https://llm.example.org/v1"),
        ("https://llm.example.org/v1/messages", "https://llm.example.org/v1"),
        ("https://llm.example.org/v1/completions", "https://llm.example.org/v1"),
        ("https://llm.example.org/v1/embeddings", "https://llm.example.org/v1"),
        ("https://llm.example.org/openai/v1/chat", "https://llm.example.org/openai/v1"),
        ("http://localhost:11434/api/tags", "http://localhost:11434"),
        ("http://localhost:8080/docs", "http://localhost:8080"),
        ("https://example.org/messages", "https://example.org/messages"),
        ("https://example.org/chat", "https://example.org/chat"),
        # Quotes, spaces, slashes and the line around the address.
        ('  "https://llm.example.org/v1/"  ', "https://llm.example.org/v1"),
        ("“https://llm.example.org/v1”,", "https://llm.example.org/v1"),
        ("<https://llm.example.org/v1>", "https://llm.example.org/v1"),
        ("\ufeffhttps://llm.example.org/v1\u200b", "https://llm.example.org/v1"),
        ("https://llm.example.org//v1//", "https://llm.example.org/v1"),
        ('export OPENAI_BASE_URL="https://llm.example.org/v1"', "https://llm.example.org/v1"),
        ("base_url: https://llm.example.org/v1", "https://llm.example.org/v1"),
        ("curl http://localhost:8080/v1/chat/completions -H 'A: b'", "http://localhost:8080/v1"),
    ],
)
def test_it_takes_what_people_paste(given, meant):
    assert mended(given) == meant
    assert mended(meant) == meant, "what is stored means itself"


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", '""', "https://", "//", "::1", "-", "a..b", "https://a..b/v1", "http://.", "_"),
        *("ftp://llm.example.org/v1", "file:///etc/passwd", "ws://llm.example.org", "javascript:alert(1)"),
        *("mailto:a@example.org", "https://user:password@llm.example.org/v1", "https://key@llm.example.org"),
        *("https://llm.example.org/v1?key=1", "https://llm.example.org/v1#x", "https://llm.example.org/v1?"),
        *("https://llm.example.org:99999/v1", "https://llm.example.org:0/v1", "https://llm.example.org:x/v1"),
        *(
            "https://exa mple.org/v1",
            "https://llm.example.org/v1\r\nX-Evil: 1",
            "https://llm.example.org/a b",
        ),
        *("https://[::1/v1", "https://[x]/v1", "https://{name}.example.org", "https://exa\x00mple.org"),
        *("https://llm.example.org/v1\\..", "https://" + "a" * 64 + ".org", "https://" + "a." * 130 + "org"),
        *("https://llm.example.org/" + "a" * 300, "x" * 100_000, "http://" + "/" * 100_000, "a." * 50_000),
    ],
)
def test_it_refuses_what_is_no_address(text):
    with pytest.raises(AddressMalformed):
        mended(text)


@pytest.mark.parametrize(
    ("base_url", "places"),
    [
        ("http://h:1", ["http://h:1", "http://h:1/v1"]),
        ("http://h/api", ["http://h/api", "http://h/api/v1"]),
        ("http://h/v1", ["http://h/v1"]),
        ("http://h/openai/v1", ["http://h/openai/v1"]),
        ("http://h/v1beta/openai", ["http://h/v1beta/openai"]),
        ("http://h/compatible-mode/v1", ["http://h/compatible-mode/v1"]),
        ("http://v1.example.org", ["http://v1.example.org", "http://v1.example.org/v1"]),
    ],
)
def test_it_tries_the_version_where_there_is_none(base_url, places):
    assert places_of_api(base_url) == places


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("https://a.org/v1", "https://a.org/v2", True),
        ("https://a.org", "https://A.org:443/v1", True),
        ("http://a.org/v1", "https://a.org/v1", True),
        ("http://a.org:8000", "https://a.org:8000", True),
        ("https://a.org/v1", "http://a.org/v1", False),
        ("https://a.org", "https://b.org", False),
        ("https://a.org", "https://a.org.evil.org", False),
        ("https://a.org", "https://api.a.org", False),
        ("https://a.org", "https://a.org:8443", False),
        ("http://a.org:8000", "https://a.org:8001", False),
        ("http://a.org:8000", "https://a.org", False),
    ],
)
def test_a_key_stays_with_its_server(before, after, is_same):
    assert is_same_server(before, after) is is_same
