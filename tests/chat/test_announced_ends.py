"""The announced end of a model, at the composer, in the picker and on the model's page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from chat.models import Draft
from playground.models import Endpoint, Provider, UpstreamModel

pytestmark = pytest.mark.django_db
SENTENCE = "House announced the end of Old for 17 February 2026. It names new-latest as successor."
PASSED, TO_COME = date(2026, 2, 17), date(2926, 2, 17)


@pytest.fixture
def add(workspace):
    house = Provider.objects.create(code="house", name="House", workspace=workspace, needs_key=False)

    def add(name: str, **facts: Any) -> UpstreamModel:
        model = UpstreamModel.objects.create(
            provider=house, model_id=name.lower(), name=name, position=len(house.models.all()), **facts
        )
        schema = {"type": "object", "properties": {"temperature": {"type": "number", "maximum": 2}}}
        Endpoint.objects.create(model=model, request_schema=schema, schema_digest=name)
        return model

    return add


@pytest.fixture
def old(add):
    return add("Old", ends_on=PASSED, successor="new-latest", docs_url="https://docs.example.org/old")


@pytest.fixture
def page(client, alice, workspace):
    client.force_login(alice)
    return lambda: " ".join(client.get(reverse("chat:new", args=[workspace.slug])).content.decode().split())


def test_the_composer_says_it_and_switches_to_the_successor(client, alice, workspace, old, add, page):
    new = add("New", aliases=["new-latest"])
    assert SENTENCE in page()
    assert "Switch to New</button>" in page()
    Draft.objects.create(user=alice, workspace=workspace, model=old, parameters={"temperature": 1})
    client.post(reverse("chat:configure_new", args=[workspace.slug]), {"model": new.pk, "text": "Hello"})
    draft = Draft.objects.get(user=alice)
    assert (draft.model, draft.parameters) == (new, {"temperature": 1})
    assert "announced the end" not in page()


@pytest.mark.parametrize("facts", [{"is_retired": True}, {"is_enabled": False}])
def test_no_button_leads_to_a_successor_that_cannot_be_used(old, add, page, facts):
    add("New", aliases=["new-latest"], **facts)
    assert SENTENCE in page()
    assert "Switch to" not in page()


@pytest.mark.parametrize(
    ("ends_on", "is_offered", "is_still_listed"),
    [(PASSED, True, True), (PASSED, False, False), (TO_COME, True, False)],
)
def test_a_list_that_still_has_it_outranks_the_announcement(add, page, ends_on, is_offered, is_still_listed):
    add("Old", ends_on=ends_on, is_offered=is_offered)
    assert "announced the end of Old for 17 February" in page()
    assert ("Its list still has the model." in page()) is is_still_listed
    assert "ended" not in page()


def test_the_picker_and_the_page_of_the_model_say_it(client, workspace, old, page):
    assert 'rel="noopener noreferrer">Documentation</a>' in page()
    listed = client.get(reverse("chat:picker", args=[workspace.slug])).content.decode()
    assert "end announced for 17 Feb 2026" in listed
    shown = client.get(reverse("playground:model", args=[workspace.slug, old.pk])).content.decode()
    assert SENTENCE in " ".join(shown.split())
    assert "https://docs.example.org/old" in shown
