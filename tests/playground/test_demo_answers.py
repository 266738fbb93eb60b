"""Answers of the demo models, from the API without a socket."""

from __future__ import annotations

import json
import random
from typing import Any

import jsonschema_rs
import pytest

from playground.demo.api import Api, HttpRequest
from playground.demo.steps import Head, Write
from tests.scripted_upstream import chat_body

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "get_time", "description": "The time of day."}}


def ask(model: str, prompt: str = "Tell me about kettles.", entropy: int = 1, **parameters: Any) -> Any:
    return post(chat_body(f"demo/{model}", prompt, **parameters), entropy)


def post(body: dict[str, Any], entropy: int = 1) -> Any:
    api = Api(entropy=random.Random(entropy))
    request = HttpRequest("POST", "/v1/chat/completions", {}, json.dumps(body).encode())
    steps = list(api.respond(request))
    head = next(step for step in steps if isinstance(step, Head))
    answer = json.loads(b"".join(step.data for step in steps if isinstance(step, Write)))
    assert head.status == 200, answer
    return answer


def said(model: str, prompt: str = "Tell me about kettles.", entropy: int = 1, **parameters: Any) -> str:
    return str(ask(model, prompt, entropy, **parameters)["choices"][0]["message"]["content"])


def thought(prompt: str = "Why do bridges hum?", **parameters: Any) -> str:
    return str(ask("reasoning", prompt, **parameters)["choices"][0]["message"].get("reasoning_content", ""))


MODELS = ["plain", "markdown", "reasoning", "slow"]


@pytest.mark.parametrize(("beginning", "joint"), [("Kettles are", " "), ("Kettles are ", "")])
def test_it_continues_a_beginning_with_a_new_word(beginning, joint):
    body = chat_body("demo/plain", "Tell me about kettles.", temperature=0)
    plain = post(body)["choices"][0]["message"]["content"]
    body["messages"].append({"role": "assistant", "content": beginning})
    assert post(body)["choices"][0]["message"]["content"] == joint + plain


@pytest.mark.parametrize("model", MODELS)
def test_it_talks_about_what_it_was_asked(model):
    first, second = ask(model, "Tell me about otters."), ask(model, "Tell me about anvils.")
    assert "otters" in json.dumps(first)
    assert "anvils" in json.dumps(second)


@pytest.mark.parametrize("model", MODELS)
def test_it_gives_the_same_answer_for_the_same_seed(model):
    seeded = [said(model, seed=7, temperature=1.5, entropy=entropy) for entropy in range(4)]
    assert len(set(seeded)) == 1


@pytest.mark.parametrize("model", MODELS)
def test_it_gives_the_same_answer_at_temperature_zero(model):
    assert len({said(model, temperature=0, entropy=entropy) for entropy in range(4)}) == 1


@pytest.mark.parametrize("model", MODELS)
def test_it_varies_when_nobody_holds_it_back(model):
    assert len({said(model, temperature=1, entropy=entropy) for entropy in range(8)}) > 1


def test_it_says_which_parameters_it_received():
    answer = said("plain", temperature=0.3, stop=None, verbosity="low")
    assert 'temperature = 0.3, stop = null, verbosity = "low"' in answer
    assert "No parameters came with it" in said("plain")


def test_it_notices_the_rest_of_the_transcript():
    messages = [
        {"role": "system", "content": "Speak like a pirate."},
        {"role": "user", "content": "Tell me about rum."},
        {"role": "assistant", "content": "No."},
        {"role": "user", "content": "Tell me about sails."},
    ]
    answer = post({"model": "demo/plain", "messages": messages})["choices"][0]["message"]["content"]
    assert "Speak like a pirate." in answer
    assert "one earlier prompt" in answer and "rum" in answer


def test_it_cuts_at_max_tokens():
    answer = ask("plain", max_tokens=5)
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 5


def test_it_stops_before_a_stop_text():
    whole = said("plain", temperature=0)
    answer = ask("plain", temperature=0, stop=["demo", "never said"])
    content = answer["choices"][0]["message"]["content"]
    assert content == whole[: whole.index("demo")]
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_it_says_more_with_more_verbosity():
    lengths = [len(said("plain", temperature=0, verbosity=level)) for level in ("low", "medium", "high")]
    assert lengths == sorted(set(lengths))


def test_it_repeats_the_prompt_only_when_told_to():
    prompt = "Tell me about the history of very small spoons."
    assert said("plain", prompt, echo=True).startswith(prompt)
    assert not said("plain", prompt, echo=False).startswith(prompt)


