"""The demo upstream's API over real HTTP: shapes, headers, errors, cost."""

from __future__ import annotations

import httpx
import pytest

from playground.demo.models import MODELS
from tests.scripted_upstream import chat_body, joined, payloads


@pytest.fixture
def client(demo_upstream):
    with httpx.Client(base_url=demo_upstream.base_url, timeout=10) as client:
        yield client


def stream(client: httpx.Client, model: str, prompt: str = "Tell me about kettles.", **parameters):
    response = client.post("chat/completions", json=chat_body(model, prompt, stream=True, **parameters))
    assert response.status_code == 200, response.text
    return payloads(response.content)


def test_it_streams_what_it_would_have_answered_whole(client):
    whole = client.post("chat/completions", json=chat_body("demo/plain", seed=3)).json()
    chunks = stream(client, "demo/plain", seed=3)
    assert joined(chunks) == whole["choices"][0]["message"]["content"]
    assert chunks[-1]["usage"] == whole["usage"]


def test_it_streams_in_the_documented_shape(client):
    response = client.post("chat/completions", json=chat_body("demo/plain", stream=True))
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.content.endswith(b"data: [DONE]\n\n")
    first, *middle, finish, last = payloads(response.content)
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert {chunk["object"] for chunk in (first, *middle, finish, last)} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in (first, *middle, finish, last)}) == 1
    assert finish["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert last["choices"] == []
    # Each token is an event.
    assert len(middle) == last["usage"]["completion_tokens"]


def test_it_thinks_before_it_answers(client):
    chunks = stream(client, "demo/reasoning", reasoning_effort="low")
    kinds = [next(iter(chunk["choices"][0]["delta"]), "") for chunk in chunks if chunk["choices"]]
    spoken = [kind for kind in kinds[1:] if kind]
    assert spoken == sorted(spoken, reverse=True)
    assert set(spoken) == {"reasoning_content", "content"}


def test_it_charges_by_its_own_price_list(client):
    last = stream(client, "demo/markdown")[-1]
    model, usage = MODELS["demo/markdown"], last["usage"]
    price = usage["prompt_tokens"] * model.input_price + usage["completion_tokens"] * model.output_price
    cost = last["meta"]["usage"]
    assert 0 <= cost["credits_used"] - price / 1_000_000 < 1
    assert cost["usd_spent"] == cost["credits_used"] / 2_000_000


def test_it_repeats_the_cost_in_the_headers_of_a_whole_answer(client):
    response = client.post("chat/completions", json=chat_body("demo/plain"))
    cost = response.json()["meta"]["usage"]
    assert response.headers["x-aimlapi-credits-used"] == str(cost["credits_used"])
    assert float(response.headers["x-aimlapi-usd-spent"]) == cost["usd_spent"]


@pytest.mark.parametrize("model", ["demo/plain", "demo/unknown", "scripted/rate_limited", "scripted/html"])
def test_it_marks_every_response_with_an_id_and_echoes_ours(client, model):
    response = client.post(
        "chat/completions", json=chat_body(model), headers={"X-Client-Request-Id": "run-1:a.b_c"}
    )
    assert len(response.headers["x-inference-id"]) == 36
    assert response.headers["x-client-request-id"] == "run-1:a.b_c"


@pytest.mark.parametrize("bad", ["a b", "x" * 129, "ä".encode("latin-1")])
def test_it_drops_a_malformed_client_request_id(client, bad):
    response = client.get("models", headers={"X-Client-Request-Id": bad})
    assert "x-client-request-id" not in response.headers


def test_it_explains_a_bad_body_in_the_documented_shape(client):
    response = client.post("chat/completions", json=chat_body("demo/plain", temperature=9, sing=True))
    body = response.json()
    assert response.status_code == body["statusCode"] == 400
    assert body["path"] == "/v1/chat/completions"
    assert body["requestId"] == response.headers["x-inference-id"]
    assert body["timestamp"].endswith("Z")
    assert body["message"].startswith("Body validation error!") and "temperature" in body["message"]
    assert {problem["path"] for problem in body["meta"]["errors"]} == {"temperature", ""}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'"text"', b"[" * 100_000])
