"""The ledger after real runs, compared with what the upstream charged for them."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any
from urllib.request import Request, urlopen

import pytest
from asgiref.sync import sync_to_async

from accounts import ledger
from accounts.models import Hold, LedgerEntry, Limit, LimitWindow
from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.models import Run
from chat.relays import background
from playground.models import Endpoint

pytestmark = pytest.mark.django_db(transaction=True)


def charged(base_url: str, body: dict[str, Any]) -> int:
    """Send a request again and return what the upstream charges: at temperature 0 the answer is the same."""
    body = {name: value for name, value in body.items() if name != "stream_options"} | {"stream": False}
    request = Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=20) as response:
        return int(json.load(response)["meta"]["usage"]["credits_used"])


async def test_the_ledger_adds_up_to_what_the_upstream_reported(relays, demo, workspace, alice, catalogue):
    await sync_to_async(Limit.objects.create)(
        workspace=workspace, unit="credits", period="month", amount=10**12
    )
    chosen = Endpoint.objects.select_related("model__provider").filter(
        model__model_id__in=["demo/plain", "demo/markdown", "demo/reasoning"]
    )
    endpoints = [endpoint async for endpoint in chosen]
    runs = []
    for endpoint in endpoints * 3:
        choice = Choice(endpoint, {"temperature": 0})
        run = await sync_to_async(start_conversation)(workspace, alice, "Why?", choice, uuid.uuid4())
        runs.append(run)
        background.start(run)
    # The tasks start on the next turn of the loop.
    await asyncio.sleep(0)
    await asyncio.gather(*relays.tasks())

    bodies = [run.body async for run in Run.objects.filter(status="finished")]
    assert len(bodies) == len(runs)
    expected = [await sync_to_async(charged)(demo.base_url, body) for body in bodies]
    booked = [entry.credits async for entry in LedgerEntry.objects.all()]
    assert sorted(booked) == sorted(expected)
    assert not await Hold.objects.filter(state=Hold.State.OPEN).aexists()
    window = await LimitWindow.objects.aget()
    assert (window.used, window.held) == (sum(expected), 0)
    assert await sync_to_async(ledger.audit)() == []
