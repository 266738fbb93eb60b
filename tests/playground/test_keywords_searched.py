"""Generated schemas: validation agrees with the standard, and valid values pass through the form."""

from __future__ import annotations

import json
import os
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema.keywords import PATTERN_OPTIONS
from playground.parameters.schema.request_schema import RequestSchema, read_request_schema
from tests.playground.form_trips import comes_back, page_of, sends_nothing
from tests.playground.schema_grammar import VALUES, documents, spoilt
from tests.playground.schema_values import posts

# Each run tries the same examples. More of them make a longer search.
EXAMPLES = int(os.environ.get("PARAMETER_EXAMPLES", "0"))
SEARCH = settings(
    max_examples=EXAMPLES or 60,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def _refuse(uri: str) -> Any:
    raise AssertionError(f"fetched {uri}")


def judge_of(document: dict[str, Any]) -> Any:
    """Return a validator of the schema as it was written, without the product's translation."""
    return jsonschema_rs.Draft202012Validator(
        document, retriever=_refuse, pattern_options=PATTERN_OPTIONS, validate_formats=False
    )


def _fitting(request_schema: RequestSchema, data: st.DataObject) -> list[Any]:
    values = data.draw(st.lists(VALUES, min_size=6, max_size=6))
    return [value for value in values if request_schema.validators["x"].is_valid(value)]


@SEARCH
@given(document=documents(), values=st.lists(VALUES, min_size=8, max_size=8))
def test_the_verdict_is_that_of_the_schema_as_it_was_written(document, values):
    judge, request_schema = judge_of(document), read_request_schema(document)
    (validator,) = request_schema.validators.values()
    for value in values:
        assert validator.is_valid(value) == judge.is_valid({"x": value}), value


@SEARCH
@given(document=documents(), data=st.data())
def test_what_fits_comes_back_the_same_and_nothing_comes_from_nothing(document, data):
    request_schema = read_request_schema(document)
    assert sends_nothing(request_schema)
    for value in _fitting(request_schema, data):
        assert comes_back(request_schema, value), value


@SEARCH
@given(document=documents(), data=st.data())
def test_whatever_is_posted_is_refused_in_words_or_fits(document, data):
    judge, request_schema = judge_of(document), read_request_schema(document)
    (spec,) = request_schema.specs
    form = ParameterForm(request_schema, data.draw(posts(spec, "p.x")))
    if form.is_valid():
        assert judge.is_valid(form.parameters)
        json.dumps(form.parameters, allow_nan=False).encode()
    else:
        assert all(message for messages in form.errors_by_name.values() for message in messages)
        assert form.errors_by_name
    page_of(form)


@SEARCH
@given(document=spoilt(), data=st.data())
def test_nonsense_makes_a_form_all_the_same(document, data):
    request_schema = read_request_schema(document)
    if request_schema.specs:
        assert sends_nothing(request_schema)
        for value in _fitting(request_schema, data):
            assert comes_back(request_schema, value), value
    # The translation has to compile: the product's validator would accept everything otherwise.
    assert judge_of(request_schema.translated)
