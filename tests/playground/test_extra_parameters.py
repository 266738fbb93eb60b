"""The box for parameters that a schema does not mention, and the object of a whole provider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.models import Provider, ProviderSetting
from playground.parameters.form.body import BodyInvalid, build_body
from playground.parameters.form.errors import form_errors
from playground.parameters.form.extra import LONGEST, MOST_NAMES, NAME, parse_extra
from playground.parameters.form.feedback import feedback_on
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.form.parsing import EntryError
from playground.parameters.schema.request_schema import read_request_schema

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "messages": {"type": "array", "items": {"type": "object"}},
        "stream": {"type": "boolean"},
        "temperature": {"type": "number", "maximum": 2},
        "max_tokens": {"type": "integer"},
    },
    "required": ["model", "messages"],
    "additionalProperties": False,
}
LLAMA = {"min_p": 0.05, "repeat_penalty": 1.1, "cache_prompt": True, "grammar": None, "samplers": ["top_k"]}
MESSAGES = {"messages": [{"role": "user", "content": "Hi"}]}


def form_with(text: str | None = None, initial: dict[str, Any] | None = None, **posted: str) -> ParameterForm:
    data = None if text is None else {NAME: text, **{f"p.{name}": value for name, value in posted.items()}}
    return ParameterForm(read_request_schema(SCHEMA), data, initial)


@pytest.mark.parametrize("text", ["", "  \n", "{}", " { } "])
def test_an_empty_box_sends_nothing(text):
    form = form_with(text, temperature="1")
    assert form.is_valid()
    assert form.parameters == {"temperature": 1}
    assert form.changed_count == 1


@pytest.mark.parametrize(
    "extra",
    [
        LLAMA,
        {"options": {"num_ctx": 8192}, "a": {"b": {"c": [1, {"d": None}]}}},
        {"n_predict": 200, "topK": 4, "chat_template_kwargs": {"enable_thinking": False}},
        {"ключ": "значение", "a b": 1, "a.b": 2, "=x": 3},
        {"top_n_sigma": -1, "mirostat": 0, "id_slot": -1, "seed": 2**63},
    ],
)
def test_it_sends_what_the_schema_does_not_mention_and_shows_it_again(extra):
    form = form_with(json.dumps(extra), temperature="0.5")
    assert form.is_valid(), form.errors_by_name
    assert form.parameters == {"temperature": 0.5, **extra}
    assert form.changed_count == 2

    again = form_with(initial=form.parameters)
    assert again.parameters == form.parameters
    assert json.loads(again.extra.entry.text) == extra
    assert again.all_groups[-1].is_open
    html = str(again.extra.html)
    assert f'name="{NAME}"' in html
    assert "is-sent" in html
    body = build_body(SCHEMA, "m", MESSAGES, form.parameters)
    assert body == {"model": "m", **MESSAGES, **form.parameters, "stream": True}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *((text, "Must be a JSON object") for text in ("[]", "[1]", "1", '"min_p"', "null", "true")),
        *(
            (text, "Not valid JSON")
            for text in ("{", "{'a': 1}", '{"a": 1,}', '{"a"}', "min_p: 1", "{} {}", "//")
        ),
        *((f'{{"a": {value}}}', "Not valid JSON") for value in ("NaN", "Infinity", "-Infinity")),
        *((f'{{"a": {value}}}', "too large") for value in ("1e999", "9" * 401, "-" + "9" * 500)),
        *(
            (text, "appears twice")
            for text in ('{"a": 1, "a": 1}', '{"o": {"b": 1, "b": 2}}', '{"a":1,"\\u0061":2}')
        ),
        *(
            (json.dumps({name: 1}), "filled in by the playground")
            for name in ("model", "messages", "input", "stream", "stream_options", "system", "instructions")
        ),
        *(
            (json.dumps({name: 1}), "filled in")
            for name in ("Model", "STREAM", " model", "me\u017f\u017fages")
        ),
        *(
            (json.dumps({name: "x"}), "another model, server or key")
            for name in ("models", "fallbacks", "api_base", "api_key", "extra_headers", "custom_llm_provider")
        ),
        *(
            (json.dumps({name: 1}), f"“{field}” has a field of its own")
            for name, field in {
                "temperature": "temperature",
                "Temperature": "temperature",
                "MAX_TOKENS": "max_tokens",
                "max_to\u212aens": "max_tokens",
                " temperature ": "temperature",
            }.items()
        ),
        *(
            (json.dumps({name: value}), "must be a number of at least 1")
            for name, value in {
                "n_predict": -1,
                "max_new_tokens": 0,
                "maxOutputTokens": "many",
                "Num_Predict": [5],
                "max_output_tokens": True,
                "max_completion_tokens": {"a": 1},
            }.items()
        ),
        ('{"": 1}', "A name has"),
        ('{" ": 1}', "A name has"),
        (json.dumps({"x" * 101: 1}), "A name has"),
        (json.dumps({"a": "\x00"}), "cannot be sent"),
        ('{"a": "\\ud800"}', "cannot be sent"),
        ('{"a": ' + "[" * 30 + "]" * 30 + "}", "Nested too deeply"),
        ('{"a": ' * 21 + "1" + "}" * 21, "Nested too deeply"),
        ("[" * 9_000, "Not valid JSON"),
        (json.dumps({f"p{number}": 1 for number in range(MOST_NAMES + 1)}), "Must have at most"),
        ('{"a": "' + "x" * LONGEST + '"}', "Must have at most"),
        ("{" * 10_000_000, "Must have at most"),
    ],
)
def test_it_says_at_the_box_what_is_wrong(text, words):
    form = form_with(text, temperature="1")

    assert not form.is_valid()
    assert form.parameters == {"temperature": 1}
    [error] = form_errors(form)
    assert words in error.text
    assert (error.id, error.path) == ("p-=extra", "extra parameters")
    assert form.extra.entry.text == text
    assert {"p-=extra--error": error.text} == {each.id: each.text for each in feedback_on(form, {}).messages}
    assert 'aria-invalid="true"' in form.extra.html


def test_a_value_that_the_schema_knows_is_still_checked():
    with pytest.raises(BodyInvalid) as refusal:
        build_body(SCHEMA, "m", MESSAGES, {"temperature": 9, "min_p": 9})
    assert [place for place, _ in refusal.value.errors] == ["temperature"]


def test_a_parameter_that_gets_a_field_leaves_the_box():
    wider = {**SCHEMA, "properties": {**SCHEMA["properties"], "min_p": {"type": "number"}}}
    form = ParameterForm(read_request_schema(wider), initial={"min_p": 0.1, "typical_p": 1})
    assert form.extra.values == {"typical_p": 1}
    assert form.value_of("min_p") == 0.1


def test_a_refusal_by_the_provider_is_shown_at_the_box():
    form = form_with(initial={"min_p": 0.1})
    form.refusals = {"min_p": "The provider refused this.", "gone": "Not sent."}
    assert form.warnings == {}
    assert form.extra.warning == "min_p: The provider refused this."
    assert "The provider refused this." in form.all_groups[-2].fields[0].html


def test_the_box_is_counted_as_a_row_of_the_form():
    form = form_with(initial={"temperature": 1, "max_tokens": 5, "min_p": 0.1})
    assert (form.changed_count, form.count) == (3, 4)


def test_the_text_is_escaped():
    form = form_with('{"</textarea><script>alert(1)</script>": 1')
    assert "<script>" not in form.extra.html


def test_the_size_of_a_text_does_not_multiply_the_time():
    # Thousands of names, the last of which appears twice, and as many errors to choose from.
    text = "{" + ",".join(f'"{number}":1' for number in [*range(2_000), 1_999]) + "}"
    with pytest.raises(EntryError, match="“1999” appears twice"):
        parse_extra(text)


@pytest.fixture
def own(db, workspace) -> Provider:
    return Provider.objects.create(code="own", name="Own", workspace=workspace, base_url="http://x.org/v1")


def test_an_admin_sets_them_for_a_provider(client_for, ada, bob, workspace, own):
    page, client = "/w/acme/providers/own/", client_for(ada)
    answer = client.post(f"{page}extra/", {"extra": json.dumps(LLAMA)}, follow=True)

    assert "Requests to Own now carry min_p, repeat_penalty" in answer.content.decode()
    setting = ProviderSetting.objects.get(workspace=workspace, provider=own)
    assert setting.extra_parameters == LLAMA
    assert json.loads(client.get(page).context["extra_form"]["extra"].value()) == LLAMA
    assert "repeat_penalty" in client_for(bob).get(page).content.decode()
    client.post(f"{page}places/", {"places": "3"})
    client.post(f"{page}extra/", {"extra": " "})
    setting.refresh_from_db()
    assert (setting.extra_parameters, setting.places) == ({}, 3)


@pytest.mark.parametrize(
    "text", ["[]", '{"model": "x"}', '{"a": NaN}', '{"a": 1, "a": 2}', '{"n_predict": -1}']
)
def test_the_page_refuses_what_the_box_refuses(client_for, ada, own, text):
    answer = client_for(ada).post("/w/acme/providers/own/extra/", {"extra": text})

    assert answer.status_code == 200
    assert answer.context["extra_form"].errors["extra"]
    assert not ProviderSetting.objects.exists()
