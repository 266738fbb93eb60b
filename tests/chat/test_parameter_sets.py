"""The sets of parameters of a new experiment: made in the form of a model, named, and fitted to each."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.urls import reverse

from chat.flows.save_prompt import PromptFields, add_prompt
from chat.models import Experiment, Variant
from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable, VariableKind
from chat.relays import background
from playground.models import Endpoint
from tests.chat.experiments import cities, table_of
from tests.playground.untouched_page import posted_by

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def nothing_is_relayed(monkeypatch):
    monkeypatch.setattr(background, "start", lambda run: None)


@pytest.fixture
def other(endpoint) -> Endpoint:
    """A model without ``top_p``."""
    found = Endpoint.objects.get(model__model_id="demo/slow", kind="chat/completions")
    properties = found.request_schema["properties"]
    assert "temperature" in properties and "top_p" not in properties
    return found


@pytest.fixture
def start(client_for, alice, workspace):
    """Return a function that posts to the page of a new experiment, on top of its last answer."""
    table = table_of(workspace, alice, cities(1))
    url = reverse("chat:new_experiment", args=[workspace.slug, table.code])
    client = client_for(alice)
    kept: dict[str, Any] = {**posted_by(client.get(url).content.decode()), "text": "Hi {{city}}"}

    def post(**changed: Any) -> str:
        changed = {name.replace("__", "."): value for name, value in changed.items()}
        answer = client.post(url, {**kept, **changed})
        html: str = answer.content.decode()
        kept.clear()
        kept.update(posted_by(html))
        return html if answer.status_code != 302 else "started"

    return post


def sent_with() -> list[tuple[str, dict[str, Any]]]:
    return [(each.set_name, each.parameters) for each in Variant.objects.order_by("number")]


def test_a_set_is_made_in_the_form_of_the_chosen_model(start, endpoint):
    models = [str(endpoint.model_id)]
    assert "Parameters of Demo Plain" in start(act="add", models=models)
    html = start(act="close", s__0__name="  cold ", p__temperature="0")
    assert "temperature 0" in html and "Parameters of Demo Plain" not in html
    # The button is gone, so the one that opens the set again has the focus.
    assert re.search(r"autofocus>\s*Edit", html)
    assert re.search(r'name="s.1.name"[^>]*autofocus', start(act="add"))
    assert start(p__stop="x", s__1__name="short") == "started"

    assert sent_with() == [("cold", {"temperature": 0}), ("short", {"stop": ["x"]})]


def test_a_wrong_value_keeps_the_form_open_and_starts_nothing(start, endpoint):
    start(act="add", models=[str(endpoint.model_id)])
    for changed in ({"act": "close"}, {"act": "add"}, {}):
        html = start(**changed, p__temperature="9")
        assert "Must be at most 2." in html and "Parameters of Demo Plain" in html
    assert not Experiment.objects.exists()
    html = start(act="remove.0", p__temperature="9")
    assert "Must be at most 2." not in html and re.search(
        r"autofocus>\s*<svg[^>]*>.*?</svg>Add a set", html, re.DOTALL
    )
    assert start() == "started"
    assert sent_with() == [("", {})]


def test_a_model_that_lacks_a_parameter_says_so_before_the_start(start, endpoint, other):
    models = [str(endpoint.model_id), str(other.model_id)]
    start(act="add", models=models)
    html = start(act="close", p__top_p="0.5", p__temperature="1")
    assert "Demo Slow: <code>top_p</code>" in html

    assert start() == "started"
    assert sent_with() == [("", {"temperature": 1, "top_p": 0.5}), ("", {"temperature": 1})]


@pytest.mark.parametrize("sends", [False, True])
def test_pasted_sets_that_a_model_lacks_start_at_the_second_click(start, endpoint, other, sends):
    asked = {"models": [str(other.model_id)], "sets": '{"top_p": 0.5}\n{}'}
    assert "Look at the list below, then start again." in start(**asked)
    assert start(**({"sends_lacking": "on"} if sends else {})) == "started"
    assert sent_with() == [("top_p 0.5", {"top_p": 0.5} if sends else {}), ("no parameters", {})]


def test_a_set_is_written_as_json_and_goes_on_in_the_form_of_another_model(start, endpoint, other):
    models = [str(endpoint.model_id), str(other.model_id)]
    start(act="add", models=models)
    start(act="json.0", p__temperature="1")
    html = start(act="close", s__0__json="{")
    assert "Not valid JSON" in html
    start(act="form.0", s__0__json=json.dumps({"temperature": 1, "top_p": 0.1}))

    html = start(act="models", form_of=str(other.pk))

    assert "Demo Slow does not take these." in html and "Parameters of Demo Slow" in html
    start(act="close")
    assert start() == "started"
    assert [parameters for _, parameters in sent_with()] == [
        {"temperature": 1, "top_p": 0.1},
        {"temperature": 1},
    ]


@pytest.mark.parametrize(
    ("posted", "why"),
    [
        (
            {"s__0__json": "{}", "s__0__name": "a", "s__1__json": "{}", "s__1__name": "a"},
            "Another set is called",
        ),
        ({"s__0__json": "[" * 90}, "Not valid JSON"),
        ({"s__0__json": '{"temperature": 9}'}, "does not take this request"),
        ({f"s__{at}__json": "{}" for at in range(30)}, "At most 24"),
    ],
)
def test_hostile_sets_start_nothing(start, endpoint, posted, why):
    assert why in start(**{"models": [str(endpoint.model_id)], **posted})
    start(open="9" * 30, act="form.99", s__999__json="\0")
    assert not Experiment.objects.exists()


def test_a_prompt_with_a_file_is_refused_at_its_place(start, alice, workspace, endpoint):
    content = PromptContent(
        messages=(PromptMessage(MessageRole.USER, "See {{picture}}"),),
        variables=(Variable("picture", VariableKind.FILE),),
    )
    prompt = add_prompt(workspace, PromptFields("Picture", "", content), actor=alice)

    html = start(prompts=[f"{prompt.code}:1"], models=[str(endpoint.model_id)])

    assert "“Picture v1” needs a file for “picture”" in html
    assert html.index("Find a prompt") < html.index("needs a file") < html.index("Or type a prompt")
    assert not Experiment.objects.exists()
