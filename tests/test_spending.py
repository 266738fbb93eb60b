"""The check that no call of a model is made without a hold: it reports what passes by the flows, no more."""

from __future__ import annotations

import asyncio
import uuid

import httpx
import pytest
from asgiref.sync import sync_to_async

from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.live.database_threads import close_connections
from chat.models import Run
from chat.relays import background
from playground import clients
from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint
from playground.upstream.transport.client import StreamRequest
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


@pytest.mark.parametrize("headers", [{}, {"X-Client-Request-Id": OTHER}, {"X-Client-Request-Id": "run-1"}])
@pytest.mark.parametrize("path", ["chat/completions", "responses", "messages"])
def test_a_call_that_passes_by_the_flows_is_reported_with_its_path_and_body(db, demo_upstream, path, headers):
    ask(demo_upstream, path, **headers)

    with pytest.raises(pytest.fail.Exception) as report:
        spending.check(NAME, has_database=True)

    assert f"POST /v1/{path} names" in str(report.value)
    assert "Psst." in str(report.value)
    spending.check(NAME, has_database=True)


async def test_the_client_of_the_product_is_no_excuse(run, demo_upstream):
    """The product's own code sends the request of a run, but in the name of one that holds nothing."""

    def request() -> StreamRequest:
        assert run.endpoint is not None
        return clients.stream_request(run.endpoint.model.provider, "chat/completions", run.body, None, OTHER)

    async for _ in clients.upstream_client().stream(await sync_to_async(request)()):
        pass
    await clients.close_upstream_client()

    with pytest.raises(pytest.fail.Exception, match=OTHER):
        await sync_to_async(spending.check)(NAME, has_database=True)


async def test_a_run_that_was_held_is_explained(relays, run, demo_upstream):
    background.start(run)
    await asyncio.sleep(0)
    await asyncio.gather(*relays.tasks())

    assert [call.run for call in spending._calls] == [str(run.code)]
    await sync_to_async(spending.check)(NAME, has_database=True)


def test_the_calls_of_a_test_are_excused_by_name_alone(demo_upstream, monkeypatch):
    ask(demo_upstream)
    monkeypatch.setattr(spending, "ASKED_BY_TESTS", {NAME: "the test asks itself"})
    spending.check(f"{NAME}[x]", has_database=False)


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
