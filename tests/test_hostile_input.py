"""Input that no page of ours sends, to every address: it may be refused but must not crash."""

from __future__ import annotations

import uuid
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.urls import reverse

from accounts.models import Role
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.objects_of_urls import OBJECT_OF
from tests.test_access_matrix import MATRIX, library, objects, people, url_of  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

# The names of all fields that forms and views read, and of parameters and their states.
NAMES = (
    *(
        "text",
        "system_text",
        "title",
        "q",
        "page",
        "current",
        "kind",
        "endpoint",
        "model",
        "part",
        "without",
        "shared",
    ),
    *("on", "role", "amount", "unit", "period", "member", "note", "days", "name", "email", "password"),
    *("temporary", "temporary_hours", "allows_temporary", "seen"),
    *("management_key", "owner", "cap_usd", "may_replace", "is_disabled"),
    *("secret", "base_url", "needs_key", "model_ids", "input_price", "output_price", "change", "scope"),
    *(
        "url",
        "lowest_role",
        "is_enabled",
        "is_listed",
        "idempotency_key",
        "attachments",
        "image_url",
        "result",
    ),
    *(
        "who",
        "found",
        "token",
        "row",
        "focus",
        "way",
        "failed",
        "p.temperature",
        "p.temperature.state",
        "p.stop-0",
        "p.logit_bias-0-key",
        "p.x",
    ),
    *("act", "answer", "anyway", "as", "at", "audio_url", "chosen", "code", "description", "drop_keys"),
    *("encoding", "entry", "example", "example_name", "example_text", "extra", "from", "import", "is_strict"),
    *(
        "is_text",
        "kinds",
        "known",
        "library",
        "next",
        "offer",
        "output_price",
        "parameter",
        "paste",
        "person",
    ),
    *("before", "left", "written_for", "endpoint"),
    *("place", "places", "prefill", "prompt", "result-1-text", "result-1-example", "result_schema", "schema"),
    *("shown", "side", "state", "then", "threshold", "tool", "tools", "upload", "use", "version", "whose"),
    *("widget", "without_key", "r-0", "r-0.name", "r-0.kind", "r-0.json", "p.tools.0.function.name"),
)
VALUES = {
    "nothing": "",
    "zero byte inside": "a\0b",
    "number without end": "9" * 5000,
    "not a number": "NaN",
    "other digits": "\u0661\u0662\u00b2",
    "turned round": "\u202egnp.exe\u2066",
    "a surrogate": "\ud800",
    "markup": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 }}{% x %}",
    "header": "x\r\nSet-Cookie: a=b",
    "deep JSON": "[" * 1500 + "]" * 1500,
    "long": "x" * 5_000,
}


NUMBERED = {"membership", "model", "entry"}


@pytest.fixture(autouse=True)
def nothing_is_started(monkeypatch):
    monkeypatch.setattr("chat.relays.background.start", lambda *_: None)


@pytest.mark.parametrize("name", MATRIX)
def test_no_value_breaks_a_page(name, objects, people, client_for):  # noqa: F811
    client = client_for(people["owner"])
    client.raise_request_exception = False
    url, row = url_of(name, objects), MATRIX[name]

    for what, value in VALUES.items():
        for fields in [dict.fromkeys(NAMES, value)] if row.method == "get" else _fields(value):
            query = "&".join(f"{key}={_quoted(text)}" for key, text in fields.items())
            if row.method == "get":
                response = client.get(f"{url}?{query}")
            else:
                response = client.post(url, query, content_type="application/x-www-form-urlencoded")
            assert response.status_code < 500, what
            assert "Set-Cookie: a" not in str(response.headers)


@cache
def _quoted(text: str) -> str:
    return quote(text, safe="[]", errors="surrogatepass")


def _fields(value: str) -> Iterator[dict[str, str]]:
    """Put the value into all fields, then into a field that is read only when the others are valid."""
    yield dict.fromkeys(NAMES, value)
    right = {
        "text": "Hello",
        "idempotency_key": str(uuid.uuid4()),
        "amount": "5",
        "unit": "tokens",
        "period": "month",
        "role": Role.MEMBER,
        "days": "7",
        "name": "A name",
        "base_url": "http://127.0.0.1:9/v1",
        "model_ids": "one",
        "kind": "chat/completions",
        "title": "A title",
        "lowest_role": Role.MEMBER,
        "owner": "workspace",
        "cap_usd": "5",
        "management_key": "a-key-that-nobody-has",
    }
    yield {**dict.fromkeys(NAMES, value), **right}


@pytest.mark.parametrize("number", [2**31, 10**30])
@pytest.mark.parametrize("name", [name for name in MATRIX if OBJECT_OF.get(name) in NUMBERED])
def test_a_number_that_no_column_holds_is_not_found(name, number, objects, people, client_for):  # noqa: F811
    kwargs = {**objects[OBJECT_OF[name]], "number": number}
    response = getattr(client_for(people["owner"]), MATRIX[name].method)(reverse(name, kwargs=kwargs))
    assert response.status_code == 404


def test_a_search_longer_than_a_database_takes_finds_nothing(workspace, alice, client_for):
    url = reverse("chat:search", kwargs={"slug": workspace.slug})
    assert client_for(alice).get(url, {"q": "x" * 60_000}).status_code == 200
