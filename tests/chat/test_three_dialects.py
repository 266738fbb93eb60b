"""Conversations with the demo at each of its endpoints, and the exact requests that it receives."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from chat.flows.build_request import Choice
from chat.flows.return_tool_results import Result, return_tool_results
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.models import Conversation, Message, Run
from chat.relays import background
from playground.models import Endpoint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]

KINDS = ("chat/completions", "responses", "messages")
MODEL = "demo/polyglot"
CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
THINKING = {"type": "enabled", "budget_tokens": 60}


@pytest.fixture
def choice(catalogue):
    """Return a function that chooses the demo's polyglot at an endpoint, with parameters."""

    def choose(kind: str, **parameters: Any) -> Choice:
        endpoints = Endpoint.objects.select_related("model__provider")
        return Choice(endpoints.get(model__model_id=MODEL, kind=kind), parameters)

    return sync_to_async(choose)


@pytest.fixture
def answered(relays, workspace, alice):
    """Ask, wait for the whole answer, return the run and what is stored of it."""

    async def ask(text: str, choice: Choice, conversation: Conversation | None = None) -> Run:
        if conversation is None:
            run = await sync_to_async(start_conversation)(workspace, alice, text, choice, uuid.uuid4())
        else:
            run = await sync_to_async(send_prompt)(conversation, alice, text, choice, uuid.uuid4())
        background.start(run)
        async with asyncio.timeout(20):
            # The relay starts in the next iteration of the loop.
            await asyncio.sleep(0)
            await asyncio.gather(*relays.tasks())
        run = await Run.objects.select_related("answer", "conversation").aget(pk=run.pk)
        assert run.status == Run.Status.FINISHED, run.error
        return run

    return ask


