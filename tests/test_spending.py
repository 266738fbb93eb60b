"""The check that no call of a model is made without a hold: it reports what passes by the flows, no more."""

from __future__ import annotations

import asyncio
import uuid

import httpx
import pytest

from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.live.database_threads import close_connections
from chat.models import Run
from chat.relays import background
from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint
from tests import spending
from tests.repository import ROOT
from tests.scripted_upstream import chat_body

NAME = "tests/test_spending.py::a_test"
OTHER = str(uuid.UUID(int=7))


@pytest.fixture
async def relays(transactional_db):
    supervisor = background.attach(asyncio.get_running_loop())
    yield supervisor
    await supervisor.drain()
    await asyncio.to_thread(close_connections)


@pytest.fixture
def run(transactional_db, workspace, alice) -> Run:
    load_bundled("demo")
    endpoint = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/plain")
    return start_conversation(workspace, alice, "Say hello", Choice(endpoint, {}), uuid.uuid4())


def ask(demo_upstream, path: str = "chat/completions", **headers: str) -> None:
    httpx.post(f"{demo_upstream.base_url}/{path}", json=chat_body("demo/plain", "Psst."), headers=headers)


def test_looking_and_cancelling_spend_nothing(demo_upstream):
    httpx.get(f"{demo_upstream.base_url}/models")
    httpx.post(f"{demo_upstream.base_url}/responses/resp_1/cancel")
    assert not spending._calls


def test_every_excuse_names_tests_that_exist():
    for name, reason in spending.ASKED_BY_TESTS.items():
        file, _, test = name.partition("::")
        found = [path for path in ROOT.glob(f"{file}*") if path.is_file()]
        assert found, name
        assert all(f"def {test}" in path.read_text() for path in found), name
        assert reason
