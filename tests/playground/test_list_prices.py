"""List prices of vendors: an estimate until the provider or an admin states a price."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from playground.access import as_decided, catalogue_of
from playground.catalogue.bundled_models import bundled_models
from playground.catalogue.load_bundled import load_bundled
from playground.management.commands.update_list_prices import FILE, list_prices
from playground.models import ModelSetting, UpstreamModel
from tests.playground.test_catalogue_sync import PRICING, sync

LISTED = json.loads(FILE.read_text(encoding="utf-8"))
GPT_4O = "gpt-4o"


def test_they_are_those_of_the_package():
    """After an update of the package, ``manage.py update_list_prices`` brings them in line."""
    found = list_prices()
    assert {**found, "on": LISTED["on"]} == LISTED


def test_most_models_have_one():
    current = [model for model in bundled_models() if not model.facts["is_retired"]]
    without = [model.model_id for model in current if model.model_id not in LISTED["prices"]]
    assert len(without) <= 8, without


@pytest.mark.django_db
def test_a_bundled_model_has_its_vendors_price_and_its_date():
    load_bundled("aimlapi")
    model = UpstreamModel.objects.get(model_id=GPT_4O)
    assert (model.input_price, model.output_price) == (Decimal(5_000_000), Decimal(20_000_000))
    assert (model.list_price_of, model.list_price_on) == ("OpenAI", date.fromisoformat(LISTED["on"]))


def price_of(model_id: str) -> tuple[Decimal | None, Decimal | None, date | None]:
    model = UpstreamModel.objects.get(model_id=model_id)
    return model.input_price, model.output_price, model.list_price_on


@pytest.mark.django_db
@pytest.mark.parametrize("is_offered", [True, False])
def test_a_newer_list_brings_its_price(is_offered):
    load_bundled("aimlapi")
    known = price_of(GPT_4O)
    models = UpstreamModel.objects.filter(model_id=GPT_4O)
    models.update(input_price=1, output_price=1, list_price_on=date(2020, 1, 1), is_offered=is_offered)
    load_bundled("aimlapi")
    assert price_of(GPT_4O) == known


@pytest.mark.django_db
@pytest.mark.parametrize("output_price", [Decimal(9), None])
def test_a_price_of_another_source_stays(output_price):
    load_bundled("aimlapi")
    models = UpstreamModel.objects.filter(model_id=GPT_4O)
    models.update(input_price=7, output_price=output_price, list_price_on=None)
    load_bundled("aimlapi")
    assert price_of(GPT_4O) == (Decimal(7), output_price, None)


@pytest.mark.django_db
def test_what_the_provider_states_takes_its_place(catalogue, aimlapi):
    load_bundled("aimlapi")
    catalogue.add(GPT_4O)
    sync(aimlapi)
    assert price_of(GPT_4O)[2] is not None
    catalogue.add(GPT_4O, pricing=PRICING)
    sync(aimlapi)
    assert price_of(GPT_4O) == (Decimal(2_000_000), None, None)
    load_bundled("aimlapi")
    assert price_of(GPT_4O) == (Decimal(2_000_000), None, None)


@pytest.mark.django_db
def test_what_an_admin_states_takes_its_place(workspace):
    load_bundled("aimlapi")
    model = UpstreamModel.objects.get(model_id=GPT_4O)
    setting = ModelSetting.objects.create(workspace=workspace, model=model, input_price=1)
    assert decided(workspace).list_price_on is not None
    setting.output_price = Decimal(2)
    setting.save()
    assert (decided(workspace).output_price, decided(workspace).list_price_on) == (Decimal(2), None)


def decided(workspace) -> UpstreamModel:
    (found,) = as_decided(catalogue_of(workspace).filter(model_id=GPT_4O))
    return found
