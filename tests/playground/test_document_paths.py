"""The choice of a document's chat endpoints by their paths."""

from __future__ import annotations

from typing import Any

import pytest

from playground.catalogue.document_paths import MOST_USED, chat_paths

HOST = "https://llm.example.org"


def paths(base: str, *written: str, servers: Any = None) -> dict[str, str]:
    """Return the chosen paths by kind of endpoint."""
    document: dict[str, Any] = {"paths": {path: {"post": {}} for path in written}}
    if servers is not None:
        document["servers"] = [{"url": url} for url in servers] if isinstance(servers, list) else servers
    return {each.kind: each.path for each in chat_paths(document, HOST + base if base != "-" else "").found}


@pytest.mark.parametrize(
    ("base", "servers", "written", "chosen"),
    [
        # The path below the base URL has priority wherever it stands in the document.
        ("/v1", None, ["/chat/completions", "/v1/chat/completions"], "/v1/chat/completions"),
        ("", None, ["/v1/chat/completions", "/chat/completions"], "/chat/completions"),
        ("/v1", None, ["/ai21/v1/chat/completions", "/v1/chat/completions"], "/v1/chat/completions"),
        ("/ai/v1", None, ["/v1/chat/completions", "/ai/v1/chat/completions"], "/ai/v1/chat/completions"),
        ("/api", None, ["/openai/chat/completions", "/api/chat/completions"], "/api/chat/completions"),
        ("/v1", None, ["/v1/chat/completions/"], "/v1/chat/completions/"),
        ("/v1", None, ["/v1/chat/completions?api-version={v}"], "/v1/chat/completions?api-version={v}"),
        # Servers are part of the path; their hosts are not compared.
        ("/v1", [f"{HOST}/v1"], ["/v1/chat/completions", "/chat/completions"], "/chat/completions"),
        ("/api/v1", ["/api"], ["/chat/completions", "/v1/chat/completions"], "/v1/chat/completions"),
        ("/v1", ["http://localhost:8000/v1/"], ["/chat/completions"], "/chat/completions"),
        ("/v1", ["https://{resource}.example.org/v1"], ["/chat/completions"], "/chat/completions"),
        ("/v1", ["/other", "/v1"], ["/v1/chat/completions", "/chat/completions"], "/chat/completions"),
        # The place of the model may vary.
        ("/v1", None, ["/v1/models/{model}/chat/completions"], "/v1/models/{model}/chat/completions"),
        ("-", None, ["/engines/{engine}/chat/completions"], "/engines/{engine}/chat/completions"),
        (
            "/openai/deployments/mine",
            None,
            ["/chat/completions", "/openai/deployments/{deployment-id}/chat/completions"],
            "/openai/deployments/{deployment-id}/chat/completions",
        ),
        (
            "/openai/deployments/acme/big",
            None,
            ["/openai/deployments/{model:path}/chat/completions", "/chat/completions"],
            "/openai/deployments/{model:path}/chat/completions",
        ),
        # Other templates only count where the base URL fills them in.
        (
            "/accounts/me/ai/v1",
            None,
            ["/accounts/{account_id}/ai/v1/chat/completions"],
            "/accounts/{account_id}/ai/v1/chat/completions",
        ),
        # The usual places count if the document does not know the base URL, as behind a proxy.
        ("/llm", None, ["/cursor/chat/completions", "/v1/chat/completions"], "/v1/chat/completions"),
        ("/v1", None, ["/openai/{tenant}/chat/completions", "/chat/completions"], "/chat/completions"),
        ("-", None, ["/x/chat/completions", "/api/v2/chat/completions"], "/api/v2/chat/completions"),
        ("/llm", None, ["/models/{model}/chat/completions", "/chat/completions"], "/chat/completions"),
        ("/v1", None, ["/inside/chat/completions"], "/inside/chat/completions"),
    ],
)  # fmt: skip
def test_it_chooses_the_path_below_the_base_url(base, servers, written, chosen):
    assert paths(base, *written, servers=servers) == {"chat/completions": chosen}


@pytest.mark.parametrize(
    "written",
    [
        ["/v1/workflows/runs/{run_id}/messages"],
        ["/threads/{thread_id}/messages", "/v1/threads/{thread_id}/messages"],
        ["/v1/{tenant}/chat/completions"],
        ["/v1/chat-{version}/chat/completions"],
        ["/v1/models/{model}/runs/{id}/responses"],
        ["/v1/inboxes/{model}/messages"],
        ["/ai21/v1/chat/completions", "/cohere/v1/chat/completions"],
        ["/v1/forum/messages", "/v1/mail/messages"],
        ["/v1/completions", "/v1/xchat/completions", "/v1/messages/count_tokens", "/v1/chat"],
        ["chat/completions", "", "/", "{", "/{}/{}"],
    ],
)
def test_other_paths_are_no_endpoints(written):
    assert paths("/v1", *written) == {}


def test_endpoints_beside_the_base_url_are_named_and_not_used():
    document: dict[str, Any] = {
        "paths": {
            path: {"post": {}}
            for path in ("/v1/chat/completions", "/ai21/v1/messages", "/responses", "/v1/runs/{run}/messages")
        }
    }
    found = chat_paths(document, f"{HOST}/v1")
    assert [each.path for each in found.found] == ["/v1/chat/completions"]
    assert found.elsewhere == {"messages": "/ai21/v1/messages", "responses": "/responses"}


@pytest.mark.parametrize("item", [None, 3, [], {}, {"get": {}}, {"post": 3}, {"post": None}, {"$ref": "#/x"}])
def test_an_endpoint_takes_posts(item):
    assert chat_paths({"paths": {"/v1/messages": item}}, f"{HOST}/v1").found == ()


@pytest.mark.parametrize(
    "servers",
    [
        3, {}, [], [None], [{}], [{"url": 3}], [{"url": "http://[/v1"}], [{"url": ""}],
        [{"url": "{a}", "variables": 3}], [{"url": "{a}", "variables": {"a": {"default": None}}}],
    ],
)  # fmt: skip
def test_junk_for_servers_is_no_server(servers):
    assert paths("/v1", "/v1/messages", servers=servers) == {"messages": "/v1/messages"}


def test_servers_of_an_operation_have_priority():
    operation = {"post": {"servers": [{"url": "/{base}", "variables": {"base": {"default": "v1"}}}]}}
    document = {
        "servers": [{"url": "/elsewhere"}],
        "paths": {"/v1/messages": {"post": {}}, "/messages": operation},
    }
    assert [each.path for each in chat_paths(document, f"{HOST}/v1").found] == ["/messages"]


def test_a_document_of_thousands_of_endpoints_is_read_in_part():
    many: dict[str, Any] = {f"/v{number}/messages": {"post": {}} for number in range(5000)}
    document = {"servers": [{"url": "/{model}" * 50}] * 1000, "paths": many}
    assert len(chat_paths(document, HOST + "/a" * 120).found) == MOST_USED
