"""Models that an admin picks from the list which a provider's page has fetched."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from playground.access import models_for
from playground.flows.add_provider import add_provider
from playground.models import Provider, UpstreamModel

pytestmark = pytest.mark.django_db

ODD = "通义千问 café <b>"


@pytest.fixture
def house(alice, catalogue, workspace) -> Provider:
    catalogue.models = {
        "odd": {"id": ODD, "max_model_len": 32768, "pricing": {"prompt": "0", "completion": "0"}},
        "plain": {"id": "plain"},
        "bell": {"id": "bell\x07"},
        "painter": {"id": "painter", "type": "image"},
    }
    return add_provider(workspace, "House", catalogue.base_url, needs_key=False, actor=alice)


@pytest.fixture
def page(house) -> str:
    return f"/w/acme/providers/{house.code}/"


def added(client: Any, page: str, *model_ids: str, **more: Any) -> Any:
    return client.post(f"{page}models/", {"model_ids": "\n".join(model_ids), **more}, follow=True)


def test_the_form_has_the_models_that_chat_and_the_page_names_the_others(client_for, ada, house, page):
    client = client_for(ada)
    answer = client.post(f"{page}fetch/", follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert answer.context["form"]["model_ids"].value().split("\n") == [ODD, "plain"]
    text = answer.content.decode()
    assert "Not added, because they are not chat models: painter." in text
    assert "Not added: bell\\u0007 (its id is not a valid model id" in text
    assert not UpstreamModel.objects.filter(provider=house).exists()
    # The list is shown once, and on the page of its own provider alone.
    assert not client.get(page).context["fetched"]


def test_the_list_waits_for_the_page_of_its_provider(client_for, ada, house, page, workspace):
    client = client_for(ada)
    other = add_provider(workspace, "Other", "https://example.org/v1", needs_key=False, actor=ada)

    client.post(f"{page}fetch/")

    assert not client.get(f"/w/acme/providers/{other.code}/").context["fetched"]
    assert client.get(page).context["fetched"] == 2


def test_what_the_list_states_comes_along(client_for, ada, house, page):
    added(client_for(ada), page, ODD, fetched="1")
    model = UpstreamModel.objects.get(provider=house)
    assert (model.context_length, model.input_price, model.name) == (32768, Decimal(0), ODD)


def test_a_price_that_was_typed_has_priority(client_for, ada, house, page):
    added(client_for(ada), page, ODD, fetched="1", input_price="0.0000015", output_price="4")
    model = UpstreamModel.objects.get(provider=house)
    assert (model.context_length, model.input_price, model.has_listed_price) == (32768, Decimal(3), False)


def test_a_model_that_does_not_chat_can_be_added_by_hand(client_for, ada, house, page):
    added(client_for(ada), page, "painter", fetched="1")
    assert models_for(ada.memberships.get()).filter(model_id="painter").exists()


def test_a_server_that_is_gone_by_then_stops_nothing(client_for, ada, house, page, catalogue):
    catalogue.list_answer = lambda handler: handler.send(400, b"no")
    assert "Added 1 model." in added(client_for(ada), page, "plain", fetched="1").content.decode()


def test_ids_typed_by_hand_ask_no_server(client_for, ada, house, page, catalogue):
    added(client_for(ada), page, "plain")
    assert catalogue.paths == []


def test_a_list_of_nothing_says_so(client_for, ada, house, page, catalogue):
    catalogue.models = {}
    text = client_for(ada).post(f"{page}fetch/", follow=True).content.decode()
    assert "The provider lists no models." in text


def test_an_odd_id_works_on_every_page(client_for, ada, house, page):
    client = client_for(ada)
    added(client, page, ODD, fetched="1")
    model = UpstreamModel.objects.get(provider=house)
    shown = "通义千问 café &lt;b&gt;"
    settings = [page, "/w/acme/models/?q=CAFE", f"/w/acme/models/{model.pk}/"]
    for url in (*settings, f"{page}models/{model.pk}/schema/", f"/w/acme/?model={model.pk}"):
        text = client.get(url).content.decode()
        assert shown in text, url
        assert ODD not in text, url
