"""The parameters of a stored prompt, in the form of its model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from chat.flows.save_prompt import PromptFields, add_prompt
from chat.models import Prompt, PromptVersion
from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable
from playground.models import UpstreamModel
from tests.playground.untouched_page import posted_by

pytestmark = pytest.mark.django_db

ASKED = (PromptMessage(MessageRole.USER, "Say {{what}}"),)
# Known and valid, known and too high, and unknown.
CHOSEN = {"top_p": 1, "temperature": 9, "min_p": 0.1, "stop": ["\n"]}


@pytest.fixture
def prompt(workspace, alice, endpoint) -> Prompt:
    model = endpoint.model
    content = PromptContent("", ASKED, (Variable("what"),), model.provider.code, model.model_id, "", CHOSEN)
    return add_prompt(workspace, PromptFields("Reply", "", content), actor=alice)


def address(prompt: Prompt) -> str:
    return reverse("chat:prompt", args=[prompt.workspace.slug, prompt.code])


def posted(html: str) -> dict[str, Any]:
    return posted_by(html)


def stored(prompt: Prompt) -> dict[str, Any]:
    prompt.refresh_from_db()
    return prompt.versions.get(number=prompt.version).read().parameters


def test_an_untouched_form_keeps_every_value_in_its_order(client_for, alice, prompt):
    client = client_for(alice)
    html = client.get(address(prompt)).content.decode()

    client.post(address(prompt), posted(html))

    assert "p.temperature" in posted(html) and "parameters" not in posted(html)
    assert PromptVersion.objects.count() == 1
    assert list(stored(prompt)) == list(CHOSEN)


def test_what_no_longer_fits_is_shown_and_kept_until_it_is_removed(client_for, alice, prompt):
    client = client_for(alice)
    html = client.get(address(prompt)).content.decode()
    assert "Demo Plain does not take these." in html and "<code>min_p</code>" in html

    client.post(address(prompt), {**posted(html), "p.top_p": "0.5"})
    assert stored(prompt) == {**CHOSEN, "top_p": 0.5}
    data = posted(client.get(address(prompt)).content.decode())
    kept = [each for each in data["left"] if json.loads(each)[0] == "min_p"]
    client.post(address(prompt), {**data, "left": kept, "p.temperature": "0.3"})

    assert stored(prompt) == {"top_p": 0.5, "temperature": 0.3, "min_p": 0.1, "stop": ["\n"]}
    assert "min_p" in client.get(address(prompt)).content.decode()


def test_a_wrong_value_is_refused_at_its_control(client_for, alice, prompt):
    client = client_for(alice)
    data = posted(client.get(address(prompt)).content.decode())

    answer = client.post(address(prompt), {**data, "p.top_p": "7"})

    assert answer.status_code == 422
    assert "Must be at most 1." in answer.content.decode()
    assert PromptVersion.objects.count() == 1


def test_another_model_takes_what_fits_and_none_makes_it_json(client_for, alice, prompt, endpoint):
    client = client_for(alice)
    data = posted(client.get(address(prompt)).content.decode())
    other = UpstreamModel.objects.exclude(pk=endpoint.model_id).filter(
        provider=endpoint.model.provider, endpoints__kind="messages"
    )[0]
    asked = {**data, "act": "model", "model": f"{other.provider.code} {other.model_id}", "kind": "messages"}

    html = client.post(address(prompt), asked).content.decode()

    assert f"Parameters of {other.name}" in html and "p.max_tokens" in posted(html)
    bare = posted(client.post(address(prompt), {**data, "act": "model", "model": ""}).content.decode())
    assert json.loads(bare["parameters"][0]) == CHOSEN
    assert bare["written_for"] == ["chat/completions"]
    # Back to a model: nothing was lost on the way.
    again = {**bare, "act": "model", "model": data["model"]}
    client.post(address(prompt), posted(client.post(address(prompt), again).content.decode()))
    assert stored(prompt) == CHOSEN and PromptVersion.objects.count() == 1


def test_a_model_that_goes_during_the_edit_loses_no_parameters(client_for, alice, prompt, endpoint):
    client = client_for(alice)
    data = posted(client.get(address(prompt)).content.decode())
    UpstreamModel.objects.filter(pk=endpoint.model_id).update(is_retired=True)

    answer = client.post(address(prompt), {**data, "p.top_p": "0.5", "system": "Be {{what}}."})

    html = answer.content.decode()
    assert answer.status_code == 422 and "was taken away while you were editing" in html
    client.post(address(prompt), posted(html))
    assert stored(prompt) == CHOSEN and PromptVersion.objects.count() == 2


def test_a_change_is_answered_with_feedback(client_for, alice, vera, carol, prompt, endpoint):
    url = reverse("chat:parameters", args=[prompt.workspace.slug])
    client, sent = client_for(alice), {"endpoint": endpoint.pk}

    assert "Must be at most 1." in client.post(url, {**sent, "p.top_p": "7"}).content.decode()
    assert client.post(url, {**sent, "part": "p.none.3"}).status_code == 404
    assert client.post(url, {"endpoint": "9" * 30}).status_code == 204
    assert client.get(url).status_code == 405
    assert client_for(vera).post(url, sent).status_code == 403
    assert client_for(carol).post(url, sent).status_code == 404
