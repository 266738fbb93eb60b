"""A switch to another model or a new schema: values that are carried over or left, and the notice."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from chat.flows.select_model import select_model
from chat.flows.switch_model import switch_model
from chat.models import Conversation, Draft
from playground.catalogue.store_endpoints import store_endpoint
from playground.models import Endpoint, UpstreamModel

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(conversation) -> str:
    return reverse("chat:configure", args=[conversation.code])


@pytest.fixture
def page_of(alice, client_for, conversation):
    def get():
        return client_for(alice).get(reverse("chat:conversation", args=[conversation.code]))

    return get


def endpoint_of(model_id: str) -> Endpoint:
    return Endpoint.objects.select_related("model").get(model__model_id=model_id)


def reshape(endpoint: Endpoint, **properties) -> Endpoint:
    """Give the endpoint these parameters besides the transcript, as a sync would."""
    schema = {
        **endpoint.request_schema,
        "properties": {
            **{name: endpoint.request_schema["properties"][name] for name in ("model", "messages")},
            **properties,
        },
        "required": ["model", "messages"],
    }
    store_endpoint(endpoint.model, endpoint.kind, schema, source="sync")
    return endpoint_of(endpoint.model.model_id)


def chosen(conversation: Conversation, endpoint: Endpoint, **parameters) -> None:
    select_model(conversation, conversation.owner, endpoint, parameters, set_aside={})


def test_it_tells_what_the_other_model_does_not_take(alice, client_for, conversation, url):
    chosen(conversation, endpoint_of("demo/plain"), temperature=0.4, frequency_penalty=1)
    other = endpoint_of("demo/reasoning").model
    page = client_for(alice).post(url, {"model": other.pk}, headers=HTMX).content.decode()

    assert "1 value not carried over, 1 kept" in page
    assert "Not supported by this model." in page
    conversation.refresh_from_db()
    assert conversation.parameters == {"temperature": 0.4}
    assert conversation.set_aside["values"] == {"frequency_penalty": 1}


def test_it_says_which_bound_a_value_breaks(conversation, page_of):
    narrow = reshape(endpoint_of("demo/slow"), temperature={"type": "number", "maximum": 1})
    chosen(conversation, endpoint_of("demo/plain"), temperature=1.5)
    switch_model(conversation, conversation.owner, narrow)

    notice = page_of().context["notice"]
    assert [(each.name, each.value, each.reason) for each in notice.left] == [
        ("temperature", "1.5", "Must be at most 1.")
    ]


def test_switching_back_brings_back_what_was_left_behind(conversation):
    plain, other = endpoint_of("demo/plain"), endpoint_of("demo/reasoning")
    chosen(conversation, plain, temperature=0.4, frequency_penalty=1)
    switch_model(conversation, conversation.owner, other)
    select_model(conversation, conversation.owner, other, {"temperature": 0.9})
    switch_model(conversation, conversation.owner, plain)

    conversation.refresh_from_db()
    assert conversation.parameters == {"temperature": 0.9, "frequency_penalty": 1}
    assert conversation.set_aside["back"] == ["frequency_penalty"]
    assert conversation.set_aside["values"] == {}


def test_the_notice_stays_until_it_is_dismissed(alice, client_for, conversation, url, page_of):
    chosen(conversation, endpoint_of("demo/plain"), frequency_penalty=1)
    switch_model(conversation, conversation.owner, endpoint_of("demo/reasoning"))
    assert page_of().context["notice"].way_back.model == endpoint_of("demo/plain").model_id

    assert client_for(alice).post(url, {"dismiss": "1"}, headers=HTMX).status_code == 200
    assert page_of().context["notice"] is None


def test_nothing_left_behind_is_nothing_to_tell(conversation, page_of):
    chosen(conversation, endpoint_of("demo/plain"), temperature=0.4)
    switch_model(conversation, conversation.owner, endpoint_of("demo/reasoning"))
    assert page_of().context["notice"] is None


def test_resetting_everything_forgets_what_was_set_aside(alice, client_for, conversation, url):
    plain, other = endpoint_of("demo/plain"), endpoint_of("demo/reasoning")
    chosen(conversation, plain, temperature=0.4, frequency_penalty=1)
    switch_model(conversation, conversation.owner, other)
    client_for(alice).post(url, {"endpoint": other.pk, "p.temperature": ""}, headers=HTMX)
    conversation.refresh_from_db()
    switch_model(conversation, conversation.owner, plain)

    assert conversation.parameters == {}


def test_a_schema_that_changed_is_told_once_with_what_it_does_not_take(
    alice, client_for, conversation, url, page_of
):
    before = reshape(
        endpoint_of("demo/plain"),
        temperature={"type": "number", "maximum": 2},
        seed={"type": "integer"},
        top_p={"type": "number"},
    )
    chosen(conversation, before, temperature=1.5, seed=7, top_p=0.5)
    reshape(
        before,
        temperature={"type": "number", "maximum": 1},
        top_p={"type": "number"},
        top_k={"type": "integer"},
    )

    page = page_of()
    notice = page.context["notice"]
    assert (notice.added, notice.removed, notice.altered) == (("top_k",), ("seed",), ("temperature",))
    assert {each.name: each.reason for each in notice.left} == {
        "temperature": "Must be at most 1.",
        "seed": "Not supported by this model.",
    }
    assert page.context["form"].parameters == {"top_p": 0.5}
    assert "The parameters of" in page.content.decode()

    client_for(alice).post(url, {"dismiss": "1"}, headers=HTMX)
    assert page_of().context["notice"] is None
    conversation.refresh_from_db()
    assert conversation.parameters == {"top_p": 0.5}


def test_a_setting_from_before_digests_were_kept_tells_only_what_is_dropped(conversation, page_of):
    Conversation.objects.update(schema_digest="", parameters={"temperature": 0.4, "gone": 1})
    notice = page_of().context["notice"]
    assert [each.name for each in notice.left] == ["gone"]
    assert notice.added == ()

    Conversation.objects.update(parameters={"temperature": 0.4})
    assert page_of().context["notice"] is None


def test_a_retired_model_says_why_and_another_can_be_chosen(conversation, page_of):
    UpstreamModel.objects.filter(pk=conversation.model_id).update(
        is_retired=True, retired_because="Its provider took it away."
    )
    page = page_of().content.decode()
    assert "is retired. Its provider took it away." in page
    assert re.search(r"<button[^>]* data-picker-open>Choose another model</button>", page)
    conversation.refresh_from_db()
    assert conversation.model.model_id == "demo/plain"


def test_a_draft_is_told_too(alice, client_for, workspace, catalogue):
    client = client_for(alice)
    url = reverse("chat:configure_new", args=[workspace.slug])
    plain, other = endpoint_of("demo/plain"), endpoint_of("demo/reasoning")
    client.post(url, {"endpoint": plain.pk, "p.frequency_penalty": "1"}, headers=HTMX)
    page = client.post(url, {"model": other.model.pk}, headers=HTMX).content.decode()

    assert "1 value not carried over" in page
    assert Draft.objects.get().set_aside["values"] == {"frequency_penalty": 1}
    client.post(url, {"dismiss": "1"}, headers=HTMX)
    assert client.get(reverse("chat:new", args=[workspace.slug])).context["notice"] is None


def test_a_notice_is_not_a_strangers_to_dismiss(carol, client_for, conversation, url):
    assert client_for(carol).post(url, {"dismiss": "1"}, headers=HTMX).status_code == 404
