"""The demo at ``/v1/responses`` and ``/v1/messages``, over real HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema_rs
import pytest

from playground.demo.models import MODELS
from playground.demo.validation import problems
from tests.scripted_upstream import payloads

MODEL = "demo/polyglot"
WEATHER = {
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
THINKING = {"type": "enabled", "budget_tokens": 40}


@pytest.fixture
def client(demo_upstream):
    with httpx.Client(base_url=demo_upstream.base_url, timeout=10) as client:
        yield client


def responses(*items: Any, **parameters: Any) -> dict[str, Any]:
    return {"model": MODEL, "input": list(items), **parameters}


def messages(*said: Any, **parameters: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 500, "messages": list(said), **parameters}


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def ask(client: httpx.Client, kind: str, body: dict[str, Any]) -> Any:
    response = client.post(kind, json=body)
    assert response.status_code == 200, response.text
    return payloads(response.content) if body.get("stream") else response.json()


def refused(client: httpx.Client, kind: str, body: dict[str, Any]) -> str:
    response = client.post(kind, json=body)
    assert response.status_code == 400, response.text
    return str(response.json()["message"])


@pytest.mark.parametrize("kind", ["responses", "messages"])
def test_it_has_schemas_that_are_schemas(kind):
    jsonschema_rs.meta.validate(MODELS[MODEL].schemas[kind])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("responses", responses()),
        ("responses", {"model": MODEL, "messages": [user("Hi")]}),
        ("messages", {"model": MODEL, "messages": [user("Hi")]}),
        ("messages", messages(user("Hi"), stream_options={"include_usage": True})),
        ("messages", messages({"role": "system", "content": "Be brief."})),
    ],
)
def test_it_refuses_what_the_schema_refuses(client, kind, body):
    assert problems(MODEL, body, kind)
    assert refused(client, kind, body).startswith("Body validation error!")


def test_other_models_are_not_there(client):
    body = {"model": "demo/plain", "input": "Hi"}
    assert client.post("responses", json=body).status_code == 404
    assert client.get("responses").status_code == 405


def test_responses_streams_what_it_answers_whole(client):
    body = responses(user("Why do cats purr?"), instructions="Be brief.", temperature=0)
    whole = ask(client, "responses", body)
    events = ask(client, "responses", {**body, "stream": True})

    thought, said = whole["output"]
    assert joined(events, "response.reasoning_summary_text.delta") == thought["summary"][0]["text"]
    assert joined(events, "response.output_text.delta") == said["content"][0]["text"]
    assert said["content"][0]["text"].endswith("You asked at `/v1/responses`, with 2 messages.")
    last = events[-1]
    assert last["type"] == "response.completed"
    assert last["response"]["usage"] == whole["usage"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert "encrypted_content" not in thought


def test_responses_seals_its_thoughts_when_asked_and_knows_them_again(client):
    include = {"include": ["reasoning.encrypted_content"]}
    [thought, said] = ask(client, "responses", responses(user("Why do cats purr?"), **include))["output"]
    text = said["content"][0]["text"]
    again = responses(
        user("Why do cats purr?"),
        {key: thought[key] for key in ("type", "id", "summary", "encrypted_content")},
        {"role": "assistant", "content": text},
        user("And dogs?"),
    )
    [_, said] = ask(client, "responses", again)["output"]
    assert said["content"][0]["text"].endswith("with 3 messages and a thought of mine under its seal.")


def test_responses_calls_a_function_and_reads_its_result(client):
    tools = [{"type": "function", **WEATHER}]
    events = ask(
        client, "responses", responses(user("What is the weather in Oslo?"), tools=tools, stream=True)
    )
    call = events[-1]["response"]["output"][-1]
    assert (call["name"], call["arguments"]) == ("get_weather", '{"city": "Oslo"}')
    assert joined(events, "response.function_call_arguments.delta") == call["arguments"]
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "Rain"}
    sent = {key: call[key] for key in ("type", "call_id", "name", "arguments")}
    told = ask(client, "responses", responses(user("What is the weather in Oslo?"), sent, result))
    assert "`Rain`" in told["output"][-1]["content"][0]["text"]


def test_responses_says_when_it_ran_out_of_tokens(client):
    body = responses(user("Why do cats purr?"), max_output_tokens=5)
    events = ask(client, "responses", {**body, "stream": True})
    assert events[-1]["type"] == "response.incomplete"
    assert events[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert ask(client, "responses", body)["status"] == "incomplete"


def test_messages_streams_what_it_answers_whole(client):
    body = messages(user("Why do cats purr?"), system="Be brief.", thinking=THINKING, temperature=0)
    whole = ask(client, "messages", body)
    events = ask(client, "messages", {**body, "stream": True})

    thought, said = whole["content"]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert "".join(delta.get("thinking", "") for delta in deltas) == thought["thinking"]
    assert [delta["signature"] for delta in deltas if "signature" in delta] == [thought["signature"]]
    assert "".join(delta.get("text", "") for delta in deltas) == said["text"]
    assert said["text"].endswith("You asked at `/v1/messages`, with 2 messages.")
    assert [event["type"] for event in events[-2:]] == ["message_delta", "message_stop"]
    assert events[-2]["delta"]["stop_reason"] == whole["stop_reason"] == "end_turn"
    assert events[-2]["usage"]["output_tokens"] == whole["usage"]["output_tokens"]


def test_messages_thinks_only_when_it_is_told_to(client):
    [block] = ask(client, "messages", messages(user("Why do cats purr?")))["content"]
    assert block["type"] == "text"


def test_messages_wants_its_thinking_back_before_tool_use(client):
    tools = [{"name": WEATHER["name"], "input_schema": WEATHER["parameters"]}]
    asked = user("What is the weather in Oslo?")
    options = {"tools": tools, "thinking": THINKING}
    thought, call = ask(client, "messages", messages(asked, **options))["content"]
    assert (call["type"], call["input"]) == ("tool_use", {"city": "Oslo"})
    result = user([{"type": "tool_result", "tool_use_id": call["id"], "content": "Rain"}])

    whole = messages(asked, {"role": "assistant", "content": [thought, call]}, result, **options)
    assert "`Rain`" in ask(client, "messages", whole)["content"][-1]["text"]
    for blocks in ([call], [{**thought, "thinking": "Something else."}, call]):
        body = messages(asked, {"role": "assistant", "content": blocks}, result, **options)
        assert "Expected `thinking` as it was signed" in refused(client, "messages", body)


def test_messages_wants_roles_to_take_turns(client):
    assert "Roles take turns" in refused(client, "messages", messages(user("One"), user("Two")))


def joined(events: list[Any], kind: str) -> str:
    return "".join(event["delta"] for event in events if event["type"] == kind)
