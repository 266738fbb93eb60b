"""``/try?…`` opens a new chat as the link says. It stores nothing and sends nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from accounts.models import Membership, Role, Workspace
from chat.models import Conversation, Draft, Run
from chat.pages.trying import LONGEST_QUERY
from playground.models import ModelSetting, UpstreamModel

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PLAIN = "demo/plain"


@pytest.fixture
def opened(client_for, catalogue, workspace):
    def get(person, **query) -> Any:
        return client_for(person).get(f"/try?{urlencode(query)}")

    return get


def notes(response) -> str:
    return " ".join(response.context["notes"])


def test_it_opens_everything_that_the_link_names(alice, workspace, opened):
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    page = opened(
        alice, model="demo/tools", prompt="Say\n<b>hi</b>", temperature="0.5", tools=json.dumps(tools)
    )
    assert page.status_code == 200
    assert page.context["model"].model_id == "demo/tools"
    assert page.context["prompt_text"] == "Say\n<b>hi</b>"
    assert page.context["form"].parameters == {"temperature": 0.5, "tools": tools}
    assert page.context["notes"] == ()
    assert "Say\n&lt;b&gt;hi&lt;/b&gt;" in page.content.decode()


def test_nothing_is_stored_and_a_draft_stays(alice, workspace, endpoint, opened):
    kept = {"parameters": {"temperature": 1.5}, "prompt_text": "mine", "system_text": "Mine."}
    Draft(user=alice, workspace=workspace).store({"model": endpoint.model, **kept})
    opened(alice, model="demo/reasoning", prompt="theirs", temperature="0.1", system="Theirs.")
    draft = Draft.objects.get()
    assert {name: getattr(draft, name) for name in kept} == kept
    assert draft.model == endpoint.model
    assert not Conversation.objects.exists()
    assert not Run.objects.exists()


def test_another_model_gets_the_parameters_of_the_link(alice, workspace, endpoint, client_for):
    other = UpstreamModel.objects.get(model_id="demo/reasoning")
    url = reverse("chat:configure_new", args=[workspace.slug])
    data = {"model": other.pk, "text": "Hi", "endpoint": endpoint.pk, "p.temperature": "0.7"}
    page = client_for(alice).post(url, data, headers=HTMX)
    assert page.context["model"] == other
    assert page.context["form"].parameters == {"temperature": 0.7}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"temperature": "9"}, "temperature=9 was left out: "),
        ({"temperature": "hot"}, "temperature=hot was left out: "),
        ({"foo": "1"}, "“foo” is not a parameter of this model. It was left out."),
        ({"messages": "[]"}, "“messages” is not a parameter"),
        ({"endpoint": "embeddings"}, "has no endpoint “embeddings”. It has Chat Completions"),
        (
            {"model": "demo/plian"},
            "There is no model “demo/plian” here. The model with the most similar name",
        ),
        ({"model": "plain"}, "There is no model “plain” here."),
        ({"model": "zzz"}, "There is no model “zzz” here. Your usual model, "),
        ({"model": "a\0b"}, "There is no model"),
        ({"model": "\0"}, "There is no model"),
        ({"a\0": "b\0"}, "is not a parameter"),
    ],
)
def test_it_says_what_does_not_fit(alice, opened, query, said):
    page = opened(alice, **{"model": PLAIN, **query})
    assert page.status_code == 200
    assert said in notes(page)
    assert page.context["form"].parameters == {}


def test_the_nearest_model_is_opened(alice, opened):
    assert opened(alice, model="Plain").context["model"].model_id == PLAIN


def test_an_alias_opens_its_model(alice, opened):
    UpstreamModel.objects.filter(model_id="demo/reasoning").update(aliases=["thinker-latest"])
    page = opened(alice, model="thinker-latest")
    assert page.context["model"].model_id == "demo/reasoning"
    assert page.context["notes"] == ()


def test_a_retired_model_says_why(alice, opened):
    UpstreamModel.objects.filter(model_id="demo/reasoning").update(
        is_retired=True, retired_because="Its provider ended it."
    )
    page = opened(alice, model="demo/reasoning")
    assert "is retired. Its provider ended it." in notes(page)


def test_the_successor_takes_the_place_of_a_retired_model(alice, opened):
    UpstreamModel.objects.filter(model_id="demo/reasoning").update(is_retired=True, successor="demo/tools")
    page = opened(alice, model="demo/reasoning")
    assert page.context["model"].model_id == "demo/tools"
    assert f"Its successor, {page.context['model'].name}, is used instead." in notes(page)


def test_a_model_that_an_admin_switched_off_is_not_opened(alice, workspace, opened):
    model = UpstreamModel.objects.get(model_id="demo/reasoning")
    ModelSetting.objects.create(workspace=workspace, model=model, is_enabled=False)
    page = opened(alice, model="demo/reasoning")
    assert page.context["model"] != model
    assert "is switched off in" in notes(page)


def test_many_values_that_do_not_fit_are_counted(alice, opened):
    page = opened(alice, model=PLAIN, **{f"x{number}": "1" for number in range(50)})
    assert page.context["notes"][-1] == "38 more values were left out."


def test_a_prompt_over_the_limit_is_left_out(alice, opened, settings):
    settings.MAX_PROMPT_CHARACTERS = 10
    page = opened(alice, model=PLAIN, prompt="x" * 11, system="y" * 10)
    assert page.context["prompt_text"] == ""
    assert "The prompt of the link was left out: it has more than 10 characters." in notes(page)


def test_a_link_that_is_too_long_says_so(alice, opened):
    page = opened(alice, prompt="x" * LONGEST_QUERY)
    assert page.status_code == 414
    assert "This link is too long" in page.content.decode()


def test_hostile_text_is_only_text(alice, opened):
    nasty = "</textarea><script>alert(1)</script>"
    html = opened(alice, model=nasty, prompt=nasty, temperature=nasty, **{nasty: nasty}).content.decode()
    assert "<script>alert" not in html
    assert "</textarea><script" not in html


def test_a_viewer_sees_why_they_cannot_send(vera, opened):
    page = opened(vera, model=PLAIN, prompt="Hello")
    assert page.status_code == 200
    assert "but not write in them" in page.content.decode()


def test_it_opens_where_the_user_wrote_last(alice, workspace, opened):
    other = Workspace.objects.create(name="Second", slug="second")
    Membership.objects.create(user=alice, workspace=other, role=Role.MEMBER)
    assert opened(alice).context["workspace"] == min((workspace, other), key=lambda each: each.name)
    Conversation.objects.create(workspace=other, owner=alice, title="There")
    page = opened(alice, prompt="Hello")
    assert page.context["workspace"] == other
    # The other one is a click away.
    assert f"/try?prompt=Hello&amp;workspace={workspace.slug}" in page.content.decode()
    assert opened(alice, workspace=workspace.slug).context["workspace"] == workspace


def test_a_workspace_of_strangers_is_not_found(carol, workspace, opened):
    assert opened(carol, workspace=workspace.slug).status_code == 404


def test_only_reading_is_allowed(alice, client_for):
    assert client_for(alice).post("/try").status_code == 405


@pytest.mark.parametrize("prompt", ["Hello & welcome", "{" * 3_000])
def test_a_visitor_signs_in_first_and_comes_back(alice, catalogue, workspace, client, prompt):
    away = client.get(f"/try?{urlencode({'model': PLAIN, 'prompt': prompt})}")
    assert away.status_code == 302
    assert len(away.url) < 8_000
    form = {"login": alice.email, "password": "correct horse battery"}
    page = client.post(away.url, form, follow=True)
    assert page.status_code == 200
    assert page.context["prompt_text"] == prompt
