"""The ASGI application as a server calls it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator

from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.models import Run
from chat.relays import background
from playground.asgi import application
from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint
from tests.repository import ROOT


def test_it_is_not_served_where_the_checks_refuse(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", "import playground.asgi"],
        env={**os.environ, "DATA_DIR": str(tmp_path), "REDIS_URL": "http://nowhere.example"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert "playground.E008" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture
def queued_run(transactional_db, workspace, alice) -> Run:
    load_bundled("demo")
    endpoint = Endpoint.objects.select_related("model__provider").get(model__model_id="demo/plain")
    return start_conversation(workspace, alice, "Say hello", Choice(endpoint, {}), uuid.uuid4())


@pytest.mark.parametrize(("patience", "ending"), [(60.0, Run.Status.FINISHED), (0.0, Run.Status.INTERRUPTED)])
async def test_a_server_that_tells_of_its_end_waits_for_the_answers(
    queued_run, demo_upstream, settings, patience, ending
):
    """Follow https://asgi.readthedocs.io/en/latest/specs/lifespan.html."""
    settings.DRAIN_SECONDS = patience
    gate = demo_upstream.hold_after(2)
    server = ApplicationCommunicator(application, {"type": "lifespan"})
    await server.send_input({"type": "lifespan.startup"})
    assert await server.receive_output(timeout=20) == {"type": "lifespan.startup.complete"}
    background.start(queued_run)
    assert await asyncio.to_thread(gate.reached.wait, 20)

    await server.send_input({"type": "lifespan.shutdown"})
    if patience:
        assert await server.receive_nothing(timeout=0.5)
        gate.release()

    assert await server.receive_output(timeout=60) == {"type": "lifespan.shutdown.complete"}
    await sync_to_async(queued_run.refresh_from_db)()
    assert queued_run.status == ending
    gate.release()
