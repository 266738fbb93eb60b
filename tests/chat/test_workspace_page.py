from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Workspace
from chat.models import TitleSetting
from playground.models import Endpoint, ModelSetting, Provider, UpstreamModel
from playground.parameters.schema.request_schema import digest_of

pytestmark = pytest.mark.django_db

PAGES = {
    "chat:workspace": "get",
    "chat:edit_workspace": "post",
    "chat:set_titles": "post",
    "chat:set_defaults": "post",
}


def url(name: str, slug: str = "acme") -> str:
    return reverse(name, args=[slug])


@pytest.fixture
def plain(catalogue) -> UpstreamModel:
    return UpstreamModel.objects.get(model_id="demo/plain")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(("name", "method"), PAGES.items())
def test_it_refuses_another_method(name, method, alice, client_for):
    other = "post" if method == "get" else "get"
    assert getattr(client_for(alice), other)(url(name)).status_code == 405


@pytest.mark.parametrize(("name", "method"), PAGES.items())
def test_a_stranger_gets_a_404_and_a_member_a_403(name, method, bob, carol, client_for):
    assert getattr(client_for(carol), method)(url(name)).status_code == 404
    assert getattr(client_for(bob), method)(url(name)).status_code == 403
    assert url("chat:workspace") not in client_for(bob).get(url("accounts:people")).content.decode()


@pytest.mark.parametrize(("name", "method"), PAGES.items())
def test_who_is_signed_out_is_sent_to_sign_in(name, method, workspace, client):
    assert getattr(client, method)(url(name)).headers["Location"].startswith("/sign-in/")


def test_titles_are_off_by_default(alice, plain, client_for):
    page = text_of(client_for(alice).get(url("chat:workspace")))
    assert '<option value="" selected>Off: the first words of the prompt</option>' in page
    assert "about 300 tokens per conversation" in page
    assert "booked to the person who sent the prompt" in page
    assert 'aria-current="page">Workspace</a>' in page


def test_a_model_is_chosen_and_switched_off(ada, plain, client_for):
    client = client_for(ada)
    response = client.post(url("chat:set_titles"), {"model": plain.pk})
    assert (response.status_code, response.headers["Location"]) == (302, url("chat:workspace"))
    assert TitleSetting.objects.get().model == plain
    page = text_of(client.get(url("chat:workspace")))
    assert "Demo Plain now makes the titles." in page
    assert f'<option value="{plain.pk}" selected>Demo Plain</option>' in page
    assert "about 300 tokens per conversation, about $0.000036" in page

    client.post(url("chat:set_titles"), {"model": ""})
    assert not TitleSetting.objects.exists()
    assert "The first words of the prompt now make the titles." in text_of(client.get(url("chat:workspace")))


def switched_off(model, workspace):
    ModelSetting.objects.create(workspace=workspace, model=model, is_enabled=False)


def without_a_key(model, workspace):
    Provider.objects.filter(pk=model.provider_id).update(needs_key=True)


def of_another_workspace(model, workspace):
    other = Workspace.objects.create(slug="else", name="Else")
    Provider.objects.filter(pk=model.provider_id).update(workspace=other)


@pytest.mark.parametrize("spoil", [switched_off, without_a_key, of_another_workspace])
def test_a_model_that_cannot_be_used_is_no_choice(alice, workspace, plain, client_for, spoil):
    spoil(plain, workspace)
    client = client_for(alice)
    assert f'value="{plain.pk}"' not in client.get(url("chat:workspace")).content.decode()
    client.post(url("chat:set_titles"), {"model": plain.pk})
    assert not TitleSetting.objects.exists()
    assert "Nothing was changed" in text_of(client.get(url("chat:workspace")))


def test_a_model_that_takes_no_text_is_refused_with_the_reason(alice, plain, client_for):
    endpoint = Endpoint.objects.get(model=plain, kind="chat/completions")
    part = {"type": "object", "properties": {"type": {"const": "input_audio"}}, "required": ["type"]}
    content = {"type": "array", "items": part}
    message = {"type": "object", "properties": {"role": {"type": "string"}, "content": content}}
    endpoint.request_schema["properties"]["messages"] = {"type": "array", "items": message}
    endpoint.schema_digest = digest_of(endpoint.request_schema)
    endpoint.save()
    client = client_for(alice)
    client.post(url("chat:set_titles"), {"model": plain.pk})
    assert not TitleSetting.objects.exists()
    page = text_of(client.get(url("chat:workspace")))
    assert "Demo Plain can&#x27;t write titles." in page
    assert "Choose another model." in page


@pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 40, "\x00", "<b>"])
def test_nonsense_changes_nothing(alice, workspace, plain, client_for, nonsense):
    TitleSetting.objects.create(workspace=workspace, model=plain)
    assert client_for(alice).post(url("chat:set_titles"), {"model": nonsense}).status_code == 302
    assert TitleSetting.objects.get().model == plain


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(switched_off, "Demo Plain is switched off in"), (without_a_key, "You have no key for")],
)
def test_a_choice_that_became_unusable_stays_and_says_why(alice, workspace, plain, client_for, spoil, words):
    TitleSetting.objects.create(workspace=workspace, model=plain)
    spoil(plain, workspace)
    page = text_of(client_for(alice).get(url("chat:workspace")))
    assert f'<option value="{plain.pk}" selected>Demo Plain</option>' in page
    assert words in page


def test_the_workspace_s_name_for_a_model_is_shown(alice, workspace, plain, client_for):
    ModelSetting.objects.create(workspace=workspace, model=plain, name="Quick & small")
    assert "Quick &amp; small</option>" in client_for(alice).get(url("chat:workspace")).content.decode()


def test_the_workspace_is_renamed_and_keeps_its_address(alice, workspace, client_for):
    client = client_for(alice)
    response = client.post(url("chat:edit_workspace"), {"name": " \u202eNew \n name ", "colour": "pink"})
    assert response.headers["Location"] == url("chat:workspace")
    workspace.refresh_from_db()
    assert (workspace.name, workspace.slug) == ("New name", "acme")
    assert "Saved. The workspace is named New name." in text_of(client.get(url("chat:workspace")))


@pytest.mark.parametrize("name", ["", " \u200b ", "x" * 81])
def test_a_name_that_cannot_be_shown_is_refused(alice, workspace, client_for, name):
    response = client_for(alice).post(url("chat:edit_workspace"), {"name": name, "colour": "pink"})
    assert response.status_code == 200
    assert 'id="id_name_error"' in response.content.decode()
    workspace.refresh_from_db()
    assert workspace.name == "Acme Research"


def test_the_number_of_queries_does_not_grow_with_the_models(
    alice, plain, client_for, django_assert_max_num_queries
):
    client = client_for(alice)
    client.get(url("chat:workspace"))
    with django_assert_max_num_queries(14):
        client.get(url("chat:workspace"))
