"""Two models for tests of the parameter pane: one with every kind of control, one with narrow bounds."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.browser.choosing import choose_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.installation import Installation

_TEXT = {"type": "string"}
_OBJECT = {"type": "object"}


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _constant(value: str) -> dict[str, Any]:
    return {"type": "string", "enum": [value]}


EVERYTHING: dict[str, Any] = {
    "temperature": {"type": "number", "minimum": 0, "maximum": 2},
    "top_p": {"type": "number", "minimum": 0, "maximum": 1},
    "seed": {"type": "integer", "minimum": 1},
    "max_tokens": {"type": "integer", "minimum": 1},
    "max_completion_tokens": {"type": "integer", "minimum": 1},
    "user": {**_TEXT, "deprecated": True},
    "logprobs": {"type": "boolean"},
    "stop": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "maxItems": 4}]},
    "logit_bias": {
        "type": "object",
        "additionalProperties": {"type": "number", "minimum": -100, "maximum": 100},
    },
    "search_after_date_filter": {"type": "string", "format": "date"},
    "thinking": {
        "anyOf": [
            _object(("type", "budget_tokens"), type=_constant("enabled"), budget_tokens={"type": "integer"}),
            _object(("type",), type=_constant("disabled")),
        ]
    },
    "response_format": {
        "oneOf": [
            _object(("type",), type=_constant("text")),
            _object(
                ("type", "json_schema"),
                type=_constant("json_schema"),
                json_schema=_object(("name",), name=_TEXT, strict={"type": "boolean"}, schema=_OBJECT),
            ),
        ]
    },
    "tools": {
        "type": "array",
        "items": _object(
            ("type", "function"),
            type=_constant("function"),
            function=_object(("name",), name=_TEXT, description=_TEXT, parameters=_OBJECT),
        ),
    },
}
# The narrow model has closer bounds for ``temperature`` and few other parameters.
NARROW: dict[str, Any] = {
    "temperature": {"type": "number", "minimum": 0, "maximum": 1},
    "stop": EVERYTHING["stop"],
}

_ADD_MODEL = """
import json
from playground.catalogue.store_endpoints import store_endpoint
from playground.models import Provider, UpstreamModel
model, _ = UpstreamModel.objects.update_or_create(
    provider=Provider.objects.get(code="scripted"), model_id=%r, defaults={"name": %r, "position": 900})
store_endpoint(model, "chat/completions", json.loads(%r), source="a test")
"""


def add_model(installation: Installation, name: str, parameters: dict[str, Any]) -> None:
    """Offer a model with these parameters. The upstream accepts any request."""
    messages = {"type": "array", "items": _object(("role", "content"), role=_TEXT, content=_TEXT)}
    schema = _object(("model", "messages"), model=_TEXT, messages=messages, **parameters)
    model_id = f"scripted/paced?rate=1000&tokens=3&name={name}"
    installation.manage("shell", "-v", "0", "-c", _ADD_MODEL % (model_id, name, json.dumps(schema)))


@contextmanager
def kept(page: Page) -> Iterator[None]:
    """Wait until the server has answered everything that the block changes."""
    with page.expect_response(lambda response: "/configure/" in response.url):
        yield
    expect(page.locator("[data-parameters][data-unkept]")).to_have_count(0)


def pick(page: Page, name: str) -> None:
    # The new form may look the same, so the old one gets a mark.
    page.locator("#parameters-form").evaluate("form => form.setAttribute('data-earlier', '')")
    choose_model(page, name)
    expect(page.locator("#parameters-form:not([data-earlier]) > legend")).to_have_text(
        f"Parameters of {name}"
    )


def reset(page: Page) -> None:
    if page.locator("[data-reset-all]").is_visible():
        with kept(page):
            page.locator("[data-reset-all]").click()


def row(page: Page, name: str) -> Locator:
    return page.locator(f'[data-parameter="{name}"]')


def choose(page: Page, name: str, option: str) -> None:
    segments = row(page, name).locator("> .parameter-control > .parameter-segments")
    segments.get_by_role("radio", name=option, exact=True).check()


def sent(page: Page) -> set[str]:
    rows = page.locator("[data-parameter].is-sent").all()
    return {str(each.get_attribute("data-parameter")) for each in rows}


def shown(page: Page) -> list[str]:
    rows = page.locator("[data-parameter]:visible").all()
    return [str(each.get_attribute("data-parameter")) for each in rows]