FIRST: dict[str, dict[str, Any]] = {
    "chat/completions": {
        "messages": [{"role": "user", "content": "Why do cats purr?"}],
        "stream_options": {"include_usage": True},
    },
    "responses": {"input": [{"type": "message", "role": "user", "content": "Why do cats purr?"}]},
    "messages": {"messages": [{"role": "user", "content": "Why do cats purr?"}], "max_tokens": 4096},
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_second_turn_carries_the_first(kind, choice, answered, demo):
    run = await answered("Why do cats purr?", await choice(kind, temperature=0.5))
    received = demo.requests[-1]
    assert received.path == f"/v1/{kind}"
    assert received.headers.get("anthropic-version") == ("2023-06-01" if kind == "messages" else None)
    assert received.body == {"model": MODEL, **FIRST[kind], "temperature": 0.5, "stream": True}
    assert run.answer.text.endswith(f"You asked at `/v1/{kind}`, with 1 message.")
    assert run.input_tokens and run.output_tokens and run.credits and run.usd

    run_2 = await answered("And dogs?", await choice(kind), run.conversation)
    turns = [
        {"role": "user", "content": "Why do cats purr?"},
        {"role": "assistant", "content": run.answer.text},
        {"role": "user", "content": "And dogs?"},
    ]
    transcript = "messages"
    if kind == "responses":
        transcript, turns = "input", [{"type": "message", **turn} for turn in turns]
    assert demo.requests[-1].body == {"model": MODEL, **FIRST[kind], transcript: turns, "stream": True}
    assert run_2.answer.text.endswith(f"You asked at `/v1/{kind}`, with 3 messages.")


async def test_another_endpoint_goes_on_where_the_first_left_off(choice, answered, demo):
    run = await answered("Why do cats purr?", await choice("messages", thinking=THINKING))
    assert run.answer.reasoning and run.answer.data["opaque_reasoning"]
    await answered("And dogs?", await choice("responses"), run.conversation)
    run = await answered("And cows?", await choice("chat/completions"), run.conversation)
    assert [turn["role"] for turn in demo.requests[-1].body["messages"]] == [
        *("user", "assistant", "user", "assistant", "user")
    ]
    assert run.answer.text.endswith("with 5 messages.")


async def test_responses_gets_its_sealed_thoughts_back(choice, answered, demo):
    sealed = {"include": ["reasoning.encrypted_content"]}
    run = await answered("Why do cats purr?", await choice("responses", **sealed))
    [thought] = run.answer.data["opaque_reasoning"]
    run = await answered("And dogs?", await choice("responses", **sealed), run.conversation)
    assert demo.requests[-1].body["input"][1] == thought
    assert run.answer.text.endswith("with 3 messages and a thought of mine under its seal.")


async def test_messages_gets_its_signed_thinking_back_before_its_tool_call(choice, answered, demo):
    parameters = {"thinking": THINKING, "tools": [{"name": "get_weather", "input_schema": CITY}]}
    run = await answered("What is the weather in Oslo?", await choice("messages", **parameters))
    [thought] = run.answer.data["opaque_reasoning"]
    [call] = run.answer.data["tool_calls"]
    await _report(run, call["id"], "Rain")

    # The demo refuses thinking without its signature or in another place, as the real API does.
    run = await answered("Thanks.", await choice("messages", **parameters), run.conversation)
    assert demo.requests[-1].body["messages"] == [
        {"role": "user", "content": "What is the weather in Oslo?"},
        {
            "role": "assistant",
            "content": [
                thought,
                {"type": "tool_use", "id": call["id"], "name": "get_weather", "input": {"city": "Oslo"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": call["id"], "content": "Rain"},
                {"type": "text", "text": "Thanks."},
            ],
        },
    ]


@pytest.mark.parametrize("kind", ["chat/completions", "responses"])
async def test_a_tool_result_goes_back_with_its_call(kind, choice, answered, demo):
    function = {"name": "get_weather", "parameters": CITY}
    tool = (
        {"type": "function", **function, "strict": None}
        if kind == "responses"
        else {"type": "function", "function": function}
    )
    run = await answered("What is the weather in Oslo?", await choice(kind, tools=[tool]))
    [call] = run.answer.data["tool_calls"]
    assert call["arguments"] == '{"city": "Oslo"}'
    await _report(run, call["id"], "Rain")

    await answered("Thanks.", await choice(kind, tools=[tool]), run.conversation)
    body = demo.requests[-1].body
    called = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    if kind == "responses":
        assert body["input"][1:3] == [
            {"type": "function_call", "call_id": call["id"], **called},
            {"type": "function_call_output", "call_id": call["id"], "output": "Rain"},
        ]
    else:
        assert body["messages"][1:3] == [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": call["id"], "type": "function", "function": called}],
            },
            {"role": "tool", "tool_call_id": call["id"], "content": "Rain"},
        ]


TOOLS: dict[str, list[dict[str, Any]]] = {
    "chat/completions": [{"type": "function", "function": {"name": "get_weather", "parameters": CITY}}],
    "responses": [{"type": "function", "name": "get_weather", "parameters": CITY, "strict": None}],
    "messages": [{"name": "get_weather", "input_schema": CITY}],
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_endpoint_says_that_it_waits_and_takes_results_in_the_same_form(
    kind, choice, answered, demo, alice, client_for, relays
):
    run = await answered("What is the weather in Oslo?", await choice(kind, tools=TOOLS[kind]))
    client = await sync_to_async(client_for)(alice)
    url = reverse("chat:conversation", args=[run.thread.code])
    page = (await sync_to_async(client.get)(url)).content.decode()
    assert "waits for a tool" in page
    assert "The model is waiting for the results of its calls." in page
    assert 'name="result-1-text"' in page

    results = [Result("Rain", is_error=True)]
    chosen = await choice(kind, tools=TOOLS[kind])
    again = await sync_to_async(return_tool_results)(run.message, alice, results, chosen, uuid.uuid4())
    background.start(again)
    async with asyncio.timeout(20):
        await asyncio.sleep(0)
        await asyncio.gather(*relays.tasks())
    again = await Run.objects.aget(pk=again.pk)
    assert again.status == Run.Status.FINISHED, again.error
    assert "Rain" in str(demo.requests[-1].body)


async def _report(run: Run, call_id: str, text: str) -> None:
    """Add the result of the tool as the next message of the branch."""
    result = await Message.objects.acreate(
        conversation=run.thread,
        parent=run.answer,
        role=Message.Role.TOOL,
        text=text,
        data={"tool_call_id": call_id},
    )
    await Conversation.objects.filter(pk=run.thread.pk).aupdate(head=result)