def test_it_obeys_a_banned_word():
    assert "built-in" in said("plain", temperature=0)
    assert "built-in" not in said("plain", temperature=0, logit_bias={"built-in": -100}).partition("\n\n")[0]


def test_it_writes_everything_that_markdown_has():
    answer = said("markdown", "Tell me about tides.")
    for sign in ("# Tides", "\n1. ", "   - ", "|:--|", "```python", "$n = ", "\n$$\n", "\n> ", "- [x]", "]("):
        assert sign in answer


def test_it_writes_only_the_parts_that_were_asked_for():
    answer = said("markdown", "Compare trains and planes in a table.")
    assert "|:--|" in answer
    assert "```" not in answer and "$$" not in answer


def test_it_keeps_its_markup_whole_whatever_the_topic():
    answer = said("markdown", "Explain a|b `c` **d** <b>e</b> in a table.")
    assert "<b>" not in answer
    assert "a|b" not in answer


def test_it_answers_in_the_format_that_was_asked_for():
    assert json.loads(said("markdown", response_format={"type": "json_object"}))["is_demo"] is True
    schema = {
        "type": "object",
        "properties": {"score": {"type": "integer", "minimum": 4}},
        "required": ["score"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "rating", "schema": schema}}
    jsonschema_rs.validate(schema, json.loads(said("markdown", response_format=wanted)))


def test_it_thinks_longer_with_more_effort():
    lengths = [len(thought(reasoning_effort=effort)) for effort in ("low", "medium", "high")]
    assert lengths == sorted(set(lengths))
    assert len(thought(reasoning_effort=None)) > lengths[0]


def test_it_counts_its_thinking():
    answer = ask("reasoning", reasoning_effort="low")
    usage = answer["usage"]
    assert 0 < usage["completion_tokens_details"]["reasoning_tokens"] < usage["completion_tokens"]


def test_it_thinks_within_its_budget_or_not_at_all():
    enabled = ask("reasoning", thinking={"type": "enabled", "budget_tokens": 16})
    assert enabled["usage"]["completion_tokens_details"]["reasoning_tokens"] == 16
    assert thought(thinking={"type": "disabled"}) == ""


def test_it_hides_its_thinking_but_charges_for_it():
    answer = ask("reasoning", reasoning={"exclude": True})
    assert "reasoning_content" not in answer["choices"][0]["message"]
    assert answer["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0


def test_it_writes_its_thinking_as_told():
    lines = thought(reasoning={"language": {"numbered": True, "opening": "Hm."}}).split("\n")
    assert lines[0] == "1. Hm."
    assert lines[1].startswith("2. ")


def test_it_may_spend_all_its_tokens_on_thinking():
    answer = ask("reasoning", max_completion_tokens=10)
    assert answer["choices"][0]["message"]["content"] is None
    assert answer["choices"][0]["finish_reason"] == "length"


def test_it_works_out_what_can_be_worked_out():
    prompt = "How many times does the letter r occur in strawberry?"
    assert "makes 3" in thought(prompt)
    assert "occurs 3 times" in said("reasoning", prompt)


def test_it_explains_tools_when_it_has_none():
    assert '"get_weather"' in said("tools")


def test_it_calls_the_function_that_fits():
    answer = ask("tools", "What is the weather in Oslo?", tools=[CLOCK, TOOL])["choices"][0]
    assert answer["finish_reason"] == "tool_calls"
    [call] = answer["message"]["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"]) == {"city": "Oslo", "unit": "celsius"}


def test_it_calls_in_parallel_unless_told_not_to():
    prompt = "Compare the weather in both Oslo and Rome."
    several = ask("tools", prompt, tools=[TOOL])["choices"][0]["message"]["tool_calls"]
    cities = [json.loads(call["function"]["arguments"])["city"] for call in several]
    assert cities == ["Oslo", "Rome"]
    single = ask("tools", prompt, tools=[TOOL], parallel_tool_calls=False)["choices"][0]["message"][
        "tool_calls"
    ]
    assert len(single) == 1


def test_it_obeys_the_tool_choice():
    assert "tool_choice" in said("tools", tools=[TOOL], tool_choice="none")
    forced = {"type": "function", "function": {"name": "get_time"}}
    [call] = ask("tools", "weather", tools=[TOOL, CLOCK], tool_choice=forced)["choices"][0]["message"][
        "tool_calls"
    ]
    assert call["function"]["name"] == "get_time"


def test_it_reports_what_the_tool_returned():
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "4 °C and drizzle"},
    ]
    answer = post({"model": "demo/tools", "messages": messages, "tools": [TOOL]})
    assert "4 °C and drizzle" in answer["choices"][0]["message"]["content"]