def test_it_survives_a_body_that_is_none(client, content):
    response = client.post("chat/completions", content=content)
    assert response.status_code == 400
    assert response.json()["message"].startswith("Body validation error!")


@pytest.mark.parametrize("prompt", [r"\ud800", r"\u0000", "日本語", "{topic} %s {0} {}"])
def test_it_survives_any_text_in_a_prompt(client, prompt):
    for model in MODELS:
        body = f'{{"model": "{model}", "messages": [{{"role": "user", "content": "{prompt}"}}]}}'
        assert client.post("chat/completions", content=body.encode()).status_code in (200, 400)


def test_it_refuses_a_body_that_nests_too_deeply(client):
    deep = '{"a":' * 900 + "1" + "}" * 900
    body = (
        f'{{"model": "demo/markdown", "messages": [{{"role": "user", "content": "x"}}], "metadata": {deep}}}'
    )
    assert client.post("chat/completions", content=body.encode()).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("POST", "models", 405),
        ("GET", "chat/completions", 405),
        ("POST", "responses", 404),
    ],
)
def test_it_knows_its_paths(client, method, path, status):
    assert client.request(method, path, json={}).status_code == status


def test_it_does_not_know_other_peoples_models(client):
    response = client.post("chat/completions", json=chat_body("openai/gpt-4o"))
    assert response.status_code == 404
    assert "openai/gpt-4o" in response.json()["message"]


def test_it_lists_its_models(client):
    listed = client.get("models").json()
    assert [entry["id"] for entry in listed["data"]] == list(MODELS)
    assert all({"id", "aliases", "type", "info", "tags"} <= entry.keys() for entry in listed["data"])


def test_it_tells_a_balance(client):
    assert client.get("billing/balance").json()["balance"] > 0


def test_it_asks_for_the_right_key_only_when_told_to(client, demo_upstream):
    assert client.get("billing/balance").status_code == 200
    demo_upstream.api.required_key = "sk-right"
    right, wrong = {"Authorization": "Bearer sk-right"}, {"Authorization": "Bearer sk-wrong"}
    assert client.get("billing/balance").status_code == 401
    assert client.get("billing/balance", headers=wrong).status_code == 401
    assert client.get("billing/balance", headers=right).status_code == 200
    # The real API lists models without a key, too.
    assert client.get("models").status_code == 200


@pytest.mark.parametrize(
    ("prompt", "status"),
    [
        ("Answer with a rate limit, please.", 429),
        ("Pretend that I have no credits left", 403),
        ("Say that my key is wrong", 401),
        ("Give me a server error", 500),
        ("Be overloaded", 529),
    ],
)
def test_it_fails_the_way_it_is_asked_to(client, prompt, status):
    response = client.post("chat/completions", json=chat_body("demo/failing", prompt, stream=True))
    assert response.status_code == response.json()["statusCode"] == status


def test_it_refuses_a_parameter_until_there_is_none(client):
    body = chat_body("demo/failing", "Find a parameter unsupported", stream=True)
    refused = client.post("chat/completions", json={**body, "temperature": 0.5})
    assert (refused.status_code, "'temperature'" in refused.json()["message"]) == (400, True)
    assert client.post("chat/completions", json=body).status_code == 200


def test_it_fails_in_the_middle_when_it_is_not_told_how(client):
    chunks = stream(client, "demo/failing", "Good morning")
    assert joined([chunk for chunk in chunks if "choices" in chunk])
    assert chunks[-1]["statusCode"] == 500


def test_it_hangs_up_when_it_is_asked_to(client):
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("chat/completions", json=chat_body("demo/failing", "Cut the connection half-way."))
