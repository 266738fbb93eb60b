"""The notice of a key that is missing: its link works without scripts and leads back."""

from __future__ import annotations

import re
import uuid
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import ApiKey
from chat.models import Run
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.models import Provider, UpstreamModel

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def needy(workspace, alice) -> UpstreamModel:
    """A model whose provider needs a key."""
    provider = add_provider(workspace, "Needy", "https://n.example.org/v1", needs_key=True, actor=alice)
    add_models(provider, ["huge"], actor=alice)
    return provider.models.get()


def link_in(page: str) -> str:
    notice = re.search(r'data-missing-key="[^"]+".*?href="([^"]+)"', page, re.DOTALL)
    assert notice
    return unescape(notice[1])


def test_it_leads_to_the_keys_and_back_to_a_new_chat_with_the_model(client_for, ada, workspace, needy):
    page = client_for(ada).get(reverse("chat:new", args=[workspace.slug]), {"model": needy.pk})

    keys = client_for(ada).get(link_in(page.content.decode()))
    back = f"/w/acme/?model={needy.pk}"
    assert keys.context["next"] == back
    assert keys.context["asked"] == needy.provider.code
    assert client_for(ada).get(back).context["model"] == needy


def test_it_leads_back_to_a_conversation(client_for, alice, conversation, needy):
    conversation.model = needy
    conversation.save()
    here = reverse("chat:conversation", args=[conversation.code])
    page = client_for(alice).get(here).content.decode()

    assert client_for(alice).get(link_in(page)).context["next"] == here


def test_a_retry_names_the_provider_that_it_lacks_a_key_for(
    client_for, alice, conversation, needy, monkeypatch
):
    """The composer may be set to another model since."""
    answer = conversation.head
    failure = {"kind": "too_long"}
    Run.objects.filter(answer=answer).update(
        endpoint=needy.endpoints.get(), status=Run.Status.FAILED, error=failure
    )
    url = reverse("chat:retry_shorter", args=[answer.code])
    page = client_for(alice).post(url, {"idempotency_key": str(uuid.uuid4())}, headers=HTMX)

    assert page.status_code == 422
    assert "Needy needs an API key." in page.content.decode()
    assert not ApiKey.objects.exists()
    assert page.context["model"].provider.kind == Provider.Type.DEMO
