from __future__ import annotations

import pytest
from django.urls import reverse

from playground.models import Endpoint, FavouriteModel, ModelSetting, Provider, UpstreamModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(workspace) -> UpstreamModel:
    house = Provider.objects.create(code="house", name="House", workspace=workspace)
    model = UpstreamModel.objects.create(provider=house, model_id="one", name="One")
    Endpoint.objects.create(model=model, request_schema={}, schema_digest="x")
    return model


@pytest.fixture
def url(workspace, model) -> str:
    return reverse("playground:favour_model", args=[workspace.slug, model.pk])


def test_it_puts_a_model_among_ones_own_and_takes_it_out(client_for, bob, vera, url, model):
    for _ in range(2):
        assert client_for(bob).post(url, {"on": "true"}).status_code == 204
    client_for(vera).post(url, {"on": "true"})
    assert FavouriteModel.objects.filter(user=bob).count() == 1
    for _ in range(2):
        assert client_for(bob).post(url, {"on": "false"}).status_code == 204
    assert [favourite.user for favourite in FavouriteModel.objects.all()] == [vera]


def test_a_model_that_one_cannot_use_is_not_found(client_for, bob, workspace, url, model):
    ModelSetting.objects.create(workspace=workspace, model=model, lowest_role="admin")
    assert client_for(bob).post(url, {"on": "true"}).status_code == 404
    assert not FavouriteModel.objects.exists()


def test_a_stranger_finds_nothing(client_for, carol, url):
    assert client_for(carol).post(url, {"on": "true"}).status_code == 404
    theirs = url.replace("/acme/", "/other/")
    assert client_for(carol).post(theirs, {"on": "true"}).status_code == 404
