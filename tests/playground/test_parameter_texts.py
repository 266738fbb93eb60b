"""Parameters as texts: the schema decides what they mean, and writing them is the inverse of reading them."""

from __future__ import annotations

import pytest

from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint
from playground.parameters.form.texts import read_texts, write_texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(db) -> Endpoint:
    load_bundled("demo")
    endpoint = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/plain")
    endpoint.request_schema = {
        "type": "object",
        "properties": {
            "model": {"type": "string"},
            "messages": {"type": "array"},
            "temperature": {"type": "number", "minimum": 0, "maximum": 2},
            "max_tokens": {"type": "integer", "minimum": 1},
            "logprobs": {"type": "boolean"},
            "user": {"type": "string"},
            "seed": {"type": ["integer", "null"]},
            "effort": {"enum": ["low", "high"]},
            "stop": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            "logit_bias": {"type": "object", "additionalProperties": {"type": "number"}},
        },
    }
    endpoint.schema_digest = "texts"
    return endpoint


READ = [
    ("temperature", "0.5", 0.5),
    ("temperature", "1", 1),
    ("max_tokens", "12", 12),
    ("logprobs", "true", True),
    ("user", "5", "5"),
    ("user", "true", "true"),
    ("user", '"quoted"', "quoted"),
    ("user", "it's {odd", "it's {odd"),
    ("seed", "null", None),
    ("effort", "low", "low"),
    ("stop", "END", "END"),
    ("stop", '["a", "b"]', ["a", "b"]),
    ("stop", "7", "7"),
    ("logit_bias", '{"50256": -100}', {"50256": -100}),
]


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_it_reads(endpoint, name, text, value):
    assert read_texts(endpoint, {name: text}).kept == {name: value}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("temperature", "9"),
        ("temperature", "hot"),
        ("temperature", "NaN"),
        ("max_tokens", "1.5"),
        ("logprobs", "yes"),
        ("effort", "LOW"),
        ("logit_bias", "{"),
        ("logit_bias", "[" * 5_000),
        ("foo", "1"),
        ("messages", "[]"),
        ("model", "other"),
    ],
)
def test_it_refuses_with_a_reason(endpoint, name, text):
    found = read_texts(endpoint, {name: text})
    assert found.kept == {}
    assert found.dropped[0].name == name
    assert found.dropped[0].reason


def test_a_number_out_of_bounds_names_its_bound(endpoint):
    (dropped,) = read_texts(endpoint, {"temperature": "9"}).dropped
    assert "2" in dropped.reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name, _, value in READ),
        ("user", ""),
        ("user", '"'),
        ("user", '"5"'),
        ("user", "a\nb&c=d#e%20 \u00fc\U0001f600"),
        ("stop", "[1]"),
        ("stop", '["a"]'),
    ],
)
def test_what_it_writes_reads_as_the_same(endpoint, name, value):
    written = write_texts(endpoint, {name: value}).kept
    assert read_texts(endpoint, written).kept == {name: value}


def test_an_extra_parameter_has_no_text(endpoint):
    assert [each.name for each in write_texts(endpoint, {"extra": 1}).dropped] == ["extra"]
