"""Prompts, edited prompts, results of tools and parameters go out exactly as they were typed."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from django.urls import reverse

from chat.forms.prompts import PromptForm
from chat.forms.tool_results import ToolResultForm
from chat.models import Run
from chat.relays import background
from playground.models import Endpoint
from playground.parameters.form.parameter_form import parameter_form

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
TYPED = {
    "indentation and line breaks at the end": "  indented\n\tcode\n\n",
    "a line break before it": "\n\nhello",
    "a tab before it": "\tx = 1",
    "spaces behind it": "Yes or no? ",
    "wide spaces around it": "\u3000全角\u3000",
    "no-break space before it": "\u00a0word",
    "a blank line of spaces": "a\n   \nb",
    "marks of direction": "\u202bשלום\u202c",
    "a line separator behind it": "text\u2028",
}


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[Run]:
    handed: list[Run] = []
    monkeypatch.setattr(background, "start", handed.append)
    return handed


def posted(text: str, **fields: str) -> dict[str, str]:
    return {"text": text, "idempotency_key": str(uuid.uuid4()), **fields}


@pytest.mark.parametrize("text", TYPED.values(), ids=list(TYPED))
def test_a_prompt_goes_out_as_typed(alice, client_for, conversation, workspace, started, text):
    client = client_for(alice)
    client.post(reverse("chat:send", args=[conversation.code]), posted(text), headers=HTMX)
    client.post(reverse("chat:start", args=[workspace.slug]), posted(text), headers=HTMX)
    first = conversation.messages.order_by("pk")[0]
    client.post(reverse("chat:edit", args=[first.code]), posted(text), headers=HTMX)

    assert [run.body["messages"][-1]["content"] for run in started][:2] == [text] * 2
    for run in started:
        assert run.answer.parent.text == text


@pytest.mark.parametrize("text", TYPED.values(), ids=list(TYPED))
def test_browsers_post_line_breaks_as_they_like(text):
    for sent in (text, text.replace("\n", "\r\n")):
        prompt = PromptForm(posted(sent))
        assert prompt.is_valid()
        assert prompt.cleaned_data["text"] == text
        result = ToolResultForm({"text": sent})
        assert result.is_valid()
        assert result.cleaned_data["text"] == text


@pytest.mark.parametrize("blank", ["", " ", "\n", "\r\n\t", "\u3000\u00a0", "\u2028"])
def test_white_space_alone_is_no_text(blank):
    assert PromptForm(posted(blank)).errors == {"text": ["Write a prompt first."]}
    assert list(ToolResultForm({"text": blank}).errors) == ["text"]
    # A file may need no words.
    with_file = PromptForm({**posted(blank), "attachments": [str(uuid.uuid4())]})
    assert with_file.is_valid()
    assert with_file.cleaned_data["text"] == ""


@pytest.mark.parametrize("text", TYPED.values(), ids=list(TYPED))
def test_a_refused_prompt_comes_back_as_typed(alice, client_for, conversation, text):
    url = reverse("chat:send", args=[conversation.code])
    answer = client_for(alice).post(url, posted(text, **{"p.temperature": "99"}), headers=HTMX)

    shown = re.search(r'<textarea class="prompt".*?>(.*?)</textarea>', answer.content.decode(), re.DOTALL)
    assert shown is not None
    # A browser drops one line break behind the tag.
    assert html.unescape(shown[1]).removeprefix("\n") == text


@pytest.mark.parametrize(
    ("kind", "fields", "parameters"),
    [
        ("chat/completions", {"p.stop": ["\t", " END "]}, {"stop": ["\t", " END "]}),
        ("messages", {"p.stop_sequences": ["\t", "###  "]}, {"stop_sequences": ["\t", "###  "]}),
    ],
)
def test_parameters_go_out_as_typed(catalogue, kind, fields, parameters):
    [name] = parameters
    endpoints = Endpoint.objects.filter(kind=kind, request_schema__properties__has_key=name)
    form = parameter_form(endpoints[0], fields)

    assert form.is_valid(), form.errors
    assert form.parameters == parameters


@pytest.mark.parametrize("kind", ["responses", "messages"])
def test_the_form_does_not_offer_the_system_prompt_a_second_time(catalogue, kind):
    offered = [set(parameter_form(endpoint).fields) for endpoint in Endpoint.objects.filter(kind=kind)]

    assert offered
    assert not any(names & {"system", "instructions"} for names in offered)
