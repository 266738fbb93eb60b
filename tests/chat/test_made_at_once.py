"""A request that is made where its run is opened, before the relay's task begins."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from asgiref.sync import sync_to_async

from chat.flows import relay_run
from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.models import Run
from chat.relays import background, supervisor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.mark.parametrize("fails", [False, True], ids=["at once", "by the relay"])
async def test_a_request_is_made_once_or_again_by_the_relay(
    fails, relays, demo, workspace, alice, endpoint, monkeypatch
):
    made: list[str] = []

    def make(run: Run, by: str) -> object:
        made.append(by)
        if fails and by == "opener":
            raise RuntimeError
        return request_for(run)

    request_for = relay_run.request_for
    monkeypatch.setattr(supervisor, "request_for", lambda run: make(run, "opener"))
    monkeypatch.setattr(relay_run, "request_for", lambda run: make(run, "relay"))
    run = await sync_to_async(start_conversation)(workspace, alice, "Hi", Choice(endpoint, {}), uuid.uuid4())
    await sync_to_async(background.start)(run)
    await asyncio.sleep(0)
    await asyncio.gather(*relays.tasks())

    await sync_to_async(run.refresh_from_db)()
    assert run.status == Run.Status.FINISHED
    assert made == (["opener", "relay"] if fails else ["opener"])
    assert len(demo.requests) == 1
