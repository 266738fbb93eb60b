"""A model of the demo provider that answers as a test tells it to.

    endpoint = scripted(lambda reply, body: json_response(400, {…}))

The script sees the body that was sent, and how often the same run has asked.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.models import Run
from playground.demo import scenarios
from playground.demo.replies import Reply
from playground.demo.server import DemoServer
from playground.demo.steps import Steps, json_response
from playground.models import Endpoint, UpstreamModel
from playground.parameters.schema.request_schema import digest_of

Play = Callable[[Reply, dict[str, Any]], Steps]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "messages": {"type": "array", "items": {"type": "object"}},
        "stream": {"type": "boolean"},
        "temperature": {"type": "number", "minimum": 0, "maximum": 2},
        "top_p": {"type": "number"},
        "max_tokens": {"type": "integer", "minimum": 1},
    },
    "required": ["model", "messages"],
}


def scripted_model(demo: DemoServer, monkeypatch: pytest.MonkeyPatch, play: Play) -> Endpoint:
    def scenario(reply: Reply, options: dict[str, str]) -> Steps:
        return play(reply, demo.requests[-1].body)

    monkeypatch.setitem(scenarios.SCENARIOS, "told", scenario)
    provider = UpstreamModel.objects.get(model_id="demo/plain").provider
    model = UpstreamModel.objects.create(
        provider=provider, model_id="scripted/told", name="Told", output_max=1000, position=1
    )
    return Endpoint.objects.create(model=model, request_schema=SCHEMA, schema_digest=digest_of(SCHEMA))


def first_run(workspace: Any, user: Any, endpoint: Endpoint, **parameters: Any) -> Run:
    """Send the first prompt of a new conversation; nothing relays its run yet."""
    return start_conversation(workspace, user, "Say hello", Choice(endpoint, parameters), uuid.uuid4())


def unsupported(name: str) -> Steps:
    """OpenAI's way to refuse a parameter."""
    error = {
        "message": f"Unsupported parameter: '{name}' is not supported with this model.",
        "type": "invalid_request_error",
        "param": name,
        "code": "unsupported_parameter",
    }
    return json_response(400, {"error": error})
